"""Marks stand where their values are, and there are few of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iscsi_analyzer.export.html.axis import LogScale, percent, round_up, time_ticks

DURATIONS = st.integers(1, 10**17)


@given(DURATIONS)
def test_times_are_few_round_and_within(duration: int) -> None:
    ticks = time_ticks(duration)
    assert 1 <= len(ticks) <= 7
    assert ticks[0] == (0, "0")
    assert all(0 <= tick.at <= 1 for tick in ticks)
    assert [tick.at for tick in ticks] == sorted(tick.at for tick in ticks)


@pytest.mark.parametrize(
    ("duration", "texts"),
    [
        (0, ["0"]),
        (31_300_000_000, ["0", "10 s", "20 s", "30 s"]),
        (347_000_000, ["0", "100 ms", "200 ms", "300 ms"]),
        (7_200_000_000_000, ["0", "1 h", "2 h"]),
        (600_000_000_000, ["0", "2 min", "4 min", "6 min", "8 min", "10 min"]),
    ],
)
def test_the_unit_fits_the_duration(duration: int, texts: list[str]) -> None:
    assert [tick.text for tick in time_ticks(duration)] == texts


@given(st.integers(0, 10**12), st.integers(0, 10**12), st.integers(0, 10**13))
def test_a_scale_keeps_the_order_and_ends_at_its_ends(low: int, width: int, value: int) -> None:
    scale = LogScale(low, low + width)
    assert 0 <= scale.at(value) <= 1
    assert scale.at(value) <= scale.at(value + 1)
    assert all(0 <= tick.at <= 1 for tick in scale.ticks())


def test_powers_of_ten_are_marked() -> None:
    assert [tick.text for tick in LogScale(50_000, 20_000_000).ticks()] == ["100 us", "1 ms", "10 ms"]


@given(st.floats(0, 1e15))
def test_an_axis_ends_at_a_round_number_not_far_above(value: float) -> None:
    end = round_up(value)
    assert end >= value * (1 - 1e-9)
    assert end <= 2 * value or value < 0.01 or (value < 1 and end <= max(0.02, 2 * value))


def test_places_are_per_cents() -> None:
    assert (percent(0.125), percent(1), percent(0)) == ("12.5%", "100%", "0%")
