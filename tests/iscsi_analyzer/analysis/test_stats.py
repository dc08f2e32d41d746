"""A percentile is a value that occurred, and a histogram loses nothing."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from iscsi_analyzer.analysis.stats import groups, rank, spread

VALUES = st.lists(st.integers(0, 1 << 45), min_size=1, max_size=300)


@given(VALUES)
def test_percentiles_are_the_nearest_ranks(values: list[int]) -> None:
    found = spread(np.array(values, dtype=np.int64))
    for share, value in ((50, found.p50), (90, found.p90), (95, found.p95), (99, found.p99)):
        assert value in values
        assert sum(each <= value for each in values) * 100 >= share * len(values)
        assert sum(each < value for each in values) * 100 < share * len(values)
    assert (found.count, found.min, found.max) == (len(values), min(values), max(values))
    assert abs(found.mean - sum(values) / len(values)) <= 1 + sum(values) / len(values) * 1e-9


@given(VALUES)
def test_every_value_is_in_one_bucket_of_the_histogram(values: list[int]) -> None:
    buckets = spread(np.array(values, dtype=np.int64)).histogram
    assert [bucket.count for bucket in buckets] == [
        sum(bucket.low <= value < bucket.high for value in values) for bucket in buckets
    ]
    assert sum(bucket.count for bucket in buckets) == len(values)
    assert all(left.high == right.low for left, right in pairwise(buckets))
    assert buckets[0].count and buckets[-1].count


def test_no_values_have_no_distribution() -> None:
    found = spread(np.array([], dtype=np.int64))
    assert (found.count, found.max, found.histogram) == (0, 0, [])


@pytest.mark.parametrize(
    ("share", "count", "place"), [(50, 1, 0), (50, 2, 0), (99, 100, 98), (99, 101, 99), (95, 20, 18)]
)
def test_the_rank_of_a_percentile(share: int, count: int, place: int) -> None:
    assert rank(share, count) == place


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 99)), max_size=60))
def test_groups_hold_the_values_of_their_key_in_order(pairs: list[tuple[int, int]]) -> None:
    keys = np.array([key for key, _ in pairs], dtype=np.uint16)
    values = np.array([value for _, value in pairs], dtype=np.int64)
    found = {int(key): members.tolist() for key, members in groups(keys, values)}
    assert found == {
        key: [value for other, value in pairs if other == key] for key in sorted({key for key, _ in pairs})
    }
