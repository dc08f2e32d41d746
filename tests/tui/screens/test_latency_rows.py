"""Every group and every bar has a filter that finds exactly the tasks that were counted."""

from __future__ import annotations

import pytest

from tests.iscsi_analyzer.analysis.studies import sample
from tui.screens.latency_rows import GROUP_TITLES, bucket_rows, group_rows, sorted_groups, window_words
from tui.screens.task_table import task_table


@pytest.mark.parametrize("name", ["k24", "v05", "k34"])
def test_the_filter_of_a_group_finds_its_tasks(name: str) -> None:
    study = sample(name)
    for row in group_rows(study.latency):
        if row.target is not None:
            group, tasks = row.target
            if group is None:
                continue
            items = task_table(study, tasks.filter, None).items
            assert items is not None
            measured = [item for item in items.tolist() if study.facts.is_measured[item]]
            assert len(measured) == group.latency.count, (row.cells, tasks.filter)


def test_the_filter_of_a_bar_finds_its_tasks() -> None:
    study = sample("k24")
    _, tasks = next(group_rows(study.latency)).target
    for row, bucket in zip(
        bucket_rows(study.latency.total.latency.histogram, tasks.filter, 40),
        study.latency.total.latency.histogram,
        strict=True,
    ):
        if row.target is not None:
            items = task_table(study, row.target.filter, None).items
            assert items is not None
            assert sum(bool(study.facts.is_measured[item]) for item in items.tolist()) == bucket.count


def test_the_longest_bar_fills_the_room() -> None:
    rows = list(bucket_rows(sample("k24").latency.total.latency.histogram, "", 40))
    assert max(len(row.cells[-1]) for row in rows) == 40


def test_every_row_fits_the_titles() -> None:
    assert all(len(row.cells) <= len(GROUP_TITLES) for row in group_rows(sample("k24").latency))


def test_a_window_that_was_closed_is_told() -> None:
    assert window_words(sample("k24").load).startswith("command window: closed 2 times, 1.71 ms in all, longest 967 us")
    assert window_words(sample("u03").load) == "command window: never closed"


def test_groups_are_sorted_between_all_tasks_and_what_is_no_group() -> None:
    rows = list(group_rows(sample("k24").latency))
    for descending in (True, False):
        found = sorted_groups(rows, "p99", descending)
        assert sorted(map(id, found)) == sorted(map(id, rows))
        assert (found[0], found[-1]) == (rows[0], rows[-1])
        values = [row.target[0].latency.p99 for row in found[1:-1]]
        assert values == sorted(values, reverse=descending)
