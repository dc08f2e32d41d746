"""Rules on what the target says of CmdSN: ExpCmdSN, MaxCmdSN, and answers to commands that it must not have taken
(RFC 7143 section 4.2.2.1).

Compiled. A PDU that repeats what the target said last, and is no answer, costs one comparison.
"""

from __future__ import annotations

from typing import Final

from librt.strings import read_i64_be
from mypy_extensions import i64

from iscsi_analyzer.model.following import Follower
from iscsi_analyzer.model.task import Task
from iscsi_analyzer.model.watch import Look
from iscsi_analyzer.rules import numbering_pace
from iscsi_analyzer.rules.desk import TARGET, Desk
from iscsi_analyzer.rules.evidence import all_seen, alone
from iscsi_analyzer.rules.notes import ConnectionNotes, of_connection, of_session
from iscsi_analyzer.rules.rule import ERROR, NOTE, WARNING, Rule
from iscsi_analyzer.streams.serial import distance

RESERVED: Final = 0xFFFFFFFF
_M32: Final = 0xFFFFFFFF

_REFERENCE: Final = "RFC 7143 section 4.2.2.1"

RULES = (
    Rule(
        "maxcmdsn-below-expcmdsn",
        ERROR,
        TARGET,
        _REFERENCE,
        "MaxCmdSN {max_cmd_sn} is less than ExpCmdSN {exp_cmd_sn} - 1",
        occasion="iscsi.maxcmdsn",
    ),
    Rule(
        "expcmdsn-acks-unsent",
        ERROR,
        TARGET,
        _REFERENCE,
        "ExpCmdSN {exp_cmd_sn} acknowledges commands that were not sent: the next CmdSN is {next_cmd_sn}",
        "an unbroken view of a session with one connection",
        occasion="iscsi.expcmdsn",
    ),
    Rule(
        "expcmdsn-regress",
        WARNING,
        TARGET,
        _REFERENCE,
        "ExpCmdSN went back from {before} to {exp_cmd_sn}",
        "that nothing is sent again (ErrorRecoveryLevel 0)",
        occasion="iscsi.expcmdsn && iscsi.connection.error_recovery_level == 0",
    ),
    Rule(
        "maxcmdsn-regress",
        NOTE,
        TARGET,
        _REFERENCE,
        "MaxCmdSN went back from {before} to {max_cmd_sn}, which the initiator ignores",
        "that nothing is sent again (ErrorRecoveryLevel 0)",
        occasion="iscsi.maxcmdsn && iscsi.connection.error_recovery_level == 0",
    ),
    Rule(
        "status-precedes-cmd-ack",
        ERROR,
        TARGET,
        _REFERENCE,
        "The answer to the command with CmdSN {cmd_sn} has ExpCmdSN {exp_cmd_sn}: the command is not acknowledged",
        "the command",
        occasion=(
            "iscsi.opcode in {scsi_response, tmf_response, text_response, logout_response} || iscsi.scsidata.S == 1"
        ),
    ),
    Rule(
        "response-to-out-of-window-command",
        WARNING,
        TARGET,
        _REFERENCE,
        "A command outside the window, which a target has to ignore, was answered",
        "the command and the window",
        occasion='iscsi.finding.rule == "cmdsn-outside-window"',
    ),
)


def see(follower: Follower, look: Look, desk: Desk) -> None:
    """Runs the rules of this topic on one PDU of the target whose header is whole."""
    opcode = look.opcode
    if opcode == 0x23 or (opcode >= 0x3C and opcode != 0x3F):
        return  # a Login Response is judged with the login
    window = read_i64_be(look.header, 28)
    exp_cmd_sn = (window >> 32) & _M32
    max_cmd_sn = window & _M32
    notes = of_connection(follower)
    session = of_session(follower.session)
    session.window_known = True
    if session.resumed and session.granted < 0:
        session.granted = max_cmd_sn
    if exp_cmd_sn != notes.exp_cmd_sn or max_cmd_sn != notes.max_cmd_sn:
        _changed(follower, look, desk, notes, exp_cmd_sn, max_cmd_sn)
    outside = session.outside
    if outside and look.tag in outside:
        if _answers(look):
            command = outside.pop(look.tag)
            if command:
                response_to_out_of_window_command(follower, look, desk, command)
        return
    task = look.task
    if task is not None and task.cmd_sn >= 0 and not task.immediate and task.losses == follower.losses:
        if distance(exp_cmd_sn, task.cmd_sn) <= 0 and _answers(look):
            status_precedes_cmd_ack(follower, look, desk, task, exp_cmd_sn)


