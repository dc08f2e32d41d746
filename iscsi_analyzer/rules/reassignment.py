"""Rules on tasks that are reassigned to another connection (RFC 7143 sections 7.2.2, 11.5.6 and 11.6.1).

Interpreted: sees TASK REASSIGN and its answers, and PDUs of tasks on another connection than that of their command.
"""

from __future__ import annotations

from typing import Final

from dissectors.iscsi import layout as at
from dissectors.iscsi.words import OPCODES
from iscsi_analyzer.model.following import Follower
from iscsi_analyzer.model.task import KIND_SCSI, Task
from iscsi_analyzer.model.watch import Look
from iscsi_analyzer.rules.allegiance import alive, connection_of, numbered, released
from iscsi_analyzer.rules.desk import INITIATOR, TARGET, Desk
from iscsi_analyzer.rules.header_fields import word
from iscsi_analyzer.rules.rule import ERROR, NOTE, WARNING, Rule
from iscsi_analyzer.rules.sight import entire_session, heard_since
from iscsi_analyzer.rules.task_management import TASK_REASSIGN
from iscsi_analyzer.rules.trouble import MOST, SECOND, Move, of_session_trouble, of_task_trouble, task_trouble
from iscsi_analyzer.streams.serial import distance

PATIENCE_NS: Final = 30_000_000_000
"A reassigned task that shows no sign of life for so long is forgotten."
COMPLETE: Final = 0
LEVEL: Final = 2
READ_WRITE: Final = at.READ_MASK | at.WRITE_MASK

_REQUEST: Final = "iscsi.taskmanfun.function == 8"
_SESSION: Final = "an unbroken view of every connection of the session from its SYN on"
_MOVED: Final = "the request, its response, and what follows them on the connection"

RULES = (
    Rule(
        "tmf-reassign-before-logout",
        ERROR,
        INITIATOR,
        "RFC 7143 sections 7.2.2 and 11.5.1",
        "TASK REASSIGN of task 0x{referenced:08x}, but connection {old}, which the task belongs to, was not logged out",
        _SESSION,
        occasion=_REQUEST,
    ),
    Rule(
        "tmf-reassign-allegiant-response",
        ERROR,
        TARGET,
        "RFC 7143 section 7.2.2",
        "TASK REASSIGN of task 0x{referenced:08x} was answered with Function complete, but the task still belongs to "
        "connection {old}",
        _SESSION,
        occasion=_REQUEST,
    ),
    Rule(
        "tmf-reassign-order",
        ERROR,
        TARGET,
        "RFC 7143 sections 7.2.2, 11.5.1 and 11.6",
        "{pdu} of task 0x{tag:08x} comes on the new connection before the TASK REASSIGN is answered",
        "the request, and everything that the target sent since",
        occasion=_REQUEST,
    ),
    Rule(
        "tmf-reassign-no-status",
        WARNING,
        TARGET,
        "RFC 7143 section 7.2.2",
        "Task 0x{referenced:08x} was reassigned, and nothing came for it in {seconds} s",
        _MOVED,
        occasion=_REQUEST,
    ),
    Rule(
        "tmf-reassign-data-start",
        WARNING,
        TARGET,
        "RFC 7143 section 11.5.6",
        "The data of a reassigned task goes on with DataSN {data_sn}; the initiator has it up to ExpDataSN "
        "{exp_data_sn} only",
        _MOVED,
        occasion="iscsi.opcode == 0x25 && iscsi.session.connections > 1",
    ),
    Rule(
        "tmf-reassign-snack-tag",
        NOTE,
        TARGET,
        "RFC 7143 section 7.2.2",
        "The response of a reassigned task has SNACK Tag 0x{snack_tag:08x}; reassignment clears it",
        _MOVED,
        occasion="iscsi.opcode == 0x21 && iscsi.session.connections > 1",
    ),
)


def see(follower: Follower, look: Look, desk: Desk) -> None:
    """Runs the rules of this topic on one Task Management Function Request."""
    if look.flags & at.FUNCTION_MASK != TASK_REASSIGN:
        return
    task = follower.session.open.get(look.second)
    if task is None or task.kind != KIND_SCSI or task.request == 0:
        return
    if task.connection != follower.number:
        moving = of_session_trouble(follower.session).moving
        if len(moving) < MOST:
            moving[task.tag] = look.number
        tmf_reassign_before_logout(follower, look, desk, task)


