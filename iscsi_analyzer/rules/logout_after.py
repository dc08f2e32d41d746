"""Rules on what comes after a Logout: on its connection, in its session, and at TCP level (RFC 7143 sections 11.14 and
11.15).

Interpreted: sees logout PDUs, and from then on every PDU of the connections that are to be closed (`Follower.alert`).
"""

from __future__ import annotations

from typing import Final

from dissectors.iscsi import layout as at
from dissectors.iscsi.words import LOGOUT_REASONS, OPCODES
from iscsi_analyzer.model.following import Follower
from iscsi_analyzer.model.watch import Look
from iscsi_analyzer.rules.desk import INITIATOR, TARGET, Desk
from iscsi_analyzer.rules.header_fields import half, word
from iscsi_analyzer.rules.logout import CLOSE_SESSION, RECOVERY, connections_of
from iscsi_analyzer.rules.notes import ConnectionNotes, of_connection, of_session
from iscsi_analyzer.rules.rule import ERROR, WARNING, Rule
from iscsi_analyzer.rules.sight import entire
from iscsi_analyzer.streams.serial import distance

REQUESTS: Final = (
    at.OP_NOP_OUT,
    at.OP_SCSI_COMMAND,
    at.OP_TASK_MANAGEMENT_REQUEST,
    at.OP_TEXT_REQUEST,
)
STILL_OPEN_NS: Final = 10_000_000_000
"So long after the Logout Response a connection that still carries segments counts as not closed."

RULES = (
    Rule(
        "logout-request-after",
        ERROR,
        INITIATOR,
        "RFC 7143 section 11.14",
        "{pdu} was sent after the Logout Request (to {reason}) on the same connection",
        "an unbroken view of the connection from its SYN on",
        occasion="iscsi.opcode == logout_request",
    ),
    Rule(
        "logout-session-request-after",
        ERROR,
        INITIATOR,
        "RFC 7143 section 11.14",
        "{pdu} with CmdSN {cmd_sn} was sent after the session was logged out on another connection, from CmdSN {first} "
        "on",
        "an unbroken view of both connections",
        occasion="iscsi.session.connections > 1 && iscsi.opcode == logout_request && iscsi.logout.reason == 0",
    ),
    Rule(
        "logout-pdu-after-response",
        ERROR,
        TARGET,
        "RFC 7143 sections 4.6.3.3 and 11.14",
        "{pdu} was sent after the Logout Response that closes the connection",
        "request and response",
        occasion="iscsi.logout.response == 0",
    ),
    Rule(
        "logout-response-missing",
        WARNING,
        TARGET,
        "RFC 7143 sections 11.14 and 11.15",
        "The target closed the connection without an answer to the Logout Request that it had received",
        "an unbroken view of the connection from its SYN on",
        occasion="iscsi.opcode == logout_request",
    ),
    Rule(
        "logout-tcp-not-closed",
        WARNING,
        "either",
        "RFC 7143 sections 11.14 and 11.15",
        "The TCP connection is still in use {seconds} seconds after the Logout Response, and nobody has closed it",
        "request, response, and segments long after",
        occasion="iscsi.opcode == logout_response",
    ),
)


def see_request(follower: Follower, look: Look) -> None:
    """Takes note of a Logout Request."""
    reason = look.flags & at.REASON_CODE_MASK
    if reason > RECOVERY:
        return
    notes = of_connection(follower)
    notes.logout_request = look.number
    notes.logout_reason = reason
    notes.logout_cid = half(look, at.AT_CID)
    if reason != CLOSE_SESSION and not (follower.login.requests and notes.logout_cid == follower.login.cid):
        return  # of another connection, or nobody knows
    if not notes.closing:
        notes.closing = look.number
        follower.alert = True
    if reason == CLOSE_SESSION and look.whole:
        session = of_session(follower.session)
        if not session.closing:
            session.closing = look.number
            # The first CmdSN that certainly was given out later: an immediate request does not use its own one up.
            session.closing_cmd_sn = (word(look, at.AT_CMD_SN) + (0 if look.immediate else 1)) & at.MASK_32
            for each in connections_of(follower):
                each.alert = True


