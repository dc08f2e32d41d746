"""The fields of tasks: what was asked, how it ended, how long it took, and the frames of its PDUs under Wireshark's
names.

A PDU has the fields of the task that it belongs to, once that task is over.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np

from dissectors.iscsi import layout as at
from dissectors.iscsi import words
from dissectors.scsi.cdb import operation_name
from iscsi_analyzer.model import task as model
from iscsi_analyzer.query import field as f
from iscsi_analyzer.query.header import opcodes
from iscsi_analyzer.query.lun_field import lun_numbers
from iscsi_analyzer.query.names import STATUS_ALIASES, Names
from iscsi_analyzer.query.pdu_fields import FRAME_LAST, TIME_LAST
from iscsi_analyzer.query.scope import Level, Mask, Moment, Scope
from iscsi_analyzer.query.values import Values
from iscsi_analyzer.store.columns import Array, attached
from iscsi_analyzer.store.task_commands import Asked, TaskCommands
from iscsi_analyzer.store.tasks import NO_TIME, TaskColumns

_M32: Final = 0xFFFFFFFF
_READ, _WRITE = 0x40, 0x20

KINDS: Final = Names({code: name for code, name in enumerate(model.KINDS) if name}, {"ping": (model.KIND_PING,)})
OUTCOMES: Final = Names(
    {code: name for code, name in enumerate(model.OUTCOMES) if name},
    {"unanswered": (model.CLOSED, model.OPEN_AT_END), "no request": (model.NO_REQUEST,)},
)
STATUSES: Final = Names(words.SCSI_STATUS, STATUS_ALIASES)
OPERATIONS: Final = Names(
    {
        code: name
        for code in range(256)
        if not (name := operation_name(bytes((code,)))).startswith(("Unknown", "Vendor"))
    }
)

Compute = Callable[[TaskColumns], Array]


def _task(name: str, kind: str, about: str, read: f.Reader, **more: Any) -> f.QueryField:
    largest = more.pop("largest", _M32)
    return f.QueryField(
        f"iscsi.task.{name}", kind, Level.TASK, about, read, own=True, looks_ahead=True, largest=largest, **more
    )


def _row(name: str, where: Callable[[TaskColumns, Array], Mask] | None = None) -> f.Reader:
    """A field of the rows, there where `where` says."""

    def read(scope: Scope) -> Values:
        tasks = scope.moment.tasks
        values = tasks.field(name)
        present = None if where is None else where(tasks, values)[scope.chosen]
        return Values(values[scope.chosen], present)

    return read


def _nonzero(_: TaskColumns, values: Array) -> Mask:
    found: Mask = values != 0
    return found


def _scsi(tasks: TaskColumns, _: Array) -> Mask:
    found: Mask = tasks.field("kind") == model.KIND_SCSI
    return found


def _asked(tasks: TaskColumns, values: Array) -> Mask:
    """SCSI commands that are in the capture."""
    return _scsi(tasks, values) & (tasks.field("request") > 0)


def _given(tasks: TaskColumns, values: Array) -> Mask:
    """Codes of SCSI tasks that are not NONE."""
    found: Mask = _scsi(tasks, values) & (values != model.NONE)
    return found


def _time(compute: Compute) -> f.Reader:
    def read(scope: Scope) -> Values:
        values = compute(scope.moment.tasks)[scope.chosen]
        return Values(values, values != NO_TIME)

    return read


def _phase(name: str) -> f.Reader:
    return _time(lambda tasks: tasks.phase(name))


def _flag(bit: int) -> f.Reader:
    """A flag of SCSI commands."""

    def read(scope: Scope) -> Values:
        tasks = scope.moment.tasks
        return Values(
            (tasks.field("flags") & bit != 0).astype(np.uint8)[scope.chosen],
            _asked(tasks, tasks.field("kind"))[scope.chosen],
        )

    return read


def _command(get: Callable[[TaskCommands], Asked]) -> f.Reader:
    def read(scope: Scope) -> Values:
        found = get(commands(scope.moment))
        return Values(found.values[scope.chosen], found.known[scope.chosen])

    return read


def commands(moment: Moment) -> TaskCommands:
    """What the commands of the tasks ask for."""
    return attached(moment.store, TaskCommands)


def _operation(scope: Scope) -> Values:
    found = commands(scope.moment)
    codes = found.operation()[scope.chosen]
    return Values(codes, codes > 0, None, found.names)


def _lun(scope: Scope) -> Values:
    tasks = scope.moment.tasks
    raw = tasks.field("lun")[scope.chosen]
    present = _asked(tasks, raw)[scope.chosen]
    return Values(lun_numbers(raw, present), present)


def _number(scope: Scope) -> Values:
    return Values(scope.numbers() + 1)


def _frame(name: str) -> f.Reader:
    def read(scope: Scope) -> Values:
        frames = scope.moment.tasks.frame(name)[scope.chosen]
        return Values(frames, frames > 0)

    return read


def task_fields() -> list[f.QueryField]:
    """All of tasks."""
    number, boolean, duration = f.NUMBER, f.BOOLEAN, f.DURATION
    return [
        _task("number", number, "number of the task, in the order in which tasks ended", _number),
        _task("kind", number, "what kind of request it was", _row("kind"), names=KINDS, largest=255),
        _task("outcome", number, "how it ended", _row("outcome"), names=OUTCOMES, largest=255),
        _task("status", number, "SCSI status", _row("status", _given), names=STATUSES, largest=255),
        _task(
            "response",
            number,
            "iSCSI response code",
            _row("response", _given),
            names=Names(words.SCSI_RESPONSES, None, 255),
            largest=255,
        ),
        _task("latency", duration, "first byte of the request to last byte of the answer", _phase("latency")),
        _task("to_r2t", duration, "first byte of the request to last byte of the first R2T", _phase("to_r2t")),
        _task("r2t_to_data_out", duration, "first R2T to last byte of the last Data-Out", _phase("r2t_to_data_out")),
        _task("to_data_in", duration, "first byte of the request to first Data-In", _phase("to_data_in")),
        _task("data", duration, "first byte of the first data PDU to last byte of the last one", _phase("data")),
        _task("to_answer", duration, "last data, R2T or request to last byte of the answer", _phase("to_answer")),
        _task("time", f.TIME, "when its request began", _time(lambda tasks: tasks.time("request", last=False))),
        _task("lun", number, "logical unit number of a SCSI command", _lun, largest=f.LARGEST),
        _task("operation", f.TEXT, "name of the SCSI command: READ(10)", _operation),
        _task("opcode", number, "operation code of the CDB", _row("operation", _asked), names=OPERATIONS, largest=255),
        _task("lba", number, "first logical block", _command(TaskCommands.lba), largest=f.LARGEST),
        _task("blocks", number, "number of logical blocks", _command(TaskCommands.blocks)),
        _task("transfer_length", number, "the same as blocks", _command(TaskCommands.blocks)),
        _task("edtl", number, "Expected Data Transfer Length, in bytes", _row("length", _asked)),
        _task("read", boolean, "the command reads", _flag(_READ), flag=True, largest=1),
        _task("write", boolean, "the command writes", _flag(_WRITE), flag=True, largest=1),
        _task("data_in", number, "bytes in Data-In PDUs", _row("data_in", _scsi)),
        _task("data_out", number, "bytes of immediate data and in Data-Out PDUs", _row("data_out", _scsi)),
        _task("residual", number, "residual count, where one was stated", _row("residual", _residual)),
        _task("r2ts", number, "R2Ts, at most 255", _row("r2ts", _scsi), largest=255),
        _task("pdus", number, "PDUs of the task", _row("pdus")),
        _task("initiator_task_tag", number, "its tag", _row("tag", _tagged)),
        _task("request", number, "number of the PDU that asked", _row("request", _nonzero)),
        _task("answer", number, "number of the PDU that answered", _row("answer", _nonzero)),
        _task("ended_by", number, "number of the PDU that aborted or rejected it", _row("by", _nonzero)),
        _task("request_frame", number, "frame that completed the request", _frame("request")),
        _task("response_frame", number, "frame that completed the answer", _frame("answer")),
    ]


def _residual(tasks: TaskColumns, _: Array) -> Mask:
    found: Mask = tasks.field("residual_flags") & 0x06 != 0
    return found


def _tagged(tasks: TaskColumns, _: Array) -> Mask:
    found: Mask = tasks.field("kind") != model.KIND_PING
    return found


def _of_task(scope: Scope) -> tuple[TaskColumns, Array]:
    """The tasks, and for each PDU the row of its task (-1: none)."""
    return scope.moment.tasks, scope.moment.belonging(scope, Level.TASK)


def _answer_frame(scope: Scope) -> Values:
    """The frame of the answer, for the PDUs of its task but for the answer itself."""
    tasks, task = _of_task(scope)
    if not tasks.count:
        return Values(np.zeros(scope.count, dtype=np.uint32), np.zeros(scope.count, dtype=np.bool_))
    frames = tasks.frame("answer")[task]
    return Values(frames, (task >= 0) & (frames > 0) & (tasks.field("answer")[task] != scope.numbers() + 1))


def _last_frame(name: str, opcode: int) -> f.Reader:
    """The frame of the last PDU with an opcode, for the other PDUs of its task: those with this opcode have none, as in
    Wireshark."""

    def read(scope: Scope) -> Values:
        tasks, task = _of_task(scope)
        if not tasks.count:
            return Values(np.zeros(scope.count, dtype=np.uint32), np.zeros(scope.count, dtype=np.bool_))
        frames = tasks.frame(name)[task]
        return Values(frames, (task >= 0) & (frames > 0) & (opcodes(scope) != opcode))

    return read


def _since_request(scope: Scope) -> Values:
    """For the answers: time since the frame that completed the request, as Wireshark counts it."""
    tasks, task = _of_task(scope)
    times = np.zeros(scope.count, dtype=np.int64)
    if not tasks.count:
        return Values(times, np.zeros(scope.count, dtype=np.bool_))
    present = (task >= 0) & (tasks.field("answer")[task] == scope.numbers() + 1) & (tasks.field("request")[task] > 0)
    start = tasks.time("request", last=True)[task]
    end = scope.column(TIME_LAST, "<i8")
    times[present] = end[present] - start[present]
    return Values(times, present)


def _requested(scope: Scope) -> Values:
    """The frame of the request that a PDU belongs to: known for every PDU, also while the task is open."""
    request = scope.column(40, "<u4").astype(np.int64) - 1
    known = request >= 0
    frames = np.zeros(scope.count, dtype=np.uint32)
    frames[known] = scope.moment.pdus.gather(FRAME_LAST, "<u4", request[known])
    return Values(frames, known)


def _r2t_time(scope: Scope) -> Values:
    """For the R2Ts: time since the frame that completed the command."""
    request = scope.column(40, "<u4").astype(np.int64) - 1
    known = (request >= 0) & (opcodes(scope) == at.OP_R2T)
    times = np.zeros(scope.count, dtype=np.int64)
    times[known] = scope.column(TIME_LAST, "<i8")[known] - scope.moment.pdus.gather(TIME_LAST, "<i8", request[known])
    return Values(times, known)


def _of_scsi(read: f.Reader) -> f.Reader:
    """The same, but of PDUs of SCSI tasks only."""

    def narrowed(scope: Scope) -> Values:
        values = read(scope)
        tasks, task = _of_task(scope)
        if not tasks.count:
            return Values(values.data, np.zeros(scope.count, dtype=np.bool_))
        scsi = (task >= 0) & (tasks.field("kind")[task] == model.KIND_SCSI)
        return Values(values.data, scsi if values.present is None else scsi & values.present)

    return narrowed


def related_fields() -> list[f.QueryField]:
    """Wireshark's fields that tie the PDUs of a task together."""

    def field(name: str, kind: str, about: str, read: f.Reader, *, ahead: bool = True) -> f.QueryField:
        return f.QueryField(name, kind, Level.PDU, about, read, largest=_M32, looks_ahead=ahead)

    number = f.NUMBER
    return [
        field("iscsi.request_frame", number, "frame of the request of a PDU's task", _requested, ahead=False),
        field("iscsi.response_frame", number, "frame of its answer", _answer_frame),
        field("iscsi.data_in_frame", number, "frame of its last Data-In", _last_frame("last_data_in", at.OP_DATA_IN)),
        field(
            "iscsi.data_out_frame", number, "frame of its last Data-Out", _last_frame("last_data_out", at.OP_DATA_OUT)
        ),
        field("iscsi.r2t_frame", number, "frame of its last R2T", _last_frame("last_r2t", at.OP_R2T)),
        field("iscsi.time", f.DURATION, "of an answer: since its request", _since_request),
        field("iscsi.r2t_time", f.DURATION, "of an R2T: since the request", _r2t_time, ahead=False),
        field("scsi.request_frame", number, "frame of the SCSI Command of a PDU's task", _of_scsi(_requested)),
        field("scsi.response_frame", number, "frame of its answer", _of_scsi(_answer_frame)),
        field("scsi.time", f.DURATION, "of a SCSI status: since its command", _of_scsi(_since_request)),
    ]
