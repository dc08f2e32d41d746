"""The vocabulary of decoded fields that every dissector speaks: `Node`, one line of a field tree with its exact place in the bytes."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Node:
    """One decoded field, or a group of fields, and the bytes that it was read from."""

    label: str
    "What people call the field: the RFC's or the SCSI standard's own name."
    value: int | str | bytes | None
    "The decoded value; None for a pure group."
    text: str
    "The value in words, ready to be shown after the label."
    offset: int
    "First byte, counted from the start of the buffer that was decoded."
    length: int
    "Number of bytes that the field touches."
    mask: int = 0
    "Bits of those bytes that belong to the field, big-endian; 0 means all of them."
    filter: str = ""
    "Name in the filter language (Wireshark's where it has one); empty if the field cannot be filtered on."
    children: list[Node] = field(default_factory=list)
    problem: str = ""
    "What is wrong with the field as it stands in the bytes; empty if nothing is."
