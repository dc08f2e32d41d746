"""Every TCP segment of the connections that are compared, a row of 48 bytes each: the second pass over a capture.

Compiled. The first pass keeps of TCP only what iSCSI needs: here also copies, acknowledgements and control segments
have a row. A row is, little-endian:

    offset  size  what
         0     8  time (ns since 1970)
         8     4  sequence number
        12     4  acknowledgement number
        16     4  bytes of data on the wire
        20     4  frame (1-based)
        24     4  number of the direction, as `Recorder.expect` was told
        28     2  flags
        30     2  window, not scaled
        32     4  TSval (RFC 7323); 0 without
        36     4  IP identification; 0 without
        40     4  Adler-32 of the data
        44     4  1 if the digest is of all of the data, else 0
"""

from __future__ import annotations

import zlib
from typing import Final

from librt.strings import BytesWriter, write_i64_le
from mypy_extensions import i64

from dissectors.net.codes import FRAGMENT
from dissectors.net.decode import decode, decode_datagram
from dissectors.net.segment import Segment
from dissectors.net.tcpopt import tsval
from iscsi_analyzer.sources.sink import FrameSink
from iscsi_analyzer.streams.fragments import FragmentTable

ROW_SIZE: Final = 48
ROWS_PER_BLOCK: Final = 1 << 16

_FLAGS: Final = 0xFFF


class Recorder(FrameSink):
    """Takes the frames of a capture again and keeps a row for each segment of a direction that is expected."""

    def __init__(self) -> None:
        self.frames: i64 = 0
        self.blocks: list[bytes] = []
        self._writer: BytesWriter = BytesWriter()
        self._in_block: i64 = 0
        self._seg: Segment = Segment()
        self._fragments: FragmentTable = FragmentTable()
        # Addresses and ports -> number of the direction.
        self._owners: dict[bytes, int] = {}
        # What is expected later, in ascending order of frames: (frame, addresses and ports, number).
        self._later: list[tuple[int, bytes, int]] = []
        self._next: i64 = 0
        self._next_frame: i64 = 0

    def expect(self, starts: list[tuple[int, bytes, int]]) -> None:
        """The directions: (first frame, source address + destination address + both ports, number), by frame."""
        self._later = starts
        self._next = 0
        self._next_frame = starts[0][0] if starts else 1 << 62

    def tail(self) -> bytes:
        """The rows of the block that is not full."""
        return self._writer.getvalue()

    def frame(
        self, buf: bytes, start: i64, captured: i64, wire: i64, ts: i64, linktype: i64, position: i64, interface: i64
    ) -> None:
        """See `FrameSink.frame`."""
        self.frames += 1
        while self.frames >= self._next_frame:
            _, key, number = self._later[self._next]
            self._owners[key] = number
            self._next += 1
            self._next_frame = self._later[self._next][0] if self._next < len(self._later) else 1 << 62
        seg = self._seg
        code = decode(seg, buf, start, captured, wire, linktype)
        if code == 0:
            self._segment(buf, ts)
        elif code == FRAGMENT:
            self._fragment(buf, ts, position)

    def _fragment(self, buf: bytes, ts: i64, position: i64) -> None:
        """A fragment of an IP datagram; the segment in it counts as sent with the frame that completes it."""
        seg = self._seg
        datagram = self._fragments.add(seg, buf, ts, position)
        while datagram is not None:
            whole = datagram.buf
            code = decode_datagram(seg, whole, datagram.address_length, datagram.protocol, datagram.length)
            if code == 0:
                self._segment(whole, ts)
            datagram = self._fragments.add(seg, whole, ts, 0, datagram) if code == FRAGMENT else None

    def _segment(self, buf: bytes, ts: i64) -> None:
        seg = self._seg
        at = seg.addr
        tcp = seg.tcp
        owner = self._owners.get(buf[at : at + seg.addr_len + seg.addr_len] + buf[tcp : tcp + 4], -1)
        if owner < 0:
            return
        stamp = tsval(buf, seg)
        if stamp < 0:
            stamp = 0
        identity = seg.ip_id if seg.ip_id > 0 else 0
        window = seg.window if seg.window >= 0 else 0
        digest = 0
        if seg.captured:
            digest = zlib.adler32(buf[seg.payload : seg.payload + seg.captured])
        whole: i64 = 1 if seg.captured == seg.length else 0
        writer = self._writer
        write_i64_le(writer, ts)
        write_i64_le(writer, _pair(seg.seq, seg.ack))
        write_i64_le(writer, _pair(seg.length, self.frames))
        write_i64_le(writer, _pair(owner, (seg.flags & _FLAGS) | (window << 16)))
        write_i64_le(writer, _pair(stamp, identity))
        write_i64_le(writer, _pair(digest, whole))
        self._in_block += 1
        if self._in_block == ROWS_PER_BLOCK:
            self.blocks.append(writer.getvalue())
            self._writer = BytesWriter()
            self._in_block = 0


def _pair(low: i64, high: i64) -> i64:
    """Two unsigned numbers of 32 bits as one signed number of 64."""
    if high >= 0x80000000:
        high -= 0x100000000
    return low | (high << 32)
