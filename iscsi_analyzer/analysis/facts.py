"""What all analyses look at: one store, its columns, and who belongs to what. Computed once, then only read.

Numbers of PDUs, frames, tasks, connections and sessions count from 1; columns count from 0. Times are nanoseconds since
the epoch.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from iscsi_analyzer.listener import TcpEvent
from iscsi_analyzer.model import task as model
from iscsi_analyzer.model.following import Follower
from iscsi_analyzer.model.session import Session
from iscsi_analyzer.store import rows
from iscsi_analyzer.store.columns import pdu_columns
from iscsi_analyzer.store.store import Store
from iscsi_analyzer.store.tasks import NO_TIME, task_columns
from iscsi_analyzer.streams.connection import Connection

if TYPE_CHECKING:
    from iscsi_analyzer.analysis.focus import Focus

Numbers = NDArray[np.int64]
Flags = NDArray[np.bool_]

INITIATOR: Final = "initiator"
TARGET: Final = "target"

_HEADER: Final = rows.HEADER_AT


class Facts:
    """A store as it stands when this is made. Make a new one when the store has grown."""

    def __init__(self, store: Store, focus: Focus | None = None) -> None:
        self.store = store
        self.focus = focus
        "What answers are to be about; None: everything."
        self.engine = store.engine
        self.found = store.found
        self.pdus = pdu_columns(store)
        self.tasks = task_columns(store)
        self._columns: dict[str, NDArray[Any]] = {}
        self.followers: list[Follower] = list(self.found.sessions.followers)
        self.sessions: list[Session] = [session for session in self.found.sessions.sessions if session.connections]
        self.start = int(self.engine.first_ts)
        "Time of the first frame; -1 without any."
        self.end = int(self.engine.last_ts)

    # --- the capture ---

    @property
    def duration(self) -> int:
        """Nanoseconds from the first frame to the last."""
        return max(0, self.end - self.start) if self.start >= 0 else 0

    def connection(self, number: int) -> Connection:
        """The connection with that number."""
        return self.store.connections[number - 1]

    def session(self, number: int) -> Session:
        """The session with that number."""
        return self._by_number[number]

    @cached_property
    def _by_number(self) -> dict[int, Session]:
        return {int(session.number): session for session in self.sessions}

    @cached_property
    def session_of(self) -> Numbers:
        """The number of the session of each connection; index 0 is not used."""
        found = np.zeros(len(self.followers) + 1, dtype=np.int64)
        for follower in self.followers:
            found[follower.number] = follower.session.number
        return found

    def lacks(self, connection: int) -> list[str]:
        """What the capture lacks of a connection, in words; nobody on the wire is to blame for it."""
        found = []
        link = self.connection(connection)
        if link.first.isn < 0 or link.second.isn < 0:
            found.append("its beginning")
        for half in (link.first, link.second):
            side = self.side(link, half)
            if not half.frames:
                found.append(f"everything that the {side} sent")
            if half.gaps:
                found.append(f"{half.gap_bytes:,} bytes from the {side}")
            if half.snaplen_bytes:
                found.append(f"{half.snaplen_bytes:,} bytes from the {side} (cut off by the snap length)")
        return found

    def side(self, connection: Connection, half: object) -> str:
        """INITIATOR or TARGET: who sends in this direction."""
        return INITIATOR if half is connection.to_target else TARGET

    # --- PDUs ---

    def _pdu(self, offset: int, kind: str) -> NDArray[Any]:
        return self.pdus.field(offset, kind)[: self.pdu_count]

    @cached_property
    def pdu_count(self) -> int:
        return self.pdus.count

    @cached_property
    def time_first(self) -> Numbers:
        """When the first byte of each PDU was captured."""
        return self._pdu(0, "<i8")

    @cached_property
    def time_last(self) -> Numbers:
        """When the last byte of each PDU was captured."""
        return self._pdu(8, "<i8")

    @cached_property
    def frame_first(self) -> Numbers:
        """The frame that holds the first byte of each PDU."""
        return self._pdu(16, "<u4").astype(np.int64)

    @cached_property
    def frame_last(self) -> Numbers:
        """The frame that completed each PDU."""
        return self._pdu(20, "<u4").astype(np.int64)

    @cached_property
    def pdu_connection(self) -> NDArray[np.uint32]:
        return self._pdu(24, "<u4")

    @cached_property
    def pdu_flags(self) -> NDArray[np.uint32]:
        return self._pdu(28, "<u4")

    @cached_property
    def pdu_request(self) -> NDArray[np.uint32]:
        """The PDU that asked for each PDU; 0 if none is known."""
        return self._pdu(40, "<u4")

    @cached_property
    def opcode(self) -> NDArray[np.uint8]:
        found: NDArray[np.uint8] = np.bitwise_and(self._pdu(_HEADER, "u1"), 0x3F, dtype=np.uint8)
        return found

    @cached_property
    def data_length(self) -> Numbers:
        """Bytes of the data segment of each PDU, by its header."""
        return (self._pdu(_HEADER + 4, ">u4") & 0xFFFFFF).astype(np.int64)

    @cached_property
    def ahs_length(self) -> NDArray[np.uint8]:
        """TotalAHSLength of each PDU, in words of four bytes."""
        return self._pdu(_HEADER + 4, "u1")

    def pdus_of(self, *opcodes: int) -> Numbers:
        """The numbers of all PDUs with one of these opcodes."""
        return np.flatnonzero(np.isin(self.opcode, opcodes)) + 1

    def of_connection(self, connection: int) -> Numbers:
        """The PDUs of a connection, as indexes in ascending order."""
        order, edges = self._pdus_by_connection
        return order[edges[connection] : edges[connection + 1]]

    @cached_property
    def _pdus_by_connection(self) -> tuple[Numbers, list[int]]:
        return _by_number(self.pdu_connection, len(self.followers))

    def tasks_of(self, connection: int) -> Numbers:
        """The tasks of a connection, as indexes in ascending order."""
        order, edges = self._tasks_by_connection
        return order[edges[connection] : edges[connection + 1]]

    @cached_property
    def _tasks_by_connection(self) -> tuple[Numbers, list[int]]:
        return _by_number(self.task("connection"), len(self.followers))

    def tcp_events(self, connection: int) -> list[TcpEvent]:
        """What happened on a connection at TCP level, as far as it is listed one by one."""
        return self._events.get(connection, [])

    @cached_property
    def _events(self) -> dict[int, list[TcpEvent]]:
        found: dict[int, list[TcpEvent]] = {}
        for event in self.found.tcp_events:
            found.setdefault(int(event.connection), []).append(event)
        return found

    def frame(self, pdu: int) -> int:
        """The frame that completed a PDU; 0 for no PDU."""
        return self.store.row(pdu).frame_last if pdu else 0

    # --- tasks ---

    def task(self, name: str) -> NDArray[Any]:
        """A column of the tasks that are over, by its name in `store.tasks.TaskRow`."""
        column = self._columns.get(name)
        if column is None:
            column = self._columns[name] = self.tasks.field(name)[: self.task_count]
        return column

    @cached_property
    def task_count(self) -> int:
        return self.tasks.count

    @cached_property
    def asked(self) -> Numbers:
        """When the first byte of the request of each task was captured; NO_TIME without a request."""
        return self._of("request", self.time_first)

    @cached_property
    def asked_last(self) -> Numbers:
        """When the last byte of the request was captured."""
        return self._of("request", self.time_last)

    @cached_property
    def answered(self) -> Numbers:
        """When the last byte of the answer was captured; NO_TIME without an answer."""
        return self._of("answer", self.time_last)

    def of_task(self, name: str, *, last: bool = True) -> Numbers:
        """When the PDU in a column of the tasks was captured; NO_TIME without such a PDU."""
        return self._of(name, self.time_last if last else self.time_first)

    def _of(self, name: str, times: Numbers) -> Numbers:
        numbers = self.task(name)
        if not len(times):
            return np.full(len(numbers), NO_TIME, dtype=np.int64)
        return np.where(numbers == 0, NO_TIME, times[np.maximum(numbers, 1).astype(np.int64) - 1])

    @cached_property
    def latency(self) -> Numbers:
        """First byte of the request to last byte of the answer; NO_TIME unless both are in the capture."""
        both = (self.asked != NO_TIME) & (self.answered != NO_TIME)
        return np.where(both, self.answered - self.asked, NO_TIME)

    @cached_property
    def over(self) -> Numbers:
        """When each task was over: answered, aborted or rejected, or else when its connection closed or the capture
        ended."""
        ends = self.answered.copy()
        open_ones = np.flatnonzero(ends == NO_TIME)
        if not len(open_ones):
            return ends
        closed = np.full(len(self.followers) + 1, self.end, dtype=np.int64)
        for link in self.store.connections:
            if link.closed:
                closed[link.number] = link.closed_ts
        by = self.of_task("by")[open_ones]
        until = closed[self.task("connection")[open_ones]]
        late = self.asked[open_ones]  # a request may come after the FIN of the other side
        ends[open_ones] = np.maximum(np.where(by != NO_TIME, by, until), late)
        return ends

    @cached_property
    def wanted(self) -> Flags:
        """Which tasks answers are to be about."""
        return np.ones(self.task_count, dtype=np.bool_) if self.focus is None else self.focus.tasks(self)

    @cached_property
    def wanted_scsi(self) -> Flags:
        """Which SCSI tasks answers are to be about."""
        return np.asarray(self.wanted & self.scsi)

    @cached_property
    def wanted_pdus(self) -> Flags:
        """Which PDUs answers are to be about."""
        if self.focus is None:
            return np.ones(self.pdu_count, dtype=np.bool_)
        return self.focus.pdus()[: self.pdu_count]

    @cached_property
    def wanted_sessions(self) -> frozenset[int]:
        """The numbers of the sessions that answers are to be about."""
        if self.focus is None:
            return frozenset(int(session.number) for session in self.sessions)
        return self.focus.sessions()

    @cached_property
    def scsi(self) -> Flags:
        """Which tasks are SCSI tasks."""
        return np.asarray(self.task("kind") == model.KIND_SCSI)

    @cached_property
    def is_measured(self) -> Flags:
        """Which tasks are SCSI tasks whose latency is known."""
        return np.asarray(self.wanted_scsi & (self.latency >= 0) & (self.task("outcome") == model.ANSWERED))

    @cached_property
    def measured(self) -> Numbers:
        """The SCSI tasks whose latency is known, as indexes."""
        return np.flatnonzero(self.is_measured)


def _by_number(numbers: NDArray[Any], highest: int) -> tuple[Numbers, list[int]]:
    """Indexes grouped by number, and where the group of each number begins."""
    counts = np.bincount(numbers, minlength=highest + 1)
    edges = [0, *np.cumsum(counts).tolist()]
    if np.count_nonzero(counts) <= 1:
        return np.arange(len(numbers), dtype=np.int64), edges
    small = numbers.astype(np.uint16) if highest < 0x10000 else numbers
    return np.argsort(small, kind="stable"), edges
