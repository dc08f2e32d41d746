"""`live` tells what happens while it happens: from a pipe, from a file that grows, and from an interface that an actor
plays (real ones are in tests/live)."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from iscsi_analyzer.run import Analysis
from tests.meta.tree import ROOT
from tests.support.command import command
from tests.support.samples import sample
from tests.support.talk import Talk
from tests.support.talk_capture import to_pcap, write_capture


def conversation() -> Talk:
    talk = Talk().open()
    talk.read()
    talk.test_unit_ready(status=8)
    talk.close()
    return talk


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "no interface is named"),
        (["-i", "lo", "-"], "not both"),
        (["-i", "no-such-thing"], "there is no interface 'no-such-thing'"),
    ],
)
def test_what_cannot_be_captured_is_a_mistake_of_usage(words: list[str], said: str) -> None:
    done = command("live", *words, "--config", "none")
    assert (done.code, done.out) == (1, "")
    assert said in done.err


def test_interfaces_are_listed() -> None:
    done = command("live", "-D")
    assert done.code == 0
    assert "127.0.0.1" in done.out


class Piped:
    """`live -`, at work, with a pipe to its standard input."""

    def __init__(self, *words: str) -> None:
        environment = {**os.environ, "PYTHONPATH": os.environ.get("PYTHONPATH") or str(ROOT)}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "iscsi_analyzer", "live", "-", "-q", "--config", "none", *words],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment,
        )  # fmt: skip

    def write(self, data: bytes) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().decode()

    def end(self, how: signal.Signals | None = None) -> tuple[int, str]:
        if how is not None:
            self.process.send_signal(how)
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        if how is None:
            self.process.stdin.close()
        with self.process.stdout:
            out = self.process.stdout.read().decode()
        self.process.stdin.close()
        return self.process.wait(15), out


def test_a_capture_comes_through_a_pipe_and_is_told_as_it_comes() -> None:
    """As of `ssh HOST tcpdump -U -w - port 3260 | iscsi-analyzer live -`: the end of the pipe is the end."""
    talk = conversation()
    data = to_pcap(talk.frames)
    piped = Piped("-T", "jsonl")
    piped.write(data[:-1000])
    first = json.loads(piped.line())
    assert (first["type"], first["opcode_name"]) == ("pdu", "Login Request")
    piped.write(data[-1000:])
    code, out = piped.end()
    records = [first, *(json.loads(line) for line in out.splitlines())]
    assert code == 0
    assert [record["type"] for record in records].count("pdu") == len(talk.pdus)
    assert records[-1]["type"] == "report"


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_in_good_order_when_it_is_asked_to(how: signal.Signals) -> None:
    """In the middle of a record, too: what was complete is told."""
    data = to_pcap(conversation().frames)
    piped = Piped()
    piped.write(data[:-10])
    assert " login " in piped.line()
    code, out = piped.end(how)
    assert "1 iSCSI connection, 1 session" in out
    assert code == 2  # the last record is cut short


def test_who_asks_twice_does_not_wait_for_the_rest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_capture(tmp_path / "talk.pcap", conversation().frames)
    steps: list[bool] = []

    def step(analysis: Analysis) -> bool:
        """Works on for ever, and every time somebody presses Ctrl-C."""
        steps.append(analysis.over)
        os.kill(os.getpid(), signal.SIGINT)
        return True

    monkeypatch.setattr(Analysis, "step", step)
    done = command("live", path, "--config", "none")
    assert len(steps) == 2
    assert "the rest of the capture was not analysed" in done.err
    assert done.code == 130


def test_interrupted_before_the_first_frame_it_has_nothing_to_tell() -> None:
    piped = Piped("--no-report")
    piped.write(to_pcap([]))
    time.sleep(1.0)
    assert piped.end(signal.SIGINT) == (130, "")


def test_a_file_that_another_program_writes_is_followed(tmp_path: Path) -> None:
    path = sample("m07_chap_wrong_password")
    environment = {**os.environ, "PYTHONPATH": os.environ.get("PYTHONPATH") or str(ROOT)}
    words = [sys.executable, "-m", "iscsi_analyzer", "live", str(path), "-q", "--no-report", "--config", "none"]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, env=environment)
    assert process.stdout is not None
    try:
        told = any(b"login failed" in line for line in iter(process.stdout.readline, b""))
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=15)
    finally:
        process.kill()
    assert told
    assert process.returncode == 0
