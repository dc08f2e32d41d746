"""Values of fields as columns, and how truth about them moves between the levels of items.

What a field yields for the items of a scope is a `Values`; what a test of it says is a `Verdict`: for each item,
whether some value passes and whether some value fails, since a field may have several.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from iscsi_analyzer.query.scope import Level, Mask, Moment, Scope
from iscsi_analyzer.store.columns import Array, Numbers


@dataclass(slots=True)
class Values:
    """A field's values for the items of a scope."""

    data: Array
    "Numbers, or places in `table`; one for each item, or with `owner` in any number."
    present: Mask | None = None
    "Where there is a value; None: everywhere."
    owner: Numbers | None = None
    "The place in the scope of the item that each value belongs to."
    table: Sequence[Any] | None = None
    "The values that `data` points to, for texts, bytes and addresses."


class Verdict(NamedTuple):
    """What a test says of each item of a scope."""

    passes: Mask
    "Some value of the item passes."
    fails: Mask
    "Some value of the item fails."


def verdict(values: Values, passed: Mask, count: int) -> Verdict:
    """The verdict on `count` items, of which each value passed or did not."""
    if values.owner is None:
        if values.present is None:
            return Verdict(passed, ~passed)
        return Verdict(passed & values.present, ~passed & values.present)
    if values.present is not None:
        return Verdict(
            some(values.owner[passed & values.present], count), some(values.owner[~passed & values.present], count)
        )
    return Verdict(some(values.owner[passed], count), some(values.owner[~passed], count))


def some(places: Numbers, count: int) -> Mask:
    """True at the places (below 0: none)."""
    found = np.zeros(count + 1, dtype=np.bool_)
    found[places] = True  # -1 is the surplus place
    return found[:count]


def below(level: Level, other: Level) -> bool:
    """Whether items of `level` belong to items of `other`."""
    return level < other and not (level == Level.TASK and other == Level.FLOW)


def gathered(mask: Mask, belonging: Numbers) -> Mask:
    """What is true of the items of a higher level, for the items that belong to them."""
    return np.append(mask, False)[belonging]  # -1 is the surplus place


def reduced(found: Verdict, level: Level, moment: Moment, target: Level) -> Verdict:
    """A verdict on all items of `level`, for all items of the higher level `target`: of all their items together."""
    belonging = moment.belonging(moment.all(level), target)
    count = moment.count(target)
    return Verdict(some(belonging[found.passes], count), some(belonging[found.fails], count))


def brought(values: Values, level: Level, scope: Scope) -> Values:
    """Values of all items of a higher `level` (one for each), for the items of `scope` that belong to them."""
    belonging = scope.moment.belonging(scope, level)
    there = belonging >= 0
    if values.present is not None:
        there &= gathered(values.present, belonging)
    data = values.data[belonging] if len(values.data) else np.zeros(scope.count, dtype=values.data.dtype)
    return Values(data, there, None, values.table)
