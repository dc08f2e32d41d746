"""Verdicts on values that are missing or several, and their way between the levels of items."""

from __future__ import annotations

import numpy as np

from iscsi_analyzer.query.scope import Level, Moment
from iscsi_analyzer.query.values import Values, Verdict, below, brought, gathered, reduced, some, verdict
from tests.iscsi_analyzer.stores import varied


def bools(*values: int) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    return np.array(values, dtype=np.bool_)


def lists(found: Verdict) -> tuple[list[bool], list[bool]]:
    return found.passes.tolist(), found.fails.tolist()


def test_one_value_each_passes_or_fails() -> None:
    values = Values(np.array([1, 2, 3]))
    assert lists(verdict(values, bools(1, 0, 1), 3)) == ([True, False, True], [False, True, False])


def test_a_missing_value_neither_passes_nor_fails() -> None:
    values = Values(np.array([1, 2, 3]), bools(1, 1, 0))
    assert lists(verdict(values, bools(1, 0, 1), 3)) == ([True, False, False], [False, True, False])


def test_several_values_may_do_both() -> None:
    values = Values(np.array([5, 6, 7, 8]), None, np.array([2, 2, 0, 2]))
    assert lists(verdict(values, bools(1, 0, 0, 1), 4)) == ([False, False, True, False], [True, False, True, False])
    partly = Values(np.array([5, 6]), bools(0, 1), np.array([1, 1]))
    assert lists(verdict(partly, bools(1, 0), 2)) == ([False, False], [False, True])


def test_what_belongs_to_nothing_is_nowhere() -> None:
    assert some(np.array([0, -1, 2]), 4).tolist() == [True, False, True, False]
    assert gathered(bools(1, 0), np.array([1, 0, -1, 0])).tolist() == [False, True, False, True]
    assert gathered(bools(), np.array([-1, -1])).tolist() == [False, False]


def test_tasks_and_flows_are_beside_each_other() -> None:
    assert below(Level.PDU, Level.TASK) and below(Level.TASK, Level.SESSION) and below(Level.FLOW, Level.CONNECTION)
    assert not below(Level.TASK, Level.FLOW) and not below(Level.FLOW, Level.TASK)
    assert not below(Level.SESSION, Level.PDU) and not below(Level.PDU, Level.PDU)


def test_a_verdict_on_pdus_becomes_one_on_connections() -> None:
    moment = Moment(varied())
    rows = list(varied().rows())
    passes = np.array([row.opcode == 1 for row in rows])
    found = reduced(Verdict(passes, ~passes), Level.PDU, moment, Level.CONNECTION)
    connections = range(1, len(varied().connections) + 1)
    assert found.passes.tolist() == [any(r.opcode == 1 for r in rows if r.connection == c) for c in connections]
    assert found.fails.tolist() == [True for _ in connections]


def test_values_of_connections_are_brought_to_their_pdus() -> None:
    moment = Moment(varied())
    scope = moment.all(Level.PDU)
    values = Values(np.arange(moment.count(Level.CONNECTION)) * 10)
    assert brought(values, Level.CONNECTION, scope).data.tolist() == [
        (row.connection - 1) * 10 for row in varied().rows()
    ]
    nothing = Values(np.zeros(0, dtype=np.int64))
    pdus_of_no_task = brought(nothing, Level.TASK, scope)
    assert len(pdus_of_no_task.data) == scope.count
