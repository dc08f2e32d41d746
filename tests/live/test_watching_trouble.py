"""What goes wrong while `iscsi-analyzer live` watches real peers is told at once, and what was captured is analysed."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.live.watching import Watching, need_backend, two_hosts
from tests.support.peers import MEGABYTE, Target, qemu_io
from tests.support.programs import run
from tests.support.tools import CAPTURING, QEMU_ISCSI, need, which

pytestmark = pytest.mark.live

TGT = (CAPTURING, "tgtd", "tgtadm")
QEMU = ("qemu-io", QEMU_ISCSI)
BACKENDS = ("dumpcap", "tcpdump", "scapy")


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_capture_program_that_is_killed_is_told_and_what_it_captured_is_kept(tmp_path: Path, backend: str) -> None:
    need(*TGT, "iscsi-inq")
    need_backend(backend)
    kept = tmp_path / "kept"
    with Target() as target:
        target.serve()
        words = ("-T", "jsonl", "--capture-with", backend, "-w", str(kept))
        with Watching(tmp_path, [target.port], *words) as watching:
            run("iscsi-inq", target.url())
            watching.wait(lambda: any(record["type"] == "pdu" for record in watching.records))
            watching.settle()
            [child] = watching.children()
            run("kill", "-KILL", child)
            assert watching.wait_for_end() == 2
    assert "was ended by SIGKILL: what was captured before is kept" in watching.err
    assert len(watching.of("pdu")) == 12
    assert kept.stat().st_size > 1000


@contextmanager
def small_disk(place: Path) -> Iterator[Path]:
    """A disk with room for half a megabyte."""
    need("mount")
    disk = place / "disk"
    disk.mkdir()
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=512k", "none", str(disk)], check=False, timeout=10)
    if done.returncode:
        pytest.skip("no disk can be mounted here")
    try:
        yield disk
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True, timeout=10)


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_full_disk_is_told_and_what_was_captured_is_analysed(tmp_path: Path, backend: str) -> None:
    need(*TGT, *QEMU)
    need_backend(backend)
    with small_disk(tmp_path) as disk, Target() as target:
        target.serve()
        words = ("-T", "jsonl", "--capture-with", backend, "-w", str(disk / "kept"))
        with Watching(tmp_path, [target.port], *words) as watching:
            qemu_io(target.url(), "write -P 7 0 2M")
            assert watching.wait_for_end() == 2
    assert "space" in watching.err
    assert len(watching.of("pdu")) > 10
    assert not [record for record in watching.of("finding") if record["severity"] == "error"]


@pytest.mark.parametrize("backend", BACKENDS)
def test_an_interface_that_goes_down_is_told(tmp_path: Path, backend: str) -> None:
    """Between two hosts, one of them in a network namespace: what came over the wire before is analysed."""
    need(*TGT, "iscsi-inq")
    need_backend(backend)
    with two_hosts() as (interface, there), Target(address="10.213.0.1") as target:
        target.serve()
        words = ("-T", "jsonl", "--capture-with", backend)
        with Watching(tmp_path, [target.port], *words, interface=interface) as watching:
            run(*there, which("iscsi-inq") or "", target.url())
            watching.wait(lambda: any(record["type"] == "task" for record in watching.records))
            watching.settle()
            run("ip", "link", "set", interface, "down")
            watching.wait(lambda: "down" in watching.err)
            run("ip", "link", "del", interface)
            assert watching.wait_for_end() == 2
    assert "what was captured before is kept" in watching.err
    assert len(watching.of("pdu")) == 12


def test_without_the_right_to_capture_the_command_that_grants_it_is_named(tmp_path: Path) -> None:
    need("dumpcap", "setpriv")
    if os.geteuid():
        pytest.skip("only root can give rights away")
    away = ["setpriv", "--bounding-set=-net_raw,-net_admin", "--inh-caps=-net_raw,-net_admin"]
    with Watching(tmp_path, [3260], prefix=away) as watching:
        assert watching.wait_for_end() == 1
    assert "no permission to capture with dumpcap" in watching.err
    assert "sudo setcap cap_net_raw,cap_net_admin+eip" in watching.err


def test_a_burst_that_the_kernel_has_no_room_for_is_a_gap_and_accuses_nobody(tmp_path: Path) -> None:
    """The capture program is stopped while the peers talk, and its buffer is small."""
    need(*TGT, *QEMU)
    with Target() as target:
        target.serve(64 * MEGABYTE)
        words = ("-T", "jsonl", "--capture-with", "scapy", "-B", "1")
        with Watching(tmp_path, [target.port], *words) as watching:
            run("iscsi-inq", target.url())
            watching.settle()
            [child] = watching.children()
            run("kill", "-STOP", child)
            qemu_io(target.url(), "write -P 7 0 32M", "read -P 7 0 32M")
            run("kill", "-CONT", child)
            watching.settle()
            run("iscsi-inq", target.url())
    assert watching.code == 0
    [report] = [record for record in watching.records if record["type"] == "report"]
    dropped = sum(face["dropped"] or 0 for file in report["files"] for face in file["interfaces"])
    assert dropped > 0
    accused = [record for record in watching.of("finding") if record["party"] in ("initiator", "target")]
    assert [record for record in accused if record["severity"] == "error"] == []
