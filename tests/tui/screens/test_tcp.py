"""TCP: each connection and direction with its counts and its time line, and what it did to tasks."""

from __future__ import annotations

from tests.tui.screen_text import SMALL, AppPilot, run_app, sample, screen_of, settled
from tui.app import IscsiAnalyzerApp

K46 = sample("k46")


def test_losses_stand_in_the_time_line() -> None:
    shown = screen_of(K46, start="tcp")
    assert "connection 2, session 2" in shown
    assert "R retransmission" in shown


def test_a_quiet_connection_is_quiet() -> None:
    shown = screen_of(sample("k24"), start="tcp", size=SMALL)
    assert "nothing happened that" in shown
    assert "····················" in shown


def test_the_direction_under_the_cursor_is_told_in_full() -> None:
    shown = screen_of(sample("k24"), "down", start="tcp")
    assert "102 with data" in shown and "round trips: min" in shown


def test_enter_goes_to_where_it_happened() -> None:
    async def script(app: IscsiAnalyzerApp, pilot: AppPilot) -> None:
        view = app.view
        assert view is not None and view.main_list is not None
        rows = view.main_list.rows  # type: ignore[attr-defined]
        place = next(at for at, row in enumerate(rows) if row.style == "warning" and len(row.cells) > 1)
        view.main_list.go_to_place(place)
        await pilot.press("enter")
        await settled(app, pilot)
        assert app.view is not None and app.view.NAME == "pdus"
        await pilot.press("8", "L")
        await settled(app, pilot)
        assert app.view.NAME == "ladder"

    run_app(K46, script, start="tcp")
