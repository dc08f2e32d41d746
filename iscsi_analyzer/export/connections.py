"""From the connections of the store to their records."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Literal

from dissectors.iscsi.words import LOGIN_STATUS
from dissectors.net.address import address_text
from dissectors.net.codes import TUNNELS
from iscsi_analyzer.export.carries import carries
from iscsi_analyzer.export.connection_record import (
    ConnectionRecord,
    DigestSetting,
    DirectionRecord,
    Endpoint,
    InForce,
    LoginRecord,
)
from iscsi_analyzer.export.time_text import decimal
from iscsi_analyzer.model.following import Follower
from iscsi_analyzer.model.limits import UNKNOWN as NOT_KNOWN
from iscsi_analyzer.model.limits import Limits
from iscsi_analyzer.model.login import Login
from iscsi_analyzer.store.store import Store
from iscsi_analyzer.streams.connection import Connection, Direction
from iscsi_analyzer.streams.context import OFF, ON, UNKNOWN

if TYPE_CHECKING:
    from iscsi_analyzer.analysis.focus import Focus

_NUMBERS = {
    "initiator_max_recv_data_segment_length": "initiator_max_recv",
    "target_max_recv_data_segment_length": "target_max_recv",
    "max_burst_length": "max_burst",
    "first_burst_length": "first_burst",
    "max_outstanding_r2t": "max_outstanding_r2t",
    "error_recovery_level": "error_recovery_level",
    "max_connections": "max_connections",
    "default_time2wait": "time2wait",
    "default_time2retain": "time2retain",
    "iscsi_protocol_level": "protocol_level",
}
_BOOLEANS = ("initial_r2t", "immediate_data", "data_pdu_in_order", "data_sequence_in_order")
_SETTINGS: dict[int, DigestSetting] = {ON: "CRC32C", OFF: "None", UNKNOWN: "unknown"}


def connection_records(store: Store, focus: Focus | None = None) -> Iterator[ConnectionRecord]:
    """The connections that carry iSCSI, in order of their numbers; those that belong to `focus` only."""
    numbers = range(1, len(store.followers) + 1) if focus is None else focus.connections()
    for number in numbers:
        yield iscsi_connection(store.followers[number - 1])


def iscsi_connection(follower: Follower) -> ConnectionRecord:
    """The record of a connection that carries iSCSI."""
    connection, login, session = follower.connection, follower.login, follower.session
    seen = login.requests + login.responses > 0
    sender = connection.to_target or connection.first
    return ConnectionRecord(
        number=connection.number,
        session=session.number,
        carries="iSCSI",
        **_ends(connection, sender),
        initiator_name=session.initiator_name or None,
        target_name=session.target_name or None,
        session_type=_session_type(login, session.discovery),
        isid=session.isid.hex() or None,
        tsih=session.tsih or None,
        cid=login.cid if login.requests else None,
        login=_login(login) if seen else None,
        header_digest=_SETTINGS[follower.header_digest],
        data_digest=_SETTINGS[follower.data_digest],
        digests_known_by=_known_by(follower),
        in_force=in_force(follower.limits),
        **_course(connection, sender),
        initiator_to_target=_direction(sender),
        target_to_initiator=_direction(sender.peer),
    )


def other_connection(connection: Connection) -> ConnectionRecord:
    """The record of a connection that does not carry iSCSI."""
    sender = connection.to_target or connection.first
    return ConnectionRecord(
        number=None,
        session=None,
        carries=carries(connection),
        **_ends(connection, sender),
        initiator_name=None,
        target_name=None,
        session_type=None,
        isid=None,
        tsih=None,
        cid=None,
        login=None,
        header_digest="unknown",
        data_digest="unknown",
        digests_known_by=None,
        in_force=InForce(),
        **_course(connection, sender),
        initiator_to_target=_direction(sender),
        target_to_initiator=_direction(sender.peer),
    )


def in_force(limits: Limits) -> InForce:
    """What the login settled, as far as it is known."""
    found: dict[str, Any] = {name: getattr(limits, attribute) for name, attribute in _NUMBERS.items()}
    record = InForce(**{name: value for name, value in found.items() if value != NOT_KNOWN})
    for name in _BOOLEANS:
        value = getattr(limits, name)
        if value != NOT_KNOWN:
            setattr(record, name, bool(value))
    return record


def outcome(login: Login) -> str:
    """How a login ended, in words."""
    if login.complete:
        return "reached the full feature phase"
    if login.status is None and login.responses:
        return "answered, with a status that was not captured"
    if login.status is None:
        return "not answered in the capture" if login.requests else "not seen"
    if login.status == (0, 0):
        return "did not go on to the full feature phase in the capture"
    return (
        f"refused: {status_words(login.status)}" if login.status[0] > 1 else f"redirected: {status_words(login.status)}"
    )


def status_words(status: tuple[int, int]) -> str:
    """A login status: `Authentication failure (0x0201)`."""
    code = status[0] << 8 | status[1]
    return f"{LOGIN_STATUS(code)} (0x{code:04x})"


def _session_type(login: Login, discovery: bool) -> Literal["Normal", "Discovery"] | None:
    if discovery or login.discovery:
        return "Discovery"
    return None if not login.requests or (login.hole and login.value("SessionType") is None) else "Normal"


def _login(login: Login) -> LoginRecord:
    record = LoginRecord(
        requests=login.requests, responses=login.responses, complete=login.complete, outcome=outcome(login)
    )
    if login.status is not None:
        record.status_class, record.status_detail = login.status
        record.status_name = LOGIN_STATUS(login.status[0] << 8 | login.status[1])
        if login.status[0] == 1:
            record.redirected_to = [
                said.value for said in login.said if said.key == "TargetAddress" and not said.to_target
            ]
    return record


def _known_by(follower: Follower) -> Literal["negotiation", "inference", "user"] | None:
    if follower.forced:
        return "user"
    if follower.login.complete and UNKNOWN not in (follower.login.header_digest, follower.login.data_digest):
        return "negotiation"
    if follower.inferred:
        return "inference"
    return None


def _ends(connection: Connection, sender: Direction) -> dict[str, Any]:
    """Both ends, and what the packets are wrapped in."""
    return {
        "initiator": endpoint(sender.source),
        "target": endpoint(sender.destination),
        "vlan": connection.vlan if connection.vlan >= 0 else None,
        "tunnel": TUNNELS.get(connection.tunnel),
    }


def endpoint(raw: bytes) -> Endpoint:
    """An end from its address bytes and the two bytes of its port."""
    return Endpoint(address_text(raw[:-2]), int.from_bytes(raw[-2:], "big"))


def _course(connection: Connection, sender: Direction) -> dict[str, Any]:
    """When it was, how it began and how it ended."""
    closer = connection.closed_by if connection.closed else None
    return {
        "time": decimal(connection.first_ts),
        "time_last": decimal(connection.last_ts),
        "duration_ns": connection.last_ts - connection.first_ts,
        "frame": connection.first_frame,
        "frame_last": connection.last_frame,
        "began": "handshake" if connection.syn else "mid-stream",
        "ended": connection.closed_with or ("replaced" if connection.replaced else "open"),
        "ended_by": None if closer is None else "initiator" if closer is sender else "target",
        "ended_time": None if closer is None else decimal(connection.closed_ts),
        "ended_frame": None if closer is None else connection.closed_frame,
    }


def _direction(half: Direction) -> DirectionRecord:
    framer = half.framer
    return DirectionRecord(
        pdus=0 if framer is None else framer.pdus,
        skipped_bytes=0 if framer is None else framer.skipped,
        gaps=half.gaps,
        gap_bytes=half.gap_bytes,
        snaplen_bytes=half.snaplen_bytes,
        data_bytes=half.data_bytes,
        frames=half.frames,
        segments=half.segments,
        retransmitted=half.retransmitted,
        out_of_order=half.out_of_order,
        duplicates=half.duplicates,
        conflicts=half.conflicts,
        keep_alives=half.keep_alives,
        zero_windows=half.zero_windows,
        rtt_count=half.rtt_count,
        rtt_min_ns=half.rtt_min if half.rtt_count else None,
        rtt_mean_ns=half.rtt_sum // half.rtt_count if half.rtt_count else None,
        rtt_max_ns=half.rtt_max if half.rtt_count else None,
    )
