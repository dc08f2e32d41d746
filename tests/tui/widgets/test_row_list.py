"""A row list shows rows as they are, and one with a single cell over the whole line."""

from __future__ import annotations

import asyncio

from textual.app import App, ComposeResult

from tests.tui.screen_text import text_of
from tui.widgets.columns import RIGHT
from tui.widgets.row_list import Row, RowList, Title

TITLES = (Title("name", "name", 6), Title("count", "count", 5, RIGHT), Title("rest", "rest", 0))


class Shell(App[None]):
    def compose(self) -> ComposeResult:
        yield RowList(TITLES, empty="none")


def shown(rows: list[Row], *keys: str) -> tuple[str, Row | None]:
    """The screen, and the row under the cursor."""

    async def go() -> tuple[str, Row | None]:
        app = Shell()
        async with app.run_test(size=(40, 8)) as pilot:
            widget = app.query_one(RowList)
            widget.set_rows(rows)
            widget.focus()
            await pilot.press(*keys)
            await pilot.pause()
            return text_of(app), widget.row

    return asyncio.run(go())


def test_cells_stand_in_their_columns() -> None:
    text, row = shown([Row(("one", "1", "first")), Row(("two", "22"), target=7)], "down")
    assert text.splitlines()[1:3] == ["  one        1 first", "> two       22"]
    assert row is not None and row.target == 7


def test_a_single_cell_has_the_whole_line() -> None:
    text, _ = shown([Row(("a title that is longer than its column",))])
    assert "a title that is longer than its" in text


def test_no_row_is_said() -> None:
    text, row = shown([])
    assert "none" in text and row is None


def test_the_cursor_stays_on_its_row_when_others_come_before_it() -> None:
    async def go() -> Row | None:
        app = Shell()
        async with app.run_test(size=(40, 8)):
            widget = app.query_one(RowList)
            widget.set_rows([Row(("a", "1")), Row(("b", "2"))])
            widget.go_to_place(1)
            widget.set_rows([Row(("a", "1")), Row(("x", "9")), Row(("b", "2", "more"))])
            return widget.row

    row = asyncio.run(go())
    assert row is not None and row.cells == ("b", "2", "more")
