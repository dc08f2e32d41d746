"""Rules on what a task management request says of the task that it names: LUN, RefCmdSN, ExpDataSN (RFC 7143 sections
11.5.3 to 11.5.6, RFC 7144 section 6.3).

Interpreted: sees task management requests only. A task is known while it is open; of one that is over nothing is said,
as its answer may have crossed the request on the wire.
"""

from __future__ import annotations

from typing import Final

from dissectors.iscsi import layout as at
from iscsi_analyzer.model.following import Follower
from iscsi_analyzer.model.sessions import Sessions
from iscsi_analyzer.model.task import KIND_SCSI, Task
from iscsi_analyzer.model.watch import Look
from iscsi_analyzer.rules.desk import INITIATOR, Desk
from iscsi_analyzer.rules.header_fields import lun_field, word
from iscsi_analyzer.rules.notes import of_task
from iscsi_analyzer.rules.rule import ERROR, NOTE, WARNING, Rule
from iscsi_analyzer.rules.sight import settled
from iscsi_analyzer.rules.task_management import ABORT_TASK, LAST_FUNCTION, QUERY_TASK, TASK_REASSIGN, function_name
from iscsi_analyzer.streams.serial import distance

READ_WRITE: Final = at.READ_MASK | at.WRITE_MASK

RULES = (
    Rule(
        "tmf-lun-mismatch",
        WARNING,
        INITIATOR,
        "RFC 7143 sections 4.2.5.3 and 11.5.3",
        "{function} of task 0x{referenced:08x} has LUN field 0x{lun:016x}, the task has 0x{of_task:016x}",
        "the command of the task",
        occasion="iscsi.taskmanfun.function in {1, 9} && iscsi.taskmanfun.referencedtasktag != 0xffffffff",
    ),
    Rule(
        "tmf-refcmdsn-wrong",
        ERROR,
        INITIATOR,
        "RFC 7143 sections 11.5.1 and 11.5.5, RFC 7144 section 6.3.3",
        "{function} of task 0x{referenced:08x} has RefCmdSN {ref_cmd_sn}, the CmdSN of the task is {cmd_sn}",
        "the command of the task",
        occasion="iscsi.taskmanfun.function in {1, 9} && iscsi.taskmanfun.referencedtasktag != 0xffffffff",
    ),
    Rule(
        "tmf-expdatasn-invalid",
        ERROR,
        INITIATOR,
        "RFC 7143 section 11.5.6",
        "TASK REASSIGN has ExpDataSN {exp_data_sn}, beyond the {sent} Data-In PDUs that the target has sent",
        "the whole task",
        occasion="iscsi.taskmanfun.function == 8",
    ),
    Rule(
        "tmf-refcmdsn-reserved",
        NOTE,
        INITIATOR,
        "RFC 7143 section 11.5.5",
        "{function} does not use RefCmdSN, but has {ref_cmd_sn} there",
        occasion="iscsi.opcode == tmf_request && iscsi.taskmanfun.function not in {1, 9}",
    ),
    Rule(
        "tmf-expdatasn-reserved",
        NOTE,
        INITIATOR,
        "RFC 7143 section 11.5.6",
        "{function} is no TASK REASSIGN, but its ExpDataSN is {exp_data_sn}",
        occasion="iscsi.taskmanfun.function != 8",
    ),
)


def see(follower: Follower, look: Look, desk: Desk) -> None:
    """Runs the rules of this topic on one Task Management Function Request."""
    function = look.flags & at.FUNCTION_MASK
    if follower.limits.discovery == 1 or not 1 <= function <= LAST_FUNCTION or not look.whole:
        return
    if function not in (ABORT_TASK, QUERY_TASK):
        tmf_refcmdsn_reserved(follower, look, desk)
    if function != TASK_REASSIGN:
        tmf_expdatasn_reserved(follower, look, desk)
    if look.second == at.RESERVED_TAG:
        return
    task = follower.session.open.get(look.second)
    if task is None or task.request == 0 or task.kind != KIND_SCSI:
        return
    if function == TASK_REASSIGN:
        tmf_expdatasn_invalid(follower, look, desk, task)
    elif function in (ABORT_TASK, QUERY_TASK) and _here(follower, task):
        tmf_lun_mismatch(follower, look, desk, task)
        tmf_refcmdsn_wrong(follower, look, desk, task)


def _here(follower: Follower, task: Task) -> bool:
    """Whether the task was begun on this connection and nothing is missing since: its tag still means this task."""
    return task.connection == follower.number and task.losses == follower.losses


def tmf_lun_mismatch(follower: Follower, look: Look, desk: Desk, task: Task) -> None:
    """ABORT TASK or QUERY TASK has another LUN than the task that it names.

    ## What it means
    The request has to carry the LUN of the task. The tag names an open task, but that one was sent to another logical
    unit.

    ## Why it matters
    A target that looks for the task below the logical unit does not find it: the task goes on, or the wrong one ends.

    ## Example
        talk.open()
        talk.tmf(1, talk.command(read=4096, lun=1), patch={9: b"\\2"}, response=1)

    ## When it is silent
    When the task was begun on another connection, is over already, or when bytes of the connection are missing since
    it began.

    ## Reference
    RFC 7143 sections 4.2.5.3 and 11.5.3
    """
    lun = lun_field(look)
    of_task = task.lun & 0xFFFFFFFFFFFFFFFF
    if lun != of_task:
        facts: dict[str, object] = {
            "function": function_name(look),
            "referenced": look.second,
            "lun": lun,
            "of_task": of_task,
        }
        desk.report("tmf-lun-mismatch", INITIATOR, follower, look, facts, task.request)


