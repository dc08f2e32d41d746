"""The report: answers to questions, each line a jump to its evidence."""

from __future__ import annotations

import pytest

from tests.tui.screen_text import LARGE, MEDIUM, SMALL, AppPilot, run_app, sample, screen_of, settled, text_of
from tui.app import IscsiAnalyzerApp

K24 = sample("k24")


@pytest.mark.parametrize("size", [SMALL, MEDIUM, LARGE])
def test_answers_are_wrapped_to_the_window(size: tuple[int, int]) -> None:
    shown = screen_of(K24, start="report", size=size)
    assert "> 1. Who dropped the session, and why?" in shown
    assert "session 2 took its place" in shown


def test_trouble_is_found_with_its_evidence() -> None:
    async def script(app: IscsiAnalyzerApp, pilot: AppPilot) -> None:
        await pilot.press("e", "e")
        await settled(app, pilot)
        assert ">  ! 2 SCSI tasks had no answer when the connection closed" in text_of(app)
        assert "182    1.613497 → SCSI Command READ(10)" in text_of(app)
        await pilot.press("T")
        await settled(app, pilot)
        assert app.view is not None and app.view.main_list is not None
        assert (app.view.NAME, app.view.main_list.count) == ("tasks", 2)

    run_app(K24, script, start="report")


def test_enter_shows_the_evidence() -> None:
    async def script(app: IscsiAnalyzerApp, pilot: AppPilot) -> None:
        await pilot.press("e", "e", "enter")
        await settled(app, pilot)
        assert app.view is not None and app.view.NAME == "ladder"
        assert "2 PDUs" in text_of(app)
        await pilot.press("escape")
        await settled(app, pilot)
        assert app.view.NAME == "report"

    run_app(K24, script, start="report")


def test_a_single_pdu_of_the_evidence_can_be_shown() -> None:
    async def script(app: IscsiAnalyzerApp, pilot: AppPilot) -> None:
        await pilot.press("e", "e")
        await settled(app, pilot)
        assert app.view is not None
        app.view.query_one("#evidence").focus()
        await pilot.press("down", "enter")
        await settled(app, pilot)
        assert app.view.NAME == "pdus"
        assert app.view.main_list is not None and app.view.main_list.item == 181

    run_app(K24, script, start="report")
