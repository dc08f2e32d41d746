"""Targets are shown where they belong."""

from __future__ import annotations

from tests.tui.screen_text import AppPilot, run_app, sample, settled
from tui.app import IscsiAnalyzerApp
from tui.screens.jumps import Target, ToFrame, ToLadder, ToPdu, ToTask, ToTasks, jump
from tui.widgets.big_list import BigList

K24 = sample("k24")


def after(target: Target | None) -> tuple[str, int | None, int]:
    """Name of the screen, item under the cursor, and rows in its list after a jump."""
    found: list[tuple[str, int | None, int]] = []

    async def script(app: IscsiAnalyzerApp, pilot: AppPilot) -> None:
        jump(app, target)
        await settled(app, pilot)
        view = app.view
        assert view is not None
        rows = view.query(BigList).first()
        found.append((view.NAME, rows.item, rows.count))

    run_app(K24, script)
    return found[0]


def test_to_a_pdu_and_to_a_task() -> None:
    assert after(ToPdu(7))[:2] == ("pdus", 6)
    assert after(ToTask(9))[:2] == ("tasks", 8)


def test_to_the_tasks_that_pass_a_filter() -> None:
    assert after(ToTasks("iscsi.task.number in {3, 4, 5}")) == ("tasks", 2, 3)


def test_to_a_ladder_with_the_cursor_on_a_pdu() -> None:
    assert after(ToLadder(pdus=(5, 9, 12), title="three", at=9)) == ("ladder", 1, 3)


def test_to_the_first_pdu_of_a_frame_of_a_connection() -> None:
    assert after(ToFrame(714))[:2] == ("pdus", 195)
    assert after(ToFrame(1, 2))[:2] == ("pdus", 195)


def test_to_nowhere() -> None:
    assert after(None)[0] == "sessions"
    assert after(ToFrame(100_000))[0] == "sessions"
