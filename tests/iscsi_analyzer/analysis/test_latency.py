"""Latency counts every answered SCSI task once, in every grouping."""

from __future__ import annotations

import numpy as np
import pytest

from iscsi_analyzer.store.tasks import task_rows
from tests.iscsi_analyzer.analysis.studies import MS, sample, study
from tests.support.talk import Talk
from tests.support.talk_load import mixture


def test_latency_is_from_the_first_byte_of_the_command_to_the_last_of_the_status() -> None:
    talk = Talk().open()
    task = talk.command(read=4096)
    talk.wait(0.010)
    talk.data_in(task, 4096)
    talk.wait(0.002)
    talk.response(task)
    total = study(talk).latency.total.latency
    assert total.count == 1
    assert total.max == pytest.approx(12 * MS, rel=0.05)
    assert total.p50 == total.p99 == total.max


def test_every_grouping_holds_every_task_once() -> None:
    found = study(mixture(1, pdus=600, connections=2)).latency
    assert found.measured == found.total.latency.count > 100
    for groups in (found.sessions, found.units, found.operations):
        assert sum(group.latency.count for group in groups) == found.measured
    assert {group.lun for group in found.units} == {"0", "1", "2"}
    assert {group.way for group in found.sizes} == {"read", "write"}
    assert {group.operation for group in found.operations} == {"READ(10)", "WRITE(10)", "INQUIRY", "TEST UNIT READY"}


def test_groups_agree_with_counting_one_by_one() -> None:
    found = study(mixture(2, pdus=600))
    store = found.facts.store
    by_lun: dict[int, list[int]] = {}
    for task in task_rows(store):
        if task.kind == 1:
            spent = store.row(task.answer).time_last - store.row(task.request).time_first
            by_lun.setdefault(task.lun >> 48, []).append(spent)
    for group in found.latency.units:
        values = sorted(by_lun[int(group.lun)])
        assert (group.latency.count, group.latency.min, group.latency.max) == (len(values), values[0], values[-1])
        assert group.latency.p50 == values[(len(values) + 1) // 2 - 1]


def test_the_slowest_tasks_come_first_with_their_evidence() -> None:
    found = study(mixture(4, pdus=500)).latency
    times = [task.latency_ns for task in found.slowest]
    assert times == sorted(times, reverse=True)
    assert times[0] == found.total.latency.max
    for task in found.slowest:
        assert sum(phase.ns for phase in task.phases) == task.latency_ns
        assert task.request_pdu < task.answer_pdu and task.request_frame <= task.answer_frame


def test_shares_of_the_phases_add_up() -> None:
    for group in study(mixture(5, pdus=400)).latency.operations:
        assert sum(phase.share for phase in group.phases) == pytest.approx(1, abs=0.001)


def test_tasks_without_command_or_status_do_not_count_and_are_told_of() -> None:
    found = sample("f44").latency
    assert (found.measured, found.not_measured, found.slowest) == (0, 15, [])


def test_time_that_goes_backwards_is_not_counted() -> None:
    talk = Talk().open()
    task = talk.command()
    frames = list(talk.frames)
    talk.response(task)
    late = talk.frames[len(frames) :]
    found = study([*frames, *(frame._replace(ts_ns=frame.ts_ns - 10 * MS) for frame in late)]).latency
    assert (found.measured, found.backwards) == (0, 1)


def test_operations_are_told_apart_by_their_service_action() -> None:
    names = {group.operation for group in sample("k34").latency.operations}
    assert {"REPORT TARGET PORT GROUPS", "REPORT SUPPORTED OPERATION CODES"} <= names


def test_nothing_measured_is_nothing_said() -> None:
    found = study(Talk().open()).latency
    assert found.measured == 0
    assert found.total.latency.count == 0
    assert found.sessions == found.units == found.operations == found.sizes == []


def test_the_columns_say_what_the_rows_say() -> None:
    found = sample("k20")
    latency = found.facts.latency
    store = found.facts.store
    for index, task in enumerate(task_rows(store)):
        if task.request and task.answer:
            assert latency[index] == store.row(task.answer).time_last - store.row(task.request).time_first
    assert np.count_nonzero(found.facts.scsi) == 50
