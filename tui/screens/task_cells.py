"""The columns of the list of tasks: what each says of a task."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from iscsi_analyzer.analysis.answers.line import size
from iscsi_analyzer.export.task_record import TaskRecord
from iscsi_analyzer.export.tasks import Tasks, how_it_ended
from iscsi_analyzer.export.time_text import decimal, span
from iscsi_analyzer.store.store import Store
from iscsi_analyzer.store.tasks import task_row
from tui.drawing.phase_bar import legend, phase_bar
from tui.screens.task_table import NO_TASKS, SORTED_BY, TaskTable
from tui.widgets.columns import LEFT, RIGHT, Column

MEDIUM: Final = 110
"Columns of the screen from which on the phase bar has room beside the rest."
WIDE: Final = 150

NARROW_KEYS: Final = ("number", "time", "what", "lun", "lba", "size", "latency", "ended")
MEDIUM_KEYS: Final = ("number", "session", "time", "what", "lun", "lba", "size", "latency", "phases", "ended")
WIDE_KEYS: Final = ("number", "session", "time", "what", "lun", "lba", "size", "latency", "phases", "pdus", "ended")

Text = Callable[[TaskRecord], str]


class Choice(NamedTuple):
    """A column that can be chosen."""

    key: str
    title: str
    narrow: int
    "Its width on a narrow screen; 0 for the rest of the line."
    wide: int
    align: str
    about: str
    text: Text | None = None
    "None: what it says is not in the record."


def _of(name: str) -> Text:
    """A field of the record, or nothing."""

    def text(record: TaskRecord) -> str:
        value = getattr(record, name)
        return "" if value is None else f"{value:,}" if name in _WITH_SEPARATORS else str(value)

    return text


_WITH_SEPARATORS: Final = ("data_in", "data_out", "residual")

CHOICES: Final = (
    Choice("number", "task", 6, 6, RIGHT, "its number, in the order in which tasks ended", _of("number")),
    Choice("session", "sess", 4, 4, RIGHT, "number of the session", _of("session")),
    Choice("connection", "conn", 4, 4, RIGHT, "number of the connection of the request", _of("connection")),
    Choice("time", "asked at", 10, 12, RIGHT, "first byte of the request, since the first frame"),
    Choice(
        "what", "what", 13, 20, LEFT, "operation, or kind of request", lambda record: record.operation or record.kind
    ),
    Choice("lun", "LUN", 3, 3, RIGHT, "logical unit number", _of("lun")),
    Choice("lba", "LBA", 9, 11, RIGHT, "first logical block", _of("lba")),
    Choice("blocks", "blocks", 7, 7, RIGHT, "number of logical blocks", _of("transfer_length")),
    Choice("size", "size", 8, 8, RIGHT, "Expected Data Transfer Length", lambda record: bytes_text(record.edtl)),
    Choice("data_in", "data in", 10, 10, RIGHT, "bytes that were read", _of("data_in")),
    Choice("data_out", "data out", 10, 10, RIGHT, "bytes that were written", _of("data_out")),
    Choice("r2ts", "R2Ts", 4, 4, RIGHT, "R2Ts", _of("r2ts")),
    Choice("residual", "residual", 9, 9, RIGHT, "residual count", _of("residual")),
    Choice(
        "latency", "latency", 8, 8, RIGHT, "first byte asked to last byte answered", lambda record: latency_text(record)
    ),
    Choice("phases", "where it went", 16, 32, LEFT, legend()),
    Choice("pdus", "PDUs", 6, 6, RIGHT, "PDUs of the task", _of("pdus")),
    Choice("tag", "tag", 10, 10, LEFT, "Initiator Task Tag", lambda record: f"0x{record.initiator_task_tag:08x}"),
    Choice("request", "asked by", 8, 8, RIGHT, "PDU that asked", _of("request_pdu")),
    Choice("answer", "answer", 8, 8, RIGHT, "PDU that answered", _of("response_pdu")),
    Choice("frame", "frame", 8, 8, RIGHT, "frame of the request", _of("request_frame")),
    Choice("ended", "how it ended", 0, 0, LEFT, "status and sense data, or why there is none", how_it_ended),
)


class TaskCells:
    """Texts and styles of the tasks of one store; item n is task n + 1. For the thread that paints: looks at one task
    at a time, and at the table that it was given."""

    def __init__(self, store: Store) -> None:
        self.table: TaskTable = NO_TASKS
        self.record = lru_cache(maxsize=1024)(self._record)
        self._store = store
        self._tasks = Tasks(store)

    def _record(self, item: int) -> TaskRecord:
        return self._tasks.record(item + 1, phases=False)

    def columns(self, keys: Sequence[str], width: int) -> list[Column]:
        """The columns of these keys, for a screen of that width."""
        return [self._column(choice, width) for choice in CHOICES if choice.key in keys]

    def _column(self, choice: Choice, width: int) -> Column:
        cells = choice.narrow if width < MEDIUM else choice.wide
        if choice.key == "phases" and width < WIDE:
            cells = choice.narrow
        text = choice.text
        made: Callable[[int], str]
        if choice.key == "phases":
            made = lambda item: phase_bar(self.table.times(item), cells)  # noqa: E731
        elif text is None:
            made = self._asked_at
        else:
            made = lambda item: text(self.record(item))  # noqa: E731
        style = {"phases": _bar_style, "ended": self._ending}.get(choice.key, _no_style)
        return Column(
            choice.key, choice.title, cells, made, choice.align, style, choice.about, sortable=choice.key in SORTED_BY
        )

    def _asked_at(self, item: int) -> str:
        task = task_row(self._store, item + 1)
        first = task.request or task.answer
        return decimal(self._store.row(first).time_first - self._store.first_ts, 6) if first else ""

    def row_style(self, item: int) -> str:
        """What is no SCSI task stands back."""
        return "" if self.record(item).kind == "scsi" else "dim"

    def _ending(self, item: int) -> str:
        if item >= len(self.table.failed) or not self.table.failed[item]:
            return ""
        return "warning" if self.record(item).outcome == "answered" else "error"


def keys_for(width: int) -> tuple[str, ...]:
    """The columns that a screen of that width has room for."""
    return NARROW_KEYS if width < MEDIUM else MEDIUM_KEYS if width < WIDE else WIDE_KEYS


def latency_text(record: TaskRecord) -> str:
    """The latency of a task; empty if it is not known."""
    return "" if record.latency_ns is None else span(record.latency_ns)


def bytes_text(count: int | None) -> str:
    """`64 KiB`, `512 B`; empty for none."""
    return size(count).replace(" bytes", " B") if count else ""


def _bar_style(item: int) -> str:
    return "initiator"


def _no_style(item: int) -> str:
    return ""
