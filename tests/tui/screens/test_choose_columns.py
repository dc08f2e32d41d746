"""Columns are chosen in their order; leaving the dialog changes nothing."""

from __future__ import annotations

from tests.tui.screen_text import AppPilot, run_app, sample
from tui.app import IscsiAnalyzerApp
from tui.screens.choose_columns import ChooseColumns

COLUMNS = [("a", "A", "first"), ("b", "B", "second"), ("c", "C", "third")]


def test_chosen_columns_come_in_the_order_of_the_table() -> None:
    async def script(app: IscsiAnalyzerApp, pilot: AppPilot) -> None:
        given: list[tuple[str, ...] | None] = []
        app.push_screen(ChooseColumns(COLUMNS, ("c",)), given.append)
        await pilot.pause()
        await pilot.press("space", "enter")
        await pilot.pause()
        app.push_screen(ChooseColumns(COLUMNS, ("c",)), given.append)
        await pilot.pause()
        await pilot.press("escape")
        await pilot.pause()
        assert given == [("a", "c"), None]

    run_app(sample("k01"), script)
