"""What a comparison asks of the values of a field: functions from `Values` to truth, one for each value.

Numbers are compared as columns. Texts, bytes and addresses are looked at once for each different value of the table
that they come with.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

import numpy as np

from iscsi_analyzer.query.scope import Mask
from iscsi_analyzer.query.values import Values
from iscsi_analyzer.store.columns import Array

Check = Callable[[Values], Mask]

COMPARE: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def anything(values: Values) -> Mask:
    """True of every value."""
    return np.ones(len(values.data), dtype=np.bool_)


def not_zero(values: Values) -> Mask:
    """True of every number but 0."""
    found: Mask = values.data != 0
    return found


def number(relation: str, wanted: int) -> Check:
    """Compares numbers with one."""
    compare = COMPARE[relation]

    def check(values: Values) -> Mask:
        found: Mask = compare(values.data, wanted)
        return found

    return check


def among(singles: Iterable[int], ranges: Sequence[tuple[int, int]] = (), *, negated: bool = False) -> Check:
    """Numbers that are one of `singles` or within one of `ranges`, ends included; or that are not."""
    wanted = sorted(set(singles))

    def check(values: Values) -> Mask:
        data = values.data
        found = _one_of(data, wanted)
        for low, high in ranges:
            found |= (data >= low) & (data <= high)
        return ~found if negated else found

    return check


def _one_of(data: Array, wanted: list[int]) -> Mask:
    if len(wanted) < 8:
        found: Mask = np.zeros(len(data), dtype=np.bool_)
        for value in wanted:
            found |= data == value
        return found
    signed = data.dtype.kind == "i"
    low, high = (-(1 << 63), (1 << 63) - 1) if signed else (0, (1 << 64) - 1)
    fitting = [value for value in wanted if low <= value <= high]
    return np.isin(data, np.array(fitting, dtype=np.int64 if signed else np.uint64))


def each(test: Callable[[Any], bool]) -> Check:
    """Tests the different values of a table."""

    def check(values: Values) -> Mask:
        table = values.table or ()
        passed = np.array([value is not None and test(value) for value in table], dtype=np.bool_)
        if not len(passed):
            return np.zeros(len(values.data), dtype=np.bool_)
        return passed[values.data]

    return check


def named(names: Callable[[int], str], test: Callable[[str], bool]) -> Check:
    """Tests the names of numbers."""

    def check(values: Values) -> Mask:
        data = values.data
        if data.dtype.itemsize == 1:
            table = np.array([test(names(code)) for code in range(256)], dtype=np.bool_)
            return table[data]
        different, place = np.unique(data, return_inverse=True)
        passed = np.array([test(names(code)) for code in different.tolist()], dtype=np.bool_)
        return passed[place] if len(different) else np.zeros(len(data), dtype=np.bool_)

    return check
