"""What is said of one TCP connection in JSON, and to Python programs. Declares data only; `connections` fills it.

The text below each field is its description in the JSON Schema.
"""

from __future__ import annotations

from typing import ClassVar, Literal

import msgspec

DigestSetting = Literal["CRC32C", "None", "unknown"]


class Endpoint(msgspec.Struct, frozen=True):
    """One end of a TCP connection."""

    address: str
    "IPv4 or IPv6 address."
    port: int
    "TCP port."


class LoginRecord(msgspec.Struct, kw_only=True, omit_defaults=True):
    """The login phase of a connection, as far as it was captured."""

    requests: int
    "Login Requests."
    responses: int
    "Login Responses."
    complete: bool
    "The full feature phase was reached."
    outcome: str
    "How it ended, in words."
    status_class: int | None = None
    "Status-Class of the last Login Response."
    status_detail: int | None = None
    "Status-Detail of the last Login Response."
    status_name: str | None = None
    "Both in words."
    redirected_to: list[str] | None = None
    "Where a redirection points."


class InForce(msgspec.Struct, kw_only=True, omit_defaults=True):
    """Operational values that the login settled; those that the capture does not tell are left out."""

    initiator_max_recv_data_segment_length: int | None = None
    "Bytes: bounds the data segments that the target sends."
    target_max_recv_data_segment_length: int | None = None
    "Bytes: bounds the data segments that the initiator sends."
    max_burst_length: int | None = None
    "Bytes."
    first_burst_length: int | None = None
    "Bytes."
    initial_r2t: bool | None = None
    "Writes wait for an R2T."
    immediate_data: bool | None = None
    "Commands may carry data."
    max_outstanding_r2t: int | None = None
    "R2Ts of a task that may be open."
    data_pdu_in_order: bool | None = None
    "DataPDUInOrder."
    data_sequence_in_order: bool | None = None
    "DataSequenceInOrder."
    error_recovery_level: int | None = None
    "ErrorRecoveryLevel."
    max_connections: int | None = None
    "Connections that the session may have."
    default_time2wait: int | None = None
    "Seconds."
    default_time2retain: int | None = None
    "Seconds."
    iscsi_protocol_level: int | None = None
    "iSCSIProtocolLevel (RFC 7144)."


class DirectionRecord(msgspec.Struct, kw_only=True):
    """What one side sent. `frames` and what follows are TCP facts."""

    pdus: int
    "PDUs."
    skipped_bytes: int
    "Captured bytes in which no PDU could be found."
    gaps: int
    "Stretches of the stream that are missing from the capture (those that the snap length cut off not counted)."
    gap_bytes: int
    "Bytes in them."
    snaplen_bytes: int
    "Bytes that the snap length cut off."
    data_bytes: int
    "Bytes of the stream that were captured."
    frames: int
    "Frames."
    segments: int
    "Segments with data, copies by the capture not counted."
    retransmitted: int
    "Segments with bytes that had come before."
    out_of_order: int
    "Segments that came before an earlier one."
    duplicates: int
    "Copies of frames that the capture made."
    conflicts: int
    "Segments with bytes other than those that had come for the same place."
    keep_alives: int
    "Keep-alive probes."
    zero_windows: int
    "Times that the side closed its receive window."
    rtt_count: int
    "Round trips measured, from data to its acknowledgement, as seen where the capture was made."
    rtt_min_ns: int | None
    "Shortest round trip."
    rtt_mean_ns: int | None
    "Mean of the round trips."
    rtt_max_ns: int | None
    "Longest round trip."


class ConnectionRecord(msgspec.Struct, tag_field="type", tag="connection", kw_only=True):
    """One TCP connection."""

    type: ClassVar[str] = "connection"

    number: int | None
    "Number among the connections that carry iSCSI, counted from 1; null for others."
    session: int | None
    "Number of its session; null for connections that do not carry iSCSI."
    carries: str
    "iSCSI, or what the first bytes look like."
    initiator: Endpoint
    "The end that sends commands; of other connections the end that opened it or was seen first."
    target: Endpoint
    "The other end."
    initiator_name: str | None
    "InitiatorName, if the login of the session told it."
    target_name: str | None
    "TargetName, likewise."
    session_type: Literal["Normal", "Discovery"] | None
    "SessionType; null if the login was not seen."
    isid: str | None
    "ISID of the session in hexadecimal."
    tsih: int | None
    "TSIH of the session."
    cid: int | None
    "Connection ID."
    login: LoginRecord | None
    "The login phase; null if none of it was captured."
    header_digest: DigestSetting
    "Whether header digests are in use."
    data_digest: DigestSetting
    "Whether data digests are in use."
    digests_known_by: Literal["negotiation", "inference", "user"] | None
    "How that is known; null if it is not."
    in_force: InForce
    "Operational values."
    time: str
    "When its first frame was captured: seconds since 1970 UTC."
    time_last: str
    "When its last frame was captured."
    duration_ns: int
    "The time between the two."
    frame: int
    "Its first frame."
    frame_last: int
    "Its last frame."
    began: Literal["handshake", "mid-stream"]
    "handshake: the opening SYN was captured; mid-stream: it was not."
    ended: Literal["FIN", "RST", "replaced", "open"]
    """What closed it first; replaced: nothing in the capture did, but its ports were used again; open: nothing did."""
    ended_by: Literal["initiator", "target"] | None
    "Who sent that."
    ended_time: str | None
    "When that was."
    ended_frame: int | None
    "The frame of it."
    initiator_to_target: DirectionRecord
    "What the initiator sent."
    target_to_initiator: DirectionRecord
    "What the target sent."
    vlan: int | None
    "Outermost VLAN of its first frame."
    tunnel: str | None
    "Tunnel that its first frame came in."
