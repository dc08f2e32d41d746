"""Rules on what has to follow a Reject, or must not: for the task, for CmdSN, for the PDU itself (RFC 7143 sections
7.3, 7.12 and 11.17).

Interpreted: sees Rejects, for a minute after one every PDU of its connection, and tasks that are left unanswered.
"""

from __future__ import annotations

from typing import Final

from dissectors.iscsi import layout as at
from dissectors.iscsi.words import OPCODES
from iscsi_analyzer.model.following import Follower
from iscsi_analyzer.model.task import KIND_SCSI, Task
from iscsi_analyzer.model.watch import Look
from iscsi_analyzer.rules.desk import INITIATOR, TARGET, Desk
from iscsi_analyzer.rules.evidence import all_seen, alone, whole
from iscsi_analyzer.rules.header_fields import word
from iscsi_analyzer.rules.notes import TaskNotes, of_task
from iscsi_analyzer.rules.reject import NEGOTIATION_RESET, PROTOCOL_ERROR
from iscsi_analyzer.rules.rule import NOTE, WARNING, Rule
from iscsi_analyzer.rules.sight import entire, heard_since, reached
from iscsi_analyzer.rules.trouble import (
    MOST,
    PATIENCE_NS,
    SECOND,
    ConnectionTrouble,
    TaskTrouble,
    calm,
    of_connection_trouble,
    of_task_trouble,
    task_trouble,
    watch,
)
from iscsi_analyzer.streams.serial import distance

REJECTS: Final = "reject"
"The topic, to those who watch."
FORGET_NS: Final = 60_000_000_000
"So long after the latest Reject its connection is watched."
HEADER: Final = 48
IN_PROGRESS: Final = 0x07
FOR_EVER: Final = (PROTOCOL_ERROR, 0x05, IN_PROGRESS, 0x08, 0x09, NEGOTIATION_RESET, 0x0C)
"Reasons after which the PDU cannot be sent again."
NUMBERED: Final = (0x00, 0x01, 0x02, 0x04, 0x06)
"Requests that use a CmdSN up, unless they are immediate."
READ_WRITE: Final = at.READ_MASK | at.WRITE_MASK

_HEADER: Final = "that the data segment of the Reject was captured"

RULES = (
    Rule(
        "reject-datasn-wrong",
        WARNING,
        TARGET,
        "RFC 7143 section 11.17.2",
        "The Reject of a Data SNACK says that {data_sn} is the next number of the task, it is {expected}",
        "the whole task",
        occasion="iscsi.reject.reason == 4",
    ),
    Rule(
        "reject-acked-cmdsn",
        WARNING,
        TARGET,
        "RFC 7143 section 7.3",
        "ExpCmdSN {exp_cmd_sn} acknowledges CmdSN {cmd_sn}, which was rejected and was not sent again",
        _HEADER,
        occasion="iscsi.opcode == reject",
    ),
    Rule(
        "reject-terminates-task",
        WARNING,
        TARGET,
        "RFC 7143 sections 7.3 and 11.17.1",
        "A Data-Out of the command was rejected, and the command got no response in {seconds} s",
        "the whole connection",
        occasion="iscsi.opcode == reject",
    ),
    Rule(
        "reject-wait-final-data",
        WARNING,
        TARGET,
        "RFC 7143 section 11.17.1",
        "A Data-Out of the command was rejected, and the response came while {missing} bytes were still to come",
        "the whole task",
        occasion="iscsi.opcode == reject",
    ),
    Rule(
        "reject-resent-unchanged",
        NOTE,
        INITIATOR,
        "RFC 7143 section 11.17.1",
        "{pdu} was rejected with reason 0x{reason:02x}, which is for ever, and is sent again as it was",
        _HEADER,
        occasion="iscsi.reject.reason in {4, 5, 7, 8, 9, 11, 12}",
    ),
    Rule(
        "reject-0b-not-fatal",
        NOTE,
        INITIATOR,
        "RFC 7143 sections 7.12 and 11.17.1",
        "The initiator got a Reject with reason 0x0b (negotiation reset), and goes on with {pdu}",
        "the Reject and its acknowledgement by ExpStatSN",
        occasion="iscsi.reject.reason == 11",
    ),
)


