"""Rules on DataSN, R2TSN and ExpDataSN: the numbers within one task (RFC 7143 sections 4.2.2.4, 11.4.8, 11.7.5,
11.8.2).

Compiled. Only tasks whose PDUs are all in the capture are judged. Bidirectional commands are left out: the RFC counts
them in one way and shows them in another (section 11.7.5, appendix A.3.3).
"""

from __future__ import annotations

from typing import Final

from librt.strings import read_i64_be
from mypy_extensions import i64

from iscsi_analyzer.model.following import Follower
from iscsi_analyzer.model.task import Task
from iscsi_analyzer.model.watch import Look
from iscsi_analyzer.rules import retransmission
from iscsi_analyzer.rules.desk import INITIATOR, TARGET, Desk
from iscsi_analyzer.rules.evidence import all_seen, whole
from iscsi_analyzer.rules.notes import TaskNotes, of_task
from iscsi_analyzer.rules.rule import ERROR, WARNING, Rule
from iscsi_analyzer.streams.serial import distance

_M32: Final = 0xFFFFFFFF
BIDIRECTIONAL: Final = 0x60
"R and W bits of a command."

_WHOLE: Final = "the whole task"

RULES = (
    Rule(
        "datain-datasn-gap",
        ERROR,
        TARGET,
        "RFC 7143 sections 4.2.2.4 and 11.7.5",
        "Data-In has DataSN {data_sn} where {expected} was due",
        _WHOLE,
        occasion="iscsi.opcode == data_in",
    ),
    Rule(
        "dataout-datasn-gap",
        ERROR,
        INITIATOR,
        "RFC 7143 sections 4.2.2.4 and 11.7.5",
        "Data-Out has DataSN {data_sn} where {expected} was due",
        _WHOLE,
        occasion="iscsi.opcode == data_out",
    ),
    Rule(
        "r2tsn-gap",
        ERROR,
        TARGET,
        "RFC 7143 sections 4.2.2.4 and 11.8.2",
        "R2T has R2TSN {r2t_sn} where {expected} was due",
        _WHOLE,
        occasion="iscsi.opcode == r2t",
    ),
    Rule(
        "expdatasn-mismatch",
        WARNING,
        TARGET,
        "RFC 7143 section 11.4.8",
        "The response says that {exp_data_sn} Data-In PDUs were sent, {sent} were",
        _WHOLE,
        occasion="iscsi.opcode == scsi_response",
    ),
    Rule(
        "expdatasn-must-be-zero",
        WARNING,
        TARGET,
        "RFC 7143 section 11.4.8",
        "ExpDataSN is {exp_data_sn} in a response that {why}",
        _WHOLE,
        occasion="iscsi.opcode == scsi_response",
    ),
)


def see(follower: Follower, look: Look, desk: Desk) -> None:
    """Runs the rules of this topic on one Data-In, Data-Out, R2T or SCSI Response whose header is whole."""
    task = look.task
    if task is None or task.flags & BIDIRECTIONAL == BIDIRECTIONAL or not whole(follower, task):
        return
    number = read_i64_be(look.header, 32) & _M32
    opcode = look.opcode
    if opcode == 0x25:
        if number == 0 and look.flags & 0x01 and task.notes is None:
            return  # the only one of its task: nothing to compare, nothing to remember
        _data_in(follower, look, desk, task, number)
    elif opcode == 0x05:
        _data_out(follower, look, desk, task, number)
    elif opcode == 0x31:
        _r2t(follower, look, desk, task, number)
    elif number or task.notes is not None:
        _response(follower, look, desk, task, number)


def _again(follower: Follower) -> bool:
    """Whether the target may send PDUs of a task again."""
    return follower.limits.error_recovery_level != 0


def _data_in(follower: Follower, look: Look, desk: Desk, task: Task, number: i64) -> None:
    notes = of_task(task)
    ahead = distance(number, notes.next_data_in_sn)
    if (ahead > 0 or (ahead < 0 and not _again(follower))) and all_seen(follower, True):
        datain_datasn_gap(follower, look, desk, task, notes, number)
    if ahead >= 0:
        notes.next_data_in_sn = (number + 1) & _M32
    else:
        retransmission.data_in(follower, look, desk, task)
    notes.data_ins += 1


def _data_out(follower: Follower, look: Look, desk: Desk, task: Task, number: i64) -> None:
    notes = of_task(task)
    if notes.data_out_tag != look.second:
        notes.data_out_tag = look.second
        notes.next_data_out_sn = 0
    if number != notes.next_data_out_sn and all_seen(follower, False):
        dataout_datasn_gap(follower, look, desk, task, notes, number)
        if distance(number, notes.next_data_out_sn) > 0:
            notes.skipped = look.number
    notes.next_data_out_sn = (number + 1) & _M32
    if look.flags & 0x80:
        notes.data_out_tag = -1  # the sequence is over; another may have its tag again


def _r2t(follower: Follower, look: Look, desk: Desk, task: Task, number: i64) -> None:
    notes = of_task(task)
    ahead = distance(number, notes.next_r2t_sn)
    if (ahead > 0 or (ahead < 0 and not _again(follower))) and all_seen(follower, True):
        r2tsn_gap(follower, look, desk, task, notes, number)
    if ahead >= 0:
        notes.next_r2t_sn = (number + 1) & _M32
    else:
        retransmission.r2t(follower, look, desk, task)
    notes.r2ts += 1


def _response(follower: Follower, look: Look, desk: Desk, task: Task, number: i64) -> None:
    notes = of_task(task)
    if notes.skipped:
        retransmission.responded(follower, look, desk, task, notes)
    if number and (look.header[2] or notes.data_ins == 0):
        expdatasn_must_be_zero(follower, look, desk, task, notes, number)
    elif not look.header[2] and number != notes.data_ins and number != notes.next_data_in_sn:
        if all_seen(follower, True):
            expdatasn_mismatch(follower, look, desk, task, notes, number)


