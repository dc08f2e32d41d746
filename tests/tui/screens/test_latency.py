"""Latency and load: groups, the histogram of the group under the cursor, charts; everything leads to its tasks."""

from __future__ import annotations

import pytest

from tests.iscsi_analyzer.analysis.studies import sample as study_of
from tests.tui.screen_text import LARGE, MEDIUM, SMALL, AppPilot, run_app, sample, screen_of, settled, text_of
from tui.app import IscsiAnalyzerApp
from tui.screens.latency import moment_filter, series_of
from tui.screens.task_table import task_table

K24 = sample("k24")


@pytest.mark.parametrize("size", [SMALL, MEDIUM, LARGE])
def test_groups_histogram_and_chart_are_all_there(size: tuple[int, int]) -> None:
    shown = screen_of(K24, start="latency", size=size)
    for words in (
        "tasks outstanding (per 500 ms)",
        "> all SCSI tasks",
        "READ(10)" if size != SMALL else "LUN 0",
        "262 us",
    ):
        assert words in shown
    assert "command window: closed 2 times, 1.71 ms in all" in shown


def test_the_histogram_is_that_of_the_group_under_the_cursor() -> None:
    async def script(app: IscsiAnalyzerApp, pilot: AppPilot) -> None:
        await pilot.press("G", "up")
        await settled(app, pilot)
        assert "> writes, up to 64 KiB         2" in text_of(app)
        assert "4.19 ms    8.39 ms         2   100" in text_of(app)

    run_app(K24, script, start="latency", size=SMALL)


def test_enter_on_a_bar_shows_the_tasks_behind_it() -> None:
    async def script(app: IscsiAnalyzerApp, pilot: AppPilot) -> None:
        assert app.view is not None
        app.view.query_one("#histogram").focus()
        await pilot.press("down", "enter")
        await settled(app, pilot)
        assert app.view.NAME == "tasks"
        assert app.view.main_list is not None and app.view.main_list.count == 19

    run_app(K24, script, start="latency")


def test_enter_on_a_group_shows_its_tasks() -> None:
    async def script(app: IscsiAnalyzerApp, pilot: AppPilot) -> None:
        await pilot.press("down", "enter")
        await settled(app, pilot)
        assert app.view is not None and app.view.main_list is not None
        assert (app.view.NAME, app.view.main_list.count) == ("tasks", 89)

    run_app(K24, script, start="latency")


def test_enter_on_a_piece_of_time_shows_what_was_answered_then() -> None:
    async def script(app: IscsiAnalyzerApp, pilot: AppPilot) -> None:
        assert app.view is not None
        app.view.query_one("#chart0").focus()
        await pilot.press("right", "right", "enter")
        await settled(app, pilot)
        assert app.view.NAME == "tasks"
        assert app.view.main_list is not None and app.view.main_list.count > 0

    run_app(K24, script, start="latency")


def test_other_quantities_can_be_charted() -> None:
    assert "tasks answered (per 500 ms)" in screen_of(K24, "c", start="latency", size=SMALL)


def test_the_filter_of_a_piece_of_time_finds_as_many_tasks_as_were_counted() -> None:
    study = study_of("k24")
    for moment in study.load.moments:
        text = moment_filter(study.load, moment, study.facts.start)
        items = task_table(study, text, None).items
        assert items is not None
        assert len(items) == moment.completed


def test_rates_are_per_second() -> None:
    study = study_of("k24")
    series = series_of(study.load, study.facts.start)
    moments = study.load.moments
    assert sum(series[1].values) * study.load.bucket_ns / 1e9 == pytest.approx(sum(each.completed for each in moments))
    assert series[2].words(2_170_000) == "2.17 MB/s"
    assert series[0].when(3) == "1.5 s"


def test_a_capture_without_tasks_says_so() -> None:
    assert "> all SCSI tasks                         0" in screen_of(sample("k01"), start="latency", size=MEDIUM)


def test_the_closed_window_can_be_looked_at() -> None:
    shown = screen_of(K24, "w", start="latency")
    assert shown.startswith(" Ladder ")
    cursor = next(line for line in shown.splitlines() if line.startswith(">"))
    study = study_of("k24")
    worst = next(each for each in study.load.sessions if each.session == 1)
    assert f"{(worst.longest_closure_at_ns - study.facts.start) / 1e9:.6f}" in cursor
    assert "never closed" in screen_of(sample("u03"), "w", start="latency", size=SMALL)


def test_groups_can_be_sorted_the_worst_first() -> None:
    shown = screen_of(
        K24, "greater_than_sign", "greater_than_sign", "greater_than_sign", "greater_than_sign", start="latency"
    )
    lines = shown.splitlines()
    at = next(place for place, line in enumerate(lines) if "p99▼" in line)
    assert [line[2:12].strip() for line in lines[at + 1 : at + 3]] == ["all SCSI t", "session 1"]
    assert "session 2" not in lines[at + 3]
