"""Whether anybody judges a conversation changes nothing of what is told of it: rules look on."""

from __future__ import annotations

import pytest

from iscsi_analyzer.options import Options
from iscsi_analyzer.run import Analysis
from iscsi_analyzer.store.store import Row
from iscsi_analyzer.store.tasks import TaskRow, task_rows
from tests.golden.samples import EXACT, INEXACT, paths


def told(name: str, judge: bool) -> tuple[list[Row], list[TaskRow]]:
    with Analysis(paths(name), Options(judge=judge)) as analysis:
        store = analysis.run().store
        assert judge or not analysis.findings()
        return list(store.rows()), list(task_rows(store))


@pytest.mark.parametrize("name", EXACT + INEXACT)
def test_pdus_and_tasks_are_the_same_without_judges(name: str) -> None:
    assert told(name, judge=False) == told(name, judge=True)
