"""Comparisons of columns say of each value what Python says of it alone."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from iscsi_analyzer.query import checks
from iscsi_analyzer.query.values import Values

KINDS = {
    "u1": (0, 255),
    "u2": (0, 65535),
    "u4": (0, (1 << 32) - 1),
    "u8": (0, (1 << 64) - 1),
    "i8": (-(1 << 63), (1 << 63) - 1),
}
EDGES = [-(1 << 63), -1, 0, 1, 255, 256, 65535, 65536, 1 << 32, (1 << 63) - 1, 1 << 63, (1 << 64) - 1, 1 << 64]


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
def test_numbers_of_any_width_compare_with_any_number(kind: str, data: st.DataObject) -> None:
    low, high = KINDS[kind]
    inside = st.one_of(st.integers(low, high), st.sampled_from([edge for edge in EDGES if low <= edge <= high]))
    values = data.draw(st.lists(inside, max_size=8))
    wanted = data.draw(st.one_of(st.integers(-(1 << 63), 1 << 64), st.sampled_from(EDGES)))
    column = Values(np.array(values, dtype=kind))
    for relation, compare in checks.COMPARE.items():
        assert checks.number(relation, wanted)(column).tolist() == [compare(value, wanted) for value in values]


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
def test_sets_hold_single_values_and_ranges(kind: str, data: st.DataObject) -> None:
    low, high = KINDS[kind]
    values = data.draw(st.lists(st.integers(low, high), max_size=8))
    singles = data.draw(st.lists(st.one_of(st.sampled_from([*values, 0]), st.sampled_from(EDGES)), max_size=12))
    first = data.draw(st.integers(low, high))
    last = data.draw(st.integers(first, high))
    column = Values(np.array(values, dtype=kind))
    expected = [value in singles or first <= value <= last for value in values]
    assert checks.among(singles, [(first, last)])(column).tolist() == expected
    assert checks.among(singles, [(first, last)], negated=True)(column).tolist() == [not truth for truth in expected]


def test_tables_are_tested_once_for_each_value() -> None:
    asked: list[str] = []

    def test(value: str) -> bool:
        asked.append(value)
        return "a" in value

    column = Values(np.array([0, 2, 0, 1, 2, 2]), None, None, ["abc", "x", "a", None])
    assert checks.each(test)(column).tolist() == [True, True, True, False, True, True]
    assert asked == ["abc", "x", "a"]
    assert checks.each(test)(Values(np.zeros(0, dtype=np.int64), None, None, [])).tolist() == []


@pytest.mark.parametrize("kind", ["u1", "u2", "i8"])
def test_names_of_numbers_are_tested(kind: str) -> None:
    column = Values(np.array([1, 7, 1, 200], dtype=kind))
    assert checks.named(lambda code: f"name {code}", lambda name: name.endswith("1"))(column).tolist() == [
        True,
        False,
        True,
        False,
    ]
    assert checks.named(str, bool)(Values(np.zeros(0, dtype=kind))).tolist() == []


def test_presence_and_set_bits() -> None:
    column = Values(np.array([0, 1, 2], dtype=np.uint8))
    assert checks.anything(column).tolist() == [True, True, True]
    assert checks.not_zero(column).tolist() == [False, True, True]
