"""The commands that list records, as a user meets them: tasks, sessions, keys, and the filter on all of them."""

from __future__ import annotations

import json

import pytest

from tests.support.command import command
from tests.support.samples import SAMPLES

SENSE = SAMPLES / "k28_sense_medium_error_invalid_cdb_lba.pcap.zst"
DROPPED = SAMPLES / "k26_tcp_killed_session_reinstated.pcap.zst"


def test_a_filter_chooses_tasks() -> None:
    done = command("tasks", SENSE, "-Y", 'iscsi.task.status == "CHECK CONDITION"', "-T", "jsonl")
    tasks = [json.loads(line) for line in done.out.splitlines()]
    assert len(tasks) == 7
    assert {task["status"] for task in tasks} == {"CHECK CONDITION"}


def test_a_filter_chooses_pdus_in_every_format() -> None:
    lines = command("pdus", SENSE, "-Y", "iscsi.scsiresponse.status == 2").out.splitlines()
    objects = json.loads(command("pdus", SENSE, "-Y", "iscsi.scsiresponse.status == 2", "-T", "json").out)
    fields = command("pdus", SENSE, "-Y", "iscsi.scsiresponse.status == 2", "-T", "fields", "-e", "frame.number").out
    assert len(lines) == len(objects) == len(fields.splitlines()) == 7


def test_a_filter_that_is_wrong_is_pointed_at() -> None:
    done = command("pdus", SENSE, "-Y", "iscsi.opcode === ")
    assert done.code == 1
    assert done.out == ""
    assert "^" in done.err


def test_the_slowest_tasks_come_first() -> None:
    tasks = json.loads(command("tasks", SENSE, "--top", "5", "-T", "json").out)
    latencies = [task["latency_ns"] for task in tasks]
    assert len(latencies) == 5
    assert latencies == sorted(latencies, reverse=True)


def test_sessions_tell_who_took_whose_place() -> None:
    assert "took the place of session 1" in command("sessions", DROPPED).out
    only = command("sessions", DROPPED, "-Y", "iscsi.session.number == 2", "-T", "jsonl").out
    assert [json.loads(line)["number"] for line in only.splitlines()] == [2]


def test_keys_say_what_is_in_force() -> None:
    keys = json.loads(command("keys", DROPPED, "--session", "1", "-T", "json").out)
    assert {key["session"] for key in keys} == {1}
    assert next(key["result"] for key in keys if key["key"] == "InitialR2T") == "Yes"
    assert "InitialR2T" in command("keys", DROPPED).out


@pytest.mark.parametrize("name", ["tasks", "sessions", "keys"])
def test_records_are_tables_too(name: str) -> None:
    lines = command(name, DROPPED, "-T", "csv").out.splitlines()
    assert len(lines) > 1
    assert lines[0].count(",") > 5
    assert command(name, DROPPED, "-T", "fields").code == 1


@pytest.mark.parametrize("what", ["tasks", "sessions", "connections"])
def test_a_filter_on_findings_is_answered_by_every_list(what: str) -> None:
    """Commands that tell no findings do not look for any, unless they are asked."""
    bad = SAMPLES / "k76_data_digest_error_dataout.pcap.zst"
    found = command(what, bad, "-Y", 'iscsi.finding.rule == "data-digest-bad"', "-T", "jsonl").records
    assert len(found) == 1
