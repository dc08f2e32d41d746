"""9. Which statuses were not GOOD?"""

from __future__ import annotations

from typing import Final

from dissectors.scsi.status import BUSY, CHECK_CONDITION, CONDITION_MET, GOOD, RESERVATION_CONFLICT, TASK_SET_FULL
from iscsi_analyzer.analysis.answers.line import BAD, INFO, LOOK, Line, count, detail, listed, sessions_named
from iscsi_analyzer.analysis.outcomes import Count, ResidualGroup, StatusGroup
from iscsi_analyzer.analysis.study import Study

IN_ONE_LINE: Final = 2
"Kinds of sense data that are told in the line of their status."
MOST: Final = 10

_UNIT_ATTENTION: Final = 6
_ILLEGAL_REQUEST: Final = 5
_RECOVERED: Final = 1
_HARDLY: Final = {3: "MEDIUM ERROR", 4: "HARDWARE ERROR", 0xB: "ABORTED COMMAND"}
_PROBES: Final = {(0x20, 0x00), (0x24, 0x00), (0x25, 0x00)}
"Codes by which a target says that it does not know a command, field or unit: hosts ask for much that is optional."
_MOVES_BLOCKS: Final = ("READ(", "WRITE(", "WRITE AND VERIFY(")


def statuses(study: Study) -> list[Line]:
    """Each status with its sense data, the most frequent first; then residuals that are odd."""
    groups: dict[str, list[StatusGroup]] = {}
    for group in study.outcomes.statuses:
        groups.setdefault(group.words, []).append(group)
    lines: list[Line] = []
    for words, kinds in groups.items():
        lines += _status(study, words, kinds)
    odd = [group for group in study.outcomes.residuals if _odd(group, study)]
    for kind in dict.fromkeys(group.kind for group in odd):
        lines.append(_residual([group for group in odd if group.kind == kind]))
    return lines


def _status(study: Study, words: str, kinds: list[StatusGroup]) -> list[Line]:
    total = sum(kind.count for kind in kinds)
    everything = study.outcomes.good + sum(group.count for group in study.outcomes.statuses)
    text = f"{total:,} of {everything:,} statuses {'is' if total == 1 else 'are'} {words}"
    sense = [_sense(kind, total) for kind in kinds if kind.sense]
    together = len(sense) <= IN_ONE_LINE
    if sense and together:
        text += f": {'; '.join(sense)}"
    elif not sense:
        text += f", {_asked_by(kinds[0].operations)}"
    numbers = sorted({session for kind in kinds for session in kind.sessions})
    if len(study.sessions) > 1:
        text += f" ({sessions_named(numbers)})"
    line = Line(
        text=text,
        severity=max((_severity(kind) for kind in kinds), key=(INFO, LOOK, BAD).index),
        session=numbers[0] if len(numbers) == 1 else 0,
        tasks=[task for kind in kinds for task in kind.tasks][:MOST],
        pdus=[pdu for kind in kinds for pdu in kind.pdus][:MOST],
    )
    if together:
        return [line]
    details = [detail(_sense(kind, total), tasks=kind.tasks, pdus=kind.pdus) for kind in kinds[:MOST] if kind.sense]
    return [line, *details]


def _sense(kind: StatusGroup, total: int) -> str:
    number = f"{kind.count:,} " if kind.count < total else ""
    return f"{number}{kind.sense}, {_asked_by(kind.operations)}"


def _asked_by(operations: list[Count]) -> str:
    said = [operations[0].what] if len(operations) == 1 else [f"{each.what} {each.count:,}" for each in operations]
    return f"by {listed(said, 4)}"


def _severity(kind: StatusGroup) -> str:
    if kind.status in (BUSY, TASK_SET_FULL, RESERVATION_CONFLICT):
        return LOOK
    if kind.status == CONDITION_MET:
        return INFO
    if kind.status != CHECK_CONDITION or not kind.sense:
        return BAD if kind.status not in (GOOD, CHECK_CONDITION) or kind.status == GOOD else LOOK
    if kind.sense_key in _HARDLY:
        return BAD
    if kind.sense_key in (_UNIT_ATTENTION, _RECOVERED):
        return INFO
    if kind.sense_key == _ILLEGAL_REQUEST and (kind.asc, kind.ascq) in _PROBES:
        return INFO
    return LOOK


def _odd(group: ResidualGroup, study: Study) -> bool:
    """Underflows are ordinary where the initiator asks for as much as there may be; not in reads and writes."""
    if group.kind != "underflow":
        return True
    failed = sum(
        each.count for status in study.outcomes.statuses for each in status.operations if each.what == group.operation
    )
    return group.operation.startswith(_MOVES_BLOCKS) and group.count > failed


def _residual(groups: list[ResidualGroup]) -> Line:
    """All residuals of one kind."""
    kind = groups[0].kind
    less = "moved less than was expected" if kind == "underflow" else "would have moved more than was expected"
    total = sum(group.count for group in groups)
    said = [f"{group.operation} {group.count:,}" for group in groups]
    residual = sum(group.bytes for group in groups)
    return Line(
        text=f"{count(total, 'task')} {less} ({kind} of {residual:,} bytes in all): {listed(said)}",
        severity=LOOK,
        tasks=[task for group in groups for task in group.tasks][:MOST],
        pdus=[pdu for group in groups for pdu in group.pdus][:MOST],
    )
