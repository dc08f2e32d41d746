"""What INQUIRY tells of a device, without what tells this one from others: serial numbers, designators, names.

Works on data as it was returned, cut short or not. Lengths and forms stay. SPC-5 sections 6.7 and 7.7.
"""

from __future__ import annotations

import re
from typing import Final

from iscsi_analyzer.redaction.pseudonyms import Pseudonyms
from iscsi_analyzer.redaction.what import What

_STANDARD_PRIVATE: Final = (slice(36, 56), slice(96, None))
"Standard data: the vendor's own bytes, where serial numbers are at home."
_SERIAL_NUMBER, _IDENTIFICATION = 0x80, 0x83
_T10_VENDOR, _NAA, _GROUPS, _NAME = 1, 3, (4, 5, 6, 9), 8
_ISCSI_NAME: Final = re.compile(rb"(?i)(?:iqn|eui|naa)\.[!-+\--~]+")
"Up to the comma before a port."
_VENDOR_ID: Final = 8
"Bytes of a T10 designator that only name the maker."


def without_identity(data: bytes, vital: bool, what: What, pseudonyms: Pseudonyms) -> bytes:
    """INQUIRY data with other identities; `vital` tells a page of vital product data from standard data."""
    if not vital:
        return _standard(data, pseudonyms) if what.serials else data
    page = data[1] if len(data) > 1 else 0
    if page == _SERIAL_NUMBER and what.serials:
        end = 4 + int.from_bytes(data[2:4], "big")
        return data[:4] + _other(data[4:end], pseudonyms) + data[end:]
    return _designators(data, what, pseudonyms) if page == _IDENTIFICATION else data


def without_names(data: bytes, pseudonyms: Pseudonyms) -> bytes:
    """Any data with other iSCSI names, as reservations tell them (transport IDs, SPC-5 section 7.6.4.6)."""
    return _ISCSI_NAME.sub(lambda found: pseudonyms.name(found[0].decode("ascii")).encode(), data)


def _standard(data: bytes, pseudonyms: Pseudonyms) -> bytes:
    new = bytearray(data)
    for place in _STANDARD_PRIVATE:
        new[place] = _other(data[place], pseudonyms)
    return bytes(new)


def _other(value: bytes, pseudonyms: Pseudonyms) -> bytes:
    """Text stays text, with the blanks that it is filled up with; other bytes become others."""
    if not value.strip(b"\0 "):
        return value
    if all(0x20 <= byte < 0x7F or not byte for byte in value):
        return pseudonyms.words(value.decode("ascii")).encode()
    return pseudonyms.octets("identity", value)


def _designators(data: bytes, what: What, pseudonyms: Pseudonyms) -> bytes:
    new = bytearray(data)
    at = 4
    while at + 4 <= len(data):
        kind, length = data[at + 1] & 0x0F, data[at + 3]
        place = slice(at + 4, at + 4 + length)
        new[place] = _designator(kind, data[place], what, pseudonyms)
        at += 4 + length
    return bytes(new)


def _designator(kind: int, value: bytes, what: What, pseudonyms: Pseudonyms) -> bytes:
    if kind == _NAME and (what.names or what.serials):
        text = value.rstrip(b"\0")
        name, comma, port = text.decode("utf-8", "replace").partition(",")
        other = (pseudonyms.name(name) + comma + port).encode()
        return (other if len(other) == len(text) else b"?" * len(text)).ljust(len(value), b"\0")
    if not what.serials or kind in _GROUPS or not value:
        return value
    if kind == _T10_VENDOR:
        return value[:_VENDOR_ID] + _other(value[_VENDOR_ID:], pseudonyms)
    if kind == _NAA:
        other = pseudonyms.octets("identity", value)
        return bytes([value[0] & 0xF0 | other[0] & 0x0F]) + other[1:]
    return _other(value, pseudonyms)
