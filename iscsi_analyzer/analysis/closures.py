"""When the command window of a session was used up: from the command that took the last CmdSN of it to the PDU with
which the target granted more (RFC 7143 section 4.2.2.1).

`load.SessionLoad` counts these times and sums them up; here they are one by one, found again in the headers.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from iscsi_analyzer.analysis.facts import Facts, Flags, Numbers
from iscsi_analyzer.store import rows

_GRANTS: Final = (0x20, 0x21, 0x22, 0x23, 0x24, 0x25, 0x26, 0x31, 0x32, 0x3F)
_LAST_REQUEST: Final = 0x06
_LOGIN_REQUEST, _LOGIN_RESPONSE = 0x03, 0x23
_IMMEDIATE: Final = 0x40
_CMD_SN_CAPTURED, _WHOLE = 28, 48
_NEVER: Final = -(1 << 40)


def closures(facts: Facts, session: int) -> tuple[Numbers, Numbers]:
    """When the window of session `session` was used up, and when it was open again or the session was over; in
    nanoseconds since 1970, in ascending order."""
    links = [int(number) for number in facts.session(session).connections]
    pdus = np.sort(np.concatenate([facts.of_connection(number) for number in links]))
    times = facts.time_last[pdus]
    used, most = _used(facts, pdus), _most(facts, pdus)
    origin = np.concatenate((used[used >= 0][:1], most[most >= 0][:1]))
    if len(origin) < 2:
        return times[:0], times[:0]
    next_one, last_one = _highest(used, int(origin[0]), 1), _highest(most, int(origin[0]), 0)
    closed = (next_one > last_one) & (next_one != _NEVER) & (last_one != _NEVER)
    edges = np.flatnonzero(np.diff(closed, prepend=False))
    changes = times[edges]
    if len(changes) % 2:
        changes = np.append(changes, max(int(facts.connection(number).last_ts) for number in links))
    begins, ends = changes[::2], changes[1::2]
    lasting = ends > begins
    return begins[lasting], ends[lasting]


def _used(facts: Facts, pdus: Numbers) -> Numbers:
    """The CmdSN that each PDU used; -1 where it used none."""
    opcode = facts.opcode[pdus]
    uses = _sent_by_initiator(facts, pdus) & (opcode <= _LAST_REQUEST) & (opcode != _LOGIN_REQUEST)
    uses &= _captured(facts, pdus) >= _CMD_SN_CAPTURED
    uses &= facts.pdus.gather(rows.HEADER_AT, "u1", pdus) & _IMMEDIATE == 0
    numbers = facts.pdus.gather(rows.HEADER_AT + 24, ">u4", pdus).astype(np.int64)
    return np.where(uses, numbers, -1)


def _most(facts: Facts, pdus: Numbers) -> Numbers:
    """The MaxCmdSN that each PDU states; -1 where it states none that counts."""
    opcode = facts.opcode[pdus]
    refused = (opcode == _LOGIN_RESPONSE) & (facts.pdus.gather(rows.HEADER_AT + 36, "u1", pdus) != 0)
    says = ~_sent_by_initiator(facts, pdus) & np.isin(opcode, _GRANTS) & ~refused
    says &= _captured(facts, pdus) == _WHOLE
    expected = facts.pdus.gather(rows.HEADER_AT + 28, ">u4", pdus).astype(np.int64)
    numbers = facts.pdus.gather(rows.HEADER_AT + 32, ">u4", pdus).astype(np.int64)
    says &= _distance(numbers, expected - 1) >= 0
    return np.where(says, numbers, -1)


def _highest(numbers: Numbers, origin: int, ahead: int) -> Numbers:
    """The highest number so far, as a distance from `origin`, plus `ahead`; _NEVER before the first."""
    far = np.where(numbers >= 0, _distance(numbers, np.int64(origin)) + ahead, _NEVER)
    found: Numbers = np.maximum.accumulate(far)
    return found


def _distance(numbers: Numbers, origin: Numbers | np.int64) -> Numbers:
    """How far serial numbers of 32 bits are ahead of others (RFC 1982)."""
    found: Numbers = ((numbers - origin + (1 << 31)) & 0xFFFFFFFF) - (1 << 31)
    return found


def _sent_by_initiator(facts: Facts, pdus: Numbers) -> Flags:
    return np.asarray(facts.pdu_flags[pdus] & rows.FLAG_TO_TARGET != 0)


def _captured(facts: Facts, pdus: Numbers) -> Numbers:
    """Bytes of the header that are in the capture."""
    found: Numbers = (facts.pdu_flags[pdus] >> rows.CAPTURED_SHIFT) & rows.CAPTURED_MASK
    return found
