"""Combinations ask cheap tests first and dear ones only where it matters; tests move between levels."""

from __future__ import annotations

import numpy as np
import pytest

from iscsi_analyzer.query import checks, plan
from iscsi_analyzer.query import field as f
from iscsi_analyzer.query.plan import CHEAP, DEAR, JOINED, And, Everything, FieldTest, Not, Or, PairTest, Xor
from iscsi_analyzer.query.scope import Level, Mask, Moment, Scope
from iscsi_analyzer.query.source import Source
from iscsi_analyzer.query.values import Values
from tests.iscsi_analyzer.stores import busy


class Asked(plan.Plan):
    """A test that remembers what it was asked about: it lets the multiples of some number pass."""

    def __init__(self, step: int, cost: int = CHEAP) -> None:
        self._step, self._cost = step, cost
        self.counts: list[int] = []

    def passes(self, scope: Scope) -> Mask:
        self.counts.append(scope.count)
        return np.asarray(scope.numbers() % self._step == 0)

    def cost(self, level: Level) -> int:
        return self._cost

    @property
    def looks_ahead(self) -> bool:
        return self._step == 3


def everything() -> Scope:
    return Moment(busy()).all(Level.PDU)


NUMBERS = np.arange(len(busy()))


def test_a_dear_part_is_asked_last_and_only_about_what_is_left() -> None:
    dear, cheap = Asked(3, DEAR), Asked(2)
    assert And((dear, cheap)).passes(everything()).tolist() == (NUMBERS % 6 == 0).tolist()
    assert (cheap.counts, dear.counts) == ([len(NUMBERS)], [int(np.sum(NUMBERS % 2 == 0))])
    dear, cheap = Asked(3, DEAR), Asked(2)
    assert Or((dear, cheap)).passes(everything()).tolist() == ((NUMBERS % 2 == 0) | (NUMBERS % 3 == 0)).tolist()
    assert dear.counts == [int(np.sum(NUMBERS % 2 != 0))]


def test_a_cheap_part_is_asked_about_everything_unless_few_are_left() -> None:
    second = Asked(3)
    And((Asked(2), second)).passes(everything())
    assert second.counts == [len(NUMBERS)]
    second = Asked(3)
    assert And((Asked(50), second)).passes(everything()).tolist() == (NUMBERS % 150 == 0).tolist()
    assert second.counts == [int(np.sum(NUMBERS % 50 == 0))]


def test_nothing_is_asked_when_nothing_is_left() -> None:
    last = Asked(2)
    assert not And((Asked(1 << 20), Not(Everything()), last)).passes(everything())[1:].any()
    assert last.counts == []
    last = Asked(2)
    assert Or((Everything(), last)).passes(everything()).all()
    assert last.counts == []


def test_combinations_are_what_logic_says() -> None:
    by_2, by_3, by_5 = (NUMBERS % step == 0 for step in (2, 3, 5))
    parts = (Asked(2), Asked(3), Asked(5))
    assert Xor(parts).passes(everything()).tolist() == (by_2 ^ by_3 ^ by_5).tolist()
    assert Not(Or(parts)).passes(everything()).tolist() == (~(by_2 | by_3 | by_5)).tolist()
    assert And((Not(Asked(2)), Asked(3))).passes(everything()).tolist() == (~by_2 & by_3).tolist()


def test_cost_and_foresight_are_those_of_the_parts() -> None:
    assert Or((Asked(2), Asked(3, DEAR))).cost(Level.PDU) == DEAR
    assert Not(Asked(2, JOINED)).cost(Level.PDU) == JOINED
    assert And((Asked(2), Asked(3))).looks_ahead and not Xor((Asked(2), Everything())).looks_ahead
    assert Not(Asked(3)).looks_ahead
    assert Everything().cost(Level.TASK) == CHEAP


def number(level: Level, step: int = 1, **more: bool) -> Source:
    """The rows of items as a field."""
    return Source("n", f.NUMBER, level, lambda scope: Values(scope.numbers() * step), **more)


