"""Rules on what still comes when a logout is over: data, statuses, other connections of the session, and the end at TCP
level (RFC 7143 sections 6.3.5, 7.6 and 11.14).

Interpreted: sees Logout Responses, and from then on every PDU of the connections that they end (`Follower.alert`).
"""

from __future__ import annotations

from typing import Final

from dissectors.iscsi import layout as at
from dissectors.iscsi.words import OPCODES
from iscsi_analyzer.model.following import Follower
from iscsi_analyzer.model.task import KIND_SCSI, Task
from iscsi_analyzer.model.watch import Look
from iscsi_analyzer.rules.allegiance import left_by, numbered
from iscsi_analyzer.rules.desk import INITIATOR, TARGET, Desk
from iscsi_analyzer.rules.history import LATER_NS, few
from iscsi_analyzer.rules.logout import RECOVERY, connections_of
from iscsi_analyzer.rules.notes import ConnectionNotes, of_connection, of_session
from iscsi_analyzer.rules.rule import ERROR, NOTE, Rule
from iscsi_analyzer.rules.sight import entire
from iscsi_analyzer.rules.trouble import SECOND
from iscsi_analyzer.streams.serial import distance

_BOTH: Final = "an unbroken view of both connections"

RULES = (
    Rule(
        "logout-dataout-after",
        NOTE,
        INITIATOR,
        "RFC 7143 section 11.14",
        "Data-Out is sent after the Logout Response has arrived",
        "an unbroken view of the connection from its SYN on",
        occasion="iscsi.logout.response == 0",
    ),
    Rule(
        "logout-task-status-after",
        ERROR,
        TARGET,
        "RFC 7143 sections 11.14 and 7.6",
        "{pdu} ends a task of connection {connection}, which was logged out {seconds} s before",
        _BOTH,
        occasion="iscsi.session.connections > 1 && iscsi.logout.response == 0",
    ),
    Rule(
        "logout-recovery-transfer",
        ERROR,
        TARGET,
        "RFC 7143 section 11.14",
        "{pdu} comes {seconds} s after the connection was removed for recovery",
        _BOTH,
        occasion="iscsi.session.connections > 1 && iscsi.opcode == logout_request && iscsi.logout.reason == 2",
    ),
    Rule(
        "logout-target-no-fin",
        NOTE,
        TARGET,
        "RFC 7143 section 11.14",
        "The target does not close the connection after its Logout Response; the initiator did so {seconds} s later",
        "an unbroken view of the connection from its SYN on",
        occasion="iscsi.logout.response == 0",
    ),
    Rule(
        "session-closed-traffic",
        ERROR,
        "either",
        "RFC 7143 sections 11.14 and 6.3.5",
        "{pdu} comes {seconds} s after the session was closed on another connection",
        _BOTH,
        occasion="iscsi.session.connections > 1 && iscsi.opcode == logout_request && iscsi.logout.reason == 0",
    ),
)


def see_response(follower: Follower, look: Look) -> None:
    """Takes note of a Logout Response, which others have taken note of before."""
    notes = of_connection(follower)
    if notes.closed == look.number:
        to_target = follower.connection.to_target
        notes.closed_end = 0 if to_target is None else to_target.peer.next_seq
    for each in connections_of(follower) if few(follower) else ():
        left = left_by(each)
        if left is not None and left.response == 0:
            each.alert = True


def see(follower: Follower, look: Look, desk: Desk) -> None:
    """Runs the rules of this topic on one PDU, of a connection on which, or about which, a Logout was seen."""
    notes = of_connection(follower)
    if notes.closed:
        if look.to_target and look.opcode == at.OP_DATA_OUT:
            logout_dataout_after(follower, look, desk, notes)
    elif not few(follower):
        return
    elif of_session(follower.session).ended:
        session_closed_traffic(follower, look, desk)
    elif not look.to_target:
        logout_recovery_transfer(follower, look, desk)


def see_foreign(follower: Follower, look: Look, task: Task, desk: Desk) -> None:
    """Runs the rules of this topic on a PDU whose tag belongs to a task of another connection of its session."""
    if look.opcode == at.OP_SCSI_RESPONSE or (look.opcode == at.OP_DATA_IN and look.flags & at.STATUS_MASK):
        if task.kind == KIND_SCSI and task.request:
            logout_task_status_after(follower, look, task, desk)


def closed(follower: Follower, desk: Desk) -> None:
    """Runs the rules of this topic on a connection on which nothing more will come."""
    notes = of_connection(follower)
    if notes.closed:
        logout_target_no_fin(follower, desk, notes)


