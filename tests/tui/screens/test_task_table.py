"""The table of tasks knows which tasks are shown, in which order, and their phases."""

from __future__ import annotations

import pytest

from tests.iscsi_analyzer.analysis.studies import sample
from tui.screens.task_table import SORTED_BY, task_table


def test_phases_of_a_task_add_up_to_its_latency() -> None:
    study = sample("k24")
    table = task_table(study, "", None)
    for item in study.facts.measured.tolist():
        assert sum(table.times(item)) == study.facts.latency[item]
    assert table.items is None and table.count == study.facts.task_count


def test_what_was_not_measured_has_no_phases() -> None:
    study = sample("k24")
    table = task_table(study, "", None)
    waiting = study.facts.task("request").tolist().index(182)
    assert sum(table.times(waiting)) == 0


@pytest.mark.parametrize("key", SORTED_BY)
def test_sorting_loses_no_task(key: str) -> None:
    study = sample("k24")
    for descending in (False, True):
        items = task_table(study, "", (key, descending)).items
        assert items is not None
        assert sorted(items.tolist()) == list(range(study.facts.task_count))


def test_the_slowest_are_last_or_first() -> None:
    study = sample("k24")
    items = task_table(study, "", ("latency", True)).items
    assert items is not None
    latencies = study.facts.latency[items].tolist()
    assert latencies == sorted(latencies, reverse=True)


def test_a_filter_and_an_order_go_together() -> None:
    study = sample("k24")
    items = task_table(study, 'iscsi.task.operation == "READ(10)"', ("time", False)).items
    assert items is not None
    assert {study.operations.name(item) for item in items.tolist()} == {"READ(10)"}
    assert study.facts.asked[items].tolist() == sorted(study.facts.asked[items].tolist())
