"""Rules on numbering: CmdSN, StatSN, DataSN, R2TSN, tags (RFC 7143 sections 4.2.2, 11.3 to 11.8).

Compiled. Numbers are compared only while nothing of the connection is missing from the capture: after a loss they
are learned anew.
"""

from __future__ import annotations

from typing import Final

from librt.strings import read_i64_be

from iscsi_analyzer.model.following import Follower
from iscsi_analyzer.model.task import KIND_SCSI, Task
from iscsi_analyzer.model.watch import Look
from iscsi_analyzer.rules.desk import INITIATOR, TARGET, Desk
from iscsi_analyzer.rules.notes import of_connection, of_session, of_task
from iscsi_analyzer.rules.rule import ERROR, Rule
from iscsi_analyzer.streams.serial import distance

RESERVED: Final = 0xFFFFFFFF
_M32: Final = 0xFFFFFFFF

RULES = (
    Rule(
        "cmdsn-gap",
        ERROR,
        INITIATOR,
        "RFC 7143 section 4.2.2.1",
        "CmdSN {cmd_sn} was sent where {expected} was due: {missing} numbers were left out",
        "an unbroken view of a session with one connection",
    ),
    Rule(
        "statsn-gap",
        ERROR,
        TARGET,
        "RFC 7143 section 4.2.2.2",
        "StatSN {stat_sn} was sent where {expected} was due",
        "an unbroken view of the connection",
    ),
    Rule(
        "datain-datasn-gap",
        ERROR,
        TARGET,
        "RFC 7143 section 11.7.5",
        "Data-In has DataSN {data_sn} where {expected} was due",
        "the whole task",
    ),
)


def see(follower: Follower, look: Look, desk: Desk) -> None:
    """Runs the rules of this topic on one PDU."""
    opcode = look.opcode
    if look.to_target:
        if opcode <= 0x06 and opcode != 0x05 and opcode != 0x03 and not look.immediate:
            cmdsn_gap(follower, look, desk)
    elif look.whole:
        statsn_gap(follower, look, desk)
        if opcode == 0x25:
            datain_datasn_gap(follower, look, desk)


def lost(follower: Follower, to_target: bool) -> None:
    """Bytes are missing: what was expected next is not known any more."""
    if to_target:
        of_session(follower.session).next_cmd_sn = -1
    else:
        of_connection(follower).next_stat_sn = -1


def whole(follower: Follower, task: Task) -> bool:
    """Whether all PDUs of a task are in the capture, from its command on."""
    return task.request != 0 and task.losses == follower.losses and task.kind == KIND_SCSI


def cmdsn_gap(follower: Follower, look: Look, desk: Desk) -> None:
    """A command skipped numbers of the command sequence.

    ## What it means Each command that is not immediate carries the CmdSN that follows the one before. This one left
    numbers out, so the target has to wait for commands that were never sent.

    ## Why it matters A target delivers commands in CmdSN order. Behind a hole everything stands still until a time-out
    drops the session.

    ## Example
        talk.open() talk.session.cmd_sn += 1 talk.test_unit_ready()

    ## When it is silent After bytes of the initiator were lost by the capture, before the first command of a session
    whose login was not seen, and for sessions with several connections, whose commands reach the capture in any order.

    ## Reference RFC 7143 section 4.2.2.1
    """
    session = follower.session
    notes = of_session(session)
    cmd_sn = (read_i64_be(look.header, 24) >> 32) & _M32
    expected = notes.next_cmd_sn
    if expected >= 0 and len(session.connections) == 1:
        ahead = distance(cmd_sn, expected)
        if ahead > 0:
            desk.found(
                "cmdsn-gap",
                INITIATOR,
                session.number,
                follower.number,
                look.number,
                {"cmd_sn": cmd_sn, "expected": expected, "missing": ahead},
                tag=look.tag,
            )
        elif ahead < 0:
            return
    notes.next_cmd_sn = (cmd_sn + 1) & _M32


def statsn_gap(follower: Follower, look: Look, desk: Desk) -> None:
    """A status skipped numbers of the status sequence.

    ## What it means Every response of a connection carries the StatSN that follows the one before; PDUs without status
    carry the next one and do not use it up. This one does not fit.

    ## Why it matters An initiator takes the missing numbers for lost responses: it asks for them again or drops the
    connection.

    ## Example
        talk.open() talk.test_unit_ready(stat_sn=talk.stat_sn + 3)

    ## When it is silent After bytes of the target were lost by the capture, until the next response.

    ## Reference RFC 7143 section 4.2.2.2
    """
    opcode = look.opcode
    counts = opcode == 0x21 or opcode == 0x22 or opcode == 0x24 or opcode == 0x26 or opcode == 0x3F or opcode == 0x32
    if opcode == 0x25:
        if not look.flags & 0x01:
            return
        counts = True
    elif opcode == 0x20:
        counts = look.tag != RESERVED
    elif opcode == 0x23:
        if look.header[36]:
            return
        counts = True
    elif opcode == 0x31:
        counts = False
    elif not counts:
        return
    notes = of_connection(follower)
    stat_sn = (read_i64_be(look.header, 24) >> 32) & _M32
    expected = notes.next_stat_sn
    if expected >= 0 and counts:
        ahead = distance(stat_sn, expected)
        if ahead > 0:
            desk.found(
                "statsn-gap",
                TARGET,
                follower.session.number,
                follower.number,
                look.number,
                {"stat_sn": stat_sn, "expected": expected},
                notes.last_stat_sn_pdu,
                look.tag,
            )
        elif ahead < 0:
            return  # sent again
    if counts:
        notes.next_stat_sn = (stat_sn + 1) & _M32
        notes.last_stat_sn_pdu = look.number
    elif expected < 0:
        notes.next_stat_sn = stat_sn


def datain_datasn_gap(follower: Follower, look: Look, desk: Desk) -> None:
    """A Data-In skipped numbers of its task's data sequence.

    ## What it means The Data-In PDUs of a command are numbered from 0 on, without holes. This one leaves numbers out.

    ## Why it matters The initiator has to believe that data was lost: it asks again or fails the command.

    ## Example
        talk.open() read = talk.command(read=8192) talk.data_in(read, 4096, data_sn=0) talk.data_in(read, 4096,
        data_sn=2, final=True, status=0)

    ## When it is silent When the command or bytes since then are not in the capture, for bidirectional commands
    (section 11.7.5 and appendix A.3.3 count them differently), and for PDUs that are sent again.

    ## Reference RFC 7143 section 11.7.5
    """
    task = look.task
    if task is None or not whole(follower, task) or task.flags & 0x60 == 0x60:
        return
    notes = of_task(task)
    data_sn = (read_i64_be(look.header, 32)) & _M32
    ahead = distance(data_sn, notes.next_data_in_sn)
    if ahead > 0:
        desk.found(
            "datain-datasn-gap",
            TARGET,
            follower.session.number,
            follower.number,
            look.number,
            {"data_sn": data_sn, "expected": notes.next_data_in_sn},
            task.request,
            look.tag,
        )
    if ahead >= 0:
        notes.next_data_in_sn = (data_sn + 1) & _M32
