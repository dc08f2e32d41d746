"""What initiators do in a soak: each act is one program, or one short session of our own initiator."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from contextlib import suppress
from random import Random
from typing import Final, NamedTuple

from tests.soak.stage import ALICE, BASE, CLOSED, MODES, WRONG, Stage
from tests.support import talk_pdu as wire
from tests.support.initiator import Initiator, read10, write10
from tests.support.peers import qemu_io
from tests.support.programs import PeerError, Process, run

Act = Callable[[Stage, Random], object]


class Weighted(NamedTuple):
    """An act, and how often it is done beside the others."""

    weight: int
    act: Act


SUITES: Final = (
    "SCSI.Inquiry", "SCSI.Read6.Simple", "SCSI.Read10", "SCSI.Read16.BeyondEol", "SCSI.Write10", "SCSI.Write16.Simple",
    "SCSI.WriteSame10.Simple", "SCSI.TestUnitReady", "SCSI.ReadCapacity16", "SCSI.Prefetch10", "SCSI.Verify10.Simple",
    "SCSI.ModeSense6", "SCSI.ReportSupportedOpcodes.Simple", "SCSI.ProutRegister", "SCSI.ProutReserve.Simple",
    "SCSI.OrWrite.Simple", "SCSI.CompareAndWrite.Simple", "iSCSI.iSCSITMF", "iSCSI.iSCSIResiduals.Read10Residuals",
    "iSCSI.iSCSIResiduals.Write10Residuals",
)  # fmt: skip
"Suites of libiscsi's conformance tool that break no rule on purpose (residuals are asked for in odd lengths)."
SIZES: Final = ("512", "4k", "12k", "64k", "256k", "1M", "3M")


def discover(stage: Stage, random: Random) -> None:
    """SendTargets, with istgt followed by a session to see the LUNs."""
    server = random.choice([stage.tgt, stage.istgt, stage.guarded])
    words = ["-s"] if server is stage.istgt else []  # of tgt's targets one would not let it in
    try:
        run("iscsi-ls", *words, server.url(None), ok=(), timeout=2)
    except PeerError:
        if server is not stage.istgt:  # which leaves a Logout Request without an answer, and iscsi-ls waits for one
            raise


def inquire(stage: Stage, random: Random) -> None:
    program = random.choice(["iscsi-inq", "iscsi-readcapacity16"])
    run(program, stage.disk(random))


def secrets(stage: Stage, random: Random) -> None:
    """CHAP with the right secret, a wrong one, and none."""
    user = random.choice([ALICE, ALICE, WRONG, ""])
    url = random.choice([stage.guarded.url(user=user), stage.guarded_istgt.url(0, user=user)])
    run("iscsi-inq", url, ok=())


def refused(stage: Stage, random: Random) -> None:
    """A target that is somebody else's, and one that is not there."""
    run("iscsi-inq", stage.tgt.url(iqn=random.choice([CLOSED, f"{BASE}:nothing"])), ok=())


def transfer(stage: Stage, random: Random) -> None:
    """Writes and reads of all sizes, in all write modes."""
    commands = []
    for _ in range(random.randrange(1, 6)):
        size = random.choice(SIZES)
        pattern, offset = random.randrange(256), 4096 * random.randrange(200)
        commands.append(f"write -P {pattern} {offset} {size}")
        if random.random() < 0.7:
            commands.append(f"read -P {pattern} {offset} {size}")
    if random.random() < 0.3:
        commands.append("flush")
    qemu_io(stage.disk(random), *commands, ok=())


def hurry(stage: Stage, random: Random) -> None:
    """Many reads at the same time."""
    # Not more than a busy machine can capture.
    run("iscsi-perf", "-m", str(random.choice([2, 8])), "-b", "8", "-t", "1", stage.disk(random), ok=())


def suite(stage: Stage, random: Random) -> None:
    url = random.choice([stage.tgt.url(iqn=random.choice([*MODES])), stage.istgt.url(0)])
    run("iscsi-test-cu", "-d", "-s", "-t", random.choice(SUITES), url, ok=(), timeout=15)


def summed(stage: Stage, random: Random) -> None:
    """Reads and writes under digests."""
    with Initiator(stage.tgt.address, stage.tgt.port) as initiator:
        _login(
            initiator,
            random,
            HeaderDigest=random.choice(["CRC32C", "None"]),
            DataDigest=random.choice(["CRC32C", "None,CRC32C", "CRC32C,None"]),
        )
        _ready(initiator)
        for _ in range(random.randrange(1, 6)):
            blocks, lba = random.randrange(1, 33), random.randrange(4000)
            initiator.send(initiator.command(read10(lba, blocks), reads=512 * blocks))
            initiator.finish()
            data = random.randbytes(512 * blocks)
            initiator.send(initiator.command(write10(lba, blocks), writes=len(data)))
            initiator.finish(data)
        initiator.logout()


