"""A list of any length draws what is on the screen, and its cursor stays on its item whatever happens around it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import numpy as np
from textual.app import App, ComposeResult
from textual.pilot import Pilot

from tests.tui.screen_text import text_of
from tui.widgets.big_list import BigList
from tui.widgets.columns import RIGHT, Column


class ListApp(App[None]):
    def __init__(self) -> None:
        super().__init__()
        self.asked: list[int] = []
        self.said: list[object] = []

    def compose(self) -> ComposeResult:
        def text(item: int) -> str:
            self.asked.append(item)
            return f"row {item}"

        yield BigList(
            [Column("n", "number", 8, str, RIGHT), Column("text", "text", 12, text), Column("rest", "rest", 0, hex)]
        )

    def on_big_list_chosen(self, event: BigList.Chosen) -> None:
        self.said.append(("chosen", event.item))

    def on_big_list_sort_wanted(self, event: BigList.SortWanted) -> None:
        self.said.append(("sort", event.key, event.descending))


Script = Callable[[ListApp, BigList, Pilot[None]], Awaitable[None]]


def with_list(script: Script, size: tuple[int, int] = (40, 12)) -> None:
    async def go() -> None:
        app = ListApp()
        async with app.run_test(size=size) as pilot:
            rows = app.query_one(BigList)
            rows.focus()
            await pilot.pause()
            await script(app, rows, pilot)

    asyncio.run(go())


def test_millions_of_rows_cost_no_more_than_those_on_the_screen() -> None:
    async def script(app: ListApp, rows: BigList, pilot: Pilot[None]) -> None:
        rows.show(5_000_000)
        await pilot.press("G")
        await pilot.pause()
        assert rows.item == 4_999_999
        assert "row 4999999" in text_of(app)
        assert len(set(app.asked)) < 40

    with_list(script)


def test_the_screen_shows_titles_cursor_and_rows() -> None:
    async def script(app: ListApp, rows: BigList, pilot: Pilot[None]) -> None:
        rows.show(3)
        await pilot.press("j", "m")
        await pilot.pause()
        lines = text_of(app).splitlines()
        assert lines[0].split() == ["number", "text", "rest"]
        assert [line[:18] for line in lines[1:4]] == [
            "         0 row 0  ",
            " *       1 row 1  ",
            ">        2 row 2  ",
        ]

    with_list(script)


def test_the_cursor_stays_on_its_item_when_rows_come_and_go() -> None:
    async def script(app: ListApp, rows: BigList, pilot: Pilot[None]) -> None:
        rows.show(100)
        rows.go_to_item(40)
        rows.show(200)
        assert rows.item == 40
        rows.show(0, np.array([10, 40, 90]))
        assert (rows.item, rows.cursor) == (40, 1)
        rows.show(0, np.array([10, 50, 90]))
        assert rows.item == 50
        rows.show(0, np.array([90, 50, 10]))
        assert (rows.item, rows.cursor) == (50, 1)
        rows.show(0, np.array([], dtype=np.int64))
        assert rows.item is None
        rows.show(5)
        assert rows.item == 0

    with_list(script)


def test_a_list_that_follows_stays_at_the_end_until_the_user_goes_up() -> None:
    async def script(app: ListApp, rows: BigList, pilot: Pilot[None]) -> None:
        rows.follow = True
        rows.show(100)
        assert rows.item == 99
        rows.show(150)
        assert rows.item == 149
        await pilot.press("up")
        rows.show(200)
        assert rows.item == 148

    with_list(script)


def test_marks_are_found_again() -> None:
    async def script(app: ListApp, rows: BigList, pilot: Pilot[None]) -> None:
        rows.show(100)
        rows.go_to_item(5)
        await pilot.press("m")
        rows.go_to_item(70)
        await pilot.press("m", "apostrophe")
        assert rows.item == 5
        await pilot.press("apostrophe")
        assert rows.item == 70
        assert rows.marks == {5, 70}

    with_list(script)


def test_pages_and_ends() -> None:
    async def script(app: ListApp, rows: BigList, pilot: Pilot[None]) -> None:
        rows.show(100)
        await pilot.press("pagedown")
        assert rows.item == 11
        await pilot.press("ctrl+u")
        assert rows.item == 6
        await pilot.press("G", "k")
        assert rows.item == 98
        await pilot.press("g")
        assert rows.item == 0

    with_list(script)


def test_enter_and_titles_are_told() -> None:
    async def script(app: ListApp, rows: BigList, pilot: Pilot[None]) -> None:
        rows.show(100)
        await pilot.press("down", "enter", "greater_than_sign")
        await pilot.click(BigList, offset=(12, 0))
        await pilot.click(BigList, offset=(12, 5), times=2)
        await pilot.pause()
        assert app.said == [("chosen", 1), ("sort", "n", False), ("sort", "text", False), ("chosen", 4)]

    with_list(script)


def test_columns_that_do_not_fit_are_reached_sideways() -> None:
    async def script(app: ListApp, rows: BigList, pilot: Pilot[None]) -> None:
        rows.show(100)
        assert "number" in text_of(app)
        await pilot.press("right", "right")
        await pilot.pause()
        assert "number" not in text_of(app)
        await pilot.press("left", "left")
        await pilot.pause()
        assert "number" in text_of(app)

    with_list(script)
