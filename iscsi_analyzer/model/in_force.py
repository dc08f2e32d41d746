"""From the negotiation of a connection to the values in force, as numbers that other PDUs can be held to.

Only what both sides' words settle is filled in: a key that was left unanswered, or answered outside of the offer, stays
unknown, and so does everything that a part of the login missing from the capture may have said.
"""

from __future__ import annotations

from collections.abc import Callable

from dissectors.iscsi.values import parse_boolean, parse_number
from iscsi_analyzer.model.limits import UNKNOWN, Limits
from iscsi_analyzer.model.login import Login
from iscsi_analyzer.model.negotiation import AGREED, INITIATOR, OPEN, TARGET, Negotiation, negotiate

_NUMBERS = {
    "MaxBurstLength": "max_burst",
    "FirstBurstLength": "first_burst",
    "MaxOutstandingR2T": "max_outstanding_r2t",
    "ErrorRecoveryLevel": "error_recovery_level",
    "MaxConnections": "max_connections",
    "DefaultTime2Wait": "time2wait",
    "DefaultTime2Retain": "time2retain",
    "iSCSIProtocolLevel": "protocol_level",
}
_BOOLEANS = {
    "InitialR2T": "initial_r2t",
    "ImmediateData": "immediate_data",
    "DataPDUInOrder": "data_pdu_in_order",
    "DataSequenceInOrder": "data_sequence_in_order",
}


def fill(limits: Limits, login: Login, number: int, leading: Login | None) -> None:
    """Writes into `limits` what the login of a connection settled; PDU `number` ended it.

    `leading` is the login of the session's first connection if this one joined it.
    """
    found = negotiate(login, number, negotiate(leading) if leading is not None else None)
    for key, attribute in _NUMBERS.items():
        setattr(limits, attribute, _value(found, key, "", parse_number))
    for key, attribute in _BOOLEANS.items():
        setattr(limits, attribute, _value(found, key, "", parse_boolean))
    limits.initiator_max_recv = _value(found, "MaxRecvDataSegmentLength", INITIATOR, parse_number)
    limits.target_max_recv = _value(found, "MaxRecvDataSegmentLength", TARGET, parse_number)
    reporting = found.result("TaskReporting")
    limits.fast_abort = UNKNOWN if reporting is None else int(reporting == "FastAbort")
    limits.response_fence = UNKNOWN if reporting is None else int(reporting in ("ResponseFence", "FastAbort"))
    session = login if leading is None else leading
    limits.discovery = UNKNOWN if session.hole else int(session.discovery)


def forget_session(limits: Limits) -> None:
    """The connection joined a session whose first login is not in the capture: what was settled there, and holds for
    all connections, is unknown (section 13: keys that only a leading login may carry)."""
    for attribute in (*_NUMBERS.values(), *_BOOLEANS.values(), "fast_abort", "response_fence", "discovery"):
        setattr(limits, attribute, UNKNOWN)


def widen(limits: Limits, login: Login, number: int) -> None:
    """A text exchange after the login may have declared new segment lengths: old and new ones are allowed from now on,
    as nobody sees when each side begins to use them."""
    found = negotiate(login, number)
    for side, attribute in ((INITIATOR, "initiator_max_recv"), (TARGET, "target_max_recv")):
        known: int = getattr(limits, attribute)
        value = _value(found, "MaxRecvDataSegmentLength", side, parse_number)
        setattr(limits, attribute, UNKNOWN if UNKNOWN in (known, value) else max(known, value))


def _value(found: Negotiation, key: str, by: str, parse: Callable[[str], int | bool | None]) -> int:
    state = found.state(key, by)
    if state is None or state.result is None:
        return UNKNOWN
    if state.source == OPEN and state.offered != state.result:
        return UNKNOWN  # an offer without an answer settles nothing, unless it asks for what holds anyway
    if state.source == AGREED and state.remark:
        return UNKNOWN
    value = parse(state.result)
    return UNKNOWN if value is None else int(value)
