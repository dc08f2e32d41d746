"""Run a command and measure it from outside: wall time, processor time, peak memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

RUNNER = Path(__file__).with_name("runner.py")


@dataclass(frozen=True, slots=True)
class Sample:
    """One run of one command."""

    seconds: float
    "Wall time."
    cpu: float
    "Processor time of user and system together, in seconds."
    memory: int
    "Peak resident memory in bytes."
    code: int
    "Exit code; negative for a signal."
    complaint: str = ""
    "The last line that it wrote to stderr."


def measure(
    command: Sequence[str], *, environment: Mapping[str, str] | None = None, directory: str | Path | None = None
) -> Sample:
    """Run a command to its end; what it writes to stdout is thrown away."""
    with tempfile.TemporaryFile() as errors:
        done = subprocess.run(
            [sys.executable, "-I", "-S", str(RUNNER), *command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            env=None if environment is None else {**os.environ, **environment},
            cwd=directory,
            check=True,
        )
        errors.seek(0)
        lines = errors.read()[-4096:].decode(errors="replace").strip().splitlines()
    seconds, cpu, memory, code = json.loads(done.stdout)
    unit = 1 if sys.platform == "darwin" else 1024
    return Sample(seconds, cpu, memory * unit, code, lines[-1] if lines else "")


def typical(samples: Sequence[Sample]) -> Sample:
    """The medians of several runs; exit code and complaint of the last one that failed, if any did."""
    failed = [sample for sample in samples if sample.code]
    last = failed[-1] if failed else samples[-1]
    return Sample(
        median(sample.seconds for sample in samples),
        median(sample.cpu for sample in samples),
        round(median(sample.memory for sample in samples)),
        last.code,
        last.complaint,
    )


def total(samples: Sequence[Sample]) -> Sample:
    """Several commands one after the other as one: times add up, memory is that of the largest."""
    failed = [sample for sample in samples if sample.code]
    last = failed[-1] if failed else samples[-1]
    return Sample(
        sum(sample.seconds for sample in samples),
        sum(sample.cpu for sample in samples),
        max(sample.memory for sample in samples),
        last.code,
        f"{len(failed)} of {len(samples)} files failed: {last.complaint}" if failed else "",
    )


def warm(path: str | Path) -> None:
    """Read a file once, so that every tool finds it in memory."""
    with open(path, "rb", buffering=0) as file:
        while file.read(1 << 22):
            pass
