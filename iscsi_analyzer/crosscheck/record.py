"""What is said of a crosscheck in JSON, and to Python programs. Declares data only; `check` fills it.

The text below each field is its description in the JSON Schema.
"""

from __future__ import annotations

import msgspec


class DifferenceExample(msgspec.Struct, kw_only=True, omit_defaults=True):
    """One place where Wireshark and we differ."""

    pdu: int | None = None
    "Number of our PDU; left out if only Wireshark shows it."
    frame: int
    "Frame that completed it; of a PDU that only Wireshark shows, the frame in which it does."
    ours: list[str]
    "Our values; secrets and data are left out."
    wireshark: list[str]
    "Wireshark's values."


class DifferenceRecord(msgspec.Struct, kw_only=True, omit_defaults=True):
    """Differences of one kind."""

    field: str
    "Name of the field; PDU if one side does not show the PDU at all."
    shown_by: str
    "ours or wireshark: only that side shows it; both: the values differ."
    pdu_kind: str
    "The kind of PDU, in words."
    count: int
    "How often."
    limit: str | None = None
    "Name of the known limit that explains it; left out if it is unexpected."
    examples: list[DifferenceExample]
    "Some of them, from the first on."


class LimitRecord(msgspec.Struct, kw_only=True):
    """A known limit that showed."""

    name: str
    "Its name."
    explanation: str
    "Why Wireshark and we differ there."
    count: int
    "Differences that it explains."


class CrosscheckRecord(msgspec.Struct, kw_only=True, omit_defaults=True, tag_field="type", tag="crosscheck"):
    """Our dissection of captures beside Wireshark's."""

    wireshark_version: str
    "Version of tshark."
    files: list[str]
    "The captures."
    pdus: int
    "PDUs of ours that were compared."
    wireshark_pdus: int
    "PDUs that Wireshark shows."
    matched: int
    "PDUs that both show."
    values: int
    "Values of fields that were compared."
    equal: int
    "Values that are the same."
    explained: int
    "Differences that are known limits."
    unexpected: int
    "Differences that nothing explains."
    limits: list[LimitRecord]
    "The known limits that showed, the most frequent first."
    differences: list[DifferenceRecord]
    "The differences by kind, the unexpected ones first, then the most frequent."
    complaint: str | None = None
    "What tshark said when it did not go on to the end; nothing behind that place was compared."
