"""The PDU that a direction of a connection is busy with: what is known of it, and its row in the index when it is done.

Compiled. Base of the framer; knows nothing of how bytes arrive.
"""

from __future__ import annotations

from typing import Final

from librt.strings import read_i64_be
from mypy_extensions import i64

from dissectors.iscsi.digest import crc32c
from iscsi_analyzer.store.rows import (
    FLAG_DATA_DIGEST,
    FLAG_HEADER_DIGEST,
    FLAG_INFERRED,
    FLAG_RESYNC,
    FLAG_TO_TARGET,
    RowWriter,
)
from iscsi_analyzer.streams.context import ON, FramingContext
from iscsi_analyzer.streams.plausible import KIND_KEEP, KINDS
from iscsi_analyzer.streams.spans import SpanTable

# What the next byte is.
HEADER: Final = 0
AHS: Final = 1
HEADER_DIGEST: Final = 2
PROBE: Final = 3  # header digest or first data, to be told apart by the CRC
DATA: Final = 4
DATA_DIGEST: Final = 5
TAIL: Final = 6  # the PDU is written; a digest or the next header, to be told apart by the CRC
CUT: Final = 7  # within a PDU of which bytes are missing or the header is known bad: only counted
LOST: Final = 8

MAX_KEPT: Final = 1 << 16
"Bytes of one data segment that are kept at most (a text negotiation is guaranteed 8,192: RFC 7143 section 6.2)."

_M32: Final = 0xFFFFFFFF


def _descriptive() -> bytes:
    """CDB operation codes whose data describes the device or the nexus: worth keeping, and small."""
    table = bytearray(256)
    for code in (0x03, 0x12, 0x15, 0x1A, 0x25, 0x42, 0x4D, 0x55, 0x5A, 0x5E, 0x5F, 0x9E, 0xA0, 0xA3):
        table[code] = 1
    return bytes(table)


DESCRIPTIVE: Final = _descriptive()


class PduSink:
    """Who keeps what does not fit a row. Called after the row was written."""

    def kept(self, framer: PduInHand, number: i64, ahs: bytes, data: bytes) -> None:
        """PDU `number` has additional headers, or a data segment worth keeping (what the capture holds, no padding)."""

    def skipped(self, framer: PduInHand, length: i64, ts: i64, frame: i64) -> None:
        """`length` captured bytes before the current one could not be framed."""


class PduInHand:
    """One direction of one connection, as far as the PDU at hand is concerned."""

    def __init__(self, context: FramingContext, rows: RowWriter, sink: PduSink, to_target: bool, state: i64) -> None:
        self.context: FramingContext = context
        self.rows: RowWriter = rows
        self.sink: PduSink = sink
        self.to_target: bool = to_target
        self.spans: SpanTable = SpanTable()
        self.pdus: i64 = 0
        self.skipped: i64 = 0
        self.state: i64 = state
        # The PDU at hand.
        self.header: bytes = b""
        self.opcode: i64 = 0
        self._ahs: bytes = b""
        self._flags: i64 = 0
        self.time_first: i64 = 0
        self.time_last: i64 = 0
        self._frame_first: i64 = 0
        self._frame_last: i64 = 0
        self._entry: i64 = 0
        self._skip: i64 = 0
        self.data_length: i64 = 0
        self.captured: i64 = 0
        self.flags: i64 = 0
        self.padding: bytes = b""
        "What fills the data segment up to a multiple of four bytes, if the data was kept and all of it was captured."
        self.received: i64 = 0
        "The latest digest that did not match, as it was sent: least significant byte first (RFC 7143 section 13.1)."
        self._missing: i64 = 0
        self._remaining: i64 = 0
        self._trailer: i64 = 0
        self._written: bool = False
        self._keep: bool = False
        self._parts: list[bytes] = []
        self._kept: i64 = 0
        self._checking: bool = False
        self._crc: int = 0
        self._digests: i64 = 0  # of the PDU at hand: setting of the header digest | of the data digest << 2
        # A few bytes that straddle pieces: of a header, an AHS or a digest.
        self._small: bytes = b""
        self._need: i64 = 48
        self._doubtful: bool = False  # digests are unknown: the next header may be 4 or 8 bytes further on
        self._suspect: bool = False  # the header digest was bad: its lengths may be wrong
        # Since framing was lost.
        self._lost: i64 = 0
        self._tail: bytes = b""
        self._tail_ts: i64 = 0
        self._piece: i64 = 0

    @property
    def ahs(self) -> bytes:
        """The additional headers, as far as they were captured."""
        return self._ahs

    @property
    def entry(self) -> i64:
        """The piece of the stream in which the PDU at hand began."""
        return self._entry

    @property
    def computed(self) -> i64:
        """The digest as it follows from the bytes that it covers; means something when it was found bad."""
        return self._crc

    def _begin_fields(self, first: i64, flags: i64, digests: i64) -> None:
        """Resets what is known of the PDU at hand. `digests`: header setting | data setting << 2."""
        self.data_length = first & 0xFFFFFF
        # The digests count as parts of the PDU also when the capture lacks them.
        if digests & 3 == ON:
            flags |= FLAG_HEADER_DIGEST
        if digests >> 2 == ON and self.data_length:
            flags |= FLAG_DATA_DIGEST
        self._flags = flags | (self._flags & FLAG_RESYNC)
        self._digests = digests
        self._missing = 0
        self._written = False
        self._ahs = b""
        self._keep = KINDS[self.opcode] & KIND_KEEP != 0 or self._wanted(self.opcode)
        if self._kept:
            self._parts = []
            self._kept = 0

    def _wanted(self, opcode: i64) -> bool:
        """Whether the data belongs to a command that describes the device."""
        if opcode == 0x01:
            return DESCRIPTIVE[self.header[32]] != 0
        if opcode == 0x25 or opcode == 0x05:
            return self.context.wants_data((read_i64_be(self.header, 16) >> 32) & _M32)
        return False

    def _use(self, buf: bytes, offset: i64, length: i64) -> None:
        """Data bytes that are checksummed or kept."""
        part = buf[offset : offset + length]
        if self._checking:
            self._crc = crc32c(part, self._crc)
        if self._keep and self._kept < MAX_KEPT:
            room = MAX_KEPT - self._kept
            if length > room:
                part = part[:room]
                length = room
            self._parts.append(part)
            self._kept += length

    def _write(self) -> None:
        """Writes the row of the PDU at hand, after the model has seen it."""
        context = self.context
        opcode = self.opcode
        flags = self._flags
        if self.to_target:
            flags |= FLAG_TO_TARGET
        if context.inferred:
            flags |= FLAG_INFERRED
        captured = self.data_length - self._missing
        self.captured = captured
        self.flags = flags
        keep = self._kept != 0 or self._ahs or KINDS[opcode] & KIND_KEEP
        data = b""
        if keep:
            kept = b"".join(self._parts)
            data = kept[:captured]
            self.padding = kept[captured:]
        number = self.rows.next_number()
        request = context.follow(self, number, data)
        self.rows.add(
            self.time_first,
            self.time_last,
            self._frame_first,
            self._frame_last,
            context.number,
            flags,
            self._entry,
            self._skip,
            request,
            captured,
            self.header,
        )
        self._written = True
        self._flags = 0
        self.pdus += 1
        if keep:
            self.sink.kept(self, number, self._ahs, data)
