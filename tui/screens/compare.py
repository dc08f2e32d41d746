"""Two PDUs side by side."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen

from tui.pdus.comparing import compare
from tui.pdus.detail import Detail
from tui.widgets.big_list import BigList
from tui.widgets.columns import Column


class CompareScreen(ModalScreen[None]):
    """Field by field; what differs is marked."""

    BINDINGS: ClassVar = [
        Binding("escape,q,d,c", "dismiss", show=False),
        Binding("space", "only_different", show=False, priority=True),
    ]

    def __init__(self, left: Detail, right: Detail) -> None:
        super().__init__()
        self._pairs = compare(left, right)
        self._titles = (left.title, right.title)
        self._all = True

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog comparison"):
            yield BigList(self._columns(40, 40), row_style=self._style, empty="no field differs")

    def _columns(self, label: int, side: int) -> list[Column]:
        pairs = self._pairs

        def text(of: str | None) -> str:
            return "(not there)" if of is None else of

        return [
            Column("differs", " ", 1, lambda item: "≠" if pairs[item].differs else " ", sortable=False),
            Column("field", "field", label, lambda item: "  " * pairs[item].depth + pairs[item].label, sortable=False),
            Column("left", self._titles[0], side, lambda item: text(pairs[item].left), sortable=False),
            Column("right", self._titles[1], side, lambda item: text(pairs[item].right), sortable=False),
        ]

    def _style(self, item: int) -> str:
        return "warning" if self._pairs[item].differs else ""

    def on_mount(self) -> None:
        self._show()

    def on_resize(self) -> None:
        rows = self.query_one(BigList)
        room = rows.size.width - 8
        rows.set_columns(self._columns(max(12, room * 30 // 100), max(12, room * 35 // 100)))

    def action_only_different(self) -> None:
        """Shows only what differs, or all fields again."""
        self._all = not self._all
        self._show()

    def _show(self) -> None:
        places = [place for place, pair in enumerate(self._pairs) if self._all or pair.differs]
        self.query_one(BigList).show(0, np.array(places, dtype=np.int64))
