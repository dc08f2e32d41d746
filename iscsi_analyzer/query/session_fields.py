"""The fields of connections and sessions, from the objects of the model. Few items, so plain Python values."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from dissectors.iscsi import words
from iscsi_analyzer.model.following import Follower
from iscsi_analyzer.model.limits import UNKNOWN as UNKNOWN_LIMIT
from iscsi_analyzer.model.session import Session
from iscsi_analyzer.query import field as f
from iscsi_analyzer.query.columns_of import numbers, objects
from iscsi_analyzer.query.names import Names
from iscsi_analyzer.query.scope import Level, Scope
from iscsi_analyzer.query.values import Values
from iscsi_analyzer.streams.context import OFF, ON, UNKNOWN
from iscsi_analyzer.streams.tcp import Half

SETTINGS: Final = Names({OFF: "none", ON: "CRC32C", UNKNOWN: "unknown"})
STATUS: Final = Names(words.LOGIN_STATUS, {"failed": range(1, 0x400), "redirected": range(0x100, 0x200)}, 0xFFFF)


def _connection(
    name: str, kind: str, about: str, get: Callable[[Follower], Any], prefix: str = "iscsi.connection", **more: Any
) -> f.QueryField:
    def read(scope: Scope) -> Values:
        followers = scope.moment.store.followers
        found = [get(followers[row]) for row in scope.numbers().tolist()]
        return numbers(found) if kind in f.NUMERIC else objects(found)

    return f.QueryField(f"{prefix}.{name}", kind, Level.CONNECTION, about, read, own=True, **more)


def _session(name: str, kind: str, about: str, get: Callable[[Session], Any], **more: Any) -> f.QueryField:
    def read(scope: Scope) -> Values:
        sessions = scope.moment.sessions
        found = [get(sessions[row]) for row in scope.numbers().tolist()]
        return numbers(found) if kind in f.NUMERIC else objects(found)

    return f.QueryField(f"iscsi.session.{name}", kind, Level.SESSION, about, read, own=True, **more)


def _halves(follower: Follower) -> tuple[Half, Half]:
    return follower.connection.first, follower.connection.second


def _sum(name: str) -> Callable[[Follower], int]:
    return lambda follower: sum(int(getattr(half, name)) for half in _halves(follower))


def _status(follower: Follower) -> int | None:
    status = follower.login.status
    return None if status is None else status[0] << 8 | status[1]


def _duration(follower: Follower) -> int:
    return int(follower.connection.last_ts - follower.connection.first_ts)


IN_FORCE: Final = (
    ("initiator_max_recv_data_segment_length", "initiator_max_recv", "MaxRecvDataSegmentLength of the initiator"),
    ("target_max_recv_data_segment_length", "target_max_recv", "MaxRecvDataSegmentLength of the target"),
    ("max_burst_length", "max_burst", "MaxBurstLength"),
    ("first_burst_length", "first_burst", "FirstBurstLength"),
    ("max_outstanding_r2t", "max_outstanding_r2t", "MaxOutstandingR2T"),
    ("error_recovery_level", "error_recovery_level", "ErrorRecoveryLevel"),
    ("max_connections", "max_connections", "MaxConnections"),
    ("protocol_level", "protocol_level", "iSCSIProtocolLevel"),
    ("initial_r2t", "initial_r2t", "InitialR2T"),
    ("immediate_data", "immediate_data", "ImmediateData"),
    ("data_pdu_in_order", "data_pdu_in_order", "DataPDUInOrder"),
    ("data_sequence_in_order", "data_sequence_in_order", "DataSequenceInOrder"),
    ("fast_abort", "fast_abort", "TaskReporting=FastAbort"),
)
"What logins settle: name of the field, of the attribute of `Limits`, and the key. The last five are yes or no."
_FLAGS: Final = 5


def _settled() -> list[f.QueryField]:
    """What is in force on a connection; not there where that is not known."""

    def reader(attribute: str) -> Callable[[Follower], int | None]:
        def get(follower: Follower) -> int | None:
            value = int(getattr(follower.limits, attribute))
            return None if value == UNKNOWN_LIMIT else value

        return get

    found = []
    for place, (name, attribute, key) in enumerate(IN_FORCE):
        flag = place >= len(IN_FORCE) - _FLAGS
        kind, largest = (f.BOOLEAN, 1) if flag else (f.NUMBER, 0xFFFFFFFF)
        found.append(
            _connection(name, kind, f"{key} in force, if known", reader(attribute), largest=largest, flag=flag)
        )
    return found


def _known(name: str) -> str | None:
    """A name that a login said; a session whose login was not seen has none."""
    return name or None


def connection_fields() -> list[f.QueryField]:
    """All of connections."""
    number, flag = f.NUMBER, f.BOOLEAN
    return [
        _connection("number", number, "number of the connection", lambda c: int(c.number)),
        _connection(
            "cid", number, "its CID, if its login was seen", lambda c: c.login.cid if c.login.requests else None
        ),
        _connection(
            "header_digest", number, "its header digest", lambda c: int(c.header_digest), names=SETTINGS, largest=2
        ),
        _connection("data_digest", number, "its data digest", lambda c: int(c.data_digest), names=SETTINGS, largest=2),
        _connection("login_status", number, "status of its last Login Response", _status, names=STATUS, largest=0xFFFF),
        _connection(
            "login_complete",
            flag,
            "its login led to the full feature phase",
            lambda c: int(c.login.complete),
            flag=True,
        ),
        *_settled(),
        _connection("closed", flag, "it ended in the capture", lambda c: int(c.connection.closed), flag=True),
        _connection("time", f.TIME, "when its first frame was captured", lambda c: int(c.connection.first_ts)),
        _connection("duration", f.DURATION, "from its first to its last frame", _duration),
        _connection("gaps", number, "times that bytes of it are missing from the capture", _sum("gaps")),
        _connection("gap_bytes", number, "how many bytes of it are missing", _sum("gap_bytes")),
        _connection("retransmitted", number, "segments that were sent again", _sum("retransmitted")),
        _connection("out_of_order", number, "segments that came out of order", _sum("out_of_order")),
        _connection("zero_windows", number, "segments with a window of 0", _sum("zero_windows")),
    ]


def session_fields() -> list[f.QueryField]:
    """All of sessions."""
    number, flag = f.NUMBER, f.BOOLEAN
    return [
        _session("number", number, "number of the session", lambda s: int(s.number)),
        _session("initiator_name", f.TEXT, "InitiatorName of its login", lambda s: _known(s.initiator_name)),
        _session("target_name", f.TEXT, "TargetName of its login", lambda s: _known(s.target_name)),
        _session("isid", f.BYTES, "its ISID", lambda s: s.isid or None),
        _session("tsih", number, "its TSIH; 0 while none was given", lambda s: int(s.tsih), largest=0xFFFF),
        _session("discovery", flag, "it is a discovery session", lambda s: int(s.discovery), flag=True),
        _session("assumed", flag, "its login was not seen", lambda s: int(s.assumed), flag=True),
        _session("connections", number, "how many connections it has", lambda s: len(s.connections)),
        _session("most_open", number, "most tasks that were open at the same time", lambda s: int(s.most_open)),
        _session("window_closures", number, "times that its command window was used up", lambda s: int(s.closures)),
        _session("window_closed", f.DURATION, "how long in all", lambda s: int(s.closed_ns)),
        _session("longest_closure", f.DURATION, "the longest of those times", lambda s: int(s.longest_closure)),
    ]
