"""Rules on what has to follow an Asynchronous Message, and on connections that end without one (RFC 7143 sections 4.2.6
and 11.9.1).

Interpreted: sees Asynchronous Messages, and from a request to log out or to negotiate on every PDU of its connection
(`Follower.alert`). The initiator is held to such a request only once it has acknowledged its StatSN.
"""

from __future__ import annotations

from typing import Final

from dissectors.iscsi import layout as at
from iscsi_analyzer.model.following import Follower
from iscsi_analyzer.model.watch import Look
from iscsi_analyzer.rules.async_message import LOGOUT_REQUESTED, NEGOTIATION_REQUESTED, SESSION_DROP
from iscsi_analyzer.rules.desk import INITIATOR, TARGET, Desk
from iscsi_analyzer.rules.header_fields import half, word
from iscsi_analyzer.rules.logout import RECOVERY
from iscsi_analyzer.rules.notes import ConnectionNotes, of_connection, of_session
from iscsi_analyzer.rules.rule import NOTE, WARNING, Rule
from iscsi_analyzer.rules.sight import entire
from iscsi_analyzer.streams.serial import distance

MARGIN_NS: Final = 1_000_000_000
"A deadline in whole seconds is missed when a second more has gone by."
SECOND: Final = 1_000_000_000

RULES = (
    Rule(
        "async-logout-wrong-reason",
        WARNING,
        INITIATOR,
        "RFC 7143 section 11.9.1",
        "The target asked for a logout, the initiator answers with a logout for recovery (reason 2)",
        "the request and its acknowledgement by ExpStatSN",
        occasion="iscsi.asyncevent == 1",
    ),
    Rule(
        "async-logout-new-commands",
        WARNING,
        INITIATOR,
        "RFC 7143 section 11.9.1",
        "A new command after the target had asked for a logout",
        "the request and its acknowledgement by ExpStatSN",
        occasion="iscsi.asyncevent == 1",
    ),
    Rule(
        "async-logout-not-honoured",
        WARNING,
        INITIATOR,
        "RFC 7143 section 11.9.1",
        "The target asked for a logout within {limit} seconds; {seconds} seconds later the initiator still uses the "
        "connection",
        "the request and its acknowledgement by ExpStatSN",
        occasion="iscsi.asyncevent == 1",
    ),
    Rule(
        "async-negotiation-not-honoured",
        WARNING,
        INITIATOR,
        "RFC 7143 section 11.9.1",
        "The target asked for a negotiation within {limit} seconds; {seconds} seconds later there was none",
        "the request and its acknowledgement by ExpStatSN",
        occasion="iscsi.asyncevent == 4",
    ),
    Rule(
        "conn-closed-unannounced",
        NOTE,
        TARGET,
        "RFC 7143 sections 4.2.6 and 7.1.4.3",
        "The target closed a connection in the full feature phase without an Asynchronous Message",
        "an unbroken view of the connection from its SYN on",
        occasion=(
            "iscsi.connection.closed && iscsi.connection.login_complete && iscsi.pdu.last && iscsi.pdu.direction == T2I"
        ),
    ),
    Rule(
        "conn-closed-in-ffp",
        NOTE,
        INITIATOR,
        "RFC 7143 section 4.2.6",
        "The initiator closed a connection in the full feature phase without a logout",
        "an unbroken view of the connection from its SYN on",
        occasion=(
            "iscsi.connection.closed && iscsi.connection.login_complete && iscsi.pdu.last && iscsi.pdu.direction == I2T"
        ),
    ),
)


def see_message(follower: Follower, look: Look) -> None:
    """Takes note of an Asynchronous Message."""
    if not look.whole:
        return
    notes = of_connection(follower)
    event = look.header[at.AT_ASYNC_EVENT]
    if LOGOUT_REQUESTED <= event <= SESSION_DROP:
        notes.announced = look.number
    if event in (LOGOUT_REQUESTED, NEGOTIATION_REQUESTED):
        notes.asked = look.number
        notes.asked_event = event
        notes.asked_stat_sn = word(look, at.AT_STAT_SN)
        notes.asked_ts = look.ts
        notes.asked_seconds = half(look, at.AT_PARAMETER3)
        follower.alert = True


