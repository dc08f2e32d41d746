"""Rules on how much data a command moved, against what its status says of it (RFC 7143 section 11.4.5).

Compiled. Status comes in a SCSI Response or in the last Data-In; both have the O and U flags and a residual count at
the same places.
"""

from __future__ import annotations

from typing import Final

from librt.strings import read_i64_be
from mypy_extensions import i64

from iscsi_analyzer.model.following import Follower
from iscsi_analyzer.model.task import Task
from iscsi_analyzer.model.watch import Look
from iscsi_analyzer.rules import overflow
from iscsi_analyzer.rules.blame import target_broke
from iscsi_analyzer.rules.desk import TARGET, Desk
from iscsi_analyzer.rules.notes import TaskNotes
from iscsi_analyzer.rules.rule import ERROR, WARNING, Rule

RW: Final = 0x60
R: Final = 0x40
W: Final = 0x20
O: Final = 0x04  # noqa: E741  (the name of the flag)
U: Final = 0x02
BIDI_OVER_UNDER: Final = 0x18
GOOD: Final = 0
_M32: Final = 0xFFFFFFFF

_TASK: Final = "the whole task"

RULES = (
    Rule(
        "rsp-residual-zero-with-flag",
        WARNING,
        TARGET,
        "RFC 7143 sections 11.4.5.1 and 11.4.5.2",
        "The status tells of a residual (flags 0x{flags:02x}) of 0 bytes",
        occasion=(
            "iscsi.scsiresponse.U == 1 || iscsi.scsiresponse.O == 1 || iscsi.scsidata.U == 1 || iscsi.scsidata.O == 1"
        ),
    ),
    Rule(
        "rsp-underflow-exceeds-edtl",
        ERROR,
        TARGET,
        "RFC 7143 section 11.4.5.2",
        "The status tells of an underflow of {residual} bytes, only {expected} were expected",
        _TASK,
        occasion="iscsi.scsiresponse.U == 1 || iscsi.scsidata.U == 1",
    ),
    Rule(
        "rsp-underflow-missing",
        ERROR,
        TARGET,
        "RFC 7143 sections 11.4.5.2 and 11.4.5.3",
        "{delivered} of {expected} bytes were read, but GOOD comes without underflow (U=0)",
        _TASK,
        occasion="iscsi.task.read && iscsi.scsiresponse.status == good",
    ),
    Rule(
        "rsp-underflow-mismatch",
        ERROR,
        TARGET,
        "RFC 7143 section 11.4.5.2",
        "{delivered} of {expected} bytes were read, but the underflow is said to be {residual}",
        _TASK,
        occasion="iscsi.scsiresponse.U == 1 || iscsi.scsidata.U == 1",
    ),
    Rule(
        "rsp-write-underflow-mismatch",
        WARNING,
        TARGET,
        "RFC 7143 section 11.4.5.2",
        "{delivered} of {expected} bytes were written, but GOOD comes without underflow (U=0)",
        _TASK,
        occasion="iscsi.task.write && iscsi.scsiresponse.status == good",
    ),
    Rule(
        "write-good-without-data",
        WARNING,
        TARGET,
        "RFC 7143 sections 11.4.5.2 and 4.2.5.2",
        "GOOD for a write of {expected} bytes of which none was sent",
        _TASK,
        occasion="iscsi.task.write && iscsi.scsiresponse.status == good",
    ),
    Rule(
        "datain-hole",
        ERROR,
        TARGET,
        "RFC 7143 sections 11.4.5.2 and 11.7.6",
        "GOOD without underflow, but {missing} of {expected} bytes were left out between others",
        _TASK,
        occasion="iscsi.task.read && iscsi.scsiresponse.status == good",
    ),
)


def see(follower: Follower, look: Look, task: Task, status: i64, delivered: i64, desk: Desk) -> None:
    """Runs the rules of this topic on the status of a completed task; `delivered` bytes were read."""
    way = task.flags & RW
    over_under = look.flags & (O | U)
    expected = task.length
    if over_under == 0 and status == GOOD and not task.keep:
        if way == R:
            if delivered >= expected:
                return
        elif way == 0 or task.data_out >= expected:
            return
    if not look.whole:
        return
    if over_under or (look.opcode == 0x21 and look.flags & BIDI_OVER_UNDER):
        counts = read_i64_be(look.header, 40)
        residual = counts & _M32
        if (over_under and residual == 0) or (
            look.opcode == 0x21 and look.flags & BIDI_OVER_UNDER and counts >> 32 == 0
        ):
            rsp_residual_zero_with_flag(follower, look, desk)
            return
        if over_under == U:
            if residual > expected:
                rsp_underflow_exceeds_edtl(follower, look, task, residual, desk)
            elif way == R and status == GOOD and expected - residual != delivered:
                rsp_underflow_mismatch(follower, look, task, residual, delivered, desk)
        elif way == R and status == GOOD:
            overflow.see(follower, look, task, delivered, desk)
    elif status == GOOD:
        if way == R and delivered < expected:
            notes = task.notes
            if isinstance(notes, TaskNotes) and notes.data_in_end >= expected:
                datain_hole(follower, look, task, delivered, desk)
            else:
                rsp_underflow_missing(follower, look, task, delivered, desk)
        elif way == W and task.data_out < expected:
            if task.data_out:
                rsp_write_underflow_mismatch(follower, look, task, desk)
            else:
                write_good_without_data(follower, look, task, desk)
    if task.keep and way == R:
        overflow.delivered(follower, look, task, delivered, desk)


