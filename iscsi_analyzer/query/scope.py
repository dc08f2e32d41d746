"""What a filter is asked about: the items of one level (PDUs, tasks, connections, sessions), all or some of them, as
they are in the store at one moment; and which item of one level belongs to which of another.

Rows count from 0 here: row i of a level is the item with number i + 1. Knows no fields and no syntax.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from iscsi_analyzer.model.session import Session
from iscsi_analyzer.store import rows
from iscsi_analyzer.store.columns import Array, Columns, Numbers, attached, pdu_columns
from iscsi_analyzer.store.store import Store
from iscsi_analyzer.store.tasks import TaskColumns, task_columns
from iscsi_analyzer.streams.connection import Connection

Mask = NDArray[np.bool_]

FEW: Final = 8
"A part of 1 in so many rows, or less, is looked at row by row instead of in whole columns."


class Level(IntEnum):
    """What a field belongs to. A flow is one direction of a connection."""

    PDU = 0
    TASK = 1
    FLOW = 2
    CONNECTION = 3
    SESSION = 4


_FLAGS_AT, _CONNECTION_AT, _REQUEST_AT = 28, 24, 40


class Joins:
    """Which task each PDU belongs to, kept with the store and carried on as it grows."""

    def __init__(self, store: Store) -> None:
        # PDU number -> the task that it opened, or that has no request and names it; 0 for none.
        self._task = np.zeros(0, dtype=np.uint32)
        self._tasks = 0
        self._all: tuple[int, int, Numbers] | None = None

    def tasks_of(self, pdus: Columns, tasks: TaskColumns, chosen: Any) -> Numbers:
        """The row of the task of each of the chosen PDUs; -1 for those of no task, or of one that is still open."""
        self._look(pdus, tasks)
        whole = isinstance(chosen, slice) and (chosen.stop or pdus.count) - (chosen.start or 0) == pdus.count
        if whole and self._all is not None and self._all[:2] == (pdus.count, tasks.count):
            return self._all[2]
        request = column(pdus, _REQUEST_AT, "<u4", chosen)
        own = np.arange(1, pdus.count + 1, dtype=np.uint32)[chosen]
        found = self._task[np.where(request > 0, request, own)].astype(np.int64) - 1
        if whole:
            self._all = (pdus.count, tasks.count, found)
        return found

    def _look(self, pdus: Columns, tasks: TaskColumns) -> None:
        if len(self._task) <= pdus.count:
            larger = np.zeros(pdus.count + 1 + (pdus.count >> 3), dtype=np.uint32)
            larger[: len(self._task)] = self._task
            self._task = larger
        if self._tasks >= tasks.count:
            return
        numbers = np.arange(self._tasks + 1, tasks.count + 1, dtype=np.uint32)
        fresh = slice(self._tasks, tasks.count)
        request = tasks.field("request")[fresh]
        lonely = request == 0
        if lonely.any():
            names = ("answer", "first_r2t", "last_r2t", "first_data_out", "last_data_out", "first_data_in")
            for name in (*names, "last_data_in"):
                self._task[tasks.field(name)[fresh][lonely]] = numbers[lonely]
        self._task[request] = numbers
        self._task[0] = 0
        self._tasks = tasks.count


class Moment:
    """A store as it is now. Everything that one evaluation looks at comes from one moment."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.tasks: TaskColumns = task_columns(store)
        self.pdus: Columns = pdu_columns(store)
        self.connections: list[Connection] = list(store.connections)
        self.sessions: list[Session] = list(store.sessions)
        self._joins = attached(store, Joins)
        self._session_of: Numbers | None = None

    def count(self, level: Level) -> int:
        """How many items of a level there are."""
        if level == Level.PDU:
            return self.pdus.count
        if level == Level.TASK:
            return self.tasks.count
        connections = len(self.connections)
        return {Level.FLOW: 2 * connections, Level.CONNECTION: connections}.get(level, len(self.sessions))

    def all(self, level: Level) -> Scope:
        """Every item of a level."""
        return Scope(self, level, slice(0, self.count(level)))

    def belonging(self, scope: Scope, level: Level) -> Numbers:
        """For each item of `scope`, the row of the item of a higher `level` that it belongs to; -1 for none."""
        chosen = scope.chosen
        if scope.level == level:
            return np.arange(self.count(level), dtype=np.int64)[chosen]
        if level == Level.TASK:
            return self._joins.tasks_of(self.pdus, self.tasks, chosen)
        if level == Level.FLOW:
            flags = column(self.pdus, _FLAGS_AT, "<u4", chosen)
            return self._connection(scope) * 2 + (flags & np.uint32(rows.FLAG_TO_TARGET))
        connection = self._connection(scope)
        return connection if level == Level.CONNECTION else self._sessions()[connection]

    def _connection(self, scope: Scope) -> Numbers:
        if scope.level == Level.PDU:
            return column(self.pdus, _CONNECTION_AT, "<u4", scope.chosen).astype(np.int64) - 1
        if scope.level == Level.TASK:
            return self.tasks.field("connection")[scope.chosen].astype(np.int64) - 1
        own = np.arange(self.count(scope.level), dtype=np.int64)[scope.chosen]
        return own // 2 if scope.level == Level.FLOW else own

    def _sessions(self) -> Numbers:
        """The row of the session of each connection."""
        if self._session_of is None:
            place = {session.number: row for row, session in enumerate(self.sessions)}
            followers = self.store.followers[: len(self.connections)]
            found = [place.get(follower.session.number, -1) for follower in followers]
            self._session_of = np.array(found, dtype=np.int64)
        return self._session_of


class Scope:
    """Some items of one level."""

    __slots__ = ("chosen", "count", "level", "moment")

    def __init__(self, moment: Moment, level: Level, chosen: slice | Numbers) -> None:
        self.moment = moment
        self.level = level
        self.chosen = chosen
        "A slice of rows (start and stop given), or their numbers in ascending order."
        self.count = chosen.stop - chosen.start if isinstance(chosen, slice) else len(chosen)

    def where(self, mask: Mask) -> Scope:
        """The items of this scope for which `mask` is true."""
        return Scope(self.moment, self.level, self.numbers()[mask])

    def numbers(self) -> Numbers:
        """The rows of the items."""
        if isinstance(self.chosen, slice):
            return np.arange(self.chosen.start, self.chosen.stop, dtype=np.int64)
        return self.chosen

    def places(self, wanted: Numbers) -> tuple[Numbers, Numbers]:
        """Which of the rows `wanted` (ascending) are in this scope: their places here, and their places in `wanted`."""
        if isinstance(self.chosen, slice):
            start, stop = np.searchsorted(wanted, (self.chosen.start, self.chosen.stop))
            return wanted[start:stop] - self.chosen.start, np.arange(start, stop, dtype=np.int64)
        place = np.searchsorted(self.chosen, wanted)
        inside = place < self.count
        inside[inside] = self.chosen[place[inside]] == wanted[inside]
        return place[inside], np.flatnonzero(inside)

    def column(self, offset: int, kind: str) -> Array:
        """The numbers at byte `offset` of the rows of PDUs."""
        return column(self.moment.pdus, offset, kind, self.chosen)


def column(columns: Columns, offset: int, kind: str, chosen: slice | Numbers) -> Array:
    """The numbers at byte `offset` of the chosen rows, by the cheaper way."""
    if not isinstance(chosen, slice) and len(chosen) * FEW < columns.count:
        return columns.gather(offset, kind, chosen)
    return columns.field(offset, kind)[chosen]
