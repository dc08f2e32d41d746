"""One period of captured traffic written many times over, at the speed of the disk.

Two successive periods of a steady conversation differ in numbers that move by a fixed step: times, TCP sequence numbers
and acknowledgements, IP ids, and words of iSCSI headers. `Template` takes the first as bytes, finds the steps by
comparing with the second, and writes any number of periods with numpy. Header digests and checksums are made anew, so
everything that it writes is right.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tests.benchmarks.steady import PERIOD_NS
from tests.support.talk_capture import Frame
from tests.support.talk_pdu import COMMAND, CRC_TABLE, Pdu

Bytes = npt.NDArray[np.uint8]
Column = npt.NDArray[np.int64]

_TABLE = np.array(CRC_TABLE, dtype=np.uint32)
_WORDS = (16, 20, 24, 28, 32, 36, 40, 44)
"Words of a header that may move."
_COMMAND_WORDS = (16, 20, 24, 28, 34)
"The same for a SCSI Command, whose CDB has the logical block address at byte 2."
_FIELDS = ((18, 2), (38, 4), (42, 4), (58, 4), (62, 4))
"""IP id, sequence number, acknowledgement, both TCP timestamps: places in an Ethernet/IPv4 frame with the timestamp
option."""
_IP_CHECKSUM, _TCP, _TCP_CHECKSUM = 24, 34, 50


@dataclass(frozen=True, slots=True)
class Format:
    """How records stand in a capture file (little-endian)."""

    ng: bool = False
    nanosecond: bool = False

    def head(self) -> bytes:
        """What a file of Ethernet frames begins with."""
        if not self.ng:
            magic = 0xA1B23C4D if self.nanosecond else 0xA1B2C3D4
            return struct.pack("<IHHiIII", magic, 2, 4, 0, 0, 262144, 1)
        section = struct.pack("<IIIHHqI", 0x0A0D0D0A, 28, 0x1A2B3C4D, 1, 0, -1, 28)
        options = struct.pack("<HHBxxxI", 9, 1, 9 if self.nanosecond else 6, 0)
        return section + struct.pack("<IIHHI", 1, 32, 1, 0, 262144) + options + struct.pack("<I", 32)

    @property
    def before(self) -> int:
        """Bytes of a record before the frame."""
        return 28 if self.ng else 16

    def words(self, ts_ns: Column) -> tuple[Column, Column]:
        """The two words of a time: seconds and fraction, or high and low."""
        unit = 1 if self.nanosecond else 1000
        if self.ng:
            return ts_ns // unit >> 32, ts_ns // unit & 0xFFFFFFFF
        return ts_ns // 1_000_000_000, ts_ns % 1_000_000_000 // unit

    @property
    def stamp(self) -> int:
        """Place of the time in a record."""
        return 12 if self.ng else 0

    def record(self, frame: Frame) -> bytes:
        """A frame as a record."""
        high, low = self.words(np.array([frame.ts_ns], dtype=np.int64))
        times = int(high[0]), int(low[0])
        size = len(frame.data)
        if not self.ng:
            return struct.pack("<IIII", *times, size, frame.orig_len) + frame.data
        body = frame.data + bytes(-size % 4)
        length = 32 + len(body)
        head = struct.pack("<IIIIIII", 6, length, 0, *times, size, frame.orig_len)
        return head + body + struct.pack("<I", length)


Piece = tuple[int, int, int, int]
"Part of a field: frame, place in the template, first and end byte of the field."


@dataclass(slots=True)
class _Field:
    """A big-endian number that moves by `step` from one period to the next."""

    value: int
    step: int
    width: int
    pieces: list[Piece]


class Template:
    """A period, ready to be repeated."""

    def __init__(
        self, fmt: Format, frames: Sequence[Sequence[Frame]], pdus: Sequence[Sequence[Pdu]], first: int
    ) -> None:
        """`frames` and `pdus` of two successive periods; `first` is the capture's index of the first frame of the
        first."""
        one, two = frames
        if [len(frame.data) for frame in one] != [len(frame.data) for frame in two] or len(pdus[0]) != len(pdus[1]):
            raise ValueError("the two periods are not alike")
        self.format = fmt
        records = [fmt.record(frame) for frame in one]
        self.bytes: Bytes = np.frombuffer(b"".join(records), dtype=np.uint8)
        self.records = np.concatenate(([0], np.cumsum([len(record) for record in records])[:-1]))
        self.places = [int(place) + fmt.before for place in self.records]
        self.times = np.array([frame.ts_ns for frame in one], dtype=np.int64)
        self.frames, self.pdus = len(one), len(pdus[0])
        self.fields = list(self._frame_fields(one, two))
        self.digests: list[tuple[list[Piece], list[Piece]]] = []
        for old, new in zip(*pdus, strict=True):
            self._pdu_fields(old, new, first)
        expected = b"".join(fmt.record(frame) for frame in two)
        if self.render(1, 2).tobytes() != expected:
            raise ValueError("the second period is not the first with its numbers moved on")

    def _frame_fields(self, one: Sequence[Frame], two: Sequence[Frame]) -> Iterator[_Field]:
        for index, (old, new) in enumerate(zip(one, two, strict=True)):
            for offset, width in _FIELDS:
                was = int.from_bytes(old.data[offset : offset + width], "big")
                now = int.from_bytes(new.data[offset : offset + width], "big")
                if now != was:
                    piece = (index, self.places[index] + offset, 0, width)
                    yield _Field(was, (now - was) & (1 << 8 * width) - 1, width, [piece])

    def _pdu_fields(self, old: Pdu, new: Pdu, first: int) -> None:
        moved = False
        for offset in _COMMAND_WORDS if old.opcode == COMMAND else _WORDS:
            was, now = old.word(offset), new.word(offset)
            if now != was:
                self.fields.append(_Field(was, (now - was) & 0xFFFFFFFF, 4, self._pieces(old, first, offset, 4)))
                moved = True
        if moved and old.header_digest:
            self.digests.append((self._pieces(old, first, 0, 48), self._pieces(old, first, 48, 4)))

    def _pieces(self, pdu: Pdu, first: int, offset: int, width: int) -> list[Piece]:
        """Where bytes [offset, offset + width) of a PDU are in the template."""
        pieces = []
        at = 0
        for frame, place, length in pdu.spans:
            low, high = max(offset, at), min(offset + width, at + length)
            if low < high:
                index = frame - first
                pieces.append((index, self.places[index] + place + low - at, low - offset, high - offset))
            at += length
        return pieces

    def render(self, begin: int, end: int) -> Bytes:
        """The records of periods [begin, end), one period a row."""
        count = np.arange(begin, end, dtype=np.int64)
        block: Bytes = np.repeat(self.bytes[np.newaxis, :], len(count), axis=0)
        # The change of the sum of 16-bit words, for each frame: first what is IP's, then TCP's.
        change = np.zeros((2, self.frames, len(count)), dtype=np.int64)
        for field in self.fields:
            values = (field.value + field.step * count) & (1 << 8 * field.width) - 1
            raw = values.astype(">u4").view(np.uint8).reshape(-1, 4)[:, 4 - field.width :]
            self._put(block, change, field.pieces, raw)
        for covered, places in self.digests:
            crc = np.full(len(count), 0xFFFFFFFF, dtype=np.uint32)
            for _, place, low, high in covered:
                for at in range(place, place + high - low):
                    crc = crc >> 8 ^ _TABLE[(crc ^ block[:, at]) & 0xFF]
            self._put(block, change, places, (~crc).astype("<u4").view(np.uint8).reshape(-1, 4))
        self._finish(block, change, count)
        return block

    def _put(self, block: Bytes, change: Column, pieces: list[Piece], raw: Bytes) -> None:
        for frame, place, low, high in pieces:
            bytes_ = raw[:, low:high]
            offset = place - self.places[frame]
            weights = np.array([256 if (offset + i) % 2 == 0 else 1 for i in range(high - low)], dtype=np.int64)
            old = self.bytes[place : place + high - low].astype(np.int64)
            change[int(offset >= _TCP), frame] += bytes_ @ weights - int(old @ weights)
            block[:, place : place + high - low] = bytes_

    def _finish(self, block: Bytes, change: Column, count: Column) -> None:
        """Times and checksums."""
        for frame, place in enumerate(self.places):
            stamp = int(self.records[frame]) + self.format.stamp
            for at, word in enumerate(self.format.words(self.times[frame] + count * PERIOD_NS)):
                block[:, stamp + 4 * at : stamp + 4 * at + 4] = word.astype("<u4").view(np.uint8).reshape(-1, 4)
            for layer, offset in enumerate((_IP_CHECKSUM, _TCP_CHECKSUM)):
                at = place + offset
                old = int(self.bytes[at]) << 8 | int(self.bytes[at + 1])
                new = (old - change[layer, frame]) % 0xFFFF
                block[:, at : at + 2] = new.astype(">u2").view(np.uint8).reshape(-1, 2)
