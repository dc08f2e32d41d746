"""A prompt gives what was typed if it will do, and nothing when it is left."""

from __future__ import annotations

from tests.tui.screen_text import AppPilot, run_app, sample, text_of
from tui.app import IscsiAnalyzerApp
from tui.screens.prompt import Prompt


def test_only_what_will_do_is_given() -> None:
    async def script(app: IscsiAnalyzerApp, pilot: AppPilot) -> None:
        given: list[str | None] = []
        check = {"a": "not a"}
        app.push_screen(Prompt("Which?", check=lambda text: check.get(text, "")), given.append)
        await pilot.pause()
        await pilot.press("a", "enter")
        await pilot.pause()
        assert "not a" in text_of(app)
        await pilot.press("b", "enter")
        await pilot.pause()
        assert given == ["ab"]
        app.push_screen(Prompt("Which?"), given.append)
        await pilot.pause()
        await pilot.press("escape")
        await pilot.pause()
        assert given == ["ab", None]

    run_app(sample("k01"), script)
