"""TCP options (RFC 9293 section 3.2, RFC 7323, RFC 2018). HOT: compiled by mypyc; `tsval()` is quick when interpreted.

Options are read from buf[seg.tcp + 20 : seg.payload], which was captured in any case; an option that was cut, or whose
length is hostile, ends the list.
"""

from __future__ import annotations

from typing import Final, final

from librt.strings import read_i64_be
from mypy_extensions import i64

from dissectors.net.segment import Segment

_END: Final = 0
_NOP: Final = 1
_MSS: Final = 2
_WINDOW_SCALE: Final = 3
_SACK_PERMITTED: Final = 4
_SACK: Final = 5
_TIMESTAMPS: Final = 8

MAX_WINDOW_SCALE: Final = 14
"RFC 7323 section 2.3: a larger shift count is used as 14."


@final
class TcpOptions:
    """The options of one segment, filled by `parse()`; -1 is said of what is not there."""

    def __init__(self) -> None:
        self.mss: i64 = -1
        # As it stands in the option; see MAX_WINDOW_SCALE.
        self.window_scale: i64 = -1
        self.sack_permitted: bool = False
        self.tsval: i64 = -1
        self.tsecr: i64 = -1
        # Left edge, right edge, left edge ...: sequence numbers as they stand in the option.
        self.sack: list[int] = []

    def parse(self, buf: bytes, seg: Segment) -> None:
        """Read the options of the segment that was decoded from `buf` last; of repeated ones the last counts."""
        self.mss = -1
        self.window_scale = -1
        self.sack_permitted = False
        self.tsval = -1
        self.tsecr = -1
        self.sack = []
        at: i64 = seg.tcp + 20
        end: i64 = seg.payload
        while at < end:
            kind: i64 = buf[at]
            if kind == _END:
                return
            if kind == _NOP:
                at += 1
                continue
            if at + 2 > end:
                return
            length: i64 = buf[at + 1]
            if length < 2 or at + length > end:
                return
            # At least 20 bytes precede an option in the buffer, so its last eight can be read backwards from its end.
            last = read_i64_be(buf, at + length - 8)
            if kind == _TIMESTAMPS and length == 10:
                self.tsval = (last >> 32) & 0xFFFFFFFF
                self.tsecr = last & 0xFFFFFFFF
            elif kind == _SACK and length & 7 == 2:
                edge: i64 = at + 2
                while edge < at + length:
                    block = read_i64_be(buf, edge)
                    self.sack.append((block >> 32) & 0xFFFFFFFF)
                    self.sack.append(block & 0xFFFFFFFF)
                    edge += 8
            elif kind == _MSS and length == 4:
                self.mss = last & 0xFFFF
            elif kind == _WINDOW_SCALE and length == 3:
                self.window_scale = last & 0xFF
            elif kind == _SACK_PERMITTED and length == 2:
                self.sack_permitted = True
            at += length


def tsval(buf: bytes, seg: Segment) -> i64:
    """TSval of the segment that was decoded from `buf` last (RFC 7323 section 3), -1 if it has none."""
    at: i64 = seg.tcp + 20
    end: i64 = seg.payload
    if at + 12 <= end:
        # The usual layout: NOP NOP, kind 8, length 10, TSval, TSecr.
        head = read_i64_be(buf, at)
        if (head >> 32) & 0xFFFFFFFF == 0x0101080A:
            return head & 0xFFFFFFFF
    while at < end:
        kind: i64 = buf[at]
        if kind == _END:
            return -1
        if kind == _NOP:
            at += 1
            continue
        if at + 2 > end:
            return -1
        length: i64 = buf[at + 1]
        if length < 2 or at + length > end:
            return -1
        if kind == _TIMESTAMPS and length == 10:
            return read_i64_be(buf, at + 2) >> 32 & 0xFFFFFFFF
        at += length
    return -1
