"""Laws of the trace: what opens closes, tasks and PDUs are all there, and each number means what the store says."""

from __future__ import annotations

import json
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from iscsi_analyzer.export.findings import finding_records
from iscsi_analyzer.export.formats import Part
from iscsi_analyzer.export.trace import pieces
from iscsi_analyzer.store.tasks import task_columns, task_count, task_rows
from tests.support.command import analysed
from tests.support.samples import SAMPLES

WRITES = "k12_write_r2tYes_immNo.pcap.zst"
WHOLE = Part()
NAMES = [
    WRITES,
    "k20_mcs_two_connections.pcap.zst",
    "k24_kernel_abort_lunreset_recovery.pcap.zst",
    "k76_data_digest_error_dataout.pcap.zst",
    "f10_mid_session_no_login.pcap.zst",
    "b01_badpdu_tgtd.pcap.zst",
]


@cache
def events(name: str, part: Part = WHOLE) -> tuple[dict[str, Any], ...]:
    document = json.loads(b"".join(pieces(analysed(SAMPLES / name), part)))
    return tuple(document["traceEvents"])


def of(found: tuple[dict[str, Any], ...], *phases: str) -> list[dict[str, Any]]:
    return [event for event in found if event["ph"] in phases]


@pytest.mark.parametrize("name", NAMES)
def test_what_begins_ends_within_what_it_began_in(name: str) -> None:
    """The begins and ends of one id are like brackets, in order of time."""
    open_ones: dict[str, list[dict[str, Any]]] = {}
    for event in of(events(name), "b", "e"):
        stack = open_ones.setdefault(event["id"], [])
        if event["ph"] == "b":
            assert not stack or stack[-1]["ts"] <= event["ts"] + 1e-6
            stack.append(event)
        else:
            begin = stack.pop()
            assert begin["name"] == event["name"] and begin["ts"] <= event["ts"] + 1e-6
    assert not any(open_ones.values())


@pytest.mark.parametrize("name", NAMES)
def test_every_task_and_every_pdu_is_there_once(name: str) -> None:
    store = analysed(SAMPLES / name).store
    tasks = Counter(event["args"]["task"] for event in of(events(name), "b") if "args" in event)
    asked = {number for number, row in enumerate(task_rows(store), 1) if row.request}
    assert tasks == Counter(asked)
    slices = of(events(name), "X")
    assert [event["args"]["pdu"] for event in slices] == list(range(1, len(store) + 1))
    assert all(event["dur"] > 0 for event in slices)
    assert task_count(store) >= len(tasks)


def test_outstanding_tasks_come_to_nothing_when_all_are_answered() -> None:
    counts = [event["args"]["tasks"] for event in of(events(WRITES), "C") if event["name"] == "tasks outstanding"]
    assert counts[-1] == 0 and min(counts) == 0 and max(counts) > 1


def test_the_command_window_is_what_the_target_said() -> None:
    store = analysed(SAMPLES / WRITES).store
    answer = next(row for row in store.rows() if row.opcode == 0x21)
    room = int.from_bytes(answer.header[32:36], "big") - int.from_bytes(answer.header[28:32], "big") + 1
    windows = [event["args"]["commands"] for event in of(events(WRITES), "C") if event["name"] == "command window"]
    assert room in windows and all(0 <= each < 1 << 31 for each in windows)


def test_an_arrow_leads_from_each_r2t_to_its_data() -> None:
    found = events(WRITES)
    begun = [event["id"] for event in of(found, "s")]
    assert begun and {event["id"] for event in of(found, "t")} == set(begun)
    names = {event["args"]["pdu"]: event["name"] for event in of(found, "X")}
    assert {names[number] for number in begun} == {"R2T"}


def test_a_finding_stands_at_each_pdu_that_shows_it() -> None:
    name = "k76_data_digest_error_dataout.pcap.zst"
    instants = of(events(name), "i")
    assert ("data-digest-bad", 379) in {(event["name"], event["args"].get("pdu")) for event in instants}


def test_the_phases_of_a_write_fill_its_time() -> None:
    found = [event for event in of(events(WRITES), "b", "e") if event["name"] != "login"]
    phases = Counter(event["name"] for event in found if event["ph"] == "b" and "args" not in event)
    assert phases["to the first R2T"] == phases["data"] - phases["to the first data"] > 0