def see_response(follower: Follower, look: Look) -> None:
    """Takes note of a Logout Response."""
    notes = of_connection(follower)
    task = look.task
    if task is None or task.request == 0:
        notes.logout_unasked = True
    if not notes.closing or notes.closed:
        return
    if look.header[at.AT_RESPONSE] == 0 and task is not None and task.request == notes.closing:
        notes.closed = look.number
        notes.closed_ts = look.ts
        session = of_session(follower.session)
        if session.closing == notes.closing:
            session.ended = look.number
            session.ended_ts = look.ts
    else:
        _calm(follower, notes)


def see(follower: Follower, look: Look, desk: Desk) -> None:
    """Runs the rules of this topic on one PDU, of a connection on which, or on whose session, a Logout was seen."""
    notes = of_connection(follower)
    if not look.to_target:
        if notes.closed:
            logout_pdu_after_response(follower, look, desk, notes)
        elif look.opcode == at.OP_REJECT and look.data and look.data[0] & at.OPCODE_MASK == at.OP_LOGOUT_REQUEST:
            _calm(follower, notes)
    elif look.opcode == at.OP_LOGIN_REQUEST:
        _calm(follower, notes)
    elif look.opcode in REQUESTS and look.tag != at.RESERVED_TAG and look.task is None:
        # (A tag that is in use: a retry, or a text that goes on.)
        if notes.closing:
            logout_request_after(follower, look, desk, notes)
        else:
            logout_session_request_after(follower, look, desk)


def lost(follower: Follower) -> None:
    """Bytes are missing: the Logout may have been refused in them."""
    if follower.alert:
        _calm(follower, of_connection(follower))


def closed(follower: Follower, desk: Desk) -> None:
    """Runs the rules of this topic on a connection on which nothing more will come."""
    notes = of_connection(follower)
    if notes.closed:
        logout_tcp_not_closed(follower, desk, notes)
    elif notes.closing and not notes.logout_unasked:
        logout_response_missing(follower, desk, notes)


def _calm(follower: Follower, notes: ConnectionNotes) -> None:
    """Nothing is concluded from the Logout any more: it failed, or may have."""
    notes.closing = 0
    notes.closed = 0
    session = of_session(follower.session)
    session.closing = 0


def logout_request_after(follower: Follower, look: Look, desk: Desk, notes: ConnectionNotes) -> None:
    """The initiator sent a new request after its Logout Request.

    ## What it means
    The Logout Request is the last request on a connection that it closes. Here another request follows: a command,
    task management, text, or a ping.

    ## Why it matters
    The target may execute the request, ignore it or drop the connection; which one, the initiator never learns. A
    write that was sent so late may or may not be on the disk.

    ## Example
        talk.open()
        logout = talk.logout_request()
        talk.command(read=4096)
        talk.logout_response(tag=logout.word(16))
        talk.fin()

    ## When it is silent
    When anything of the connection is missing from the capture, as the Logout may have been refused there; after a
    Logout that was refused; when it was about another connection. Answers to pings of the target, data,
    SNACKs, retries and the rest of a text may follow.

    ## Reference
    RFC 7143 section 11.14
    """
    if entire(follower):
        facts: dict[str, object] = {"pdu": OPCODES(look.opcode), "reason": LOGOUT_REASONS(notes.logout_reason)}
        desk.report("logout-request-after", INITIATOR, follower, look, facts, notes.closing)


