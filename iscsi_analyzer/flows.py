"""The connections of a capture by their addresses, and their beginning and end: SYN, FIN, RST, and ports that are
used again.

Compiled. The lower half of the engine; it knows segments but not what they carry.
"""

from __future__ import annotations

from typing import Final

from librt.strings import read_i64_be
from mypy_extensions import i64

from dissectors.net.segment import Segment
from iscsi_analyzer.listener import Listener
from iscsi_analyzer.options import Options
from iscsi_analyzer.sources.sink import FrameSink
from iscsi_analyzer.streams.connection import ISCSI, UNDECIDED, Connection, Direction
from iscsi_analyzer.streams.serial import distance

MAX_FLOWS: Final = 1 << 16
"Connections that do not carry iSCSI, as far as is known, and are remembered at the same time."

END_OF_TIME: Final = 1 << 62

FIN: Final = 0x01
SYN: Final = 0x02
RST: Final = 0x04
ACK: Final = 0x10

_M32: Final = 0xFFFFFFFF


class FlowTable(FrameSink):
    """Finds the connection of a segment; opens and closes connections."""

    def __init__(self, options: Options) -> None:
        self.options: Options = options
        self.listener: Listener = Listener(options)
        self.frames: i64 = 0
        # Connections without iSCSI that are over or not followed any more, and how many there was no room for.
        self.others: list[Connection] = []
        self.forgotten: i64 = 0
        self._seg: Segment = Segment()
        self._flows: dict[bytes, Direction] = {}
        self._room: i64 = 2 * MAX_FLOWS

    def _catch_up(self, connection: Connection, now: i64) -> None:
        """Takes segments of the connection whose turn it is at the time `now`."""

    def _find(self, buf: bytes, ts: i64) -> Direction:
        seg = self._seg
        at = seg.addr
        size = seg.addr_len
        ports = buf[seg.tcp : seg.tcp + 4]
        source = buf[at : at + size]
        destination = buf[at + size : at + size + size]
        key = source + destination + ports
        direction = self._flows.get(key)
        if direction is None:
            return self._new(source + ports[:2], destination + ports[2:], key, ts)
        return direction

    def _new(self, source: bytes, destination: bytes, key: bytes, ts: i64) -> Direction:
        """A connection that was not seen before, or a new one between the same ports."""
        flows = self._flows
        if len(flows) >= self._room:
            self._forget(ts)
            flows = self._flows
        size: i64 = len(source) - 2
        reverse = destination[:size] + source[:size] + destination[size:] + source[size:]
        listener = self.listener
        connection = Connection(listener, listener.rows, source, destination, key, reverse)
        options = self.options
        connection.header_digest = options.header_digest
        connection.data_digest = options.data_digest
        connection.verify_data = options.verify_data_digests
        connection.first_ts = ts
        connection.last_ts = ts
        connection.first_frame = self.frames
        seg = self._seg
        connection.vlan = seg.vlan
        connection.tunnel = seg.tunnel
        first = connection.first
        second = connection.second
        to_port = (destination[size] << 8) | destination[size + 1]
        from_port = (source[size] << 8) | source[size + 1]
        if to_port in listener.ports:
            connection.port_known = True
            if from_port not in listener.ports:
                connection.to_target = first
        elif from_port in listener.ports:
            connection.port_known = True
            connection.to_target = second
        if size == 4:
            first.address_word = read_i64_be(key, 0)
            first.ports = (read_i64_be(key, 4)) & _M32
            second.address_word = read_i64_be(reverse, 0)
            second.ports = (read_i64_be(reverse, 4)) & _M32
        flows[key] = first
        flows[reverse] = second
        return first

    def _control(self, direction: Direction, seq: i64, length: i64, flags: i64, ts: i64, frame: i64) -> Direction:
        """A segment with SYN, FIN or RST. Returns the direction it belongs to, of a new connection if it opens one."""
        connection = direction.connection
        if flags & RST:
            if not direction.rst:
                direction.rst = True
                direction.rst_ts = ts
                direction.rst_frame = frame
            self._closes(direction, "RST", ts, frame)
            return direction
        if flags & SYN:
            if direction.isn >= 0 or direction.next_seq >= 0:
                known = direction.isn
                if known == seq:
                    direction.syns += 1  # sent again
                if known == seq or (known < 0 and distance((seq + 1) & _M32, direction.next_seq) == 0):
                    return direction
                if flags & ACK and known < 0 and not connection.closed:
                    return direction
                # Another initial sequence number: the ports are used again (RFC 9293 section 3.4.1).
                self._retire(connection, ts)
                direction = self._new(direction.source, direction.destination, direction.key, ts)
                connection = direction.connection
            direction.isn = seq
            direction.next_seq = (seq + 1) & _M32
            direction.syns += 1
            direction.syn_ts = ts
            direction.syn_frame = frame
            # Who opens the connection is the initiator, whatever the ports look like.
            opener = direction
            if flags & ACK:
                connection.syn_ack = True
                opener = direction.peer
            else:
                connection.syn = True
            if connection.verdict == UNDECIDED:
                connection.to_target = opener
        if flags & FIN:
            if not direction.fin:
                direction.fin = True
                direction.fin_ts = ts
                direction.fin_frame = frame
            self._closes(direction, "FIN", ts, frame)
            if direction.next_seq >= 0:
                end = (seq + length) & _M32
                ahead = distance(end, direction.next_seq)
                if ahead >= 0:
                    direction.fin_offset = direction.offset + ahead
                    if ahead == 0 and length == 0:
                        self._finished(direction, ts, frame)
        return direction

    def _closes(self, direction: Direction, what: str, ts: i64, frame: i64) -> None:
        connection = direction.connection
        if not connection.closed:
            connection.closed = True
            connection.closed_with = what
            connection.closed_by = direction
            connection.closed_ts = ts
            connection.closed_frame = frame

    def _finished(self, direction: Direction, ts: i64, frame: i64) -> None:
        """Everything before the FIN is there."""
        if not direction.finished:
            direction.finished = True
            framer = direction.framer
            if framer is not None:
                framer.finish(ts, frame)

    def _retire(self, connection: Connection, ts: i64) -> None:
        """The ports of the connection are used again."""
        connection.replaced = True
        self._catch_up(connection, END_OF_TIME)
        connection.finish(ts, self.frames)
        if connection.verdict != ISCSI:
            self._other(connection)
        self._flows.pop(connection.first.key, None)
        self._flows.pop(connection.second.key, None)

    def _other(self, connection: Connection) -> None:
        """Keeps what is worth telling of a connection without iSCSI."""
        if len(self.others) < MAX_FLOWS:
            self.others.append(connection)
        else:
            self.forgotten += 1

    def _forget(self, ts: i64) -> None:
        """The table is full: connections that are over, and those without iSCSI, make room."""
        kept: dict[bytes, Direction] = {}
        for key, direction in self._flows.items():
            connection = direction.connection
            if connection.verdict == ISCSI and not _over(connection):
                kept[key] = direction
            elif direction is connection.first:
                self._catch_up(connection, END_OF_TIME)
                connection.finish(ts, self.frames)
                if connection.verdict != ISCSI:
                    self._other(connection)
        self._flows = kept
        # Where little could go, the next look at all of them is far off.
        room: i64 = 2 * len(kept)
        self._room = room if room > 2 * MAX_FLOWS else 2 * MAX_FLOWS


def _over(connection: Connection) -> bool:
    """Whether no more data will come on it."""
    first = connection.first
    second = connection.second
    return first.rst or second.rst or (first.fin and second.fin)
