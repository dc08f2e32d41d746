"""What became of requests other than a good answer: statuses with their sense data, residuals, tasks without an answer,
and PDUs that were rejected. Equal cases are one entry with a count.
"""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

import msgspec
import numpy as np

from dissectors.iscsi.sense_segment import split_sense
from dissectors.iscsi.words import REJECT_REASONS, SCSI_RESPONSES
from dissectors.pdu import dissect
from dissectors.scsi import parse_sense, status_name
from dissectors.scsi.status import CHECK_CONDITION, GOOD
from iscsi_analyzer.analysis.facts import INITIATOR, TARGET, Facts, Numbers
from iscsi_analyzer.analysis.operations import Operations, lun_text
from iscsi_analyzer.model import task as model
from iscsi_analyzer.store.tasks import NO_TIME

EXAMPLES: Final = 10
"Numbers of tasks or PDUs that are given as evidence for a group, the first ones."
MOST_LISTED: Final = 500
"Single cases that are listed; all are counted."
LOOK_BACK: Final = 1000
"PDUs before a Reject among which the rejected one is looked for."
NOT_THERE: Final = b""
NOT_CAPTURED: Final = b"?"
"In place of sense codes."
_REJECT: Final = 0x3F
_UNDERFLOW: Final = 0x02
_OVERFLOW: Final = 0x04
_BIDIRECTIONAL: Final = 0x18


class Count(msgspec.Struct, frozen=True):
    """How often something occurred."""

    what: str
    count: int


class StatusGroup(msgspec.Struct, kw_only=True):
    """Tasks that ended with the same status and the same sense codes."""

    status: int
    words: str
    "`CHECK CONDITION`."
    sense: str
    "`ILLEGAL REQUEST: LOGICAL BLOCK ADDRESS OUT OF RANGE (5/21/00)`; empty without sense data."
    sense_key: int
    "-1 without sense data."
    asc: int
    ascq: int
    count: int
    operations: list[Count]
    units: list[Count]
    sessions: list[int]
    first_ns: int
    "When the first of these statuses came."
    last_ns: int
    tasks: list[int]
    "The first ones."
    pdus: list[int]
    "Their answers."


class ResidualGroup(msgspec.Struct, kw_only=True):
    """Tasks that moved less, or would have moved more, than was expected."""

    kind: str
    "`underflow`, `overflow`, or `bidirectional`."
    operation: str
    count: int
    bytes: int
    "The residual counts, summed."
    tasks: list[int]
    pdus: list[int]


class Unanswered(msgspec.Struct, kw_only=True):
    """A request that has no answer in the capture."""

    task: int
    kind: str
    "A word of `model.task.KINDS`."
    what: str
    "The operation of a SCSI task; else the kind."
    outcome: str
    "A word of `model.task.OUTCOMES`."
    session: int
    connection: int
    lun: str
    tag: int
    request_pdu: int
    request_frame: int
    asked_ns: int
    waited_ns: int
    "Until it was over: the connection closed, the capture ended, or another PDU ended it."
    data_seen: bool
    "R2T or data of it went over the wire."
    may_be_lost: bool
    "The capture lacks bytes of the side that should have answered: the answer may have been there."


class Rejected(msgspec.Struct, kw_only=True):
    """PDUs that the target rejected for the same reason."""

    reason: int
    words: str
    opcode: int
    "Opcode of the rejected PDUs, -1 if the Reject does not hold their header."
    what: str
    "`NOP-Out`."
    header: str
    "The rejected header in one line."
    problems: list[str]
    "What the header shows to be odd about the rejected PDU."
    count: int
    session: int
    pdus: list[int]
    "The Rejects."
    rejected_pdus: list[int]
    "What they rejected, where that is in the capture."


class Outcomes(msgspec.Struct, kw_only=True):
    """What became of requests."""

    good: int
    "SCSI tasks with status GOOD."
    statuses: list[StatusGroup]
    "All other statuses, the most frequent first."
    residuals: list[ResidualGroup]
    unanswered: list[Unanswered]
    unanswered_not_listed: int
    endings: list[Count]
    "How tasks ended, by kind and outcome."
    rejected: list[Rejected]


def outcomes(facts: Facts, operations: Operations) -> Outcomes:
    """Everything that was not simply answered."""
    listed, not_listed = _unanswered(facts, operations)
    status, response = facts.task("status"), facts.task("response")
    return Outcomes(
        good=int(np.count_nonzero(facts.wanted_scsi & (status == GOOD) & (response == 0))),
        statuses=_statuses(facts, operations),
        residuals=_residuals(facts, operations),
        unanswered=listed,
        unanswered_not_listed=not_listed,
        endings=_endings(facts),
        rejected=_rejected(facts),
    )


