"""The phases of a task follow each other, and add up to its latency."""

from __future__ import annotations

import numpy as np
import pytest

from iscsi_analyzer.analysis.phases import PHASES
from tests.iscsi_analyzer.analysis.studies import MS, sample, study
from tests.support.talk import Talk
from tests.support.talk_load import mixture


def phases(talk: Talk) -> dict[str, int]:
    """The phases of the last measured task, in milliseconds, those that took any."""
    found = study(talk).phases
    column = found.table[:, np.argmax(found.index)]
    return {name: round(ns / MS) for name, ns in zip(PHASES, column.tolist(), strict=True) if ns >= MS // 2}


def test_a_read_waits_for_its_data_then_for_the_rest_then_for_its_status() -> None:
    talk = Talk().open()
    task = talk.command(read=8192)
    talk.wait(0.020)
    talk.data_in(task, 4096)
    talk.wait(0.005)
    talk.data_in(task, 4096)
    talk.wait(0.003)
    talk.response(task)
    assert phases(talk) == {"first data": 20, "Data-In": 5, "status": 3}


def test_a_write_waits_for_each_r2t_sends_and_waits_for_its_status() -> None:
    talk = Talk(immediate_data=False, max_burst_length=4096).open()
    task = talk.command(write=8192)
    for wait, send in ((0.010, 0.002), (0.004, 0.006)):
        talk.wait(wait)
        burst = talk.r2t(task, 4096)
        talk.wait(send)
        talk.data_out(task, 4096, burst=burst)
    talk.wait(0.030)
    talk.response(task)
    assert phases(talk) == {"first R2T": 10, "Data-Out": 8, "next R2T": 4, "status": 30}


def test_a_target_may_use_one_transfer_tag_for_all_r2ts_of_a_task() -> None:
    talk = Talk(immediate_data=False, max_burst_length=4096).open()
    task = talk.command(write=8192)
    for send in (0.002, 0.006):
        burst = talk.r2t(task, 4096, target_transfer_tag=7)
        talk.wait(send)
        talk.data_out(task, 4096, burst=burst)
        talk.wait(0.001)
    talk.response(task)
    assert phases(talk) == {"Data-Out": 8, "next R2T": 1, "status": 1}


def test_bursts_that_overlap_do_not_count_twice() -> None:
    talk = Talk(immediate_data=False, max_burst_length=4096, max_outstanding_r2t=2).open()
    task = talk.command(write=8192)
    first = talk.r2t(task, 4096)
    second = talk.r2t(task, 4096)
    talk.wait(0.010)
    talk.data_out(task, 4096, burst=first)
    talk.data_out(task, 4096, burst=second)
    talk.response(task)
    assert phases(talk) == {"Data-Out": 10}


def test_unsolicited_data_counts_as_sending() -> None:
    talk = Talk(immediate_data=False, initial_r2t=False).open()
    task = talk.command(write=4096, final=False)
    talk.wait(0.007)
    talk.data_out(task, 4096)
    talk.wait(0.002)
    talk.response(task)
    assert phases(talk) == {"Data-Out": 7, "status": 2}


def test_a_command_without_data_only_waits_for_its_status() -> None:
    talk = Talk().open()
    task = talk.command()
    talk.wait(0.005)
    talk.response(task)
    assert phases(talk) == {"status": 5}


@pytest.mark.parametrize("settings", [{}, {"initial_r2t": False}, {"immediate_data": False}, {"connections": 2}])
def test_phases_add_up_to_the_latency_of_each_task(settings: dict[str, object]) -> None:
    found = study(mixture(3, pdus=400, **settings))  # type: ignore[arg-type]
    table = found.phases.table
    assert (table >= 0).all()
    assert table.sum(axis=0).tolist() == found.facts.latency[found.phases.index].tolist()


@pytest.mark.parametrize("name", ["v05", "v06", "v09", "k20", "k46", "f41", "f43", "k84"])
def test_phases_add_up_in_real_captures(name: str) -> None:
    found = sample(name)
    assert (found.phases.table >= 0).all()
    assert found.phases.table.sum(axis=0).tolist() == found.facts.latency[found.phases.index].tolist()


def test_every_task_of_many_small_bursts_is_mostly_sending() -> None:
    """v05: MaxBurstLength 16 KiB, segments of 1 KiB; so 512 KiB need 32 R2Ts with 16 Data-Out each."""
    found = sample("v05")
    slowest = found.latency.slowest[0]
    assert slowest.worst.phase == "Data-Out"
    assert slowest.r2ts == 32