def answered(follower: Follower, look: Look, desk: Desk) -> None:
    """Runs the rules of this topic on one Task Management Function Response."""
    management = look.task
    if management is None or management.operation != TASK_REASSIGN or not management.request:
        return
    asked = of_session_trouble(follower.session).moving.pop(management.length, 0)
    task = follower.session.open.get(management.length)
    if look.header[at.AT_RESPONSE] != COMPLETE or task is None or task.kind != KIND_SCSI:
        return
    if not 0 < task.request < management.request:
        return
    if task.connection != follower.number:
        tmf_reassign_allegiant_response(follower, look, desk, task)
    if asked and management.connection == follower.number:
        exp_data_sn = int.from_bytes(follower.connection.rows.header(management.request)[36:40], "big")
        trouble = of_task_trouble(task)
        if distance(exp_data_sn, trouble.acknowledged) > 0:
            trouble.acknowledged = exp_data_sn
            trouble.acknowledged_by = management.request
        trouble.move = Move(
            follower.number, management.request, look.number, look.ts, follower.losses, exp_data_sn, asked < 0
        )


def see_foreign(follower: Follower, look: Look, task: Task, desk: Desk) -> None:
    """Runs the rules of this topic on a PDU of a task on another connection than that of its command."""
    if look.opcode not in (at.OP_DATA_IN, at.OP_SCSI_RESPONSE, at.OP_R2T) or not look.whole:
        return
    moving = of_session_trouble(follower.session).moving
    asked = abs(moving.get(task.tag, 0))
    if asked:
        moving[task.tag] = -asked
        tmf_reassign_order(follower, look, desk, task, asked)
        return
    trouble = task_trouble(task)
    move = None if trouble is None else trouble.move
    if trouble is None or move is None or move.connection != follower.number or move.losses != follower.losses:
        return
    if look.opcode == at.OP_DATA_IN and not move.begun:
        tmf_reassign_data_start(follower, look, desk, task, move)
    elif look.opcode == at.OP_SCSI_RESPONSE and trouble.r_data < move.response:
        tmf_reassign_snack_tag(follower, look, desk, move)
    move.begun = True


def left_open(follower: Follower, task: Task, desk: Desk) -> None:
    """A SCSI task got no answer until its connection, or the capture, ended."""
    trouble = task_trouble(task)
    if trouble is not None and trouble.move is not None and not trouble.move.begun:
        tmf_reassign_no_status(follower, desk, task, trouble.move)


def lost(follower: Follower) -> None:
    """Bytes are missing: the answers may be among them."""
    of_session_trouble(follower.session).moving.clear()


def tmf_reassign_before_logout(follower: Follower, look: Look, desk: Desk, task: Task) -> None:
    """A task is to move to another connection, but its old connection was not given up.

    ## What it means
    A task moves only after its connection was logged out for recovery, or another connection took the place of it with
    the same CID. Neither has happened.

    ## Why it matters
    The target has to refuse. If both sides use a task on two connections, data is transferred twice, or mixed.

    ## Example
        talk = Talk(error_recovery_level=2, max_connections=2).open()
        task = talk.command(read=65536)
        other = talk.join().open()
        other.tmf(8, task, ref_cmd_sn=0, lun=0, response=3)

    ## When it is silent
    When any connection of the session is not wholly in the capture, or could be missing from it.

    ## Reference
    RFC 7143 sections 7.2.2 and 11.5.1
    """
    old = connection_of(follower, task)
    if entire_session(follower) and not released(old):
        facts: dict[str, object] = {"referenced": task.tag, "old": old.number}
        desk.report("tmf-reassign-before-logout", INITIATOR, follower, look, facts, task.request)


def tmf_reassign_allegiant_response(follower: Follower, look: Look, desk: Desk, task: Task) -> None:
    """A target says that it has reassigned a task that still has its connection.

    ## What it means
    While the connection of a task is neither closed nor logged out, the answer has to be `task still allegiant` (3).
    The target answered with success.

    ## Why it matters
    The task now belongs to two connections: data and status may come on either of them, or on both.

    ## Example
        talk = Talk(error_recovery_level=2, max_connections=2).open()
        task = talk.command(read=65536)
        other = talk.join().open()
        other.tmf(8, task, ref_cmd_sn=0, lun=0)

    ## When it is silent
    Below ErrorRecoveryLevel 2, where other rules speak; when the request came on the connection of the task; when that
    was closed; when any connection of the
    session is not wholly in the capture, or could be missing from it.

    ## Reference
    RFC 7143 section 7.2.2
    """
    old = connection_of(follower, task)
    if follower.limits.error_recovery_level == LEVEL and entire_session(follower) and alive(old):
        facts: dict[str, object] = {"referenced": task.tag, "old": old.number}
        desk.report("tmf-reassign-allegiant-response", TARGET, follower, look, facts, task.request)


