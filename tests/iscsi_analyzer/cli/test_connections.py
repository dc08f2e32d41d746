"""`connections` in all its forms."""

from __future__ import annotations

import csv
import io
import json

from tests.support.command import command
from tests.support.samples import SAMPLES

FEW = SAMPLES / "k20_mcs_two_connections.pcap.zst"
MANY = SAMPLES / "b01_badpdu_tgtd.pcap.zst"
NONE = SAMPLES / "f14_ring_00005_20261120114319.pcapng.zst"


def test_few_are_told_in_blocks_and_many_in_a_table() -> None:
    assert command("connections", FEW).out.count("reached the full feature phase") == 2
    assert len(command("connections", MANY).out.splitlines()) == 37
    assert command("connections", MANY, "-V").out.count("\n\n") == 35


def test_every_form_has_every_connection() -> None:
    lines = command("connections", FEW, "-T", "jsonl").records
    assert lines == json.loads(command("connections", FEW, "-T", "json").out)
    table = list(csv.DictReader(io.StringIO(command("connections", FEW, "-T", "csv").out, newline="")))
    assert [row["initiator.port"] for row in table] == [str(record["initiator"]["port"]) for record in lines]
    fields = command("connections", FEW, "-T", "fields", "-e", "number,target.port").out
    assert fields == "1\t3260\n2\t3260\n"


def test_others_are_shown_on_demand() -> None:
    few = command("connections", MANY, "-T", "jsonl").records
    more = command("connections", MANY, "-T", "jsonl", "--all").records
    assert more[: len(few)] == few
    assert {record["carries"] for record in more[len(few) :]} == {"HTTP", "opened, nothing sent"}
    assert "not iSCSI" in command("connections", MANY, "--all").out


def test_none_is_an_answer_too() -> None:
    assert command("connections", NONE).out == "no iSCSI connections (--all shows others)\n"
    assert json.loads(command("connections", NONE, "-T", "json").out) == []
    assert command("connections", NONE, "-T", "jsonl").out == ""


def test_wrong_fields_are_explained() -> None:
    assert "there is no such field" in command("connections", FEW, "-T", "fields", "-e", "opcode").err
    assert command("connections", FEW, "-T", "fields").code == 1
    assert command("connections", FEW, "-T", "json", "-e", "number").code == 1
