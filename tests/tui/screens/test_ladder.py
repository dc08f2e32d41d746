"""The screen of ladders: of the first session by itself, of what one jumps to, to the PDU and back, and as text."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.iscsi_analyzer.analysis.studies import sample as study_of
from tests.tui.screen_text import LARGE, SMALL, AppPilot, run_app, sample, screen_of, settled, text_of
from tui.app import IscsiAnalyzerApp
from tui.screens.jumps import ToLadder
from tui.screens.ladder import ladder_for, other_paths, written

K24 = sample("k24")


def test_it_begins_with_the_first_session() -> None:
    shown = screen_of(K24, "down", start="ladder")
    assert "session 1  195 PDUs, 2 events of TCP and of the capture" in shown
    assert "│━━━━━━━━━ Login Request ━━━━━━━━━▶│" in shown
    assert "0030  49 6e 69 74 69 61 74 6f  72 4e 61 6d 65 3d 69 71  InitiatorName=iq" in shown


def test_mcs_has_a_lane_for_each_connection() -> None:
    shown = screen_of(sample("k20"), start="ladder")
    assert "connection 1           connection 2" in shown


def test_multipath_shows_all_paths() -> None:
    shown = screen_of(sample("k34"), "A", start="ladder", size=LARGE)
    assert "connection 1, session 1" in shown
    assert "connection 2, session 2" in shown


def test_sessions_follow_each_other() -> None:
    assert "session 2  " in screen_of(K24, "right_square_bracket", start="ladder")
    assert "session 2  " in screen_of(K24, "left_square_bracket", start="ladder", size=SMALL)


def test_from_a_task_to_its_whole_session_the_cursor_stays() -> None:
    async def script(app: IscsiAnalyzerApp, pilot: AppPilot) -> None:
        app.show_ladder(task=163)
        await settled(app, pilot)
        assert "▲ tmf-response-missing  ABORT TASK LUN 0 of ITT" in text_of(app)
        await pilot.press("a")
        await settled(app, pilot)
        assert "> 182  1.613497" in text_of(app)

    run_app(K24, script)


def test_enter_shows_the_pdu() -> None:
    async def script(app: IscsiAnalyzerApp, pilot: AppPilot) -> None:
        await pilot.press("down", "down", "enter")
        await settled(app, pilot)
        assert app.view is not None and app.view.NAME == "pdus"
        assert app.view.main_list is not None and app.view.main_list.item == 1

    run_app(K24, script, start="ladder")


def test_the_ladder_is_copied_as_text() -> None:
    async def script(app: IscsiAnalyzerApp, pilot: AppPilot) -> None:
        app.show_ladder(task=163)
        await settled(app, pilot)
        await pilot.press("y")
        assert app.clipboard.startswith("task 163, session 1: 2 PDUs\n")
        assert "ABORT TASK" in app.clipboard

    run_app(K24, script)


def test_writing_never_touches_a_file_that_exists(tmp_path: Path) -> None:
    paths = [written(iter([str(number)]), "session 1", [str(tmp_path)]) for number in range(3)]
    assert [path.name for path in paths] == ["ladder-session-1.txt", "ladder-session-1-2.txt", "ladder-session-1-3.txt"]
    assert [path.read_text() for path in paths] == ["0\n", "1\n", "2\n"]


def test_x_writes_to_the_working_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    async def script(app: IscsiAnalyzerApp, pilot: AppPilot) -> None:
        await pilot.press("x")
        await app.workers.wait_for_complete()
        await settled(app, pilot)
        assert "written to ladder-session-1.txt" in text_of(app)

    run_app(K24, script, start="ladder")
    assert (tmp_path / "ladder-session-1.txt").read_text().startswith("session 1: 195 PDUs")


def test_sessions_that_do_not_exist_are_left_out() -> None:
    study = study_of("k24")
    ladder = ladder_for(study, ToLadder(sessions=(2, 99)))
    assert ladder is not None and [lane.session for lane in ladder.lanes] == [2]


def test_paths_are_sessions_between_the_same_two() -> None:
    assert other_paths(study_of("k34"), {1}) == (1, 2, 3)
    assert other_paths(study_of("b01"), {2}) == (2,)


def test_a_ladder_that_grows_stays_scrolled_sideways() -> None:
    async def script(app: IscsiAnalyzerApp, pilot: AppPilot) -> None:
        await pilot.press("right", "right")
        before = text_of(app)
        assert app.view is not None
        app.view.grown()
        await settled(app, pilot)
        assert text_of(app).splitlines()[2] == before.splitlines()[2]

    run_app(K24, script, start="ladder", size=SMALL)
