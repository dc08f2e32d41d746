"""The process with the sockets writes what they give as pcapng, in one file or several, and ends when it is told to, or
when nobody is left who would."""

from __future__ import annotations

import signal
import socket
import subprocess
import time
from pathlib import Path

import pytest

from iscsi_analyzer.sources.capture import open_capture
from iscsi_analyzer.sources.live import record as module
from iscsi_analyzer.sources.live.backend import Plan
from iscsi_analyzer.sources.live.options import Ring
from iscsi_analyzer.sources.live.permission import this_process
from iscsi_analyzer.sources.live.sockets import Sockets
from tests.iscsi_analyzer.sources.calls import Calls
from tests.iscsi_analyzer.sources.live.plans import plan
from tests.support.programs import free_port

pytestmark = [
    pytest.mark.live,
    pytest.mark.skipif(not (this_process() and hasattr(socket, "AF_PACKET")), reason="needs the right to capture"),
]


class Running:
    """The process."""

    def __init__(self, made: Plan) -> None:
        backend = Sockets()
        self.process = subprocess.Popen(
            backend.command(made), stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=backend.environment()
        )
        assert self.process.stderr is not None
        self.first = self.process.stderr.readline().strip()

    def end(self) -> tuple[int, list[str]]:
        """Waits for its end: the exit code, and what it said."""
        assert self.process.stdin is not None
        _, said = self.process.communicate(timeout=10)
        return self.process.returncode, said.splitlines()


def datagrams(port: int, *sizes: int) -> None:
    """Sends datagrams of these sizes to itself."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for size in sizes:
            sender.sendto(bytes(size), ("127.0.0.1", port))


def frames(*paths: str) -> list[tuple[int, int]]:
    """Captured and original length of every frame in the files."""
    calls = Calls()
    with open_capture(paths) as capture:
        while capture.step(calls):
            pass
        assert [str(problem) for problem in capture.problems if problem.severity != "note"] == []
    assert all(abs(call.ts - time.time_ns()) < 60 * 10**9 for call in calls.calls)
    return [(len(call.data), call.wire) for call in calls.calls]


def test_every_frame_comes_once_with_its_length(tmp_path: Path) -> None:
    port = free_port()
    path = str(tmp_path / "x.pcapng")
    running = Running(plan(path=path, filter=f"udp port {port}", snaplen=100))
    assert running.first == f"File: {path}"
    datagrams(port, 10, 58, 500)
    time.sleep(0.1)
    running.process.send_signal(signal.SIGINT)
    code, said = running.end()
    assert code == 0
    assert frames(path) == [(52, 52), (100, 100), (100, 542)]
    assert said[-2:] == ["Packets: 3", "Dropped: 0"]


def test_it_ends_after_as_many_frames_as_the_plan_says(tmp_path: Path) -> None:
    port = free_port()
    path = str(tmp_path / "x.pcapng")
    running = Running(plan(path=path, filter=f"udp port {port}", packets=2))
    datagrams(port, 1, 2, 3)
    assert running.end()[0] == 0
    assert [wire for _, wire in frames(path)] == [43, 44]


def test_it_goes_on_in_a_next_file_when_one_is_full(tmp_path: Path) -> None:
    port = free_port()
    made = plan(path=str(tmp_path / "x.pcapng"), filter=f"udp port {port}", ring=Ring(bytes=2000))
    running = Running(made)
    for _ in range(6):
        datagrams(port, 700)
        time.sleep(0.03)
    time.sleep(0.05)
    running.process.send_signal(signal.SIGTERM)
    assert running.end()[0] == 0
    paths = sorted(map(str, tmp_path.iterdir()))
    assert len(paths) > 1
    assert frames(*paths) == [(742, 742)] * 6


def test_it_ends_when_nobody_holds_its_standard_input_any_more(tmp_path: Path) -> None:
    running = Running(plan(path=str(tmp_path / "x.pcapng"), filter=""))
    assert running.process.stdin is not None
    running.process.stdin.close()
    assert running.process.wait(10) == 0
    assert running.process.stderr is not None
    running.process.stderr.close()


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"filter": "no such filter"}, "filter"),
        ({"path": "/no/such/place"}, "No such file"),
        ({"interfaces": ("?",)}, ""),
    ],
)
def test_what_cannot_be_done_is_said(settings: dict[str, object], words: str) -> None:
    running = Running(plan(**settings))
    assert words in running.first
    assert running.end()[0] == 1


def test_frames_that_find_no_room_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The kernel's buffer is small, and nobody empties it."""
    port = free_port()
    tap = module.Tap("lo", plan(filter=f"udp port {port}"))
    tap.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    datagrams(port, *[1000] * 50)
    seen = len(tap.frames(0, 1000))
    tap.count()
    assert tap.dropped > 0
    assert seen < 50
    tap.socket.close()


def test_all_interfaces_are_those_that_are_up(tmp_path: Path) -> None:
    taps = module.taps_of(plan(interfaces=("any",), filter=""))
    assert "lo" in [tap.name for tap in taps]
    for tap in taps:
        tap.socket.close()
