"""Numbers of 32 bits are compared around their wrap (RFC 1982)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iscsi_analyzer.streams.serial import distance

NUMBER = st.integers(0, 0xFFFFFFFF)


@pytest.mark.parametrize(
    ("later", "earlier", "expected"),
    [
        (0, 0, 0),
        (1, 0, 1),
        (0, 1, -1),
        (0, 0xFFFFFFFF, 1),
        (0xFFFFFFFF, 0, -1),
        (5, 0xFFFFFFFB, 10),
        (0x7FFFFFFF, 0, 0x7FFFFFFF),
        (0x80000000, 0, -0x80000000),
    ],
)
def test_distances_at_the_edges(later: int, earlier: int, expected: int) -> None:
    assert distance(later, earlier) == expected


@given(NUMBER, st.integers(-0x80000000, 0x7FFFFFFF))
def test_a_step_is_the_distance_that_it_makes(start: int, step: int) -> None:
    assert distance((start + step) & 0xFFFFFFFF, start) == step


@given(NUMBER, NUMBER)
def test_there_and_back_are_opposites(one: int, other: int) -> None:
    there = distance(one, other)
    assert distance(other, one) == (-there if there != -0x80000000 else there)
