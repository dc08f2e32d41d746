"""What the report says, as one JSON document and to Python programs. Declares data only; `report` fills it.

The text below each field is its description in the JSON Schema.
"""

from __future__ import annotations

from typing import ClassVar, Literal

import msgspec

from iscsi_analyzer.analysis.counters import Counters
from iscsi_analyzer.analysis.diagnosis import Section
from iscsi_analyzer.analysis.headlines import Headline
from iscsi_analyzer.analysis.latency import Latency
from iscsi_analyzer.analysis.load import Load
from iscsi_analyzer.analysis.tcp import Health
from iscsi_analyzer.export.connection_record import ConnectionRecord, Endpoint
from iscsi_analyzer.export.findings import FindingRecord
from iscsi_analyzer.export.pdu_record import To


class LinkType(msgspec.Struct, frozen=True):
    """A link type."""

    number: int
    "LINKTYPE number."
    name: str
    "Its name."


class InterfaceRecord(msgspec.Struct, kw_only=True):
    """An interface that frames were captured on."""

    number: int
    "Number over all files, counted from 0."
    name: str
    "Its name, if the file says it."
    description: str
    "Description, if the file says it."
    link_type: LinkType
    "Link type of its frames."
    snaplen: int
    "Most bytes that were captured of a frame; 0: no limit."
    filter: str
    "Capture filter."
    resolution: str
    "Unit of its time stamps."
    received: int | None
    "Frames that it saw; null if the file does not say."
    dropped: int | None
    "Frames that were lost by it or the operating system while capturing; null if the file does not say."


class CommentRecord(msgspec.Struct, frozen=True):
    """A comment on a frame."""

    frame: int
    "Number of the frame within its file."
    text: str
    "The comment."


class FileRecord(msgspec.Struct, kw_only=True):
    """An input file."""

    path: str
    "As it was named; - is the standard input."
    format: str
    "pcap or pcapng."
    variant: str
    "More about the format."
    compression: str
    "How it is compressed; empty if it is not."
    byte_order: str
    "little, big or mixed."
    size: int | None
    "Bytes on disk; null for a pipe."
    frames: int
    "Frames that were read."
    time: str | None
    "Time of its first frame: seconds since 1970 UTC."
    time_last: str | None
    "Time of its last frame."
    hardware: str
    "Machine that captured."
    os: str
    "Its operating system."
    application: str
    "Program that wrote the file."
    comments: list[str]
    "Comments on the file."
    packet_comments: list[CommentRecord]
    "Comments on frames."
    interfaces: list[InterfaceRecord]
    "The interfaces."


class ProblemRecord(msgspec.Struct, frozen=True):
    """Something wrong with an input file."""

    path: str
    "The file."
    offset: int | None
    "Place in the decompressed file, in bytes."
    severity: Literal["error", "warning", "note"]
    "error: something could not be read."
    message: str
    "What was found."
    remedy: str
    "What can be done about it."


class ReasonCount(msgspec.Struct, frozen=True):
    """Frames that hold no TCP segment, by what they are."""

    reason: str
    "What they are."
    frames: int
    "How many."


class LinkTypeCount(msgspec.Struct, frozen=True):
    """Frames of one link type."""

    number: int
    "LINKTYPE number."
    name: str
    "Its name."
    frames: int
    "How many."


class PduCount(msgspec.Struct, frozen=True):
    """PDUs of one opcode in one direction."""

    opcode: int
    "Opcode."
    opcode_name: str
    "Name of the PDU."
    direction: To
    "I2T: from the initiator to the target; T2I: the other way."
    count: int
    "How many."
    data_bytes: int
    "Bytes of their data segments on the wire; of PDUs that were not finished those that were captured."


class StatusCount(msgspec.Struct, frozen=True):
    """Commands that ended with one status."""

    status: int | None
    "SCSI status; null where the target could not complete the command."
    scsi_status_name: str
    "It in words, or the iSCSI response in words."
    count: int
    "How many."


class LoginCount(msgspec.Struct, frozen=True):
    """Connections whose login ended in one way."""

    outcome: str
    "How, in words."
    count: int
    "How many."


