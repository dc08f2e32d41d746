"""Every PDU has its row."""

from __future__ import annotations

from tests.tui.screen_text import sample, screen_of


def test_pdus_are_listed_with_number_time_and_summary() -> None:
    shown = screen_of(sample("k01"), start="pdus")
    assert "Login Request" in shown
