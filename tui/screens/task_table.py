"""All tasks of a document as they stood at one moment: which of them are shown, in which order, and what is measured of
them. Made in a worker thread; the screen only looks things up in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from iscsi_analyzer.analysis.phases import PHASES
from iscsi_analyzer.analysis.study import Study
from iscsi_analyzer.model.task import ANSWERED, NONE
from iscsi_analyzer.query import compile_filter
from iscsi_analyzer.store.tasks import NO_TIME

Numbers = NDArray[np.int64]

SORTED_BY: Final = ("number", "session", "time", "what", "lun", "size", "latency", "ended", "pdus")
"Keys of columns that tasks can be sorted by."


@dataclass(frozen=True, slots=True)
class TaskTable:
    """Item n is task n + 1."""

    count: int
    "Tasks that there are."
    items: Numbers | None
    "Those that are shown, in order; None: all, as they ended."
    measured: Numbers
    "The items whose phases are known, in ascending order."
    phases: Numbers
    "Their phases: one row for each of PHASES, nanoseconds."
    failed: NDArray[np.bool_]
    "The tasks that were not answered, or with a status that tells of trouble."

    def times(self, item: int) -> list[int]:
        """The phases of a task, in the order of PHASES; all 0 if they are not known."""
        place = int(np.searchsorted(self.measured, item))
        if place >= len(self.measured) or int(self.measured[place]) != item:
            return [0] * len(PHASES)
        found: list[int] = self.phases[:, place].tolist()
        return found


FINE: Final = (0x00, 0x04)
"GOOD and CONDITION MET."

NO_TASKS: Final = TaskTable(
    0, None, np.zeros(0, dtype=np.int64), np.zeros((len(PHASES), 0), dtype=np.int64), np.zeros(0, dtype=bool)
)


def task_table(study: Study, filter_text: str, sorted_by: tuple[str, bool] | None) -> TaskTable:
    """The tasks that pass a filter (a valid one, or empty), sorted by one of SORTED_BY, descending or not."""
    facts = study.facts
    items: Numbers | None = None
    if filter_text:
        mask = compile_filter(filter_text).tasks(facts.store)[: facts.task_count]
        items = np.flatnonzero(mask)
    if sorted_by is not None:
        key, descending = sorted_by
        shown = np.arange(facts.task_count, dtype=np.int64) if items is None else items
        values = _values(study, key)[shown]
        order = np.argsort(values, kind="stable")
        items = shown[order[::-1] if descending else order]
    return TaskTable(facts.task_count, items, study.phases.index, study.phases.table, _failed(study))


def _failed(study: Study) -> NDArray[np.bool_]:
    facts = study.facts
    bad = (facts.task("status") != NONE) & ~np.isin(facts.task("status"), FINE) & facts.scsi
    return np.asarray((facts.task("outcome") != ANSWERED) | bad)


def _values(study: Study, key: str) -> NDArray[Any]:
    """What tasks are sorted by, one value each."""
    facts = study.facts
    if key == "latency":
        return facts.latency
    if key == "time":
        return np.where(facts.asked == NO_TIME, facts.answered, facts.asked)
    if key == "what":
        kinds = facts.task("kind").astype(np.int64) << 16
        codes = study.operations.codes.astype(np.int64)
        ranks = np.argsort(np.argsort(np.array([*study.operations.names, ""])))
        found: NDArray[Any] = np.where(facts.scsi, ranks[codes], kinds)
        return found
    if key == "ended":
        ended: NDArray[Any] = facts.task("outcome").astype(np.int64) << 8 | facts.task("status")
        return ended
    if key == "number":
        return np.arange(facts.task_count)
    column: NDArray[Any] = facts.task({"size": "length"}.get(key, key))
    return column
