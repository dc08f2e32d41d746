"""Every task: what was asked, how it ended, how long that took and where the time went."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

import numpy as np
from textual import events, on
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from iscsi_analyzer.analysis.phases import WORDS
from iscsi_analyzer.analysis.study import Study
from iscsi_analyzer.export.task_record import TaskRecord
from iscsi_analyzer.export.tasks import Tasks, how_it_ended
from iscsi_analyzer.export.time_text import span
from tui.drawing.phase_bar import legend, longest, phase_bar
from tui.screens.choose_columns import ChooseColumns
from tui.screens.compare_tasks import CompareTasks
from tui.screens.exporting import Exporting, record_pieces
from tui.screens.jumps import ToLadder, ToPdu, jump
from tui.screens.task_cells import CHOICES, TaskCells, keys_for, latency_text
from tui.screens.task_table import SORTED_BY, TaskTable, task_table
from tui.widgets.big_list import BigList


class TasksScreen(Exporting):
    """The tasks. Item n of the list is task n + 1."""

    NAME = "tasks"
    KEY = "3"
    TITLE_WORD = "Tasks"
    ABOUT = "every request with its answer, its latency and where the time went"
    FILTERABLE = True
    CSS_PATH: ClassVar = "tasks.tcss"
    EXPORTED = "tasks.csv"

    def body(self) -> Iterator[Widget]:
        self._cells = TaskCells(self.document.store)
        self._columns_chosen: tuple[str, ...] = ()
        self._sorted_by: tuple[str, bool] | None = None
        self._wanted: int | None = None
        self._to_top = False
        self._list = BigList([], row_style=self._cells.row_style, empty="no task is over yet", id="tasks")
        self.main_list = self._list
        self._about = Static(id="task")
        yield self._list
        yield self._about

    def _set_columns(self) -> None:
        width = self.size.width
        self._list.set_columns(self._cells.columns(self._columns_chosen or keys_for(width), width))

    def action_columns(self) -> None:
        """Asks which columns to show."""

        def take(chosen: tuple[str, ...] | None) -> None:
            if chosen is not None:
                self._columns_chosen = chosen
                self._set_columns()

        columns = [(choice.key, choice.title, choice.about) for choice in CHOICES]
        self.app.push_screen(ChooseColumns(columns, self._columns_chosen or keys_for(self.size.width)), take)

    # --- what is shown ---

    def grown(self) -> None:
        text, sorted_by = self.analyzer.filter_text, self._sorted_by
        self.ask("tasks", lambda study: task_table(study, text, sorted_by), self._show)

    def filtered(self, text: str) -> None:
        self._again()

    def _again(self) -> None:
        text, sorted_by = self.analyzer.filter_text, self._sorted_by
        self.ask("tasks", lambda study: task_table(study, text, sorted_by), self._show, instead=True)

    def _show(self, table: TaskTable) -> None:
        self._cells.table = table
        self._list.empty = "no task passes the filter" if self.analyzer.filter_text else "no task is over yet"
        self._list.sorted_by = self._sorted_by
        self._list.show(table.count, table.items)
        if self._wanted is not None:
            self._list.go_to_item(self._wanted)
        elif self._to_top:
            self._list.go_to_place(0)
        self._wanted, self._to_top = None, False
        self._tell()

    def arrive(self, target: Any) -> None:
        """Task `target`, by its number."""
        self._wanted = int(target) - 1
        self._list.go_to_item(self._wanted)
        self._again()

    def on_resize(self, event: events.Resize) -> None:
        self._set_columns()

    @on(BigList.SortWanted)
    def _sort(self, event: BigList.SortWanted) -> None:
        self._sorted_by = (event.key, event.descending) if event.key in SORTED_BY else None
        self._again()

    def action_slowest(self) -> None:
        """The slowest tasks first, or as they ended again."""
        self._sorted_by = None if self._sorted_by == ("latency", True) else ("latency", True)
        self._to_top = True
        self._again()

    # --- the task under the cursor ---

    @on(BigList.Moved)
    def _moved(self) -> None:
        self._tell()

    def _tell(self) -> None:
        item = self._list.item
        if item is None:
            self._about.update("")
            return
        record = self._cells.record(item)
        times = self._cells.table.times(item)
        lines: list[tuple[str, str]] = [(f"task {item + 1}  {record.operation or record.kind}", "bold")]
        pdus = [f"PDU {pdu}" for pdu in (record.request_pdu, record.response_pdu, record.ended_by_pdu) if pdu]
        tag = f"tag 0x{record.initiator_task_tag:08x}"
        lines.append((f"  {how_it_ended(record)}  {latency_text(record)}  {tag}  {', '.join(pdus)}\n", ""))
        total = sum(times)
        if total:
            room = max(20, self.size.width - 4)
            lines.append((f"{phase_bar(times, room)}\n", "$text-primary"))
            worst = longest(times)
            shares = [
                f"{span(time)} ({time * 100 / total:.0f} %) {words}"
                for time, words in zip(times, WORDS, strict=True)
                if time
            ]
            lines.append((f"mostly {WORDS[worst]}: " if len(shares) > 1 else "", "bold"))
            lines.append(("; ".join(shares), ""))
            lines.append((f"\n{legend()}", "$text-muted"))
        else:
            why = "its request or its answer is not there" if record.kind == "scsi" else "it is no SCSI task"
            lines.append((f"where the time went is not known: {why}", "$text-muted"))
        self._about.update(Content.assemble(*lines))

    @on(BigList.Chosen)
    def _chosen(self, event: BigList.Chosen) -> None:
        jump(self.analyzer, ToLadder(task=event.item + 1))

    def action_ladder(self) -> None:
        """The ladder of the task."""
        self._list.action_choose()

    def action_next_failed(self) -> None:
        """The next task that failed or was never answered."""
        self._step(1)

    def action_previous_failed(self) -> None:
        """The previous one."""
        self._step(-1)

    def _step(self, by: int) -> None:
        items = self._list.items
        shown = self._cells.table.failed if items is None else self._cells.table.failed[items]
        places = np.flatnonzero(shown)
        if not len(places):
            self.notify("no task failed")
            return
        beyond = places[(places - self._list.cursor) * by > 0]
        self._list.go_to_place(int((beyond if len(beyond) else places)[0 if by > 0 else -1]))

    def action_request(self) -> None:
        """The PDU that asked."""
        item = self._list.item
        if item is not None:
            record = self._cells.record(item)
            jump(self.analyzer, ToPdu(record.request_pdu or record.response_pdu or 1))

    def pieces(self, study: Study, suffix: str) -> Iterator[bytes]:
        """The tasks that are shown, in their order."""
        items = self._cells.table.items
        numbers = range(1, self._cells.table.count + 1) if items is None else (int(item) + 1 for item in items)
        return record_pieces(Tasks(study.facts.store).records(numbers), TaskRecord, suffix)

    def action_compare(self) -> None:
        """The two marked tasks, or the marked one and the one under the cursor, beside each other."""
        marked = sorted(self._list.marks)
        if len(marked) == 1 and self._list.item is not None and self._list.item not in marked:
            marked.append(self._list.item)
        if len(marked) != 2:
            self.notify("mark two tasks (m), or one and go to the other", severity="warning")
            return
        first, second = marked
        records = (self._cells.record(first), self._cells.record(second))
        self.app.push_screen(CompareTasks(records, (self._cells.table.times(first), self._cells.table.times(second))))
