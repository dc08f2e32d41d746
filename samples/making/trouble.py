"""What goes wrong: SCSI errors, task management, reservations, peers that vanish; and another target, istgt."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable

from samples.making.stage import QEMU, TGT, Scenario, Stage, with_initiator, with_tgt
from tests.support import talk_pdu as wire
from tests.support.initiator import Initiator, read10, write10
from tests.support.peers import Target, qemu_io
from tests.support.programs import Process, run

CONFORMANCE = (*TGT, "iscsi-test-cu")
WITH_QEMU = (*TGT, *QEMU)


def beyond_the_end(initiator: Initiator) -> None:
    # tgt answers the first command of a session with the unit attention of power-on.
    initiator.send(initiator.command(bytes(6)))
    initiator.finish()
    initiator.send(initiator.command(read10(1 << 20, 8), reads=4096))
    initiator.finish()
    initiator.send(initiator.command(write10(8191, 2), writes=1024))
    initiator.finish(bytes(1024))
    initiator.logout()


def write_protected(target: Target) -> None:
    run("iscsi-swp", "-s", "on", target.url())
    with Initiator(target.address, target.port) as initiator:
        initiator.login()
        for _ in range(2):
            initiator.send(initiator.command(write10(0, 1), writes=512))
            initiator.finish(bytes(512))
        initiator.logout()
    run("iscsi-swp", "-s", "off", target.url())


def resets(initiator: Initiator) -> None:
    """QUERY TASK (9), CLEAR TASK SET (3), LOGICAL UNIT RESET (5), TARGET WARM RESET (6)."""
    for function in (9, 3, 5, 6):
        fields: dict[str, int | bytes] = {
            "lun": wire.lun(1),
            "referenced_task_tag": 0x77 if function == 9 else wire.NONE,
        }
        initiator.send(initiator.pdu(wire.TMF_REQUEST, 0x80 | function, immediate=True, fields=fields))
        initiator.receive()
        initiator.send(initiator.command(bytes(6)))
        initiator.finish()
    initiator.logout()


def conformance(test: str) -> Callable[[Stage], None]:
    """One test or suite of libiscsi's conformance tool. It may fail: that is between the tool and tgt."""
    return with_tgt(lambda target: run("iscsi-test-cu", "-d", "-s", "-t", f"ALL.{test}", target.url(), ok=()))


def reading(target: Target, milliseconds: int) -> Process:
    """An initiator in the background that has read once and will read again after some time."""
    # Into a file qemu-io would write its lines only at the end.
    words = [
        "stdbuf",
        "-oL",
        "qemu-io",
        "-f",
        "raw",
        "-c",
        "read 0 4k",
        "-c",
        f"sleep {milliseconds}",
        "-c",
        "read 4k 4k",
        target.url(),
    ]
    initiator = Process(words, target.directory / "initiator.log")
    initiator.wait_until(lambda: "read 4096/4096" in initiator.said())
    return initiator


def target_killed(target: Target) -> None:
    initiator = reading(target, 700)
    target.stop()
    # Enough to see it come back once or twice; it would go on for minutes.
    time.sleep(2.0)
    initiator.end(signal.SIGKILL)


def initiator_killed(target: Target) -> None:
    reading(target, 9000).end(signal.SIGKILL)


def istgt_read_write(stage: Stage) -> None:
    with stage.istgt() as target, stage.capture(target):
        qemu_io(target.url(0), "write -P 7 0 512k", "read -P 7 0 512k")


def istgt_chap(password: str) -> Callable[[Stage], None]:
    def act(stage: Stage) -> None:
        with stage.istgt(chap=("alice", "open-sesame-12")) as target, stage.capture(target):
            run("iscsi-inq", target.url(0, user=f"alice%{password}"), ok=())

    return act


SCENARIOS = (
    Scenario(
        "m50_lba_out_of_range",
        "READ(10) and WRITE(10) beyond the end: CHECK CONDITION",
        with_initiator(beyond_the_end),
        TGT,
    ),
    Scenario(
        "m51_write_protected",
        "software write protection on, writes refused with DATA PROTECT, off again",
        with_tgt(write_protected),
        (*TGT, "iscsi-swp"),
    ),
    Scenario(
        "m52_unsupported_command",
        "COMPARE AND WRITE, which tgt does not know: INVALID COMMAND OPERATION CODE",
        conformance("CompareAndWrite.Simple"),
        CONFORMANCE,
    ),
    Scenario(
        "m53_abort_task",
        "ABORT TASK for a write that is done already: TASK DOES NOT EXIST",
        conformance("iSCSITMF.AbortTaskSimpleAsync"),
        CONFORMANCE,
    ),
    Scenario("m54_residuals", "overflow and underflow in all their forms", conformance("iSCSIResiduals"), CONFORMANCE),
    Scenario(
        "m55_reservation_two_initiators",
        "RESERVE(6) by one initiator, RESERVATION CONFLICT for another",
        conformance("Reserve6.2Initiators"),
        CONFORMANCE,
    ),
    Scenario("m56_data_sn_wrong", "Data-Out with wrong DataSN, on purpose", conformance("iSCSIdatasn"), CONFORMANCE),
    Scenario(
        "m57_target_killed",
        "the target dies in a quiet moment; the initiator tries again",
        with_tgt(target_killed),
        WITH_QEMU,
    ),
    Scenario(
        "m59_resets",
        "QUERY TASK, CLEAR TASK SET, LOGICAL UNIT RESET, TARGET WARM RESET, each followed by TEST UNIT READY",
        with_initiator(resets),
        TGT,
    ),
    Scenario("m58_initiator_killed", "the initiator dies without logout", with_tgt(initiator_killed), WITH_QEMU),
    Scenario("m70_istgt_read_write", "istgt: 512 KiB written and read", istgt_read_write, ("istgt", *QEMU)),
    Scenario(
        "m71_istgt_chap", "istgt: CHAP with the right secret", istgt_chap("open-sesame-12"), ("istgt", "iscsi-inq")
    ),
    Scenario(
        "m72_istgt_chap_wrong", "istgt: CHAP with a wrong secret", istgt_chap("not-the-secret-"), ("istgt", "iscsi-inq")
    ),
)
