"""Columns stand below each other and lines fit the terminal."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iscsi_analyzer.export.tables import (
    AT_ONCE,
    BOLD,
    Style,
    clip,
    columns,
    listed,
    number,
    plural,
    running_columns,
    size,
    visible,
    wrapped,
)


def test_columns_are_aligned_by_their_letters() -> None:
    assert columns([("a", "1"), ("bbb", "22")], "lr") == ["  a     1", "  bbb  22"]


def test_the_flexible_column_gives_way() -> None:
    lines = columns([("x" * 100, "12")], "fr")
    assert [len(line) for line in lines] == [80]
    assert "..." in lines[0]
    assert lines[0].endswith("  12")


def test_no_rows_make_no_lines() -> None:
    assert columns([], "lr") == []


@given(st.lists(st.tuples(st.text("ab ", max_size=200), st.text("0123", max_size=10)), min_size=1))
def test_no_line_with_a_flexible_column_is_too_wide(rows: list[tuple[str, str]]) -> None:
    assert all(len(line) <= 80 for line in columns(rows, "fr"))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1_000, "1.00 kB"),
        (12_345, "12.3 kB"),
        (999_999, "1.00 MB"),
        (123_456_789, "123 MB"),
        (5_000_000_000_000_000_000_000, "5000 EB"),
    ],
)
def test_sizes_have_three_digits_and_a_decimal_unit(value: int, text: str) -> None:
    assert size(value) == text


def test_counts_agree_with_their_nouns() -> None:
    assert [plural(0, "frame"), plural(1, "frame"), plural(1234, "frame")] == ["0 frames", "1 frame", "1,234 frames"]
    assert plural(2, "loss", "losses") == "2 losses"
    assert number(1234567) == "1,234,567"


@given(st.text(max_size=60), st.integers(8, 60))
def test_clipping_never_exceeds_the_width_and_keeps_what_fits(text: str, width: int) -> None:
    clipped = clip(text, width)
    assert len(clipped) <= width
    assert clipped == text or (len(clipped) == width and "..." in clipped)


def test_wrapped_words_stay_in_order_and_within_the_width() -> None:
    lines = wrapped("one two three four", "- ", "  ", 11)
    assert lines == ["- one two", "  three", "  four"]
    assert wrapped("x" * 30, "- ", "  ", 11) == ["- " + "x" * 30]
    assert wrapped("", "- ", "  ") == ["-"]


def test_lists_read_like_prose() -> None:
    assert [listed([]), listed(["a"]), listed(["a", "b"]), listed(["a", "b", "c"])] == [
        "",
        "a",
        "a and b",
        "a, b and c",
    ]


def test_colours_are_there_only_when_wanted() -> None:
    assert Style(False)("x", BOLD) == "x"
    assert Style(True)("x", BOLD) == "\x1b[1mx\x1b[0m"
    assert Style(True)("x", "") == "x"


@given(st.text())
def test_a_value_is_always_one_printable_line(value: str) -> None:
    assert visible(value).isprintable()
    if value.isprintable():
        assert visible(value) == value


def test_control_characters_become_escapes() -> None:
    assert visible("a\tb\nc\r\x1b[31m\x00") == "a\\tb\\nc\\r\\x1b[31m\\x00"


def test_columns_without_end_are_as_wide_as_what_came_so_far() -> None:
    """What was printed stays: a wide cell moves only the rows that are looked at with it, and those after it."""
    rows = [("a", "b")] * AT_ONCE + [("long", "b")] + [("a", "b")]
    lines = list(running_columns(iter(rows), "ll", indent=0))
    assert lines[AT_ONCE - 1 :] == ["a  b", "long  b", "a     b"]
    assert lines[: AT_ONCE - 1] == ["a  b"] * (AT_ONCE - 1)


def test_few_rows_stand_like_in_a_table() -> None:
    rows = [("1", "one"), ("100", "hundred")]
    assert list(running_columns(rows, "rl")) == columns(rows, "rl")
    assert list(running_columns([], "rl")) == []