def see(follower: Follower, look: Look, desk: Desk) -> None:
    """Runs the rules of this topic on one Reject."""
    if not look.whole:
        return
    reason = look.header[at.AT_REASON]
    trouble = watch(follower, REJECTS)
    trouble.rejected_ts = look.ts
    if reason == NEGOTIATION_RESET:
        trouble.reset = look.number
        trouble.reset_stat_sn = word(look, at.AT_STAT_SN)
    quoted = look.data[:HEADER]
    if len(quoted) < HEADER:
        return
    opcode = quoted[0] & at.OPCODE_MASK
    if reason in FOR_EVER and len(trouble.rejected) < MOST:
        trouble.rejected[_unnumbered(quoted)] = (look.number, reason, quoted[24:28])
    task = follower.session.open.get(int.from_bytes(quoted[16:20], "big"))
    cmd_sn = int.from_bytes(quoted[24:28], "big")
    if opcode in NUMBERED and not quoted[0] & at.IMMEDIATE_MASK and reason != IN_PROGRESS:
        if task is not None and task.request and task.cmd_sn == cmd_sn and len(trouble.unplugged) < MOST:
            trouble.unplugged[cmd_sn] = look.number
    _acknowledged(follower, look, desk, trouble)
    if task is None or not task.request or task.kind != KIND_SCSI or task.connection != follower.number:
        return
    if opcode == at.OP_SNACK:
        if reason == PROTOCOL_ERROR and not quoted[1] & at.SNACK_TYPE_MASK:
            reject_datasn_wrong(follower, look, desk, task)
    elif opcode == at.OP_DATA_OUT:
        of_task_trouble(task).part_rejected = look.number
        of_task_trouble(task).part_rejected_ts = look.ts


def see_watched(follower: Follower, look: Look, desk: Desk) -> None:
    """Runs the rules of this topic on one PDU, of a connection on which something was rejected."""
    trouble = of_connection_trouble(follower)
    if look.ts - trouble.rejected_ts > FORGET_NS:
        _forget(trouble)
        calm(follower, REJECTS)
    elif not look.whole:
        return
    elif look.to_target:
        _sent(follower, look, desk, trouble)
    elif look.opcode != at.OP_REJECT:
        _acknowledged(follower, look, desk, trouble)
        of = task_trouble(look.task) if look.opcode == at.OP_SCSI_RESPONSE else None
        if of is not None and of.part_rejected and look.task is not None:
            reject_wait_final_data(follower, look, desk, look.task, of)


def _acknowledged(follower: Follower, look: Look, desk: Desk, trouble: ConnectionTrouble) -> None:
    """What ExpCmdSN of a PDU of the target says of rejected commands."""
    if trouble.unplugged and alone(follower) and all_seen(follower, True):
        exp_cmd_sn = word(look, at.AT_EXP_CMD_SN)
        for cmd_sn, number in list(trouble.unplugged.items()):
            if distance(exp_cmd_sn, cmd_sn) > 0:
                del trouble.unplugged[cmd_sn]
                reject_acked_cmdsn(follower, look, desk, cmd_sn, exp_cmd_sn, number)


def left_open(follower: Follower, task: Task, desk: Desk) -> None:
    """A SCSI task got no answer until its connection, or the capture, ended."""
    trouble = task_trouble(task)
    if trouble is None or not trouble.part_rejected:
        return
    waited = heard_since(follower, trouble.part_rejected_ts)
    notes = of_task(task)
    if waited >= PATIENCE_NS and reached(follower, True) and not notes.outstanding() and not notes.unsolicited_begun:
        reject_terminates_task(follower, desk, task, trouble, waited)


def lost(follower: Follower) -> None:
    """Bytes are missing: what was waited for may be among them."""
    _forget(of_connection_trouble(follower))


