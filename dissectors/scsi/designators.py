"""Designation descriptors (SPC-5 7.7.6.1): the names by which logical units, target ports and targets are known."""

from __future__ import annotations

from typing import Final

from dissectors.fields import Node, Words
from dissectors.scsi.spc_words import PROTOCOLS
from dissectors.scsi.tables import ascii_text, flag, nodes, number, octets, utf8_text

TYPES: Final = Words(
    {
        0x0: "Vendor specific",
        0x1: "T10 vendor ID based",
        0x2: "EUI-64 based",
        0x3: "NAA",
        0x4: "Relative target port identifier",
        0x5: "Target port group",
        0x6: "Logical unit group",
        0x7: "MD5 logical unit identifier",
        0x8: "SCSI name string",
        0x9: "Protocol specific port identifier",
        0xA: "UUID",
    },
    other="Reserved",
)
ASSOCIATIONS: Final = Words({0: "Logical unit", 1: "Target port", 2: "Target device", 3: "Reserved"})
_CODE_SETS = Words({1: "Binary", 2: "ASCII", 3: "UTF-8"}, other="Reserved")
_NAA = Words(
    {2: "IEEE extended", 3: "Locally assigned", 5: "IEEE registered", 6: "IEEE registered extended"}, other="Reserved"
)

_PROTOCOL = number("protocol", "Protocol identifier", 0, 1, 0xF0, "", PROTOCOLS)
_HEAD = (
    number("code_set", "Code set", 0, 1, 0x0F, "scsi.inquiry.evpd.devid.code_set", _CODE_SETS),
    flag("piv", "PIV, protocol identifier valid", 1, 0x80),
    number("association", "Association", 1, 1, 0x30, "scsi.inquiry.evpd.devid.association", ASSOCIATIONS),
    number("type", "Designator type", 1, 1, 0x0F, "scsi.inquiry.evpd.devid.identifier_type", TYPES),
    number("length", "Designator length", 3, 1, 0, "scsi.inquiry.evpd.devid.identifier_length"),
)
_NAA_TYPE = number("naa", "NAA", 0, 1, 0xF0, "scsi.naa.type", _NAA)
_COMPANY = "scsi.naa.ieee_company_id"
_NAA_FIELDS = {
    2: (
        number("vendor_a", "Vendor specific identifier A", 0, 2, 0x0FFF, base="hex"),
        number("company", "IEEE company ID", 2, 3, 0, _COMPANY, base="hex"),
        number("vendor_b", "Vendor specific identifier B", 5, 3, base="hex"),
    ),
    3: (number("local", "Locally administered value", 0, 8, (1 << 60) - 1, base="hex"),),
    5: (
        number("company", "IEEE company ID", 0, 4, 0x0FFFFFF0, _COMPANY, base="hex"),
        number("vendor", "Vendor specific identifier", 3, 5, (1 << 36) - 1, "scsi.naa.vendor_specific", base="hex"),
    ),
    6: (
        number("company", "IEEE company ID", 0, 4, 0x0FFFFFF0, _COMPANY, base="hex"),
        number("vendor", "Vendor specific identifier", 3, 5, (1 << 36) - 1, "scsi.naa.vendor_specific", base="hex"),
        octets("extension", "Vendor specific identifier extension", 8, 8, "scsi.naa.vendor_specific.extension"),
    ),
}
_SHORT = number("number", "Identifier", 2, 2)


def designation(data: bytes, at: int, end: int) -> tuple[Node, int]:
    """The designation descriptor at `at`, and where the next one starts; `end` is where its list ends in `data`."""
    head = nodes(_HEAD, data, at, end)
    if at + 4 > end:
        return Node("Designation descriptor", None, "cut short", at, max(0, end - at), 0, "", head), end
    start = at + 4
    stop = min(end, start + data[at + 3])
    if data[at + 1] & 0x80:
        head.insert(0, nodes((_PROTOCOL,), data, at)[0])
    kind = data[at + 1] & 0x0F
    body = designator(data, start, stop, kind, data[at] & 0x0F)
    association = ASSOCIATIONS(data[at + 1] >> 4 & 3)
    text = f"{association}: {body.text}"
    node = Node(f"{TYPES(kind)} designator", None, text, at, stop - at, 0, "", [*head, body])
    return node, start + data[at + 3]


def designator(data: bytes, start: int, stop: int, kind: int, code_set: int) -> Node:
    """The designator data[start:stop] of this type."""
    raw = bytes(data[start:stop])
    text = raw.hex()
    parts: list[Node] = []
    name = "scsi.inquiry.evpd.devid.identifier_bytes"
    if kind == 1:
        vendor, own = ascii_text(raw[:8]), ascii_text(raw[8:]) if code_set in (2, 3) else raw[8:].hex()
        text = " ".join(part for part in (vendor, own) if part)
        parts = [Node("Vendor identification", vendor, vendor, start, min(8, len(raw)), 0, "scsi.inquiry.vendor_id")]
        if len(raw) > 8:
            label = "Vendor specific identifier"
            parts.append(Node(label, own, own, start + 8, len(raw) - 8, 0, "scsi.inquiry.evpd.devid.identifier_str"))
    elif kind == 2:
        text = f"eui.{raw.hex()}"
    elif kind == 3 and raw:
        text = f"naa.{raw.hex()}"
        parts = nodes((_NAA_TYPE, *_NAA_FIELDS.get(raw[0] >> 4, ())), data, start, stop)
    elif kind in (4, 5, 6) and len(raw) >= 4:
        parts = nodes((_SHORT,), data, start, stop)
        text = f"{TYPES(kind).lower()} {parts[0].value!r}"
    elif kind == 0xA and len(raw) >= 18:
        digits = raw[2:18].hex()
        text = f"uuid.{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
    elif kind == 8 or code_set in (2, 3):
        text = utf8_text(raw)
    return Node("Designator", raw, text, start, len(raw), 0, name, parts)


def designations(data: bytes, start: int, end: int) -> list[Node]:
    """Every designation descriptor of data[start:end]."""
    found = []
    at = start
    while at < end:
        node, at = designation(data, at, end)
        found.append(node)
    return found