def abort(stage: Stage, random: Random) -> None:
    """ABORT TASK for a read that may be over by then, QUERY TASK, and resets."""
    with Initiator(stage.tgt.address, stage.tgt.port) as initiator:
        _login(initiator, random)
        _ready(initiator)
        for function in random.sample((1, 1, 2, 4, 5, 6), random.randrange(1, 4)):
            number = initiator.cmd_sn
            initiator.send(initiator.command(read10(0, 8), reads=4096))
            fields: dict[str, int | bytes] = {"lun": wire.lun(1) if function != 6 else bytes(8)}
            fields["referenced_task_tag"] = initiator.tag if function == 1 else wire.NONE
            fields |= {"ref_cmd_sn": number} if function == 1 else {}
            initiator.send(initiator.pdu(wire.TMF_REQUEST, 0x80 | function, immediate=True, fields=fields))
            while initiator.receive().opcode != wire.TMF_RESPONSE:
                pass
        initiator.logout()


def fail(stage: Stage, random: Random) -> None:
    """Beyond the end, unknown commands, LUNs that are not there."""
    with Initiator(stage.tgt.address, stage.tgt.port) as initiator:
        _login(initiator, random)
        _ready(initiator)
        initiator.send(initiator.command(read10(1 << 24, 8), reads=4096))
        initiator.finish()
        initiator.send(initiator.command(bytes([0xC7]) + bytes(5)))
        initiator.finish()
        initiator.send(initiator.command(read10(0, 1), reads=512, lun=9))
        initiator.finish()
        initiator.logout()


def wait_for_pings(stage: Stage, random: Random) -> None:
    qemu_io(stage.pinging.url(), "read 0 4k", f"sleep {random.randrange(1500, 3500)}", "read 4k 4k", ok=())


def leave(stage: Stage, random: Random) -> None:
    """An initiator that is killed with its session open."""
    words = ["stdbuf", "-oL", "qemu-io", "-f", "raw", "-c", "read 0 4k", "-c", "sleep 9000", stage.disk(random)]
    log = stage.tgt.directory / f"left-{random.randrange(1 << 40)}.log"
    initiator = Process(words, log)
    initiator.wait_until(lambda: "read 4096/4096" in initiator.said())
    initiator.end(signal.SIGKILL)
    log.unlink()


def die(stage: Stage, random: Random) -> None:
    """A target that is killed and comes back, while an initiator is logged in."""
    with stage.dying:
        try:
            with Initiator(stage.mortal.address, stage.mortal.port) as initiator:
                initiator.login()
                _ready(initiator)
                stage.kill()
        except ConnectionRefusedError:
            stage.kill()  # somebody else had its port for a moment when it came back the last time
        for _ in range(10):
            time.sleep(random.random() / 2)
            with suppress(ConnectionRefusedError), Initiator(stage.mortal.address, stage.mortal.port) as again:
                again.login()
                _ready(again)
                again.logout()
                return


def _login(initiator: Initiator, random: Random, **keys: str) -> None:
    """As the target would have it: our initiator answers no offers."""
    iqn = random.choice([*MODES])
    initiator.login(iqn, **MODES[iqn], **keys)


def _ready(initiator: Initiator) -> None:
    """tgt answers the first command of a session with the unit attention of power-on."""
    initiator.send(initiator.command(bytes(6)))
    initiator.finish()


ACTS: Final = (
    Weighted(4, discover),
    Weighted(4, inquire),
    Weighted(4, secrets),
    Weighted(2, refused),
    Weighted(10, transfer),
    Weighted(1, hurry),
    Weighted(5, suite),
    Weighted(5, summed),
    Weighted(4, abort),
    Weighted(3, fail),
    Weighted(1, wait_for_pings),
    Weighted(2, leave),
    Weighted(1, die),
)
PROGRAMS: Final = (
    "iscsi-inq", "iscsi-ls", "iscsi-perf", "iscsi-readcapacity16", "iscsi-test-cu", "istgt", "qemu-io", "tcpdump",
    "tgtadm", "tgtd",
)  # fmt: skip
"What a soak needs."
