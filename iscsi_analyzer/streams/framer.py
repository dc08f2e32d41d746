"""Cuts one direction of a connection into iSCSI PDUs: basic header, additional headers, digests, data, padding.

Compiled. Fed with pieces of the stream in order and told of gaps; writes one row for every PDU and keeps the small data
segments that tell about the conversation. RFC 7143 section 11.2 gives the layout. Laws: every byte belongs to a PDU, to
a gap or to a counted run of skipped bytes; a header that its sender may not send is a row all the same; no length field
allocates anything.
"""

from __future__ import annotations

from librt.strings import read_i64_be
from mypy_extensions import i64

from dissectors.iscsi.digest import crc32c
from iscsi_analyzer.store.rows import (
    DATA_DIGEST_SHIFT,
    DIGEST_BAD,
    DIGEST_OK,
    DIGEST_UNKNOWN,
    FLAG_CUT,
    FLAG_HEADER_DIGEST,
    FLAG_ODD,
    FLAG_UNFINISHED,
    HEADER_DIGEST_SHIFT,
    RowWriter,
)
from iscsi_analyzer.streams.context import OFF, ON, FramingContext
from iscsi_analyzer.streams.pdu import (
    AHS,
    CUT,
    DATA,
    DATA_DIGEST,
    HEADER,
    HEADER_DIGEST,
    LOST,
    PROBE,
    TAIL,
    PduSink,
)
from iscsi_analyzer.streams.plausible import allowed, strict
from iscsi_analyzer.streams.resync import body_length
from iscsi_analyzer.streams.spans import GAP
from iscsi_analyzer.streams.usual import COMPLETE_HEADER, UsualStream


