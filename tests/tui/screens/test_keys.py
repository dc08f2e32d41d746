"""The table of keys shows offers, answers and results, and leads to the PDU that carried them."""

from __future__ import annotations

from tests.tui.screen_text import SMALL, AppPilot, run_app, sample, screen_of, settled
from tui.app import IscsiAnalyzerApp

K24 = sample("k24")


def test_offers_answers_and_results_stand_beside_each_other() -> None:
    shown = screen_of(K24, start="keys")
    line = next(line for line in shown.splitlines() if "InitialR2T" in line)
    assert line.split() == ["InitialR2T", "I:", "No", "Yes", "Yes", "agreed"]
    assert "connection 2, session 2" in shown


def test_keys_that_nobody_mentioned_can_be_left_out() -> None:
    assert "iSCSIProtocolLevel" in screen_of(K24, start="keys")
    assert "iSCSIProtocolLevel" not in screen_of(K24, "u", start="keys")


def test_the_key_under_the_cursor_is_told_in_full() -> None:
    shown = screen_of(K24, "down", start="keys", size=SMALL)
    assert "offered I: iqn.2026-01.lab.client:kernel" in shown


def test_enter_shows_the_pdu_that_carried_the_key() -> None:
    async def script(app: IscsiAnalyzerApp, pilot: AppPilot) -> None:
        await pilot.press("enter", "down", "enter")
        await settled(app, pilot)
        assert app.view is not None and app.view.NAME == "pdus"
        assert app.view.main_list is not None and app.view.main_list.item == 0

    run_app(K24, script, start="keys")


def test_a_capture_from_mid_session_says_that_it_does_not_know() -> None:
    shown = screen_of(sample("f10"), start="keys")
    assert "unknown" in shown
