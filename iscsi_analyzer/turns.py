"""Whose turn it is: segments that acknowledge bytes which the capture has not shown yet wait for them, so that no
answer comes before its question.

Compiled. The middle layer of the engine, between the table of connections and the way of one segment. Captures have
frames in another order than the hosts, lack some, or hold only the beginnings of PDUs.
"""

from __future__ import annotations

from typing import Final

from mypy_extensions import i64

from iscsi_analyzer.flows import FlowTable
from iscsi_analyzer.streams.connection import Connection, Direction, Early
from iscsi_analyzer.streams.serial import distance
from iscsi_analyzer.streams.tcp import FAR

AHEAD_FRAMES: Final = 32
AHEAD_NS: Final = 10_000_000
"""How long a segment waits for bytes that it acknowledges and that were not seen: captures of several queues or ports
mix up frames that are close to each other."""

_NEVER: Final = 1 << 62


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
        if not connection.ahead:
            if peer.next_seq < 0 or not peer.frames or unseen > FAR or (unseen == 1 and peer.fin):
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
                return
            connection.ahead_of = peer
            connection.ahead_ts = ts
            connection.ahead_frames = 0
        connection.ahead_frames += 1
        if direction is connection.ahead_of:
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
        else:
            copy = buf[seg.payload : seg.payload + seg.captured]
            early = Early(copy, seg.length, seg.seq, seg.ack, seg.flags, seg.window, mark, ts)
            early.frame = self.frames
            early.position = base + seg.payload
            connection.ahead.append(early)
        late = connection.ahead_frames > AHEAD_FRAMES or ts - connection.ahead_ts > AHEAD_NS
        self._catch_up(connection, late)

    def _catch_up(self, connection: Connection, all_of_them: bool) -> None:
        """Takes the segments whose acknowledged bytes have come; all, if they are not expected any more."""
        waited_for = connection.ahead_of
        queue = connection.ahead
        if waited_for is None or not queue:
            return
        other = waited_for.peer
        used: i64 = 0
        for early in queue:
            if all_of_them:
                self._pass_over(waited_for, early, queue, used)
            elif distance(early.ack, waited_for.next_seq) > 0:
                break
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
        if used:
            connection.ahead = queue[used:]
        if all_of_them:
            self._in_order(waited_for, _NEVER, queue, used)

    def _pass_over(self, waited_for: Direction, early: Early, queue: list[Early], used: i64) -> None:
        """Before a segment that waited in vain: what its sender had received by then, and where the capture lacks that,
        gaps."""
        while True:
            self._in_order(waited_for, early.frame, queue, used)
            missing = waited_for.hole(early.ack)
            if missing <= 0:
                return
            waited_for.gap(missing, early.ts, early.frame)

    def _in_order(self, direction: Direction, before: i64, queue: list[Early], used: i64) -> None:
        """Delivers what waited behind holes that are none any more, as far as it was captured before that frame; and
        first what the sender of each such segment had received."""
        peer = direction.peer
        while direction.waiting:
            first = direction.waiting[0]
            if first.frame >= before or first.offset > direction.offset:
                return
            if first.ack >= 0 and _goes_on(peer, queue, used):
                missing = distance(first.ack, peer.next_seq)
                if 0 < missing < FAR:
                    peer.gap(missing, first.ts, first.frame)
            direction.next_waiting()


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
