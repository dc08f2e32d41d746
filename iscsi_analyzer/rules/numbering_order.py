"""The rule on the order of CmdSN on one connection, which holds also where several connections share the numbers (RFC
7143 section 4.2.2.1).

Compiled: sees every command of sessions that have several connections, or may have.
"""

from __future__ import annotations

from typing import Final

from mypy_extensions import i64

from iscsi_analyzer.model.following import Follower
from iscsi_analyzer.model.watch import Look
from iscsi_analyzer.rules.desk import INITIATOR, Desk
from iscsi_analyzer.rules.evidence import all_seen
from iscsi_analyzer.rules.notes import of_connection, of_session
from iscsi_analyzer.rules.rule import ERROR, Rule
from iscsi_analyzer.streams.serial import distance

RECOVERS_CONNECTIONS: Final = 2
"ErrorRecoveryLevel at which commands may move to another connection with their numbers."

RULES = (
    Rule(
        "cmdsn-order-on-connection",
        ERROR,
        INITIATOR,
        "RFC 7143 section 4.2.2.1",
        "A new command has CmdSN {cmd_sn} after one with {before} on the same connection",
        "an unbroken view of the connection from its login on",
        occasion="iscsi.cmdsn && iscsi.I == 0 && iscsi.session.connections > 1",
    ),
)


def see(follower: Follower, look: Look, cmd_sn: i64, desk: Desk) -> None:
    """Runs the rule on a command that is not immediate."""
    notes = of_connection(follower)
    before = notes.sent_cmd_sn
    if before >= 0 and distance(cmd_sn, before) < 0:
        cmdsn_order_on_connection(follower, look, cmd_sn, before, desk)
        return
    notes.sent_cmd_sn = cmd_sn
    notes.sent_cmd_sn_pdu = look.number


def cmdsn_order_on_connection(follower: Follower, look: Look, cmd_sn: i64, before: i64, desk: Desk) -> None:
    """Commands of one connection are not sent in the order of their numbers.

    ## What it means
    The commands of a session share one sequence of numbers over all its connections. On each of them they go out in
    ascending order; only a command that is sent again may have a lower number. This one is new.

    ## Why it matters
    The target finds gaps where there are none. It may wait for a command that is behind the one it holds back, and both
    sides stand still.

    ## Example
        talk = Talk(max_connections=2).open()
        talk.join().open()
        first, second = talk.command(cmd_sn=2), talk.command(cmd_sn=1)
        talk.response(second)
        talk.response(first)

    ## When it is silent
    In sessions of one connection, where the gap is told. When the task tag was used before, as the command may be sent
    again; when bytes of the connection are missing, its login was not seen, or commands may move between connections
    (ErrorRecoveryLevel 2); after a Reject.

    ## Reference
    RFC 7143 section 4.2.2.1
    """
    session = follower.session
    level = follower.limits.error_recovery_level
    if session.assumed or follower.losses or level < 0 or level >= RECOVERS_CONNECTIONS:
        return
    if look.task is not None or look.late or session.past_request(look.tag) or of_session(session).rejected:
        return
    if not follower.login.complete or not all_seen(follower, True):
        return
    facts: dict[str, object] = {"cmd_sn": cmd_sn, "before": before}
    desk.report("cmdsn-order-on-connection", INITIATOR, follower, look, facts, of_connection(follower).sent_cmd_sn_pdu)
