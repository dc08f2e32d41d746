"""What is said of one PDU in JSON, and to Python programs: `PduRecord` and what it holds.

The contract of the records: a field, once released, keeps its meaning. Declares data only; `pdus` fills it. The text
below each field is its description in the JSON Schema. Fields that are None, False or empty by default are left out of
the JSON where they say nothing.
"""

from __future__ import annotations

from typing import ClassVar, Literal

import msgspec

from iscsi_analyzer.export.own_fields import OwnFields

Digest = Literal["ok", "bad", "absent", "unknown"]
To = Literal["I2T", "T2I"]


Keys = list[tuple[str, str]]


class NamedText(msgspec.Struct, frozen=True):
    """Something odd about the bytes of a PDU."""

    name: str
    "Stable name of the kind of oddity."
    text: str
    "What was found, in a sentence."


class DecodedField(msgspec.Struct, omit_defaults=True):
    """One decoded field of data, with what it consists of."""

    label: str
    "The standard's name of the field."
    text: str = ""
    "The value in words."
    value: int | str | None = None
    "The value; bytes are hexadecimal."
    fields: list[DecodedField] = msgspec.field(default_factory=list)
    "The fields that it consists of."
    problem: str = ""
    "What is wrong with the field as it stands."


class SenseRecord(msgspec.Struct, kw_only=True, omit_defaults=True):
    """Sense data of a SCSI Response or an Asynchronous Message. Numbers that were not captured are left out."""

    key: int | None = None
    "Sense key, 0 to 15."
    key_name: str = ""
    "Sense key in words."
    asc: int | None = None
    "Additional sense code."
    ascq: int | None = None
    "Additional sense code qualifier."
    text: str
    "Everything in one line."
    deferred: bool = False
    "The error belongs to an earlier command."
    information: int | None = None
    "The INFORMATION field, if it is valid: the LBA concerned for block devices."
    detail: str = ""
    "The sense-key specific bytes in words."
    problem: str = ""
    "What is wrong with the sense data as it stands."


class AhsRecord(msgspec.Struct, kw_only=True, omit_defaults=True):
    """An additional header segment (RFC 7143 section 11.2.2)."""

    ahs_type: int | None = None
    "AHSType."
    ahs_type_name: str = ""
    "AHSType in words."
    ahs_length: int | None = None
    "AHSLength as it stands."
    content: str = ""
    "What AHSLength covers beyond its fourth byte, as far as captured, in hexadecimal."
    bidirectional_read_expected_data_transfer_length: int | None = None
    "For AHSType 2: bytes that a bidirectional command reads."


class RejectedRecord(OwnFields, omit_defaults=True):
    """The header that a Reject carries back."""

    opcode: int
    "Opcode of the rejected PDU."
    opcode_name: str
    "Its name."
    immediate: bool = False
    "The I bit."
    initiator_task_tag: int | None = None
    "Its Initiator Task Tag."
    total_ahs_length: int | None = None
    "TotalAHSLength, in words of four bytes."
    data_segment_length: int | None = None
    "DataSegmentLength, in bytes."


class Contents(OwnFields, kw_only=True, omit_defaults=True):
    """What a PDU holds beside its basic header."""

    ahs: list[AhsRecord] | None = None
    "Additional header segments."
    keys: Keys | None = None
    "The [key, value] pairs of a login or text PDU that end in it. Secrets are left out unless they were asked for."
    sense: SenseRecord | None = None
    "Sense data."
    rejected: RejectedRecord | None = None
    "The header that a Reject carries."
    decoded: list[DecodedField] | None = None
    """What the data of the command mean, where the analyzer reads such data: on the PDU that ends a sequence, over
    all data of the task in that direction so far."""
    problems: list[NamedText] | None = None
    "What is odd about the bytes of the PDU, whatever it means for the conversation."


class PduRecord(Contents, tag_field="type", tag="pdu", omit_defaults=True):
    """One PDU."""

    type: ClassVar[str] = "pdu"

    number: int
    "Number of the PDU in the analysis, counted from 1 in the order in which PDUs were completed."
    frame: int
    "Frame that completed the PDU, counted from 1 over all files."
    frames: list[int]
    "All frames that hold bytes of the PDU."
    time: str
    "When the first byte of its header was captured: seconds since 1970 UTC with nanoseconds."
    time_last: str
    "When its last byte was captured."
    session: int
    "Number of the session, counted from 1. A connection whose login was not seen counts as a session of its own."
    connection: int
    "Number of the TCP connection among those that carry iSCSI, counted from 1."
    direction: To
    "I2T: from the initiator to the target; T2I: the other way."
    opcode: int
    "Opcode, without the I bit."
    opcode_name: str
    "Name of the PDU."
    immediate: bool
    "The I bit."
    initiator_task_tag: int | None
    "Initiator Task Tag; 4294967295 is the reserved value for none; null if it was not captured."
    total_ahs_length: int
    "TotalAHSLength, in words of four bytes."
    data_segment_length: int
    "DataSegmentLength, in bytes, without padding."
    header_digest: Digest
    "What the header digest says of the header; unknown if it cannot be told."
    data_digest: Digest
    "What the data digest says of the data; unknown if it cannot be told."
    findings: list[str]
    """Names of the rules that the PDU breaks, as far as that is known when it is written: what only shows later, an
    answer that never comes, is told by `findings`, and here if PDUs are chosen or sorted."""
    header_captured: int
    "Bytes of the basic header that the capture holds, of 48."
    data_captured: int
    "Bytes of the data segment that the capture holds."
    request_pdu: int | None = None
    "Number of the PDU that this one answers or belongs to."
    request_frame: int | None = None
    "Frame that completed that PDU."
    cut: bool = False
    "Bytes of the PDU are missing from the capture."
    unfinished: bool = False
    "The stream, or the capture, ended before the PDU did."
    odd: bool = False
    "Its sender may not send such a header."
    resync: bool = False
    "The first PDU after bytes in which no PDU could be found."
    digests_inferred: bool = False
    "Whether digests are in use was inferred from the bytes, not seen in the login and not said by the user."
