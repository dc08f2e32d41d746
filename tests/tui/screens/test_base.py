"""What all screens share: they draw what is new, and jump on."""

from __future__ import annotations

from tests.tui.screen_text import AppPilot, run_app, sample, settled, text_of
from tui.app import IscsiAnalyzerApp


def test_following_goes_to_the_newest_row() -> None:
    async def script(app: IscsiAnalyzerApp, pilot: AppPilot) -> None:
        await pilot.press("2", "F")
        await settled(app, pilot)
        view = app.view
        assert view is not None
        assert view.main_list is not None
        assert view.main_list.follow
        assert view.main_list.item == len(app.document.store) - 1

    run_app(sample("k01"), script)


def test_a_screen_without_filter_says_so() -> None:
    async def script(app: IscsiAnalyzerApp, pilot: AppPilot) -> None:
        await pilot.press("1", "slash")
        await pilot.pause()
        assert "PDUs and tasks" in text_of(app)

    run_app(sample("k01"), script)
