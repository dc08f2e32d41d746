"""One running capture program: started, listened to, asked for its counts, ended. Never waits while it is polled."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import time
from typing import Final

from iscsi_analyzer.sources.live.backend import Backend, Plan, Said
from iscsi_analyzer.sources.live.options import TCPDUMP, LiveError

PATIENCE: Final = 15.0
"Seconds until a capture program must listen."
GRACE: Final = 5.0
"Seconds until one that was asked to end must have done so."
TICK: Final = 0.01
REMARKS_MAX: Final = 50
_LINES = re.compile(rb"[\r\n]+")


class Recorder:
    """A capture program at work. It is in a session of its own: Ctrl-C at the terminal is not meant for it."""

    def __init__(self, backend: Backend, plan: Plan) -> None:
        """Starts it. Raises LiveError if that is not possible."""
        self.backend = backend
        self.plan = plan
        self.said = Said()
        self.asked_to_end = False
        self._tail = b""
        try:
            self._process = subprocess.Popen(
                backend.command(plan),
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                env=backend.environment(),
                start_new_session=True,
            )
        except OSError as error:
            raise LiveError(f"{backend.title} cannot be started: {error.strerror or error}") from None
        assert self._process.stderr is not None
        self._words = self._process.stderr.fileno()
        os.set_blocking(self._words, False)

    def wait_until_listening(self) -> None:
        """Waits until the first file is there. Raises LiveError with its own words if it fails."""
        end = time.monotonic() + PATIENCE
        while True:
            running = self.running
            self.poll()
            if self.said.files and (self.said.listening or not running):
                return
            if not running:
                raise LiveError("\n".join(self.said.remarks) or f"{self.backend.title} {self.ending()}")
            if time.monotonic() > end:
                self.stop()
                raise LiveError(f"{self.backend.title} does not begin to capture")
            time.sleep(TICK)

    @property
    def process(self) -> int:
        """The number of its process."""
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether it still captures."""
        return self._process.poll() is None

    def poll(self) -> None:
        """Takes note of what it has said since the last time."""
        while True:
            try:
                data = os.read(self._words, 1 << 16)
            except (BlockingIOError, ValueError, OSError):
                break
            if not data:
                self._hear(self._tail)
                self._tail = b""
                break
            *lines, self._tail = _LINES.split(self._tail + data)
            for line in lines:
                self._hear(line)
        self.backend.look(self.plan, self.said)

    def _hear(self, line: bytes) -> None:
        text = line.decode("utf-8", "replace").strip()
        if text:
            self.backend.hear(text, self.said)
            del self.said.remarks[REMARKS_MAX:]

    def ask(self) -> None:
        """Has it tell how many frames were dropped, if it can tell that only when asked."""
        if self.backend.name == TCPDUMP and self.running:
            with contextlib.suppress(OSError):
                self._process.send_signal(signal.SIGUSR1)

    def stop(self) -> None:
        """Ends it in good order, and waits for that: what was on the wire before is in its file then."""
        self._ask_to_end()
        self._wait(GRACE)
        if self.running:
            with contextlib.suppress(OSError):
                self._process.kill()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(GRACE)
        self.poll()

    def _ask_to_end(self) -> None:
        """Gives the kernel the time to hand over what it has, and then tells the program to end."""
        if self.asked_to_end:
            return
        self.asked_to_end = True
        self._wait(self.backend.delay)
        if self.running:
            with contextlib.suppress(OSError):
                self._process.send_signal(signal.SIGINT)

    def _wait(self, seconds: float) -> None:
        """Waits for its end, but not longer than that."""
        end = time.monotonic() + seconds
        while self.running and time.monotonic() < end:
            self.poll()
            time.sleep(TICK)

    def ending(self) -> str:
        """How it ended, in words; empty if in good order, or if it has not."""
        code = self._process.poll()
        if not code or (self.asked_to_end and code in (-signal.SIGINT, -signal.SIGTERM)):
            return ""
        if code < 0:
            try:
                name = signal.Signals(-code).name
            except ValueError:
                name = f"signal {-code}"
            return f"was ended by {name}"
        return f"ended with exit code {code}"

    def close(self) -> None:
        """Ends it if it still runs, and gives back what it held."""
        if self.running:
            self.stop()
        for pipe in (self._process.stdin, self._process.stderr):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
