"""Percentiles and histograms of durations, over whole columns at once.

A percentile is a value that occurred: the smallest one that at least that share of all values does not exceed (nearest
rank). A histogram counts by powers of two.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int64]

SHARES: Final = (50, 90, 95, 99)


class Bucket(msgspec.Struct, frozen=True):
    """How many values are at least `low` and less than `high`."""

    low: int
    "The least value that it counts."
    high: int
    "Values from this one on belong to the next."
    count: int
    "How many there are."


class Spread(msgspec.Struct, kw_only=True):
    """How values are distributed; all in the unit of the values (mostly nanoseconds). Zeros if there are none."""

    count: int
    "How many values."
    min: int = 0
    "The smallest."
    mean: int = 0
    "Their mean."
    p50: int = 0
    "The median: a value that occurred, as all percentiles are."
    p90: int = 0
    "90 of 100 values are not larger."
    p95: int = 0
    "95 of 100 values are not larger."
    p99: int = 0
    "99 of 100 values are not larger."
    max: int = 0
    "The largest."
    histogram: list[Bucket] = []
    "Neighbouring powers of two from the smallest value to the largest."


def spread(values: Numbers, *, histogram: bool = True) -> Spread:
    """The distribution of non-negative values."""
    return sorted_spread(np.sort(values), histogram=histogram)


def sorted_spread(values: Numbers, *, histogram: bool = True) -> Spread:
    """The distribution of non-negative values that are in ascending order."""
    count = len(values)
    if not count:
        return Spread(count=0)
    at = [int(values[rank(share, count)]) for share in SHARES]
    return Spread(
        count=count,
        min=int(values[0]),
        mean=int(values.mean()),
        p50=at[0],
        p90=at[1],
        p95=at[2],
        p99=at[3],
        max=int(values[-1]),
        histogram=_histogram(values) if histogram else [],
    )


def rank(share: int, count: int) -> int:
    """The index of a percentile among `count` values in ascending order."""
    return max(0, -(-share * count // 100) - 1)


def _histogram(values: Numbers) -> list[Bucket]:
    low = max(0, int(values[0])).bit_length()
    high = int(values[-1]).bit_length()
    edges = [0 if bits == 0 else 1 << (bits - 1) for bits in range(low, high + 2)]
    places = np.searchsorted(values, np.array(edges, dtype=np.int64)).tolist()
    return [
        Bucket(edge, after, end - begin)
        for edge, after, begin, end in zip(edges, edges[1:], places, places[1:], strict=False)
    ]


def groups(keys: NDArray[Any], values: Numbers) -> Iterator[tuple[Any, Numbers]]:
    """For each key, in ascending order: the key, and its values in the order in which they are given. Quick for keys of
    16 bits."""
    if not len(keys):
        return
    order = np.argsort(keys, kind="stable")
    keys, values = keys[order], values[order]
    edges = [0, *(np.flatnonzero(keys[1:] != keys[:-1]) + 1).tolist(), len(keys)]
    for start, end in pairwise(edges):
        yield keys[start], values[start:end]
