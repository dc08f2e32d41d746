"""Additional header segments (RFC 7143 section 11.2.2): extended CDB, bidirectional read length, anything else.

The AHS area follows the 48-byte header; TotalAHSLength counts it in words of four bytes. Each segment holds AHSLength
(2 bytes; counts from the fourth byte on, without padding), AHSType (1), a type-specific byte and more. Lengths that
lie end the walk, never raise.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from dissectors.fields import Node, Problem, shifted
from dissectors.iscsi import layout as at
from dissectors.iscsi.words import AHS_TYPES

EXTENDED_CDB: Final = 1
BIDIRECTIONAL_READ_LENGTH: Final = 2

_TYPE_MASK = 0x3F
_BIDIRECTIONAL_LENGTH = 5


@dataclass(slots=True)
class Ahs:
    """One additional header segment. Offsets count from the start of the AHS area."""

    offset: int
    "Its first byte."
    size: int
    "Bytes that it takes in the area as captured, header and padding included."
    length: int = -1
    "AHSLength; -1 if it was not captured."
    type: int = -1
    "AHSType without its two reserved bits; -1 if it was not captured."
    reserved: int = 0
    "The two reserved bits beside AHSType."
    specific: int = -1
    "The type-specific fourth byte; -1 if it is missing."
    content: bytes = b""
    "What AHSLength covers beyond the fourth byte, as far as captured."
    padding: bytes = b""
    "The bytes after the content up to a multiple of four."
    problems: list[Problem] = field(default_factory=list)

    def complain(self, name: str, text: str) -> None:
        """Note a problem about this segment."""
        self.problems.append(Problem(name, text, self.offset, self.size))


def parse_ahs(area: bytes) -> list[Ahs]:
    """Take the AHS area apart. Every byte of it belongs to exactly one of the segments returned."""
    found: list[Ahs] = []
    offset = 0
    while offset < len(area):
        left = len(area) - offset
        if left < at.AHS_HEADER_LENGTH:
            stub = Ahs(offset, left, content=area[offset:])
            stub.complain("ahs-truncated", f"{left} of an AHS's first 4 bytes")
            found.append(stub)
            break
        item = _parse_one(area, offset)
        found.append(item)
        offset += item.size
    return found


def _parse_one(area: bytes, offset: int) -> Ahs:
    length = int.from_bytes(area[offset : offset + 2], "big")
    claimed = (3 + length + 3) & ~3  # at least 4
    item = Ahs(offset, min(claimed, len(area) - offset))
    item.length = length
    item.type = area[offset + 2] & _TYPE_MASK
    item.reserved = area[offset + 2] >> 6
    item.specific = area[offset + 3]
    end = min(offset + 3 + length, offset + item.size)
    item.content = area[offset + 4 : end]
    item.padding = area[max(end, offset + 4) : offset + item.size]
    if offset + claimed > len(area):
        item.complain("ahs-length", f"AHSLength {length} reaches beyond TotalAHSLength or what was captured")
    elif length == 0:
        item.complain("ahs-length", "AHSLength 0 leaves no room for the type-specific byte")
    elif item.type == BIDIRECTIONAL_READ_LENGTH and length != _BIDIRECTIONAL_LENGTH:
        item.complain("ahs-length", f"AHSLength {length}, a bidirectional read length has 5")
    elif item.type == EXTENDED_CDB and length < 2:
        item.complain("ahs-length", f"AHSLength {length} extends the CDB by nothing")
    if item.type not in (EXTENDED_CDB, BIDIRECTIONAL_READ_LENGTH):
        item.complain("ahs-type", f"AHSType {item.type} is reserved")
    elif item.specific or item.reserved:
        item.complain("reserved-not-zero", "reserved bits of the AHS are not zero")
    return item


def full_cdb(header: bytes, ahs: bytes = b"") -> bytes:
    """The whole CDB of a SCSI Command: the header's 16 bytes and its extension; shorter if bytes are missing."""
    cdb = bytes(header[at.AT_CDB : at.AT_CDB + at.CDB_LENGTH])
    if len(cdb) == at.CDB_LENGTH:
        for item in parse_ahs(ahs):
            if item.type == EXTENDED_CDB:
                return cdb + item.content
    return cdb


def bidirectional_read_length(ahs: bytes) -> int | None:
    """The Bidirectional Read Expected Data Transfer Length in bytes, or None if no whole segment says so."""
    for item in parse_ahs(ahs):
        if item.type == BIDIRECTIONAL_READ_LENGTH and len(item.content) >= 4:
            return int.from_bytes(item.content[:4], "big")
    return None


def build_ahs(ahs_type: int, content: bytes, specific: int = 0) -> bytes:
    """One additional header segment with padding; `content` starts after the type-specific byte."""
    head = (len(content) + 1).to_bytes(2, "big") + bytes((ahs_type, specific))
    return (head + content).ljust((len(head) + len(content) + 3) & ~3, b"\0")


def ahs_nodes(items: list[Ahs], start: int, cdb_parts: list[Node] | None = None) -> list[Node]:
    """The segments as tree nodes; `start` is the offset of the AHS area.

    `cdb_parts` are the fields of the CDB's extension, with offsets from its first byte.
    """
    nodes = [_node(item, start + item.offset) for item in items]
    for node in nodes:
        for child in node.children:
            if child.filter == "iscsi.ahs.extended_cdb" and cdb_parts:
                child.children = shifted(cdb_parts, child.offset)
                return nodes
    return nodes


def _node(item: Ahs, place: int) -> Node:
    problem = "; ".join(found.text for found in item.problems)
    if item.length < 0:
        blob = Node("AHS fragment", item.content, item.content.hex(), place, item.size, 0, "iscsi.ahs.unknown_blob")
        blob.problem = problem
        return blob
    words = AHS_TYPES(item.type)
    node = Node("AHS", None, words, place, item.size, problem=problem)
    node.children = [
        Node("AHSLength", item.length, str(item.length), place, 2, 0, "iscsi.ahs.length"),
        Node("AHSType", item.type, f"{words} ({item.type})", place + 2, 1, _TYPE_MASK, "iscsi.ahs.type"),
    ]
    if item.reserved:
        node.children.append(Node("Reserved", item.reserved, str(item.reserved), place + 2, 1, 0xC0))
    known = item.type in (EXTENDED_CDB, BIDIRECTIONAL_READ_LENGTH)
    if item.specific or not known:
        label = "Reserved" if known else "AHS-Specific"
        node.children.append(Node(label, item.specific, f"0x{item.specific:02x}", place + 3, 1))
    content = item.content
    if item.type == BIDIRECTIONAL_READ_LENGTH and len(content) >= 4:
        length = int.from_bytes(content[:4], "big")
        label = "Bidirectional Read Expected Data Transfer Length"
        node.text = f"bidirectional read of {length} bytes"
        node.children.append(Node(label, length, str(length), place + 4, 4, 0, "iscsi.ahs.bidir.length"))
        content = content[4:]
    elif item.type == EXTENDED_CDB and content:
        node.children.append(
            Node("Extended CDB", content, content.hex(), place + 4, len(content), 0, "iscsi.ahs.extended_cdb")
        )
        content = b""
    if content:
        place_of_rest = place + 4 + len(item.content) - len(content)
        node.children.append(
            Node("Content", content, content.hex(), place_of_rest, len(content), 0, "iscsi.ahs.unknown_blob")
        )
    if item.padding:
        place_of_padding = place + item.size - len(item.padding)
        node.children.append(Node("Padding", item.padding, item.padding.hex(), place_of_padding, len(item.padding)))
    return node
