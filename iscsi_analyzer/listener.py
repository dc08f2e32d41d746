"""What the connections report during the first pass, collected: connections, logins, losses, and the data that is kept.

Compiled. The engine's memory beside the rows.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from mypy_extensions import i64

from iscsi_analyzer.model.sessions import Sessions
from iscsi_analyzer.options import Options
from iscsi_analyzer.store.rows import RowWriter
from iscsi_analyzer.streams.connection import Connection, ConnectionSink, Direction
from iscsi_analyzer.streams.context import FramingContext
from iscsi_analyzer.streams.pdu import PduInHand

MAX_LOSSES: Final = 1 << 16
"Gaps and skipped runs that are listed one by one; all of them are counted."
MAX_EVENTS: Final = 1 << 16
"TCP events that are listed one by one; all of them are counted, by direction."
MAX_KEPT_BYTES: Final = 64 << 20
"Data segments (text, sense, descriptions of devices) and additional headers kept in memory, over all PDUs."


class Loss:
    """Bytes of a connection that did not become part of a PDU: missing from the capture, or there but not framed."""

    def __init__(self, kind: str, connection: i64, to_target: bool, length: i64, ts: i64, frame: i64) -> None:
        self.kind: str = kind
        "`gap` (the capture lacks the bytes) or `skipped` (no header could be found in them)."
        self.connection: i64 = connection
        self.to_target: bool = to_target
        self.length: i64 = length
        self.ts: i64 = ts
        "When this was known."
        self.frame: i64 = frame


class TcpEvent:
    """Something out of the ordinary at TCP level, one of `streams.tcp.EVENTS`."""

    def __init__(self, what: str, connection: i64, to_target: bool, length: i64, ts: i64, frame: i64) -> None:
        self.what: str = what
        self.connection: i64 = connection
        self.to_target: bool = to_target
        self.length: i64 = length
        self.ts: i64 = ts
        self.frame: i64 = frame


class Listener(ConnectionSink):
    """What the connections of one analysis report to."""

    def __init__(self, options: Options) -> None:
        super().__init__()
        self.options: Options = options
        self.rows: RowWriter = RowWriter()
        self.connections: list[Connection] = []
        self.sessions: Sessions = Sessions(self.rows.places)
        self.losses: list[Loss] = []
        self.losses_not_listed: i64 = 0
        self.tcp_events: list[TcpEvent] = []
        self.tcp_events_not_listed: i64 = 0
        self.kept_data: dict[int, bytes] = {}
        self.ahs: dict[int, bytes] = {}
        self.kept_bytes: i64 = 0
        self.kept_overflow: i64 = 0
        self.ports: set[int] = set(options.ports)
        # Gives captured bytes back (position, length), as far as the source can.
        self.read_span: Callable[[int, int], bytes] | None = None

    def recognised(self, connection: Connection) -> FramingContext:
        self.connections.append(connection)
        connection.number = len(self.connections)
        for direction in (connection.first, connection.second):
            # The server's port carries iSCSI: a reconnection there need not prove it again.
            if direction is not connection.to_target and connection.syn:
                self.ports.add((direction.source[-2] << 8) | direction.source[-1])
        return self.sessions.follow(connection)

    def gap(self, direction: Direction, length: i64, ts: i64, frame: i64, by_snaplen: bool) -> None:
        number = direction.connection.number
        self.sessions.followers[number - 1].lose(direction is direction.connection.to_target)
        if not by_snaplen:
            connection = direction.connection
            self._loss(Loss("gap", connection.number, direction is connection.to_target, length, ts, frame))

    def late(self, direction: Direction) -> None:
        number = direction.connection.number
        if number:
            self.sessions.followers[number - 1].lose(direction is direction.connection.to_target)

    def skipped(self, framer: PduInHand, length: i64, ts: i64, frame: i64) -> None:
        self.sessions.followers[framer.context.number - 1].lose(framer.to_target)
        self._loss(Loss("skipped", framer.context.number, framer.to_target, length, ts, frame))

    def _loss(self, loss: Loss) -> None:
        if len(self.losses) < MAX_LOSSES:
            self.losses.append(loss)
        else:
            self.losses_not_listed += 1

    def kept(self, framer: PduInHand, number: i64, ahs: bytes, data: bytes) -> None:
        number = self.rows.places.of(number)
        if ahs and self.kept_bytes + len(ahs) <= MAX_KEPT_BYTES:  # else the capture has them
            self.ahs[number] = ahs
            self.kept_bytes += len(ahs)
        if data:
            if self.kept_bytes + len(data) <= MAX_KEPT_BYTES:
                self.kept_data[number] = data
                self.kept_bytes += len(data)
            else:
                self.kept_overflow += 1
        ports = self.sessions.new_ports
        if ports:
            self.ports.update(ports)
            ports.clear()

    def noted(self, direction: Direction, what: str, length: i64, ts: i64, frame: i64) -> None:
        if len(self.tcp_events) < MAX_EVENTS:
            connection = direction.connection
            sender = direction is connection.to_target
            self.tcp_events.append(TcpEvent(what, connection.number, sender, length, ts, frame))
        else:
            self.tcp_events_not_listed += 1

    def read_back(self, position: i64, length: i64) -> bytes:
        read_span = self.read_span
        if read_span is None:
            return b""
        return read_span(position, length)
