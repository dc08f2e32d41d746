"""From the task rows of the store to their records."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from dissectors.iscsi.layout import OP_SCSI_RESPONSE
from dissectors.iscsi.sense_segment import split_sense
from dissectors.scsi import parse_cdb, parse_lun, status_name
from iscsi_analyzer.export.pdus import sense_record
from iscsi_analyzer.export.related import Related
from iscsi_analyzer.export.task_record import PhaseRecord, TaskRecord
from iscsi_analyzer.export.time_text import decimal
from iscsi_analyzer.model.task import KIND_PING, KIND_SCSI, KIND_TMF, KINDS, NONE, OUTCOMES
from iscsi_analyzer.store.rows import CAPTURED_MASK, CAPTURED_SHIFT
from iscsi_analyzer.store.store import Row, Store
from iscsi_analyzer.store.tasks import NO_TIME, Phases, TaskColumns, TaskRow, task_columns, task_count, task_row

_CDB = slice(32, 48)
_CDB_AT = 32
_UNDERFLOW, _OVERFLOW = 0x02, 0x04
AT_ONCE = 2048
"Tasks whose phases are computed together."
_PHASES = ("to_r2t", "r2t_to_data_out", "to_data_in", "data", "to_answer")


class Tasks:
    """Makes the records of the tasks of a store."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._related = Related(store)
        self._columns: TaskColumns | None = None
        # The phases of the tasks in these rows: they are computed many at once.
        self._rows = range(0)
        self._phases_of_rows: Phases | None = None

    def records(self, numbers: Iterable[int] | None = None) -> Iterator[TaskRecord]:
        """The tasks of these numbers; all that are over if none are given."""
        for number in range(1, task_count(self._store) + 1) if numbers is None else numbers:
            yield self.record(number)

    def record(self, number: int, *, phases: bool = True) -> TaskRecord:
        """Task `number`. Raises IndexError if there is none. Without `phases` it looks at this task only, and so may be
        had while the store grows."""
        task = task_row(self._store, number)
        request = self._store.row(task.request) if task.request else None
        answer = self._store.row(task.answer) if task.answer else None
        record = TaskRecord(
            number=number,
            session=task.session,
            connection=task.connection,
            kind=KINDS[task.kind],
            outcome=OUTCOMES[task.outcome],
            initiator_task_tag=task.tag,
            pdus=task.pdus,
            **_ends(task, request, answer),
        )
        if task.kind == KIND_SCSI:
            self._command(record, task, request)
        elif task.status != NONE:
            record.status_code = task.status
        if request is not None and task.kind in (KIND_SCSI, KIND_TMF, KIND_PING) and task.lun != 0xFFFFFFFFFFFFFFFF:
            record.lun = parse_lun(task.lun.to_bytes(8, "big")).number
        if phases and request is not None and answer is not None:
            record.phases = self._phases(number)
        return record

    def _command(self, record: TaskRecord, task: TaskRow, request: Row | None) -> None:
        """What only SCSI commands have."""
        record.data_in = task.data_in or None
        record.data_out = task.data_out or None
        record.r2ts = task.r2ts or None
        if request is not None:
            record.edtl = task.length
            captured = (request.flags >> CAPTURED_SHIFT) & CAPTURED_MASK
            if captured > _CDB_AT:
                cdb = self._related.cdb(task.request) or request.header[_CDB][: captured - _CDB_AT]
                record.cdb = cdb.hex()
                parsed = parse_cdb(cdb, self._related.device_type(task.request, request))
                record.operation = parsed.name
                record.lba, record.transfer_length = parsed.lba, parsed.blocks
        if task.status != NONE and task.response == 0:
            record.status, record.status_code = status_name(task.status), task.status
        if task.response != NONE:
            record.response = task.response
        if task.residual_flags & (_UNDERFLOW | _OVERFLOW):
            record.residual = task.residual
            record.residual_kind = "overflow" if task.residual_flags & _OVERFLOW else "underflow"
        data = self._store.kept_data(task.answer) if task.answer else None
        if data and self._store.row(task.answer).opcode == OP_SCSI_RESPONSE:  # a Data-In may answer, too: with its data
            _, sense, _ = split_sense(data)
            if sense:
                record.sense = sense_record(sense)

    def _phases(self, number: int) -> PhaseRecord:
        """Where the time went."""
        row = number - 1
        if row not in self._rows or self._phases_of_rows is None:
            if self._columns is None:
                self._columns = task_columns(self._store)
            start = row - row % AT_ONCE
            self._rows = range(start, min(start + AT_ONCE, self._columns.refresh()))
            if row not in self._rows:  # written just now, before the PDU that ended it
                return PhaseRecord()
            self._phases_of_rows = self._columns.phases_of(self._rows.start, self._rows.stop)
        at = row - self._rows.start
        found = {f"{name}_ns": int(getattr(self._phases_of_rows, name)[at]) for name in _PHASES}
        return PhaseRecord(**{name: value for name, value in found.items() if value != NO_TIME})


def how_it_ended(task: TaskRecord) -> str:
    """The outcome of a task in a few words: its status, with sense data, or why there is none."""
    ended = task.status if task.status and task.outcome == "answered" else task.outcome
    return ended if task.sense is None else f"{ended}: {task.sense.text}"


def _ends(task: TaskRow, request: Row | None, answer: Row | None) -> dict[str, Any]:
    """Request and answer, and the time between them."""
    found: dict[str, Any] = {"ended_by_pdu": task.by or None}
    if request is not None:
        found |= {
            "request_pdu": task.request,
            "request_frame": request.frame_last,
            "time": decimal(request.time_first),
        }
    if answer is not None:
        found |= {
            "response_pdu": task.answer,
            "response_frame": answer.frame_last,
            "time_last": decimal(answer.time_last),
        }
    if request is not None and answer is not None:
        latency = answer.time_last - request.time_first
        found |= {"latency": decimal(latency), "latency_ns": latency}
    return found
