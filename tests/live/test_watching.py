"""Real targets and initiators talk while `iscsi-analyzer live` watches: it tells what was done, misses nothing, and
says exactly what the offline commands say of the capture that it kept."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.benchmarks.live import counts
from tests.live.reading import Record, command, environment
from tests.live.watching import Watching, need_backend, offline, two_hosts, without_findings
from tests.support import talk_pdu as wire
from tests.support.initiator import Initiator, read10
from tests.support.peers import IQN, MEGABYTE, Istgt, Target, qemu_io
from tests.support.programs import Process, free_port, run
from tests.support.talk import Talk
from tests.support.tools import CAPTURING, QEMU_ISCSI, need

pytestmark = pytest.mark.live

TGT = (CAPTURING, "tgtd", "tgtadm")
QEMU = ("qemu-io", QEMU_ISCSI)
BACKENDS = ("dumpcap", "tcpdump", "scapy")
SECRET = "open-sesame-12"
OPEN = "iqn.2026-11.example.live:open"
"A target that wants no secret."


def everything(target: Target) -> None:
    """Discovery, a login with the right secret and one with a wrong one, writes, reads, an abort."""
    run("iscsi-ls", target.url(None))
    run("iscsi-inq", target.url(user=f"alice%{SECRET}"))
    run("iscsi-inq", target.url(user="alice%not-the-secret"), ok=())
    qemu_io(target.url(user=f"alice%{SECRET}"), "write -P 7 0 1M", "read -P 7 0 1M", "read 2M 64k")
    with Initiator(target.address, target.port) as initiator:
        initiator.login(OPEN)
        initiator.send(initiator.command(read10(0, 8), reads=4096))
        fields: dict[str, int | bytes] = {"lun": wire.lun(1), "referenced_task_tag": initiator.tag}
        initiator.send(initiator.pdu(wire.TMF_REQUEST, 0x81, immediate=True, fields=fields))
        while initiator.receive().opcode != wire.TMF_RESPONSE:
            pass
        initiator.logout()


def names(records: list[Record]) -> set[str]:
    return {record["opcode_name"] for record in records}


@pytest.mark.parametrize("backend", BACKENDS)
def test_live_records_are_those_of_the_kept_file(tmp_path: Path, backend: str) -> None:
    """PDU for PDU, task for task, finding for finding, whatever captures."""
    need(*TGT, *QEMU, "iscsi-ls", "iscsi-inq")
    need_backend(backend)
    kept = tmp_path / ("kept.pcap" if backend == "tcpdump" else "kept.pcapng")
    with Target() as target:
        target.serve()
        target.account("alice", SECRET)
        target.serve(iqn=OPEN)
        words = ("-T", "jsonl", "--capture-with", backend, "-w", str(kept))
        with Watching(tmp_path, [target.port], *words) as watching:
            everything(target)
    assert watching.code == 0
    assert f"capturing on lo with {'scapy' if backend == 'scapy' else backend}" in watching.err
    pdus = offline("pdus", [kept], [target.port])
    assert without_findings(watching.of("pdu")) == without_findings(pdus)
    assert watching.of("task") == offline("tasks", [kept], [target.port])
    assert watching.of("finding") == offline("findings", [kept], [target.port])
    assert {"Login Response", "Text Response", "SCSI Data-In", "SCSI Data-Out", "R2T", "Logout Response",
            "Task Management Function Request"} <= names(pdus)  # fmt: skip
    logins = [record for record in watching.of("task") if record["kind"] == "login"]
    assert {record["status_code"] for record in logins} == {0, 2}
    [report] = [record for record in watching.records if record["type"] == "report"]
    assert report["losses"] == []
    assert [face["dropped"] or 0 for file in report["files"] for face in file["interfaces"]] == [0]


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_ring_loses_nothing_at_the_change_of_files(tmp_path: Path, backend: str) -> None:
    """The analysis goes over all files; the oldest are gone afterwards."""
    need(*TGT, *QEMU)
    need_backend(backend)
    ring = ("-w", str(tmp_path / "ring.cap"), "-b", "filesize:1000", "-b", "files:2")
    with Target() as target:
        target.serve(8 * MEGABYTE)
        with Watching(tmp_path, [target.port], "-T", "jsonl", "--capture-with", backend, *ring) as watching:
            qemu_io(target.url(), "write -P 7 0 4M", "read -P 7 0 4M", "write -P 7 1M 2M")
    assert watching.code == 0
    kept = sorted(tmp_path.glob("ring*"))
    assert len(kept) == 2
    pdus = watching.of("pdu")
    sent = sum(each["data_segment_length"] for each in pdus if each["opcode"] in (wire.COMMAND, wire.DATA_OUT))
    got = sum(each["data_segment_length"] for each in pdus if each["opcode"] == wire.DATA_IN)
    assert sent == 6 * MEGABYTE
    assert got >= 4 * MEGABYTE
    [report] = [record for record in watching.records if record["type"] == "report"]
    assert report["losses"] == []


def test_events_tell_what_happens_as_it_happens(tmp_path: Path) -> None:
    """A login while the session lasts; a wrong secret; a slow answer; a target that is killed in mid-transfer."""
    need(*TGT, "iscsi-inq")
    with Target() as target:
        target.serve()
        with Watching(tmp_path, [target.port], "--slow", "1us", "--no-report") as watching:
            with Initiator(target.address, target.port) as initiator:
                initiator.login()
                watching.wait(lambda: " login " in watching.out, 5)
                assert " end " not in watching.out
                for _ in range(2):  # the first one meets a unit attention
                    initiator.send(initiator.command(read10(0, 8), reads=4096))
                    initiator.finish()
                watching.wait(lambda: "READ(10) LUN 1 LBA 0 (8 blocks) took" in watching.out, 5)
                initiator.logout()
            watching.wait(lambda: " end " in watching.out, 5)
            target.account("alice", SECRET)
            run("iscsi-inq", target.url(user="alice%not-the-secret"), ok=())
            watching.wait(lambda: "Authentication failure (0x0201)" in watching.out, 5)
    assert watching.code == 0


def test_a_target_that_is_killed_in_mid_transfer_is_told_with_what_it_left_undone(tmp_path: Path) -> None:
    need(*TGT, *QEMU)
    with Target() as target:
        target.serve()
        with Watching(tmp_path, [target.port]) as watching:
            words = [word for _ in range(200) for word in ("-c", "write -P 7 0 4M")]
            writer = Process(["qemu-io", "-f", "raw", *words, target.url()], tmp_path / "writer")
            watching.wait(lambda: " login " in watching.out)
            assert target.process is not None
            target.process.send(signal.SIGSTOP)  # what is asked from now on is left undone for certain
            time.sleep(0.5)
            target.stop()
            watching.wait(lambda: " end " in watching.out)
            writer.end()
    assert watching.code == 0
    assert "outstanding" in next(line for line in watching.out.splitlines() if " end " in line)
    assert "Who dropped the session, and why?" in watching.out


def test_a_target_that_falls_silent_is_told_while_nothing_happens(tmp_path: Path) -> None:
    """It is stopped in the middle of its work; the connection stays open, and nobody says anything any more."""
    need(*TGT)
    with Target() as target:
        target.serve()
        with (
            Watching(tmp_path, [target.port], "--no-report") as watching,
            Initiator(target.address, target.port) as initiator,
        ):
            initiator.login()
            assert target.process is not None
            target.process.send(signal.SIGSTOP)
            initiator.send(initiator.command(read10(0, 8), reads=4096))
            watching.wait(lambda: " waiting " in watching.out)
            target.process.send(signal.SIGCONT)
    assert "READ(10) LUN 1 has had no answer for 5" in watching.out


def test_another_target_shuts_down_and_is_heard(tmp_path: Path) -> None:
    need(CAPTURING, "istgt", *QEMU)
    with Istgt() as target, Watching(tmp_path, [target.port], "-T", "jsonl", "--no-report") as watching:
        qemu_io(target.url(0), "write -P 7 0 512k", "read -P 7 0 512k")
    assert watching.code == 0
    assert {record["outcome"] for record in watching.of("task")} == {"answered"}


def test_nothing_stays_of_what_is_not_kept(tmp_path: Path) -> None:
    """Neither files, nor the capture program."""
    need(*TGT, "iscsi-inq")
    spool = tmp_path / "tmp"
    spool.mkdir()
    prefix = ["env", f"TMPDIR={spool}"]
    with Target() as target:
        target.serve()
        with Watching(tmp_path, [target.port], "--no-report", prefix=prefix) as watching:
            run("iscsi-inq", target.url())
            assert [path.name.startswith("iscsi-analyzer-live-") for path in spool.iterdir()] == [True]
            children = watching.children()
            assert children
    assert list(spool.iterdir()) == []
    assert not any(os.path.exists(f"/proc/{child}") for child in children)


@pytest.mark.parametrize("backend", BACKENDS)
def test_the_capture_program_does_not_outlive_an_analyzer_that_is_killed(tmp_path: Path, backend: str) -> None:
    need(*TGT, "iscsi-inq")
    need_backend(backend)
    with Target() as target:
        target.serve()
        with Watching(tmp_path, [target.port], "--capture-with", backend) as watching:
            children = watching.children()
            watching.kill()
        end = time.monotonic() + 10
        while any(os.path.exists(f"/proc/{child}") for child in children) and time.monotonic() < end:
            run("iscsi-inq", target.url())  # it notices when it has something to say
            time.sleep(0.2)
    assert not any(os.path.exists(f"/proc/{child}") for child in children)


@pytest.mark.parametrize(
    ("backend", "interfaces"),
    [*((backend, ("any",)) for backend in BACKENDS), ("dumpcap", ("lo", "any")), ("scapy", ("lo", "lo"))],
)
def test_every_frame_comes_once_whatever_interfaces_are_watched(
    tmp_path: Path, backend: str, interfaces: tuple[str, ...]
) -> None:
    """Of an interface that is named twice, too; what two interfaces have seen is a copy and counts once."""
    need(*TGT, "iscsi-inq")
    need_backend(backend)
    more = [word for name in interfaces[1:] for word in ("-i", name)]
    with Target() as target:
        target.serve()
        words = ("-T", "jsonl", "--capture-with", backend, *more)
        with Watching(tmp_path, [target.port], *words, interface=interfaces[0]) as watching:
            run("iscsi-inq", target.url())
    assert watching.code == 0
    assert len(watching.of("pdu")) == 12
    [report] = [record for record in watching.records if record["type"] == "report"]
    assert report["frames"] == (40 if len(set(interfaces)) > 1 else 20)


SEND = """
import socket, sys
with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as out:
    out.bind((sys.argv[1], 0))
    for line in sys.stdin:
        out.send(bytes.fromhex(line))
