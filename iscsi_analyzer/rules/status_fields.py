"""Rules on fields of SCSI Responses that mean nothing there, and on what a target does not report (RFC 7143 sections
11.4.5, 11.4.6 and 11.4.7).

Compiled, and on the path of every SCSI Response: one that is as nearly all are costs a few comparisons. What a status
or sense data means is judged in `status_codes`.
"""

from __future__ import annotations

from typing import Final

from librt.strings import read_i64_be
from mypy_extensions import i64

from iscsi_analyzer.model.following import Follower
from iscsi_analyzer.model.task import Task
from iscsi_analyzer.model.watch import Look
from iscsi_analyzer.rules import device_data, status_codes
from iscsi_analyzer.rules.blame import target_broke
from iscsi_analyzer.rules.desk import TARGET, Desk
from iscsi_analyzer.rules.notes import TaskNotes
from iscsi_analyzer.rules.rule import NOTE, Rule

W: Final = 0x20
OVER_UNDER: Final = 0x06
BIDI_OVER_UNDER: Final = 0x18
_M32: Final = 0xFFFFFFFF

RULES = (
    Rule(
        "rsp-residual-without-flag",
        NOTE,
        TARGET,
        "RFC 7143 section 11.4.5.1",
        "A response has a residual count of {count}, but neither of the flags that give it a meaning",
        occasion="iscsi.opcode == scsi_response && iscsi.scsiresponse.O == 0 && iscsi.scsiresponse.U == 0",
    ),
    Rule(
        "rsp-bidi-residual-without-flag",
        NOTE,
        TARGET,
        "RFC 7143 section 11.4.6",
        "A response has a bidirectional read residual count of {count}, but neither of the flags for it",
        occasion="iscsi.opcode == scsi_response && iscsi.scsiresponse.o == 0 && iscsi.scsiresponse.u == 0",
    ),
    Rule(
        "incorrect-amount-unreported",
        NOTE,
        TARGET,
        "RFC 7143 section 11.4.7.2",
        "The initiator sent less data than it had to, and the write ends with GOOD",
        "the whole task",
        occasion="iscsi.opcode == scsi_response && iscsi.task.write && iscsi.scsiresponse.status == good",
    ),
)


def see(follower: Follower, look: Look, desk: Desk) -> None:
    """Runs the rules of this topic on a SCSI Response."""
    if not look.whole:
        return
    header = look.header
    flags = look.flags
    counts = read_i64_be(header, 40)
    if counts:
        if counts & _M32 and not flags & OVER_UNDER:
            rsp_residual_without_flag(follower, look, desk, counts & _M32)
        if (counts >> 32) & _M32 and not flags & BIDI_OVER_UNDER:
            rsp_bidi_residual_without_flag(follower, look, desk, (counts >> 32) & _M32)
    if header[2]:
        return
    task = look.task
    if header[3] or look.data_length:
        status_codes.see(follower, look, desk)
    elif task is not None:
        if flags & OVER_UNDER:
            device_data.moved(follower, look, task, desk)
        if task.flags & W:
            notes = task.notes
            if isinstance(notes, TaskNotes) and notes.short:
                incorrect_amount_unreported(follower, look, task, desk)


def rsp_residual_without_flag(follower: Follower, look: Look, desk: Desk, count: i64) -> None:
    """A residual count stands where there is none.

    ## What it means
    A residual count means something only with O (more data than expected) or U (less). Without them it should be 0.

    ## Why it matters
    Initiators that look at the count alone believe that data is missing.

    ## Example
        talk.open()
        read = talk.command(read=4096)
        talk.data_in(read, 4096)
        talk.response(read, residual_count=512)

    ## When it is silent
    When not all of the header was captured.

    ## Reference
    RFC 7143 section 11.4.5.1
    """
    desk.report("rsp-residual-without-flag", TARGET, follower, look, {"count": count})


def rsp_bidi_residual_without_flag(follower: Follower, look: Look, desk: Desk, count: i64) -> None:
    """A residual count of read data stands where there is none.

    ## What it means
    A bidirectional command has a second residual count, for the data that it reads. Without the flags o and u the field
    is reserved and 0.

    ## Why it matters
    Today nobody reads it there.

    ## Example
        talk.open()
        talk.response(talk.command(), bidirectional_read_residual_count=512)

    ## When it is silent
    When not all of the header was captured.

    ## Reference
    RFC 7143 section 11.4.6
    """
    desk.report("rsp-bidi-residual-without-flag", TARGET, follower, look, {"count": count})


def incorrect_amount_unreported(follower: Follower, look: Look, task: Task, desk: Desk) -> None:
    """A target does not mind that data is missing.

    ## What it means
    The initiator ended a sequence of write data before it had sent all of it. A target that notices fails the command
    with the sense that iSCSI has for this (incorrect amount of data). This one reports GOOD.

    ## Why it matters
    The initiator believes that all of its data is stored.

    ## Example
        talk.open()
        write = talk.command(write=4096)
        talk.data_out(write, 2048, burst=talk.r2t(write), final=True)
        talk.response(write, underflow=2048)

    ## When it is silent
    When the task is not whole in the capture.

    ## Reference
    RFC 7143 section 11.4.7.2
    """
    target_broke("incorrect-amount-unreported", follower, look, task, desk, {}, task.last_data_out)
