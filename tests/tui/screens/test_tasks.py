"""Tasks are listed, sorted, filtered, told in words, compared, and lead to their ladder."""

from __future__ import annotations

from tests.tui.screen_text import SMALL, AppPilot, run_app, sample, screen_of, settled, text_of
from tui.app import IscsiAnalyzerApp

K24 = sample("k24")


def rows(shown: str) -> list[str]:
    """The lines of the list, without its titles."""
    lines = shown.splitlines()[2:]
    return lines[: next(at for at, line in enumerate(lines) if line.startswith("──"))]


def test_every_task_tells_what_it_was_and_how_it_ended() -> None:
    shown = screen_of(K24, start="tasks")
    assert "2    1     0.121011 INQUIRY                0 " in shown
    assert "CHECK CONDITION" in shown


def test_the_slowest_come_first_when_asked_for() -> None:
    numbers = [int(row[2:8]) for row in rows(screen_of(K24, "G", "s", start="tasks", size=SMALL))]
    assert numbers[:4] == [1, 39, 97, 86]
    assert [int(row[2:8]) for row in rows(screen_of(K24, "s", "s", start="tasks", size=SMALL))][:3] == [1, 2, 3]


def test_any_column_can_be_sorted_by() -> None:
    async def script(app: IscsiAnalyzerApp, pilot: AppPilot) -> None:
        view = app.view
        assert view is not None and view.main_list is not None
        shown = set()
        for _ in range(9):
            await pilot.press("greater_than_sign")
            await settled(app, pilot)
            assert view.main_list.items is not None or view.main_list.sorted_by is None
            shown.add(view.main_list.sorted_by)
        assert len(shown) == len({key for key, _ in filter(None, shown)}) + (None in shown) > 6

    run_app(K24, script, start="tasks")


def test_the_display_filter_holds_for_tasks() -> None:
    async def script(app: IscsiAnalyzerApp, pilot: AppPilot) -> None:
        app.set_filter('iscsi.task.outcome != "answered"')
        await settled(app, pilot)
        shown = rows(text_of(app))
        assert [
            "WRITE(10)" in row or "READ(10)" in row or "task-management" in row for row in shown if row.strip()
        ] == [True] * 3
        app.set_filter("iscsi.task.number == 100000")
        await settled(app, pilot)
        assert "no task passes the filter" in text_of(app)

    run_app(K24, script, start="tasks")


def test_the_task_under_the_cursor_tells_where_its_time_went() -> None:
    shown = screen_of(K24, "s", "down", start="tasks")
    assert "task 39  READ(10)  GOOD  17.2 ms" in shown
    assert "mostly receiving the data" in shown


def test_enter_shows_the_ladder_and_escape_comes_back() -> None:
    shown = screen_of(K24, "down", "enter", start="tasks")
    assert shown.splitlines()[0].startswith(" Ladder ")
    assert "task 2, session 1  2 PDUs" in shown
    assert screen_of(K24, "down", "enter", "escape", start="tasks").startswith(" Tasks ")


def test_a_jump_finds_its_task() -> None:
    async def script(app: IscsiAnalyzerApp, pilot: AppPilot) -> None:
        app.go_to_task(163)
        await settled(app, pilot)
        assert ">    163" in text_of(app)
        await pilot.press("r")
        await settled(app, pilot)
        assert app.view is not None and app.view.NAME == "pdus"
        assert app.view.main_list is not None and app.view.main_list.item == 181

    run_app(K24, script, start="sessions")


def test_two_marked_tasks_stand_beside_each_other() -> None:
    shown = screen_of(K24, "down", "m", "m", "d", start="tasks")
    assert f"{'task 2':<30}task 3" in shown
    assert "bytes expected" in shown and "on one scale of time" in shown


def test_comparing_wants_two_tasks() -> None:
    assert "mark two tasks" in screen_of(K24, "d", start="tasks")


def test_tasks_that_failed_are_gone_through() -> None:
    shown = screen_of(K24, "e", start="tasks")
    assert ">     29" in shown and "CHECK CONDITION" in shown
    assert "unanswered at close" in screen_of(K24, "e", "e", start="tasks")
    assert ">     29" in screen_of(K24, "e", "e", "E", start="tasks")


def test_columns_can_be_chosen() -> None:
    async def script(app: IscsiAnalyzerApp, pilot: AppPilot) -> None:
        await pilot.press("C")
        await pilot.pause()
        await pilot.press("space", "down", "down", "space", "enter")
        await settled(app, pilot)
        titles = text_of(app).splitlines()[1].split()
        assert titles[:3] == ["sess", "conn", "asked"]

    run_app(K24, script, start="tasks")