def datain_datasn_gap(follower: Follower, look: Look, desk: Desk, task: Task, notes: TaskNotes, data_sn: i64) -> None:
    """A Data-In does not have the next number of its task's data sequence.

    ## What it means
    The Data-In PDUs of a command are numbered from 0 on, without holes. This one leaves numbers out, or goes back.

    ## Why it matters
    The initiator has to believe that data was lost: it asks again or fails the command.

    ## Example
        talk.open()
        read = talk.command(read=8192)
        talk.data_in(read, 4096, data_sn=0)
        talk.data_in(read, 4096, data_sn=2, status=0)

    ## When it is silent
    When the command or bytes since then are not in the capture, and for bidirectional commands (section 11.7.5 and
    appendix A.3.3 count them differently). Numbers that go back are judged at ErrorRecoveryLevel 0 only: above it data
    may be sent again.

    ## Reference
    RFC 7143 sections 4.2.2.4 and 11.7.5
    """
    facts: dict[str, object] = {"data_sn": data_sn, "expected": notes.next_data_in_sn}
    desk.report("datain-datasn-gap", TARGET, follower, look, facts, task.request)


def dataout_datasn_gap(follower: Follower, look: Look, desk: Desk, task: Task, notes: TaskNotes, data_sn: i64) -> None:
    """A Data-Out does not have the next number of its sequence.

    ## What it means
    The Data-Out PDUs that answer one R2T, or that follow the command unasked, are numbered from 0 on, without holes.
    This one has another number.

    ## Why it matters
    The target has to believe that data was lost: it asks again, fails the command or drops the connection.

    ## Example
        talk.open()
        write = talk.command(write=8192)
        burst = talk.r2t(write)
        talk.data_out(write, 4096, burst=burst)
        talk.data_out(write, 4096, burst=burst, data_sn=7)

    ## When it is silent
    When the command or bytes since then are not in the capture, and for bidirectional commands.

    ## Reference
    RFC 7143 sections 4.2.2.4 and 11.7.5
    """
    facts: dict[str, object] = {"data_sn": data_sn, "expected": notes.next_data_out_sn}
    desk.report("dataout-datasn-gap", INITIATOR, follower, look, facts, task.request)


def r2tsn_gap(follower: Follower, look: Look, desk: Desk, task: Task, notes: TaskNotes, r2t_sn: i64) -> None:
    """An R2T does not have the next number of its task.

    ## What it means
    The R2Ts of a command are numbered from 0 on, without holes. This one has another number.

    ## Why it matters
    The initiator has to believe that an R2T was lost; one that asks for it again, and does not get it, fails the
    command.

    ## Example
        talk.open()
        write = talk.command(write=8192)
        talk.data_out(write, 4096, burst=talk.r2t(write, 4096))
        talk.data_out(write, 4096, burst=talk.r2t(write, 4096, r2t_sn=2))

    ## When it is silent
    When the command or bytes since then are not in the capture, and for bidirectional commands. Numbers that go back
    are judged at ErrorRecoveryLevel 0 only: above it an R2T may be sent again.

    ## Reference
    RFC 7143 sections 4.2.2.4 and 11.8.2
    """
    facts: dict[str, object] = {"r2t_sn": r2t_sn, "expected": notes.next_r2t_sn}
    desk.report("r2tsn-gap", TARGET, follower, look, facts, task.request)


def expdatasn_mismatch(
    follower: Follower, look: Look, desk: Desk, task: Task, notes: TaskNotes, exp_data_sn: i64
) -> None:
    """A response tells a wrong number of Data-In PDUs.

    ## What it means
    ExpDataSN in a SCSI Response is the number of Data-In PDUs that the target has sent for the command. Another number
    was sent.

    ## Why it matters
    By this number the initiator knows that all data has come. One that checks it waits for data that was never sent, or
    takes a loss for the end.

    ## Example
        talk.open()
        read = talk.command(read=8192)
        talk.data_in(read, 4096)
        talk.data_in(read, 4096)
        talk.response(read, exp_data_sn=3)

    ## When it is silent
    When the command or bytes since then are not in the capture, and for bidirectional commands.

    ## Reference
    RFC 7143 section 11.4.8
    """
    facts: dict[str, object] = {"exp_data_sn": exp_data_sn, "sent": notes.data_ins}
    desk.report("expdatasn-mismatch", TARGET, follower, look, facts, task.request)


def expdatasn_must_be_zero(
    follower: Follower, look: Look, desk: Desk, task: Task, notes: TaskNotes, exp_data_sn: i64
) -> None:
    """A response counts Data-In PDUs where there is nothing to count.

    ## What it means
    ExpDataSN has to be 0 when the target sent no Data-In for the command, and when the command was not completed at the
    target (response code other than 0).

    ## Why it matters
    An initiator that checks the number waits for data that was never sent.

    ## Example
        talk.open()
        talk.response(talk.command(), exp_data_sn=4)

    ## When it is silent
    When the command or bytes since then are not in the capture, for bidirectional commands, and for writes whose number
    of R2Ts it is: RFC 3720 counted them, too.

    ## Reference
    RFC 7143 section 11.4.8
    """
    if look.header[2] == 0 and exp_data_sn == notes.r2ts:
        return
    why = "says that the command was not completed" if look.header[2] else "follows no Data-In"
    facts: dict[str, object] = {"exp_data_sn": exp_data_sn, "why": why}
    desk.report("expdatasn-must-be-zero", TARGET, follower, look, facts, task.request)
