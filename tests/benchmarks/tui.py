"""How long the terminal interface lets people wait: until the first rows, and from a key to the repaint that it causes,
while a large capture is being read and afterwards.

    $ python -m tests.benchmarks.tui CAPTURE [--python PYTHON] [--size 120x40]

Starts the real program on a pseudo terminal, presses keys, and reads what it draws. For people who measure, not for the
test suite: a slow machine is not a fault of the code.
"""

from __future__ import annotations

import argparse
import fcntl
import os
import pty
import re
import select
import signal
import statistics
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path

CONTROL = re.compile(rb"\x1b(?:\[[0-9;?<>=]*[A-Za-z]|\][^\x07]*\x07|[()][0-9A-Z]|[=>])")
KEYS = 60
PATIENCE = 30.0


class Terminal:
    """The program on a pseudo terminal."""

    def __init__(self, command: list[str], width: int, height: int) -> None:
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))
        environment = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor"}
        self.started = time.perf_counter()
        self._process = subprocess.Popen(
            command, stdin=slave, stdout=slave, stderr=slave, env=environment, start_new_session=True
        )
        os.close(slave)
        self._seen = b""

    def press(self, key: bytes) -> float:
        """Sends a key; returns when."""
        self._seen = b""
        now = time.perf_counter()
        os.write(self._master, key)
        return now

    def until(self, wanted: bytes) -> float:
        """Reads until the screen was told something that the pattern matches, colours left out; returns when."""
        pattern = re.compile(wanted)
        end = time.perf_counter() + PATIENCE
        while time.perf_counter() < end:
            if pattern.search(CONTROL.sub(b"", self._seen)):
                return time.perf_counter()
            if select.select([self._master], [], [], 0.5)[0]:
                self._seen = (self._seen + os.read(self._master, 1 << 16))[-(1 << 18) :]
        raise TimeoutError(f"{wanted!r} was not shown within {PATIENCE:.0f} s")

    def memory(self) -> int:
        """The most memory that the program has had, in bytes."""
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        return int(re.findall(r"VmHWM:\s+(\d+) kB", status)[0]) * 1024

    def close(self) -> int:
        """Asks the program to end; returns its exit code."""
        self._process.send_signal(signal.SIGTERM)
        end = time.perf_counter() + PATIENCE
        while self._process.poll() is None and time.perf_counter() < end:
            if select.select([self._master], [], [], 0.1)[0]:
                try:
                    os.read(self._master, 1 << 16)
                except OSError:
                    break
        code = self._process.wait(PATIENCE)
        os.close(self._master)
        return code


def words(times: list[float]) -> str:
    """Median, 95th percentile and maximum of seconds, in milliseconds."""
    ordered = sorted(1000 * each for each in times)
    middle, high = statistics.median(ordered), ordered[int(0.95 * (len(ordered) - 1))]
    return f"median {middle:.0f} ms, p95 {high:.0f} ms, max {ordered[-1]:.0f} ms"


def keys(terminal: Terminal, count: int, first: int) -> tuple[list[float], int]:
    """Times from key to repaint of `count` steps down a list whose cursor is at row `first`; and the row then."""
    times = []
    at = first
    for _ in range(count):
        at += 1
        pressed = terminal.press(b"j")
        times.append(terminal.until(rb">[ *] *%d " % at) - pressed)
        time.sleep(0.02)
    return times, at


def main() -> int:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description="How long the terminal interface lets people wait.")
    parser.add_argument("capture", type=Path)
    parser.add_argument("--python", default=sys.executable, help="interpreter whose iscsi_analyzer is measured")
    parser.add_argument("--size", default="120x40")
    arguments = parser.parse_args()
    width, height = map(int, arguments.size.split("x"))
    command = [arguments.python, "-m", "iscsi_analyzer", "tui", "--config", "none", str(arguments.capture)]
    terminal = Terminal(command, width, height)
    try:
        first = terminal.until(rb"> +1 ")
        print(f"first session on the screen   {first - terminal.started:6.2f} s after the start")
        terminal.press(b"2")
        shown = terminal.until(rb"Login Re|SCSI ")
        print(f"PDUs on the screen            {shown - terminal.started:6.2f} s after the start")
        times, at = keys(terminal, KEYS, 1)
        loading = time.perf_counter() - terminal.started
        print(f"key to repaint, from {shown - terminal.started:.1f} s to {loading:.1f} s   {words(times)}")
        terminal.until(rb"(?<!%, )(?<!go, )\xc2\xb7 [0-9,]+ PDUs")
        print(f"everything read and drawn     {time.perf_counter() - terminal.started:6.2f} s after the start")
        times, at = keys(terminal, KEYS, at)
        print(f"key to repaint, all read      {words(times)}")
        print(f"peak memory                   {terminal.memory() / 1e6:.0f} MB")
    finally:
        code = terminal.close()
    print(f"exit code after SIGTERM       {code}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
