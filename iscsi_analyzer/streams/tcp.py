"""One direction of a TCP connection put in order: segments in, stream bytes and gaps out.

Compiled. In-order data takes the fast path in the engine; everything else comes here. A hole is filled by a later
segment (reordering, retransmission) or, once the receiver has acknowledged it, is a gap: the bytes arrived, the capture
lacks them. Nothing is allocated for a gap, and what waits behind a hole is bounded. Bytes that come twice are taken the
first time; a later copy that differs is counted.
"""

from __future__ import annotations

from typing import Final

from mypy_extensions import i64

from iscsi_analyzer.streams.serial import distance
from iscsi_analyzer.streams.tally import Tally

MAX_WAITING_BYTES: Final = 16 << 20
MAX_WAITING: Final = 16384
"Bytes and segments of one direction that wait behind a hole at most: more than any receive window in use."
MAX_WAITING_IN_ALL: Final = 64 << 20
"Bytes that wait over all connections at most."
WAITING_UNSEEN: Final = 64
"Segments that wait at most when nothing is seen of the receiver, which then cannot acknowledge the hole."
DUPLICATE_RING: Final = 64
"Fingerprints of the latest data segments: a mirror delivers both copies of a frame close together."
FAR: Final = 1 << 27
"A segment so far away belongs to another connection between the same ports, or to none; or the capture paused."
AFAR_FOLLOWING: Final = 4
"So many segments that follow each other far away show that the stream is there."

EVENTS: Final = ("retransmission", "loss", "out of order", "conflict", "duplicate", "zero window", "keep-alive")
"""What `StreamSink.noted` tells of. `retransmission`: bytes that were seen before; `loss`: bytes that were sent again
because they were lost before they came here; `conflict`: bytes that came twice with different content; `duplicate`: the
capture has the same frame twice."""
NO_FRAME: Final = 1 << 62
"Beyond every number of a frame."

MASK: Final = 0xFFFFFFFF


class Waiting:
    """A segment behind a hole; its bytes are copied, as the chunk that they came in is not kept."""

    def __init__(
        self, offset: i64, data: bytes, length: i64, ts: i64, frame: i64, position: i64, identity: i64
    ) -> None:
        self.offset: i64 = offset
        self.identity: i64 = identity
        self.data: bytes = data
        self.length: i64 = length
        self.ts: i64 = ts
        self.frame: i64 = frame
        self.position: i64 = position
        # What its sender had received, -1 if it does not say.
        self.ack: i64 = -1


class StreamSink:
    """Takes the stream of one direction, in order."""

    def bytes_arrived(
        self, half: Half, buf: bytes, offset: i64, length: i64, ts: i64, frame: i64, position: i64
    ) -> None:
        """The next `length` stream bytes are buf[offset:]."""

    def bytes_missing(self, half: Half, length: i64, ts: i64, frame: i64, by_snaplen: bool) -> None:
        """The next `length` stream bytes are not in the capture: lost by it, or cut off by its snap length."""

    def noted(self, half: Half, what: str, length: i64, ts: i64, frame: i64) -> None:
        """Something out of the ordinary, one of EVENTS, about a segment with `length` bytes of data."""

    def waits(self, more: i64) -> i64:
        """`more` bytes begin to wait behind a hole (negative: do not wait any longer). Returns how many do over all
        connections."""
        return 0

    def original(self, half: Half, offset: i64, length: i64) -> bytes:
        """Up to `length` bytes already delivered from stream byte `offset` on, as far as they can be had again; else
        b""."""
        return b""


