"""Rules on the task that a task management request names: whether there is one, on which connection, and what the
target answers about it (RFC 7143 sections 11.5.1 and 11.6.1, RFC 7144 section 6.3).

Interpreted: sees task management requests and responses, and tasks that are left without an answer.
"""

from __future__ import annotations

from typing import Final

from dissectors.iscsi import layout as at
from iscsi_analyzer.model.following import Follower
from iscsi_analyzer.model.task import KIND_SCSI, Task
from iscsi_analyzer.model.watch import Look
from iscsi_analyzer.rules.allegiance import alive, connection_of
from iscsi_analyzer.rules.desk import INITIATOR, TARGET, Desk
from iscsi_analyzer.rules.evidence import alone
from iscsi_analyzer.rules.rule import ERROR, NOTE, WARNING, Rule
from iscsi_analyzer.rules.sight import entire, entire_session
from iscsi_analyzer.rules.task_management import ABORT_TASK, OF_ONE_TASK, QUERY_TASK, function_name
from iscsi_analyzer.rules.trouble import MOST, PATIENCE_NS, SECOND, of_session_trouble, of_task_trouble, task_trouble

COMPLETE: Final = 0
NO_SUCH_TASK: Final = 1

_NAMES_A_TASK: Final = "iscsi.taskmanfun.function in {1, 8, 9}"
_SESSION: Final = "an unbroken view of every connection of the session from its SYN on"

RULES = (
    Rule(
        "tmf-rtt-unknown",
        NOTE,
        INITIATOR,
        "RFC 7143 sections 11.5.1 and 11.6.1",
        "{function} names task 0x{referenced:08x}, which the session never had",
        "an unbroken view of the connection from its SYN on",
        occasion=_NAMES_A_TASK,
    ),
    Rule(
        "tmf-abort-other-connection",
        ERROR,
        INITIATOR,
        "RFC 7143 section 11.5.1, RFC 7144 section 6.3",
        "{function} of task 0x{referenced:08x} was sent on connection {connection}; the task belongs to connection "
        "{of_task}, which is still there",
        _SESSION,
        occasion="iscsi.taskmanfun.function in {1, 9}",
    ),
    Rule(
        "tmf-abort-response-wrong",
        WARNING,
        TARGET,
        "RFC 7143 sections 11.6.1 and 7.11",
        "ABORT TASK of task 0x{referenced:08x} was answered with {response}, but {why}",
        "the task, the request and the response, on one connection",
        occasion="iscsi.taskmanfun.response in {0, 1}",
    ),
)


def see(follower: Follower, look: Look, desk: Desk) -> None:
    """Runs the rules of this topic on one Task Management Function Request."""
    function = look.flags & at.FUNCTION_MASK
    if function not in OF_ONE_TASK or look.second == at.RESERVED_TAG:
        return
    session = follower.session
    task = session.open.get(look.second)
    if task is None:
        before = session.finished_request(look.second)
        if session.past_request(look.second) == 0:
            tmf_rtt_unknown(follower, look, desk)
        elif function == ABORT_TASK and before and look.whole:
            over = of_session_trouble(session).over
            if len(over) < MOST:
                over[look.tag] = before
    elif function in (ABORT_TASK, QUERY_TASK) and task.request and task.connection != follower.number:
        tmf_abort_other_connection(follower, look, desk, task)


def answered(follower: Follower, look: Look, desk: Desk) -> None:
    """Runs the rules of this topic on one Task Management Function Response."""
    management = look.task
    before = of_session_trouble(follower.session).over.pop(look.tag, 0)
    if management is None or management.operation != ABORT_TASK or management.connection != follower.number:
        return
    response = look.header[at.AT_RESPONSE]
    if response == COMPLETE and before:
        _done(follower, look, desk, management, before)
    elif response == NO_SUCH_TASK:
        task = follower.session.open.get(management.length)
        if task is not None and task.kind == KIND_SCSI and 0 < task.request < management.request:
            if task.connection == follower.number and task.losses == follower.losses:
                trouble = of_task_trouble(task)
                trouble.denied = look.number
                trouble.denied_ts = look.ts


