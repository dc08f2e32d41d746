"""The app goes from screen to screen and back, and shares one filter among them."""

from __future__ import annotations

import pytest

from tests.tui.screen_text import AppPilot, run_app, sample, screen_of, settled, text_of, typed
from tui.app import IscsiAnalyzerApp
from tui.screens import SCREENS

K01 = sample("k01")


def test_every_screen_has_its_number_and_shows_its_name() -> None:
    async def script(app: IscsiAnalyzerApp, pilot: AppPilot) -> None:
        for view in SCREENS:
            await pilot.press(view.KEY)
            await settled(app, pilot)
            assert text_of(app).splitlines()[0].startswith(f" {view.TITLE_WORD} ")

    run_app(K01, script)


def test_escape_goes_back_where_one_came_from() -> None:
    shown = screen_of(K01, "2", "1", "escape")
    assert shown.startswith(" PDUs ")


def test_a_jump_shows_the_pdu_that_is_meant() -> None:
    async def script(app: IscsiAnalyzerApp, pilot: AppPilot) -> None:
        app.go_to_pdu(3)
        await settled(app, pilot)
        view = app.view
        assert view is not None
        assert view.NAME == "pdus"
        assert view.main_list is not None
        assert view.main_list.item == 2

    run_app(K01, script)


def test_the_user_decides_about_keys() -> None:
    async def script(app: IscsiAnalyzerApp, pilot: AppPilot) -> None:
        await pilot.press("Z")
        await pilot.pause()
        assert app.screen.query("HelpScreen > VerticalScroll") or "Screens" in text_of(app)

    run_app(K01, script, keys={"app.help": "Z"})


def test_q_leaves() -> None:
    async def script(app: IscsiAnalyzerApp, pilot: AppPilot) -> None:
        await pilot.press("q")
        await pilot.pause()
        assert app.return_code == 0

    run_app(K01, script)


@pytest.mark.parametrize("size", [(20, 5), (3, 2), (250, 70)])
def test_every_screen_bears_terminals_of_any_size(size: tuple[int, int]) -> None:
    async def script(app: IscsiAnalyzerApp, pilot: AppPilot) -> None:
        for view in SCREENS:
            app.go(view.NAME)
            await settled(app, pilot)
            await pilot.resize_terminal(*size)
            await settled(app, pilot)
            assert len(text_of(app).splitlines()) <= size[1]
            await pilot.resize_terminal(80, 24)

    run_app(sample("k20"), script)


def test_the_palette_finds_actions_by_their_words() -> None:
    async def script(app: IscsiAnalyzerApp, pilot: AppPilot) -> None:
        await pilot.press("colon")
        await pilot.pause()
        await typed(app, pilot, "breaks a rule")
        for _ in range(100):
            await pilot.pause(0.02)
            if "Next PDU that breaks a rule" in text_of(app):
                break
        assert "pdus.next_violation" in text_of(app)
        await pilot.press("escape")

    run_app(K01, script, start="pdus")