def _forget(trouble: ConnectionTrouble) -> None:
    trouble.reset = 0
    trouble.rejected.clear()
    trouble.unplugged.clear()


def _unnumbered(header: bytes) -> bytes:
    """A header without CmdSN and ExpStatSN."""
    return header[:24] + header[32:]


def _sent(follower: Follower, look: Look, desk: Desk, trouble: ConnectionTrouble) -> None:
    """A PDU of the initiator after a Reject."""
    if trouble.reset and look.opcode != at.OP_LOGOUT_REQUEST:
        if distance(word(look, at.AT_EXP_STAT_SN), trouble.reset_stat_sn) > 0:
            reject_0b_not_fatal(follower, look, desk, trouble.reset)
            trouble.reset = 0
    before = trouble.rejected.get(_unnumbered(look.header))
    numbered = look.opcode in NUMBERED and not look.immediate
    if before is not None and not (numbered and before[2] == look.header[24:28]):
        reject_resent_unchanged(follower, look, desk, before[0], before[1])
    if numbered:
        trouble.unplugged.pop(word(look, at.AT_CMD_SN), None)
    if look.opcode == at.OP_TASK_MANAGEMENT_REQUEST:
        trouble.unplugged.pop(word(look, at.AT_REF_CMD_SN), None)


def reject_datasn_wrong(follower: Follower, look: Look, desk: Desk, task: Task) -> None:
    """The Reject of a SNACK tells a wrong number.

    ## What it means
    When a target rejects a Data SNACK as a protocol error, it tells the DataSN or R2TSN that the task comes to next.
    The task is at another number.

    ## Why it matters
    By this number the initiator finds out what it has lost track of. A wrong one leads it into the wrong recovery.

    ## Example
        talk = Talk(error_recovery_level=1).open()
        task = talk.command(read=8192)
        talk.data_in(task, 4096)
        talk.reject(talk.snack(0, task=task, begin=7, run=1), reason=4, data_sn=5)

    ## When it is silent
    When the capture lacks anything of the task, for bidirectional commands, and after R-Data SNACKs.

    ## Reference
    RFC 7143 section 11.17.2
    """
    trouble = task_trouble(task)
    if not whole(follower, task) or task.flags & READ_WRITE == READ_WRITE or (trouble and trouble.r_data):
        return
    notes = of_task(task)
    expected = int(notes.next_data_in_sn if task.flags & at.READ_MASK else notes.next_r2t_sn)
    data_sn = word(look, at.AT_DATA_SN)
    if data_sn != expected:
        facts: dict[str, object] = {"data_sn": data_sn, "expected": expected}
        desk.report("reject-datasn-wrong", TARGET, follower, look, facts, task.request)


def reject_acked_cmdsn(follower: Follower, look: Look, desk: Desk, cmd_sn: int, exp_cmd_sn: int, number: int) -> None:
    """A target acknowledges a command that it has rejected.

    ## What it means
    The CmdSN of a rejected command counts as not received, until the initiator sends another command with it. The
    target moves its ExpCmdSN beyond it all the same.

    ## Why it matters
    The initiator fills the hole that the Reject leaves, with a command of the same number, and the target ignores that
    as one that it has got already: the command hangs.

    ## Example
        talk.open()
        request = talk.nop_out()
        talk.reject(request, reason=5, exp_cmd_sn=request.word(24) + 1)

    ## When it is silent
    In sessions that may have several connections; when the capture lacks the data of the Reject, or bytes since; once
    the number was used again, or the task aborted; for commands that were rejected as being in progress.

    ## Reference
    RFC 7143 section 7.3
    """
    facts: dict[str, object] = {"exp_cmd_sn": exp_cmd_sn, "cmd_sn": cmd_sn}
    desk.report("reject-acked-cmdsn", TARGET, follower, look, facts, number)


