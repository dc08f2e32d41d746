"""The field tree of a PDU as a list whose lines can be folded."""

from __future__ import annotations

import numpy as np

from iscsi_analyzer.export.tables import visible
from tui.pdus.detail import Detail, Line, shown
from tui.widgets.big_list import BigList
from tui.widgets.columns import Column


class FieldTree(BigList):
    """Item n is line n of the detail. What is folded stays folded for other PDUs."""

    def __init__(self, *, id: str | None = None) -> None:
        self._detail = Detail(0, "", [])
        self._folded: set[tuple[str, ...]] = set()
        super().__init__([self._column("fields")], row_style=self._line_style, empty="no PDU", id=id)

    def _column(self, title: str) -> Column:
        return Column("fields", title, 0, self._text, sortable=False)

    def _text(self, item: int) -> str:
        line = self._detail.lines[item]
        fold = ("▸ " if line.path in self._folded else "▾ ") if line.parent else "  "
        text = f"{line.label}: {visible(line.text)}" if line.text else line.label
        problem = f"  [{visible(line.problem)}]" if line.problem and not line.remark else ""
        return "  " * line.depth + fold + text + problem

    def _line_style(self, item: int) -> str:
        line = self._detail.lines[item]
        return line.remark or ("warning" if line.problem else "")

    @property
    def detail(self) -> Detail:
        """The PDU that is shown."""
        return self._detail

    @property
    def line(self) -> Line | None:
        """The line at the cursor."""
        item = self.item
        return None if item is None or item >= len(self._detail.lines) else self._detail.lines[item]

    def show_detail(self, detail: Detail) -> None:
        """Shows another PDU; the cursor stays on the field that it was on, if that PDU has it, too."""
        before = self.line
        self._detail = detail
        self.set_columns([self._column(detail.title)])
        self._list()
        path = before.path if before is not None else ()
        self.go_to_line(next((index for index, line in enumerate(detail.lines) if line.path == path), 0))

    def go_to_line(self, line: int) -> None:
        """Puts the cursor on a line, unfolding what hides it."""
        if not 0 <= line < len(self._detail.lines):
            return
        path = self._detail.lines[line].path
        hiding = {path[:depth] for depth in range(1, len(path))} & self._folded
        if hiding:
            self._folded -= hiding
            self._list()
        self.go_to_item(line)

    def _list(self) -> None:
        self.changed()
        self.show(0, np.array(shown(self._detail.lines, self._folded), dtype=np.int64))

    def action_choose(self) -> None:
        """Folds or unfolds the line."""
        line = self.line
        if line is not None and line.parent:
            self._folded ^= {line.path}
            self._list()

    def action_mark(self) -> None:
        """Fields are not marked."""
