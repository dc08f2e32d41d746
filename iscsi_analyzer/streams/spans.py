"""Where the bytes of one direction of a connection lie in the capture, 16 bytes for every piece.

Compiled. A piece is a run of stream bytes that one captured frame holds without interruption, or a gap. An entry is,
little-endian: the position in the capture (8 bytes; -1 for a gap), the low 32 bits of the stream offset, and the frame
number. A piece ends where the next one begins, and the last one at `end`.
"""

from __future__ import annotations

from struct import Struct
from typing import Final

from librt.strings import BytesWriter, read_i64_le, write_i64_le
from mypy_extensions import i64

from iscsi_analyzer.interpreted import INTERPRETED

ENTRY_SIZE: Final = 16
ENTRIES_PER_BLOCK: Final = 4096
GAP: Final = -1

_PLAIN: Final = Struct("<qII")
_M32: Final = 0xFFFFFFFF


class SpanTable:
    """The pieces of one direction, in stream order."""

    def __init__(self) -> None:
        self.blocks: list[bytes] = []
        self.count: i64 = 0
        self.end: i64 = 0
        self._writer: BytesWriter = BytesWriter()
        self._in_block: i64 = 0
        self._plain: bool = INTERPRETED

    def add(self, position: i64, length: i64, frame: i64) -> None:
        """Appends a piece of `length` bytes that lies at `position` (or GAP) and came with `frame`."""
        writer = self._writer
        if self._in_block == ENTRIES_PER_BLOCK:
            self.blocks.append(writer.getvalue())
            writer = BytesWriter()
            self._writer = writer
            self._in_block = 0
        if self._plain:
            writer.write(_PLAIN.pack(position, self.end & _M32, frame))
        else:
            write_i64_le(writer, position)
            write_i64_le(writer, (self.end & _M32) | (frame << 32))
        self._in_block += 1
        self.count += 1
        self.end += length

    def pieces(self, entry: i64, skip: i64, length: i64) -> list[tuple[int, int]]:
        """Where `length` stream bytes lie that begin `skip` bytes into piece number `entry` (from 0).

        Returns (position, length) pairs in stream order; position is GAP where the capture lacks the bytes. Shorter
        than asked where the stream ends. Not for the hot path.
        """
        found: list[tuple[int, int]] = []
        tail = self.tail()
        while length > 0 and entry < self.count:
            position, start = self._entry(entry, tail)
            if entry + 1 < self.count:
                _, stop = self._entry(entry + 1, tail)
            else:
                stop = self.end & _M32
            size = (stop - start) & _M32
            if skip < size:
                take = size - skip
                if take > length:
                    take = length
                found.append((position if position == GAP else position + skip, take))
                length -= take
                skip = 0
            else:
                skip -= size
            entry += 1
        return found

    def frames(self, entry: i64, skip: i64, length: i64) -> list[int]:
        """The frames that hold any of these stream bytes (arguments as for `pieces`), each once, in ascending order.
        Not for the hot path."""
        found: set[int] = set()
        tail = self.tail()
        while length > 0 and entry < self.count:
            position, start = self._entry(entry, tail)
            stop = self.end & _M32
            if entry + 1 < self.count:
                _, stop = self._entry(entry + 1, tail)
            size = ((stop - start) & _M32) - skip
            if size > 0:
                length -= size
                skip = 0
                if position != GAP:
                    found.add(self._frame(entry, tail))
            else:
                skip = -size
            entry += 1
        return sorted(found)

    def forget(self, since: i64, needed: set[int]) -> None:
        """Gives up the blocks before the one of piece number `since`, but for those that are `needed`. Whoever asks for
        a piece that was given up gets an IndexError."""
        behind = self.count - ENTRIES_PER_BLOCK  # `find` looks so far back
        if since > behind:
            since = behind
        for block in range(since // ENTRIES_PER_BLOCK):
            if block not in needed:
                self.blocks[block] = b""

    @property
    def size(self) -> int:
        """Bytes of memory that the pieces need."""
        return sum(map(len, self.blocks)) + self._in_block * ENTRY_SIZE

    def tail(self) -> bytes:
        """The entries of the block that is still being filled, as they stand now."""
        return self._writer.getvalue()

    def find(self, offset: i64) -> tuple[int, int]:
        """The piece that holds stream byte `offset` (its low 32 bits), as (entry, bytes before it).

        Meant for recent bytes (a retransmission): (-1, 0) when the byte is not within the last `ENTRIES_PER_BLOCK`
        pieces.
        """
        wanted = (self.end - offset) & _M32  # bytes from there to the end
        low = self.count - ENTRIES_PER_BLOCK
        if low < 0:
            low = 0
        high = self.count - 1
        if wanted == 0 or high < 0:
            return (-1, 0)
        tail = self.tail()
        while low < high:
            middle = (low + high + 1) // 2
            _, start = self._entry(middle, tail)
            if (self.end - start) & _M32 >= wanted:
                low = middle
            else:
                high = middle - 1
        _, start = self._entry(low, tail)
        behind = (self.end - start) & _M32
        if behind < wanted or behind >= 0x80000000:
            return (-1, 0)
        return (low, behind - wanted)

    def frame(self, entry: i64) -> int:
        """The frame that piece number `entry` came with."""
        return self._frame(entry, self.tail())

    def _entry(self, entry: i64, tail: bytes) -> tuple[int, int]:
        block = entry // ENTRIES_PER_BLOCK
        at = (entry % ENTRIES_PER_BLOCK) * ENTRY_SIZE
        data = self.blocks[block] if block < len(self.blocks) else tail
        return (read_i64_le(data, at), read_i64_le(data, at + 8) & _M32)

    def _frame(self, entry: i64, tail: bytes) -> int:
        block = entry // ENTRIES_PER_BLOCK
        data = self.blocks[block] if block < len(self.blocks) else tail
        return (read_i64_le(data, (entry % ENTRIES_PER_BLOCK) * ENTRY_SIZE + 8) >> 32) & _M32
