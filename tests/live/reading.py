"""The command line as the live tests use it: a capture goes in, JSON records come out."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.support.samples import port_options

ROOT = Path(__file__).resolve().parent.parent.parent

Record = dict[str, Any]


def command(*words: str) -> list[str]:
    """The analyzer under test, run by this interpreter."""
    return [sys.executable, "-m", "iscsi_analyzer", *words]


def environment() -> dict[str, str]:
    """The caller's import path if it set one, the tree otherwise."""
    return {**os.environ, "PYTHONPATH": os.environ.get("PYTHONPATH") or str(ROOT)}


def pdus(capture: Path, port: int) -> list[Record]:
    """Every PDU that the analyzer finds in a capture of a target at `port`. Nothing may be wrong with the file."""
    words = command("pdus", str(capture), "-T", "jsonl", "-q", *port_options([port]))
    done = subprocess.run(words, capture_output=True, text=True, env=environment(), timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return [json.loads(line) for line in done.stdout.splitlines()]


def opcodes(records: list[Record]) -> dict[int, int]:
    """How many PDUs there are of each opcode."""
    return dict(Counter(record["opcode"] for record in records))


class Following:
    """The analyzer at work on a file that still grows."""

    def __init__(self, process: subprocess.Popen[str], out: Path) -> None:
        self._process = process
        self._out = out

    def so_far(self) -> list[Record]:
        """The PDUs printed up to now."""
        text = self._out.read_text()
        return [json.loads(line) for line in text[: text.rfind("\n") + 1].splitlines()]

    def wait_for(self, opcode: int, seconds: float = 15.0) -> list[Record]:
        """The PDUs printed as soon as one with this opcode is among them; whatever there is when the time is over."""
        end = time.monotonic() + seconds
        while time.monotonic() < end and self._process.poll() is None:
            if any(record["opcode"] == opcode for record in self.so_far()):
                break
            time.sleep(0.05)
        return self.so_far()

    def interrupt(self) -> int:
        """Ctrl-C; returns the exit code."""
        self._process.send_signal(signal.SIGINT)
        return self._process.wait(15)


@contextmanager
def following(capture: Path, port: int, out: Path) -> Iterator[Following]:
    """Lets the analyzer follow a growing capture for as long as the block runs; its records go to the file `out`."""
    words = command("pdus", str(capture), "--follow", "-T", "jsonl", "-q", *port_options([port]))
    with out.open("w") as records:
        process = subprocess.Popen(words, stdout=records, stderr=subprocess.DEVNULL, text=True, env=environment())
    try:
        yield Following(process, out)
    finally:
        process.kill()
        process.wait()
