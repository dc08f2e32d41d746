"""The blocks of pcapng in the other byte order, for files of both orders that become one. Pure functions of bytes.

Layout and option codes as in the IETF draft draft-ietf-opsawg-pcapng.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from typing import Final

from iscsi_analyzer.sources.pcapng_blocks import byte_order, options

SECTION: Final = 0x0A0D0D0A
INTERFACE: Final = 1
OLD_PACKET: Final = 2
SIMPLE_PACKET: Final = 3
NAMES: Final = 4
STATISTICS: Final = 5
PACKET: Final = 6
JOURNAL: Final = 9
SECRETS: Final = 10
CUSTOM: Final = 0x0BAD
CUSTOM_NOT_COPIED: Final = 0x40000BAD

OPTION_MAX: Final = 0xFFFF
"No option is longer (bytes)."
WHOLE: Final = 0
"Width of a value that is one number."
_NUMBERS: Final[dict[int, dict[int, int]]] = {
    INTERFACE: {8: WHOLE, 10: WHOLE, 14: WHOLE, 16: WHOLE, 17: WHOLE},
    OLD_PACKET: {2: WHOLE},
    STATISTICS: {2: 4, 3: 4, **dict.fromkeys(range(4, 9), WHOLE)},
    PACKET: {2: WHOLE, 4: WHOLE, 5: WHOLE, 6: WHOLE},
}
"Block type -> code of each option that is a number, or several -> bytes of each."
_CUSTOM_OPTIONS: Final = frozenset((2988, 2989, 19372, 19373))
"They begin with the number of who made them."


def prefix(big_endian: bool) -> str:
    """The sign of a byte order for `struct`."""
    return ">" if big_endian else "<"


def block(kind: int, body: bytes, big_endian: bool) -> bytes:
    """A block around its body, which is padded to four bytes."""
    order = prefix(big_endian)
    body += bytes(-len(body) % 4)
    length = struct.pack(order + "I", len(body) + 12)
    return struct.pack(order + "I", kind) + length + body + length


def joined(found: Iterable[tuple[int, bytes]], big_endian: bool) -> bytes:
    """Options with their padding, and the end mark if there are any. What is too long for an option is cut."""
    head = struct.Struct(prefix(big_endian) + "HH")
    parts = []
    for code, value in found:
        kept = value[:OPTION_MAX]
        parts += [head.pack(code, len(kept)), kept, bytes(-len(kept) % 4)]
    return b"".join(parts) + bytes(4) if parts else b""


def turned_options(kind: int, found: Iterable[tuple[int, bytes]]) -> list[tuple[int, bytes]]:
    """The options of a block in the other byte order."""
    numbers = _NUMBERS.get(kind, {})
    return [(code, _turned_option(code, value, numbers.get(code))) for code, value in found]


def _turned_option(code: int, value: bytes, width: int | None) -> bytes:
    if code in _CUSTOM_OPTIONS:
        return value[:4][::-1] + value[4:]
    if width is None:
        return value
    return _turned(value, width or len(value))


def _turned(data: bytes, width: int) -> bytes:
    """Numbers of `width` bytes each, every one turned round."""
    return b"".join(data[at : at + width][::-1] for at in range(0, len(data), width))


def turned_body(kind: int, body: bytes, big_endian: bool) -> bytes | None:
    """The body of a block that is neither a section header nor a packet, in the other byte order than the one that it
    has; None if nobody can know how."""
    if kind == INTERFACE:
        return _turned(body[:4], 2) + _turned(body[4:8], 4) + _turned_end(kind, body[8:], big_endian)
    if kind == STATISTICS:
        return _turned(body[:12], 4) + _turned_end(kind, body[12:], big_endian)
    if kind == NAMES:
        return _turned_names(body, big_endian)
    if kind == SECRETS:
        end = 8 + (int.from_bytes(body[4:8], byte_order(big_endian)) + 3 & ~3)
        return _turned(body[:8], 4) + body[8:end] + _turned_end(kind, body[end:], big_endian)
    if kind in (CUSTOM, CUSTOM_NOT_COPIED):
        return body[:4][::-1] + body[4:]
    return body if kind == JOURNAL else None


def _turned_end(kind: int, data: bytes, big_endian: bool) -> bytes:
    """The options at the end of a block."""
    return joined(turned_options(kind, options(data, big_endian)), not big_endian)


def _turned_names(body: bytes, big_endian: bool) -> bytes:
    """The records of a Name Resolution Block: type, length, value; the last one is of type 0."""
    order = byte_order(big_endian)
    parts = []
    at = 0
    while at + 4 <= len(body):
        length = int.from_bytes(body[at + 2 : at + 4], order)
        last = body[at : at + 2] == b"\0\0"
        end = at + 4 + (length + 3 & ~3)
        parts.append(_turned(body[at : at + 4], 2) + body[at + 4 : end])
        at = end
        if last:
            break
    return b"".join(parts) + _turned_end(NAMES, body[at:], big_endian)
