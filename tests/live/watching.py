"""`iscsi-analyzer live` at work on an interface, beside real peers, and what offline commands say of the capture
that it kept."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

import pytest

from tests.live.reading import Record, command, environment
from tests.support.command import command as inside
from tests.support.programs import run
from tests.support.samples import port_options
from tests.support.tools import need, which

QUIET = 0.4
"Seconds without anything new after which peers are believed to have said everything."


class Watching:
    """The analyzer captures on an interface for as long as the `with` block runs; afterwards `code`, `out` and `err`
    say how it went. Entered when it captures."""

    def __init__(
        self, place: Path, ports: Iterable[int], *words: str, interface: str = "lo", prefix: Iterable[str] = ()
    ) -> None:
        """`prefix` are words before the command: another network namespace ..."""
        self._out = place / "out"
        self._err = place / "err"
        ports = list(ports)
        options = [*words, *port_options(ports), "--config", "none"]
        self._words = [*prefix, *command("live", "-i", interface, *options)]
        self.process: subprocess.Popen[bytes] | None = None
        self.code = -1

    def __enter__(self) -> Watching:
        with self._out.open("wb") as out, self._err.open("wb") as err:
            self.process = subprocess.Popen(self._words, stdout=out, stderr=err, env=environment())
        self.wait(lambda: "capturing on " in self.err or self.process is None or self.process.poll() is not None)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self.process is not None
        if kind is None and self.process.poll() is None:
            self.settle()
            self.process.send_signal(signal.SIGINT)
            self.code = self.process.wait(20)
        else:
            self.process.kill()
            self.code = self.process.wait()

    def kill(self) -> None:
        """Ends it without giving it a chance to do anything."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def children(self) -> list[str]:
        """The numbers of the capture programs at work."""
        assert self.process is not None
        number = self.process.pid
        return Path(f"/proc/{number}/task/{number}/children").read_text().split()

    def settle(self) -> None:
        """Waits until nothing new has come for a while."""
        size, since = -1, time.monotonic()
        end = since + 10
        while time.monotonic() - since < QUIET and time.monotonic() < end:
            time.sleep(0.03)
            if (now := self._out.stat().st_size) != size:
                size, since = now, time.monotonic()

    def wait(self, true: Callable[[], bool], seconds: float = 15.0) -> None:
        """Waits until something is so."""
        end = time.monotonic() + seconds
        while not true():
            assert time.monotonic() < end, f"it said {self.out!r} and {self.err!r}"
            time.sleep(0.02)

    def wait_for_end(self) -> int:
        """Waits until it ends by itself; returns the exit code."""
        assert self.process is not None
        self.code = self.process.wait(20)
        return self.code

    @property
    def out(self) -> str:
        """What it has written so far, whole lines."""
        text = self._out.read_text()
        return text[: text.rfind("\n") + 1]

    @property
    def err(self) -> str:
        return self._err.read_text()

    @property
    def records(self) -> list[Record]:
        """The records so far."""
        return [json.loads(line) for line in self.out.splitlines()]

    def of(self, kind: str) -> list[Record]:
        """The records of one kind; of a finding that came twice the later one."""
        found = [record for record in self.records if record["type"] == kind]
        return list({record["number"]: record for record in found}.values())


def offline(kind: str, paths: Iterable[Path], ports: Iterable[int]) -> list[Record]:
    """What `pdus`, `tasks` or `findings` say of kept captures."""
    done = inside(kind, *paths, "-T", "jsonl", "-q", "--config", "none", *port_options(list(ports)))
    assert (done.code, done.err) == (0, "")
    return done.records


def without_findings(records: Iterable[Record]) -> list[Record]:
    """PDUs without the findings that they show: what a later PDU shows of an earlier one, its record cannot know."""
    return [{name: value for name, value in record.items() if name != "findings"} for record in records]


def need_backend(name: str) -> None:
    if name != "scapy":
        need(name)


@contextmanager
def two_hosts() -> Iterator[tuple[str, list[str]]]:
    """A network namespace with a pair of interfaces; yields the name of the one on our side, and the words that run a
    program within the namespace (10.213.0.2; we are 10.213.0.1)."""
    need("ip")
    ip = which("ip") or "ip"
    name = f"iat{os.getpid() % 100000}"
    run_ip = [ip]
    made = subprocess.run([*run_ip, "netns", "add", name], capture_output=True, check=False, timeout=10)
    if made.returncode:
        pytest.skip(f"no network namespace can be made here: {made.stderr!r}")
    ours, theirs = f"{name}a", f"{name}b"
    try:
        for line in (
            f"link add {ours} type veth peer name {theirs} netns {name}",
            f"addr add 10.213.0.1/24 dev {ours}",
            f"link set {ours} up",
            f"-n {name} addr add 10.213.0.2/24 dev {theirs}",
            f"-n {name} link set {theirs} up",
            f"-n {name} link set lo up",
        ):
            run(*run_ip, *line.split())
        yield ours, [ip, "netns", "exec", name]
    finally:
        subprocess.run([*run_ip, "link", "del", ours], capture_output=True, check=False, timeout=10)
        subprocess.run([*run_ip, "netns", "del", name], capture_output=True, check=False, timeout=10)
