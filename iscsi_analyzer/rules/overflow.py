"""Rules on reads for which there was more data than fits: overflows and allocation lengths (RFC 7143 section 11.4.5.3).

Compiled. Reached only by a status with an overflow, and by commands that describe the device.
"""

from __future__ import annotations

from typing import Final

from librt.strings import read_i64_be
from mypy_extensions import i64

from iscsi_analyzer.model.following import Follower
from iscsi_analyzer.model.task import Task
from iscsi_analyzer.model.watch import Look
from iscsi_analyzer.rules.blame import target_broke
from iscsi_analyzer.rules.desk import TARGET, Desk
from iscsi_analyzer.rules.rule import ERROR, WARNING, Rule

O_AND_U: Final = 0x06
_M32: Final = 0xFFFFFFFF

_TASK: Final = "the whole task"
_CDB: Final = "the whole task, of a command whose allocation length is known"

RULES = (
    Rule(
        "rsp-overflow-with-short-data",
        WARNING,
        TARGET,
        "RFC 7143 section 11.4.5.2",
        "The status tells of an overflow, but only {delivered} of {expected} bytes were read",
        _TASK,
        occasion="iscsi.scsiresponse.O == 1 || iscsi.scsidata.O == 1",
    ),
    Rule(
        "rsp-overflow-despite-alloc",
        ERROR,
        TARGET,
        "RFC 7143 section 11.4.5.3",
        "The status tells of an overflow, but the allocation length {allocation} fits the expected {expected} bytes",
        _CDB,
        occasion="iscsi.scsiresponse.O == 1 || iscsi.scsidata.O == 1",
    ),
    Rule(
        "cdb-alloc-exceeded",
        ERROR,
        TARGET,
        "SPC, RFC 7143 section 11.4.5.3",
        "{delivered} bytes were read, the allocation length in the CDB is {allocation}",
        _CDB,
        occasion=("iscsi.opcode == scsi_command && (scsi.cdb.alloclen || scsi.cdb.alloclen16 || scsi.cdb.alloclen32)"),
    ),
)


def see(follower: Follower, look: Look, task: Task, delivered: i64, desk: Desk) -> None:
    """Runs the rules on a read with an overflow that ended with GOOD; `delivered` bytes were read."""
    if look.flags & O_AND_U == O_AND_U:
        return
    allocation: i64 = 0
    if task.keep:
        allocation = allocation_length(task.cdb)
    if allocation > 0 and allocation <= task.length:
        rsp_overflow_despite_alloc(follower, look, task, desk)
    elif delivered < task.length:
        rsp_overflow_with_short_data(follower, look, task, delivered, desk)


def delivered(follower: Follower, look: Look, task: Task, delivered: i64, desk: Desk) -> None:
    """Runs the rules on a read that describes the device and is over; `delivered` bytes were read."""
    allocation = allocation_length(task.cdb)
    if allocation > 0 and delivered > allocation:
        cdb_alloc_exceeded(follower, look, task, allocation, delivered, desk)


def allocation_length(cdb: bytes) -> i64:
    """The allocation length of a command that describes the device; 0 if it has none, or it is not known."""
    if len(cdb) < 16:
        return 0
    code: i64 = cdb[0]
    if code == 0x03 or code == 0x1A:
        return cdb[4]
    if code == 0x12:
        return (read_i64_be(cdb, 0) >> 24) & 0xFFFF
    if code == 0x4D or code == 0x5A or code == 0x5E:
        return (read_i64_be(cdb, 1)) & 0xFFFF
    if code == 0xA0 or code == 0xA3:
        return (read_i64_be(cdb, 2)) & _M32
    if code == 0x9E and (cdb[1] & 0x1F == 0x10 or cdb[1] & 0x1F == 0x12):
        return (read_i64_be(cdb, 6)) & _M32
    return 0


def rsp_overflow_with_short_data(follower: Follower, look: Look, task: Task, delivered: i64, desk: Desk) -> None:
    """A target had too much data and yet did not send all that fits.

    ## What it means
    O says that the device had more than the expected data transfer length. Then at least that much is sent.

    ## Why it matters
    How much of the initiator's buffer is valid is not known.

    ## Example
        talk.open()
        read = talk.command(read=512)
        talk.data_in(read, 100, final=True)
        talk.response(read, overflow=512)

    ## When it is silent
    When the task is not whole in the capture, and for other statuses than GOOD.

    ## Reference
    RFC 7143 section 11.4.5.2
    """
    facts: dict[str, object] = {"delivered": delivered, "expected": task.length}
    target_broke("rsp-overflow-with-short-data", follower, look, task, desk, facts)


def rsp_overflow_despite_alloc(follower: Follower, look: Look, task: Task, desk: Desk) -> None:
    """An overflow where the command itself had set the limit.

    ## What it means
    The allocation length of the CDB is not longer than the expected data transfer length. The device cuts its data to
    the allocation length, so there is nothing that would not fit, and O must not be set.

    ## Why it matters
    The initiator believes that its buffer was too small and asks again, with the same result.

    ## Example
        talk.open()
        read = talk.command(bytes((0xA0, 0, 0, 0, 0, 0, 0, 0, 0, 16, 0, 0)), read=16)
        talk.data_in(read, bytes((0, 0, 0, 8)) + bytes(12))
        talk.response(read, overflow=8)

    ## When it is silent
    When the task is not whole in the capture, and for commands whose allocation length is not looked at.

    ## Reference
    RFC 7143 section 11.4.5.3
    """
    facts: dict[str, object] = {"allocation": allocation_length(task.cdb), "expected": task.length}
    target_broke("rsp-overflow-despite-alloc", follower, look, task, desk, facts)


def cdb_alloc_exceeded(follower: Follower, look: Look, task: Task, allocation: i64, delivered: i64, desk: Desk) -> None:
    """A device returned more than the command allowed.

    ## What it means
    The allocation length of the CDB limits what the command returns. The Data-In PDUs carry more.

    ## Why it matters
    The initiator provided room for the allocation length only.

    ## Example
        talk.open()
        read = talk.command(bytes((0x12, 0, 0, 0, 36, 0)), read=96)
        talk.data_in(read, 96, status=0)

    ## When it is silent
    When the task is not whole in the capture, and for commands whose allocation length is not looked at.

    ## Reference
    SPC; RFC 7143 section 11.4.5.3
    """
    facts: dict[str, object] = {"delivered": delivered, "allocation": allocation}
    target_broke("cdb-alloc-exceeded", follower, look, task, desk, facts)
