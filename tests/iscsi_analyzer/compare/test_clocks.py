"""Clocks are related as the quickest segments of both directions allow, and doubts are said."""

from __future__ import annotations

import numpy as np
import pytest

from iscsi_analyzer.compare.clocks import Clock, Samples, clock
from iscsi_analyzer.store.columns import Numbers

MS = 1_000_000


def samples(times: Numbers, apart: Numbers) -> Samples:
    return Samples(times, times + apart)


def delays(seed: int, count: int, least: int) -> Numbers:
    """Mostly near the least, some much longer."""
    return least + np.random.default_rng(seed).exponential(MS / 5, count).astype(np.int64)


@pytest.mark.parametrize("a_first", [True, False])
def test_the_offset_is_bounded_by_the_quickest_of_both_directions(a_first: bool) -> None:
    times = np.arange(1000, dtype=np.int64) * MS
    there, back = delays(1, 1000, 2 * MS), delays(2, 1000, 3 * MS)
    sign = 1 if a_first else -1
    found = clock(samples(times, 777 + sign * there), samples(times, 777 - sign * back), 1)
    assert found is not None
    assert found.a_first is a_first
    assert abs(found.offset_ns - 777) <= found.uncertainty_ns == pytest.approx(2.5 * MS, rel=0.01)
    assert (found.drift, found.contradictions, found.bounded) == (0.0, 0, True)


def test_a_drift_is_seen_through_the_delays() -> None:
    times = np.arange(20_000, dtype=np.int64) * 10 * MS
    drift = np.rint(times * 30e-6).astype(np.int64)
    found = clock(
        samples(times, drift + delays(3, len(times), MS)), samples(times, drift - delays(4, len(times), MS)), 1
    )
    assert found is not None
    assert found.drift == pytest.approx(30e-6, rel=0.02)
    assert np.all(np.abs(found.in_a(found.in_b(times)) - times) <= 2)


def test_queues_that_grow_and_shrink_are_no_drift() -> None:
    times = np.arange(20_000, dtype=np.int64) * 10 * MS
    wave = (np.sin(times / 5e9) * MS).astype(np.int64) + MS
    found = clock(samples(times, wave + delays(3, len(times), MS)), samples(times, -delays(4, len(times), MS)), 1)
    assert found is not None
    assert abs(found.drift) * float(times[-1]) < 2 * MS


def test_one_direction_gives_no_bound() -> None:
    times = np.arange(10, dtype=np.int64)
    none = samples(times[:0], times[:0])
    found = clock(samples(times, times + 5), none, 1)
    assert found is not None
    assert (found.offset_ns, found.bounded, found.a_first) == (5, False, None)
    other = clock(none, samples(times, times + 5), 1)
    assert other is not None and other.offset_ns == 14
    assert clock(none, none, 1) is None


def test_one_place_is_told_from_two() -> None:
    times = np.arange(100, dtype=np.int64) * 1000
    zero = times * 0
    found = clock(samples(times, zero + 9), samples(times, zero + 9), 1000)
    assert found is not None
    assert (found.offset_ns, found.a_first, found.uncertainty_ns) == (9, None, 1000)


def test_a_clock_that_jumps_is_said_to_contradict() -> None:
    times = np.arange(2000, dtype=np.int64) * MS
    jump = np.where(times > 1000 * MS, 50 * MS, 0)
    found = clock(samples(times, jump + 2 * MS), samples(times, jump - 2 * MS), 1)
    assert found is not None
    assert found.path_ns < 0 or found.contradictions > 0


def test_delays_are_what_is_left_without_offset_and_drift() -> None:
    known = Clock(100, 0.0, 0, 1, True, 10, True, 1, 0)
    times = np.array([5, 6], dtype=np.int64)
    assert known.later(Samples(times, times + 107)).tolist() == [7, 7]
