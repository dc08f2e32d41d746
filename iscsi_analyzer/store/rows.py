"""The PDU index: one fixed-size row for every PDU, appended by the first pass and never changed afterwards.

Compiled. Knows nothing of files, streams or meaning: numbers in, bytes out. A row is `ROW_SIZE` bytes, little-endian:

    offset  size  what
         0     8  time of the first byte of the header (ns since the epoch)
         8     8  time of the last byte of the PDU (ns since the epoch)
        16     4  frame that holds the first byte of the header (1-based)
        20     4  frame that completed the PDU (1-based)
        24     4  connection number (1-based)
        28     4  flags (the FLAG_* and *_SHIFT constants below)
        32     4  entry of the span table of its direction that holds the first header byte
        36     4  bytes of that entry before the header
        40     4  number of the PDU that asked for this one (0: none is known)
        44     4  bytes of the data segment that the capture holds
        48    48  basic header segment as captured; bytes that are missing are zero

Rows sit in blocks of `ROWS_PER_BLOCK`; a full block is an immutable `bytes` that never moves, so a reader may keep a
view of it.
"""

from __future__ import annotations

from struct import Struct
from typing import Final

from librt.strings import BytesWriter, read_i64_le, write_i64_le
from mypy_extensions import i64

from iscsi_analyzer.interpreted import INTERPRETED
from iscsi_analyzer.store.blocks import in_blocks
from iscsi_analyzer.store.places import Places

ROW_SIZE: Final = 96
ROWS_PER_BLOCK: Final = 4096

# Where a reader finds what it needs in a row (see the table above).
HEADER_AT: Final = 48

FLAG_TO_TARGET: Final = 1 << 0
"The PDU goes from the initiator to the target (I2T)."
HEADER_DIGEST_SHIFT: Final = 1
DATA_DIGEST_SHIFT: Final = 3
DIGEST_MASK: Final = 3
DIGEST_ABSENT: Final = 0
DIGEST_OK: Final = 1
DIGEST_BAD: Final = 2
DIGEST_UNKNOWN: Final = 3
FLAG_INFERRED: Final = 1 << 5
"The digest setting was inferred from the bytes, not negotiated in sight or given by the user."
FLAG_HEADER_DIGEST: Final = 1 << 6
"Four bytes of header digest follow the header segments."
FLAG_DATA_DIGEST: Final = 1 << 7
"Four bytes of data digest follow the data segment."
FLAG_CUT: Final = 1 << 8
"Bytes of the PDU are missing from the capture (a gap or the snap length)."
FLAG_UNFINISHED: Final = 1 << 9
"The stream or the capture ended before the PDU did."
FLAG_ODD: Final = 1 << 10
"The header is not one that its sender may send: opcode, first bit or additional header length."
FLAG_RESYNC: Final = 1 << 11
"First PDU after bytes that could not be framed."
CAPTURED_SHIFT: Final = 16
"Bits 16-21: bytes of the basic header that were captured (48 unless it was cut)."
CAPTURED_MASK: Final = 63

_PLAIN: Final = Struct("<qqIIIIIIII48s")
_M32: Final = 0xFFFFFFFF


class RowWriter:
    """Appends rows; readers take `blocks` and `tail()`. One writer, any number of readers."""

    def __init__(self) -> None:
        self.blocks: list[bytes] = []
        self.count: i64 = 0
        "Rows that are there."
        self.places: Places = Places()
        self._writer: BytesWriter = BytesWriter()
        self._in_block: i64 = 0
        self._plain: bool = INTERPRETED

    def add(
        self,
        time_first: i64,
        time_last: i64,
        frame_first: i64,
        frame_last: i64,
        connection: i64,
        flags: i64,
        entry: i64,
        skip: i64,
        request: i64,
        captured: i64,
        header: bytes,
    ) -> i64:
        """Appends one row, with the fields of the table above, and returns its number, counted from 1. `request` counts
        PDUs from the beginning of the capture; `header` is 48 bytes."""
        writer = self._writer
        if self.places.looked_over:
            request = self.places.of(request)
        if self._plain:
            writer.write(
                _PLAIN.pack(
                    time_first,
                    time_last,
                    frame_first,
                    frame_last,
                    connection,
                    flags,
                    entry,
                    skip,
                    request,
                    captured,
                    header,
                )
            )
        else:
            write_i64_le(writer, time_first)
            write_i64_le(writer, time_last)
            write_i64_le(writer, frame_first | (frame_last << 32))
            write_i64_le(writer, connection | (flags << 32))
            write_i64_le(writer, entry | (skip << 32))
            write_i64_le(writer, request | (captured << 32))
            writer.write(header)
        self.count += 1
        self._in_block += 1
        if self._in_block == ROWS_PER_BLOCK:
            self.blocks.append(writer.getvalue())
            self._writer = BytesWriter()
            self._in_block = 0
        return self.count

    def next_number(self) -> i64:
        """The number of the next PDU, counted from the beginning of the capture, as in all methods below."""
        return self.count + 1 + self.places.given_up

    def header(self, number: i64) -> bytes:
        """The basic header of PDU `number`, which must have been written, again; zeros if its row was given up."""
        return self._part(number, HEADER_AT, 48)

    def time_last(self, number: i64) -> i64:
        """When the last byte of PDU `number`, which must have been written, came: ns since the epoch; 0 if its row was
        given up."""
        return read_i64_le(self._part(number, 8, 8), 0)

    def origin(self, number: i64) -> i64:
        """Where PDU `number`, which must have been written, belongs: its connection | its flags << 32; 0 if its row was
        given up."""
        return read_i64_le(self._part(number, 24, 8), 0)

    def _part(self, number: i64, offset: i64, length: i64) -> bytes:
        row = self.places.of(number) - 1
        if row < 0:
            return bytes(length)
        block = row // ROWS_PER_BLOCK
        at = row % ROWS_PER_BLOCK * ROW_SIZE + offset
        end = at + length
        if block < len(self.blocks):
            return self.blocks[block][at:end]
        out = BytesWriter()
        while at < end:
            out.append(self._writer[at])
            at += 1
        return out.getvalue()

    def replace(self, rows: bytes) -> None:
        """Has these rows instead of all that there were; nobody reads meanwhile."""
        *full, rest = in_blocks(rows, ROWS_PER_BLOCK * ROW_SIZE)
        self.blocks[:] = full
        self.count = len(rows) // ROW_SIZE
        self._in_block = len(rest) // ROW_SIZE
        self._writer = BytesWriter()
        self._writer.write(rest)

    def tail(self) -> bytes:
        """The rows of the block that is still being filled, as they stand now."""
        return self._writer.getvalue()
