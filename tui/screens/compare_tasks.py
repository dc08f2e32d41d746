"""Two tasks beside each other: what was asked, how it ended, and phase by phase where the time went."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from iscsi_analyzer.analysis.phases import PHASES, WORDS
from iscsi_analyzer.export.task_record import TaskRecord
from iscsi_analyzer.export.tasks import how_it_ended
from iscsi_analyzer.export.time_text import span
from tui.drawing.phase_bar import legend, phase_bar

ROOMY: Final = 96
"Columns from which on the phases are told in full."
LABEL: Final = 40
NARROW_LABEL: Final = 16
MOST: Final = 30
"Columns of each task, at most."

Pair = tuple[TaskRecord, TaskRecord]
Times = tuple[Sequence[int], Sequence[int]]


class CompareTasks(ModalScreen[None]):
    """Shows two tasks until it is closed."""

    BINDINGS: ClassVar = [Binding("escape,q,d,enter", "dismiss", show=False)]

    def __init__(self, tasks: Pair, times: Times) -> None:
        """`times` are their phases in nanoseconds, in the order of PHASES."""
        super().__init__()
        self._tasks = tasks
        self._times = times

    def compose(self) -> ComposeResult:
        room = min(110, self.app.size.width * 9 // 10) - 6  # as the style sheet has it, without border and scroll bar
        with VerticalScroll(classes="dialog"):
            yield Static(Content.assemble(*comparison(self._tasks, self._times, room)))


def comparison(tasks: Pair, times: Times, room: int) -> Iterator[tuple[str, str]]:
    """The lines, as texts and styles, in `room` columns; what differs is bold."""
    first, second = tasks
    label, words = (LABEL, WORDS) if room >= ROOMY else (NARROW_LABEL, PHASES)
    wide = min(MOST, (room - label) // 2)
    yield f"{'':<{label}}{f'task {first.number}':<{wide}}task {second.number}\n", "bold $text-accent"
    rows = [
        *_facts(first, second),
        *((name, _time(one), _time(other)) for name, one, other in zip(words, *times, strict=True) if one or other),
    ]
    for name, left, right in rows:
        yield f"{name:<{label}}", "$text-muted"
        yield f"{_short(left, wide):<{wide}}{_short(right, wide)}\n", "bold" if left != right else ""
    longest = max(sum(times[0]), sum(times[1]))
    if longest:
        yield "\non one scale of time\n", "bold $text-accent"
        for task, phases in zip(tasks, times, strict=True):
            total = sum(phases)
            width = max(1, round((room - 26) * total / longest)) if total else 0
            yield f"  task {task.number:<8} ", ""
            yield phase_bar(phases, width), "$text-primary"
            yield f" {_time(total)}\n", ""
        yield f"  {legend()}", "$text-muted"


def _facts(first: TaskRecord, second: TaskRecord) -> Iterator[tuple[str, str, str]]:
    """What is said of both, as label and two values."""
    for label, one, other in (
        ("what", first.operation or first.kind, second.operation or second.kind),
        ("session", first.session, second.session),
        ("connection", first.connection, second.connection),
        ("LUN", first.lun, second.lun),
        ("LBA", first.lba, second.lba),
        ("blocks", first.transfer_length, second.transfer_length),
        ("bytes expected", first.edtl, second.edtl),
        ("read data", first.data_in, second.data_in),
        ("write data", first.data_out, second.data_out),
        ("R2Ts", first.r2ts, second.r2ts),
        ("PDUs", first.pdus, second.pdus),
        ("asked by", _pdu(first.request_pdu), _pdu(second.request_pdu)),
        ("answered by", _pdu(first.response_pdu), _pdu(second.response_pdu)),
        ("how it ended", how_it_ended(first), how_it_ended(second)),
        ("latency", _time(first.latency_ns), _time(second.latency_ns)),
    ):
        if one is not None or other is not None:
            yield label, _text(one), _text(other)


def _text(value: object) -> str:
    return "-" if value is None or value == "" else f"{value:,}" if isinstance(value, int) else str(value)


def _pdu(number: int | None) -> str | None:
    return None if number is None else f"PDU {number}"


def _time(nanoseconds: int | None) -> str:
    return span(nanoseconds) if nanoseconds else "-"


def _short(text: str, wide: int) -> str:
    """The text in its column, which ends with a blank."""
    return text if len(text) < wide else text[: wide - 2] + "…"
