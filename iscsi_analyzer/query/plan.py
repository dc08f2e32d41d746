"""What a compiled filter consists of: tests and their combinations, each of which says of the items of a scope which of
them it lets pass.

A test of a field is asked at the level of the field. For items of a lower level (the PDUs of a task) it is handed down;
for items of a higher level (the task of PDUs) all values of all the items that belong to it count.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Final

import numpy as np

from iscsi_analyzer.query.checks import COMPARE, Check
from iscsi_analyzer.query.scope import FEW, Level, Mask, Scope
from iscsi_analyzer.query.source import Source
from iscsi_analyzer.query.values import Values, Verdict, below, brought, gathered, reduced, verdict

CHEAP: Final = 0
JOINED: Final = 1
"The field is of another level than the items."
DEAR: Final = 2


class Plan(ABC):
    """A test, or a combination of tests."""

    @abstractmethod
    def passes(self, scope: Scope) -> Mask:
        """Which items of the scope pass."""

    @abstractmethod
    def cost(self, level: Level) -> int:
        """CHEAP, JOINED or DEAR, for items of that level."""

    @property
    @abstractmethod
    def looks_ahead(self) -> bool:
        """Whether later PDUs may change what is said of earlier ones."""


class Test(Plan):
    """A test of one field, or of two."""

    __test__ = False

    level: Level

    def __init__(self, every: bool) -> None:
        self.every = every
        "All values must pass, not only one."

    @abstractmethod
    def own(self, scope: Scope) -> Verdict:
        """The verdict on items of the test's own level."""

    def passes(self, scope: Scope) -> Mask:
        found = self._verdict(scope)
        return found.passes & ~found.fails if self.every else found.passes

    def _verdict(self, scope: Scope) -> Verdict:
        if scope.level == self.level:
            return self.own(scope)
        moment = scope.moment
        if below(scope.level, self.level):
            belonging = moment.belonging(scope, self.level)
            count = moment.count(self.level)
            if scope.count * FEW < count:
                return self._few(scope, belonging)
            found = self.own(moment.all(self.level))
            return Verdict(gathered(found.passes, belonging), gathered(found.fails, belonging))
        # A flow belongs to no task: both are brought to their connection.
        target = scope.level if below(self.level, scope.level) else Level.CONNECTION
        found = reduced(self.own(moment.all(self.level)), self.level, moment, target)
        if target == scope.level:
            return Verdict(found.passes[scope.chosen], found.fails[scope.chosen])
        belonging = moment.belonging(scope, target)
        return Verdict(gathered(found.passes, belonging), gathered(found.fails, belonging))

    def _few(self, scope: Scope, belonging: np.ndarray[tuple[int], np.dtype[np.int64]]) -> Verdict:
        """The verdict on items that are few, by looking only at what they belong to."""
        different, place = np.unique(belonging, return_inverse=True)
        nobody = int(len(different) > 0 and different[0] < 0)
        found = self.own(Scope(scope.moment, self.level, different[nobody:]))
        return Verdict(gathered(found.passes, place - nobody), gathered(found.fails, place - nobody))


class FieldTest(Test):
    """A test of the values of one field."""

    def __init__(self, source: Source, check: Check, every: bool, *, only_there: bool = False) -> None:
        super().__init__(every)
        self.level = source.level
        self._source = source
        self._check = check
        self._only_there = only_there

    def cost(self, level: Level) -> int:
        if self._source.dear and not (self._only_there and self._source.there):
            return DEAR
        return CHEAP if level == self.level else JOINED

    @property
    def looks_ahead(self) -> bool:
        return self._source.looks_ahead

    def own(self, scope: Scope) -> Verdict:
        source = self._source
        if source.there is not None:
            there = source.there(scope)
            if self._only_there:
                return Verdict(there, np.zeros(scope.count, dtype=np.bool_))
            if source.chunk:
                return self._in_chunks(scope, there)
        values = source.read(scope)
        return verdict(values, self._check(values), scope.count)

    def _in_chunks(self, scope: Scope, there: Mask) -> Verdict:
        """A few items at a time, so that only their values are in memory."""
        passes, fails = np.zeros(scope.count, dtype=np.bool_), np.zeros(scope.count, dtype=np.bool_)
        places = np.flatnonzero(there)
        numbers = scope.numbers()
        for start in range(0, len(places), self._source.chunk):
            part = places[start : start + self._source.chunk]
            some = Scope(scope.moment, scope.level, numbers[part])
            values = self._source.read(some)
            found = verdict(values, self._check(values), some.count)
            passes[part], fails[part] = found.passes, found.fails
        return Verdict(passes, fails)