def reject_terminates_task(follower: Follower, desk: Desk, task: Task, trouble: TaskTrouble, waited: int) -> None:
    """A command is forgotten after a Reject of its data.

    ## What it means
    The Reject of a Data-Out does not end the command: its response has to follow, CHECK CONDITION if the target gives
    it up. All the data was sent, and no response came for ten seconds or more.

    ## Why it matters
    The initiator waits until its time-out, and then aborts what the target has forgotten long ago.

    ## Example
        talk.open()
        task = talk.command(write=4096)
        data = talk.data_out(task, 4096, burst=talk.r2t(task))
        talk.reject(data, reason=4)
        talk.ping()
        talk.wait(20)
        talk.ping()

    ## When it is silent
    When anything of the connection is missing; when it ended within ten seconds; while data is still to come; when the
    command was aborted.

    ## Reference
    RFC 7143 sections 7.3 and 11.17.1
    """
    facts: dict[str, object] = {"seconds": waited // SECOND}
    session = follower.session.number
    number = trouble.part_rejected
    desk.found("reject-terminates-task", TARGET, session, follower.number, number, facts, task.request, task.tag)


def reject_wait_final_data(follower: Follower, look: Look, desk: Desk, task: Task, trouble: TaskTrouble) -> None:
    """A command whose data was rejected is ended before the rest of the data has come.

    ## What it means
    When a target has rejected a Data-Out and gives up the command, it still waits for the end of the data (F bit)
    before it sends the response. Data was still to come.

    ## Why it matters
    The rest of the data arrives after the response, perhaps when the transfer tag belongs to another command.

    ## Example
        talk.open()
        task = talk.command(write=8192)
        burst = talk.r2t(task)
        talk.reject(talk.data_out(task, 4096, burst=burst), reason=4)
        talk.response(task, 8)

    ## When it is silent
    When the capture lacks anything of the task, and when the target has acknowledged bytes that the capture has not
    shown yet.

    ## Reference
    RFC 7143 section 11.17.1
    """
    notes = task.notes
    if not isinstance(notes, TaskNotes) or not whole(follower, task) or not all_seen(follower, True):
        return
    missing = notes.missing()
    if missing:
        desk.report("reject-wait-final-data", TARGET, follower, look, {"missing": missing}, trouble.part_rejected)


def reject_resent_unchanged(follower: Follower, look: Look, desk: Desk, number: int, reason: int) -> None:
    """A PDU is sent again although it was rejected for good.

    ## What it means
    The reason of a Reject tells whether the PDU can be sent again. This reason says that it cannot, and the initiator
    sends it again as it was.

    ## Why it matters
    It will be rejected again; initiators that do not give up flood the target with it.

    ## Example
        talk.open()
        request = talk.nop_out(immediate=True, tag=9)
        talk.reject(request, reason=4)
        talk.nop_out(immediate=True, tag=9)
        talk.nop_in(tag=9)

    ## When it is silent
    When the capture lacks the data of the Reject; when it is more than a minute back; for a command with the same
    CmdSN, which fills the hole that the Reject left.

    ## Reference
    RFC 7143 section 11.17.1
    """
    facts: dict[str, object] = {"pdu": OPCODES(look.opcode), "reason": reason}
    desk.report("reject-resent-unchanged", INITIATOR, follower, look, facts, number)


def reject_0b_not_fatal(follower: Follower, look: Look, desk: Desk, number: int) -> None:
    """An initiator goes on after a reset of the negotiation.

    ## What it means
    Reason 0x0b is a leftover of RFC 3720. An initiator that gets it takes the negotiation for failed, and ends the
    connection. This one goes on.

    ## Why it matters
    Each side believes in other parameters from now on.

    ## Example
        talk.open()
        talk.reject(talk.text_request({"X-com.example.a": "b"}), reason=0x0B)
        talk.ping()

    ## When it is silent
    When the initiator has not acknowledged the Reject by its ExpStatSN; when it logs out.

    ## Reference
    RFC 7143 sections 7.12 and 11.17.1
    """
    if entire(follower):
        desk.report("reject-0b-not-fatal", INITIATOR, follower, look, {"pdu": OPCODES(look.opcode)}, number)
