"""The short way through a usual header, for runs without a compiler.

Compiled with the rest of the framer, whose lower half it is: between the PDU at hand and the states of an intact
stream. Knows headers that need no second look: no digests, no additional headers, no data worth keeping.
"""

from __future__ import annotations

from struct import Struct
from typing import Final

from mypy_extensions import i64

from iscsi_analyzer.interpreted import INTERPRETED
from iscsi_analyzer.store.rows import CAPTURED_SHIFT, FLAG_RESYNC, RowWriter
from iscsi_analyzer.streams.context import OFF, FramingContext
from iscsi_analyzer.streams.damage import DamagedStream
from iscsi_analyzer.streams.pdu import DATA, DESCRIPTIVE, PduSink

COMPLETE_HEADER: Final = 48 << CAPTURED_SHIFT
"Flags of a row: all bytes of the header were captured."

_START: Final = Struct(">B3xI")
"Byte 0, and TotalAHSLength with DataSegmentLength."
_TAG: Final = Struct(">16xI")


def _firsts(*opcodes: int) -> bytes:
    """A table of all first bytes of headers: 1 for these opcodes, immediate or not."""
    table = bytearray(256)
    for opcode in opcodes:
        table[opcode] = table[opcode | 0x40] = 1
    return bytes(table)


_TO_TARGET: Final = _firsts(0x01, 0x05)
_TO_INITIATOR: Final = _firsts(0x25, 0x31)


class UsualStream(DamagedStream):
    """One direction, as far as nothing is unusual."""

    def __init__(self, context: FramingContext, rows: RowWriter, sink: PduSink, to_target: bool, state: i64) -> None:
        super().__init__(context, rows, sink, to_target, state)
        self._plain: bool = INTERPRETED
        self._usual: bytes = _TO_TARGET if to_target else _TO_INITIATOR

    def _usual_header(self, buf: bytes, offset: i64, end: i64) -> i64:
        """The header at buf[offset:], which `self.header` holds, with what follows it before buf[end]. Returns where
        the next one begins or the data goes on; -1 if it is no usual header, of which nothing was done then."""
        context = self.context
        first: i64
        length: i64
        first, length = _START.unpack_from(buf, offset)
        if (
            not self._usual[first]
            or length > 0xFFFFFF
            or self._doubtful
            or context.header_digest != OFF
            or context.data_digest != OFF
        ):
            return -1
        opcode = first & 0x3F
        if opcode == 0x01:
            if DESCRIPTIVE[buf[offset + 32]]:
                return -1
        elif opcode != 0x31:
            tag: i64 = _TAG.unpack_from(buf, offset)[0]
            if context.wants_data(tag):
                return -1
        self.opcode = opcode
        self.data_length = length
        self._flags = COMPLETE_HEADER | (self._flags & FLAG_RESYNC)
        self._digests = 0
        self._missing = 0
        self._written = False
        self._ahs = b""
        self._keep = False
        self._checking = False
        if self._kept:
            self._parts = []
            self._kept = 0
        offset += 48
        padded = (length + 3) & ~3
        if end - offset >= padded:
            self._write()
            return offset + padded
        self._remaining = padded
        self.state = DATA
        return offset
