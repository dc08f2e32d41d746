"""Whose turn it is: segments that acknowledge bytes which the capture has not shown yet wait for them, so that no
answer comes before its question.

Compiled. The middle layer of the engine, between the table of connections and the way of one segment. Captures have
frames in another order than the hosts, lack some, or hold only the beginnings of PDUs.
"""

from __future__ import annotations

from typing import Final

from mypy_extensions import i64

from iscsi_analyzer.flows import ACK, END_OF_TIME, FlowTable
from iscsi_analyzer.streams.connection import OTHER, Connection, Direction, Early
from iscsi_analyzer.streams.serial import distance
from iscsi_analyzer.streams.tcp import FAR, NO_FRAME

AHEAD_FRAMES: Final = 32
AHEAD_NS: Final = 10_000_000
"""How long a segment waits for bytes that it acknowledges and that were not seen: captures of several queues or ports
mix up frames that are close to each other."""


class Turns(FlowTable):
    """Lets segments wait for their turn, and takes them in the order of the capture when there is no use in waiting."""

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
        """A segment whose turn it is."""

    def _out_of_turn(self, direction: Direction, buf: bytes, ts: i64, base: i64, mark: i64) -> None:
        """A segment that acknowledges what was not seen yet, or comes after one that does.

        The capture has frames in another order than the hosts, or lacks some. What the other direction sends meanwhile
        goes on; this direction waits for it, a few frames and milliseconds, so that no answer comes before its
        question.
        """
        seg = self._seg
        connection = direction.connection
        peer = direction.peer
        unseen = distance(seg.ack, peer.next_seq)
        if connection.verdict == OTHER:
            self._catch_up(connection, END_OF_TIME)  # nothing of it is of interest, so nothing waits
        if not connection.ahead:
            if (
                unseen <= 0
                or not seg.flags & ACK
                or connection.verdict == OTHER
                or peer.next_seq < 0
                or not peer.frames
                or unseen > FAR
                or (unseen == 1 and peer.fin)
            ):
                self._take_at_hand(direction, buf, ts, base, mark)
                self._stay_wary(connection)
                return
            connection.ahead_of = peer
            connection.wary = True
            peer.hold_from = self.frames
        connection.ahead_frames += 1
        if direction is connection.ahead_of:
            before = direction.offset
            self._take_at_hand(direction, buf, ts, base, mark)
            if direction.offset != before and unseen > 0 and seg.flags & ACK and peer.next_seq >= 0:
                _not_waited_for(peer)
            direction.look_for_overdue()
        else:
            copy = buf[seg.payload : seg.payload + seg.captured]
            early = Early(copy, seg.length, seg.seq, seg.ack, seg.flags, seg.window, mark, ts)
            early.frame = self.frames
            early.position = base + seg.payload
            early.turn = connection.ahead_frames
            connection.ahead.append(early)
        self._catch_up(connection, ts)
        self._stay_wary(connection)

    def _stay_wary(self, connection: Connection) -> None:
        """Looks at bytes that were not waited for, and at whether there are any left, or segments that wait."""
        connection.first.look_for_overdue()
        connection.second.look_for_overdue()
        overdue = connection.first.overdue >= 0 or connection.second.overdue >= 0
        connection.wary = overdue or len(connection.ahead) > 0

    def _take_at_hand(self, direction: Direction, buf: bytes, ts: i64, base: i64, mark: i64) -> None:
        """The segment in `self._seg` waits for nothing."""
        seg = self._seg
        self._take(
            direction,
            buf,
            seg.payload,
            seg.captured,
            seg.length,
            seg.seq,
            seg.ack,
            seg.flags,
            seg.window,
            mark,
            ts,
            self.frames,
            base + seg.payload,
        )

    def _catch_up(self, connection: Connection, now: i64) -> None:
        """Takes the segments whose acknowledged bytes have come, or are not expected any more at the time `now`."""
        waited_for = connection.ahead_of
        queue = connection.ahead
        if waited_for is None or not queue:
            return
        other = waited_for.peer
        used: i64 = 0
        count: i64 = len(queue)
        while used < count:
            early = queue[used]
            self._in_order(waited_for, early.ack, early.frame, queue, used)
            if distance(early.ack, waited_for.next_seq) > 0:
                if connection.ahead_frames - early.turn <= AHEAD_FRAMES and now - early.ts <= AHEAD_NS:
                    break
                missing = waited_for.hole(early.ack)
                if missing > 0:
                    waited_for.gap(missing, early.ts, early.frame)
                    continue
                _not_waited_for(waited_for)
            used += 1
            self._take(
                other,
                early.data,
                0,
                len(early.data),
                early.length,
                early.seq,
                early.ack,
                early.flags,
                early.window,
                early.mark,
                early.ts,
                early.frame,
                early.position,
            )
            other.look_for_overdue()
        if used == count:
            connection.ahead = []
            waited_for.hold_from = NO_FRAME
            self._in_order(waited_for, waited_for.next_seq, NO_FRAME, queue, used)
        elif used:
            connection.ahead = queue[used:]
            waited_for.hold_from = queue[used].frame

    def _in_order(self, direction: Direction, ack: i64, before: i64, queue: list[Early], used: i64) -> None:
        """Delivers what waited behind holes that are none any more, as far as it is acknowledged by `ack` or was
        captured before that frame; and first what the sender of each such segment had received."""
        peer = direction.peer
        while direction.waiting:
            first = direction.waiting[0]
            if first.offset > direction.offset:
                return
            if first.frame >= before and distance(ack, direction.next_seq) <= 0:
                return
            if first.ack >= 0 and peer.next_seq >= 0:
                missing = distance(first.ack, peer.next_seq)
                if 0 < missing < FAR:
                    if _goes_on(peer, queue, used):
                        peer.gap(missing, first.ts, first.frame)
                    else:
                        _not_waited_for(peer)
            direction.next_waiting()
            direction.look_for_overdue()


def _not_waited_for(direction: Direction) -> None:
    """Bytes of it were acknowledged; what acknowledges them is taken although they have not come."""
    if direction.overdue < 0:
        direction.overdue = direction.offset


def _goes_on(direction: Direction, queue: list[Early], used: i64) -> bool:
    """Whether segments of `direction`, of which queue[used:] wait, are known behind a hole, and none that fills it."""
    if direction.waiting:
        return False
    beyond = False
    index = used
    while index < len(queue):
        early = queue[index]
        ahead = distance(early.seq, direction.next_seq)
        if early.length and ahead <= 0 and ahead + early.length > 0:
            return False
        if early.length and ahead > 0:
            beyond = True
        index += 1
    return beyond
