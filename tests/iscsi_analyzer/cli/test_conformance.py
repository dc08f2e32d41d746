"""`conformance` tells what a set of captures proved, as text, JSON and JSON Lines, with the exit codes of `check`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.iscsi_analyzer.export.test_schema import strict
from tests.support.command import command
from tests.support.samples import SAMPLES
from tests.support.talk import Talk

RING = sorted(SAMPLES.glob("f14_ring_*"))


@pytest.mark.parametrize(
    ("words", "code"),
    [((), 3), (("--fail-on", "note"), 3), (("--select", "cmdsn-*"), 0), (("--ignore", "tmf-*"), 0)],
)
@pytest.mark.parametrize("form", ["text", "json", "jsonl"])
def test_the_exit_code_is_that_of_check(faulty_file: Path, words: tuple[str, ...], code: int, form: str) -> None:
    assert command("conformance", faulty_file, *words, "-T", form).code == code


def test_json_fits_the_published_schema_whole_and_line_by_line(faulty_file: Path) -> None:
    record = json.loads(command("conformance", faulty_file, "-T", "json").out)
    strict().validate(record)
    lines = command("conformance", faulty_file, "-T", "jsonl").records
    for line in lines[:3] + lines[-3:]:
        strict().validate(line)
    parts = ("captures", "parties", "rules", "requirements", "sections")
    assert lines == [each for part in parts for each in record[part]]


def test_every_file_is_a_capture_and_the_pieces_of_a_ring_are_one(faulty_file: Path) -> None:
    def captures(*words: str | Path) -> list[int]:
        done = command("conformance", *words, "-T", "json", "-q")
        return [len(each["files"]) for each in json.loads(done.out)["captures"]]

    assert captures(*RING, faulty_file) == [len(RING), 1]
    assert captures(faulty_file, faulty_file.parent) == [1]
    (faulty_file.parent / "notes.txt").write_text("what was done")
    assert "left out" in command("conformance", faulty_file.parent).err
    assert command("conformance", faulty_file.parent, "-q").err == ""
    assert captures("--together", RING[0], faulty_file) == [2]


def test_one_party_by_name(faulty_file: Path) -> None:
    name = Talk().target_name
    done = command("conformance", faulty_file, "--party", name)
    assert done.code == 0
    assert f"of the parties called {name} only" in done.out
    missing = command("conformance", faulty_file, "--party", "iqn.nobody")
    assert missing.code == 1
    assert "nobody has that name" in missing.err
    assert name in missing.err


def test_two_runs_beside_each_other(faulty_file: Path, tmp_path: Path) -> None:
    before = tmp_path / "before.json"
    before.write_text(command("conformance", faulty_file, "-T", "json").out, encoding="utf-8")
    talk = Talk().open()
    talk.tmf(1, talk.command(read=4096))
    talk.close()
    good = talk.save(tmp_path / "good.pcap")
    done = command("conformance", good, "--baseline", before)
    assert (done.code, done.err) == (0, "")
    assert any(line.startswith("  mended: ") for line in done.out.splitlines())
    lines = command("conformance", good, "--baseline", before, "-T", "jsonl").records
    changes = [line for line in lines if line["type"] == "conformance-change"]
    assert {"tmf-refcmdsn-wrong": "mended"}.items() <= {each["rule"]: each["change"] for each in changes}.items()
    strict().validate(changes[0])
    other = command("conformance", good, "--baseline", before, "--party", "target")
    assert "the baseline is the record of everybody, this is that of target" in other.err


def test_a_baseline_that_is_none_is_refused_before_anything_is_read(faulty_file: Path) -> None:
    assert "is not what" in command("conformance", faulty_file, "--baseline", faulty_file).err
    assert "No such file" in command("conformance", faulty_file, "--baseline", "nowhere.json").err


def test_what_cannot_be_read_is_passed_over_and_told(faulty_file: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.pcap"
    bad.write_bytes(b"no capture at all")
    done = command("conformance", bad, faulty_file, "--ignore", "*")
    assert done.code == 1
    done = command("conformance", bad, faulty_file, "--select", "cmdsn-*", "-T", "json")
    assert done.code == 2
    assert "bad.pcap" in done.err
    assert len(json.loads(done.out)["captures"]) == 1
    alone = command("conformance", bad)
    assert (alone.code, alone.err.count("bad.pcap")) == (2, 1)
    assert command("conformance").code == 1
