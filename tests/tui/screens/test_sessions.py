"""The sessions are listed with what is measured of them, and lead to their PDUs and ladders."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tui.screen_text import SMALL, AppPilot, run_app, sample, screen_of, settled, text_of
from tui.app import IscsiAnalyzerApp
from tui.screens.sessions import SessionsScreen

K34 = sample("k34")


def test_a_small_terminal_shows_what_matters_most() -> None:
    lines = screen_of(K34, size=SMALL).splitlines()
    assert lines[:5] == [
        " Sessions  k34_multipath_dm_two_portals.pcap.zst · 1,704 PDUs",
        "    # initiator       target          ended       tasks   MB/s     p99 findings",
        ">   1 ….client:kernel …si.labvm:disk1 logout        425    0.6 18.1 ms",
        "    2 ….client:kernel …si.labvm:disk1 reset         366    0.8 20.1 ms",
        "    3 ….client:kernel …si.labvm:disk1 logout         56    0.7 14.7 ms",
    ]


def test_a_large_one_shows_everything() -> None:
    titles = screen_of(K34, size=(200, 50)).splitlines()[1]
    assert titles.split() == [
        "#", "initiator", "target", "portal", "type", "ended", "conn", "PDUs", "tasks", "MB/s", "p99", "findings",
    ]  # fmt: skip


def test_below_stand_the_connections_and_the_story() -> None:
    shown = screen_of(sample("k24"))
    assert "127.0.0.1:56814 → 127.0.0.1:3260" in shown
    assert "ABORT TASK had no answer" in shown


def test_u_leads_to_the_pdus_of_the_session_only() -> None:
    async def script(app: IscsiAnalyzerApp, pilot: AppPilot) -> None:
        await pilot.press("down", "u")
        await settled(app, pilot)
        view = app.view
        assert view is not None
        assert view.NAME == "pdus"
        assert app.filter_text == "iscsi.session.number == 2"
        assert view.main_list is not None
        assert 0 < view.main_list.count < len(app.document.store)

    run_app(K34, script)


def test_z_leads_to_the_last_pdu_of_the_session() -> None:
    async def script(app: IscsiAnalyzerApp, pilot: AppPilot) -> None:
        await pilot.press("z")
        await settled(app, pilot)
        view = app.view
        assert view is not None
        assert view.main_list is not None
        number = (view.main_list.item or 0) + 1
        assert app.document.store.row(number).connection == 1
        assert (
            "Logout Response" in text_of(app).splitlines()[2 + view.main_list.cursor - round(view.main_list.scroll_y)]
        )

    run_app(K34, script)


def test_somebody_may_jump_to_a_session() -> None:
    async def script(app: IscsiAnalyzerApp, pilot: AppPilot) -> None:
        app.go("sessions", 3)
        await settled(app, pilot)
        view = app.view
        assert isinstance(view, SessionsScreen)
        assert view.session is not None
        assert view.session.number == 3

    run_app(K34, script, start="pdus")


def test_all_sessions_are_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    async def script(app: IscsiAnalyzerApp, pilot: AppPilot) -> None:
        await pilot.press("x", "enter")
        await settled(app, pilot)
        assert "written to sessions.csv" in text_of(app)

    run_app(K34, script)
    assert len((tmp_path / "sessions.csv").read_text().splitlines()) == 4
