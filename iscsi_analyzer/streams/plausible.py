"""Could these bytes be the basic header of an iSCSI PDU? Asked when framing starts, is lost, or is in doubt.

Compiled, stateless. A header is judged against what RFC 7143 section 11 fixes for its opcode. Two degrees: `allowed`
(opcode and additional-header length are possible for that sender: all that an intact stream is asked for, as even wrong
PDUs must be framed) and `strict` (also every reserved and fixed bit is as written, so that random or zero bytes do not
pass).
"""

from __future__ import annotations

from typing import Final

from librt.strings import read_i64_be
from mypy_extensions import i64

KIND_TO_TARGET: Final = 1
KIND_TO_INITIATOR: Final = 2
KIND_VENDOR: Final = 4
KIND_FIXED_F: Final = 8
KIND_NO_DATA: Final = 16
KIND_AHS: Final = 32
KIND_KEEP: Final = 64
"""The data segment is small and tells about the conversation (text, sense, rejected header, ping): the first pass keeps
it."""


def _kinds() -> bytes:
    table = bytearray(64)
    for opcode in (0x00, 0x02, 0x04, 0x06, 0x10):
        table[opcode] = KIND_TO_TARGET | KIND_FIXED_F
    for opcode in (0x01, 0x03, 0x05):
        table[opcode] = KIND_TO_TARGET
    for opcode in (0x20, 0x21, 0x22, 0x26, 0x31, 0x32, 0x3F):
        table[opcode] = KIND_TO_INITIATOR | KIND_FIXED_F
    for opcode in (0x23, 0x24, 0x25):
        table[opcode] = KIND_TO_INITIATOR
    for opcode in (0x1C, 0x1D, 0x1E):
        table[opcode] = KIND_TO_TARGET | KIND_VENDOR | KIND_AHS
    for opcode in (0x3C, 0x3D, 0x3E):
        table[opcode] = KIND_TO_INITIATOR | KIND_VENDOR | KIND_AHS
    # Text Requests and Responses may clear F while a negotiation goes on (section 11.10.1).
    table[0x04] &= ~KIND_FIXED_F
    for opcode in (0x02, 0x06, 0x10, 0x22, 0x26, 0x31):
        table[opcode] |= KIND_NO_DATA
    table[0x01] |= KIND_AHS
    for opcode in (0x00, 0x03, 0x04, 0x20, 0x21, 0x23, 0x24, 0x32, 0x3F):
        table[opcode] |= KIND_KEEP
    return bytes(table)


KINDS: Final = _kinds()

# The reserved bits of each header as RFC 7143 section 11 draws it, I bit of responses included (section 11.2.1.1).
_RESERVED_HEX: Final = {
    0x00: "807fffff00000000 0000000000000000 0000000000000000 0000000000000000 ffffffffffffffff ffffffffffffffff",
    0x01: "80180fff00000000 0000000000000000 0000000000000000 0000000000000000 0000000000000000 0000000000000000",
    0x02: "8000ffff00000000 0000000000000000 0000000000000000 0000000000000000 0000000000000000 ffffffffffffffff",
    0x03: "8030000000000000 0000000000000000 000000000000ffff 0000000000000000 ffffffffffffffff ffffffffffffffff",
    0x04: "803fffff00000000 0000000000000000 0000000000000000 0000000000000000 ffffffffffffffff ffffffffffffffff",
    0x05: "c07fffff00000000 0000000000000000 0000000000000000 ffffffff00000000 ffffffff00000000 00000000ffffffff",
    0x06: "8000ffff00000000 ffffffffffffffff 000000000000ffff 0000000000000000 ffffffffffffffff ffffffffffffffff",
    0x10: "c070ffff00000000 0000000000000000 0000000000000000 ffffffff00000000 ffffffffffffffff 0000000000000000",
    0x20: "c07fffff00000000 0000000000000000 0000000000000000 0000000000000000 00000000ffffffff ffffffffffffffff",
    0x21: "c061000000000000 0000ffffffffffff 0000000000000000 0000000000000000 0000000000000000 0000000000000000",
    0x22: "c07f00ff00000000 000000ffffffffff 00000000ffffffff 0000000000000000 00000000ffffffff ffffffffffffffff",
    0x23: "c030000000000000 0000000000000000 00000000ffffffff 0000000000000000 000000000000ffff ffffffffffffffff",
    0x24: "c03fffff00000000 0000000000000000 0000000000000000 0000000000000000 00000000ffffffff ffffffffffffffff",
    0x25: "c038ff0000000000 0000000000000000 0000000000000000 0000000000000000 0000000000000000 0000000000000000",
    0x26: "c07f00ff00000000 ffffffffffffffff 00000000ffffffff 0000000000000000 00000000ffffffff 00000000ffffffff",
    0x31: "c07fffff00000000 0000000000000000 0000000000000000 0000000000000000 0000000000000000 0000000000000000",
    0x32: "c07fffff00000000 0000000000000000 00000000ffffffff 0000000000000000 0000000000000000 00000000ffffffff",
    0x3F: "c07f00ff00000000 ffffffffffffffff 00000000ffffffff 0000000000000000 0000000000000000 ffffffffffffffff",
}