def test_a_task_by_itself_has_its_pdus_and_no_load() -> None:
    found = events(WRITES, Part(tasks=(3,)))
    assert [event["args"]["task"] for event in of(found, "b") if "args" in event] == [3]
    assert len(of(found, "X")) == 2
    assert not of(found, "C")


@pytest.mark.parametrize("name", NAMES)
def test_every_finding_is_there_also_one_that_no_pdu_shows(name: str) -> None:
    """A connection that was closed without a logout, say: its instant stands at the end of the connection."""
    told = {event["args"]["finding"]: event for event in of(events(name), "i")}
    found = list(finding_records(analysed(SAMPLES / name).store))
    assert set(told) == {record.number for record in found}
    ends = {event["ts"] for event in of(events(name), "X", "M", "C", "b", "e", "i") if "ts" in event}
    assert all(0 <= told[record.number]["ts"] <= max(ends) for record in found if not record.pdus)


def test_a_part_has_its_own_findings_only() -> None:
    name = "b01_badpdu_tgtd.pcap.zst"
    one = of(events(name, Part(findings=(2,))), "i")
    assert {event["args"]["finding"] for event in one} == {2}
    mine = events(name, Part(tasks=(3,)))
    pdus = {event["args"]["pdu"] for event in of(mine, "X")}
    assert {event["args"]["pdu"] for event in of(mine, "i")} <= pdus


def test_perfettos_own_processor_reads_the_trace_as_it_is_meant(tmp_path: Path) -> None:
    """Without a complaint; a task is a slice that lasts as long as the task, its phases lie in it, counters hold what
    they count, and flows lead from R2Ts to their data."""
    from tests.support.trace_processor import trace_processor

    store = analysed(SAMPLES / WRITES).store
    columns = task_columns(store)
    latency = columns.latency().tolist()
    with trace_processor(tmp_path, b"".join(pieces(analysed(SAMPLES / WRITES), WHOLE))) as processor:

        def rows(query: str) -> list[tuple[Any, ...]]:
            return [tuple(row.__dict__.values()) for row in processor.query(query)]

        assert rows("select name from stats where severity in ('error', 'data_loss') and value > 0") == []
        tasks = rows(
            "select int_value, dur from slice join args using (arg_set_id) where key = 'args.task' and depth = 0"
        )
        asked = [number for number, row in enumerate(task_rows(store), 1) if row.request]
        assert sorted(number for number, _ in tasks) == asked
        assert {number: dur for number, dur in tasks if latency[number - 1] >= 0} == {
            number: latency[number - 1] for number in asked if latency[number - 1] >= 0
        }
        [phases] = rows(
            "select count(*) as phases, "
            "sum(child.ts >= task.ts and child.ts + child.dur <= task.ts + task.dur) as inside "
            "from slice child join slice task on child.parent_id = task.id where task.category = 'task'"
        )
        assert phases[0] == phases[1] > 0
        [most] = rows(
            "select max(value) from counter join track on track.id = track_id where name like 'tasks outstanding%'"
        )
        assert most[0] > 1
        flows = rows(
            "select out.name as begin, hit.name as goal, count(*) as times from flow "
            "join slice out on out.id = slice_out join slice hit on hit.id = slice_in group by 1, 2"
        )
        r2ts = sum(row.opcode == 0x31 for row in store.rows())
        assert flows == [("R2T", "SCSI Data-Out", r2ts)]


@pytest.mark.parametrize("name", ["k46_netem_loss3", "k47_netem_reorder", "f42_swapped_order", "f41_drop_2pct"])
def test_pdus_of_one_direction_lie_behind_or_within_each_other(name: str) -> None:
    """Also where segments overtook each other; each ends when its last byte came."""
    store = analysed(SAMPLES / f"{name}.pcap.zst").store
    threads: dict[tuple[int, int], list[tuple[float, float]]] = {}
    for event in of(events(f"{name}.pcap.zst"), "X"):
        assert event["dur"] > 0
        end = event["ts"] + event["dur"]
        threads.setdefault((event["pid"], event["tid"]), []).append((event["ts"], end))
        last = (store.row(event["args"]["pdu"]).time_last - int(store.first_ts)) / 1000
        assert end == pytest.approx(last, abs=0.1)
    for slices in threads.values():
        open_ones: list[float] = []
        for begin, end in sorted(slices, key=lambda each: (each[0], -each[1])):
            while open_ones and open_ones[-1] <= begin + 1e-6:
                open_ones.pop()
            assert not open_ones or end <= open_ones[-1] + 1e-6
            open_ones.append(end)
