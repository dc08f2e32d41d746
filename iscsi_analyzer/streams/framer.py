"""Cuts one direction of a connection into iSCSI PDUs: basic header, additional headers, digests, data, padding.

Compiled. Fed with pieces of the stream in order and told of gaps; writes one row for every PDU and keeps the small data segments
that tell about the conversation. RFC 7143 section 11.2 gives the layout. Laws: every byte belongs to a PDU, to a gap or to a counted
run of skipped bytes; a header that its sender may not send is a row all the same; no length field allocates anything.
"""

from __future__ import annotations

from typing import Final

from librt.strings import read_i64_be
from mypy_extensions import i64

from dissectors.iscsi.digest import crc32c
from iscsi_analyzer.store.rows import (
    CAPTURED_SHIFT,
    DATA_DIGEST_SHIFT,
    DIGEST_BAD,
    DIGEST_OK,
    DIGEST_UNKNOWN,
    FLAG_CUT,
    FLAG_DATA_DIGEST,
    FLAG_HEADER_DIGEST,
    FLAG_INFERRED,
    FLAG_ODD,
    FLAG_RESYNC,
    FLAG_TO_TARGET,
    FLAG_UNFINISHED,
    HEADER_DIGEST_SHIFT,
    RowWriter,
)
from iscsi_analyzer.streams.context import KEEP_DATA, OFF, ON, UNKNOWN, FramingContext
from iscsi_analyzer.streams.plausible import KIND_KEEP, KINDS, allowed, strict
from iscsi_analyzer.streams.resync import body_length, find_header
from iscsi_analyzer.streams.spans import GAP, SpanTable

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
_COMPLETE_HEADER: Final = 48 << CAPTURED_SHIFT


def _descriptive() -> bytes:
    """CDB operation codes whose data describes the device or the nexus: worth keeping, and small."""
    table = bytearray(256)
    for code in (0x03, 0x12, 0x15, 0x1A, 0x25, 0x42, 0x4D, 0x55, 0x5A, 0x5E, 0x5F, 0x9E, 0xA0, 0xA3):
        table[code] = 1
    return bytes(table)


_DESCRIPTIVE: Final = _descriptive()


class PduSink:
    """Who wants to know of more than the row. Called after the row was written."""

    def pdu(self, framer: Framer, number: i64, opcode: i64, header: bytes, ahs: bytes, data: bytes) -> None:
        """A PDU with additional headers or with a data segment that was kept (`data`: what the capture holds of it, no padding)."""

    def skipped(self, framer: Framer, length: i64, ts: i64, frame: i64) -> None:
        """`length` captured bytes before the current one could not be framed."""