def _answers(look: Look) -> bool:
    """Whether the PDU carries the status of its task."""
    opcode = look.opcode
    if opcode == 0x25:
        return look.flags & 0x01 != 0
    return opcode != 0x31 and look.tag != RESERVED


def _changed(
    follower: Follower, look: Look, desk: Desk, notes: ConnectionNotes, exp_cmd_sn: i64, max_cmd_sn: i64
) -> None:
    """The target says something else than in its PDU before."""
    before = notes.exp_cmd_sn
    most = notes.max_cmd_sn
    notes.exp_cmd_sn = exp_cmd_sn
    notes.max_cmd_sn = max_cmd_sn
    room = distance(max_cmd_sn, (exp_cmd_sn - 1) & _M32)
    if notes.window_closed_ts >= 0 and room > 0:
        numbering_pace.reopened(follower, look, notes.window_closed_ts, desk)
        notes.window_closed_ts = -1
    elif room == 0:
        notes.window_closed_ts = look.ts
    if room < 0:
        maxcmdsn_below_expcmdsn(follower, look, desk, exp_cmd_sn, max_cmd_sn)
        return
    if before >= 0 and follower.limits.error_recovery_level == 0:
        if distance(exp_cmd_sn, before) < 0:
            expcmdsn_regress(follower, look, desk, before, exp_cmd_sn)
        elif distance(max_cmd_sn, most) < 0:
            maxcmdsn_regress(follower, look, desk, most, max_cmd_sn)
    expcmdsn_acks_unsent(follower, look, desk, notes, exp_cmd_sn)


def maxcmdsn_below_expcmdsn(follower: Follower, look: Look, desk: Desk, exp_cmd_sn: i64, max_cmd_sn: i64) -> None:
    """The command window is less than empty.

    ## What it means
    The target has room for the commands from ExpCmdSN to MaxCmdSN. An empty window is MaxCmdSN = ExpCmdSN - 1; less
    than that has no meaning.

    ## Why it matters
    The initiator ignores both numbers. If the target stays with it, the window never opens and the session stands
    still.

    ## Example
        talk.open()
        talk.response(talk.command(), exp_cmd_sn=2, max_cmd_sn=0)

    ## When it is silent
    In Login Responses, which the rules on login judge.

    ## Reference
    RFC 7143 section 4.2.2.1
    """
    facts: dict[str, object] = {"exp_cmd_sn": exp_cmd_sn, "max_cmd_sn": max_cmd_sn}
    desk.report("maxcmdsn-below-expcmdsn", TARGET, follower, look, facts)


def expcmdsn_acks_unsent(follower: Follower, look: Look, desk: Desk, notes: ConnectionNotes, exp_cmd_sn: i64) -> None:
    """The target acknowledges commands that nobody sent.

    ## What it means
    ExpCmdSN is the number that the target expects next: it acknowledges everything before. This one is beyond the
    number that the initiator uses next. A common cause is a target that counts immediate commands, which carry a CmdSN
    without using it up.

    ## Why it matters
    The next command has a number that the target believes to have seen: it is ignored as a duplicate and never
    answered. Initiators then stall, or reconnect.

    ## Example
        talk.open()
        talk.test_unit_ready()
        ping = talk.nop_out(immediate=True)
        talk.nop_in(tag=ping.word(16), exp_cmd_sn=3)

    ## When it is silent
    In sessions with several connections, as long as the target has acknowledged bytes that the capture has not shown
    yet, and after bytes of the initiator were lost, until its numbers are above all that were granted at that time.

    ## Reference
    RFC 7143 section 4.2.2.1
    """
    following = of_session(follower.session).sent_cmd_sn
    if following < 0 or distance(exp_cmd_sn, following) <= 0 or exp_cmd_sn == notes.reported_exp_cmd_sn:
        return
    if alone(follower) and all_seen(follower, True):
        notes.reported_exp_cmd_sn = exp_cmd_sn
        facts: dict[str, object] = {"exp_cmd_sn": exp_cmd_sn, "next_cmd_sn": following}
        related = of_session(follower.session).latest() if look.task is None else look.task.request
        desk.report("expcmdsn-acks-unsent", TARGET, follower, look, facts, related)


