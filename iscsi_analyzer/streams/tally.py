"""What is counted of one direction of a TCP connection, for people: segments, losses, windows, round trips.

Compiled. Decides nothing.
"""

from __future__ import annotations

from typing import Final

from mypy_extensions import i64

RTT_BUCKETS: Final = 40
"Round trips are counted by the number of bits of their nanoseconds."
_M32: Final = 0xFFFFFFFF


class Tally:
    """The facts about one direction."""

    def __init__(self) -> None:
        self.frames: i64 = 0
        self.segments: i64 = 0
        self.data_bytes: i64 = 0
        self.retransmitted: i64 = 0
        self.out_of_order: i64 = 0
        self.duplicates: i64 = 0
        self.keep_alives: i64 = 0
        self.zero_windows: i64 = 0
        self.zero_window_probes: i64 = 0
        self.conflicts: i64 = 0
        self.gaps: i64 = 0
        self.gap_bytes: i64 = 0
        self.snaplen_bytes: i64 = 0
        self.stray: i64 = 0
        self.overflows: i64 = 0
        self.fin: bool = False
        self.rst: bool = False
        # When and in which frame the first SYN, FIN and RST of this direction came; -1 and 0 while there is none.
        self.syn_ts: i64 = -1
        self.syn_frame: i64 = 0
        self.syns: i64 = 0
        self.fin_ts: i64 = -1
        self.fin_frame: i64 = 0
        self.rst_ts: i64 = -1
        self.rst_frame: i64 = 0
        self.mss: i64 = -1
        self.window_scale: i64 = -1
        self.largest: i64 = 0
        # Since when the sender of this direction advertises a window of zero (-1: it does not), and how long it did
        # before.
        self.zero_since: i64 = -1
        self.zero_ns: i64 = 0
        # Round trips from data of this direction to its acknowledgement, as seen where the capture was made.
        self.rtt_end: i64 = -1
        self.rtt_ts: i64 = 0
        self.rtt_count: i64 = 0
        self.rtt_sum: i64 = 0
        self.rtt_min: i64 = -1
        self.rtt_max: i64 = 0
        self.rtt_buckets: list[int] = []
        # IP identification, or TCP time stamp, of the segment at hand (16 bits): a host counts it up.
        self.identity: i64 = 0
        # Holes that were filled, and how long that took; `losses` of them by a segment that was sent later than those
        # that waited for it, so it was sent again.
        self.hole_since: i64 = -1
        self.holes: i64 = 0
        self.losses: i64 = 0
        self.hole_ns: i64 = 0
        self.longest_hole: i64 = 0

    def round_trip(self, ack: i64, ts: i64) -> None:
        """An acknowledgement came while a round trip was being timed."""
        if (ack - self.rtt_end) & _M32 >= 0x80000000:  # `serial.distance` below 0
            return
        self.rtt_end = -1
        span = ts - self.rtt_ts
        if span < 0:
            return
        self.rtt_count += 1
        self.rtt_sum += span
        if self.rtt_min < 0 or span < self.rtt_min:
            self.rtt_min = span
        if span > self.rtt_max:
            self.rtt_max = span
        bucket = int(span).bit_length()
        if bucket >= RTT_BUCKETS:
            bucket = RTT_BUCKETS - 1
        if not self.rtt_buckets:
            self.rtt_buckets = [0] * RTT_BUCKETS
        self.rtt_buckets[bucket] += 1