def _statuses(facts: Facts, operations: Operations) -> list[StatusGroup]:
    status, response = facts.task("status"), facts.task("response")
    bad = np.flatnonzero(facts.wanted_scsi & (status != model.NONE) & ((status != GOOD) | (response != 0)))
    answers = facts.task("answer")
    members: dict[tuple[int, int, bytes], list[int]] = {}
    for index in bad.tolist():
        code = int(status[index])
        sense = _sense_codes(facts, int(answers[index])) if code == CHECK_CONDITION else NOT_THERE
        members.setdefault((code, int(response[index]), sense), []).append(index)
    found = [_status_group(facts, operations, key, np.array(group)) for key, group in members.items()]
    return sorted(found, key=lambda group: (-group.count, group.first_ns))


def _sense_codes(facts: Facts, answer: int) -> bytes:
    """The part of the sense data that makes equal cases equal: format, key and codes."""
    sense = split_sense(facts.store.kept_data(answer) or b"")[1]
    if not sense:
        row = facts.store.row(answer)
        return NOT_CAPTURED if row.data_captured < row.data_segment_length else NOT_THERE
    if sense[0] & 0x7E == 0x70 and len(sense) >= 14:
        return bytes((sense[0] & 0x7F, 0, sense[2] & 0x0F, 0, 0, 0, 0, 6, 0, 0, 0, 0, sense[12], sense[13]))
    return bytes((sense[0] & 0x7F,)) + sense[1:4] + bytes(4)


def _status_group(facts: Facts, operations: Operations, key: tuple[int, int, bytes], members: Numbers) -> StatusGroup:
    status, response, raw = key
    sense = parse_sense(raw) if raw not in (NOT_THERE, NOT_CAPTURED) else None
    words = status_name(status)
    if response:
        words = f"{SCSI_RESPONSES(response)} (response 0x{response:02x})"
    elif status == CHECK_CONDITION and sense is None:
        words += " (sense data not captured)" if raw == NOT_CAPTURED else " without sense data"
    times = facts.of_task("answer")[members]
    luns, places = np.unique(facts.task("lun")[members], return_counts=True)
    return StatusGroup(
        status=status,
        words=words,
        sense=sense.text if sense is not None else "",
        sense_key=sense.key if sense is not None else -1,
        asc=sense.asc if sense is not None else -1,
        ascq=sense.ascq if sense is not None else -1,
        count=len(members),
        operations=_by_operation(operations, members),
        units=_counts(Counter({lun_text(lun): int(count) for lun, count in zip(luns.tolist(), places, strict=True)})),
        sessions=np.unique(facts.task("session")[members]).tolist(),
        first_ns=int(times.min()),
        last_ns=int(times.max()),
        tasks=(members[:EXAMPLES] + 1).tolist(),
        pdus=facts.task("answer")[members[:EXAMPLES]].tolist(),
    )


def _by_operation(operations: Operations, members: Numbers) -> list[Count]:
    counted = np.bincount(operations.codes[members])
    return _counts(Counter({operations.names[code]: int(count) for code, count in enumerate(counted) if count}))


def _counts(counter: Counter[str]) -> list[Count]:
    return [Count(what, count) for what, count in counter.most_common(EXAMPLES)]


def _residuals(facts: Facts, operations: Operations) -> list[ResidualGroup]:
    flags = facts.task("residual_flags")
    members = np.flatnonzero(facts.wanted_scsi & (flags != 0))
    kinds = np.where(flags[members] & _BIDIRECTIONAL, 2, np.where(flags[members] & _OVERFLOW, 1, 0))
    codes = operations.codes[members].astype(np.int64)
    found = []
    for key in np.unique(kinds << 16 | codes).tolist():
        mine = members[(kinds << 16 | codes) == key]
        found.append(
            ResidualGroup(
                kind=("underflow", "overflow", "bidirectional")[key >> 16],
                operation=operations.names[key & 0xFFFF],
                count=len(mine),
                bytes=int(facts.task("residual")[mine].sum(dtype=np.int64)),
                tasks=(mine[:EXAMPLES] + 1).tolist(),
                pdus=facts.task("answer")[mine[:EXAMPLES]].tolist(),
            )
        )
    return sorted(found, key=lambda group: -group.count)


def _endings(facts: Facts) -> list[Count]:
    both = facts.task("kind").astype(np.int64) << 8 | facts.task("outcome")
    counted = np.bincount(both[facts.wanted])
    words = Counter(
        {f"{model.KINDS[key >> 8]}: {model.OUTCOMES[key & 0xFF]}": int(counted[key]) for key in np.flatnonzero(counted)}
    )
    return [Count(what, count) for what, count in words.most_common()]


