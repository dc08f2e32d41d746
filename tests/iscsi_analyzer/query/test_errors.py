"""A mistake in a filter is shown where it is."""

from __future__ import annotations

import pytest

from iscsi_analyzer.query.errors import QueryError


@pytest.mark.parametrize(
    ("position", "length", "mark"),
    [(0, 3, "^~~"), (4, 1, "    ^"), (4, 2, "    ^~"), (7, 5, "       ^"), (6, 9, "      ^"), (99, 4, "       ^")],
)
def test_the_mark_stands_under_the_place_and_stays_within_the_text(position: int, length: int, mark: str) -> None:
    assert QueryError("wrong", position, length).pointed("abc def") == f"abc def\n{mark}"


def test_a_place_has_at_least_one_character() -> None:
    assert QueryError("wrong", 3, 0).length == 1


def test_control_characters_do_not_move_the_mark() -> None:
    assert QueryError("wrong", 2).pointed("a\tb\x1bc") == "a b c\n  ^"


def test_the_message_is_the_text_of_the_exception() -> None:
    error = QueryError("wrong", 2, 4)
    assert (str(error), error.message, error.position, error.length) == ("wrong", "wrong", 2, 4)