class PairTest(Test):
    """A comparison of two fields, which have one value for each item."""

    def __init__(self, left: Source, relation: str, right: Source, every: bool) -> None:
        super().__init__(every)
        self._left, self._right = left, right
        self._compare = COMPARE[relation]
        if left.level == right.level or below(left.level, right.level):
            self.level = left.level
        else:
            self.level = right.level if below(right.level, left.level) else Level.PDU

    def cost(self, level: Level) -> int:
        return DEAR if self._left.dear or self._right.dear else CHEAP if level == self.level else JOINED

    @property
    def looks_ahead(self) -> bool:
        return self._left.looks_ahead or self._right.looks_ahead

    def own(self, scope: Scope) -> Verdict:
        left, right = self._values(self._left, scope), self._values(self._right, scope)
        found: Mask = self._compare(left.data, right.data)
        there = [values.present for values in (left, right) if values.present is not None]
        present = there[0] & there[-1] if there else None
        return verdict(Values(left.data, present), found, scope.count)

    def _values(self, source: Source, scope: Scope) -> Values:
        if source.level == scope.level:
            return _dense(source.read(scope), scope.count)
        every = scope.moment.all(source.level)
        return brought(_dense(source.read(every), every.count), source.level, scope)


def _dense(values: Values, count: int) -> Values:
    """One value for each item, also where they came with their owners."""
    if values.owner is None:
        return values
    data = np.zeros(count, dtype=values.data.dtype)
    present = np.zeros(count, dtype=np.bool_)
    data[values.owner] = values.data
    present[values.owner] = True if values.present is None else values.present
    return Values(data, present)


@dataclass(slots=True)
class Everything(Plan):
    """Lets everything pass."""

    def passes(self, scope: Scope) -> Mask:
        return np.ones(scope.count, dtype=np.bool_)

    def cost(self, level: Level) -> int:
        return CHEAP

    @property
    def looks_ahead(self) -> bool:
        return False


@dataclass(slots=True)
class Not(Plan):
    """What the inner one does not let pass."""

    inner: Plan

    def passes(self, scope: Scope) -> Mask:
        return ~self.inner.passes(scope)

    def cost(self, level: Level) -> int:
        return self.inner.cost(level)

    @property
    def looks_ahead(self) -> bool:
        return self.inner.looks_ahead


@dataclass(slots=True)
class Several(Plan):
    """A combination of parts; the cheap ones go first."""

    parts: tuple[Plan, ...]

    def cost(self, level: Level) -> int:
        return max(part.cost(level) for part in self.parts)

    @property
    def looks_ahead(self) -> bool:
        return any(part.looks_ahead for part in self.parts)

    def _ordered(self, level: Level) -> list[Plan]:
        return sorted(self.parts, key=lambda part: part.cost(level))


class And(Several):
    """What all parts let pass."""

    def passes(self, scope: Scope) -> Mask:
        return _chain(self._ordered(scope.level), scope, wanted=True)


class Or(Several):
    """What some part lets pass."""

    def passes(self, scope: Scope) -> Mask:
        return _chain(self._ordered(scope.level), scope, wanted=False)


class Xor(Several):
    """What an odd number of parts lets pass."""

    def passes(self, scope: Scope) -> Mask:
        found = np.zeros(scope.count, dtype=np.bool_)
        for part in self.parts:
            found ^= part.passes(scope)
        return found


def _chain(parts: list[Plan], scope: Scope, *, wanted: bool) -> Mask:
    """Asks one part after the other, each only about the items for which it still matters: those that all parts so far
    let pass (`wanted`), or that none did."""
    found = parts[0].passes(scope)
    for part in parts[1:]:
        open_still = found if wanted else ~found
        count = int(np.count_nonzero(open_still))
        if not count:
            break
        if count * FEW < scope.count or (part.cost(scope.level) == DEAR and count < scope.count):
            found[open_still] = part.passes(scope.where(open_still))
        elif wanted:
            found &= part.passes(scope)
        else:
            found |= part.passes(scope)
    return found