"""
"Sends frames, a line of hexadecimal digits each, from an interface."


@pytest.mark.parametrize("backend", BACKENDS)
def test_frames_with_vlan_tags_pass_the_filter_that_nobody_gave(tmp_path: Path, backend: str) -> None:
    """On an Ethernet, where tagged and other frames come together. The conversations are made up, the wire is not."""
    need(CAPTURING, "ip")
    need_backend(backend)
    talks = [Talk(vlans=vlans, initiator_port=port).open() for vlans, port in (((), 40000), ((5,), 40001))]
    lines = "\n".join(frame.data.hex() for talk in talks for frame in talk.frames)
    with two_hosts() as (interface, there):
        words = ("-T", "jsonl", "--capture-with", backend)
        with Watching(tmp_path, [3260], *words, interface=interface) as watching:
            sender = [*there, sys.executable, "-c", SEND, f"{there[-1]}b"]
            subprocess.run(sender, input=lines, text=True, check=True, timeout=10)
            watching.wait(lambda: len(watching.of("pdu")) == sum(len(talk.pdus) for talk in talks))
    assert watching.code == 0
    [report] = [record for record in watching.records if record["type"] == "report"]
    assert {each.get("vlan") for each in report["connections"]} == {None, 5}


class TwoPortals(Istgt):
    """A target that listens on a second port, too, which its discovery names."""

    other = 0

    def _settings(self) -> str:
        self.other = free_port()
        mine = f"  Portal P1 {self.portal}\n"
        return super()._settings().replace(mine, f"{mine}  Portal P2 {self.address}:{self.other}\n")


def test_a_portal_that_discovery_names_is_captured_on_request(tmp_path: Path) -> None:
    """Its port is in nobody's filter until then; a second capture program takes it."""
    need(CAPTURING, "istgt", "iscsi-ls", *QEMU)
    with TwoPortals() as target, Watching(tmp_path, [target.port], "-T", "jsonl", "--learn-portals") as watching:
        # istgt and libiscsi then wait for each other: what was to be said has been said.
        discovery = Process(["iscsi-ls", target.url(None)], tmp_path / "discovery")
        watching.wait(lambda: len(watching.children()) > 1)
        discovery.end()
        time.sleep(0.3)  # until the second one captures
        qemu_io(f"iscsi://{target.address}:{target.other}/{IQN}/0", "read 0 64k")
    assert watching.code == 0
    [report] = [record for record in watching.records if record["type"] == "report"]
    assert {each["target"]["port"] for each in report["connections"]} == {target.port, target.other}


