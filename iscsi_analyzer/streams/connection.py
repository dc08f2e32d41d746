"""One TCP connection: its two directions, whether it carries iSCSI, and if so the framers that cut it into PDUs.

Compiled. Until it is known what the connection carries, its data is held back (bounded); then it is framed from the
start or forgotten. iSCSI is recognised by its headers on any port; a known port only lowers the amount of proof that is
asked for.
"""

from __future__ import annotations

from typing import Final

from mypy_extensions import i64

from iscsi_analyzer.store.rows import RowWriter
from iscsi_analyzer.streams.context import FramingContext
from iscsi_analyzer.streams.framer import Framer
from iscsi_analyzer.streams.pdu import PduSink
from iscsi_analyzer.streams.plausible import strict
from iscsi_analyzer.streams.resync import confirmed, find_header
from iscsi_analyzer.streams.serial import distance
from iscsi_analyzer.streams.spans import GAP
from iscsi_analyzer.streams.tcp import Half, StreamSink

UNDECIDED: Final = 0
ISCSI: Final = 1
OTHER: Final = 2

MAX_HELD_BYTES: Final = 1 << 18
MAX_HELD: Final = 128
MAX_HELD_UNKNOWN_PORT: Final = 24
MAX_HELD_IN_ALL: Final = 32 << 20
"What is held back of an undecided connection, and of all of them; more without a sign of iSCSI decides against it."
MAX_PASSED: Final = 16 << 20
"""Bytes that are passed over on a port of iSCSI while a header is looked for, when there is more than can be held back:
seldom does a header begin a segment where PDUs are much longer than segments."""
ENOUGH_HEADERS: Final = 4
"Segments that begin like a header, on a port that is not known for iSCSI, until the connection counts as such."
SIGN: Final = 48
"First bytes of each direction that are remembered: a header, or else they tell what the connection may carry."


class Held:
    """A piece of the stream held back until the connection is recognised; `data` is empty for a gap."""

    def __init__(self, direction: Direction, data: bytes, length: i64, ts: i64, frame: i64, position: i64) -> None:
        self.direction: Direction = direction
        self.data: bytes = data
        self.length: i64 = length
        self.ts: i64 = ts
        self.frame: i64 = frame
        self.position: i64 = position


class Early:
    """A segment that acknowledges bytes which the capture has not shown yet; its data is copied."""

    def __init__(
        self, data: bytes, length: i64, seq: i64, ack: i64, flags: i64, window: i64, mark: i64, ts: i64
    ) -> None:
        self.data: bytes = data
        self.length: i64 = length
        self.seq: i64 = seq
        self.ack: i64 = ack
        self.flags: i64 = flags
        self.window: i64 = window
        self.mark: i64 = mark
        self.ts: i64 = ts
        self.frame: i64 = 0
        self.position: i64 = 0
        # How many frames had waited or been taken before it.
        self.turn: i64 = 0


class Direction(Half):
    """One direction of a connection, with what the engine needs to find it by the next frame's addresses."""

    def __init__(self, connection: Connection, source: bytes, destination: bytes, key: bytes) -> None:
        super().__init__(connection, source, destination)
        self.connection: Connection = connection
        self.key: bytes = key
        self.peer: Direction = self
        self.framer: Framer | None = None
        # Stream byte from which on bytes are missing that were acknowledged and are not waited for any more; -1: none.
        self.overdue: i64 = -1
        # IPv4: source and destination address as one number, and both ports; ports are -1 where that does not apply.
        self.address_word: i64 = 0
        self.ports: i64 = -1
        self.sign: bytes = b""
        # Bytes that were seen but passed over before the connection was recognised.
        self.passed: i64 = 0

    def look_for_overdue(self) -> None:
        """Says so when bytes have come that were not waited for any longer."""
        if self.overdue >= 0 and self.offset > self.overdue:
            more = distance(self.acked, self.next_seq) > 0
            self.overdue = self.offset if more else -1
            self.connection.sink.late(self)


class ConnectionSink(PduSink):
    """What a connection tells the engine."""

    def __init__(self) -> None:
        # Bytes that connections hold back until it is known what they carry.
        self.held_back: i64 = 0
        # Bytes of all connections that wait behind holes.
        self.waiting: i64 = 0
        # Connections that were given up because all of them together held back too much.
        self.crowded: i64 = 0

    def recognised(self, connection: Connection) -> FramingContext:
        """The connection carries iSCSI: gives it a number, and what follows its PDUs."""
        return FramingContext(0, connection.header_digest, connection.data_digest)

    def gap(self, direction: Direction, length: i64, ts: i64, frame: i64, by_snaplen: bool) -> None:
        """Stream bytes are not in the capture."""

    def late(self, direction: Direction) -> None:
        """Bytes came that the receiver had acknowledged long before: what was seen in between is not in the order of
        the wire."""

    def noted(self, direction: Direction, what: str, length: i64, ts: i64, frame: i64) -> None:
        """Something out of the ordinary at TCP level, one of `streams.tcp.EVENTS`."""

    def read_back(self, position: i64, length: i64) -> bytes:
        """Captured bytes again, as far as they can be had; else b""."""
        return b""


