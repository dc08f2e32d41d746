"""A text is found in rows below, above, and round the ends."""

from __future__ import annotations

from textual.widgets import Input

from tests.tui.screen_text import AppPilot, run_app, sample, settled, text_of
from tui.app import IscsiAnalyzerApp
from tui.widgets.row_list import RowList


def test_a_text_is_found_again_and_again() -> None:
    found: list[str] = []

    async def script(app: IscsiAnalyzerApp, pilot: AppPilot) -> None:
        view = app.view
        assert view is not None and isinstance(view.main_list, RowList)
        await pilot.press("ctrl+f")
        await pilot.pause()
        app.screen.query_one(Input).value = "initialr2t"
        await pilot.press("enter")
        for key in ("", "n", "n", "N"):
            if key:
                await pilot.press(key)
            await settled(app, pilot)
            row = view.main_list.row
            assert row is not None
            found.append(f"{row.cells[0].strip()} {view.main_list.cursor}")
        await pilot.press("ctrl+f")
        await pilot.pause()
        app.screen.query_one(Input).value = "no such key"
        await pilot.press("enter")
        await settled(app, pilot)
        assert "is not found" in text_of(app)

    run_app(sample("k24"), script, start="keys")
    first, second, again, back = found
    assert first.startswith("InitialR2T") and second.startswith("InitialR2T")
    assert first != second and (again, back) == (first, second)


def test_n_asks_when_nothing_was_sought() -> None:
    async def script(app: IscsiAnalyzerApp, pilot: AppPilot) -> None:
        await pilot.press("n")
        await pilot.pause()
        assert "Find a text in the list" in text_of(app)

    run_app(sample("k01"), script, start="report")
