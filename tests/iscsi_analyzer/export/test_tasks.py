"""Laws of the task records: they say what the PDUs of the task say, and leave out what nobody knows."""

from __future__ import annotations

import pytest

from iscsi_analyzer.export.tasks import Tasks, how_it_ended
from iscsi_analyzer.store.tasks import Phases, TaskColumns
from tests.support.command import analysed
from tests.support.samples import SAMPLES, expected


def tasks_of(name: str) -> Tasks:
    return Tasks(analysed(SAMPLES / name).store)


def test_a_write_has_its_phases_and_they_add_up() -> None:
    tasks = tasks_of("v02_write_initialr2t_yes_immediate_no.pcap.zst")
    write = next(task for task in tasks.records() if task.r2ts)
    assert write.operation is not None and write.operation.startswith("WRITE")
    assert write.phases is not None and write.latency_ns is not None
    assert write.data_out == write.edtl
    parts = (write.phases.to_r2t_ns or 0) + (write.phases.r2t_to_data_out_ns or 0) + (write.phases.to_answer_ns or 0)
    assert parts == write.latency_ns


def test_a_check_condition_brings_its_sense_data() -> None:
    tasks = tasks_of("k28_sense_medium_error_invalid_cdb_lba.pcap.zst")
    failed = [task for task in tasks.records() if task.status == "CHECK CONDITION"]
    texts = [task.sense.text for task in failed if task.sense is not None]
    assert len(texts) == len(failed) == 7
    assert any("LOGICAL BLOCK ADDRESS OUT OF RANGE" in text for text in texts)


def test_a_command_without_answer_has_no_latency() -> None:
    tasks = tasks_of("k24_kernel_abort_lunreset_recovery.pcap.zst")
    waiting = [task for task in tasks.records() if task.outcome == "unanswered at close"]
    assert {task.kind for task in waiting} == {"scsi", "task-management"}
    assert all(task.latency_ns is None and task.response_pdu is None for task in waiting)


@pytest.mark.parametrize("name", ["k02_login_scan_logout.pcap.zst", "u21_read_small.pcap.zst"])
def test_every_status_belongs_to_one_task(name: str) -> None:
    statuses = [task.status for task in tasks_of(name).records() if task.status is not None]
    counted = expected()[name]["scsi_status"]
    assert len(statuses) == sum(sum(each.values()) for each in counted.values())


def test_times_are_looked_up_for_many_tasks_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A record costs the same in a large capture as in a small one: none looks over all tasks again."""
    asked: list[tuple[int, int]] = []
    phases_of = TaskColumns.phases_of

    def counting(self: TaskColumns, start: int, end: int) -> Phases:
        asked.append((start, end))
        return phases_of(self, start, end)

    monkeypatch.setattr("iscsi_analyzer.export.tasks.AT_ONCE", 64)
    monkeypatch.setattr(TaskColumns, "phases_of", counting)
    monkeypatch.setattr(TaskColumns, "phase", None)
    records = list(tasks_of("k34_multipath_dm_two_portals.pcap.zst").records())
    assert sum(record.phases is not None for record in records) > 100
    assert asked == [(at, min(at + 64, len(records))) for at in range(0, len(records), 64)]


def test_the_data_of_a_read_that_brings_its_status_are_no_sense_data() -> None:
    """INQUIRY data were kept; a Data-In with the status answered."""
    tasks = tasks_of("k24_kernel_abort_lunreset_recovery.pcap.zst")
    good = [task for task in tasks.records() if task.status == "GOOD"]
    assert {task.operation for task in good} > {"INQUIRY"}
    assert all(task.sense is None and how_it_ended(task) == "GOOD" for task in good)
