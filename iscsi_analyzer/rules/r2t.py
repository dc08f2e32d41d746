"""Rules on R2T PDUs: what a target may ask for, when, and how often (RFC 7143 sections 4.2.5, 11.8 and 13.17).

Compiled. Remembers each R2T of a task until it is answered. That R2Ts follow each other is judged in `r2t_order`.
"""

from __future__ import annotations

from typing import Final

from librt.strings import read_i64_be
from mypy_extensions import i64

from iscsi_analyzer.model.following import Follower
from iscsi_analyzer.model.task import KIND_SCSI, Task
from iscsi_analyzer.model.watch import Look
from iscsi_analyzer.rules import r2t_order
from iscsi_analyzer.rules.blame import disturb, target_broke, target_went_on
from iscsi_analyzer.rules.desk import TARGET, Desk
from iscsi_analyzer.rules.notes import MAX_BURSTS, Burst, of_task
from iscsi_analyzer.rules.rule import ERROR, Rule

W: Final = 0x20
_M32: Final = 0xFFFFFFFF

_TASK: Final = "the whole task"
_LOGIN: Final = "the result of the login"
_NEEDS: Final = "the whole task, and the result of the login"

RULES = (
    Rule(
        "r2t-zero-length",
        ERROR,
        TARGET,
        "RFC 7143 section 11.8.4",
        "R2T asks for no data",
        occasion="iscsi.opcode == r2t",
    ),
    Rule(
        "r2t-exceeds-maxburst",
        ERROR,
        TARGET,
        "RFC 7143 section 11.8.4",
        "R2T asks for {desired} bytes, MaxBurstLength is {max_burst}",
        _LOGIN,
        occasion="iscsi.opcode == r2t",
    ),
    Rule(
        "r2t-after-status",
        ERROR,
        TARGET,
        "RFC 7143 section 11.8",
        "R2T for task 0x{tag:08x}, which has its status already",
        "everything since the command",
        occasion="iscsi.opcode == r2t",
    ),
    Rule(
        "r2t-for-nonwrite",
        ERROR,
        TARGET,
        "RFC 7143 section 11.3.1",
        "R2T for a command that does not write (W=0)",
        _TASK,
        occasion="iscsi.opcode == r2t",
    ),
    Rule(
        "r2t-lun-mismatch",
        ERROR,
        TARGET,
        "RFC 7143 section 4.2.5.3",
        "R2T is for LUN 0x{lun:016x}, its command is for 0x{expected:016x}",
        _TASK,
        occasion="iscsi.opcode == r2t",
    ),
    Rule(
        "r2t-beyond-edtl",
        ERROR,
        TARGET,
        "RFC 7143 sections 4.2.5.2 and 11.7.6",
        "R2T asks for data up to byte {end} of an expected {expected}",
        _TASK,
        occasion="iscsi.opcode == r2t",
    ),
    Rule(
        "r2t-outstanding-exceeded",
        ERROR,
        TARGET,
        "RFC 7143 sections 13.17 and 11.8",
        "R2T is number {outstanding} of a task that is not answered, MaxOutstandingR2T is {most}",
        _NEEDS,
        occasion="iscsi.opcode == r2t",
    ),
)


def see(follower: Follower, look: Look, desk: Desk) -> None:
    """Runs the rules of this topic on an R2T, and remembers it."""
    if not look.whole:
        return
    limits = follower.limits
    wish = read_i64_be(look.header, 40)
    offset = (wish >> 32) & _M32
    desired = wish & _M32
    if desired == 0:
        r2t_zero_length(follower, look, desk)
    elif 0 <= limits.max_burst < desired:
        r2t_exceeds_maxburst(follower, look, desired, desk)
    task = look.task
    if task is None:
        if look.late:
            r2t_after_status(follower, look, desk)
        return
    if task.request == 0 or task.kind != KIND_SCSI:
        return
    if not task.flags & W:
        r2t_for_nonwrite(follower, look, task, desk)
        return
    if read_i64_be(look.header, 8) != task.lun:
        r2t_lun_mismatch(follower, look, task, desk)
    end = offset + desired
    if end > task.length:
        r2t_beyond_edtl(follower, look, task, end, desk)
    notes = of_task(task)
    if offset != notes.r2t_end:
        r2t_order.see(follower, look, task, notes, offset, end, desk)
    most = limits.max_outstanding_r2t
    if notes.bursts and most > 0 and limits.error_recovery_level == 0:
        same = notes.burst(look.second)
        if same is not None and same.sent < same.length:
            r2t_order.ttt_reused_outstanding(follower, look, task, same.pdu, desk)
        outstanding = notes.outstanding() + 1
        if outstanding > most:
            r2t_outstanding_exceeded(follower, look, task, outstanding, desk)
    if len(notes.bursts) < MAX_BURSTS:
        notes.remember(Burst(look.second, offset, desired, look.number))
    else:
        disturb(follower, task.request)  # too many to follow: nobody is judged by those that are


