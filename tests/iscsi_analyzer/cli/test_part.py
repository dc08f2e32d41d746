"""Every command tells the part that was asked for, and says so; wishes that cannot be met are refused."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.command import Done, command
from tests.support.samples import SAMPLES

STALL = SAMPLES / "k24_kernel_abort_lunreset_recovery.pcap.zst"
FIRST = 1_795_174_333_804_008_000
S = 1_000_000_000


def jsonl(name: str, *words: str) -> list[dict[str, Any]]:
    done = command(name, STALL, "-T", "jsonl", *words)
    assert done.code == 0, done.err
    return done.records


def times(records: list[dict[str, Any]], name: str = "time_last") -> list[float]:
    return [float(record[name]) - FIRST / S for record in records]


def test_pdus_of_a_time() -> None:
    everything = jsonl("pdus")
    some = jsonl("pdus", "--since", "10", "--until", "20")
    assert some == [record for record in everything if 10 <= times([record])[0] <= 20] != []
    assert jsonl("pdus", "--since", "11:32:24", "--until", "+5s") == jsonl(
        "pdus", "--since", "10.195992", "--until", "+5s"
    )


@pytest.mark.parametrize("format_", ["text", "csv", "json", "fields"])
def test_a_part_is_the_same_in_every_format(format_: str) -> None:
    words = ["-e", "number"] if format_ == "fields" else []
    done = command("pdus", STALL, "-T", format_, "--since", "10", "--until", "20", *words)
    lines = [line for line in done.out.splitlines() if line.strip("[]")]
    assert len(lines) - (format_ == "csv") == len(jsonl("pdus", "--since", "10", "--until", "20"))


def test_what_is_over_before_is_no_task_of_a_part_but_its_request_is_known() -> None:
    (stalled,) = [
        task
        for task in jsonl("tasks", "--since", "10")
        if task.get("operation") == "WRITE(10)" and task["session"] == 1
    ]
    assert times([stalled], "time")[0] < 2
    assert stalled["outcome"] == "unanswered at close"


@pytest.mark.parametrize("name", ["sessions", "connections", "keys", "tasks", "pdus", "findings"])
def test_a_session_alone(name: str) -> None:
    for number in ("1", "2"):
        records = jsonl(name, "--session", number)
        assert {record.get("session", record.get("number")) for record in records} <= {int(number)}
    both, full = jsonl(name, "--session", "1", "--session", "2"), jsonl(name)
    if name == "pdus":
        # Without a choice PDUs are written while the capture is read: what is known only afterwards comes too late.
        for chosen, streamed in zip(both, full, strict=True):
            assert set(streamed.pop("findings")) <= set(chosen.pop("findings"))
    assert both == full


def test_a_session_that_there_is_not_is_refused() -> None:
    for name in ("sessions", "pdus", "report", "check"):
        done = command(name, STALL, "--session", "3")
        assert done.code == 1
        assert "--session 3: there is no such session; there are 1 to 2" in done.err


def test_the_report_says_what_it_leaves_out() -> None:
    whole, part = command("report", STALL).out, command("report", STALL, "--since", "28").out
    assert "only a part of it is told below: --since 28" in part
    assert "only a part" not in whole
    assert "connection 1" not in part and "connection 2" in part
    document = json.loads(command("report", STALL, "--since", "28", "-T", "json").out)
    assert document["limits"] == ["--since 28"]
    assert (
        document["pdus"] == len(jsonl("pdus", "--since", "28")) == sum(each["count"] for each in document["pdu_counts"])
    )
    assert [connection["number"] for connection in document["connections"]] == [2]


def test_a_filter_on_the_report_counts_what_passes() -> None:
    document = json.loads(command("report", STALL, "-Y", "iscsi.opcode == 1", "-T", "json").out)
    assert document["limits"] == ["-Y 'iscsi.opcode == 1'"]
    assert [each["opcode"] for each in document["pdu_counts"]] == [1]


def test_a_part_without_anything_in_it_is_no_capture_without_iscsi() -> None:
    done = command("report", STALL, "--since", "2030-01-01")
    assert done.code == 0
    assert "nothing of it in what was asked for" in done.out
    assert "no iSCSI found" not in done.out


def test_checks_fail_for_findings_of_the_part_only() -> None:
    assert command("check", STALL, "--fail-on", "note").code == 3
    assert command("check", STALL, "--fail-on", "note", "--since", "28").code == 0


def refused(*words: str) -> Done:
    done = command("tasks", STALL, *words)
    assert (done.code, done.out) == (1, "")
    return done


def test_what_is_no_time_or_number_is_refused() -> None:
    assert "'noon' is neither seconds" in refused("--since", "noon").err
    assert "'0' is no number of a session" in refused("--session", "0").err
    assert "--until 5 is before --since 10: nothing is left" in refused("--since", "10", "--until", "5").err
