"""How far the reading is, on stderr: only on a terminal, and only when it takes a while."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

PATIENCE = 1.0
"Seconds before the first word."
TICK = 0.2
"Seconds between two words."


class Progress:
    """One line on stderr that is written over and over."""

    def __init__(self, quiet: bool, line: Callable[[int, int | None, float], str] | None = None) -> None:
        """`line` makes the words of what is done, of what there is (None: nobody knows), and of the seconds so far; of
        bytes if it is not given."""
        self._line = line or progress_line
        self._on = not quiet and sys.stderr is not None and sys.stderr.isatty()
        self._start = time.monotonic()
        self._next = self._start + PATIENCE
        self._width = 0

    def tell(self, done: int, total: int | None) -> None:
        """`done` bytes (or what the line tells of) of `total` (None: nobody knows) are behind us."""
        if not self._on:
            return
        now = time.monotonic()
        if now < self._next:
            return
        self._next = now + TICK
        line = self._line(done, total, now - self._start)
        print("\r" + line.ljust(self._width), end="", file=sys.stderr, flush=True)
        self._width = len(line)

    def clear(self) -> None:
        """Takes the line away."""
        if self._width:
            print("\r" + " " * self._width + "\r", end="", file=sys.stderr, flush=True)
            self._width = 0


def progress_line(done: int, total: int | None, seconds: float) -> str:
    """`42 %, 812 MB/s, 3 s to go`, or for a pipe `1,204 MB, 812 MB/s`."""
    speed = done / seconds if seconds > 0 else 0.0
    rate = f"{speed / 1e6:,.0f} MB/s"
    if not total:
        return f"{done / 1e6:,.0f} MB, {rate}"
    share = min(100, done * 100 // total)
    left = max(0.0, (total - done) / speed) if speed else 0.0
    return f"{share} %, {rate}, {left:.0f} s to go"


def frames_line(done: int, total: int | None, seconds: float) -> str:
    """`tshark is at frame 1,204 of 9,000, 12 s to go`."""
    left = f", {(total - done) * seconds / done:.0f} s to go" if total and 0 < done <= total else ""
    return f"tshark is at frame {done:,}{f' of {total:,}' if total else ''}{left}"