def reserved_bits(opcode: int) -> bytes:
    """The bits of a header that are reserved, as a mask of 48 bytes; all zero for opcodes without a fixed layout."""
    text = _RESERVED_HEX.get(opcode, "")
    return bytes.fromhex(text) if text else bytes(48)


def _reserved() -> list[int]:
    words: list[int] = []
    for opcode in range(64):
        mask = reserved_bits(opcode)
        for at in range(0, 48, 8):
            words.append(int.from_bytes(mask[at : at + 8], "big", signed=True))
    return words


_RESERVED: Final = _reserved()

_M32: Final = 0xFFFFFFFF


def allowed(first_word: i64, to_target: bool) -> bool:
    """Whether the first eight header bytes (big-endian) are possible from that sender: the least that framing relies
    on."""
    if first_word < 0:
        return False  # bit 0 of byte 0 is reserved (section 11.2.1)
    opcode = (first_word >> 56) & 0x3F
    kind: i64 = KINDS[opcode]
    if to_target:
        if not kind & KIND_TO_TARGET:
            return False
    elif not kind & KIND_TO_INITIATOR:
        return False
    return (first_word >> 24) & 0xFF == 0 or kind & KIND_AHS != 0


def strict(buf: bytes, offset: i64, available: i64, to_target: bool) -> bool:
    """Whether `available` bytes (8 to 48 are looked at) at `offset` read like a header down to the reserved bits.

    Vendor opcodes never pass: nothing in them can be checked.
    """
    if available < 8:
        return False
    first = read_i64_be(buf, offset)
    if not allowed(first, to_target):
        return False
    opcode = (first >> 56) & 0x3F
    kind: i64 = KINDS[opcode]
    if kind & KIND_VENDOR:
        return False
    if kind & KIND_FIXED_F and not (first >> 48) & 0x80:
        return False
    if kind & KIND_NO_DATA and first & 0xFFFFFF:
        return False
    if (first >> 24) & 0xFF > 64:
        return False
    words: i64 = available >> 3
    if words > 6:
        words = 6
    at = opcode * 6
    index: i64 = 0
    while index < words:
        mask: i64 = _RESERVED[at + index]
        if read_i64_be(buf, offset + index * 8) & mask:
            return False
        index += 1
    return _sane(buf, offset, words, opcode, first)


def _sane(buf: bytes, offset: i64, words: i64, opcode: i64, first: i64) -> bool:
    """Relations between fields that a real header keeps and random bytes seldom do."""
    flags = (first >> 48) & 0xFF
    if opcode == 0x03 or opcode == 0x23:
        # Stages are 0, 1 and 3; a login moves forward (section 11.12.3); the only version is 0.
        csg = (flags >> 2) & 3
        nsg = flags & 3
        if csg == 2 or (flags & 0x80 and (nsg == 2 or nsg <= csg)):
            return False
        return (first >> 32) & 0xFFFF == 0
    if opcode == 0x02:
        function = flags & 0x7F
        return 0 < function <= 14  # 12 are assigned (section 11.5.1, RFC 7144 section 9)
    if opcode == 0x06:
        return flags & 0x7F <= 2  # reasons (section 11.14.1)
    if opcode == 0x10:
        return flags & 0x0F <= 3  # types (section 11.16.1)
    if words < 3:
        return True
    tags = read_i64_be(buf, offset + 16)
    if words > 3 and tags == 0 and read_i64_be(buf, offset + 24) == 0:
        return False  # neither tags nor numbers: zeros are much more often data
    if opcode == 0x31:
        return tags & _M32 != _M32  # an R2T needs a Target Transfer Tag (section 11.8.5)
    if opcode == 0x32 or opcode == 0x3F:
        return (tags >> 32) & _M32 == _M32
    if opcode == 0x21:
        # Response 0 carries a status; 0x02-0x7f are reserved (section 11.4.3).
        response = (first >> 40) & 0xFF
        return response < 2 or response >= 0x80
    if opcode == 0x01:
        # Data moves only with R or W; immediate data needs W (section 11.3.1).
        if first & 0xFFFFFF and not flags & 0x20:
            return False
        return flags & 0x07 <= 4 and (flags & 0x80 != 0 or flags & 0x20 != 0)
    if opcode == 0x25:
        return flags & 0x01 == 0 or flags & 0x80 != 0  # status only with the final PDU (section 11.7.3)
    return True