class Half(Tally):
    """One direction: from `source` to `destination` (address bytes, then the port as two bytes each)."""

    def __init__(self, sink: StreamSink, source: bytes, destination: bytes) -> None:
        super().__init__()
        self.sink: StreamSink = sink
        self.source: bytes = source
        self.destination: bytes = destination
        # Sequence number of the next byte in order, -1 while unknown; the same place as a count of bytes.
        self.next_seq: i64 = -1
        self.offset: i64 = 0
        self.isn: i64 = -1
        self.acked: i64 = -1
        self.waiting: list[Waiting] = []
        self.waiting_bytes: i64 = 0
        # What waits and was captured in this frame or later does not go on by itself: others come first.
        self.hold_from: i64 = NO_FRAME
        self.fin_offset: i64 = -1
        self.finished: bool = False
        # Fingerprints of the latest segments with data; empty before the first.
        self.ring: list[int] = []
        self.ring_at: i64 = 0
        self.last_ts: i64 = 0
        # When the latest frame came that is no plain data; data leave their time in `last_ts`.
        self.heard_ts: i64 = 0
        self._afar: i64 = 0
        self._afar_next: i64 = -1

    def data(
        self,
        buf: bytes,
        start: i64,
        captured: i64,
        length: i64,
        seq: i64,
        ts: i64,
        frame: i64,
        position: i64,
        seen: bool,
        ack: i64,
    ) -> None:
        """A segment with `length` bytes of data from `seq` on, of which `captured` are at buf[start:].

        `seen` tells whether frames of the other direction were captured at all; `ack` is what the segment acknowledges,
        or -1.
        """
        if self.next_seq < 0:
            self.next_seq = seq
        ahead = distance(seq, self.next_seq)
        if ahead > FAR or ahead < -FAR:
            if not self._follows_afar(seq, length, ts, frame):
                return
            ahead = 0
        if ahead > 0:
            if length == 1 and self.acked >= 0 and distance(self.acked, seq) > 0:
                # The receiver has that byte: a keep-alive, whose byte is no data (RFC 9293 section 3.8.4).
                self.keep_alives += 1
                self.sink.noted(self, "keep-alive", length, ts, frame)
                return
            self._ahead(buf, start, captured, length, ahead, ts, frame, position, ack)
            self.settle(seen, ts, frame)
            return
        if ahead < 0:
            self.rtt_end = -1  # an acknowledgement may now be for either copy (RFC 6298 section 3)
            if not self._behind(buf, start, captured, length, ahead, ts, frame):
                return
            skip = -ahead
            start += skip
            captured -= skip
            length -= skip
            position += skip
            if captured < 0:
                captured = 0
        self._deliver(buf, start, captured, length, ts, frame, position)
        if self.waiting:
            behind = self.waiting[0]
            self._fill()
            if self.offset >= behind.offset:
                self._hole_filled(behind, length, ts, frame)
            self.settle(seen, ts, frame)

    def _hole_filled(self, behind: Waiting, length: i64, ts: i64, frame: i64) -> None:
        """All bytes that `behind` waited for have come; there may be a next hole."""
        span = ts - self.hole_since
        if self.hole_since >= 0 and span >= 0:  # else the capture has the two frames in the wrong order
            self.holes += 1
            self.hole_ns += span
            if span > self.longest_hole:
                self.longest_hole = span
            later = (self.identity - behind.identity) & 0xFFFF
            if later != 0 and later < 0x8000:
                self.losses += 1
                self.sink.noted(self, "loss", length, ts, frame)
        self.hole_since = self.waiting[0].ts if self.waiting else -1

    def remember_segments(self) -> list[int]:
        """The ring of fingerprints; many directions never have data, and need none."""
        if not self.ring:
            self.ring = [-1] * DUPLICATE_RING
        return self.ring

    def window(self, size: i64, ts: i64, frame: i64) -> None:
        """The advertised window became zero, or is not zero any more."""
        if size == 0:
            self.zero_windows += 1
            if self.zero_since < 0:
                self.zero_since = ts
                self.sink.noted(self, "zero window", 0, ts, frame)
        else:
            if ts > self.zero_since:
                self.zero_ns += ts - self.zero_since
            self.zero_since = -1

    def settle(self, seen: bool, ts: i64, frame: i64) -> None:
        """Declares a gap where a hole was acknowledged, or will not be filled: what waits behind it goes on."""
        while self.waiting:
            first = self.waiting[0]
            hole = first.offset - self.offset
            if hole <= 0:
                return
            if self.acked >= 0:
                known = distance(self.acked, self.next_seq)
                if known > 0:
                    self.gap(known if known < hole else hole, ts, frame)
                    self._fill()
                    continue
            if (
                self.waiting_bytes > MAX_WAITING_BYTES
                or len(self.waiting) > MAX_WAITING
                or (not seen and len(self.waiting) > WAITING_UNSEEN)
                or self.sink.waits(0) > MAX_WAITING_IN_ALL
            ):
                if seen:
                    self.overflows += 1
                self.gap(hole, ts, frame)
                self._fill()
                continue
            return

    def flush(self, ts: i64, frame: i64) -> None:
        """No more segments will come: holes are gaps, and so are bytes that were acknowledged but never seen."""
        self.hold_from = NO_FRAME
        while self.waiting:
            hole = self.waiting[0].offset - self.offset
            if hole > 0:
                self.gap(hole, ts, frame)
            self._fill()
        if self.acked >= 0 and self.next_seq >= 0 and self.segments:
            known = distance(self.acked, self.next_seq)
            if self.fin_offset >= 0 and known > self.fin_offset - self.offset:
                known = self.fin_offset - self.offset
            elif self.fin:
                known -= 1
            if known > 0 and known < FAR:
                self.gap(known, ts, frame)

    def gap(self, length: i64, ts: i64, frame: i64) -> None:
        """The next `length` bytes are not in the capture."""
        self.next_seq = (self.next_seq + length) & MASK
        self.offset += length
        self.gaps += 1
        self.gap_bytes += length
        self.hole_since = -1
        self.sink.bytes_missing(self, length, ts, frame, False)

    def hole(self, ack: i64) -> i64:
        """How many bytes are missing before the first segment that waits, as far as `ack` acknowledges them."""
        if not self.waiting:
            return 0
        hole = self.waiting[0].offset - self.offset
        known = distance(ack, self.next_seq)
        return known if known < hole else hole

    def next_waiting(self) -> None:
        """Delivers the first segment that waits, behind no hole."""
        self._deliver_waiting(self.waiting.pop(0))

    def forget_waiting(self) -> None:
        """Nobody wants the stream any more."""
        if self.waiting:
            self.waiting = []
            self.sink.waits(-self.waiting_bytes)
            self.waiting_bytes = 0

    # --- inside ---

    def _deliver(self, buf: bytes, start: i64, captured: i64, length: i64, ts: i64, frame: i64, position: i64) -> None:
        self.next_seq = (self.next_seq + length) & MASK
        self.offset += length
        self.data_bytes += captured
        if captured:
            self.sink.bytes_arrived(self, buf, start, captured, ts, frame, position)
        if length > captured:
            self.snaplen_bytes += length - captured
            self.sink.bytes_missing(self, length - captured, ts, frame, True)

    def _fill(self) -> None:
        """Delivers what waits and now is in order."""
        waiting = self.waiting
        used: i64 = 0
        for item in waiting:
            if item.offset > self.offset or item.frame >= self.hold_from:
                break
            used += 1
            self._deliver_waiting(item)
        if used:
            self.waiting = waiting[used:]

    def _deliver_waiting(self, item: Waiting) -> None:
        """What is new of a segment that waited."""
        skip = self.offset - item.offset
        have: i64 = len(item.data)
        self.waiting_bytes -= have
        self.sink.waits(-have)
        if skip > 0 and have:
            first = self.sink.original(self, item.offset, skip if skip < have else have)
            if first and first != item.data[: len(first)]:
                self.conflicts += 1
                self.sink.noted(self, "conflict", item.length, item.ts, item.frame)
        if skip >= item.length:
            return
        captured = have - skip if have > skip else 0
        self._deliver(item.data, skip, captured, item.length - skip, item.ts, item.frame, item.position + skip)

    def _ahead(
        self,
        buf: bytes,
        start: i64,
        captured: i64,
        length: i64,
        ahead: i64,
        ts: i64,
        frame: i64,
        position: i64,
        ack: i64,
    ) -> None:
        """A segment behind a hole is kept in order of its offset; of bytes that come twice the first copy stays."""
        offset = self.offset + ahead
        waiting = self.waiting
        at: i64 = len(waiting)
        if at > 0 and waiting[at - 1].offset > offset:
            low: i64 = 0
            while low < at:
                middle = (low + at) >> 1
                if waiting[middle].offset > offset:
                    at = middle
                else:
                    low = middle + 1
        if at > 0:
            before = waiting[at - 1]
            if before.offset == offset and before.length >= length:
                if before.data[:captured] != buf[start : start + min(captured, len(before.data))]:
                    self.conflicts += 1
                    self.sink.noted(self, "conflict", length, ts, frame)
                else:
                    self.retransmitted += 1
                    self.sink.noted(self, "retransmission", length, ts, frame)
                return
        self.out_of_order += 1
        self.sink.noted(self, "out of order", length, ts, frame)
        if not waiting:
            self.hole_since = ts
        item = Waiting(offset, buf[start : start + captured], length, ts, frame, position, self.identity)
        item.ack = ack
        waiting.insert(at, item)
        self.waiting_bytes += captured
        self.sink.waits(captured)

    def _behind(self, buf: bytes, start: i64, captured: i64, length: i64, ahead: i64, ts: i64, frame: i64) -> bool:
        """A segment that begins before the next byte in order. Returns whether it also holds new bytes."""
        overlap = -ahead
        if length <= 1 and overlap == 1:
            self.keep_alives += 1
            self.sink.noted(self, "keep-alive", length, ts, frame)
            return False
        if overlap > length:
            overlap = length
        self.retransmitted += 1
        self.sink.noted(self, "retransmission", length, ts, frame)
        place = self.offset + ahead
        if place < 0:  # from before the first byte that was seen
            self.stray += 1
            return length > -ahead
        compare = overlap if overlap < captured else captured
        if compare > 0:
            first = self.sink.original(self, place, compare)
            known: i64 = len(first)
            if known and first != buf[start : start + known]:
                self.conflicts += 1
                self.sink.noted(self, "conflict", compare, ts, frame)
        return length > -ahead

    def _follows_afar(self, seq: i64, length: i64, ts: i64, frame: i64) -> bool:
        """Far from what is expected: another connection, garbage, or, when segments follow each other there, where
        the stream goes on."""
        self.stray += 1
        if seq != self._afar_next:
            self._afar = 0
        self._afar_next = (seq + length) & MASK
        self._afar += 1
        if self._afar < AFAR_FOLLOWING:
            return False
        self.flush(ts, frame)
        self._afar = 0
        self._afar_next = -1
        # As much as sequence numbers can tell: it may be 4 GiB more, or several times that.
        self.gap((seq - self.next_seq) & MASK, ts, frame)
        self.acked = -1
        return True