def test_under_load_nothing_is_lost_in_silence(tmp_path: Path) -> None:
    """What is not analysed was dropped, counted and told; what is captured is analysed to the last frame."""
    need(*TGT, "iscsi-perf")
    with Target() as target:
        target.serve(16 * MEGABYTE)
        words = ("--stats", "500ms", "--no-report", "-T", "text", "-w", str(tmp_path / "kept"), "-s", "200")
        with Watching(tmp_path, [target.port], *words) as watching:
            load = ["iscsi-perf", "-m", "16", "-b", "8", "-t", "1", target.url()]
            Process(load, tmp_path / "load").wait()
            watching.wait(lambda: " 0 B behind" in watching.err.splitlines()[-1], 30)
    assert watching.code == 0
    last = [found for line in watching.err.splitlines() if (found := counts(line)) is not None][-1]
    assert last.pdus > 1000
    assert last.dropped or not last.gaps
    assert "the capture lacks" not in watching.out or last.dropped
    # A process of its own: this one is not to grow by all that was captured.
    words = ("report", str(tmp_path / "kept"), "-T", "json", "--config", "none", "--port", str(target.port))
    done = subprocess.run(command(*words), capture_output=True, env=environment(), timeout=60, check=True)
    whole = json.loads(done.stdout)
    assert whole["frames"] >= last.analysed
    assert whole["pdus"] >= last.pdus
    assert bool(whole["losses"]) <= bool(last.dropped)
