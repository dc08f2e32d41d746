"""Tasks are told by operation and the slowest first, whichever capture is nearer to the initiator."""

from __future__ import annotations

from iscsi_analyzer.compare.tasks import values_of
from tests.support.talk_load import mixture
from tests.support.two_sides import MS, compared, far, slow


def test_the_slowest_tasks_and_operations_come_first() -> None:
    frames = slow(mixture(seed=5, pdus=300).frames, 600)
    tasks = compared(frames, far(frames, 2 * MS, 2 * MS)).tasks
    assert tasks is not None
    slowest = [task.latency_ns for task in tasks.slowest]
    assert slowest == sorted(slowest, reverse=True)
    assert slowest[0] == tasks.latency.max
    assert sum(each.count for each in tasks.operations) == tasks.count
    assert [sum(values_of(task.parts)) for task in tasks.slowest] == slowest
    spent = [sum(values_of(each.parts)) for each in tasks.operations]
    assert spent == sorted(spent, reverse=True)
