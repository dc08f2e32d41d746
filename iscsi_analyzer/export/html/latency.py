"""How long SCSI tasks took: all of them, then by session, logical unit, operation and size, and the slowest ones."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from iscsi_analyzer.analysis.answers.line import size
from iscsi_analyzer.analysis.latency import Group, Latency, SlowTask
from iscsi_analyzer.analysis.phases import PHASES, WORDS
from iscsi_analyzer.export.html.axis import LogScale
from iscsi_analyzer.export.html.charts import Mark, histogram, legend, shares, spark
from iscsi_analyzer.export.html.markup import Child, Markup, tag
from iscsi_analyzer.export.html.subject import Section, Subject
from iscsi_analyzer.export.html.table import Cell, Column, Row, count, more, table
from iscsi_analyzer.export.tables import number, plural
from iscsi_analyzer.export.time_text import span

MOST: Final = 50
"Groups of one kind that are listed."
ENOUGH: Final = {"p50": 1, "p90": 10, "p95": 20, "p99": 100}
"Tasks that a percentile needs to say anything."
_TIMES: Final = ("min", "p50", "p90", "p95", "p99", "max")
_NUMBERS: Final = (Column("tasks", numeric=True), *(Column(name, numeric=True) for name in _TIMES))
_SLOW: Final = (
    Column("task", numeric=True), Column("at, s", numeric=True), Column("session", numeric=True), Column("LUN"),
    Column("operation"), Column("size", numeric=True), Column("took", numeric=True), Column("most of it", wide=True),
    Column("phases"), Column("evidence"),
)  # fmt: skip


def latency(subject: Subject) -> Section | None:
    """The section; None if nothing was measured."""
    found = subject.report.latency
    if found is None:
        return None
    spread = found.total.latency
    scale = LogScale(spread.histogram[0].low, spread.histogram[-1].high)
    marks = [Mark(name, getattr(spread, name)) for name in ("p50", "p95", "p99") if spread.count >= ENOUGH[name]]
    words = f"latency of {plural(spread.count, 'SCSI task')}: median {span(spread.p50)}, slowest {span(spread.max)}"
    by_session = found.sessions if len(found.units) > len(found.sessions) > 1 else []
    body = tag(
        "div",
        tag("p", f"From the {found.definition}, as seen where the capture was made. {_left(found)}", class_="lead"),
        tag("figure", tag("figcaption", f"How many of {plural(spread.count, 'SCSI task')} took how long"),
            histogram(words, spread.histogram, scale, [*marks, Mark("slowest", spread.max)])),
        _phases(found),
        tag("p", "Distributions in the tables have the scale of the histogram above.", class_="lead"),
        _groups("Latency by session and logical unit", ("session", "LUN"), found.units, _unit, scale),
        _groups("Latency by session", ("session",), by_session, _session, scale),
        _groups("Latency by operation", ("operation",), found.operations, _operation, scale),
        _groups("Latency by direction and size of the data", ("direction", "size"), found.sizes, _size, scale),
        more(found.groups_not_listed, "groups", "report -T json FILE"),
        table("The slowest tasks", _SLOW, [_slow(subject, each) for each in found.slowest]),
        more(spread.count - len(found.slowest), "tasks", "tasks FILE --top N"),
    )  # fmt: skip
    return Section("latency", "Latency", body)


def shade(phase: str) -> str:
    """The class that gives a phase its colour."""
    return f"phase{PHASES.index(phase)}"


def _left(found: Latency) -> str:
    words = []
    if found.not_measured:
        words.append(
            f"{plural(found.not_measured, 'SCSI task')} without command or status in the capture: not counted."
        )
    if found.backwards:
        words.append(f"{plural(found.backwards, 'task')} across a step of the clock: not counted.")
    return " ".join(words)


def _phases(found: Latency) -> Markup:
    """Where the time of all tasks went."""
    parts = [(WORDS[PHASES.index(each.phase)], shade(each.phase), each.share) for each in found.total.phases]
    words = ", ".join(f"{share:.0%} {name}" for name, _, share in parts)
    named = [(f"{name} {share:.0%}", colour) for name, colour, share in parts if share >= 0.005]
    drawn = shares(parts, words)
    return tag("figure", tag("figcaption", "Where the time of all tasks went"), drawn, tag("p", legend(named)))


def _groups(
    title: str, names: Iterable[str], groups: list[Group], key: Callable[[Group], list[Child | Cell]], scale: LogScale
) -> Markup | None:
    """A table of groups; None without any."""
    if not groups:
        return None
    columns = [*(Column(name) for name in names), *_NUMBERS, Column("distribution")]
    listed = sorted(groups, key=lambda group: -group.latency.count * group.latency.mean)[:MOST]
    rows = [[*key(group), *_numbers(group), spark(group.latency.histogram, scale)] for group in listed]
    return tag("div", table(title, columns, rows), more(len(groups) - MOST, "groups", "report -T json FILE"))


def _numbers(group: Group) -> list[Child | Cell]:
    spread = group.latency
    found: list[Child | Cell] = [count(spread.count)]
    for name in _TIMES:
        if spread.count >= ENOUGH.get(name, 1):
            found.append(Cell(getattr(spread, name), span(getattr(spread, name))))
        else:
            found.append(Cell(-1, "–"))
    return found


def _unit(group: Group) -> list[Child | Cell]:
    return [count(group.session), group.lun]


def _session(group: Group) -> list[Child | Cell]:
    return [count(group.session)]


def _operation(group: Group) -> list[Child | Cell]:
    return [group.operation]


def _size(group: Group) -> list[Child | Cell]:
    return [group.way, group.size]


def _slow(subject: Subject, task: SlowTask) -> Row:
    worst = task.worst
    parts = [(WORDS[PHASES.index(each.phase)], shade(each.phase), each.ns / task.latency_ns) for each in task.phases]
    words = ", ".join(f"{name} {share:.0%}" for name, _, share in parts)
    return (
        Cell(task.task, subject.task(task.task)),
        Cell(task.asked_ns, subject.clock(task.asked_ns)),
        count(task.session),
        task.lun,
        task.operation,
        Cell(task.length, size(task.length) if task.length else "–"),
        Cell(task.latency_ns, span(task.latency_ns)),
        f"{span(worst.ns)} {WORDS[PHASES.index(worst.phase)]}",
        shares(parts, words, small=True),
        f"PDUs {number(task.request_pdu)}, {number(task.answer_pdu)} "
        f"(frames {number(task.request_frame)}, {number(task.answer_frame)})",
    )