class Framer:
    """One direction of one connection."""

    def __init__(
        self, context: FramingContext, rows: RowWriter, sink: PduSink, to_target: bool, in_sync: bool
    ) -> None:
        self.context: FramingContext = context
        self.rows: RowWriter = rows
        self.sink: PduSink = sink
        self.to_target: bool = to_target
        self.spans: SpanTable = SpanTable()
        self.pdus: i64 = 0
        self.skipped: i64 = 0
        self.state: i64 = HEADER if in_sync else LOST
        # The PDU at hand.
        self._header: bytes = b""
        self._opcode: i64 = 0
        self._ahs: bytes = b""
        self._flags: i64 = 0
        self._time_first: i64 = 0
        self._time_last: i64 = 0
        self._frame_first: i64 = 0
        self._frame_last: i64 = 0
        self._entry: i64 = 0
        self._skip: i64 = 0
        self._data_length: i64 = 0
        self._missing: i64 = 0
        self._remaining: i64 = 0
        self._trailer: i64 = 0
        self._written: bool = False
        self._keep: bool = False
        self._parts: list[bytes] = []
        self._kept: i64 = 0
        self._checking: bool = False
        self._crc: int = 0
        self._digests: i64 = 0  # of the PDU at hand: bit 0 header digest, bit 1 data digest, bit 2 / 3 the same unknown
        # A few bytes that straddle pieces: of a header, an AHS or a digest.
        self._small: bytes = b""
        self._need: i64 = 48
        self._doubtful: bool = False  # digests are unknown: the next header may be 4 or 8 bytes further on
        # Since framing was lost.
        self._lost: i64 = 0
        self._tail: bytes = b""
        self._piece: i64 = 0

    def feed(self, buf: bytes, offset: i64, length: i64, ts: i64, frame: i64, position: i64) -> None:
        """The next `length` stream bytes: buf[offset:], from `frame`, captured at `ts`, standing at `position` in the capture."""
        self.spans.add(position, length, frame)
        end = offset + length
        self._piece = offset
        if ts > self._time_last:
            self._time_last = ts
        if frame > self._frame_last:
            self._frame_last = frame
        while offset < end:
            state = self.state
            if state == DATA:
                take = end - offset
                if take > self._remaining:
                    take = self._remaining
                if self._checking or self._keep:
                    self._use(buf, offset, take)
                self._remaining -= take
                offset += take
                if self._remaining == 0:
                    self._after_data()
            elif state == HEADER:
                if end - offset >= 48 and not self._small:
                    offset = self._whole_header(buf, offset, end, ts, frame)
                else:
                    offset = self._part_of_header(buf, offset, end, ts, frame)
            elif state == CUT:
                offset = self._cut_bytes(offset, end)
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
            if len(self._small) < 8:
                self._lose(len(self._small))
                return
            self._begin_cut_header()
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
        """The stream is over (FIN, RST, port reuse or the end of the capture): what is half there is written as it is."""
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
            if len(self._small) < 8:
                self._lose(len(self._small))
                self._report_lost(ts, frame)
                return
            self._begin_cut_header()
        elif state != CUT:
            self._become_cut()
        if not self._written:
            self._missing += self._data_part(self._remaining)
            self._flags |= FLAG_UNFINISHED
            self._write()
        self.state = HEADER
        self._small = b""

    def restart(self, ts: i64, frame: i64) -> None:
        """An unknown number of bytes is missing here."""
        self.finish(ts, frame)
        self._lose(0)

    # --- headers -------------------------------------------------------------------------------------------------------

    def _whole_header(self, buf: bytes, offset: i64, end: i64, ts: i64, frame: i64) -> i64:
        self._time_first = ts
        self._time_last = ts
        self._frame_first = frame
        self._frame_last = frame
        self._entry = self.spans.count - 1
        self._skip = offset - self._piece
        self._header = buf[offset : offset + 48]
        return self._start(buf, offset, offset + 48, end, ts, frame)

    def _part_of_header(self, buf: bytes, offset: i64, end: i64, ts: i64, frame: i64) -> i64:
        """Bytes of a header that began in an earlier piece, or that ends in a later one."""
        have: i64 = len(self._small)
        if have == 0:
            self._time_first = ts
            self._time_last = ts
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
        self._header = header
        return self._start(header, 0, offset + take, end, ts, frame, buf)

    def _start(
        self, head: bytes, at: i64, offset: i64, end: i64, ts: i64, frame: i64, buf: bytes | None = None
    ) -> i64:
        """The 48 bytes head[at:] are a header; what follows it is at buf[offset:end] (`head` itself unless `buf` is given)."""
        rest = head if buf is None else buf
        first = read_i64_be(head, at)
        context = self.context
        header_digest = context.header_digest
        data_digest = context.data_digest
        opcode = (first >> 56) & 0x3F
        if opcode & 0x1F == 3:
            header_digest = OFF  # no digests in login PDUs (section 6.1)
            data_digest = OFF
        flags: i64 = _COMPLETE_HEADER
        if not allowed(first, self.to_target):
            shift = self._doubtful_shift(rest, offset, end)
            if shift:
                return shift
            if not self._odd_but_framed(rest, offset, end, first):
                self._opcode = opcode
                self._begin_fields(first, FLAG_ODD | FLAG_UNFINISHED | _COMPLETE_HEADER, 0)
                self._missing = self._data_length
                self._write()
                self._lose(0)
                return offset
            flags |= FLAG_ODD
        self._doubtful = False
        self._opcode = opcode
        self._begin_fields(first, flags, header_digest | (data_digest << 2))
        if header_digest == OFF and (first >> 24) & 0xFF == 0:
            return self._start_data(rest, offset, end)
        if (first >> 24) & 0xFF:
            self.state = AHS
            self._need = ((first >> 24) & 0xFF) * 4
            return offset
        self._crc = crc32c(self._header)
        return self._expect_header_digest(offset)

    def _begin_fields(self, first: i64, flags: i64, digests: i64) -> None:
        """Resets what is known of the PDU at hand. `digests`: header setting | data setting << 2."""
        self._flags = flags | (self._flags & FLAG_RESYNC)
        self._digests = digests
        self._data_length = first & 0xFFFFFF
        self._missing = 0
        self._written = False
        self._ahs = b""
        self._keep = KINDS[self._opcode] & KIND_KEEP != 0 or self._wanted(self._opcode)
        if self._kept:
            self._parts = []
            self._kept = 0

    def _wanted(self, opcode: i64) -> bool:
        """Whether the data belongs to a command that describes the device."""
        if opcode == 0x01:
            return _DESCRIPTIVE[self._header[32]] != 0
        if opcode == 0x25 or opcode == 0x05:
            tag = (read_i64_be(self._header, 16) >> 32) & _M32
            return self.context.requests.get(tag, 0) >= KEEP_DATA
        return False

    def _expect_header_digest(self, offset: i64) -> i64:
        self._small = b""
        self._need = 4
        if self._digests & 3 == ON:
            self.state = HEADER_DIGEST
            self._flags |= FLAG_HEADER_DIGEST
            return offset
        self._flags |= DIGEST_UNKNOWN << HEADER_DIGEST_SHIFT
        if self._data_length:
            self.state = PROBE
        else:
            self._write()
            self.state = TAIL
        return offset

    def _start_data(self, buf: bytes, offset: i64, end: i64) -> i64:
        """Headers are complete; buf[offset:end] is what is at hand of the data segment and of what follows."""
        length = self._data_length
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

    # --- data and digests ----------------------------------------------------------------------------------------------

    def _use(self, buf: bytes, offset: i64, length: i64) -> None:
        """Data bytes that are checksummed or kept."""
        part = buf[offset : offset + length]
        if self._checking:
            self._crc = crc32c(part, self._crc)
        if self._keep and self._kept < MAX_KEPT:
            self._parts.append(part)
            self._kept += length

    def _after_data(self) -> None:
        data_digest = (self._digests >> 2) & 3
        if data_digest == OFF:
            self._write()
            self.state = HEADER
            return
        self._small = b""
        self._need = 4
        if data_digest == ON:
            self._flags |= FLAG_DATA_DIGEST
            self.state = DATA_DIGEST
            return
        self._flags |= DIGEST_UNKNOWN << DATA_DIGEST_SHIFT
        self._write()
        self.state = TAIL

    def _few_bytes(self, buf: bytes, offset: i64, end: i64) -> i64:
        """Bytes of an AHS or of a digest, which may straddle pieces."""
        take = self._need - len(self._small)
        if take > end - offset:
            self._small = self._small + buf[offset:end]
            return end
        if self.state == TAIL and not self._small:
            # The four bytes may begin the next header: that is where it would stand.
            self._entry = self.spans.count - 1
            self._skip = offset - self._piece
            self._time_first = self._time_last
            self._frame_first = self._frame_last
        small = self._small + buf[offset : offset + take]
        self._small = b""
        offset += take
        state = self.state
        if state == AHS:
            self._ahs = small
            self._crc = crc32c(small, crc32c(self._header))
            if self._digests & 3 == OFF:
                return self._start_data(buf, offset, end)
            return self._expect_header_digest(offset)
        value: i64 = small[0] | (small[1] << 8) | (small[2] << 16) | (small[3] << 24)
        matches = value == self._crc
        if state == HEADER_DIGEST:
            if matches:
                self._flags |= DIGEST_OK << HEADER_DIGEST_SHIFT
                return self._start_data(buf, offset, end)
            return self._bad_header(offset)
        if state == DATA_DIGEST:
            verdict: i64 = DIGEST_UNKNOWN
            if self._checking:
                verdict = DIGEST_OK if matches else DIGEST_BAD
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
        """Four bytes after a PDU: its digest (the data digest if it had data, else the header digest), or the next header."""
        if self._data_length:
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
        """The header digest does not match: the PDU is written now, as the rest may never come; its lengths are doubtful."""
        self._flags |= DIGEST_BAD << HEADER_DIGEST_SHIFT
        padded = (self._data_length + 3) & ~3
        self._trailer = padded - self._data_length
        self._remaining = padded
        if padded and (self._digests >> 2) & 3 == ON:
            self._remaining += 4
            self._trailer += 4
        missing = self._missing
        self._missing = self._data_length
        self._write()
        self._missing = missing
        self._doubtful = True
        if self._remaining:
            self.state = CUT
        else:
            self.state = HEADER
        return offset

    # --- bytes that are missing, wrong or skipped ------------------------------------------------------------------------

    def _become_cut(self) -> None:
        """From here on bytes of this PDU are only counted: `_remaining` to its end, `_trailer` of them after the data."""
        header_digest: i64 = 4 if self._digests & 3 == ON else 0
        data_digest: i64 = 4 if (self._digests >> 2) & 3 == ON and self._data_length else 0
        padded = (self._data_length + 3) & ~3
        state = self.state
        small: i64 = len(self._small)
        self._trailer = padded - self._data_length + data_digest
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
        if (self._digests >> 2) & 3 != OFF and self._data_length:
            self._flags |= DIGEST_UNKNOWN << DATA_DIGEST_SHIFT
        self._small = b""
        self._checking = False
        self.state = CUT

    def _begin_cut_header(self) -> None:
        """A header of which at least the lengths were captured: enough to know where the next one is."""
        have: i64 = len(self._small)
        head = self._small + bytes(48 - have)
        self._small = b""
        first = read_i64_be(head, 0)
        self._header = head
        self._opcode = (first >> 56) & 0x3F
        context = self.context
        header_digest = context.header_digest
        data_digest = context.data_digest
        if self._opcode & 0x1F == 3:
            header_digest = OFF
            data_digest = OFF
        flags: i64 = FLAG_CUT | (have << CAPTURED_SHIFT)
        if not allowed(first, self.to_target):
            flags |= FLAG_ODD
        self._begin_fields(first, flags, header_digest | (data_digest << 2))
        with_header: i64 = 1 if header_digest == ON else 0
        with_data: i64 = 1 if data_digest == ON else 0
        if header_digest != OFF:
            self._flags |= DIGEST_UNKNOWN << HEADER_DIGEST_SHIFT
        if data_digest != OFF and self._data_length:
            self._flags |= DIGEST_UNKNOWN << DATA_DIGEST_SHIFT
        if header_digest == UNKNOWN or data_digest == UNKNOWN:
            self._doubtful = True
        self._remaining = 48 - have + body_length(first, with_header, with_data)
        self._trailer = ((self._data_length + 3) & ~3) - self._data_length
        if with_data and self._data_length:
            self._trailer += 4
        self._checking = False
        self.state = CUT

    def _data_part(self, length: i64) -> i64:
        """How many of the next `length` bytes of a cut PDU are data."""
        before = self._remaining - self._trailer  # data and what precedes it
        ahead: i64 = 0
        if before > self._data_length:
            ahead = before - self._data_length
        data = length - ahead
        if data > before - ahead:
            data = before - ahead
        return data if data > 0 else 0

    def _cut_bytes(self, offset: i64, end: i64) -> i64:
        take = end - offset
        if take > self._remaining:
            take = self._remaining
        self._remaining -= take
        if self._remaining == 0:
            self._end_of_cut()
        return offset + take

    def _end_of_cut(self) -> None:
        if not self._written:
            self._write()
        self.state = HEADER
        self._small = b""

    def _doubtful_shift(self, buf: bytes, offset: i64, end: i64) -> i64:
        """With digests unknown, what looked like a header may be a digest that did not match and then the header.

        Returns where framing goes on, 0 if there is no such reading. The header at hand ended at buf[offset].
        """
        if not self._doubtful:
            return 0
        self._doubtful = False
        for shift in (4, 8):
            joined = self._header[shift:] + buf[offset : offset + shift]
            if offset + shift <= end and strict(joined, 0, 48, self.to_target):
                self._small = self._header[shift:]
                self._skip += shift
                self.state = HEADER
                return offset
        return 0

    def _odd_but_framed(self, buf: bytes, offset: i64, end: i64, first: i64) -> bool:
        """Whether a header that may not be there still has lengths that lead to a next header, or to the end of the segment."""
        with_header: i64 = 1 if self.context.header_digest == ON else 0
        with_data: i64 = 1 if self.context.data_digest == ON else 0
        following = offset + body_length(first, with_header, with_data)
        if following == end:
            return True
        return following + 8 <= end and allowed(read_i64_be(buf, following), self.to_target)

    def _lose(self, already: i64) -> None:
        self.state = LOST
        self._lost = already
        self._small = b""
        self._tail = b""
        self._doubtful = False

    def _search(self, buf: bytes, offset: i64, end: i64, ts: i64, frame: i64) -> i64:
        """Framing is lost: looks for a header in buf[offset:end], the rest of one piece."""
        context = self.context
        begins = offset == self._piece
        available = end - offset
        if begins and available < 48 and available >= 24 and strict(buf, offset, available, self.to_target):
            return self._found(offset, ts, frame)
        tail: i64 = len(self._tail)
        if tail:
            joined = self._tail + buf[offset : min(end, offset + 47)]
            place = find_header(joined, 0, len(joined), False, 1, self.to_target, 0, 0, context.requests)
            if place >= 0 and place < tail:
                self._lost -= tail - place
                back = self.spans.end - (end - self._piece) - (tail - place)
                small = self._tail[place:]
                self._found(offset, ts, frame)
                self._small = small
                entry, skip = self.spans.find(back)
                self._entry = entry
                self._skip = skip
                self._time_first = ts
                self._time_last = ts
                self._frame_first = frame
                self._frame_last = frame
                return offset
        start = offset
        step: i64 = 1
        if context.aligned and not begins:
            step = 4
            start += -(self.spans.end - (end - offset)) & 3
        place = find_header(
            buf,
            start,
            end,
            begins,
            step,
            self.to_target,
            context.header_digest,
            context.data_digest,
            context.requests,
        )
        if place < 0:
            self._lost += available
            keep = available if available < 47 else 47
            self._tail = buf[end - keep : end]
            return end
        self._lost += place - offset
        return self._found(place, ts, frame)

    def _found(self, offset: i64, ts: i64, frame: i64) -> i64:
        if self._lost:
            self._flags = FLAG_RESYNC
            self._report_lost(ts, frame)
        self.state = HEADER
        self._small = b""
        self._tail = b""
        return offset

    def _report_lost(self, ts: i64, frame: i64) -> None:
        if self._lost:
            self.skipped += self._lost
            self.sink.skipped(self, self._lost, ts, frame)
            self._lost = 0

    # --- the row -------------------------------------------------------------------------------------------------------

    def _write(self) -> None:
        """Writes the row of the PDU at hand, and links it to the PDU that asked for it."""
        context = self.context
        opcode = self._opcode
        header = self._header
        requests = context.requests
        tag = (read_i64_be(header, 16) >> 32) & _M32
        request: i64 = 0
        flags = self._flags
        if self.to_target:
            flags |= FLAG_TO_TARGET
        if context.inferred:
            flags |= FLAG_INFERRED
        if opcode >= 0x20 or opcode == 0x05 or opcode == 0x10:
            request = requests.get(tag, 0) & _M32
        elif tag == _M32:
            # A NOP-Out that answers a ping of the target carries that ping's tag (section 11.18.2).
            request = requests.get((read_i64_be(header, 16) & _M32) | KEEP_DATA, 0)
        captured = self._data_length - self._missing
        number = self.rows.add(
            self._time_first,
            self._time_last,
            self._frame_first | (self._frame_last << 32),
            context.number | (flags << 32),
            self._entry | (self._skip << 32),
            request | (captured << 32),
            header,
        )
        self._written = True
        self._flags = 0
        self.pdus += 1
        if opcode < 0x20:
            if opcode == 0x01:
                if _DESCRIPTIVE[header[32]]:
                    context.open(tag, number | KEEP_DATA)
                else:
                    context.open(tag, number)
            elif tag != _M32 and opcode != 0x05 and opcode != 0x10:
                context.open(tag, number)
        elif tag == _M32:
            if opcode == 0x20:
                target_tag = read_i64_be(header, 16) & _M32
                if target_tag != _M32:
                    context.open(target_tag | KEEP_DATA, number)
        elif request and (opcode != 0x25 or header[1] & 0x01) and opcode != 0x31 and opcode != 0x23:
            if opcode != 0x24 or header[1] & 0x80:
                requests.pop(tag, 0)
        if self._kept or self._ahs or KINDS[opcode] & KIND_KEEP:
            data = b"".join(self._parts)[:captured]
            self.sink.pdu(self, number, opcode, header, self._ahs, data)
