"""Findings are grouped by rule or session, explained, and lead to every PDU of their evidence."""

from __future__ import annotations

from tests.tui.screen_text import SMALL, AppPilot, run_app, sample, screen_of, settled
from tui.app import IscsiAnalyzerApp

B01 = sample("b01")


def test_rules_are_listed_the_worst_first_with_their_explanation() -> None:
    shown = screen_of(B01, start="findings")
    assert "34 errors, 12 warnings and 43 notes, of 52 rules" in shown
    assert "> ✗ error   login-version-nonzero" in shown
    assert "What it means" in shown


def test_below_each_session_when_asked_for() -> None:
    shown = screen_of(B01, "b", start="findings", size=SMALL)
    assert "> session 1" in shown
    assert "✗ error     login-version-nonzero" in shown


def test_enter_shows_the_first_pdu_of_the_evidence() -> None:
    async def script(app: IscsiAnalyzerApp, pilot: AppPilot) -> None:
        await pilot.press("down", "enter")
        await settled(app, pilot)
        assert app.view is not None and app.view.NAME == "pdus"
        assert app.view.main_list is not None and app.view.main_list.item == 2

    run_app(B01, script, start="findings")


def test_every_pdu_of_the_evidence_can_be_shown() -> None:
    async def script(app: IscsiAnalyzerApp, pilot: AppPilot) -> None:
        view = app.view
        assert view is not None
        view.arrive("login-itt-changed")
        await settled(app, pilot)
        await pilot.press("tab", "end", "enter")
        await settled(app, pilot)
        assert app.view is not None and app.view.NAME == "pdus"
        assert app.view.main_list is not None and app.view.main_list.item == 14

    run_app(B01, script, start="findings")


def test_the_evidence_makes_a_ladder() -> None:
    shown = screen_of(B01, "L", start="findings")
    assert "evidence of login-version-nonzero  1 PDU" in shown


def test_errors_and_warnings_are_gone_through() -> None:
    assert "> ▲ warning " in screen_of(B01, "w", start="findings")
    assert "> ✗ error " in screen_of(B01, "w", "E", start="findings")
    assert "there is no error" in screen_of(sample("k24"), "e", start="findings")


def test_a_clean_capture_says_so() -> None:
    shown = screen_of(sample("u03"), start="findings", size=SMALL)
    assert "no rule was broken" in shown
