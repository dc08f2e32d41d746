"""Rules on numbers that stand still, or are acknowledged too soon (RFC 7143 sections 4.2.2.1, 4.2.2.2, 7.9, 11.4.11 and
11.7.2).

Not compiled: reached for every 64th status, for windows that were closed, and for SNACKs.
"""

from __future__ import annotations

from iscsi_analyzer.model.following import Follower
from iscsi_analyzer.model.watch import Look
from iscsi_analyzer.rules.desk import INITIATOR, TARGET, Desk
from iscsi_analyzer.rules.evidence import OF_TARGET, all_seen, alone, pdu_before
from iscsi_analyzer.rules.notes import of_connection
from iscsi_analyzer.rules.rule import NOTE, WARNING, Rule
from iscsi_analyzer.streams.serial import distance

LAG = 128
"Statuses without an acknowledgement that are worth telling."
WINDOWS = 4
"That many times the commands that can be under way they have to be: the initiator must know of most of them."
PATIENCE = 30_000_000_000
"Nanoseconds that a window may be closed without a reason."
LOOK_BACK = 64
"PDUs of the capture among which the target's one before is looked for."

RULES = (
    Rule(
        "expstatsn-lag",
        NOTE,
        INITIATOR,
        "RFC 7143 section 4.2.2.2",
        "The initiator has not acknowledged {lag} statuses, although it used the window of {window} commands meanwhile",
        "all of the connection",
        occasion="iscsi.statsn && iscsi.opcode in {scsi_response, data_in}",
    ),
    Rule(
        "cmd-window-closed-long",
        NOTE,
        TARGET,
        "RFC 7143 sections 11.4.11 and 4.2.2.1",
        "The command window was closed for {seconds} seconds while the target had nothing to do and said nothing",
        "all of a session with one connection",
        occasion="iscsi.maxcmdsn",
    ),
    Rule(
        "expstatsn-past-hole",
        WARNING,
        INITIATOR,
        "RFC 7143 sections 7.9 and 11.7.2",
        "The initiator asks for data of a command again whose status it has acknowledged",
        "an unbroken view of what the target sends",
        occasion="iscsi.opcode == snack && iscsi.snack.type == 0",
    ),
)


def lag(follower: Follower, look: Look, stat_sn: int, desk: Desk) -> None:
    """A status, every now and then."""
    exp_stat_sn = of_connection(follower).exp_stat_sn
    behind = distance(stat_sn, exp_stat_sn)
    if exp_stat_sn >= 0 and behind >= LAG:
        expstatsn_lag(follower, look, behind, desk)


def reopened(follower: Follower, look: Look, since: int, desk: Desk) -> None:
    """The target opens a window that was closed `since` then."""
    waited = look.ts - since
    if waited >= PATIENCE and _idle(follower, look.ts) and _quiet_before(follower, look):
        cmd_window_closed_long(follower, look, waited, desk)


def _idle(follower: Follower, ts: int) -> bool:
    """Whether no task of the session was open for long, and nothing is missing."""
    if follower.losses or not alone(follower):
        return False
    rows = follower.connection.rows
    tasks = follower.session.open.values()
    return not any(task.request and rows.time_last(task.request) < ts - PATIENCE for task in tasks)


def _quiet_before(follower: Follower, look: Look) -> bool:
    """Whether the target's PDU before was long ago."""
    number = pdu_before(follower, look.number, OF_TARGET, LOOK_BACK)
    return number > 0 and look.ts - follower.connection.rows.time_last(number) >= PATIENCE


def snack(follower: Follower, look: Look, desk: Desk) -> None:
    """A SNACK for data or R2Ts."""
    if look.task is None and look.late:
        expstatsn_past_hole(follower, look, desk)


def expstatsn_lag(follower: Follower, look: Look, behind: int, desk: Desk) -> None:
    """The initiator does not acknowledge statuses.

    ## What it means
    Every request acknowledges by its ExpStatSN the statuses that the initiator has got. This initiator sends requests,
    but its ExpStatSN stays far behind. It does know the statuses: it used room in the command window that only they
    told it of.

    ## Why it matters
    The target has to keep every status until it is acknowledged. When it keeps no more it stops, or drops the
    connection.

    ## Example
        talk.session.queue_depth = 16
        talk.open()
        exp_stat_sn = talk.exp_stat_sn
        for _ in range(200):
            talk.test_unit_ready(exp_stat_sn=exp_stat_sn)

    ## When it is silent
    Below 128 statuses, and four times as many as commands can be under way. When bytes of the connection are missing.

    ## Reference
    RFC 7143 section 4.2.2.2
    """
    session = follower.session
    window = distance(session.max_cmd_sn, session.exp_cmd_sn) + 1
    if session.max_cmd_sn < 0 or not alone(follower) or behind < WINDOWS * max(1, window):
        return
    if not follower.losses and not session.assumed and all_seen(follower, True):
        desk.report("expstatsn-lag", INITIATOR, follower, look, {"lag": behind, "window": window})


def cmd_window_closed_long(follower: Follower, look: Look, waited: int, desk: Desk) -> None:
    """A target keeps the initiator waiting without a reason.

    ## What it means
    The command window was closed: the initiator may send nothing but immediate commands. When that changes a target has
    to say so, with a NOP-In if there is nothing else to send. This one had no command to work on, was silent, and
    opened the window only now.

    ## Why it matters
    Everything on the session stands still meanwhile.

    ## Example
        talk.open()
        task = talk.command()
        talk.response(task, max_cmd_sn=talk.session.exp_cmd_sn - 1)
        talk.wait(60)
        talk.nop_in(target_tag=0xffffffff)

    ## When it is silent
    Within half a minute, while any command was under way for so long, in sessions of several connections, and when
    bytes of the connection are missing.

    ## Reference
    RFC 7143 sections 11.4.11 and 4.2.2.1
    """
    desk.report("cmd-window-closed-long", TARGET, follower, look, {"seconds": f"{waited / 1e9:.0f}"})


def expstatsn_past_hole(follower: Follower, look: Look, desk: Desk) -> None:
    """The initiator wants data of a command that it has closed.

    ## What it means
    The status of a command is acknowledged once all of its data is there: after that the target may forget the data.
    This SNACK asks for data of a command whose status is acknowledged.

    ## Why it matters
    The target rejects the SNACK, and the data is lost.

    ## Example
        talk = Talk(error_recovery_level=1).open()
        read = talk.read(4096)
        talk.snack(0, task=read, run=1)

    ## When it is silent
    Unless all statuses of the connection are acknowledged, and when bytes of the target are missing.

    ## Reference
    RFC 7143 sections 7.9 and 11.7.2
    """
    notes = of_connection(follower)
    exp_stat_sn = int.from_bytes(look.header[28:32], "big")
    if notes.next_stat_sn >= 0 and notes.stat_sn_sure and exp_stat_sn == notes.next_stat_sn:
        if not follower.losses and len(follower.session.connections) == 1:
            desk.report("expstatsn-past-hole", INITIATOR, follower, look, {}, look.late)