def tmf_refcmdsn_wrong(follower: Follower, look: Look, desk: Desk, task: Task) -> None:
    """ABORT TASK or QUERY TASK has a RefCmdSN that does not belong to the task.

    ## What it means
    RefCmdSN repeats the CmdSN with which the task was sent; if that was an immediate command, it repeats the CmdSN of
    the request itself. Here it is another number.

    ## Why it matters
    When the command has not reached the target yet, RefCmdSN is all that the target knows of it: the number tells
    which command to throw away on arrival. A wrong number leaves the command alive, or kills another one.

    ## Example
        talk.open()
        talk.test_unit_ready()
        talk.tmf(1, talk.command(read=4096), ref_cmd_sn=0)

    ## When it is silent
    When the task was begun on another connection, is over already, or when bytes of the connection are missing since
    it began. For an immediate command its own CmdSN is let pass, too.

    ## Reference
    RFC 7143 sections 11.5.1 and 11.5.5; RFC 7144 section 6.3.3
    """
    ref_cmd_sn = word(look, at.AT_REF_CMD_SN)
    if ref_cmd_sn != task.cmd_sn and not (task.immediate and ref_cmd_sn == word(look, at.AT_CMD_SN)):
        facts: dict[str, object] = {
            "function": function_name(look),
            "referenced": look.second,
            "ref_cmd_sn": ref_cmd_sn,
            "cmd_sn": task.cmd_sn,
        }
        desk.report("tmf-refcmdsn-wrong", INITIATOR, follower, look, facts, task.request)


def tmf_expdatasn_invalid(follower: Follower, look: Look, desk: Desk, task: Task) -> None:
    """A TASK REASSIGN claims to have received data that the target never sent.

    ## What it means
    ExpDataSN tells the target with which Data-In PDU to go on after the task has moved to another connection. It may
    be one more than the last DataSN that was sent, and no more.

    ## Why it matters
    The target has to ignore such a value. If it does not, the data in between is never sent, and the initiator takes
    what its buffer held before for the data of the disk.

    ## Example
        talk = Talk(error_recovery_level=2, max_connections=2).open()
        task = talk.command(read=65536)
        talk.data_in(task, 4096)
        talk.rst()
        talk.wait(3)
        other = talk.join().open()
        other.logout_response(tag=other.logout_request(2, cid=0).word(16))
        other.tmf(8, task, ref_cmd_sn=0, exp_data_sn=20, lun=0)

    ## When it is silent
    When bytes of the connection that the task began on are missing, and for commands that also write.

    ## Reference
    RFC 7143 section 11.5.6
    """
    finder = follower.finder
    assert isinstance(finder, Sessions)
    before = finder.followers[task.connection - 1]
    if before.losses != task.losses or not settled(before) or task.flags & READ_WRITE != at.READ_MASK:
        return
    exp_data_sn = word(look, at.AT_EXP_DATA_SN)
    sent = of_task(task).next_data_in_sn
    if exp_data_sn != 0 and distance(exp_data_sn, sent) > 0:
        facts: dict[str, object] = {"exp_data_sn": exp_data_sn, "sent": sent}
        desk.report("tmf-expdatasn-invalid", INITIATOR, follower, look, facts, task.last_data_in or task.request)


def tmf_refcmdsn_reserved(follower: Follower, look: Look, desk: Desk) -> None:
    """A function that does not use RefCmdSN sets it.

    ## What it means
    RefCmdSN belongs to ABORT TASK and QUERY TASK. In every other function the field is reserved, which means zero.

    ## Why it matters
    Targets ignore the field; it only shows that the initiator fills in more than it has to.

    ## Example
        talk.open()
        talk.tmf(5, ref_cmd_sn=9)

    ## When it is silent
    When the capture has only the first half of the header. It is counted once for each connection.

    ## Reference
    RFC 7143 section 11.5.5
    """
    ref_cmd_sn = word(look, at.AT_REF_CMD_SN)
    if ref_cmd_sn:
        facts: dict[str, object] = {"function": function_name(look), "ref_cmd_sn": ref_cmd_sn}
        desk.report("tmf-refcmdsn-reserved", INITIATOR, follower, look, facts)


def tmf_expdatasn_reserved(follower: Follower, look: Look, desk: Desk) -> None:
    """A function that does not use ExpDataSN sets it.

    ## What it means
    ExpDataSN belongs to TASK REASSIGN. In every other function the field is reserved, which means zero.

    ## Why it matters
    Targets ignore the field; it only shows that the initiator fills in more than it has to.

    ## Example
        talk.open()
        talk.tmf(1, talk.command(read=4096), exp_data_sn=3)

    ## When it is silent
    When the capture has only the first half of the header. It is counted once for each connection.

    ## Reference
    RFC 7143 section 11.5.6
    """
    exp_data_sn = word(look, at.AT_EXP_DATA_SN)
    if exp_data_sn:
        facts: dict[str, object] = {"function": function_name(look), "exp_data_sn": exp_data_sn}
        desk.report("tmf-expdatasn-reserved", INITIATOR, follower, look, facts)
