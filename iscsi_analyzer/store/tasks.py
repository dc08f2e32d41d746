"""The read side of the index of tasks: task rows by number, and whole columns of what they and their PDUs say.

Tasks count from 1 in the order in which they ended; open tasks are not there yet. Knows the layout of task rows
(`model.task`) and of PDU rows (`store.rows`); times and CDBs come from the PDUs that a task names. No opinions.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from iscsi_analyzer.model import task as model
from iscsi_analyzer.store import rows
from iscsi_analyzer.store.blocks import whole_rows
from iscsi_analyzer.store.columns import Array, Columns, Numbers, attached, pdu_columns
from iscsi_analyzer.store.store import Store

NO_TIME: Final = -(1 << 63)
"A time or duration that does not exist: a phase that the task did not have, or whose PDUs are not in the capture."

_ROW = struct.Struct("<IIIIIIIIIIIIQIIIIBBBBBBBBII")
assert _ROW.size == model.TASK_SIZE

_TIME_FIRST, _TIME_LAST, _FRAME_LAST, _FLAGS = 0, 8, 20, 28
_OPCODE = rows.HEADER_AT
_CDB_AT = rows.HEADER_AT + 32
_SCSI_COMMAND = 0x01


class TaskRow(NamedTuple):
    """One task that is over (see `model.task` for the meaning of each field). PDU numbers are 0 where there is none."""

    request: int
    answer: int
    first_r2t: int
    last_r2t: int
    first_data_out: int
    last_data_out: int
    first_data_in: int
    last_data_in: int
    connection: int
    session: int
    tag: int
    length: int
    lun: int
    "The 8 bytes of the LUN field as one number."
    data_in: int
    data_out: int
    residual: int
    pdus: int
    kind: int
    outcome: int
    status: int
    response: int
    operation: int
    flags: int
    residual_flags: int
    r2ts: int
    by: int
    "The PDU that aborted or rejected the task."
    unused: int

    @property
    def kind_name(self) -> str:
        """A word of `model.task.KINDS`."""
        return model.KINDS[self.kind]

    @property
    def outcome_name(self) -> str:
        """A word of `model.task.OUTCOMES`."""
        return model.OUTCOMES[self.outcome]


FIELDS: Final[dict[str, tuple[int, str]]] = {}
"Name of each field of a task row -> its offset and numpy type."
_at = 0
for _name, _code in zip(TaskRow._fields, _ROW.format.removeprefix("<"), strict=True):
    _type = {"I": "<u4", "Q": "<u8", "B": "u1"}[_code]
    FIELDS[_name] = (_at, _type)
    _at += np.dtype(_type).itemsize


class Phases(NamedTuple):
    """Where the time of tasks went, in nanoseconds; NO_TIME for a phase that a task did not have.

    For a read that was answered, `to_data_in`, `data` and `to_answer` add up to `latency`; for a write that needed an
    R2T `to_r2t`, `r2t_to_data_out` and `to_answer` do. Negative where the clock of the capture stepped back.
    """

    to_r2t: Numbers
    "First byte of the request -> last byte of the first R2T."
    r2t_to_data_out: Numbers
    "Last byte of the first R2T -> last byte of the last Data-Out."
    to_data_in: Numbers
    "First byte of the request -> first byte of the first Data-In."
    data: Numbers
    "First byte of the first Data-In, or else Data-Out, -> last byte of the last one."
    to_answer: Numbers
    "Last byte of the last data, or R2T, or else of the request, -> last byte of the answer."
    latency: Numbers
    "First byte of the request -> last byte of the answer."


class TaskColumns:
    """Whole columns of the tasks of a store, as of the last `refresh`. Row i is task i + 1."""

    def __init__(self, store: Store) -> None:
        self.pdus: Columns = pdu_columns(store)
        self._writer = store.found.sessions.tasks
        self.rows: Columns = Columns(self._writer, model.TASK_SIZE, model.TASKS_PER_BLOCK)
        self.refresh()

    @property
    def count(self) -> int:
        return self.rows.count

    def refresh(self) -> int:
        """Looks how many tasks there are now, of those whose PDUs are all in the index (a task is written just before
        the PDU that ends it)."""
        count = self.rows.refresh()
        pdus = self.pdus.refresh()
        # The tasks that one PDU ended stand together at the end.
        while count:
            last = np.array([count - 1], dtype=np.int64)
            if max(int(self.rows.gather(*FIELDS[name], last)[0]) for name in ("request", "answer", "by")) <= pdus:
                break
            count -= 1
        self.rows.limit(count)
        return count

    def field(self, name: str) -> Array:
        """A field of the rows, by its name in `TaskRow`."""
        return self.rows.field(*FIELDS[name])

    def time(self, name: str, *, last: bool) -> Numbers:
        """When the first or last byte of the PDU in the field `name` was captured, in ns since the epoch; NO_TIME
        without such a PDU."""

        def fill(start: int, end: int) -> Numbers:
            return self._times(name, last, start, end)

        return self.rows.column(("time", name, last), np.int64, fill)

    def frame(self, name: str) -> NDArray[np.uint32]:
        """The frame that completed the PDU in the field `name`; 0 without such a PDU."""

        def fill(start: int, end: int) -> Array:
            return self._of_pdus(name, start, end, _FRAME_LAST, "<u4", 0)

        return self.rows.column(("frame", name), np.uint32, fill)

    def latency(self) -> Numbers:
        """First byte of the request -> last byte of the answer, in ns; NO_TIME without a request or an answer."""

        def fill(start: int, end: int) -> Numbers:
            request = self._times("request", False, start, end)
            return _between(request, self._times("answer", True, start, end))

        return self.rows.column("latency", np.int64, fill)

    def phases(self) -> Phases:
        """Where the time went."""
        return Phases(*(self.phase(name) for name in Phases._fields))

    def phase(self, name: str) -> Numbers:
        """One of the fields of `Phases`."""
        if name == "latency":
            return self.latency()
        return self.rows.column(("phase", name), np.int64, lambda start, end: getattr(self._phases(start, end), name))

    def phases_of(self, start: int, end: int) -> Phases:
        """Where the time of the tasks in rows `start` to `end` went; nothing of it is kept."""
        return self._phases(start, end)

    def cdb(self, start: int = 0, end: int | None = None) -> NDArray[np.uint8]:
        """The 16 CDB bytes in the headers of the requests of tasks, shape (tasks, 16); zeros if the request is no SCSI
        Command or not in the capture."""
        request = self._requests(start, self.count if end is None else end)
        if not self.pdus.count:
            return np.zeros((len(request), 16), dtype=np.uint8)
        there = np.maximum(request, 0)
        found = self.pdus.gather_bytes(_CDB_AT, 16, there)
        command = self.pdus.gather(_OPCODE, "u1", there) & 0x3F == _SCSI_COMMAND
        found[~command | (request < 0)] = 0
        return found

    def cdb_captured(self, start: int = 0, end: int | None = None) -> NDArray[np.uint8]:
        """How many of the bytes of `cdb` were captured, 0 to 16."""
        request = self._requests(start, self.count if end is None else end)
        flags = self._gathered(request, _FLAGS, "<u4", 0)
        captured = (flags >> np.uint32(rows.CAPTURED_SHIFT) & np.uint32(rows.CAPTURED_MASK)).astype(np.int16)
        return np.clip(captured - 32, 0, 16).astype(np.uint8)

    def _requests(self, start: int, end: int) -> Numbers:
        """The row of the request of each task; -1 without one."""
        return self.field("request")[start:end].astype(np.int64) - 1

    def _of_pdus(self, name: str, start: int, end: int, offset: int, kind: str, missing: int) -> Array:
        return self._gathered(self.field(name)[start:end].astype(np.int64) - 1, offset, kind, missing)

    def _gathered(self, pdu: Numbers, offset: int, kind: str, missing: int) -> Array:
        values: Array = np.full(len(pdu), missing, dtype=np.dtype(kind).newbyteorder("="))
        known = np.flatnonzero(pdu >= 0)
        values[known] = self.pdus.gather(offset, kind, pdu[known])
        return values

    def _times(self, name: str, last: bool, start: int, end: int) -> Numbers:
        times: Numbers = self._of_pdus(name, start, end, _TIME_LAST if last else _TIME_FIRST, "<i8", NO_TIME)
        return times

    def _phases(self, start: int, end: int) -> Phases:
        def time(name: str, last: bool) -> Numbers:
            return self._times(name, last, start, end)

        request, answer = time("request", False), time("answer", True)
        r2t = time("first_r2t", True)
        data_in, data_in_end = time("first_data_in", False), time("last_data_in", True)
        data_out, data_out_end = time("first_data_out", False), time("last_data_out", True)
        # The last that happened before the answer: NO_TIME is smaller than any time.
        before = np.maximum(np.maximum(data_in_end, data_out_end), time("last_r2t", True))
        before = np.where(before == NO_TIME, time("request", True), before)
        reads = data_in != NO_TIME
        return Phases(
            to_r2t=_between(request, r2t),
            r2t_to_data_out=_between(r2t, data_out_end),
            to_data_in=_between(request, data_in),
            data=_between(np.where(reads, data_in, data_out), np.where(reads, data_in_end, data_out_end)),
            to_answer=np.where(request == NO_TIME, NO_TIME, _between(before, answer)),
            latency=_between(request, answer),
        )


def _between(start: Numbers, end: Numbers) -> Numbers:
    return np.where((start == NO_TIME) | (end == NO_TIME), NO_TIME, end - start)


def task_columns(store: Store) -> TaskColumns:
    """The columns of the tasks of a store, as of now: the same object each time, refreshed."""
    columns = attached(store, TaskColumns)
    columns.refresh()
    return columns


def task_count(store: Store) -> int:
    """How many tasks are over by now."""
    return int(store.found.sessions.tasks.count)


def task_row(store: Store, number: int) -> TaskRow:
    """The row of task `number`. Raises IndexError if there is none."""
    if not 1 <= number <= task_count(store):
        raise IndexError(f"no task {number}; there are {task_count(store)}")
    writer = store.found.sessions.tasks
    block, at = divmod(number - 1, model.TASKS_PER_BLOCK)
    data = whole_rows(writer, block, model.TASK_SIZE)
    return TaskRow._make(_ROW.unpack_from(data, at * model.TASK_SIZE))


def task_rows(store: Store, start: int = 1) -> Iterator[TaskRow]:
    """All tasks from number `start` on that are over by now, in order."""
    writer = store.found.sessions.tasks
    number = start
    while number <= task_count(store):
        block, at = divmod(number - 1, model.TASKS_PER_BLOCK)
        data = whole_rows(writer, block, model.TASK_SIZE)
        view = memoryview(data)[at * model.TASK_SIZE :]
        yield from map(TaskRow._make, _ROW.iter_unpack(view))
        number += len(view) // model.TASK_SIZE
