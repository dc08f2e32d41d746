"""`report`, as text and as one document."""

from __future__ import annotations

import json
from pathlib import Path

from tests.support.command import command
from tests.support.samples import SAMPLES

SAMPLE = SAMPLES / "u08_chap_wrong_password.pcap"
MANY = SAMPLES / "b01_badpdu_tgtd.pcap.zst"


def test_text_and_document_tell_the_same() -> None:
    done = command("report", SAMPLE, "-T", "json")
    document = json.loads(done.out)
    assert (done.code, done.err, document["type"], document["pdus"]) == (0, "", "report", 6)
    assert "1 iSCSI connection, 1 session, 6 PDUs" in command("report", SAMPLE).out


def test_all_leaves_no_list_unfinished() -> None:
    assert "the first 20 of 36" in command(MANY).out
    assert "the first 20" not in command(MANY, "--all").out


def test_problems_of_the_input_are_told_once_in_the_text(tmp_path: Path) -> None:
    path = tmp_path / "cut.pcap"
    path.write_bytes(SAMPLE.read_bytes()[:-30])
    done = command(path)
    assert done.code == 2
    assert "cut short" in " ".join(done.out.split())
    assert done.err == ""
    document = command(path, "-T", "json")
    assert document.code == 2
    assert json.loads(document.out)["problems"][0]["severity"] == "error"


def test_colour_on_demand() -> None:
    assert "\x1b[1m" in command(SAMPLE, "--color", "always").out
    assert "\x1b" not in command(SAMPLE).out
