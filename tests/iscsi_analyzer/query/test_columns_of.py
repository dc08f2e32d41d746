"""From Python values to columns."""

from __future__ import annotations

import numpy as np

from iscsi_analyzer.query.columns_of import numbers, objects, occurrences, several_numbers


def test_numbers_may_be_missing() -> None:
    found = numbers([3, None, 0])
    assert found.data.tolist() == [3, 0, 0]
    assert found.present is not None and found.present.tolist() == [True, False, True]
    assert numbers([1, 2]).present is None
    assert len(numbers([]).data) == 0


def test_objects_are_a_table() -> None:
    found = objects(["a", None, b"c"])
    assert found.table == ["a", None, b"c"] and found.data.tolist() == [0, 1, 2]
    assert found.present is not None and found.present.tolist() == [True, False, True]


def test_occurrences_know_their_owners() -> None:
    found = occurrences([(4, "x"), (4, "y"), (0, "z")])
    assert found.owner is not None and found.owner.tolist() == [4, 4, 0]
    assert found.table == ["x", "y", "z"]
    several = several_numbers([(1, (1 << 64) - 1), (1, 0)])
    assert several.data.tolist() == [(1 << 64) - 1, 0] and several.data.dtype == np.uint64
    assert several_numbers([(1, -5)], np.int64).data.tolist() == [-5]
    assert len(several_numbers([]).data) == len(occurrences([]).data) == 0
