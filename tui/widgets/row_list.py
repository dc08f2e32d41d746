"""A list of rows that were made beforehand: cells, a style, and what the row leads to. For what is counted in tens to
thousands; PDUs and tasks have lists of their own, which make rows when they are drawn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from iscsi_analyzer.export.tables import visible
from tui.widgets.big_list import BigList
from tui.widgets.columns import LEFT, Column


class Title(NamedTuple):
    """One column of a row list."""

    key: str
    title: str
    width: int
    "Cells; 0 for the rest of the line."
    align: str = LEFT
    sortable: bool = False
    "Whoever owns the list can sort by it."


@dataclass(frozen=True, slots=True)
class Row:
    """One row."""

    cells: tuple[str, ...]
    "A single one has the whole line."
    style: str = ""
    "A word of `columns.STYLES`."
    target: Any = None
    "What Enter shows: see `screens.jumps`."
    styles: tuple[str, ...] = ()
    "Styles of the cells, where they differ from that of the row."


class RowList(BigList):
    """Shows rows, in the order in which they are given."""

    def __init__(self, titles: Sequence[Title], *, empty: str, id: str | None = None) -> None:
        """`empty` is shown instead of rows."""
        self.rows: list[Row] = []
        super().__init__(
            columns_of(titles, lambda item: self.rows[item]), row_style=self._row_style, empty=empty, id=id
        )

    def _row_style(self, item: int) -> str:
        return self.rows[item].style

    def set_rows(self, rows: Sequence[Row]) -> None:
        """Shows these rows; the cursor stays on its row, known by its first cells, even if it is another line now."""
        before, place = self.row, self.cursor
        self.rows = list(rows)
        self.changed()
        self.show(len(self.rows))
        if before is None or (place < len(self.rows) and self.rows[place].cells[:2] == before.cells[:2]):
            return
        same = (at for at, row in enumerate(self.rows) if row.cells[:2] == before.cells[:2])
        found = next(same, None)
        if found is not None:
            self.go_to_place(found)

    def set_titles(self, titles: Sequence[Title]) -> None:
        """Shows other columns of the same rows."""
        self.set_columns(columns_of(titles, lambda item: self.rows[item]))

    def _cells_of(self, item: int) -> list[tuple[str, str]]:
        """A row with a single cell has the whole line for it."""
        cells = self.rows[item].cells
        return [(visible(cells[0]), "")] if len(cells) == 1 else super()._cells_of(item)

    @property
    def row(self) -> Row | None:
        """The row under the cursor."""
        item = self.item
        return None if item is None or item >= len(self.rows) else self.rows[item]


def columns_of(titles: Sequence[Title], row_of: Callable[[int], Row]) -> list[Column]:
    """The columns of a list whose items are rows."""
    return [_column(title, place, row_of) for place, title in enumerate(titles)]


def _column(title: Title, place: int, row_of: Callable[[int], Row]) -> Column:
    def text(item: int) -> str:
        cells = row_of(item).cells
        return cells[place] if place < len(cells) else ""

    def style(item: int) -> str:
        styles = row_of(item).styles
        return styles[place] if place < len(styles) else ""

    return Column(title.key, title.title, title.width, text, title.align, style, sortable=title.sortable)
