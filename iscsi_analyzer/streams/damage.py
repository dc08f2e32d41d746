"""Framing where bytes are missing or make no sense: PDUs cut by gaps, and the search for the next header.

Compiled. The middle layer of the framer, between the PDU at hand and the states of an intact stream.
"""

from __future__ import annotations

from librt.strings import read_i64_be
from mypy_extensions import i64

from iscsi_analyzer.store.rows import (
    CAPTURED_SHIFT,
    DATA_DIGEST_SHIFT,
    DIGEST_UNKNOWN,
    FLAG_CUT,
    FLAG_ODD,
    FLAG_RESYNC,
    FLAG_UNFINISHED,
    HEADER_DIGEST_SHIFT,
)
from iscsi_analyzer.streams.context import OFF, ON, UNKNOWN
from iscsi_analyzer.streams.pdu import AHS, CUT, DATA, HEADER, HEADER_DIGEST, LOST, PROBE, PduInHand
from iscsi_analyzer.streams.plausible import allowed, strict
from iscsi_analyzer.streams.resync import body_length, find_digested, find_header
from iscsi_analyzer.streams.spans import GAP


class DamagedStream(PduInHand):
    """What to do when bytes of the PDU at hand are missing, or when no header is where one should be."""

    def _become_cut(self) -> None:
        """From here on bytes of this PDU are only counted: `_remaining` to its end, `_trailer` of them after the
        data."""
        header_digest: i64 = 4 if self._digests & 3 == ON else 0
        data_digest: i64 = 4 if (self._digests >> 2) & 3 == ON and self.data_length else 0
        padded = (self.data_length + 3) & ~3
        state = self.state
        small: i64 = len(self._small)
        self._trailer = padded - self.data_length + data_digest
        if state == AHS:
            self._ahs = self._small
            self._remaining = self._need - small + header_digest + padded + data_digest
        elif state == HEADER_DIGEST:
            self._remaining = 4 - small + padded + data_digest
            self._flags |= DIGEST_UNKNOWN << HEADER_DIGEST_SHIFT
        elif state == PROBE:
            self._remaining = padded - small + data_digest
        elif state == DATA:
            self._remaining += data_digest
        else:
            self._remaining = 4 - small
        if (self._digests >> 2) & 3 != OFF and self.data_length:
            self._flags |= DIGEST_UNKNOWN << DATA_DIGEST_SHIFT
        # With an unknown digest nobody knows where the next header is, to four bytes.
        unknown_header = self._digests & 3 == UNKNOWN and state in (AHS, PROBE)
        self._doubtful = unknown_header or (self._digests >> 2) & 3 == UNKNOWN
        self._small = b""
        self._checking = False
        self.state = CUT

    def _begin_cut_header(self) -> bool:
        """The rest of a header is missing. Its lengths are enough to know where the next one is; False without them."""
        have: i64 = len(self._small)
        if have < 8:
            self._lose(have)
            return False
        head = self._small + bytes(48 - have)
        first = read_i64_be(head, 0)
        if self._doubtful and not strict(head, 0, have, self.to_target):
            self._lose(have)
            return False
        possible = allowed(first, self.to_target)
        self._small = b""
        self.header = head
        self.opcode = (first >> 56) & 0x3F
        context = self.context
        header_digest = context.header_digest
        data_digest = context.data_digest
        if self.opcode & 0x1F == 3:
            header_digest = OFF
            data_digest = OFF
        flags: i64 = FLAG_CUT | (have << CAPTURED_SHIFT)
        if not possible:
            self._begin_fields(first, flags | FLAG_ODD | FLAG_UNFINISHED, 0)
            self._missing = self.data_length
            self._write()
            self._lose(0)
            return False
        self._begin_fields(first, flags, header_digest | (data_digest << 2))
        with_header: i64 = 1 if header_digest == ON else 0
        with_data: i64 = 1 if data_digest == ON else 0
        if header_digest != OFF:
            self._flags |= DIGEST_UNKNOWN << HEADER_DIGEST_SHIFT
        if data_digest != OFF and self.data_length:
            self._flags |= DIGEST_UNKNOWN << DATA_DIGEST_SHIFT
        if header_digest == UNKNOWN or data_digest == UNKNOWN:
            self._doubtful = True
        self._remaining = 48 - have + body_length(first, with_header, with_data)
        self._trailer = ((self.data_length + 3) & ~3) - self.data_length
        if with_data and self.data_length:
            self._trailer += 4
        self._checking = False
        self.state = CUT
        return True

    def _data_part(self, length: i64) -> i64:
        """How many of the next `length` bytes of a cut PDU are data."""
        before = self._remaining - self._trailer  # data and what precedes it
        ahead: i64 = 0
        if before > self.data_length:
            ahead = before - self.data_length
        data = length - ahead
        if data > before - ahead:
            data = before - ahead
        return data if data > 0 else 0

    def _cut_bytes(self, buf: bytes, offset: i64, end: i64) -> i64:
        take = end - offset
        if take > self._remaining:
            take = self._remaining
        if self._suspect:
            step, start = self._steps(offset, end)
            place = find_digested(buf, start, offset + take, end, step, self.to_target)
            if place >= 0:
                self._doubtful = False
                self._end_of_cut()
                return place
        self._remaining -= take
        if self._remaining == 0:
            self._end_of_cut()
        return offset + take

    def _end_of_cut(self) -> None:
        if not self._written:
            self._write()
        self.state = HEADER
        self._small = b""
        self._suspect = False

    def _steps(self, offset: i64, end: i64) -> tuple[i64, i64]:
        """How far apart headers can stand, and the first such place in buf[offset:end], the rest of a piece."""
        if self.context.aligned:
            return (4, offset + (-(self.spans.end - (end - offset)) & 3))
        return (1, offset)

    def _lose(self, already: i64) -> None:
        self.state = LOST
        self._lost = already
        self._small = b""
        self._tail = b""
        self._doubtful = False
        self._suspect = False

    def _search(self, buf: bytes, offset: i64, end: i64, ts: i64, frame: i64) -> i64:
        """Framing is lost: looks for a header in buf[offset:end], the rest of one piece."""
        context = self.context
        begins = offset == self._piece
        available = end - offset
        if begins and available < 48 and available >= 24 and strict(buf, offset, available, self.to_target):
            return self._found(offset, ts, frame)
        if begins and available >= 48 and strict(buf, offset, 48, self.to_target):
            return self._found(offset, ts, frame)
        if self._tail and self._found_in_tail(buf, offset, end, ts, frame):
            return offset
        step, start = self._steps(offset, end)
        place = find_header(
            buf,
            start,
            end,
            step,
            self.to_target,
            context.header_digest,
            context.data_digest,
            context,
        )
        if place < 0:
            self._lost += available
            # A header may begin in these and end in a later piece.
            if available >= 47:
                self._tail = buf[end - 47 : end]
            else:
                self._tail = (self._tail + buf[offset:end])[-47:]
            self._tail_ts = ts
            return end
        self._lost += place - offset
        return self._found(place, ts, frame)

    def _found_in_tail(self, buf: bytes, offset: i64, end: i64, ts: i64, frame: i64) -> bool:
        """Whether a header begins in the last bytes of the piece before, and goes on in buf[offset:end]."""
        tail: i64 = len(self._tail)
        # With room for a digest, or for the header after a small one, which speak for it.
        joined = self._tail + buf[offset : offset + 156 if end - offset > 156 else end]
        here = self.spans.end - (end - offset)
        step: i64 = 4 if self.context.aligned else 1
        start = -(here - tail) & 3 if self.context.aligned else 0
        context = self.context
        place = find_header(
            joined, start, len(joined), step, self.to_target, context.header_digest, context.data_digest, context
        )
        if place < 0 or place >= tail:
            return False
        self._lost -= tail - place
        small = self._tail[place:]
        self._found(offset, ts, frame)
        self._small = small
        entry, skip = self.spans.find((here - (tail - place)) & 0xFFFFFFFF)
        self._entry = entry
        self._skip = skip
        self.time_first = self._tail_ts
        self.time_last = ts
        self._frame_first = self.spans.frame(entry) if entry >= 0 else frame
        self._frame_last = frame
        return True

    def _found(self, offset: i64, ts: i64, frame: i64) -> i64:
        if self._lost:
            self._flags = FLAG_RESYNC
            self._report_lost(ts, frame)
        self.state = HEADER
        self._small = b""
        self._tail = b""
        return offset

    def pass_over(self, length: i64, frame: i64) -> None:
        """The stream begins with `length` bytes that were seen, up to `frame`, but nobody keeps."""
        self.spans.add(GAP, length, frame)
        self._lost += length

    def _report_lost(self, ts: i64, frame: i64) -> None:
        if self._lost:
            self.skipped += self._lost
            self.sink.skipped(self, self._lost, ts, frame)
            self._lost = 0
