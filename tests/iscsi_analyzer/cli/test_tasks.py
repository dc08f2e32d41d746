"""`tasks`: a line for each request with what answered it, and how long that took."""

from __future__ import annotations

from tests.support.command import command
from tests.support.samples import SAMPLES

SENSE = SAMPLES / "k28_sense_medium_error_invalid_cdb_lba.pcap.zst"
STALL = SAMPLES / "k24_kernel_abort_lunreset_recovery.pcap.zst"


def test_a_line_says_what_was_asked_and_how_it_ended() -> None:
    lines = command("tasks", SENSE, "-Y", 'iscsi.task.status == "CHECK CONDITION"').out.splitlines()
    assert len(lines) == 8
    assert lines[0].split() == ["task", "sess", "what", "LUN", "LBA", "blocks", "latency", "how", "it", "ended"]
    assert all("CHECK CONDITION: " in line for line in lines[1:])


def test_a_task_without_an_answer_has_no_latency_but_an_end() -> None:
    text = command("tasks", STALL, "-Y", "iscsi.task.outcome == unanswered").out
    assert text.count("unanswered at close") == 3


def test_the_slowest_may_be_asked_for_within_a_part() -> None:
    every = command("tasks", STALL, "--session", "1", "-Y", "scsi", "-T", "jsonl").records
    found = command("tasks", STALL, "--session", "1", "-Y", "scsi", "--top", "4", "-T", "jsonl").records
    latencies = sorted((task["latency_ns"] for task in every if "latency_ns" in task), reverse=True)
    assert [task["latency_ns"] for task in found] == latencies[:4]


def test_no_tasks_are_said_to_be_none() -> None:
    assert command("tasks", STALL, "-Y", "iscsi.opcode == 0x1e").out == "no tasks\n"