class DigestCounts(msgspec.Struct, frozen=True):
    """PDUs by what a digest says."""

    ok: int
    "It is right."
    bad: int
    "It is wrong."
    unknown: int
    "It cannot be told: bytes are missing, or it is not known whether digests are in use."
    absent: int
    "There is none."
    first_bad_pdu: int | None
    "The first PDU in which it is wrong; null if there is none."


class LossRecord(msgspec.Struct, frozen=True):
    """Bytes of a connection that became no part of a PDU."""

    kind: Literal["gap", "skipped"]
    "gap: they are missing from the capture; skipped: no PDU could be found in them."
    connection: int
    "Number of the connection."
    direction: To
    "Who sent them."
    bytes: int
    "How many."
    time: str
    "When this was known: seconds since 1970 UTC."
    frame: int
    "The frame that made it known."


class OtherCount(msgspec.Struct, kw_only=True):
    """TCP connections on iSCSI ports that carry something else."""

    carries: str
    "What their first bytes look like."
    count: int
    "How many."
    example: list[Endpoint]
    "Both ends of the first of them, the one that opened it first."


class ReportRecord(msgspec.Struct, tag_field="type", tag="report", kw_only=True):
    """The report: everything about a capture as a whole."""

    type: ClassVar[str] = "report"

    schema_version: int
    "Version of the JSON Schema of all records."
    analyzer: str
    "Version of the analyzer, and whether it is compiled."
    files: list[FileRecord]
    "The input."
    problems: list[ProblemRecord]
    "What is wrong with the input."
    frames: int
    "Frames that were read."
    tcp_frames: int
    "Frames that hold TCP segments."
    time: str | None
    "Time of the first frame: seconds since 1970 UTC; null if there is none."
    time_last: str | None
    "Latest time of a frame."
    duration_ns: int
    "The time between the two."
    link_types: list[LinkTypeCount]
    "Frames by link type."
    not_decoded: list[ReasonCount]
    "Frames without TCP segments."
    ip_fragments: dict[str, int]
    "What became of IP fragments, in words."
    bad_checksums: int
    "Segments that were left out for a wrong checksum, if that was asked for."
    limits: list[str]
    "The options that limited the report to a part of the capture; what follows is about that part only."
    pdus: int
    "PDUs."
    sessions: int
    "Sessions. A connection whose login was not seen counts as a session of its own."
    connections: list[ConnectionRecord]
    "The connections that carry iSCSI."
    pdu_counts: list[PduCount]
    "PDUs by opcode and direction."
    logins: list[LoginCount]
    "Connections by the outcome of their login."
    scsi_statuses: list[StatusCount]
    "Commands by status."
    header_digests: DigestCounts
    "Header digests."
    data_digests: DigestCounts
    "Data digests."
    cut_pdus: int
    "PDUs of which bytes are missing from the capture."
    unfinished_pdus: int
    "PDUs that were not over when their connection or the capture was."
    odd_pdus: int
    "PDUs with a header that their sender may not send."
    losses: list[LossRecord]
    "Bytes that became no part of a PDU."
    losses_not_listed: int
    "How many more of them there are."
    others_on_iscsi_ports: list[OtherCount]
    "Connections on iSCSI ports that carry something else."
    other_connections: int
    "All TCP connections that carry something else."
    findings: list[FindingRecord]
    "What the rules found, in the order in which it was found."
    findings_not_kept: int
    "Findings that are missing there, as there were too many."
    latency: Latency | None
    "How long SCSI tasks took, by session, logical unit, command and size; null if none was measured."
    load: Load | None
    "I/O over time, and the command windows; null without PDUs."
    tcp: list[Health]
    "How well TCP served each connection, and which tasks paid for what it had to repair."
    counters: list[Counters]
    "By session, what `iscsiadm -m session -s` counts."
    headlines: list[Headline]
    "The statements of the answers that somebody should know first."
    answers: list[Section]
    "What the capture says to the questions that it is opened for; those it says nothing to are left out."