def left_open(follower: Follower, task: Task, desk: Desk) -> None:
    """A SCSI task got no answer until its connection, or the capture, ended."""
    trouble = task_trouble(task)
    if trouble is None or not trouble.denied or not entire(follower):
        return
    if follower.connection.last_ts - trouble.denied_ts >= PATIENCE_NS:
        seconds = (follower.connection.last_ts - trouble.denied_ts) // SECOND
        facts: dict[str, object] = {
            "referenced": task.tag,
            "response": "Task does not exist",
            "why": f"it had not been answered, and was not in the {seconds} seconds that followed",
        }
        session = follower.session.number
        desk.found(
            "tmf-abort-response-wrong", TARGET, session, follower.number, trouble.denied, facts, task.request, task.tag
        )


def tmf_rtt_unknown(follower: Follower, look: Look, desk: Desk) -> None:
    """A task management request names a task that there never was.

    ## What it means
    ABORT TASK, QUERY TASK and TASK REASSIGN name a task by its tag. No request of the session had this tag.

    ## Why it matters
    Either the initiator aborts what it never sent, or it has lost track of its tags: then the task that it wants to
    end goes on.

    ## Example
        talk.open()
        talk.tmf(1, referenced_task_tag=99, response=1)

    ## When it is silent
    In sessions that may have several connections, when the connection is not in the capture from its beginning on, or
    lacks a byte, and when the session had more tasks than are remembered.

    ## Reference
    RFC 7143 sections 11.5.1 and 11.6.1
    """
    session = follower.session
    if session.remembers_all() and not session.overflows and alone(follower) and entire(follower):
        facts: dict[str, object] = {"function": function_name(look), "referenced": look.second}
        desk.report("tmf-rtt-unknown", INITIATOR, follower, look, facts)


def tmf_abort_other_connection(follower: Follower, look: Look, desk: Desk, task: Task) -> None:
    """ABORT TASK or QUERY TASK was sent on another connection than the task.

    ## What it means
    As long as the connection of a task is active, requests to abort or query the task go over that connection, behind
    its command. This one went over another.

    ## Why it matters
    On another connection the request may overtake the command: the target answers that there is no such task, and then
    carries it out.

    ## Example
        talk = Talk(max_connections=2).open()
        task = talk.command(read=4096)
        other = talk.join().open()
        other.tmf(1, task, response=1)

    ## When it is silent
    When the connection of the task was closed or logged out, or another took its place; when any connection of the
    session is not wholly in the capture.

    ## Reference
    RFC 7143 section 11.5.1; RFC 7144 section 6.3
    """
    if entire_session(follower) and alive(connection_of(follower, task)):
        facts: dict[str, object] = {
            "function": function_name(look),
            "referenced": look.second,
            "connection": follower.number,
            "of_task": task.connection,
        }
        desk.report("tmf-abort-other-connection", INITIATOR, follower, look, facts, task.request)


def _done(follower: Follower, look: Look, desk: Desk, management: Task, before: int) -> None:
    """The target says that it has aborted a task that it had answered before the request came."""
    rows = follower.connection.rows
    request, command = rows.header(management.request), rows.header(before)
    same = command[at.AT_CMD_SN : at.AT_CMD_SN + 4] == request[at.AT_REF_CMD_SN : at.AT_REF_CMD_SN + 4]
    if command[0] & 0x7F == at.OP_SCSI_COMMAND and same and len(follower.session.connections) == 1 and entire(follower):
        tmf_abort_response_wrong(follower, look, desk, management, before)


def tmf_abort_response_wrong(follower: Follower, look: Look, desk: Desk, management: Task, before: int) -> None:
    """The answer to an ABORT TASK does not fit the task.

    ## What it means
    `Function complete` means that the task was aborted, or was not received yet; `Task does not exist`, that it was
    answered before or never was. Here the target says that it has aborted a task whose status it had sent before the
    request, or that it does not know a task to which it owes a status.

    ## Why it matters
    The initiator gives the buffers of the task free, or waits for a status that does not come. In doubt it resets the
    logical unit, and with it the tasks of everybody.

    ## Example
        talk.open()
        task = talk.command(read=4096)
        talk.tmf(1, task, response=1)
        talk.wait(20)
        talk.ping()

    ## When it is silent
    When the task was sent on another connection or anything of the connection is missing; when a status follows
    `Task does not exist` within ten seconds, as it may have been on its way; for immediate commands that were over.

    ## Reference
    RFC 7143 sections 11.6.1 and 7.11
    """
    facts: dict[str, object] = {
        "referenced": management.length,
        "response": "Function complete",
        "why": "its status was sent before the request",
    }
    desk.report("tmf-abort-response-wrong", TARGET, follower, look, facts, before)