def _facts(look: Look, since: int) -> dict[str, object]:
    return {"pdu": OPCODES(look.opcode), "seconds": (look.ts - since) // SECOND}


def logout_dataout_after(follower: Follower, look: Look, desk: Desk, notes: ConnectionNotes) -> None:
    """An initiator goes on to send data after the logout.

    ## What it means
    The Logout Response has ended the connection, and with it the tasks on it. The initiator had acknowledged it, at TCP
    level, and sends data for a write all the same.

    ## Why it matters
    The target throws the data away or answers with a reset; the write that it belongs to is over.

    ## Example
        talk.open()
        task = talk.start_write(262144)
        burst = talk.r2t(task, 8192)
        talk.logout()
        talk.ack("I2T")
        talk.data_out(task, 8192, burst=burst)

    ## When it is silent
    Until the initiator has acknowledged the response, and when the capture lacks any byte of the connection.

    ## Reference
    RFC 7143 section 11.14
    """
    to_target = follower.connection.to_target
    if to_target is None or to_target.peer.acked < 0 or distance(to_target.peer.acked, notes.closed_end) < 0:
        return
    if entire(follower):
        desk.report("logout-dataout-after", INITIATOR, follower, look, {}, notes.closed)


def logout_task_status_after(follower: Follower, look: Look, task: Task, desk: Desk) -> None:
    """A target ends a task that the logout had ended.

    ## What it means
    A Logout that closes a connection ends the tasks of that connection, and they get no status. Here the status of one
    comes on another connection of the session.

    ## Why it matters
    The initiator has given the task up, and may have used its tag and its memory for something else.

    ## Example
        talk.terms.max_connections = 2
        talk.open()
        other = talk.join().open()
        task = talk.command()
        talk.logout(1)
        talk.fin()
        other.wait(10)
        other.response(task)

    ## When it is silent
    In the first five seconds, after a logout for recovery, once any task was reassigned, and when the capture lacks any
    byte of one of the connections.

    ## Reference
    RFC 7143 sections 11.14 and 7.6
    """
    other = numbered(follower, task.connection)
    notes = of_connection(other)
    if not notes.closed or notes.logout_reason == RECOVERY or of_session(follower.session).reassigned:
        return
    if look.ts - notes.closed_ts >= LATER_NS and entire(follower) and entire(other):
        facts = {**_facts(look, notes.closed_ts), "connection": other.number}
        desk.report("logout-task-status-after", TARGET, follower, look, facts, notes.closed)


def logout_recovery_transfer(follower: Follower, look: Look, desk: Desk) -> None:
    """A target goes on to use a connection that was removed for recovery.

    ## What it means
    A Logout for recovery, sent on another connection, names this one; the target said that it was done. From then on
    nothing of its tasks is sent on it: they wait to be moved.

    ## Why it matters
    Data arrives on both connections. The initiator takes the second copy for new data, or its memory is already in use
    again.

    ## Example
        talk = Talk(error_recovery_level=2, max_connections=2).open()
        other = talk.join().open()
        task = talk.command(read=4096)
        other.logout_response(tag=other.logout_request(2, cid=0).word(16))
        talk.wait(10)
        talk.data_in(task, 4096)

    ## When it is silent
    In the first five seconds, when the logout was refused, and when the capture lacks any byte of one of the
    connections.

    ## Reference
    RFC 7143 section 11.14
    """
    left = left_by(follower)
    if left is None or left.reason != RECOVERY or left.response != 0 or look.ts - left.ts < LATER_NS:
        return
    if all(entire(each) for each in connections_of(follower)):
        desk.report("logout-recovery-transfer", TARGET, follower, look, _facts(look, left.ts), left.request)


def logout_target_no_fin(follower: Follower, desk: Desk, notes: ConnectionNotes) -> None:
    """A target leaves it to the initiator to close the connection after the logout.

    ## What it means
    After its Logout Response the target closes its half of the TCP connection, which tells the initiator that nothing
    more will come. This target waited until the initiator closed its own half.

    ## Why it matters
    Initiators that wait for the target to close wait for their time-out.

    ## Example
        talk.open()
        talk.logout()
        talk.wait(20)
        talk.fin("I2T")

    ## When it is silent
    When the initiator closed the connection within five seconds, and when the capture lacks any byte of it.

    ## Reference
    RFC 7143 section 11.14
    """
    connection = follower.connection
    late = connection.closed_ts - notes.closed_ts
    if connection.closed and connection.closed_by is connection.to_target and late >= LATER_NS and entire(follower):
        session = follower.session.number
        facts: dict[str, object] = {"seconds": late // SECOND}
        desk.found("logout-target-no-fin", TARGET, session, follower.number, notes.closed, facts)


def session_closed_traffic(follower: Follower, look: Look, desk: Desk) -> None:
    """A connection of a closed session is still in use.

    ## What it means
    The session was logged out as a whole on another of its connections, and the target said that it was closed. All of
    its connections are over then.

    ## Why it matters
    The side that still sends has not noticed: what it sends or waits for is lost.

    ## Example
        talk.terms.max_connections = 2
        talk.open()
        other = talk.join().open()
        talk.close()
        other.wait(10)
        other.nop_in()

    ## When it is silent
    In the first five seconds, and when the capture lacks any byte of one of the connections.

    ## Reference
    RFC 7143 sections 11.14 and 6.3.5
    """
    session = of_session(follower.session)
    if look.ts - session.ended_ts < LATER_NS or not all(entire(each) for each in connections_of(follower)):
        return
    party = INITIATOR if look.to_target else TARGET
    desk.report("session-closed-traffic", party, follower, look, _facts(look, session.ended_ts), session.ended)
