"""Live capture under load: `python -m tests.benchmarks.live`.

A real target and `iscsi-perf` at full speed on loopback, with `iscsi-analyzer live` beside them on the same machine.
Told is what was captured, dropped and analysed, how far behind the analysis was at most, and how long it went on when
the load was over. Nothing may be lost in silence: without drops there must be no gap.
"""

from __future__ import annotations

import argparse
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.support.peers import MEGABYTE, Target
from tests.support.programs import Process

ROOT = Path(__file__).resolve().parents[2]
RATE = 100_000
"The bar: frames a second that live analysis keeps up with, on two cores."
_CAPTURED = re.compile(r"([\d,]+) frames? captured")
_DROPPED = re.compile(r"([\d,]+) dropped")
_ANALYSED = re.compile(r"([\d,]+) analysed \(([\d,]+)/s\)")
_PDUS = re.compile(r"([\d,]+) PDUs")
_BEHIND = re.compile(r"([\d.]+) (B|kB|MB|GB) behind")
_GAPS = re.compile(r"([\d,]+) gaps?(?:,|$)")
_UNITS = {"B": 1, "kB": 10**3, "MB": 10**6, "GB": 10**9}


@dataclass(frozen=True, slots=True)
class Counts:
    """One line of the statistics of `live`. Bytes and frames."""

    captured: int
    dropped: int
    analysed: int
    rate: int
    "Frames analysed in a second."
    pdus: int
    behind: int
    gaps: int


def counts(line: str) -> Counts | None:
    """What a line of statistics says; None if it is none."""
    analysed = _ANALYSED.search(line)
    if analysed is None:
        return None
    behind = _BEHIND.search(line)
    return Counts(
        captured=_number(_CAPTURED.search(line)),
        dropped=_number(_DROPPED.search(line)),
        analysed=_number(analysed),
        rate=int(analysed[2].replace(",", "")),
        pdus=_number(_PDUS.search(line)),
        behind=int(float(behind[1]) * _UNITS[behind[2]]) if behind else 0,
        gaps=_number(_GAPS.search(line)),
    )


def _number(found: re.Match[str] | None) -> int:
    return int(found[1].replace(",", "")) if found else 0


def verdict(last: Counts, best: int) -> list[str]:
    """What the counts at the end, and the best rate of a second, say about the bars, a line each."""
    silent = last.gaps > 0 and last.dropped == 0
    shown = "met" if best >= RATE else f"not shown: {best:,} frames/s at most, beside the load and the capture"
    return [
        f"no silent loss                    {'NOT MET' if silent else 'met'}",
        f"analyses {RATE:,} frames/s        {shown}",
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the load and prints the table; 1 if something was lost in silence."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n\n")[0])
    parser.add_argument("--seconds", type=int, default=30)
    parser.add_argument("--initiators", type=int, default=2, help="processes of iscsi-perf")
    parser.add_argument("--blocks", type=int, default=8, help="blocks of 512 bytes in a request")
    parser.add_argument("--with", dest="tool", default="auto", help="what captures: dumpcap, tcpdump, scapy")
    parser.add_argument("--snaplen", type=int, default=0)
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as place, Target() as target:
        target.serve(64 * MEGABYTE)
        words = ["live", "-i", "lo", "-f", f"tcp port {target.port}", "--port", str(target.port), "--no-report"]
        words += ["--capture-with", chosen.tool, "--stats", "1s", "--config", "none", "-s", str(chosen.snaplen)]
        load = ["iscsi-perf", "-m", "32", "-b", str(chosen.blocks), "-t", str(chosen.seconds), target.url()]
        said = Path(place) / "said"
        found, peak, after = _run(words, load, chosen.initiators, said)
    last, worst = found[-1], max(each.behind for each in found)
    print(f"{chosen.initiators} x {' '.join(load[:-1])}, captured with {chosen.tool}")
    print(
        f"  {last.captured:,} frames captured, {last.dropped:,} dropped, {last.analysed:,} analysed, {last.gaps:,} gaps"
    )
    best = max(each.rate for each in found)
    print(
        f"  {last.analysed / chosen.seconds:,.0f} frames/s (at best {best:,}), {last.pdus / chosen.seconds:,.0f} PDUs/s"
    )
    print(f"  at most {worst / 1e6:,.1f} MB behind; {after:.1f} s behind when the load was over; {peak / 1e6:,.0f} MB")
    lines = verdict(last, best)
    print("\n".join(f"  {line}" for line in lines))
    return int("NOT MET" in lines[0])


def _run(words: list[str], load: list[str], initiators: int, said: Path) -> tuple[list[Counts], int, float]:
    """All counts, the peak of memory (bytes), and the seconds until everything was analysed."""
    environment = {**os.environ, "PYTHONPATH": os.environ.get("PYTHONPATH") or str(ROOT)}
    with said.open("w") as out:
        command = [sys.executable, "-m", "iscsi_analyzer", *words]
        live = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=out, env=environment)
    while "capturing on" not in said.read_text() and live.poll() is None:
        time.sleep(0.05)
    writers = [Process(load, said.with_name(f"load{number}")) for number in range(initiators)]
    for writer in writers:
        writer.wait(3600)
    over = time.monotonic()
    while live.poll() is None:
        found = _all(said)
        if len(found) > 1 and found[-1].behind == 0 and found[-1].analysed == found[-2].analysed:
            break
        time.sleep(0.2)
    after = max(0.0, time.monotonic() - over - 2)  # two lines of statistics without anything new
    peak = _peak(live.pid)
    live.send_signal(signal.SIGINT)
    live.wait(30)
    return _all(said), peak, after


def _all(said: Path) -> list[Counts]:
    return [found for line in said.read_text().splitlines() if (found := counts(line)) is not None]


def _peak(process: int) -> int:
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    return 0


if __name__ == "__main__":
    sys.exit(main())
