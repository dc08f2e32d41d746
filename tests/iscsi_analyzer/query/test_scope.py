"""Which items there are at a moment, and what belongs to what."""

from __future__ import annotations

import numpy as np
import pytest

from iscsi_analyzer.query.scope import Level, Moment, Scope, column
from iscsi_analyzer.store.columns import pdu_columns
from tests.iscsi_analyzer.query.slow import Slow
from tests.iscsi_analyzer.stores import Feeding, busy, every_kind, varied


def test_every_level_is_counted() -> None:
    store = varied()
    moment = Moment(store)
    assert moment.count(Level.PDU) == len(store)
    assert moment.count(Level.FLOW) == 2 * moment.count(Level.CONNECTION) == 2 * len(store.connections)
    assert moment.count(Level.SESSION) == len(store.sessions)
    assert moment.count(Level.TASK) == len(Slow(store).tasks)


@pytest.mark.parametrize("store", [varied, busy])
def test_pdus_belong_to_tasks_flows_connections_and_sessions(store: object) -> None:
    slow = Slow(store())  # type: ignore[operator]
    moment = Moment(slow.store)
    scope = moment.all(Level.PDU)
    rows = list(slow.store.rows())
    assert moment.belonging(scope, Level.TASK).tolist() == [
        slow.task_of.get(number, -1) for number in range(1, len(rows) + 1)
    ]
    assert moment.belonging(scope, Level.CONNECTION).tolist() == [row.connection - 1 for row in rows]
    assert moment.belonging(scope, Level.FLOW).tolist() == [2 * row.connection - 2 + row.to_target for row in rows]
    numbers = [int(session.number) for session in slow.store.sessions]
    sessions = [numbers[row] for row in moment.belonging(scope, Level.SESSION).tolist()]
    assert sessions == [slow.session_of(row.connection) for row in rows]
    tasks = moment.belonging(moment.all(Level.TASK), Level.CONNECTION).tolist()
    assert tasks == [task.connection - 1 for task in slow.tasks]
    assert moment.belonging(scope, Level.PDU).tolist() == list(range(len(rows)))


def test_some_pdus_belong_to_what_all_of_them_do() -> None:
    moment = Moment(busy())
    whole = moment.belonging(moment.all(Level.PDU), Level.TASK)
    some = np.arange(3, len(busy()), 5)
    assert moment.belonging(Scope(moment, Level.PDU, some), Level.TASK).tolist() == whole[some].tolist()
    assert moment.belonging(Scope(moment, Level.PDU, slice(7, 90)), Level.TASK).tolist() == whole[7:90].tolist()


def test_pdus_of_open_tasks_find_their_task_when_it_is_over() -> None:
    feeding = Feeding()
    for frame in every_kind().frames:
        feeding.feed([frame])
        slow, moment = Slow(feeding.store), Moment(feeding.store)
        found = moment.belonging(moment.all(Level.PDU), Level.TASK).tolist()
        assert found == [slow.task_of.get(number, -1) for number in range(1, len(feeding.store) + 1)]


def test_a_moment_does_not_grow() -> None:
    feeding = Feeding()
    frames = every_kind().frames
    feeding.feed(frames[:40])
    moment = Moment(feeding.store)
    before = moment.count(Level.PDU)
    feeding.feed(frames[40:])
    assert moment.count(Level.PDU) == before < len(feeding.store)


def test_the_wanted_rows_that_are_in_a_scope_are_found() -> None:
    moment = Moment(busy())
    wanted = np.array([2, 5, 9, 30])
    here, index = Scope(moment, Level.PDU, slice(5, 20)).places(wanted)
    assert (here.tolist(), index.tolist()) == ([0, 4], [1, 2])
    here, index = Scope(moment, Level.PDU, np.array([1, 2, 9, 10])).places(wanted)
    assert (here.tolist(), index.tolist()) == ([1, 2], [0, 2])
    here, index = Scope(moment, Level.PDU, np.array([], dtype=np.int64)).places(wanted)
    assert (here.tolist(), index.tolist()) == ([], [])


def test_a_scope_is_narrowed_by_a_mask() -> None:
    scope = Scope(Moment(busy()), Level.PDU, slice(10, 14)).where(np.array([True, False, True, True]))
    assert (scope.numbers().tolist(), scope.count) == ([10, 12, 13], 3)


def test_both_ways_to_a_column_lead_to_the_same_numbers() -> None:
    columns = pdu_columns(busy())
    few = np.array([1, 7, 300])
    many = np.arange(0, columns.count, 2)
    whole = columns.field(0, "<i8")
    assert column(columns, 0, "<i8", few).tolist() == whole[few].tolist()
    assert column(columns, 0, "<i8", many).tolist() == whole[many].tolist()
    assert column(columns, 0, "<i8", slice(3, 9)).tolist() == whole[3:9].tolist()
