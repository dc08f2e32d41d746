"""Rules on what becomes of a session whose connection has failed (RFC 7143 sections 7.1.4.3 and 7.14).

Interpreted: sees TASK REASSIGN being answered, and connections of which nothing more will come.
"""

from __future__ import annotations

from typing import Final

from iscsi_analyzer.model.following import Follower
from iscsi_analyzer.model.sessions import Sessions
from iscsi_analyzer.model.task import KIND_SCSI
from iscsi_analyzer.model.watch import Look
from iscsi_analyzer.rules.allegiance import released
from iscsi_analyzer.rules.desk import INITIATOR, TARGET, Desk
from iscsi_analyzer.rules.history import few, history_of, last_pdu_ts
from iscsi_analyzer.rules.logout import connections_of
from iscsi_analyzer.rules.notes import of_connection, of_session
from iscsi_analyzer.rules.rule import NOTE, Rule
from iscsi_analyzer.rules.sight import entire
from iscsi_analyzer.rules.task_management import TASK_REASSIGN
from iscsi_analyzer.rules.trouble import SECOND

PATIENCE_NS: Final = 60_000_000_000
"Recovery that has not begun so long after a failure is missed."

RULES = (
    Rule(
        "conn-recovery-missing-logout",
        NOTE,
        INITIATOR,
        "RFC 7143 sections 7.1.4.3, 11.14 and 7.14",
        "The session goes on for {seconds} s after a connection failed, which nobody logged out or replaced",
        "an unbroken view of all connections of the session",
        occasion="iscsi.session.connections > 1 && iscsi.connection.closed && iscsi.opcode == login_request",
    ),
    Rule(
        "session-failed-connection-silence",
        NOTE,
        INITIATOR,
        "RFC 7143 section 7.14",
        "The only connection of the session was reset with {tasks} tasks open, and for {seconds} s nobody came back",
        "an unbroken view of the connection, and other traffic long after",
        occasion="iscsi.connection.closed && iscsi.opcode == login_request && iscsi.tsih == 0",
    ),
    Rule(
        "session-immediate-tasks-recovered",
        NOTE,
        TARGET,
        "RFC 7143 section 7.14",
        "The target says that it has reassigned task 0x{tag:08x}, an immediate command",
        "the command, the request and its response",
        occasion="iscsi.taskmanfun.function == 8",
    ),
)


def answered(follower: Follower, look: Look, desk: Desk) -> None:
    """Runs the rules of this topic on a Task Management Function Response."""
    management = look.task
    if management is None or management.request == 0 or management.operation != TASK_REASSIGN:
        return
    if look.whole and look.header[2] == 0:
        session_immediate_tasks_recovered(follower, look, desk, management.length)


def closed(follower: Follower, desk: Desk) -> None:
    """Runs the rules of this topic on a connection of which nothing more will come."""
    connection, notes = follower.connection, of_connection(follower)
    if not connection.closed or not follower.login.complete or notes.closing or notes.announced or notes.replaced:
        return
    if of_session(follower.session).closing or not few(follower) or not entire(follower):
        return
    if len(follower.session.connections) > 1:
        conn_recovery_missing_logout(follower, desk)
    elif connection.closed_with == "RST":
        session_failed_connection_silence(follower, desk)


def conn_recovery_missing_logout(follower: Follower, desk: Desk) -> None:
    """A session goes on although one of its connections has failed and nobody cleaned up.

    ## What it means
    When a connection fails, the initiator logs it out on another connection, replaces it by a login with its CID, or
    gives the session up. Here it goes on over the other connections as if nothing had happened.

    ## Why it matters
    The target keeps the tasks of the failed connection, and their CmdSNs hold up the commands that come after them.

    ## Example
        talk.terms.max_connections = 2
        talk.open()
        other = talk.join().open()
        talk.rst()
        other.ping()
        other.wait(90)
        other.ping()

    ## When it is silent
    In the first minute, when the end of the connection was announced or asked for, and when the capture lacks any byte
    of one of the connections.

    ## Reference
    RFC 7143 sections 7.1.4.3, 11.14 and 7.14
    """
    if released(follower):
        return
    since, others = follower.connection.closed_ts, [each for each in connections_of(follower) if each is not follower]
    if not all(entire(each) for each in others):
        return
    latest = max((last_pdu_ts(each) for each in others), default=0)
    if latest - since >= PATIENCE_NS:
        facts: dict[str, object] = {"seconds": (latest - since) // SECOND}
        session = follower.session.number
        desk.found("conn-recovery-missing-logout", INITIATOR, session, follower.number, 0, facts)


def session_failed_connection_silence(follower: Follower, desk: Desk) -> None:
    """A session fails in the middle of its work, and nobody comes back.

    ## What it means
    The only connection of the session was reset while commands were under way. The initiator should recover: log in
    again, in place of the session. In the minute after, and as far as the capture goes, it did not log in anywhere.

    ## Why it matters
    Its disks are gone for whoever uses them. Either the initiator is gone, too, or it has given up.

    ## Example
        talk.open()
        talk.command(read=4096)
        talk.rst()
        other = talk.beside(initiator_name="iqn.2005-03.com.example:other").open()
        other.wait(90)
        other.ping()

    ## When it is silent
    When the initiator logs in anywhere later, or somebody whose login was not seen is there, when the capture has
    nothing more of anybody a minute later, when the end was announced or asked for, and when the capture lacks any byte
    of the connection.

    ## Reference
    RFC 7143 section 7.14
    """
    session, since = follower.session, follower.connection.closed_ts
    later = follower.finder.look.ts - since
    if later < PATIENCE_NS or history_of(follower).arrivals.get(session.initiator_name, since) > since:
        return
    if _strangers(follower, since):
        return
    tasks = [
        task
        for task in session.open.values()
        if task.kind == KIND_SCSI and task.request and task.connection == follower.number
    ]
    if tasks and session.initiator_name:
        facts: dict[str, object] = {"tasks": len(tasks), "seconds": later // SECOND}
        rule = "session-failed-connection-silence"
        desk.found(rule, INITIATOR, session.number, follower.number, 0, facts, tasks[0].request)


def _strangers(follower: Follower, since: int) -> bool:
    """Whether a connection began after `since` whose login was not seen: it may be anybody's."""
    finder = follower.finder
    assert isinstance(finder, Sessions)
    return any(each.session.assumed and each.session.first_ts > since for each in finder.followers)


def session_immediate_tasks_recovered(follower: Follower, look: Look, desk: Desk, tag: int) -> None:
    """An immediate command is carried over to another connection.

    ## What it means
    Commands that were sent as immediate do not survive the failure of their connection. The target says that it has
    reassigned one.

    ## Why it matters
    An immediate command has no place in the order of commands, so nobody knows what it will be executed after.

    ## Example
        talk = Talk(error_recovery_level=2, max_connections=2).open()
        task = talk.command(read=4096, immediate=True)
        talk.rst()
        talk.wait(3)
        other = talk.join().open()
        other.logout_response(tag=other.logout_request(2, cid=0).word(16))
        other.tmf(8, task, ref_cmd_sn=0)
        other.serve(task)

    ## When it is silent
    When the command is not in the capture, or its task was over.

    ## Reference
    RFC 7143 section 7.14
    """
    task = follower.session.open.get(tag)
    if task is not None and task.kind == KIND_SCSI and task.request and task.immediate:
        facts: dict[str, object] = {"tag": tag}
        desk.report("session-immediate-tasks-recovered", TARGET, follower, look, facts, task.request)
