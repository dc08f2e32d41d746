"""From the keys of a login to the values in force: each key by its own result function (RFC 7143 section 13).

Only what both sides' words settle is filled in; a login that the capture lacks parts of leaves values unknown.
"""

from __future__ import annotations

from collections.abc import Callable

from dissectors.iscsi.keytable import find_key
from dissectors.iscsi.values import parse_boolean, parse_number
from iscsi_analyzer.model.limits import UNKNOWN, Limits
from iscsi_analyzer.model.login import Login

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
_REFUSALS = ("Reject", "Irrelevant", "NotUnderstood")


def fill(limits: Limits, login: Login, leading: Login | None) -> None:
    """Writes what the login of a connection settled into `limits`; `leading` is the login of the session's first
    one."""
    session = login if leading is None else leading
    for key, attribute in _NUMBERS.items():
        setattr(limits, attribute, _result(session, key, parse_number))
    for key, attribute in _BOOLEANS.items():
        setattr(limits, attribute, _result(session, key, parse_boolean))
    limits.initiator_max_recv = _declared(login, True)
    limits.target_max_recv = _declared(login, False)
    limits.discovery = int(session.discovery) if not session.hole else UNKNOWN
    reporting = session.value("TaskReporting")
    limits.fast_abort = int(reporting == "FastAbort") if not session.hole else UNKNOWN


def _result(login: Login, key: str, parse: Callable[[str], int | bool | None]) -> int:
    """The value in force: if both sides spoke, the later statement (it is the answer); else the default."""
    sides = {said.to_target: said.value for said in login.said if said.key == key}
    row = find_key(key)
    default = parse(row.default) if row is not None and row.default else None
    fallback = UNKNOWN if login.hole or default is None else int(default)
    if len(sides) < 2:
        if sides and not login.hole and isinstance(default, bool):
            # An answer may be left out where the offer alone decides (section 6.2.2): the default function does.
            only = parse(next(iter(sides.values())))
            return fallback if only is None else int(only) if _decides(key, bool(only)) else UNKNOWN
        return fallback if not sides else UNKNOWN
    last = [said.value for said in login.said if said.key == key][-1]
    if last in _REFUSALS:
        return fallback
    value = parse(last)
    return UNKNOWN if value is None else int(value)


def _decides(key: str, value: bool) -> bool:
    """Whether this offer of a boolean settles the result by itself: OR with Yes, AND with No."""
    return value if key != "ImmediateData" else not value


def _declared(login: Login, by_initiator: bool) -> int:
    """MaxRecvDataSegmentLength as one side declared it; it binds the other (section 13.12)."""
    found = [s.value for s in login.said if s.key == "MaxRecvDataSegmentLength" and s.to_target == by_initiator]
    if not found:
        return UNKNOWN if login.hole else 8192
    value = parse_number(found[-1])
    return UNKNOWN if value is None else value