def expcmdsn_regress(follower: Follower, look: Look, desk: Desk, before: i64, exp_cmd_sn: i64) -> None:
    """The target takes back an acknowledgement of commands.

    ## What it means
    ExpCmdSN, the number of the command that the target expects next, became smaller within one connection.

    ## Why it matters
    Initiators ignore the smaller number, so nothing breaks at once. It shows that the target builds its PDUs from
    numbers that are out of date.

    ## Example
        talk.open()
        talk.test_unit_ready()
        talk.test_unit_ready()
        talk.nop_in(exp_cmd_sn=2)

    ## When it is silent
    Above ErrorRecoveryLevel 0, where PDUs may be sent again, and when the level is not known.

    ## Reference
    RFC 7143 section 4.2.2.1
    """
    facts: dict[str, object] = {"before": before, "exp_cmd_sn": exp_cmd_sn}
    desk.report("expcmdsn-regress", TARGET, follower, look, facts)


def maxcmdsn_regress(follower: Follower, look: Look, desk: Desk, before: i64, max_cmd_sn: i64) -> None:
    """The target takes back room that it had granted.

    ## What it means
    MaxCmdSN, the number of the last command that the target has room for, became smaller within one connection.

    ## Why it matters
    The initiator keeps to the larger number. If the target relied on the smaller one, it drops commands that it had
    granted.

    ## Example
        talk.open()
        talk.test_unit_ready()
        talk.test_unit_ready()
        talk.nop_in(max_cmd_sn=60)

    ## When it is silent
    Above ErrorRecoveryLevel 0, where PDUs may be sent again, and when the level is not known.

    ## Reference
    RFC 7143 section 4.2.2.1
    """
    facts: dict[str, object] = {"before": before, "max_cmd_sn": max_cmd_sn}
    desk.report("maxcmdsn-regress", TARGET, follower, look, facts)


def status_precedes_cmd_ack(follower: Follower, look: Look, desk: Desk, task: Task, exp_cmd_sn: i64) -> None:
    """A command is answered but not acknowledged.

    ## What it means
    By ExpCmdSN the target says which commands it has. The answer to a command has to acknowledge it, at the latest;
    this one says that the command is still expected.

    ## Why it matters
    An initiator may send the command again, and keeps the memory for it: its window shrinks.

    ## Example
        talk.open()
        talk.response(talk.command(), exp_cmd_sn=1)

    ## When it is silent
    For immediate commands, which are not acknowledged, when the command is not in the capture, and when bytes of the
    connection were lost since.

    ## Reference
    RFC 7143 section 4.2.2.1
    """
    facts: dict[str, object] = {"cmd_sn": task.cmd_sn, "exp_cmd_sn": exp_cmd_sn}
    desk.report("status-precedes-cmd-ack", TARGET, follower, look, facts, task.request)


def response_to_out_of_window_command(follower: Follower, look: Look, desk: Desk, command: i64) -> None:
    """A command outside the window was carried out instead of ignored.

    ## What it means
    The command had a CmdSN beyond what the target had granted. Targets have to ignore such commands silently; this one
    answered.

    ## Why it matters
    The command may have been carried out before others that were sent earlier.

    ## Example
        talk.open()
        talk.test_unit_ready()
        talk.response(talk.command(cmd_sn=talk.session.max_cmd_sn + 1))

    ## When it is silent
    Whenever `cmdsn-outside-window` is.

    ## Reference
    RFC 7143 section 4.2.2.1
    """
    desk.report("response-to-out-of-window-command", TARGET, follower, look, {}, command)
