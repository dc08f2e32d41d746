"""`pdus` in all its forms."""

from __future__ import annotations

import csv
import io
import json

import pytest

from tests.support.command import command
from tests.support.samples import SAMPLES

SAMPLE = SAMPLES / "u08_chap_wrong_password.pcap"


def test_the_default_is_a_line_for_each() -> None:
    done = command("pdus", SAMPLE)
    assert (done.code, done.err) == (0, "")
    assert [line.split()[0] for line in done.out.splitlines()] == ["1", "2", "3", "4", "5", "6"]
    assert "Authentication failure (0x0201)" in done.out


def test_every_form_has_every_pdu() -> None:
    lines = command("pdus", SAMPLE, "-T", "jsonl").records
    array = json.loads(command("pdus", SAMPLE, "-T", "json").out)
    table = list(csv.DictReader(io.StringIO(command("pdus", SAMPLE, "-T", "csv").out, newline="")))
    fields = command("pdus", SAMPLE, "-T", "fields", "-e", "number").out.split()
    assert lines == array
    assert [row["number"] for row in table] == fields == [str(record["number"]) for record in lines]
    assert [row["status_name"] for row in table][-1] == lines[-1]["status_name"] == "Authentication failure"


def test_columns_of_csv_can_be_chosen() -> None:
    out = command("pdus", SAMPLE, "-T", "csv", "-e", "number,iscsi.opcode").out
    assert out.splitlines()[:2] == ["number,iscsi.opcode", "1,0x03"]


def test_fields_take_the_layout_of_tshark() -> None:
    done = command(
        "pdus", SAMPLE, "-T", "fields", "-e", "number", "-e", "opcode", "-E", "header=y", "-E", "separator=;"
    )
    assert done.out.splitlines()[:2] == ["number;opcode", "1;3"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["-T", "fields"], "-T fields needs -e FIELD"),
        (["-T", "json", "-e", "number"], "-e chooses the fields of -T fields and -T csv"),
        (["-T", "csv", "-E", "header=y"], ""),
        (["-T", "text", "-E", "header=y"], "-E is for -T fields"),
        (["-T", "jsonl", "-V"], "-V and -x are for -T text"),
        (["-T", "fields", "-e", "nonsense"], "no field is called 'nonsense'"),
    ],
)
def test_options_that_do_not_go_together_are_explained(words: list[str], said: str) -> None:
    done = command("pdus", SAMPLE, *words)
    assert done.code == (1 if said else 0)
    assert said in done.err


def test_the_tree_and_the_bytes() -> None:
    done = command("pdus", SAMPLE, "-V", "-x")
    assert "    CSG: SecurityNegotiation (0)" in done.out
    assert "    0000  43 81 00 00" in done.out


def test_secrets_are_shown_only_on_demand() -> None:
    hidden = [command("pdus", SAMPLE, *words).out for words in ([], ["-V"], ["-x"], ["-T", "json"], ["-T", "csv"])]
    shown = command("pdus", SAMPLE, "-T", "jsonl", "--show-secrets").records
    (response,) = [value for record in shown for key, value in record["keys"] if key == "CHAP_R"]
    assert response.startswith("0x")
    assert all(response not in out for out in hidden)
    assert response in command("pdus", SAMPLE, "-V", "--show-secrets").out


@pytest.mark.parametrize("kind", ["a", "ad", "d", "dd", "e", "r", "u", "ud"])
def test_times_come_in_every_way_of_tshark(kind: str) -> None:
    assert len(command("pdus", SAMPLE, "-t", kind).out.splitlines()) == 6


def test_colours_on_demand() -> None:
    assert "\x1b[" in command("pdus", SAMPLE, "--color", "always").out
    assert "\x1b[" not in command("pdus", SAMPLE).out


def test_fields_that_later_pdus_decide_are_printed_when_all_is_read() -> None:
    """As by `tshark -2`: the frame of the answer stands with the command already."""
    fields = ["-T", "fields", "-e", "frame.number", "-e", "iscsi.response_frame", "-e", "iscsi.task.outcome"]
    sample = SAMPLES / "u03_login_inquiry.pcap.zst"
    rows = [line.split("\t") for line in command("pdus", sample, "-Y", "iscsi.opcode == 1", *fields).out.splitlines()]
    everything = [line.split("\t") for line in command("pdus", sample, *fields).out.splitlines()]
    assert rows and all(row in everything for row in rows)
    assert all(int(row[1]) > int(row[0]) and row[2] == "answered" for row in rows)
