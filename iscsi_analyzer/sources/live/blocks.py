"""Builds the blocks of a pcapng file: little-endian, nanoseconds. Pure functions from values to bytes.

Layout and option codes as in the IETF draft draft-ietf-opsawg-pcapng; `sources.pcapng` reads them.
"""

from __future__ import annotations

import struct
from typing import Final

SECTION: Final = 0x0A0D0D0A
INTERFACE: Final = 1
STATISTICS: Final = 5
PACKET: Final = 6

_BYTE_ORDER: Final = 0x1A2B3C4D
_PACKET = struct.Struct("<IIIIIII")
_LENGTH = struct.Struct("<I")


def _block(kind: int, body: bytes) -> bytes:
    length = _LENGTH.pack(len(body) + 12)
    return _LENGTH.pack(kind) + length + body + length


def _options(*pairs: tuple[int, bytes]) -> bytes:
    """The options that have a value, and the end mark."""
    parts = [struct.pack("<HH", code, len(value)) + value + bytes(-len(value) % 4) for code, value in pairs if value]
    return b"".join(parts) + bytes(4) if parts else b""


def section_header(system: str, application: str) -> bytes:
    """The beginning of a file."""
    fixed = struct.pack("<IHHq", _BYTE_ORDER, 1, 0, -1)
    return _block(SECTION, fixed + _options((3, system.encode()), (4, application.encode())))


def interface_description(link_type: int, snaplen: int, name: str, capture_filter: str) -> bytes:
    """An interface whose time stamps are nanoseconds; they are numbered from 0 in the order of their descriptions."""
    spelled = b"\0" + capture_filter.encode() if capture_filter else b""
    return _block(
        INTERFACE,
        struct.pack("<HHI", link_type, 0, snaplen) + _options((2, name.encode()), (9, b"\x09"), (11, spelled)),
    )


def packet(interface: int, ts: int, data: bytes, wire: int) -> bytes:
    """A frame that had `wire` bytes, captured at `ts` (ns since 1970)."""
    padding = -len(data) % 4
    length = 32 + len(data) + padding
    head = _PACKET.pack(PACKET, length, interface, ts >> 32 & 0xFFFFFFFF, ts & 0xFFFFFFFF, len(data), wire)
    return b"".join((head, data, bytes(padding), _LENGTH.pack(length)))


def statistics(interface: int, ts: int, received: int, dropped: int) -> bytes:
    """How many frames an interface has seen so far, and how many of them found no room (isb_ifrecv, isb_osdrop)."""
    fixed = struct.pack("<III", interface, ts >> 32 & 0xFFFFFFFF, ts & 0xFFFFFFFF)
    return _block(STATISTICS, fixed + _options((4, struct.pack("<Q", received)), (7, struct.pack("<Q", dropped))))
