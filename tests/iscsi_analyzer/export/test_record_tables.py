"""The tables hold what the commands of the same names list."""

from __future__ import annotations

import pytest

from iscsi_analyzer.analysis.focus import Focus
from iscsi_analyzer.export import formats
from iscsi_analyzer.export.record_tables import TABLES, tasks
from tests.iscsi_analyzer.export.faulty import faulty


def test_the_names_are_those_that_the_command_line_knows() -> None:
    assert tuple(TABLES) == formats.TABLES


@pytest.mark.parametrize("name", TABLES)
def test_every_table_holds_records_of_its_kind(name: str) -> None:
    kind, records = TABLES[name]
    found = list(records(faulty().store, None))
    assert found
    assert {type(each) for each in found} == {kind}


@pytest.mark.parametrize("name", TABLES)
def test_a_focus_leaves_out_what_does_not_belong_to_it(name: str) -> None:
    store = faulty().store
    every, some = (list(TABLES[name].records(store, focus)) for focus in (None, Focus(store, sessions=[2])))
    assert 0 < len(some) < len(every)
    assert {getattr(each, "session", None) or each.number for each in some} == {2}


def test_the_slowest_tasks_come_first() -> None:
    times = [task.latency_ns for task in tasks(faulty().store, top=3)]
    assert times == sorted(times, key=lambda time: time or 0, reverse=True)
    assert len(times) == 3