def rsp_residual_zero_with_flag(follower: Follower, look: Look, desk: Desk) -> None:
    """A status tells of a residual and gives none.

    ## What it means
    O or U is set (or o or u), and the count that goes with it is 0. A flag stands for a difference, so the count is at
    least 1.

    ## Why it matters
    Initiators differ in what they believe, the flag or the count.

    ## Example
        talk.open()
        read = talk.command(read=4096)
        talk.data_in(read, 4096)
        talk.response(read, flags=0x82)

    ## When it is silent
    When the command is not in the capture, or the response code is not 0.

    ## Reference
    RFC 7143 sections 11.4.5.1 and 11.4.5.2
    """
    facts: dict[str, object] = {"flags": look.flags & (O | U | BIDI_OVER_UNDER)}
    desk.report("rsp-residual-zero-with-flag", TARGET, follower, look, facts)


def rsp_underflow_exceeds_edtl(follower: Follower, look: Look, task: Task, residual: i64, desk: Desk) -> None:
    """More bytes are said to be missing than were expected at all.

    ## What it means
    An underflow is the part of the expected data transfer length that was not used, so it cannot be longer.

    ## Why it matters
    Initiators subtract: the result is negative, or a huge length.

    ## Example
        talk.open()
        read = talk.command(read=512)
        talk.response(read, underflow=1024)

    ## When it is silent
    When the task is not whole in the capture.

    ## Reference
    RFC 7143 section 11.4.5.2
    """
    facts: dict[str, object] = {"residual": residual, "expected": task.length}
    target_broke("rsp-underflow-exceeds-edtl", follower, look, task, desk, facts)


def rsp_underflow_missing(follower: Follower, look: Look, task: Task, delivered: i64, desk: Desk) -> None:
    """A read got less than it expected, and the status does not say so.

    ## What it means
    The Data-In PDUs carry fewer bytes than the expected data transfer length. The status is GOOD, so U has to be set
    and the residual count has to be the difference.

    ## Why it matters
    The initiator takes the rest of its buffer, which holds anything, for data that was read.

    ## Example
        talk.open()
        read = talk.command(bytes((0x12, 0, 0, 0, 255, 0)), read=255)
        talk.data_in(read, 96, status=0)

    ## When it is silent
    When the task is not whole in the capture, for other statuses, and for bidirectional commands.

    ## Reference
    RFC 7143 sections 11.4.5.2 and 11.4.5.3
    """
    facts: dict[str, object] = {"delivered": delivered, "expected": task.length}
    target_broke("rsp-underflow-missing", follower, look, task, desk, facts)


def rsp_underflow_mismatch(
    follower: Follower, look: Look, task: Task, residual: i64, delivered: i64, desk: Desk
) -> None:
    """The underflow that a status tells of is not what is missing.

    ## What it means
    For a read with status GOOD, the expected length less the residual count is what the Data-In PDUs carried.

    ## Why it matters
    The initiator passes on too many bytes, or too few.

    ## Example
        talk.open()
        read = talk.command(bytes((0x12, 0, 0, 0, 255, 0)), read=255)
        talk.data_in(read, 96, status=0, residual_count=100)

    ## When it is silent
    When the task is not whole in the capture, for other statuses, and after a SNACK.

    ## Reference
    RFC 7143 section 11.4.5.2
    """
    facts: dict[str, object] = {"delivered": delivered, "expected": task.length, "residual": residual}
    target_broke("rsp-underflow-mismatch", follower, look, task, desk, facts)


def rsp_write_underflow_mismatch(follower: Follower, look: Look, task: Task, desk: Desk) -> None:
    """A target took a part of the data of a write and says that it took all.

    ## What it means
    Immediate data and Data-Out PDUs carry fewer bytes than the expected data transfer length. The status is GOOD, so U
    has to be set and the residual count has to be the difference.

    ## Why it matters
    Data that the application believes to be on the disk was never sent.

    ## Example
        talk.open()
        write = talk.command(write=8192, data=bytes(4096))
        talk.response(write)

    ## When it is silent
    When the task is not whole in the capture, for other statuses, and for bidirectional commands.

    ## Reference
    RFC 7143 section 11.4.5.2
    """
    facts: dict[str, object] = {"delivered": task.data_out, "expected": task.length}
    target_broke("rsp-write-underflow-mismatch", follower, look, task, desk, facts)


def write_good_without_data(follower: Follower, look: Look, task: Task, desk: Desk) -> None:
    """A write succeeded without any data.

    ## What it means
    The command brought no data, the target asked for none, and the status is GOOD without an underflow.

    ## Why it matters
    Data that the application believes to be on the disk was never sent.

    ## Example
        talk.open()
        write = talk.command(write=8192)
        talk.response(write)

    ## When it is silent
    When the task is not whole in the capture, and when the target reports an underflow.

    ## Reference
    RFC 7143 sections 11.4.5.2 and 4.2.5.2
    """
    target_broke("write-good-without-data", follower, look, task, desk, {"expected": task.length})


def datain_hole(follower: Follower, look: Look, task: Task, delivered: i64, desk: Desk) -> None:
    """A read succeeded although a part in the middle was never sent.

    ## What it means
    The Data-In PDUs reach to the end of the expected data, but together they are shorter, and the status is GOOD
    without an underflow.

    ## Why it matters
    A piece of the initiator's buffer holds anything: silent corruption.

    ## Example
        talk.open()
        read = talk.command(read=24576)
        talk.data_in(read, 8192, offset=0, final=True)
        talk.data_in(read, 8192, offset=16384, status=0)

    ## When it is silent
    When the task is not whole in the capture, after a SNACK, and for other statuses than GOOD.

    ## Reference
    RFC 7143 sections 11.4.5.2 and 11.7.6
    """
    facts: dict[str, object] = {"missing": task.length - delivered, "expected": task.length}
    target_broke("datain-hole", follower, look, task, desk, facts)