def _unanswered(facts: Facts, operations: Operations) -> tuple[list[Unanswered], int]:
    outcome = facts.task("outcome")
    members = np.flatnonzero(facts.wanted & (outcome != model.ANSWERED) & (outcome != model.NO_REQUEST))
    total = len(members)
    # Of each kind and outcome the first ones: none of them is hidden behind many others.
    cases = facts.task("kind")[members].astype(np.int64) << 8 | outcome[members]
    firsts = [members[cases == case][:MOST_LISTED] for case in np.unique(cases)]
    members = np.sort(np.concatenate(firsts)) if firsts else members
    ends = facts.over
    found = []
    for index in members.tolist():
        row: dict[str, Any] = {name: int(facts.task(name)[index]) for name in _FIELDS}
        asked = int(facts.asked[index])
        ping = row["kind"] == model.KIND_PING
        found.append(
            Unanswered(
                task=index + 1,
                kind=model.KINDS[row["kind"]],
                what=operations.name(index) if row["kind"] == model.KIND_SCSI else _KIND_WORDS[row["kind"]],
                outcome=model.OUTCOMES[row["outcome"]],
                session=row["session"],
                connection=row["connection"],
                lun=lun_text(row["lun"]) if row["kind"] in (model.KIND_SCSI, model.KIND_TMF) else "",
                tag=row["tag"],
                request_pdu=row["request"],
                request_frame=facts.frame(row["request"]),
                asked_ns=asked if asked != NO_TIME else 0,
                waited_ns=max(0, int(ends[index]) - asked) if asked != NO_TIME else 0,
                data_seen=bool(row["first_r2t"] or row["first_data_in"] or row["first_data_out"]),
                may_be_lost=lossy(facts, row["connection"], INITIATOR if ping else TARGET),
            )
        )
    return found, total - len(found)


_FIELDS: Final = (
    "kind",
    "outcome",
    "session",
    "connection",
    "lun",
    "tag",
    "request",
    "first_r2t",
    "first_data_in",
    "first_data_out",
)
_KIND_WORDS: Final = ("", "", "NOP-Out ping", "NOP-In ping", "task management", "login", "text request", "logout")


def lossy(facts: Facts, connection: int, sender: str) -> bool:
    """Whether the capture lacks bytes that one side of a connection sent, or may have sent."""
    link = facts.connection(connection)
    to_target = link.to_target
    if to_target is None:
        return True
    half = to_target if sender == INITIATOR else to_target.peer
    framer = half.framer
    return half.frames == 0 or half.gaps > 0 or half.snaplen_bytes > 0 or (framer is not None and framer.skipped > 0)


def _rejected(facts: Facts) -> list[Rejected]:
    store = facts.store
    groups: dict[tuple[int, int, int], Rejected] = {}
    rejects = facts.pdus_of(_REJECT)
    for pdu in rejects[facts.wanted_pdus[rejects - 1]][: 20 * MOST_LISTED].tolist():
        row = store.row(pdu)
        data = store.kept_data(pdu) or b""
        inner = dissect(data[:48], captured=len(data[:48])) if len(data) >= 8 else None
        opcode = inner.opcode if inner is not None else -1
        key = (row.header[2], opcode, int(facts.session_of[row.connection]))
        group = groups.get(key)
        if group is None:
            group = groups[key] = Rejected(
                reason=row.header[2],
                words=REJECT_REASONS(row.header[2]),
                opcode=opcode,
                what=inner.name if inner is not None else "",
                header=inner.summary() if inner is not None else "",
                problems=[problem.text for problem in inner.problems] if inner is not None else [],
                count=0,
                session=key[2],
                pdus=[],
                rejected_pdus=[],
            )
        group.count += 1
        if len(group.pdus) < EXAMPLES:
            group.pdus.append(pdu)
            meant = _rejected_pdu(facts, pdu, row.connection, data[:48])
            if meant:
                group.rejected_pdus.append(meant)
    return sorted(groups.values(), key=lambda group: group.pdus[0])


def _rejected_pdu(facts: Facts, reject: int, connection: int, header: bytes) -> int:
    """The latest PDU before a Reject that has the header which it carries; 0 if there is none in the capture."""
    before = facts.of_connection(connection)
    before = before[: np.searchsorted(before, reject - 1)]
    for index in before[: -LOOK_BACK - 1 : -1].tolist():
        if facts.store.row(index + 1).header == header:
            return int(index) + 1
    return 0
