"""An annotated capture is the capture, and tells what was found in it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import msgspec
import pytest

from iscsi_analyzer.export.tasks import Tasks
from tests.support.command import analysed, command
from tests.support.samples import SAMPLES, sample
from tests.support.tools import need

NAMES = [
    "b01_badpdu_tgtd",
    "f13_two_interfaces_dup",
    "f20_gzip",
    "f41_drop_2pct",
    "f06_nanosecond",
    "m56_data_sn_wrong",
]


def told(path: Path) -> list[bytes]:
    """All PDUs, tasks and findings of a capture."""
    analysis = analysed(path)
    records = [*analysis.pdus(), *Tasks(analysis.store).records(), *analysis.findings()]
    return [msgspec.json.encode(record) for record in records]


@pytest.mark.parametrize("name", NAMES)
def test_the_annotated_capture_has_the_same_pdus_tasks_and_findings(name: str, tmp_path: Path) -> None:
    out = tmp_path / "out.pcapng"
    done = command("export", sample(name), "--format", "pcapng", "--task-comments", "-o", out, "-q")
    assert done.code == 0
    assert told(out) == told(sample(name))


def test_several_files_become_one(tmp_path: Path) -> None:
    ring = sorted(SAMPLES.glob("f14_ring_*"))
    out = tmp_path / "out.pcapng"
    assert command("export", *ring, "--format", "pcapng", "-o", out).code == 0
    assert command("tasks", out).out == command("tasks", *ring).out


def test_wireshark_shows_the_comments(tmp_path: Path) -> None:
    need("tshark")
    out = tmp_path / "out.pcapng"
    command("export", sample("m56_data_sn_wrong"), "--format", "pcapng", "-o", out)
    fields = ["-T", "fields", "-e", "frame.number", "-e", "frame.comment"]
    words = ["tshark", "-r", str(out), "-Y", "frame.comment", *fields]
    lines = subprocess.run(words, capture_output=True, text=True, check=True).stdout.splitlines()
    assert [line.partition("\t")[0] for line in lines] == ["49", "52", "58", "60", "64", "70", "73", "75"]
    assert "dataout-datasn-gap" in lines[1]


def test_only_the_segments_of_what_was_asked_for_are_written(tmp_path: Path) -> None:
    out = tmp_path / "out.pcapng"
    path = sample("m56_data_sn_wrong")
    command("export", path, "--format", "pcapng", "-Y", "iscsi.opcode == 0x05", "-o", out)
    wanted = command("pdus", path, "-Y", "iscsi.opcode == 0x05", "-T", "jsonl").records
    found = command("pdus", out, "-T", "jsonl").records
    assert (
        [record["initiator_task_tag"] for record in found] == [record["initiator_task_tag"] for record in wanted] != []
    )
    command("export", path, "--format", "pcapng", "--finding", "2", "-o", out)
    evidence = command("findings", path, "-T", "jsonl").records[1]
    assert len(command("pdus", out, "-T", "jsonl").records) == len({*evidence["pdus"], *evidence.get("related", [])})


def test_a_cut_capture_is_annotated_as_far_as_it_goes(tmp_path: Path) -> None:
    whole = (SAMPLES / "k01_discovery.pcap").read_bytes()
    cut, out = tmp_path / "cut.pcap", tmp_path / "out.pcapng"
    cut.write_bytes(whole[:-7])
    assert command("export", cut, "--format", "pcapng", "-o", out).code == 2
    assert told(out) == told(cut)