def tmf_reassign_order(follower: Follower, look: Look, desk: Desk, task: Task, asked: int) -> None:
    """A task goes on on its new connection before the target has agreed to move it.

    ## What it means
    A task belongs to its new connection from the response to TASK REASSIGN on. Here data, an R2T or the status came
    before that response, on the same connection.

    ## Why it matters
    The initiator does not know yet whether the task was moved: it drops the PDU, or takes it for a protocol error.

    ## Example
        talk = Talk(error_recovery_level=2, max_connections=2).open()
        task = talk.command(read=65536)
        talk.rst()
        talk.wait(3)
        other = talk.join().open()
        other.logout_response(tag=other.logout_request(2, cid=0).word(16))
        request = other.tmf_request(8, task, ref_cmd_sn=0, lun=0)
        other.data_in(task, 4096)
        other.tmf_response(tag=request.word(16))
        other.serve(task)

    ## When it is silent
    When bytes of the session are missing since the request.

    ## Reference
    RFC 7143 sections 7.2.2, 11.5.1 and 11.6
    """
    facts: dict[str, object] = {"pdu": OPCODES(look.opcode), "tag": task.tag}
    desk.report("tmf-reassign-order", TARGET, follower, look, facts, asked)


def tmf_reassign_no_status(follower: Follower, desk: Desk, task: Task, move: Move) -> None:
    """A task was reassigned, and nothing was heard of it any more.

    ## What it means
    The target said that the task has moved. It then owes the rest of the data and the status, also if it had sent the
    status before on the old connection. In half a minute nothing came.

    ## Why it matters
    The initiator waits until its time-out, and then resets the logical unit: the recovery has gained nothing.

    ## Example
        talk = Talk(error_recovery_level=2, max_connections=2).open()
        task = talk.command(read=65536)
        talk.rst()
        talk.wait(3)
        other = talk.join().open()
        other.logout_response(tag=other.logout_request(2, cid=0).word(16))
        other.tmf(8, task, ref_cmd_sn=0, lun=0)
        other.wait(60)
        other.ping()

    ## When it is silent
    When anything of the new connection is missing, or it ended within half a minute.

    ## Reference
    RFC 7143 section 7.2.2
    """
    now = numbered(follower, move.connection)
    waited = heard_since(now, move.ts)
    if waited >= PATIENCE_NS:
        facts: dict[str, object] = {"referenced": task.tag, "seconds": waited // SECOND}
        session = now.session.number
        desk.found("tmf-reassign-no-status", TARGET, session, now.number, move.response, facts, task.request, task.tag)


def tmf_reassign_data_start(follower: Follower, look: Look, desk: Desk, task: Task, move: Move) -> None:
    """After a reassignment data is left out.

    ## What it means
    TASK REASSIGN tells by ExpDataSN which Data-In the initiator wants next. The target goes on with a later one.

    ## Why it matters
    The initiator lacks data in the middle of the transfer: it asks again, fails the command, or takes what its buffer
    held before for the data of the disk.

    ## Example
        talk = Talk(error_recovery_level=2, max_connections=2).open()
        task = talk.command(read=65536)
        for _ in range(4):
            talk.data_in(task, 4096)
        talk.rst()
        talk.wait(3)
        other = talk.join().open()
        other.logout_response(tag=other.logout_request(2, cid=0).word(16))
        other.tmf(8, task, ref_cmd_sn=0, exp_data_sn=2, lun=0)
        other.serve(task)

    ## When it is silent
    When bytes of the new connection are missing, and for commands that also write.

    ## Reference
    RFC 7143 section 11.5.6
    """
    data_sn = word(look, at.AT_DATA_SN)
    if task.flags & READ_WRITE == at.READ_MASK and distance(data_sn, move.exp_data_sn) > 0:
        facts: dict[str, object] = {"data_sn": data_sn, "exp_data_sn": move.exp_data_sn}
        desk.report("tmf-reassign-data-start", TARGET, follower, look, facts, move.request)


def tmf_reassign_snack_tag(follower: Follower, look: Look, desk: Desk, move: Move) -> None:
    """The response of a reassigned task repeats a SNACK Tag of its old connection.

    ## What it means
    What an R-Data SNACK asked for on the old connection is over when the task has moved: the SNACK Tag of the response
    is 0 again.

    ## Why it matters
    The initiator compares the tag with the SNACKs that it sent on this connection, and may drop the response.

    ## Example
        talk = Talk(error_recovery_level=2, max_connections=2).open()
        task = talk.command(read=65536)
        talk.rst()
        talk.wait(3)
        other = talk.join().open()
        other.logout_response(tag=other.logout_request(2, cid=0).word(16))
        other.tmf(8, task, ref_cmd_sn=0, lun=0)
        other.data_in(task, 65536)
        other.response(task, snack_tag=7)

    ## When it is silent
    When an R-Data SNACK was sent on the new connection, and when bytes of that connection are missing.

    ## Reference
    RFC 7143 section 7.2.2
    """
    if look.second:
        facts: dict[str, object] = {"snack_tag": look.second}
        desk.report("tmf-reassign-snack-tag", TARGET, follower, look, facts, move.response)
