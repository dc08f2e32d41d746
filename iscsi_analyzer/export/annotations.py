"""What is said of the frames of a capture in packet comments: findings where they show, and how tasks ended."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from iscsi_analyzer.export.pcapng_copy import UNCHANGED, Editor
from iscsi_analyzer.export.segments import Segments
from iscsi_analyzer.export.task_record import TaskRecord
from iscsi_analyzer.export.tasks import Tasks, how_it_ended
from iscsi_analyzer.export.time_text import span
from iscsi_analyzer.rules.verdicts import Verdict
from iscsi_analyzer.store.store import Store
from iscsi_analyzer.store.tasks import task_columns

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Annotations(Editor):
    """Leaves the frames of a capture as they are, and says something of some."""

    def __init__(self, store: Store, segments: Segments | None = None, *, tasks: bool = False) -> None:
        """Only frames of `segments` are kept; None: all. `tasks`: the end of every task is told, too. The store must
        not grow any more."""
        self._segments = segments
        self._findings = _by_frame(store)
        self._tasks = Tasks(store)
        self._task_frames: NDArray[np.uint32] = np.zeros(0, dtype=np.uint32)
        self._task_order: NDArray[np.int64] = np.zeros(0, dtype=np.int64)
        if tasks:
            frames = _frames_of_tasks(store)
            self._task_order = np.argsort(frames, kind="stable")
            self._task_frames = frames[self._task_order]

    def frame(
        self, number: int, buf: bytes, start: int, captured: int, wire: int, linktype: int, position: int
    ) -> bytes | None:
        """See `Editor.frame`."""
        if self._segments is None or self._segments.touch(position, captured):
            return UNCHANGED
        return None

    def comments(self, number: int) -> Sequence[str]:
        """See `Editor.comments`."""
        said = self._findings.get(number, ())
        if not len(self._task_frames):
            return said
        first, end = (int(np.searchsorted(self._task_frames, number, side)) for side in ("left", "right"))
        ended = self._task_order[first:end]
        return [*said, *(task_sentence(self._tasks.record(int(place) + 1, phases=False)) for place in ended)]


def finding_sentence(verdict: Verdict) -> str:
    """Severity, rule, what was found, and where the rule stands: `error r2t-sn-order (RFC 7143 section 11.8): ...`."""
    return f"{_title(verdict)}: {verdict.message}"


def _title(verdict: Verdict) -> str:
    reference = f" ({verdict.rule.reference})" if verdict.rule.reference else ""
    return f"{verdict.severity} {verdict.rule.name}{reference}"


def task_sentence(task: TaskRecord) -> str:
    """`task 7: READ(10) LUN 0 LBA 2048 blocks 8: GOOD after 340 us, asked in frame 12`."""
    words = [task.operation or task.kind]
    for name, value in (("LUN", task.lun), ("LBA", task.lba), ("blocks", task.transfer_length)):
        words += [] if value is None else [f"{name} {value}"]
    after = "" if task.latency_ns is None else f" after {span(task.latency_ns)}"
    asked = "" if task.request_frame is None else f", asked in frame {task.request_frame}"
    return f"task {task.number}: {' '.join(words)}: {how_it_ended(task)}{after}{asked}"


def _by_frame(store: Store) -> dict[int, list[str]]:
    """Frame -> what the findings say there: a sentence where a rule was broken first, a reference to it where it was
    broken again."""
    found: dict[int, list[str]] = {}
    for verdict in store.verdicts:
        finding = verdict.finding
        frames = list(dict.fromkeys(store.row(pdu).frame_last for pdu in finding.pdus if 0 < pdu <= len(store)))
        first = frames[0] if frames else _frame_without_pdu(store, verdict)
        found.setdefault(first, []).append(finding_sentence(verdict))
        for frame in frames[1:]:
            found.setdefault(frame, []).append(f"{_title(verdict)}: again, as first in frame {first}")
    return found


def _frame_without_pdu(store: Store, verdict: Verdict) -> int:
    """Where to tell of what did not come: with the PDU that made it due, or else where its connection ended."""
    finding = verdict.finding
    for pdu in finding.related:
        if 0 < pdu <= len(store):
            return store.row(pdu).frame_last
    if 0 < finding.connection <= len(store.connections):
        return int(store.connections[finding.connection - 1].last_frame)
    return 1


def _frames_of_tasks(store: Store) -> NDArray[np.uint32]:
    """The frame where each task ended: was answered, or aborted; of those that never ended, where they were asked."""
    columns = task_columns(store)
    answer, by, request = (columns.frame(name) for name in ("answer", "by", "request"))
    frames: NDArray[np.uint32] = np.where(answer != 0, answer, np.where(by != 0, by, request))
    return frames
