"""The columns of tasks: all can be chosen, each says one thing, and those for a narrow screen fit it."""

from __future__ import annotations

from tests.iscsi_analyzer.analysis.studies import sample
from tui.screens.task_cells import CHOICES, MEDIUM_KEYS, NARROW_KEYS, WIDE_KEYS, TaskCells, bytes_text, keys_for
from tui.screens.task_table import SORTED_BY, task_table
from tui.widgets.big_list import GUTTER
from tui.widgets.columns import STYLES

EVERY = tuple(choice.key for choice in CHOICES)


def cells() -> TaskCells:
    study = sample("k24")
    found = TaskCells(study.facts.store)
    found.table = task_table(study, "", None)
    return found


def test_every_column_says_something_of_some_task_and_never_fails() -> None:
    study = sample("v05")
    found = TaskCells(study.facts.store)
    found.table = task_table(study, "", None)
    for column in found.columns(EVERY, 200):
        texts = [column.text(item) for item in range(study.facts.task_count)]
        assert any(texts), column.key
        assert {column.style(item) for item in range(study.facts.task_count)} <= {"", *STYLES}


def test_columns_that_can_be_sorted_by_are_known_to_the_table() -> None:
    assert {column.key for column in cells().columns(EVERY, 200) if column.sortable} == set(SORTED_BY) & set(EVERY)


def test_what_is_shown_fits_the_screen() -> None:
    for width in (80, 109, 110, 150, 250):
        fixed = GUTTER + sum(column.width + 1 for column in cells().columns(keys_for(width), width))
        assert fixed + 10 <= width
    assert set(NARROW_KEYS) < set(MEDIUM_KEYS) < set(WIDE_KEYS)


def test_failures_stand_out() -> None:
    found = cells()
    ended = {column.key: column for column in found.columns(EVERY, 200)}["ended"]
    assert (ended.style(28), ended.style(1)) == ("warning", "")
    assert (found.row_style(0), found.row_style(1)) == ("dim", "")


def test_bytes_are_short() -> None:
    assert [bytes_text(count) for count in (None, 0, 36, 4096, 3 << 20)] == ["", "", "36 B", "4 KiB", "3 MiB"]
