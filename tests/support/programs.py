"""Programs of the outside world: run to their end, or kept in the background for as long as they are wanted.

Nothing waits without a limit, and nothing outlives the interpreter. Knows nothing of iSCSI.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from tests.support.tools import which

SECONDS = 20.0
"How long a program may take before it counts as stuck."


class PeerError(Exception):
    """A program of the outside world did not do what was asked; the text carries what it said."""


def free_port(address: str = "127.0.0.1") -> int:
    """A TCP port on which nobody listens at `address`, for the next one who asks."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.bind((address, 0))
        return int(probe.getsockname()[1])


def run(*argv: str, timeout: float = SECONDS, ok: Sequence[int] = (0,), env: Mapping[str, str] | None = None) -> str:
    """Runs one program to its end and returns all it said; PeerError when it is stuck or exits with a code not in `ok`.

    An empty `ok` accepts every exit code.
    """
    words = [which(argv[0]) or argv[0], *argv[1:]]
    try:
        done = subprocess.run(
            words,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=timeout,
            env={**os.environ, **env} if env else None,
            text=True,
            errors="replace",
            check=False,
        )
    except FileNotFoundError:
        raise PeerError(f"{argv[0]} is not installed") from None
    except subprocess.TimeoutExpired as stuck:
        raise PeerError(f"{' '.join(argv)}: no end after {timeout} s; it said {stuck.output!r}") from None
    if ok and done.returncode not in ok:
        raise PeerError(f"{' '.join(argv)}: exit code {done.returncode}; it said {done.stdout!r}")
    return done.stdout


class Process:
    """One background program: started, watched until it is ready, ended. Its words go to a log file."""

    def __init__(self, argv: Sequence[str], log: Path, env: Mapping[str, str] | None = None) -> None:
        self.name = argv[0]
        self.log = log
        program = which(argv[0])
        if program is None:
            raise PeerError(f"{argv[0]} is not installed")
        # The kernel ends the program should this interpreter be killed before it can.
        leash = ["setpriv", "--pdeathsig", "KILL"] if which("setpriv") else []
        with log.open("wb") as words:
            self._popen = subprocess.Popen(
                [*leash, program, *argv[1:]],
                stdin=subprocess.DEVNULL,
                stdout=words,
                stderr=subprocess.STDOUT,
                env={**os.environ, **env} if env else None,
                start_new_session=True,
            )

    def said(self) -> str:
        return self.log.read_text(errors="replace")

    def wait_until(self, ready: Callable[[], bool], seconds: float = 10.0) -> None:
        """Waits for `ready`; PeerError with the program's words when it ends or takes too long."""
        end = time.monotonic() + seconds
        while not ready():
            if self._popen.poll() is not None:
                raise PeerError(f"{self.name} ended at once: {self.said()!r}")
            if time.monotonic() > end:
                self.end(signal.SIGKILL)
                raise PeerError(f"{self.name} is not ready after {seconds} s: {self.said()!r}")
            time.sleep(0.02)

    def send(self, number: signal.Signals) -> None:
        """Sends it a signal."""
        self._popen.send_signal(number)

    def wait(self, seconds: float = SECONDS) -> None:
        """Waits until the program has ended by itself; what has not in time is killed, and a PeerError says so."""
        try:
            self._popen.wait(seconds)
        except subprocess.TimeoutExpired:
            self.end(signal.SIGKILL)
            raise PeerError(f"{self.name}: no end after {seconds} s; it said {self.said()!r}") from None

    def end(self, how: signal.Signals = signal.SIGTERM, seconds: float = 5.0) -> None:
        """Ends the program and waits for it; what does not listen to `how` is killed."""
        with contextlib.suppress(ProcessLookupError):
            self._popen.send_signal(how)
        try:
            self._popen.wait(seconds)
        except subprocess.TimeoutExpired:
            self._popen.kill()
            self._popen.wait()