def see(follower: Follower, look: Look, desk: Desk) -> None:
    """Runs the rules of this topic on one PDU, of a connection on which a Logout or a negotiation was asked for."""
    notes = of_connection(follower)
    if not notes.asked or not look.to_target or not look.whole:
        return
    heard = distance(word(look, at.AT_EXP_STAT_SN), notes.asked_stat_sn) > 0
    wants_logout = notes.asked_event == LOGOUT_REQUESTED
    if look.opcode == at.OP_LOGOUT_REQUEST:
        if wants_logout and heard:
            async_logout_wrong_reason(follower, look, desk, notes)
        notes.asked = 0
    elif look.opcode == at.OP_TEXT_REQUEST and not wants_logout:
        notes.asked = 0
    elif heard:
        if wants_logout and look.opcode == at.OP_SCSI_COMMAND and look.task is None:
            async_logout_new_commands(follower, look, desk, notes)
        if look.ts - notes.asked_ts > notes.asked_seconds * SECOND + MARGIN_NS:
            if wants_logout:
                async_logout_not_honoured(follower, look, desk, notes)
            else:
                async_negotiation_not_honoured(follower, look, desk, notes)
            notes.asked = 0


def lost(follower: Follower) -> None:
    """Bytes are missing: what was asked for may have been done in them."""
    if follower.alert:
        of_connection(follower).asked = 0


def closed(follower: Follower, desk: Desk) -> None:
    """Runs the rules of this topic on a connection on which nothing more will come."""
    connection = follower.connection
    sender = connection.to_target
    if sender is None or connection.closed_with != "FIN" or not follower.login.complete or not entire(follower):
        return
    notes = of_connection(follower)
    if notes.logout_request or of_session(follower.session).closing:
        return
    if connection.closed_by is sender and sender.finished:
        conn_closed_in_ffp(follower, desk)
    elif connection.closed_by is sender.peer and sender.peer.finished and not notes.announced:
        conn_closed_unannounced(follower, desk)


def async_logout_wrong_reason(follower: Follower, look: Look, desk: Desk, notes: ConnectionNotes) -> None:
    """The initiator answers a request to log out with a logout for recovery.

    ## What it means
    When a target asks for a logout (event 1), the initiator has to close the connection or the session: reason 1 or 0.
    Reason 2 keeps the tasks for another connection, which the target did not ask for.

    ## Why it matters
    The target wants to get rid of the connection, often to shut down. Tasks that are kept hold it up until
    Time2Retain is over.

    ## Example
        talk = Talk(error_recovery_level=2).open()
        talk.async_message(1, parameter3=5)
        talk.logout(2)
        talk.fin()

    ## When it is silent
    When the initiator has not acknowledged the message by its ExpStatSN, and when bytes of the connection are missing
    since.

    ## Reference
    RFC 7143 section 11.9.1
    """
    if look.flags & at.REASON_CODE_MASK == RECOVERY:
        desk.report("async-logout-wrong-reason", INITIATOR, follower, look, {}, notes.asked)


def async_logout_new_commands(follower: Follower, look: Look, desk: Desk, notes: ConnectionNotes) -> None:
    """The initiator sends new commands after it was asked to log out.

    ## What it means
    After event 1 the initiator should send no new commands on the connection, finish what is under way and log out.
    This command acknowledges the message and is new all the same.

    ## Why it matters
    The target may reject such commands. If it does not, they are cut off when it drops the connection, and have to be
    sent again on another path.

    ## Example
        talk.open()
        talk.async_message(1, parameter3=5)
        talk.test_unit_ready()
        talk.close()

    ## When it is silent
    When the initiator has not acknowledged the message by its ExpStatSN, and when bytes of the connection are missing
    since. Retries of commands may follow.

    ## Reference
    RFC 7143 section 11.9.1
    """
    desk.report("async-logout-new-commands", INITIATOR, follower, look, {}, notes.asked)


