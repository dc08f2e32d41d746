"""The cursor of a chart goes through the values; Enter and a double click choose one."""

from __future__ import annotations

import asyncio

from textual import on
from textual.app import App, ComposeResult

from tests.tui.screen_text import text_of
from tui.widgets.chart import Chart, Series

SERIES = Series("answered", [1.0, 5.0, 2.0, 4.0], lambda value: f"{value:.0f}/s", lambda place: f"{place} s")


class Shell(App[None]):
    chosen: int | None = None

    def compose(self) -> ComposeResult:
        yield Chart()

    @on(Chart.Chosen)
    def _chosen(self, event: Chart.Chosen) -> None:
        self.chosen = event.place


def after(*keys: str, click: tuple[int, int] | None = None) -> tuple[str, int | None]:
    """The screen after some keys, and what was chosen."""

    async def go() -> tuple[str, int | None]:
        app = Shell()
        async with app.run_test(size=(40, 10)) as pilot:
            widget = app.query_one(Chart)
            widget.show(SERIES)
            widget.focus()
            await pilot.press(*keys)
            if click is not None:
                await pilot.click(Chart, offset=click, times=2)
            await pilot.pause()
            return text_of(app), app.chosen

    return asyncio.run(go())


def test_the_value_under_the_cursor_is_said() -> None:
    text, _ = after("right", "right")
    assert text.splitlines()[0].strip() == "answered  2/s at 2 s"


def test_the_cursor_goes_to_the_ends_and_to_the_highest_value() -> None:
    assert "4/s at 3 s" in after("end")[0]
    assert "1/s at 0 s" in after("end", "home", "left")[0]
    assert "5/s at 1 s" in after("up")[0]


def test_enter_chooses_the_piece_of_time() -> None:
    assert after("right", "enter")[1] == 1


def test_a_double_click_chooses_what_is_below_it() -> None:
    assert after(click=(38, 3))[1] == 3
    assert after(click=(1, 3))[1] is None


def test_without_the_focus_the_highest_value_is_said() -> None:
    async def go() -> str:
        app = Shell()
        async with app.run_test(size=(40, 10)) as pilot:
            app.query_one(Chart).show(SERIES)
            app.set_focus(None)
            await pilot.pause()
            return text_of(app)

    assert asyncio.run(go()).splitlines()[0].strip() == "answered  5/s at most, at 1 s"