def r2t_zero_length(follower: Follower, look: Look, desk: Desk) -> None:
    """An R2T asks for nothing.

    ## What it means
    The Desired Data Transfer Length must not be 0.

    ## Why it matters
    Initiators drop the connection, or answer with a PDU that the target does not expect.

    ## Example
        talk.open()
        write = talk.command(write=4096)
        talk.r2t(write, 0)

    ## When it is silent
    Never: the PDU alone shows it.

    ## Reference
    RFC 7143 section 11.8.4
    """
    desk.report("r2t-zero-length", TARGET, follower, look, {})


def r2t_exceeds_maxburst(follower: Follower, look: Look, desired: i64, desk: Desk) -> None:
    """An R2T asks for more than was negotiated.

    ## What it means
    The Desired Data Transfer Length is at most MaxBurstLength.

    ## Why it matters
    Initiators drop the connection or fail the command.

    ## Example
        talk.open(answer={"MaxBurstLength": "4096", "FirstBurstLength": "4096"})
        write = talk.command(write=8192)
        talk.r2t(write, 8192)

    ## When it is silent
    Unless it is known what the login negotiated.

    ## Reference
    RFC 7143 section 11.8.4
    """
    facts: dict[str, object] = {"desired": desired, "max_burst": follower.limits.max_burst}
    desk.report("r2t-exceeds-maxburst", TARGET, follower, look, facts)


def r2t_after_status(follower: Follower, look: Look, desk: Desk) -> None:
    """A target asks for data of a command that is over.

    ## What it means
    The command had got its status, and no new command has taken its tag since.

    ## Why it matters
    The initiator has given the buffer back and drops the connection.

    ## Example
        talk.open()
        write = talk.write(4096)
        talk.r2t(write, 4096, offset=0)

    ## When it is silent
    After losses or task management, and in sessions with several connections.

    ## Reference
    RFC 7143 section 11.8
    """
    target_went_on("r2t-after-status", follower, look, desk)


def r2t_for_nonwrite(follower: Follower, look: Look, task: Task, desk: Desk) -> None:
    """A target asks for the data of a command that does not write.

    ## What it means
    R2T belongs to commands with W=1; this command has W=0.

    ## Why it matters
    The initiator has no data for it and drops the connection.

    ## Example
        talk.open()
        read = talk.command(read=4096)
        talk.r2t(read, 4096, r2t_sn=0)
        talk.serve(read)

    ## When it is silent
    When the command is not in the capture.

    ## Reference
    RFC 7143 section 11.3.1
    """
    target_broke("r2t-for-nonwrite", follower, look, task, desk, {})


def r2t_lun_mismatch(follower: Follower, look: Look, task: Task, desk: Desk) -> None:
    """An R2T names another logical unit than its command.

    ## What it means
    The LUN of an R2T is that of the command.

    ## Why it matters
    Initiators check it and drop the connection.

    ## Example
        talk.open()
        write = talk.command(write=4096)
        talk.r2t(write, lun=2)

    ## When it is silent
    When the command is not in the capture.

    ## Reference
    RFC 7143 section 4.2.5.3
    """
    lun = read_i64_be(look.header, 8)
    # As Python numbers, so that the highest bit is no sign.
    facts: dict[str, object] = {"lun": int(lun) & (2**64 - 1), "expected": int(task.lun) & (2**64 - 1)}
    target_broke("r2t-lun-mismatch", follower, look, task, desk, facts)


def r2t_beyond_edtl(follower: Follower, look: Look, task: Task, end: i64, desk: Desk) -> None:
    """A target asks for more data than the command has.

    ## What it means
    Offset and length of the R2T together exceed the expected data transfer length.

    ## Why it matters
    The initiator has no such data; it fails the command or drops the connection.

    ## Example
        talk.open()
        write = talk.command(write=8192)
        talk.r2t(write, 8192, offset=4096)

    ## When it is silent
    When the command is not in the capture.

    ## Reference
    RFC 7143 sections 4.2.5.2 and 11.7.6
    """
    target_broke("r2t-beyond-edtl", follower, look, task, desk, {"end": end, "expected": task.length})


def r2t_outstanding_exceeded(follower: Follower, look: Look, task: Task, outstanding: i64, desk: Desk) -> None:
    """More R2Ts of a task wait for an answer than was negotiated.

    ## What it means
    An R2T is outstanding until the Data-Out with F=1 that answers it. When this one was sent, the target had not
    acknowledged enough of those.

    ## Why it matters
    Initiators keep room for MaxOutstandingR2T of them, and drop the connection at one more.

    ## Example
        talk.open()
        write = talk.command(write=8192)
        talk.r2t(write, 4096)
        talk.r2t(write, 4096)

    ## When it is silent
    When the task is not whole in the capture, and at an ErrorRecoveryLevel above 0, where a time-out ends an R2T.

    ## Reference
    RFC 7143 sections 13.17 and 11.8
    """
    facts: dict[str, object] = {"outstanding": outstanding, "most": follower.limits.max_outstanding_r2t}
    target_broke("r2t-outstanding-exceeded", follower, look, task, desk, facts)
