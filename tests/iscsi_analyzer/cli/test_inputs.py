"""What is read and how: files, pipes, ports, digests, counts of frames, files that grow, files that are damaged."""

from __future__ import annotations

import argparse
import io
import os
import signal
import sys
import threading
import time
from pathlib import Path

import pytest

from iscsi_analyzer.cli.inputs import add_input_arguments, options_of
from iscsi_analyzer.options import Options
from tests.support.command import Done, command
from tests.support.samples import SAMPLES
from tests.support.talk import Talk

SAMPLE = SAMPLES / "k01_discovery.pcap"
ISTGT = SAMPLES / "i02_istgt_inquiry.pcap.zst"
RING = sorted(SAMPLES.glob("f14_ring_*"))


def options(*words: str) -> Options:
    parser = argparse.ArgumentParser()
    add_input_arguments(parser)
    return options_of(parser.parse_args(["x", *words]))


def numbers(done: Done) -> list[int]:
    return [record["number"] for record in done.records]


def jsonl(*words: str | Path) -> Done:
    return command("pdus", "-T", "jsonl", *words)


def test_ports_come_on_top_of_the_usual_ones() -> None:
    assert options().ports == (3260, 860)
    assert options("--port", "1", "--port", "2", "-d", "tcp.port==5-6,iscsi").ports == (3260, 860, 1, 2, 5, 6)


def test_every_option_reaches_the_analysis() -> None:
    found = options("--digests", "both", "--no-verify-data", "--verify-checksums")
    assert (found.digests, found.verify_data_digests, found.verify_checksums) == ("both", False, True)


def test_a_file_may_be_named_as_in_tshark() -> None:
    assert jsonl("-r", SAMPLE).out == jsonl(SAMPLE).out


def test_several_files_are_one_capture() -> None:
    assert len(RING) == 6
    together = jsonl(*RING)
    assert together.code == 0
    assert len(together.records) > max(len(jsonl(path).records) for path in RING)
    assert {record["connection"] for record in together.records} == {1}


def test_only_so_many_frames_are_read() -> None:
    all_frames = jsonl(SAMPLE).records
    some = jsonl(SAMPLE, "-c", "7")
    assert some.code == 0
    assert 0 < len(some.records) < len(all_frames)
    assert all(record["frame"] <= 7 for record in some.records)
    assert some.records == all_frames[: len(some.records)]


def test_the_standard_input_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(SAMPLE.read_bytes())))
    assert jsonl("-").out == jsonl(SAMPLE).out


def test_iscsi_on_another_port_can_be_named() -> None:
    assert jsonl(ISTGT, "-d", "tcp.port==3262,iscsi").out == jsonl(ISTGT, "--port", "3262").out != ""


def test_the_user_knows_better_about_digests() -> None:
    records = jsonl(SAMPLES / "u03_login_inquiry.pcap.zst", "--digests", "header").records
    assert any(record["header_digest"] == "bad" for record in records)


@pytest.mark.parametrize(
    ("name", "said"),
    [("nothing", "no such file"), ("directory", "is a directory"), ("empty", "empty"), ("text", "is not a capture")],
)
def test_what_cannot_be_read_is_explained_with_code_2(name: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / name
    if name == "directory":
        path.mkdir()
    elif name != "nothing":
        path.write_bytes(b"" if name == "empty" else b"These are words, and no capture.\n" * 10)
    for words in (("report",), ("pdus",), ("connections",)):
        done = command(*words, path)
        assert (done.code, done.out) == (2, "")
        assert said in done.err


def test_what_can_be_read_of_a_damaged_file_is_printed(tmp_path: Path) -> None:
    path = tmp_path / "cut.pcap"
    path.write_bytes(SAMPLE.read_bytes()[:-100])
    done = jsonl(path)
    assert done.code == 2
    assert len(done.records) >= 3
    assert "cut short" in done.err
    assert "cut short" in jsonl("-q", path).err


def test_one_file_of_several_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    done = jsonl(SAMPLE, tmp_path / "missing.pcap")
    assert done.code == 2
    assert len(done.records) == 4
    assert "missing.pcap" in done.err


def test_a_lack_of_permission_alone_is_no_damage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Asked of the operating system, as even the superuser of a test machine may not be refused."""
    path = tmp_path / "secret.pcap"
    path.write_bytes(b"no capture")
    assert jsonl(path).code == 2
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert jsonl(path).code == 1
    assert jsonl(path, tmp_path / "missing").code == 2


def test_a_file_that_grows_is_followed_until_the_interrupt(tmp_path: Path) -> None:
    talk = Talk().open()
    talk.read(4096)
    whole = talk.pcap()
    path = tmp_path / "growing.pcap"
    path.write_bytes(whole[:500])

    def grow_and_interrupt() -> None:
        time.sleep(0.3)
        with path.open("ab") as file:
            file.write(whole[500:])
        time.sleep(0.6)
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=grow_and_interrupt)
    thread.start()
    done = jsonl("--follow", path)
    thread.join()
    assert done.code == 130
    assert numbers(done) == list(range(1, len(talk.pdus) + 1))
