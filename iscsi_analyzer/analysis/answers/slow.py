"""3. Which commands are slow, and where is the time?"""

from __future__ import annotations

from typing import Final

from iscsi_analyzer.analysis.answers.line import BAD, INFO, LOOK, Line, at, count, detail, listed, size
from iscsi_analyzer.analysis.latency import Group, SlowTask
from iscsi_analyzer.analysis.phases import PHASES, WORDS
from iscsi_analyzer.analysis.study import Study
from iscsi_analyzer.export.tables import size as data_size
from iscsi_analyzer.export.time_text import span

SLOW_NS: Final = 1_000_000_000
STALLED_NS: Final = 10_000_000_000
SLOW_P99_NS: Final = 100_000_000
OUTLIER: Final = 10
"So many times the median, and at least OUTLIER_NS, makes a task worth naming."
OUTLIER_NS: Final = 5_000_000
MOST_TASKS: Final = 3
MOST_OPERATIONS: Final = 3
MOST_PHASES: Final = 4
ENOUGH_FOR_LOAD: Final = 20
"Tasks that are worth a rate."
ENOUGH_PIECES: Final = 4
"Pieces of time among which one may stand out."
HEAVY: Final = 0.05
"Operations that took less of the time are left out."


def slow(study: Study) -> list[Line]:
    """The latency of all tasks, of the operations that took most time, and the slowest tasks."""
    found = study.latency
    if not found.measured:
        return []
    spread = found.total.latency
    severity = BAD if spread.max >= STALLED_NS else LOOK if spread.max >= SLOW_NS or spread.p99 >= SLOW_P99_NS else INFO
    lines = [Line(text=f"{count(spread.count, 'SCSI task')}: {_spread(found.total)}", severity=severity)]
    lines.append(detail(f"where the time went: {_phases(found.total)}"))
    if spread.count >= ENOUGH_FOR_LOAD:
        lines += _load(study)
    heavy = sorted(found.operations, key=_time, reverse=True)
    if len(heavy) > 1:
        for group in heavy[:MOST_OPERATIONS]:
            if _time(group) >= HEAVY * _time(found.total):
                lines.append(detail(f"{group.operation} ({group.latency.count:,}): {_spread(group)}; {_phases(group)}"))
    if len(found.units) > 1:
        worst = max(found.units, key=lambda group: group.latency.p99)
        if worst.latency.p99 >= 2 * spread.p99:
            lines.append(detail(f"slowest unit: LUN {worst.lun} of session {worst.session}: {_spread(worst)}"))
    limit = max(OUTLIER * spread.p50, OUTLIER_NS)
    for task in found.slowest[: study.slowest or MOST_TASKS]:
        if study.slowest or task.latency_ns >= limit:
            lines.append(_task(study, task))
    if found.not_measured:
        words = f"{count(found.not_measured, 'SCSI task')} without command or status in the capture "
        lines.append(detail(words + ("does not count here" if found.not_measured == 1 else "do not count here")))
    return lines


def _load(study: Study) -> list[Line]:
    """How much went on: on average from the first command to the last status, and in the busiest piece of time."""
    load = study.load
    busy = [each for each in load.sessions if each.tasks]
    time = max(each.last_ns for each in busy) - min(each.first_ns for each in busy) if busy else 0
    if not load.moments or time <= 0:
        return []
    done = sum(moment.completed for moment in load.moments)
    moved = sum(moment.read_bytes + moment.write_bytes for moment in load.moments)
    words = f"load: {_rate(done, time)} SCSI tasks/s and {data_size(_per_second(moved, time))}/s on average"
    most = max(load.moments, key=lambda moment: moment.completed)
    if load.bucket_ns * ENOUGH_PIECES <= time:
        words += f", at most {_rate(most.completed, load.bucket_ns)}/s for {span(load.bucket_ns)}"
        words += f" {at(study.facts, most.start_ns)}"
    outstanding = max(moment.outstanding_max for moment in load.moments)
    return [detail(f"{words}; up to {count(outstanding, 'task')} outstanding")]


def _per_second(number: int, ns: int) -> int:
    return number * 1_000_000_000 // ns


def _rate(number: int, ns: int) -> str:
    value = number * 1e9 / ns
    return f"{value:,.0f}" if value >= 10 else f"{value:.1f}"


def _time(group: Group) -> int:
    """The time that all tasks of a group took together."""
    return group.latency.mean * group.latency.count


def _spread(group: Group) -> str:
    spread = group.latency
    if spread.count == 1:
        return span(spread.max)
    words = f"median {span(spread.p50)}"
    if spread.count >= 20:
        words += f", p95 {span(spread.p95)}"
    if spread.count >= 100:
        words += f", p99 {span(spread.p99)}"
    return f"{words}, max {span(spread.max)}"


def _phases(group: Group) -> str:
    """The phases that took most, in words."""
    shares = sorted(group.phases, key=lambda phase: -phase.share)
    said = [f"{phase.share:.0%} {WORDS[PHASES.index(phase.phase)]}" for phase in shares if phase.share >= 0.05]
    return listed(said[:MOST_PHASES]) if said else "no time that could be measured"


def _task(study: Study, task: SlowTask) -> Line:
    worst = task.worst
    words = (
        f"task {task.task}, {task.operation}{f' of {size(task.length)}' if task.length else ''} on LUN {task.lun} "
        f"{at(study.facts, task.asked_ns)}: {span(task.latency_ns)}, of which {span(worst.ns)} "
        f"{WORDS[PHASES.index(worst.phase)]}"
    )
    return detail(words, pdus=[task.request_pdu, task.answer_pdu], tasks=[task.task])
