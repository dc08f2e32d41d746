"""The first pass: captured frames in, PDU rows and facts out. The same for files, stdin and live captures.

Compiled. `Engine` is a FrameSink: whoever reads the capture calls `frame()` for each frame, and `finish()` once. It
finds the connection of each TCP segment, puts each direction in order, and lets the framers write the rows. It opens no
file and knows no clock.
"""

from __future__ import annotations

from typing import Final

from librt.strings import read_i64_be
from mypy_extensions import i64

from dissectors.net.checksum import Checksum
from dissectors.net.checksum import tcp as tcp_checksum
from dissectors.net.codes import FRAGMENT
from dissectors.net.decode import decode, decode_datagram
from dissectors.net.tcpopt import TcpOptions, tsval
from iscsi_analyzer.flows import ACK, END_OF_TIME, FIN, RST, SYN
from iscsi_analyzer.options import Options
from iscsi_analyzer.rules.desk import Desk
from iscsi_analyzer.rules.judge import Judge
from iscsi_analyzer.streams.connection import ISCSI, OTHER, Connection, Direction
from iscsi_analyzer.streams.fragments import Datagram, FragmentTable
from iscsi_analyzer.streams.tcp import DUPLICATE_RING
from iscsi_analyzer.turns import Turns

RESET_OR_SYN: Final = 0x06
FIN_SYN_RST: Final = 0x07

_M32: Final = 0xFFFFFFFF
_UNCERTAIN_ID_NS: Final = 100_000
"Copies of a segment without IP identification and time stamp are made by the capture if they are no further apart."