def test_a_test_costs_more_where_it_must_be_brought() -> None:
    test = FieldTest(number(Level.TASK), checks.anything, False)
    assert (test.cost(Level.TASK), test.cost(Level.PDU)) == (CHEAP, JOINED)
    assert FieldTest(number(Level.PDU, dear=True), checks.anything, False).cost(Level.PDU) == DEAR
    assert FieldTest(number(Level.TASK, looks_ahead=True), checks.anything, False).looks_ahead


@pytest.mark.parametrize("chosen", [slice(0, len(busy())), np.arange(0, len(busy()), 30), slice(5, 9)])
def test_what_a_task_says_is_said_of_its_pdus(chosen: slice) -> None:
    moment = Moment(busy())
    scope = Scope(moment, Level.PDU, chosen)
    task = moment.belonging(scope, Level.TASK)
    found = FieldTest(number(Level.TASK), checks.number("<", 9), False).passes(scope)
    assert found.tolist() == [0 <= row < 9 for row in task.tolist()]
    every = FieldTest(number(Level.TASK), checks.number("<", 9), True).passes(scope)
    assert every.tolist() == found.tolist()


def test_what_some_or_all_pdus_say_is_said_of_their_task() -> None:
    moment = Moment(busy())
    task = moment.belonging(moment.all(Level.PDU), Level.TASK)
    tasks = moment.all(Level.TASK)
    some = FieldTest(number(Level.PDU), checks.number("<", 50), False).passes(tasks)
    every = FieldTest(number(Level.PDU), checks.number("<", 50), True).passes(tasks)
    for row in range(moment.count(Level.TASK)):
        members = NUMBERS[task == row]
        assert (some[row], every[row]) == ((members < 50).any(), (members < 50).all())


def test_a_flow_is_brought_to_a_task_by_their_connection() -> None:
    moment = Moment(busy())
    found = FieldTest(number(Level.FLOW), checks.among({0}), False).passes(moment.all(Level.TASK))
    connection = moment.belonging(moment.all(Level.TASK), Level.CONNECTION)
    assert found.tolist() == (connection == 0).tolist()


@pytest.mark.parametrize(
    ("left", "right", "level"),
    [
        (Level.PDU, Level.PDU, Level.PDU),
        (Level.PDU, Level.TASK, Level.PDU),
        (Level.CONNECTION, Level.TASK, Level.TASK),
        (Level.TASK, Level.FLOW, Level.PDU),
        (Level.SESSION, Level.FLOW, Level.FLOW),
    ],
)
def test_two_fields_are_compared_at_the_lower_of_their_levels(left: Level, right: Level, level: Level) -> None:
    test = PairTest(number(left), "<=", number(right, 2), False)
    assert test.level == level
    moment = Moment(busy())
    scope = moment.all(level)
    first, second = moment.belonging(scope, left), moment.belonging(scope, right)
    there = (first >= 0) & (second >= 0)
    assert test.passes(scope).tolist() == (there & (first <= 2 * second)).tolist()
    assert test.cost(level) == CHEAP and not test.looks_ahead


def test_what_is_cheaply_known_to_be_there_is_not_read() -> None:
    def never(scope: Scope) -> Values:
        raise AssertionError("read")

    source = Source(
        "n", f.BYTES, Level.PDU, never, dear=True, there=lambda scope: np.asarray(scope.numbers() < 3), chunk=2
    )
    test = FieldTest(source, checks.anything, False, only_there=True)
    assert test.cost(Level.PDU) == CHEAP
    assert test.passes(everything()).tolist() == (NUMBERS < 3).tolist()


def test_large_values_are_read_a_few_at_a_time() -> None:
    counts: list[int] = []

    def read(scope: Scope) -> Values:
        counts.append(scope.count)
        return Values(scope.numbers())

    source = Source(
        "n", f.NUMBER, Level.PDU, read, dear=True, there=lambda scope: np.asarray(scope.numbers() % 2 == 0), chunk=16
    )
    found = FieldTest(source, checks.number("<", 100), True).passes(everything())
    assert found.tolist() == ((NUMBERS < 100) & (NUMBERS % 2 == 0)).tolist()
    assert max(counts) == 16 and sum(counts) == int(np.sum(NUMBERS % 2 == 0))
