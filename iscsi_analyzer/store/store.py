"""The read side of the index: PDUs by number, and their bytes from the capture (`store.columns` has whole columns).

Reads what the first pass appends, also while it is still appending.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from functools import cached_property
from itertools import islice
from typing import Any, NamedTuple

from iscsi_analyzer.engine import Engine
from iscsi_analyzer.listener import Loss, TcpEvent
from iscsi_analyzer.model.following import Follower
from iscsi_analyzer.model.login import Login
from iscsi_analyzer.model.session import Session
from iscsi_analyzer.rules.desk import Finding
from iscsi_analyzer.rules.plugin import chosen
from iscsi_analyzer.rules.verdicts import Verdicts
from iscsi_analyzer.store import rows
from iscsi_analyzer.store.blocks import whole_rows
from iscsi_analyzer.streams.connection import Connection
from iscsi_analyzer.streams.framer import Framer
from iscsi_analyzer.streams.resync import body_length
from iscsi_analyzer.streams.spans import GAP

_ROW = struct.Struct("<qqIIIIIIII48s")
assert _ROW.size == rows.ROW_SIZE

DIGEST_WORDS = ("absent", "ok", "bad", "unknown")


class Row(NamedTuple):
    """One PDU as the first pass saw it (see `store.rows` for the meaning of each field)."""

    time_first: int
    time_last: int
    frame_first: int
    frame_last: int
    connection: int
    flags: int
    span_entry: int
    span_skip: int
    request: int
    data_captured: int
    header: bytes

    @property
    def to_target(self) -> bool:
        return bool(self.flags & rows.FLAG_TO_TARGET)

    @property
    def opcode(self) -> int:
        return self.header[0] & 0x3F

    @property
    def header_captured(self) -> int:
        """Bytes of the basic header that the capture holds, 8 to 48."""
        return (self.flags >> rows.CAPTURED_SHIFT) & rows.CAPTURED_MASK

    @property
    def data_segment_length(self) -> int:
        return int.from_bytes(self.header[5:8], "big")

    @property
    def header_digest(self) -> str:
        """A word of DIGEST_WORDS."""
        return DIGEST_WORDS[(self.flags >> rows.HEADER_DIGEST_SHIFT) & rows.DIGEST_MASK]

    @property
    def data_digest(self) -> str:
        """A word of DIGEST_WORDS."""
        return DIGEST_WORDS[(self.flags >> rows.DATA_DIGEST_SHIFT) & rows.DIGEST_MASK]

    @property
    def length(self) -> int:
        """Bytes of the whole PDU in its stream: headers, data, padding and digests."""
        first = int.from_bytes(self.header[:8], "big", signed=True)
        with_header = 1 if self.flags & rows.FLAG_HEADER_DIGEST else 0
        with_data = 1 if self.flags & rows.FLAG_DATA_DIGEST else 0
        return 48 + body_length(first, with_header, with_data)


class Store:
    """Everything that an analysis found. Numbers of PDUs, frames and connections count from 1."""

    def __init__(self, engine: Engine, read_span: Callable[[int, int], bytes]) -> None:
        self.engine = engine
        "The first pass, which may still be at work."
        self.found = engine.listener
        "What the first pass appends to."
        self.attachments: dict[Any, Any] = {}
        "What readers keep with the store: see `columns.attached`."
        self._read_span = read_span
        self._tail = (-1, b"")

    def begin_anew(self) -> None:
        """Rows were given up and the others are counted from 1 again: what was read before is forgotten."""
        self.attachments.clear()
        self._tail = (-1, b"")

    def __len__(self) -> int:
        """How many PDUs there are by now."""
        return int(self.found.rows.count)

    @property
    def first_ts(self) -> int:
        """Time of the first frame (ns since 1970), -1 if there is none."""
        return self.engine.first_ts

    @property
    def connections(self) -> list[Connection]:
        """The connections that carry iSCSI; number n is at index n - 1."""
        return self.found.connections

    @property
    def followers(self) -> list[Follower]:
        """What the model knows of each connection, in the same order: session, login, negotiated values."""
        return self.found.sessions.followers

    @property
    def sessions(self) -> list[Session]:
        """The sessions, in the order of their numbers, which may leave some out."""
        return self.found.sessions.sessions

    @property
    def logins(self) -> list[Login]:
        """The login of each connection, in the same order."""
        return [follower.login for follower in self.followers]

    @property
    def marks(self) -> dict[int, list[int]]:
        """The PDUs that show findings, whether these count or not. Grows with the store."""
        return self.engine.desk.marks

    @cached_property
    def verdicts(self) -> Verdicts:
        """What the rules found, as the options of the analysis want it. Grows with the store."""
        options = self.engine.options
        return Verdicts(self.engine.desk, self.followers, options.selection, chosen(options.plugins))

    @property
    def losses(self) -> list[Loss]:
        return self.found.losses

    @property
    def losses_not_listed(self) -> int:
        """How many more losses there are than are listed."""
        return self.found.losses_not_listed

    @property
    def tcp_events(self) -> list[TcpEvent]:
        """What is out of the ordinary at TCP level. Grows with the store."""
        return self.found.tcp_events

    @property
    def tcp_events_not_listed(self) -> int:
        """How many more of them there are than are listed."""
        return self.found.tcp_events_not_listed

    def findings_from(self, start: int) -> list[Finding]:
        """What the rules have found, without the first `start` of it, and whether it counts or not."""
        return self.engine.desk.findings[start:]

    def row_of(self, number: int) -> int:
        """The number here of a PDU that the model counts, from the beginning of the capture; 0 if its row was given
        up."""
        return int(self.found.rows.places.of(number))

    def row(self, number: int) -> Row:
        """The row of PDU `number`. Raises IndexError if there is none."""
        if not 1 <= number <= len(self):
            raise IndexError(f"no PDU {number}; there are {len(self)}")
        block, at = divmod(number - 1, rows.ROWS_PER_BLOCK)
        blocks = self.found.rows.blocks
        if block < len(blocks):
            return Row._make(_ROW.unpack_from(blocks[block], at * rows.ROW_SIZE))
        # A copy of the block that is being filled serves as long as the row is in it.
        copied, data = self._tail
        if copied != block or len(data) < (at + 1) * rows.ROW_SIZE:
            data = whole_rows(self.found.rows, block, rows.ROW_SIZE)
            self._tail = (block, data)
        return Row._make(_ROW.unpack_from(data, at * rows.ROW_SIZE))

    def rows(self, start: int = 1) -> Iterator[Row]:
        """All rows from PDU `start` on that are there now, in order."""
        number = start
        while number <= len(self):
            block, at = divmod(number - 1, rows.ROWS_PER_BLOCK)
            view = memoryview(whole_rows(self.found.rows, block, rows.ROW_SIZE))[at * rows.ROW_SIZE :]
            yield from map(Row._make, _ROW.iter_unpack(view))
            number += len(view) // rows.ROW_SIZE

    def row_runs(self, start: int = 1) -> Iterator[tuple[bytes, int, int, bytes]]:
        """The rows from PDU `start` on that are there now, as they are stored: (block, index of the first row in it,
        number of rows, the rows of the block that is being filled)."""
        writer = self.found.rows
        count = len(self)
        number = start
        tail = writer.tail()
        while number <= count:
            block, first = divmod(number - 1, rows.ROWS_PER_BLOCK)
            data = writer.blocks[block] if block < len(writer.blocks) else tail
            found = len(data) // rows.ROW_SIZE - first
            yield data, first, found, tail
            number += found

    @property
    def row_blocks(self) -> list[bytes]:
        """The blocks of rows that are full. Grows with the store."""
        return self.found.rows.blocks

    @property
    def all_kept_data(self) -> dict[int, bytes]:
        """The data segments that were kept, by PDU. Grows with the store."""
        return self.found.kept_data

    def framer(self, row: Row) -> Framer:
        """The direction of a connection that sent the PDU."""
        connection = self.connections[row.connection - 1]
        sender = connection.to_target
        assert sender is not None
        direction = sender if row.to_target else sender.peer
        assert direction.framer is not None
        return direction.framer

    def framers(self) -> Iterator[Framer]:
        """All directions of all connections."""
        for connection in self.connections:
            for direction in (connection.first, connection.second):
                if direction.framer is not None:
                    yield direction.framer

    def spans(self, row: Row) -> list[tuple[int, int]]:
        """Where the PDU's bytes lie in the capture: (position, length) pairs; position is -1 where bytes are
        missing."""
        return self.framer(row).spans.pieces(row.span_entry, row.span_skip, row.length)

    def frames(self, row: Row) -> list[int]:
        """The frames that hold bytes of the PDU, in ascending order."""
        return self.framer(row).spans.frames(row.span_entry, row.span_skip, row.length)

    def raw(self, row: Row) -> bytes:
        """The whole PDU as it was on the wire, read from the capture again; missing bytes are zero, and the end may
        be short."""
        parts = []
        for position, length in self.spans(row):
            part = b"" if position == GAP else self._read_span(position, length)
            parts.append(part.ljust(length, b"\0"))
        return b"".join(parts)

    def read_span(self, position: int, length: int) -> bytes:
        """Captured bytes at a place that `spans` gave; fewer if they cannot be had (any more)."""
        return self._read_span(position, length)

    def ahs(self, number: int) -> bytes:
        """The additional header segments of a PDU, as far as captured, from memory or from the capture."""
        kept = self.found.ahs.get(number)
        if kept is not None:
            return kept
        row = self.row(number)
        if not row.header[4] or row.flags & rows.FLAG_UNFINISHED:
            return b""
        return self._captured(row, 48, 4 * row.header[4])

    def kept_data(self, number: int) -> bytes | None:
        """The data segment if the first pass kept it (text, sense, rejected headers, descriptions of devices), else
        None."""
        return self.found.kept_data.get(number)

    def kept_numbers(self, start: int = 0) -> list[int]:
        """The PDUs whose data segment was kept, in order, without the first `start` of them."""
        kept = self.found.kept_data
        # From the end: those who ask again and again want only what is new.
        found = list(islice(reversed(kept), max(0, len(kept) - start)))
        found.reverse()
        return found

    def data(self, number: int) -> bytes:
        """The data segment of a PDU without padding, from memory or from the capture; missing bytes are zero, and the
        end may be short."""
        row = self.row(number)
        if not row.data_segment_length or not row.data_captured:
            return b""
        kept = self.found.kept_data.get(number)
        if kept is not None and len(kept) >= row.data_captured:
            return kept
        start = 48 + 4 * row.header[4] + (4 if row.flags & rows.FLAG_HEADER_DIGEST else 0)
        return self.raw(row)[start : start + row.data_segment_length]

    def _captured(self, row: Row, start: int, length: int) -> bytes:
        """Up to `length` bytes of a PDU from its byte `start` on, as far as the capture has them without a hole."""
        found = b""
        for position, size in self.framer(row).spans.pieces(row.span_entry, row.span_skip + start, length):
            part = b"" if position == GAP else self._read_span(position, size)
            found += part
            if len(part) < size:
                break
        return found
