"""What other analyzers pass over in silence, or tell in a way that programs misread (`support.talk_cases`), is told."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from iscsi_analyzer.export.pdus import Pdus
from iscsi_analyzer.store.tasks import task_columns
from tests.iscsi_analyzer.rules.judging import accused, findings_of
from tests.iscsi_analyzer.rules.judging import found as findings
from tests.iscsi_analyzer.stores import found, sliced, store_of
from tests.support.command import command
from tests.support.talk import STREAM
from tests.support.talk_capture import write_capture
from tests.support.talk_cases import CASES
from tests.support.talk_load import mixture
from tests.support.talk_pdu import DATA_IN, REJECT

SILENT = (
    "two_commands_in_the_first_segment",
    "large_data_in",
    "neighbours_swapped",
    "first_segments_only",
    "discovery_and_normal_over_one_pair",
    "data_digest_in_its_own_segment",
    "inquiry_cut_by_its_allocation_length",
    "thirty_bytes_of_each_header",
    "only_what_the_target_says",
    "write_same_32",
    "every_packet_twice",
)


def capture(name: str, directory: Path) -> Path:
    return write_capture(directory / f"{name}.pcap", CASES[name]().frames)


def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A JSON object that names no key twice."""
    assert len({key for key, _ in pairs}) == len(pairs)
    return dict(pairs)


@pytest.mark.parametrize("name", SILENT)
def test_what_is_nobody_s_fault_is_no_finding(name: str) -> None:
    assert accused(CASES[name]().frames) == []


def test_every_wrong_number_is_flagged_at_its_pdu() -> None:
    """Duplicate ITT, hole in CmdSN, CmdSN beyond the window, jump of StatSN, answer to an unknown ITT."""
    flagged = {(each.rule, each.pdu) for each in findings(CASES["numbers_out_of_order"]().frames)}
    assert flagged >= {
        ("itt-reuse-active", 6),
        ("cmdsn-gap", 8),
        ("cmdsn-outside-window", 9),
        ("statsn-gap", 10),
        ("itt-unknown-in-response", 11),
    }


def test_every_odd_header_is_flagged_and_a_legal_one_is_not() -> None:
    """Login with T and C, reserved bits, an unknown opcode, TMF response 7; but not NOP-Out with ITT 0."""
    case = CASES["odd_headers"]()
    rules = findings_of(case.frames)
    assert {
        "login-t-and-c-set",
        "bhs-reserved-field-nonzero",
        "opcode-unassigned",
        "tmf-response7-without-level2",
    } <= set(rules)
    ping = next(number for number, pdu in enumerate(case.pdus, 1) if pdu.opcode == 0x00)
    assert all(ping not in finding.pdus for finding in findings(case.frames))


@pytest.mark.parametrize(
    ("name", "field", "rule"),
    [
        ("first_header_digest_is_corrupt", "iscsi.pdu.header_digest == bad", "header-digest-bad"),
        ("one_bad_data_digest", "iscsi.pdu.data_digest == bad", "data-digest-bad"),
    ],
)
def test_a_bad_digest_is_a_finding_and_can_be_filtered(name: str, field: str, rule: str) -> None:
    frames = CASES[name]().frames
    (finding,) = findings(frames)
    assert finding.rule == rule
    assert found(field, store_of(frames)) == finding.pdus == [finding.pdu]


def test_pdus_that_share_a_frame_are_objects_of_their_own(tmp_path: Path) -> None:
    """No key comes twice in any object, so no parser loses one."""
    talk = mixture(3, pdus=60, segmentation=STREAM)
    path = talk.save(tmp_path / "stream.pcap")
    lines = command("pdus", path, "-T", "jsonl").out.splitlines()
    records = [json.loads(line, object_pairs_hook=once) for line in lines]
    assert len(records) == len(talk.pdus)
    assert max(Counter(record["frame"] for record in records).values()) > 1
    assert json.loads(command("pdus", path, "-T", "json").out, object_pairs_hook=once) == records


def test_a_reject_counts_once(tmp_path: Path) -> None:
    """The header that it carries is its data."""
    path = capture("rejected", tmp_path)
    values = command("pdus", path, "-T", "fields", "-e", "iscsi.opcode").out.splitlines()
    truth = [pdu.opcode for pdu in CASES["rejected"]().pdus]
    assert [int(value, 0) for value in values] == truth
    assert truth.count(REJECT) == 1
    assert sum(record["opcode"] == REJECT for record in command("pdus", path, "-T", "jsonl").records) == 1


def test_keys_are_pairs_in_json_whatever_their_values_hold(tmp_path: Path) -> None:
    records = command("pdus", capture("keys_with_commas", tmp_path), "-T", "jsonl").records
    keys = [pair for record in records for pair in record.get("keys", [])]
    assert ["HeaderDigest", "CRC32C,None"] in keys and ["X-com.example.list", "a,b,c"] in keys


@pytest.mark.parametrize("snaplen", [96, 128])
def test_a_sliced_capture_has_the_latencies_of_the_whole_one(snaplen: int) -> None:
    talk = mixture(6, pdus=300)
    whole, cut = (task_columns(store_of(frames)) for frames in (talk.frames, sliced(talk.frames, snaplen)))
    assert cut.count == whole.count > 20
    assert cut.latency().tolist() == whole.latency().tolist()
    assert cut.field("request").tolist() == whole.field("request").tolist()


def test_descriptions_that_end_where_the_initiator_s_room_ends_are_not_malformed() -> None:
    store = store_of(CASES["inquiry_cut_by_its_allocation_length"]().frames)
    records = [record for record in Pdus(store) if record.opcode == DATA_IN]
    assert len(records) == 3
    assert not any(record.problems for record in records)


def test_a_stalled_command_is_told_with_the_time_that_it_took(tmp_path: Path) -> None:
    """25 seconds without an answer are the first thing to say about this capture."""
    report = command(capture("stalled_and_aborted", tmp_path)).out
    assert "1 SCSI task had no answer when the connection closed, after 30 s" in report
    assert "waiting for 25 s" in report
    tasks = command("tasks", capture("stalled_and_aborted", tmp_path), "-T", "jsonl").records
    stalled = [task for task in tasks if task["outcome"] == "unanswered at close"]
    assert {task["kind"] for task in stalled} == {"scsi", "task-management"}