class Connection(StreamSink):
    """A TCP connection from its first captured frame to its last."""

    def __init__(
        self, sink: ConnectionSink, rows: RowWriter, source: bytes, destination: bytes, key: bytes, reverse: bytes
    ) -> None:
        self.sink: ConnectionSink = sink
        self.rows: RowWriter = rows
        self.number: i64 = 0
        self.verdict: i64 = UNDECIDED
        self.port_known: bool = False
        self.first: Direction = Direction(self, source, destination, key)
        self.second: Direction = Direction(self, destination, source, reverse)
        self.first.peer = self.second
        self.second.peer = self.first
        # The direction that the initiator sends in, once known.
        self.to_target: Direction | None = None
        self.syn: bool = False
        self.syn_ack: bool = False
        # The first FIN or RST: what it was, who sent it, and when.
        self.closed: bool = False
        self.closed_with: str = ""
        self.closed_by: Direction | None = None
        self.closed_ts: i64 = 0
        self.closed_frame: i64 = 0
        self.replaced: bool = False
        "Its ports were used again, so it was over by then at the latest."
        self.first_ts: i64 = 0
        self.first_frame: i64 = 0
        self.last_ts: i64 = 0
        self.last_frame: i64 = 0
        self.vlan: i64 = -1
        self.tunnel: i64 = 0
        self.header_digest: i64 = 2
        self.data_digest: i64 = 2
        self.verify_data: bool = True
        self.context: FramingContext | None = None
        self.held_back: i64 = 0
        # Segments of one direction that are ahead of what was seen of the other one, `ahead_of`; and how many frames
        # came while some were.
        self.ahead: list[Early] = []
        self.ahead_of: Direction | None = None
        self.ahead_frames: i64 = 0
        # Segments are ahead, or bytes of a direction are overdue: every segment is looked at.
        self.wary: bool = False
        self._held: list[Held] = []
        self._signs: i64 = 0

    # --- from the streams ---

    def bytes_arrived(
        self, half: Half, buf: bytes, offset: i64, length: i64, ts: i64, frame: i64, position: i64
    ) -> None:
        direction = half if half is self.first else self.second
        assert isinstance(direction, Direction)
        self.deliver(direction, buf, offset, length, ts, frame, position)

    def deliver(
        self, direction: Direction, buf: bytes, offset: i64, length: i64, ts: i64, frame: i64, position: i64
    ) -> None:
        """The next bytes of one direction."""
        framer = direction.framer
        if framer is not None:
            framer.feed(buf, offset, length, ts, frame, position)
        elif self.verdict == UNDECIDED:
            data = buf[offset : offset + length]
            self._held.append(Held(direction, data, length, ts, frame, position))
            self.held_back += length
            self.sink.held_back += length
            known: i64 = len(direction.sign)
            start = direction.isn >= 0 and known < SIGN and direction.offset - length == known
            if known < SIGN:
                direction.sign = (direction.sign + data)[:SIGN]
            self._decide(direction, direction.sign if start and known else data, start)

    def bytes_missing(self, half: Half, length: i64, ts: i64, frame: i64, by_snaplen: bool) -> None:
        direction = half if half is self.first else self.second
        assert isinstance(direction, Direction)
        framer = direction.framer
        if framer is not None:
            self.sink.gap(direction, length, ts, frame, by_snaplen)
            framer.gap(length, ts, frame)
        elif self.verdict == UNDECIDED:
            self._held.append(Held(direction, b"", length, ts, frame, 1 if by_snaplen else 0))
            if len(self._held) > MAX_HELD * 2:
                self._give_up()

    def waits(self, more: i64) -> i64:
        self.sink.waiting += more
        return self.sink.waiting

    def noted(self, half: Half, what: str, length: i64, ts: i64, frame: i64) -> None:
        if self.verdict == ISCSI:
            direction = half if half is self.first else self.second
            assert isinstance(direction, Direction)
            self.sink.noted(direction, what, length, ts, frame)

    def original(self, half: Half, offset: i64, length: i64) -> bytes:
        direction = half if half is self.first else self.second
        assert isinstance(direction, Direction)
        framer = direction.framer
        if framer is None:
            return b""
        entry, skip = framer.spans.find(offset & 0xFFFFFFFF)
        if entry < 0:
            return b""
        found = b""
        for position, size in framer.spans.pieces(entry, skip, length):
            if position == GAP:
                break
            part = self.sink.read_back(position, size)
            found += part
            if len(part) < size:
                break
        return found

    # --- recognition ---

    def _decide(self, direction: Direction, data: bytes, start: bool) -> None:
        """Looks at the piece that has just arrived in `direction`, with what precedes it if that is the `start` of the
        stream."""
        length: i64 = len(data)
        to_target = self._reads_like(direction, data, length)
        if to_target >= 0 and self._proven(data, length, to_target, start):
            self._accept(direction if to_target else direction.peer)
            return
        known = self.port_known
        if start and length >= (24 if known or to_target < 0 else 48) and (not known or direction.peer.sign):
            # The very first bytes are no header, neither here nor, on a known port, in the other direction.
            if to_target < 0 or not known:
                self._give_up()
                return
        if start and length < SIGN:
            return  # its first header may still come
        sender = self.to_target
        if known and sender is not None and not start and self._has_header(data, length, direction is sender):
            self._accept(sender)
            return
        pieces: i64 = len(self._held)
        too_many = pieces > (MAX_HELD if known else MAX_HELD_UNKNOWN_PORT)
        if too_many or self.held_back > MAX_HELD_BYTES or self.sink.held_back > MAX_HELD_IN_ALL:
            if known and sender is not None:
                self._pass_over()
                return
            if not too_many and self.held_back <= MAX_HELD_BYTES:
                self.sink.crowded += 1
            self._give_up()

    def _has_header(self, data: bytes, length: i64, to_target: bool) -> bool:
        """Whether there is a header somewhere in a piece that leads to another one, or to its end."""
        return find_header(data, 0, length, 1, to_target, self.header_digest, self.data_digest, None) >= 0

    def _pass_over(self) -> None:
        """Too much is held back, but it is a port of iSCSI: lets go of it, and goes on looking."""
        for item in self._held:
            item.direction.passed += item.length
        self._held = []
        self.sink.held_back -= self.held_back
        self.held_back = 0
        if self.first.passed + self.second.passed > MAX_PASSED:
            self._give_up()

    def _reads_like(self, direction: Direction, data: bytes, length: i64) -> i64:
        """1 or 0 if the piece begins with a header that goes to the target or to the initiator, else -1."""
        if length < 24:
            return -1
        sender = self.to_target
        if sender is None or sender is direction:
            if strict(data, 0, length, True):
                return 1
        if sender is None or sender is not direction:
            if strict(data, 0, length, False):
                return 0
        return -1

    def _proven(self, data: bytes, length: i64, to_target: i64, start: bool) -> bool:
        if self.port_known:
            return True
        opcode = data[0] & 0x3F
        if start:
            # A connection begins with a login (RFC 7143 section 6.3).
            return length >= 48 and opcode & 0x1F == 3
        self._signs += 1
        if length >= 48 and confirmed(data, 0, length, to_target == 1):
            self._signs += 1
        return self._signs >= ENOUGH_HEADERS

    def _accept(self, sender: Direction) -> None:
        self.verdict = ISCSI
        self.to_target = sender
        context = self.sink.recognised(self)
        context.verify_data = self.verify_data
        context.aligned = self.first.isn >= 0 and self.second.isn >= 0
        self.context = context
        for direction in (self.first, self.second):
            in_sync = direction.isn >= 0 and not direction.passed
            framer = Framer(context, self.rows, self.sink, direction is sender, in_sync)
            if direction.passed:
                framer.pass_over(direction.passed, self.last_frame)
            direction.framer = framer
            direction.remember_segments()
        held = self._held
        self._held = []
        self.sink.held_back -= self.held_back
        for item in held:
            of_item = item.direction.framer
            assert of_item is not None
            if item.data:
                of_item.feed(item.data, 0, item.length, item.ts, item.frame, item.position)
            else:
                self.sink.gap(item.direction, item.length, item.ts, item.frame, item.position == 1)
                of_item.gap(item.length, item.ts, item.frame)

    def _give_up(self) -> None:
        self.verdict = OTHER
        self._held = []
        self.sink.held_back -= self.held_back

    def finish(self, ts: i64, frame: i64) -> None:
        """Nothing more will come."""
        self.first.flush(ts, frame)
        self.second.flush(ts, frame)
        self.first.look_for_overdue()
        self.second.look_for_overdue()
        for framer in (self.first.framer, self.second.framer):
            if framer is not None:
                framer.finish(ts, frame)
        if self.verdict == UNDECIDED and self._held:
            self._give_up()