class Engine(Turns):
    """One analysis. Frames are numbered from 1 in the order in which they arrive."""

    def __init__(self, options: Options) -> None:
        super().__init__(options)
        self.desk: Desk = Desk()
        if options.judge:
            judge = Judge(options.plugins, self.listener.rows.places)
            self.desk = judge.desk
            self.listener.sessions.watcher = judge
        # Frames that gave no TCP segment.
        self._without_segment: i64 = 0
        self.first_ts: i64 = -1
        self.last_ts: i64 = 0
        # Why frames hold no TCP segment: code << 32 | detail -> frames.
        self.not_decoded: dict[int, int] = {}
        self.link_types: dict[int, int] = {}
        self.fragments: FragmentTable = FragmentTable()
        self.bad_checksums: i64 = 0
        self._verify: bool = options.verify_checksums
        nobody = Connection(self.listener, self.listener.rows, b"", b"", b"", b"")
        self._last: Direction = nobody.first
        # The link type of the frames from number `_link_type_since` + 1 on.
        self._link_type: i64 = -1
        self._link_type_since: i64 = 0

    @property
    def tcp_frames(self) -> int:
        """Frames, or fragments that completed a packet, with a TCP segment."""
        return self.frames - self._without_segment

    def frame(
        self, buf: bytes, start: i64, captured: i64, wire: i64, ts: i64, linktype: i64, position: i64, interface: i64
    ) -> None:
        if linktype != self._link_type:
            if self.frames == 0:
                self.first_ts = ts
            self._count_link_type(linktype)
        self.frames += 1
        if ts > self.last_ts:
            self.last_ts = ts
        seg = self._seg
        code = decode(seg, buf, start, captured, wire, linktype)
        if code == 0:
            if not self._verify or self._checksum_holds(buf):
                self._segment(buf, ts, position - start)
        elif code == FRAGMENT:
            self._without_segment += 1
            self._fragment(buf, ts, position)
        else:
            self._without_segment += 1
            self._not_tcp(code)

    def _not_tcp(self, code: i64) -> None:
        key = (code << 32) | (self._seg.detail & _M32)
        self.not_decoded[key] = self.not_decoded.get(key, 0) + 1

    def _checksum_holds(self, buf: bytes) -> bool:
        if tcp_checksum(buf, self._seg) == Checksum.BAD:
            self.bad_checksums += 1
            return False
        return True

    def finish(self) -> None:
        """The capture is over: what is half done is written as it is."""
        self._count_link_type(-1)
        self.fragments.finish()
        for direction in list(self._flows.values()):
            connection = direction.connection
            if direction is connection.first:
                self._catch_up(connection, END_OF_TIME)
                connection.finish(self.last_ts, self.frames)
                if connection.verdict != ISCSI and connection.number == 0:
                    self._other(connection)
        self._flows = {}
        self.listener.sessions.finish()

    # --- one TCP segment ---

    def _segment(self, buf: bytes, ts: i64, base: i64) -> None:
        """The segment in `self._seg`; byte i of `buf` stands at `base` + i in the capture."""
        seg = self._seg
        direction = self._last
        if seg.addr_len == 4:
            word = read_i64_be(buf, seg.addr)
            ports = (read_i64_be(buf, seg.tcp) >> 32) & _M32
            if direction.address_word != word or direction.ports != ports:
                direction = direction.peer
                if direction.address_word != word or direction.ports != ports:
                    direction = self._find(buf, ts)
        else:
            direction = self._find(buf, ts)
        identity = seg.ip_id
        if identity <= 0:
            identity = tsval(buf, seg)
            if identity < 0:
                identity = 0
        seq = seg.seq
        ack = seg.ack
        length = seg.length
        flags = seg.flags
        mark = ((seq & 0x3FFFFFFF) << 32) | ((identity & 0xFFFF) << 16) | (seg.checksum & 0xFFFF)
        peer = direction.peer
        connection = direction.connection
        if flags & RESET_OR_SYN == 0 and (
            connection.wary or (ack != peer.next_seq and (ack - peer.next_seq) & _M32 < 0x80000000 and flags & ACK)
        ):
            self._last = direction
            self._out_of_turn(direction, buf, ts, base, mark)
            return
        if (
            length != seg.captured
            or flags & FIN_SYN_RST
            or seg.window == 0
            or seq != direction.next_seq
            or direction.waiting
            or direction.zero_since >= 0
            or direction.fin_offset >= 0
            or direction.framer is None
        ):
            self._take(
                direction,
                buf,
                seg.payload,
                seg.captured,
                length,
                seq,
                ack,
                flags,
                seg.window,
                mark,
                ts,
                self.frames,
                base + seg.payload,
            )
            if flags & SYN:
                self._syn_options(buf)
            return
        self._last = direction
        self._plain_data(direction, buf, seg.payload, length, seq, ack, mark, ts, base)

    def _plain_data(
        self,
        direction: Direction,
        buf: bytes,
        payload: i64,
        length: i64,
        seq: i64,
        ack: i64,
        mark: i64,
        ts: i64,
        base: i64,
    ) -> None:
        """In order, whole, and nothing else to it: what nearly every segment is."""
        connection = direction.connection
        peer = direction.peer
        direction.frames += 1
        frame = self.frames
        connection.last_ts = ts
        connection.last_frame = frame
        if ack != peer.acked:
            self._acknowledge(peer, ack, ts)
        if length == 0:
            direction.heard_ts = ts
            return
        at = direction.ring_at
        direction.ring[at] = mark
        direction.ring_at = (at + 1) & (DUPLICATE_RING - 1)
        direction.segments += 1
        direction.last_ts = ts
        following = (seq + length) & _M32
        direction.next_seq = following
        direction.offset += length
        direction.data_bytes += length
        if length > direction.largest:
            direction.largest = length
        if direction.rtt_end < 0:
            direction.rtt_end = following
            direction.rtt_ts = ts
        framer = direction.framer
        assert framer is not None
        framer.feed(buf, payload, length, ts, frame, base + payload)

    def _syn_options(self, buf: bytes) -> None:
        """What the hosts agree on when they open a connection: segment size and window scale."""
        options = TcpOptions()
        options.parse(buf, self._seg)
        direction = self._last
        direction.mss = options.mss
        direction.window_scale = options.window_scale

    def _take(
        self,
        direction: Direction,
        buf: bytes,
        start: i64,
        captured: i64,
        length: i64,
        seq: i64,
        ack: i64,
        flags: i64,
        window: i64,
        mark: i64,
        ts: i64,
        frame: i64,
        position: i64,
    ) -> None:
        """A segment whose turn it is: `captured` of its `length` bytes of data are at buf[start:]."""
        if flags & FIN_SYN_RST:
            direction = self._control(direction, seq, length, flags, ts, frame)
        self._last = direction
        connection = direction.connection
        direction.frames += 1
        direction.heard_ts = ts
        if frame > connection.last_frame:  # a segment that had to wait comes after later ones
            connection.last_ts = ts
            connection.last_frame = frame
        if connection.verdict == OTHER:
            direction.forget_waiting()
            return
        peer = direction.peer
        if flags & ACK and ack != peer.acked and not flags & RST:
            self._acknowledge(peer, ack, ts)
        if (window == 0 or direction.zero_since >= 0) and not flags & RESET_OR_SYN and window >= 0:
            direction.window(window, ts, frame)
        if length == 0 or flags & RST:  # a reset may say why in words, which are no data (RFC 9293 section 3.5.3)
            return
        if length > direction.largest:
            direction.largest = length
        ring = direction.remember_segments()
        if mark in ring and (mark & 0xFFFF0000 or ts - direction.last_ts < _UNCERTAIN_ID_NS):
            direction.duplicates += 1
            connection.noted(direction, "duplicate", length, ts, frame)
            return
        ring[direction.ring_at] = mark
        direction.ring_at = (direction.ring_at + 1) & (DUPLICATE_RING - 1)
        direction.segments += 1
        direction.last_ts = ts
        if flags & SYN:
            seq = (seq + 1) & _M32
        if length == 1 and peer.zero_windows and seq == direction.next_seq:
            direction.zero_window_probes += 1
        direction.identity = (mark >> 16) & 0xFFFF
        direction.data(
            buf, start, captured, length, seq, ts, frame, position, peer.frames > 0, ack if flags & ACK else -1
        )
        if direction.fin_offset >= 0 and direction.offset >= direction.fin_offset:
            self._finished(direction, ts, frame)

    def _acknowledge(self, direction: Direction, ack: i64, ts: i64) -> None:
        """The receiver of `direction` has everything before `ack`."""
        # Not behind the last one; `serial.distance` is written out, as most segments come here.
        if direction.acked < 0 or (ack - direction.acked) & _M32 < 0x80000000:
            direction.acked = ack
            if direction.rtt_end >= 0:
                direction.round_trip(ack, ts)
            if direction.waiting:
                direction.settle(True, ts, self.frames)

    def _count_link_type(self, linktype: i64) -> None:
        """From the next frame on the link type is another one."""
        count = self.frames - self._link_type_since
        if count:
            before = self._link_type
            self.link_types[before] = self.link_types.get(before, 0) + count
        self._link_type_since = self.frames
        self._link_type = linktype

    def _fragment(self, buf: bytes, ts: i64, position: i64) -> None:
        """One fragment of an IP datagram, in a frame that begins at `position`; the datagram goes on when it is
        whole."""
        seg = self._seg
        datagram = self.fragments.add(seg, buf, ts, position)
        while datagram is not None:
            whole = datagram.buf
            code = decode_datagram(seg, whole, datagram.address_length, datagram.protocol, datagram.length)
            if code == FRAGMENT:  # a fragmented packet within a tunnel whose packets were fragmented, too
                datagram = self.fragments.add(seg, whole, ts, 0, datagram)
                continue
            if code != 0:
                self._not_tcp(code)
                return
            self._without_segment -= 1
            if not self._verify or self._checksum_holds(whole):
                self._scattered(datagram, whole, ts)
            return

    def _scattered(self, datagram: Datagram, buf: bytes, ts: i64) -> None:
        """A segment whose payload lies in several places of the capture: taken as segments that follow each other."""
        seg = self._seg
        pieces = datagram.trace(seg.payload, seg.captured)
        start = seg.payload
        seq = seg.seq
        length = seg.length
        flags = seg.flags
        left: i64 = len(pieces)
        if left == 0:
            self._segment(buf, ts, 0)
            return
        for offset, size, position in pieces:
            left -= 1
            before = offset - start
            seg.payload = offset
            seg.captured = size
            seg.seq = (seq + before) & _M32
            seg.length = size if left else length - before
            seg.flags = flags & ~FIN if left else flags
            self._segment(buf, ts, position - offset)
