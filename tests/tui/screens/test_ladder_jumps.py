"""Jumps within a ladder lead to PDUs of the ladder only."""

from __future__ import annotations

from tests.tui.screen_text import AppPilot, run_app, sample, settled, text_of
from tui.app import IscsiAnalyzerApp
from tui.screens.jumps import ToLadder
from tui.screens.ladder import LadderScreen


def places(name: str, target: ToLadder, *keys: str) -> list[int]:
    """The PDU under the cursor after each of some keys."""
    found: list[int] = []

    async def script(app: IscsiAnalyzerApp, pilot: AppPilot) -> None:
        app.go("ladder", target)
        await settled(app, pilot)
        for key in keys:
            await pilot.press(key)
            await settled(app, pilot)
            view = app.view
            assert isinstance(view, LadderScreen)
            found.append(view.pdu_here())
        assert "Ladder" in text_of(app)

    run_app(sample(name), script)
    return found


def test_violations_and_warnings_are_gone_through() -> None:
    target = ToLadder(sessions=(3, 4, 5))
    assert places("b01", target, "e", "e", "E", "w", "W") == [9, 11, 9, 10, 6]


def test_a_task_is_followed_through_its_session() -> None:
    assert places("k24", ToLadder(sessions=(1,), at=166), "o", "O", "O") == [171, 166, 166]


def test_stalls_are_found_in_the_ladder_only() -> None:
    assert places("k24", ToLadder(pdus=(1, 2, 3), title="three"), "s") == [1]