def async_logout_not_honoured(follower: Follower, look: Look, desk: Desk, notes: ConnectionNotes) -> None:
    """The initiator does not log out in the time that it was given.

    ## What it means
    Event 1 asks for a Logout Request within Parameter3 seconds. That time is over, the initiator goes on using the
    connection, and there was no Logout Request.

    ## Why it matters
    The target drops the connection next, and whatever is under way is lost.

    ## Example
        talk.open()
        talk.async_message(1, parameter3=5)
        talk.wait(10)
        talk.ping()

    ## When it is silent
    When the initiator has not acknowledged the message by its ExpStatSN; when it sends nothing more, as it may have
    failed; when bytes of the connection are missing since. A second is granted beyond the time.

    ## Reference
    RFC 7143 section 11.9.1
    """
    desk.report("async-logout-not-honoured", INITIATOR, follower, look, _times(look, notes), notes.asked)


def async_negotiation_not_honoured(follower: Follower, look: Look, desk: Desk, notes: ConnectionNotes) -> None:
    """The initiator does not negotiate in the time that it was given.

    ## What it means
    Event 4 asks for a Text Request, which may be empty, within Parameter3 seconds. That time is over, the initiator
    goes on using the connection, and there was neither a Text Request nor a logout.

    ## Why it matters
    The target wanted other parameters, and may reject what comes with the old ones, or drop the connection.

    ## Example
        talk.open()
        talk.async_message(4, parameter3=5)
        talk.wait(10)
        talk.ping()

    ## When it is silent
    When the initiator has not acknowledged the message by its ExpStatSN; when it sends nothing more, as it may have
    failed; when bytes of the connection are missing since. A second is granted beyond the time.

    ## Reference
    RFC 7143 section 11.9.1
    """
    desk.report("async-negotiation-not-honoured", INITIATOR, follower, look, _times(look, notes), notes.asked)


def _times(look: Look, notes: ConnectionNotes) -> dict[str, object]:
    return {"limit": notes.asked_seconds, "seconds": (look.ts - notes.asked_ts) // SECOND}


def conn_closed_unannounced(follower: Follower, desk: Desk) -> None:
    """A target closes a connection without a word.

    ## What it means
    The target ended the connection in good order (FIN) while it was in use: there was no logout, and no Asynchronous
    Message that announced it.

    ## Why it matters
    The initiator does not know why, how long it should wait before it comes back, and what became of its tasks. A
    typical cause is a PDU that the target took for a protocol error.

    ## Example
        talk.open()
        talk.ping()
        talk.fin("T2I")

    ## When it is silent
    When anything of the connection is missing from the capture, when it was reset, and when the initiator closed it
    first.

    ## Reference
    RFC 7143 sections 4.2.6 and 7.1.4.3
    """
    session = follower.session
    desk.found("conn-closed-unannounced", TARGET, session.number, follower.number, 0, {})


def conn_closed_in_ffp(follower: Follower, desk: Desk) -> None:
    """An initiator closes a connection without logging out.

    ## What it means
    The initiator ended the connection in good order (FIN) while it was in use, without a Logout Request.

    ## Why it matters
    The target cannot tell an initiator that has left from one that lost its connection: it may keep the session, its
    tasks and its reservations for a while.

    ## Example
        talk.open()
        talk.ping()
        talk.fin("I2T")

    ## When it is silent
    When anything of the connection is missing from the capture, when it was reset, and when the target closed it
    first.

    ## Reference
    RFC 7143 section 4.2.6
    """
    session = follower.session
    desk.found("conn-closed-in-ffp", INITIATOR, session.number, follower.number, 0, {})