def logout_session_request_after(follower: Follower, look: Look, desk: Desk) -> None:
    """The initiator sent a new request on another connection after it had logged the session out.

    ## What it means
    A Logout with reason 0 ends the session on all of its connections: none may carry new requests. The CmdSN shows
    that this request was made later, whatever the order of the connections in the capture.

    ## Why it matters
    The target may execute the request or ignore it; which one, the initiator never learns.

    ## Example
        talk = Talk(max_connections=2).open()
        other = talk.join().open()
        other.ping()
        logout = talk.logout_request()
        other.command(read=4096)
        talk.logout_response(tag=logout.word(16))

    ## When it is silent
    For immediate requests, which use no CmdSN up; when anything of the connection is missing from the capture, and
    after a Logout that was refused.

    ## Reference
    RFC 7143 section 11.14
    """
    session = of_session(follower.session)
    if not session.closing or look.immediate or not look.whole or not entire(follower):
        return
    cmd_sn = word(look, at.AT_CMD_SN)
    if distance(cmd_sn, session.closing_cmd_sn) >= 0:
        facts: dict[str, object] = {"pdu": OPCODES(look.opcode), "cmd_sn": cmd_sn, "first": session.closing_cmd_sn}
        desk.report("logout-session-request-after", INITIATOR, follower, look, facts, session.closing)


def logout_pdu_after_response(follower: Follower, look: Look, desk: Desk, notes: ConnectionNotes) -> None:
    """The target sent something after the Logout Response.

    ## What it means
    With a successful Logout Response the connection is over: the target sends nothing more on it and closes it.

    ## Why it matters
    The initiator has forgotten its tasks by then. A late status or late data is lost at best; if the initiator uses
    the connection's memory again, it is worse.

    ## Example
        talk.open()
        task = talk.command(read=4096)
        talk.logout()
        talk.response(task)

    ## When it is silent
    When request and response are not both in the capture, after a Logout that was about another connection, and when
    bytes of the connection are missing.

    ## Reference
    RFC 7143 sections 4.6.3.3 and 11.14
    """
    facts: dict[str, object] = {"pdu": OPCODES(look.opcode)}
    desk.report("logout-pdu-after-response", TARGET, follower, look, facts, notes.closed)


def logout_response_missing(follower: Follower, desk: Desk, notes: ConnectionNotes) -> None:
    """The target closed the connection instead of answering the Logout Request.

    ## What it means
    The target had received the Logout Request, at TCP level, and ended the connection in good order (FIN) without a
    Logout Response.

    ## Why it matters
    The initiator cannot know whether its tasks were completed or thrown away, and may take the path for failed.

    ## Example
        talk.open()
        talk.logout_request()
        talk.ack("T2I")
        talk.fin("T2I")

    ## When it is silent
    When anything of the connection is missing from the capture, when the initiator closed it first, and when it was
    reset.

    ## Reference
    RFC 7143 sections 11.14 and 11.15
    """
    connection = follower.connection
    sender = connection.to_target
    if sender is None or connection.closed_by is not sender.peer or connection.closed_with != "FIN":
        return
    if entire(follower) and sender.peer.finished and distance(sender.acked, sender.next_seq) >= 0:
        desk.found("logout-response-missing", TARGET, follower.session.number, follower.number, 0, {}, notes.closing)


def logout_tcp_not_closed(follower: Follower, desk: Desk, notes: ConnectionNotes) -> None:
    """A TCP connection stays open after the logout.

    ## What it means
    After a successful logout both sides close the TCP connection, the target first. Here segments are exchanged
    long after the Logout Response, and neither side has sent a FIN or a reset.

    ## Why it matters
    The connection keeps memory and a port busy on both sides. Targets that count connections run out of them.

    ## Example
        talk.open()
        talk.logout()
        talk.wait(20)
        talk.ack("I2T")

    ## When it is silent
    When no segment shows, ten seconds after the Logout Response, that the connection is alive; when either side has
    closed it; and when bytes of the connection are missing, as a FIN may be among them.

    ## Reference
    RFC 7143 sections 11.14 and 11.15
    """
    connection = follower.connection
    late = connection.last_ts - notes.closed_ts
    if late < STILL_OPEN_NS or connection.closed or not entire(follower):
        return
    facts: dict[str, object] = {"seconds": late // 1_000_000_000}
    desk.found(
        "logout-tcp-not-closed", TARGET, follower.session.number, follower.number, notes.closed, facts, notes.closing
    )