class Framer(UsualStream):
    """One direction of one connection."""

    def __init__(self, context: FramingContext, rows: RowWriter, sink: PduSink, to_target: bool, in_sync: bool) -> None:
        super().__init__(context, rows, sink, to_target, HEADER if in_sync else LOST)

    def feed(self, buf: bytes, offset: i64, length: i64, ts: i64, frame: i64, position: i64) -> None:
        """The next `length` stream bytes: buf[offset:], from `frame`, captured at `ts`, standing at `position` in
        the capture."""
        self.spans.add(position, length, frame)
        end = offset + length
        self._piece = offset
        if ts > self.time_last:
            self.time_last = ts
        if frame > self._frame_last:
            self._frame_last = frame
        while offset < end:
            state = self.state
            if state == DATA:
                take = end - offset
                remaining = self._remaining
                if take > remaining:
                    take = remaining
                if self._checking or self._keep:
                    self._use(buf, offset, take)
                offset += take
                remaining -= take
                self._remaining = remaining
                if remaining == 0:
                    self._after_data()
            elif state == HEADER:
                if end - offset >= 48 and not self._small:
                    offset = self._whole_header(buf, offset, end, ts, frame)
                else:
                    offset = self._part_of_header(buf, offset, end, ts, frame)
            elif state == CUT:
                offset = self._cut_bytes(buf, offset, end)
            elif state == LOST:
                offset = self._search(buf, offset, end, ts, frame)
            else:
                offset = self._few_bytes(buf, offset, end)

    def gap(self, length: i64, ts: i64, frame: i64) -> None:
        """The next `length` stream bytes are not in the capture."""
        self.spans.add(GAP, length, frame)
        if self._frame_last < frame:
            self._frame_last = frame
        state = self.state
        if state == LOST:
            self._tail = b""
            return
        if state == HEADER:
            if not self._begin_cut_header():
                return
        elif state == TAIL:
            self._lose(0)
            return
        elif state != CUT:
            self._become_cut()
        self._flags |= FLAG_CUT
        if length > self._remaining:
            self._missing += self._data_part(self._remaining)
            self._remaining = 0
            self._end_of_cut()
            self._lose(0)
            return
        self._missing += self._data_part(length)
        self._remaining -= length
        if self._remaining == 0:
            self._end_of_cut()

    def finish(self, ts: i64, frame: i64) -> None:
        """The stream is over (FIN, RST, port reuse or the end of the capture): what is half there is written as it
        is."""
        state = self.state
        if state == LOST:
            self._report_lost(ts, frame)
            self._tail = b""
            return
        if state == TAIL or (state == HEADER and len(self._small) == 0):
            self.state = HEADER
            self._small = b""
            return
        if state == HEADER:
            if not self._begin_cut_header():
                self._report_lost(ts, frame)
                return
        elif state != CUT:
            self._become_cut()
        if not self._written:
            self._missing += self._data_part(self._remaining)
            self._flags |= FLAG_UNFINISHED
            self._write()
        self.state = HEADER
        self._small = b""

    def _whole_header(self, buf: bytes, offset: i64, end: i64, ts: i64, frame: i64) -> i64:
        self.time_first = ts
        self.time_last = ts
        self._frame_first = frame
        self._frame_last = frame
        self._entry = self.spans.count - 1
        self._skip = offset - self._piece
        self.header = buf[offset : offset + 48]
        if self._plain:
            follows = self._usual_header(buf, offset, end)
            if follows >= 0:
                return follows
        return self._start(buf, offset, offset + 48, end, ts, frame)

    def _part_of_header(self, buf: bytes, offset: i64, end: i64, ts: i64, frame: i64) -> i64:
        """Bytes of a header that began in an earlier piece, or that ends in a later one."""
        have: i64 = len(self._small)
        if have == 0:
            self.time_first = ts
            self.time_last = ts
            self._frame_first = frame
            self._frame_last = frame
            self._entry = self.spans.count - 1
            self._skip = offset - self._piece
        take = 48 - have
        if take > end - offset:
            self._small = self._small + buf[offset:end]
            return end
        header = self._small + buf[offset : offset + take]
        self._small = b""
        self.header = header
        return self._start(header, 0, offset + take, end, ts, frame, buf)

    def _start(self, head: bytes, at: i64, offset: i64, end: i64, ts: i64, frame: i64, buf: bytes | None = None) -> i64:
        """The 48 bytes head[at:] are a header; what follows it is at buf[offset:end] (`head` itself unless `buf` is
        given)."""
        rest = head if buf is None else buf
        first = read_i64_be(head, at)
        context = self.context
        header_digest = context.header_digest
        data_digest = context.data_digest
        opcode = (first >> 56) & 0x3F
        if opcode & 0x1F == 3:
            header_digest = OFF  # no digests in login PDUs (section 6.1)
            data_digest = OFF
        flags: i64 = COMPLETE_HEADER
        if self._doubtful:
            self._doubtful = False
            if not strict(head, at, 48, self.to_target):
                if self._shifted(rest, offset, end):
                    return offset
                if not self._leads_on(rest, offset, end, first):
                    self._lose(48)
                    self._tail = self.header[1:]
                    return offset
        if not allowed(first, self.to_target):
            # A header digest will tell whether these are the lengths that were sent.
            if header_digest != ON and not self._leads_on(rest, offset, end, first):
                self.opcode = opcode
                self._begin_fields(first, FLAG_ODD | FLAG_UNFINISHED | COMPLETE_HEADER, 0)
                self._missing = self.data_length
                self._write()
                self._lose(0)
                return offset
            flags |= FLAG_ODD
        self.opcode = opcode
        self._begin_fields(first, flags, header_digest | (data_digest << 2))
        if header_digest == OFF and (first >> 24) & 0xFF == 0:
            return self._start_data(rest, offset, end)
        if (first >> 24) & 0xFF:
            self.state = AHS
            self._need = ((first >> 24) & 0xFF) * 4
            return offset
        self._crc = crc32c(self.header)
        return self._expect_header_digest(offset)

    def _expect_header_digest(self, offset: i64) -> i64:
        self._small = b""
        self._need = 4
        if self._digests & 3 == ON:
            self.state = HEADER_DIGEST
            return offset
        self._flags |= DIGEST_UNKNOWN << HEADER_DIGEST_SHIFT
        if self.data_length:
            self.state = PROBE
        else:
            self._write()
            self.state = TAIL
        return offset

    def _start_data(self, buf: bytes, offset: i64, end: i64) -> i64:
        """Headers are complete; buf[offset:end] is what is at hand of the data segment and of what follows."""
        length = self.data_length
        if length == 0:
            self._write()
            self.state = HEADER
            return offset
        padded = (length + 3) & ~3
        data_digest = (self._digests >> 2) & 3
        self._checking = data_digest != OFF and self.context.verify_data
        self._crc = 0
        self._remaining = padded
        self.state = DATA
        if data_digest == OFF and not self._keep and end - offset >= padded:
            self._write()
            self.state = HEADER
            return offset + padded
        return offset

    def _after_data(self) -> None:
        data_digest = (self._digests >> 2) & 3
        if data_digest == OFF:
            self._write()
            self.state = HEADER
            return
        self._small = b""
        self._need = 4
        if data_digest == ON:
            self.state = DATA_DIGEST
            return
        self._flags |= DIGEST_UNKNOWN << DATA_DIGEST_SHIFT
        self._write()
        self.state = TAIL

    def _few_bytes(self, buf: bytes, offset: i64, end: i64) -> i64:
        """Bytes of an AHS or of a digest, which may straddle pieces."""
        if self.state == TAIL and not self._small:
            # The four bytes may begin the next header: that is where it would stand.
            self._entry = self.spans.count - 1
            self._skip = offset - self._piece
            self.time_first = self.time_last
            self._frame_first = self._frame_last
        take = self._need - len(self._small)
        if take > end - offset:
            self._small = self._small + buf[offset:end]
            return end
        small = self._small + buf[offset : offset + take]
        self._small = b""
        offset += take
        state = self.state
        if state == AHS:
            self._ahs = small
            self._crc = crc32c(small, crc32c(self.header))
            if self._digests & 3 == OFF:
                return self._start_data(buf, offset, end)
            return self._expect_header_digest(offset)
        value: i64 = small[0] | (small[1] << 8) | (small[2] << 16) | (small[3] << 24)
        matches = value == self._crc
        if state == HEADER_DIGEST:
            if matches:
                self._flags |= DIGEST_OK << HEADER_DIGEST_SHIFT
                return self._start_data(buf, offset, end)
            self.received = value
            return self._bad_header(offset)
        if state == DATA_DIGEST:
            verdict: i64 = DIGEST_UNKNOWN
            if self._checking:
                verdict = DIGEST_OK if matches else DIGEST_BAD
                self.received = value
            self._flags |= verdict << DATA_DIGEST_SHIFT
            self._write()
            self.state = HEADER
            return offset
        if state == PROBE:
            self.context.saw_header_digest(matches)
            if matches:
                self._flags &= ~(DIGEST_UNKNOWN << HEADER_DIGEST_SHIFT)
                self._flags |= (DIGEST_OK << HEADER_DIGEST_SHIFT) | FLAG_HEADER_DIGEST
                return self._start_data(buf, offset, end)
            self._start_data(small, 4, 4)
            self._use(small, 0, 4)
            self._remaining -= 4
            if self._remaining == 0:
                self._after_data()
            return offset
        return self._tail_decided(small, matches, offset)

    def _tail_decided(self, small: bytes, matches: bool, offset: i64) -> i64:
        """Four bytes after a PDU: its digest (the data digest if it had data, else the header digest), or the next
        header."""
        if self.data_length:
            if self._checking:
                self.context.saw_data_digest(matches)
        else:
            self.context.saw_header_digest(matches)
        self.state = HEADER
        if not matches:
            self._doubtful = True
            self._small = small
        return offset

    def _bad_header(self, offset: i64) -> i64:
        """The header digest does not match: the PDU is written now, as the rest may never come; its lengths are
        doubtful."""
        self._flags |= DIGEST_BAD << HEADER_DIGEST_SHIFT
        padded = (self.data_length + 3) & ~3
        self._trailer = padded - self.data_length
        self._remaining = padded
        if padded and (self._digests >> 2) & 3 == ON:
            self._flags |= DIGEST_UNKNOWN << DATA_DIGEST_SHIFT
            self._remaining += 4
            self._trailer += 4
        missing = self._missing
        self._missing = self.data_length
        self._write()
        self._missing = missing
        self._doubtful = True
        self._suspect = self._remaining > 0
        self.state = CUT if self._suspect else HEADER
        return offset

    def _shifted(self, buf: bytes, offset: i64, end: i64) -> bool:
        """With digests unknown, what looked like a header, which ended at buf[offset], may be one or two digests that
        did not match, and then the header. If so, that header has begun."""
        for shift in (4, 8):
            joined = self.header[shift:] + buf[offset : offset + shift]
            if offset + shift <= end and strict(joined, 0, 48, self.to_target):
                self._small = self.header[shift:]
                self._skip += shift
                self.state = HEADER
                return True
        return False

    def _leads_on(self, buf: bytes, offset: i64, end: i64, first: i64) -> bool:
        """Whether a header that may not be there still has lengths that lead to a next header, or to the end of the
        segment."""
        with_header: i64 = 1 if self.context.header_digest == ON else 0
        with_data: i64 = 1 if self.context.data_digest == ON else 0
        following = offset + body_length(first, with_header, with_data)
        if following == end:
            return True
        return following + 8 <= end and allowed(read_i64_be(buf, following), self.to_target)
