"""`findings` lists what the rules found, in every format."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from tests.iscsi_analyzer.export.faulty import RULES
from tests.support.command import command
from tests.support.samples import SAMPLES


def test_the_text_is_grouped_by_rule(faulty_file: Path) -> None:
    lines = command("findings", faulty_file).out.splitlines()
    assert lines[0] == "error    tmf-rtt-missing  RFC 7143 section 11.5.4"
    assert lines[-1] == "3 errors and 2 notes, of 4 rules"


def test_or_by_connection_with_its_ends(faulty_file: Path) -> None:
    lines = command("findings", faulty_file, "--by", "connection").out.splitlines()
    assert lines[0] == "connection 1  192.0.2.1:40000 -> 192.0.2.2:3260, session 1"
    assert any(line.startswith("connection 2  192.0.2.1:40001 ->") for line in lines)


def test_a_clean_capture_has_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    done = command("findings", SAMPLES / "u03_login_inquiry.pcap.zst")
    assert (done.code, done.out) == (0, "no findings\n")


def test_records_are_json_a_line_or_an_array(faulty_file: Path) -> None:
    lines = command("findings", faulty_file, "-T", "jsonl").records
    assert [record["rule"] for record in lines] == RULES
    assert {record["type"] for record in lines} == {"finding"}
    assert json.loads(command("findings", faulty_file, "-T", "json").out) == lines


def test_records_are_rows_of_a_table(faulty_file: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(command("findings", faulty_file, "-T", "csv").out)))
    assert [row["rule"] for row in rows] == RULES
    assert (rows[1]["count"], rows[1]["pdus"], rows[1]["party"]) == ("3", "7,9,11", "initiator")
    assert all(isinstance(json.loads(row["facts"]), dict) for row in rows)
    fields = command("findings", faulty_file, "-T", "fields", "-e", "rule", "-e", "count").out
    assert fields.splitlines()[1] == "tmf-rtt-missing\t3"


def test_a_filter_chooses_by_the_pdus_that_show_them(faulty_file: Path) -> None:
    done = command("findings", faulty_file, "-T", "jsonl", "-Y", "iscsi.taskmanfun.function == 6")
    assert [record["rule"] for record in done.records] == ["tmf-lun-reserved"]
    assert command("findings", faulty_file, "-Y", "iscsi.opcode == 0x31").out == "no findings\n"


def test_what_no_pdu_shows_passes_with_its_whole_connection() -> None:
    """A close without logout is about a connection: no filter on PDUs chooses it unless all of them pass."""
    capture = SAMPLES / "t01_tgt_iSCSIcmdsn_iSCSICmdSnTooHigh.pcap.zst"

    def rules(*words: str) -> list[str]:
        return [record["rule"] for record in command("findings", capture, "-T", "jsonl", *words).records]

    both = ["cmdsn-outside-window", "conn-closed-in-ffp"]
    assert rules() == rules("-Y", "tcp.stream == 1") == rules("--session", "2") == both
    assert rules("-Y", 'iscsi.finding.rule == "cmdsn-outside-window"') == both[:1]
    assert rules("-Y", "tcp.stream == 0") == []


def test_rules_are_chosen_by_name(faulty_file: Path) -> None:
    done = command("findings", faulty_file, "-T", "jsonl", "--select", "tmf-*", "--ignore", "*-reserved,tmf-refcmdsn-*")
    assert [record["rule"] for record in done.records] == ["tmf-rtt-missing", "tmf-rtt-missing"]


def test_pdus_name_the_findings_that_count(faulty_file: Path) -> None:
    """The same choice holds for every command."""
    marked = [pdu["findings"] for pdu in command("pdus", faulty_file, "-T", "jsonl").records if pdu["findings"]]
    assert marked == [["tmf-lun-reserved"], *[["tmf-rtt-missing"]] * 3, ["tmf-refcmdsn-wrong"], ["tmf-rtt-missing"]]
    chosen = command("pdus", faulty_file, "-T", "jsonl", "--select", "tmf-lun-reserved").records
    assert sum(bool(pdu["findings"]) for pdu in chosen) == 1
