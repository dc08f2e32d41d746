"""5. Which commands were never answered or were aborted?"""

from __future__ import annotations

from typing import Final

from iscsi_analyzer.analysis.aborts import Management
from iscsi_analyzer.analysis.answers.line import BAD, INFO, LOOK, Line, at, count, detail, listed
from iscsi_analyzer.analysis.ending import LOGOUT
from iscsi_analyzer.analysis.outcomes import Unanswered
from iscsi_analyzer.analysis.study import Study
from iscsi_analyzer.export.time_text import span
from iscsi_analyzer.model import task as model

BRIEF_NS: Final = 1_000_000_000
"What was open for less time when the capture ended is no matter."
MOST: Final = 8
NAMED: Final = 4
"Tasks that are told one by one."


def unanswered(study: Study) -> list[Line]:
    """Requests without an answer, by how they ended; then task management."""
    groups: dict[tuple[str, str], list[Unanswered]] = {}
    for task in study.outcomes.unanswered:
        over = task.kind == "logout" and study.session[task.session].how == LOGOUT  # over another connection
        if task.kind not in ("login", "task-management") and not over:
            groups.setdefault((task.kind, task.outcome), []).append(task)
    lines: list[Line] = []
    totals = {each.what: each.count for each in study.outcomes.endings}
    for (kind, outcome), tasks in groups.items():
        lines += _group(study, outcome, tasks, max(len(tasks), totals.get(f"{kind}: {outcome}", 0)))
    for management in study.aborts[:MOST]:
        lines.append(_management(study, management))
    left = len(study.aborts) - MOST + study.aborts_not_listed
    if left > 0:
        lines.append(Line(text=f"{count(left, 'more task management function')}", severity=INFO))
    return lines


def _group(study: Study, outcome: str, tasks: list[Unanswered], total: int) -> list[Line]:
    """What ended in one way: all in all `total`, of which `tasks` are the first."""
    longest = max(tasks, key=lambda task: task.waited_ns)
    what = {
        "scsi": "SCSI task",
        "target-ping": "ping of the target",
        "nop": "ping of the initiator",
        "text": "text request",
    }
    name = what.get(longest.kind, longest.kind)
    verb = {
        model.OUTCOMES[model.ABORTED]: ("was aborted", "were aborted"),
        model.OUTCOMES[model.REJECTED]: ("was rejected", "were rejected"),
        model.OUTCOMES[model.CLOSED]: (
            "had no answer when the connection closed",
            "had no answer when the connection closed",
        ),
        model.OUTCOMES[model.OPEN_AT_END]: (
            "had no answer when the capture ended",
            "had no answer when the capture ended",
        ),
        model.OUTCOMES[model.TAG_REUSED]: (
            "had no answer before its tag was used again",
            "had no answer before their tags were used again",
        ),
        model.OUTCOMES[model.NOT_FOLLOWED]: (
            "was not followed to its end, as too many were open",
            "were not followed to their ends, as too many were open",
        ),
    }.get(outcome, (outcome, outcome))[total > 1]
    severity = BAD if longest.kind == "scsi" else LOOK
    if outcome == model.OUTCOMES[model.OPEN_AT_END]:
        severity = INFO if longest.waited_ns < BRIEF_NS else LOOK
    lost = sum(task.may_be_lost for task in tasks)
    if lost == len(tasks) or outcome == model.OUTCOMES[model.NOT_FOLLOWED]:
        severity = INFO
    waits = f", {'the longest ' if total > 1 else ''}after {span(longest.waited_ns)}" if total == len(tasks) else ""
    lines = [
        Line(
            text=f"{count(total, name, 'pings' + name[4:] if name.startswith('ping') else '')} {verb}{waits}",
            severity=severity,
            session=longest.session,
            connection=longest.connection,
            tasks=[task.task for task in tasks[:MOST]],
            pdus=[task.request_pdu for task in tasks[:MOST] if task.request_pdu],
        )
    ]
    if longest.kind == "scsi":
        said = [
            f"{task.what} on LUN {task.lun} {at(study.facts, task.asked_ns)}"
            f"{' (data had moved)' if task.data_seen else ''}"
            for task in tasks[:NAMED]
        ]
        lines.append(detail(listed([*said, *([f"{total - NAMED:,} more"] if total > NAMED else [])])))
    if lost:
        which = "these answers" if lost == len(tasks) else f"{lost} of these answers"
        lines.append(detail(f"the capture lacks bytes of the other side: {which} may be among them"))
    return lines


def _management(study: Study, management: Management) -> Line:
    meant = ""
    if management.meant:
        first = management.meant[0]
        rest = f" and {len(management.meant) - 1} more" if len(management.meant) > 1 else ""
        waited = f" (task {first.task}, waiting for {span(first.outstanding_ns)})"
        meant = f" for {first.operation}{waited}{rest}"
    elif management.referenced_tag >= 0:
        meant = f" for a task with tag 0x{management.referenced_tag:08x} that is not in the capture"
    if management.answered:
        answer = f"{management.response} after {span(management.took_ns)}"
    elif management.may_be_lost:
        answer = "no answer in the capture, which lacks bytes of the target"
    elif management.open_at_end:
        answer = f"no answer until the capture ended {span(management.took_ns)} later"
    else:
        answer = f"no answer for {span(management.took_ns)}"
    ended = f", {count(management.ended, 'task')} ended by it" if management.ended else ""
    fate = ""
    if management.meant and not management.ended:
        first = management.meant[0]
        was = f"was {first.fate}" if first.fate.startswith("answered") else "was never answered"
        if first.fate == model.OUTCOMES[model.OPEN_AT_END]:
            was = "had no answer by then, either"
        fate = f"; the {first.operation} {was}"
    brief = management.open_at_end and management.took_ns < BRIEF_NS
    good = management.answered and management.response in ("Function complete", "Function succeeded")
    return Line(
        text=f"{management.words}{meant} {at(study.facts, management.asked_ns)}: {answer}{ended}{fate}",
        severity=INFO if good or brief else LOOK if management.answered or management.may_be_lost else BAD,
        session=management.session,
        connection=management.connection,
        pdus=[pdu for pdu in (management.request_pdu, management.answer_pdu) if pdu],
        tasks=[management.task, *(each.task for each in management.meant[:MOST])],
    )
