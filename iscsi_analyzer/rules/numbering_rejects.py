"""Rules on Rejects and the order of commands: immediate commands for which there has to be room, and the gap that a
rejected command leaves (RFC 7143 sections 4.2.2.1 and 7.3).

Not compiled: Rejects are rare.
"""

from __future__ import annotations

from iscsi_analyzer.model.following import Follower
from iscsi_analyzer.model.task import KIND_TMF
from iscsi_analyzer.model.watch import Look
from iscsi_analyzer.rules.desk import INITIATOR, TARGET, Desk
from iscsi_analyzer.rules.evidence import all_seen, alone, requests_known
from iscsi_analyzer.rules.notes import of_connection, of_session
from iscsi_analyzer.rules.rule import ERROR, WARNING, Rule
from iscsi_analyzer.store.rows import FLAG_TO_TARGET
from iscsi_analyzer.streams.serial import distance

IMMEDIATE_COMMAND = 6
"Reason of a Reject: too many immediate commands."
NOP_OUT, TMF = 0x00, 0x02
IMMEDIATE = 0x40
PATIENCE = 5_000_000_000
"Nanoseconds that the initiator may take to close a gap."
LOOK_BACK = 64
"PDUs of the capture among which NOP-Outs that want no answer are looked for."

RULES = (
    Rule(
        "immediate-command-refused-early",
        ERROR,
        TARGET,
        "RFC 7143 section 4.2.2.1",
        "The target rejects {what} for want of room for immediate commands, but no other was under way",
        "all requests of a session with one connection",
        occasion="iscsi.opcode in {0x00..0x02, 0x04, 0x06} && iscsi.I == 1",
    ),
    Rule(
        "reject-gap-not-plugged",
        WARNING,
        INITIATOR,
        "RFC 7143 section 7.3",
        "The command with CmdSN {cmd_sn} was rejected; the target still waits for that number {seconds} seconds later, "
        "and the initiator goes on with others",
        "all of a session with one connection",
        occasion="iscsi.opcode == reject",
    ),
)


def rejected(follower: Follower, look: Look, desk: Desk) -> None:
    """A Reject with the header of what it rejects."""
    quoted = look.data[:48]
    if len(quoted) == 48 and look.header[2] == IMMEDIATE_COMMAND and quoted[0] & IMMEDIATE:
        if quoted[0] & 0x3F in (0x00, 0x01, 0x02, 0x04, 0x06) and not _others(follower, look, quoted):
            immediate_command_refused_early(follower, look, desk, quoted[0] & 0x3F == TMF)


def _others(follower: Follower, look: Look, quoted: bytes) -> bool:
    """Whether another immediate command of that kind, task management or not, may have been under way."""
    management = quoted[0] & 0x3F == TMF
    tag = int.from_bytes(quoted[16:20], "big")
    for task in follower.session.open.values():
        if task.immediate and task.tag != tag and (task.kind == KIND_TMF) == management:
            return True
    rows = follower.connection.rows
    for number in range(look.number - 1, max(0, look.number - 1 - LOOK_BACK), -1):
        header = rows.header(number)
        to_target = (rows.origin(number) >> 32) & FLAG_TO_TARGET
        if to_target and header[0] == NOP_OUT | IMMEDIATE and header[16:20] == b"\xff" * 4 and header != quoted:
            return True
    return False


def closed(follower: Follower, desk: Desk) -> None:
    """Nothing more will come on the connection: looks for rejected commands whose number was never used again."""
    gaps = of_session(follower.session).rejected
    if gaps and not follower.losses and not follower.session.assumed and alone(follower):
        reject_gap_not_plugged(follower, desk, gaps)


def immediate_command_refused_early(follower: Follower, look: Look, desk: Desk, management: bool) -> None:
    """A target has no room for a single immediate command.

    ## What it means
    A target has room for one immediate task management request and for one other immediate command on each connection,
    at least. Here it rejected the only one of its kind.

    ## Why it matters
    Immediate commands are for when nothing else gets through: pings on a full queue, resets, the logout.

    ## Example
        talk.open()
        talk.reject(talk.nop_out(immediate=True), reason=6)

    ## When it is silent
    When not all requests of the session are in the capture, or it has several connections; when another immediate
    command was open, or a NOP-Out that wants no answer was sent shortly before.

    ## Reference
    RFC 7143 section 4.2.2.1
    """
    if requests_known(follower):
        what = "a task management request" if management else "an immediate command"
        desk.report("immediate-command-refused-early", TARGET, follower, look, {"what": what})


def reject_gap_not_plugged(follower: Follower, desk: Desk, gaps: dict[int, int]) -> None:
    """The initiator leaves a hole where a command was rejected.

    ## What it means
    A target that rejects a command may not have taken its number: its ExpCmdSN then stays there, and commands with
    higher numbers wait. The initiator has to use the number again, or abort the task by it. Here it knew of the Reject,
    sent other commands and did neither.

    ## Why it matters
    Nothing that came after is carried out. Sooner or later the initiator resets the session.

    ## Example
        talk.open()
        number = talk.session.cmd_sn
        talk.command(bytes((0xC0,)) + bytes(9))
        talk.session.exp_cmd_sn = number
        talk.reject(talk.pdus[-1], reason=9)
        talk.command()
        talk.wait(10)
        ping = talk.nop_out(immediate=True)
        talk.nop_in(tag=ping.word(16))
        talk.ack("I2T")

    ## When it is silent
    When bytes of the connection are missing, in sessions of several connections, within five seconds, and when the
    target went on without the number.

    ## Reference
    RFC 7143 section 7.3
    """
    session = follower.session
    notes = of_session(session)
    rows = follower.connection.rows
    reject = gaps.get(session.exp_cmd_sn, 0)
    if not reject or not all_seen(follower, True) or not all_seen(follower, False) or notes.latest() < reject:
        return
    again = notes.command(session.exp_cmd_sn)
    stat_sn = int.from_bytes(rows.header(reject)[24:28], "big")
    acknowledged = of_connection(follower).exp_stat_sn
    waited: int = follower.connection.last_ts - rows.time_last(reject)
    if (again is not None and again.number > reject) or acknowledged < 0 or distance(acknowledged, stat_sn) <= 0:
        return
    if waited >= PATIENCE and notes.disturbed <= reject:
        facts: dict[str, object] = {"cmd_sn": session.exp_cmd_sn, "seconds": f"{waited / 1e9:.0f}"}
        number, connection = session.number, follower.number
        desk.found("reject-gap-not-plugged", INITIATOR, number, connection, reject, facts, notes.latest())
