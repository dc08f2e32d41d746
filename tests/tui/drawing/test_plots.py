"""Plots show every value that is more than nothing, keep to their room, and need no colour to be read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.drawing.plots import Line, bar, chart, column_of, place_in, sampled


def text(lines: list[Line]) -> list[str]:
    return ["".join(part for part, _ in line) for line in lines]


def test_a_bar_is_as_long_as_its_value() -> None:
    assert [bar(value, 8, 4) for value in (0, 1, 4, 8, 99)] == ["", "▌", "██", "████", "████"]


def test_a_little_is_not_nothing() -> None:
    assert bar(1, 1_000_000, 10) == "▏"


def test_a_chart_has_its_largest_value_at_the_top_and_both_ends_below() -> None:
    drawn = text(chart([0, 4, 8, 2], 12, 2, words=lambda value: f"{value:.0f}", ends=("0 s", "1 s")))
    assert drawn[0].startswith("8 ┤")
    assert drawn[-1].startswith("0 └0 s")
    assert len(drawn) == 3


def test_the_column_of_the_cursor_is_marked_below() -> None:
    lines = chart([1, 2, 3, 4], 11, 2, words=str, ends=("", ""), chosen=2)
    column = text(lines)[-1].index("^")
    assert [part for part, style in lines[0] if style == "reverse"] == [text(lines)[0][column]]


def test_a_chart_without_values_is_empty_but_stands() -> None:
    assert len(chart([], 20, 3, words=str, ends=("0 s", "0 s"))) == 4


@given(st.lists(st.floats(0, 1e9), max_size=300), st.integers(1, 120))
def test_sampling_keeps_the_largest_value(values: list[float], width: int) -> None:
    columns = sampled(values, width)
    assert len(columns) == (width if values else 0)
    assert max(columns, default=0) == max(values, default=0)


@given(st.integers(1, 300), st.integers(1, 120), st.data())
def test_the_column_of_a_value_shows_it(count: int, width: int, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, count - 1))
    column = column_of(place, count, width)
    assert 0 <= column < width
    first, after = column * count // width, (column + 1) * count // width
    assert first == place if count <= width else first <= place < after
    assert place_in(column, count, width) <= place


@pytest.mark.parametrize("width", [10, 40, 200])
def test_no_line_is_wider_than_its_room(width: int) -> None:
    values = [float(value * value % 97) for value in range(150)]
    for line in text(chart(values, width, 5, words=lambda value: f"{value:.0f}/s", ends=("0 s", "12 s"))):
        assert len(line) <= width
