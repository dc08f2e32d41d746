"""What goes over an interface while a block of Python runs, kept in a capture file by tcpdump or dumpcap."""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

from tests.support.programs import PeerError, Process


class Capturing:
    """Captures one or more TCP ports on an interface into `path` for as long as the `with` block runs.

    Entered when the capture really listens; left when what was said has reached the file. PeerError when the kernel had
    to drop frames: such a capture shows less than what happened.
    """

    def __init__(
        self,
        path: Path,
        *ports: int,
        interface: str = "lo",
        tool: str = "tcpdump",
        options: Sequence[str] = (),
        every_frame: bool = True,
    ) -> None:
        self.path = path
        self.every_frame = every_frame
        "False lets dropped frames pass."
        traffic = " or ".join(f"tcp port {port}" for port in ports)
        if tool == "tcpdump":
            # 128 MB of ring: on loopback one slot holds a frame of 64 KB.
            user = ["-Z", "root"] if os.geteuid() == 0 else []
            words = [
                "-i",
                interface,
                "-U",
                "--immediate-mode",
                "-B",
                "131072",
                *user,
                *options,
                "-w",
                str(path),
                traffic,
            ]
        else:
            words = ["-q", "-i", interface, "-B", "128", *options, "-w", str(path), "-f", traffic]
        self._words = [tool, *words]
        self._log = path.with_name(path.name + ".log")
        self._process: Process | None = None

    def __enter__(self) -> Capturing:
        self.path.unlink(missing_ok=True)
        self._process = Process(self._words, self._log)
        self._process.wait_until(lambda: bool(re.search(r"listening on|^File: ", self._process_said(), re.MULTILINE)))
        return self

    def _process_said(self) -> str:
        return self._process.said() if self._process else ""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        self._settle()
        process.end(signal.SIGINT)
        said = process.said()
        self._log.unlink()
        if kind is None and self.every_frame and (lost := _dropped(said)):
            raise PeerError(f"{self.path.name}: the kernel dropped {lost} frames: {said!r}")

    def _settle(self, quiet: float = 0.3, seconds: float = 5.0) -> None:
        """Waits until the file has not grown for a while: the last FIN comes after the initiator's last word."""
        end = time.monotonic() + seconds
        size, since = -1, time.monotonic()
        while time.monotonic() < end and time.monotonic() - since < quiet:
            time.sleep(0.03)
            if (now := self.path.stat().st_size if self.path.exists() else 0) != size:
                size, since = now, time.monotonic()


def _dropped(said: str) -> int:
    """How many frames tcpdump or dumpcap says it lost."""
    found = re.search(r"(\d+) packets? dropped by kernel", said) or re.search(
        r"received/dropped on interface '[^']*': \d+/(\d+)", said
    )
    return int(found.group(1)) if found else 0
