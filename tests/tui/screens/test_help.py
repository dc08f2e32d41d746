"""Help names every action of the screen and those that work everywhere, with the keys that hold."""

from __future__ import annotations

from tests.tui.screen_text import AppPilot, run_app, sample, text_of
from tui.actions import APP, of_place
from tui.app import IscsiAnalyzerApp


def test_help_lists_the_screens_and_the_keys_of_the_user() -> None:
    async def script(app: IscsiAnalyzerApp, pilot: AppPilot) -> None:
        await pilot.press("question_mark")
        await pilot.pause()
        shown = text_of(app)
        assert "Sessions: who with whom" in shown
        assert "Ctrl-X" in shown
        for action in of_place(APP):
            assert action.name in shown
        await pilot.press("escape")
        await pilot.pause()
        assert text_of(app).startswith(" Sessions ")

    run_app(sample("k01"), script, size=(140, 70), keys={"app.quit": "ctrl+x"})
