"""Rules on what QUERY TASK is told, against what becomes of the task (RFC 7144 section 6.4.2).

Interpreted: sees QUERY TASK and its answer, and then the statuses of the connection until the task is over.
"""

from __future__ import annotations

from typing import Final

from dissectors.iscsi import layout as at
from iscsi_analyzer.model.following import Follower
from iscsi_analyzer.model.task import KIND_SCSI, Task
from iscsi_analyzer.model.watch import Look
from iscsi_analyzer.rules.desk import TARGET, Desk
from iscsi_analyzer.rules.header_fields import word
from iscsi_analyzer.rules.rule import NOTE, RFC_7144, Rule
from iscsi_analyzer.rules.sight import entire
from iscsi_analyzer.rules.task_management import QUERY_TASK
from iscsi_analyzer.rules.task_management_answer import COMPLETE, SUCCEEDED
from iscsi_analyzer.rules.trouble import MOST, calm, of_connection_trouble, of_session_trouble, watch
from iscsi_analyzer.streams.serial import distance

QUERY: Final = "query"

RULES = (
    Rule(
        "query-response-semantics",
        NOTE,
        TARGET,
        "RFC 7144 section 6.4.2",
        "QUERY TASK for task 0x{tag:08x} is told that the task is {told}; {why}",
        "the task, the request and the response, on one connection",
        RFC_7144,
        "iscsi.taskmanfun.function == 9",
    ),
)


def see(follower: Follower, look: Look) -> None:
    """A Task Management Function Request: takes note of a question about a task that is over."""
    if look.flags & at.FUNCTION_MASK != QUERY_TASK or not look.whole:
        return
    session = follower.session
    before = 0 if look.second in session.open else int(session.finished_request(look.second))
    queried = of_session_trouble(session).queried
    if before and len(queried) < MOST:
        queried[look.tag] = before


def answered(follower: Follower, look: Look, desk: Desk) -> None:
    """Runs the rules of this topic on one Task Management Function Response."""
    management = look.task
    before = of_session_trouble(follower.session).queried.pop(look.tag, 0)
    if management is None or management.operation != QUERY_TASK or management.connection != follower.number:
        return
    response = look.header[at.AT_RESPONSE]
    if response == SUCCEEDED and before:
        _over_before(follower, look, desk, management, before)
    elif response == COMPLETE and look.whole:
        task = follower.session.open.get(management.length)
        if task is not None and task.kind == KIND_SCSI and 0 < task.request < management.request:
            if task.connection == follower.number and task.losses == follower.losses:
                queries = watch(follower, QUERY).queries
                if len(queries) < MOST:
                    queries[task.tag] = (int(task.request), look.number, word(look, at.AT_STAT_SN))


def see_watched(follower: Follower, look: Look, desk: Desk) -> None:
    """Runs the rules of this topic on one PDU, of a connection with a task that is said not to be there."""
    queries = of_connection_trouble(follower).queries
    task = look.task
    carries = look.opcode == at.OP_SCSI_RESPONSE or (look.opcode == at.OP_DATA_IN and look.flags & at.STATUS_MASK)
    if carries and look.tag in queries:
        request, number, stat_sn = queries.pop(look.tag)
        if task is not None and task.request == request and look.whole:
            if distance(word(look, at.AT_STAT_SN), stat_sn) > 0:
                why = f"its status came later, in PDU {look.number}"
                query_response_semantics(follower, look, desk, number, {"told": "not there", "why": why})
    if not queries:
        calm(follower, QUERY)


def lost(follower: Follower) -> None:
    """Bytes are missing: tags may have been used again."""
    of_connection_trouble(follower).queries.clear()


def _over_before(follower: Follower, look: Look, desk: Desk, management: Task, before: int) -> None:
    """The target says that a task is there that it had answered before the request came."""
    rows = follower.connection.rows
    request, command = rows.header(management.request), rows.header(before)
    same = command[at.AT_CMD_SN : at.AT_CMD_SN + 4] == request[at.AT_REF_CMD_SN : at.AT_REF_CMD_SN + 4]
    if command[0] & 0x7F == at.OP_SCSI_COMMAND and same and len(follower.session.connections) == 1 and entire(follower):
        why = "its status was sent before the request"
        facts: dict[str, object] = {"tag": management.length, "told": "there", "why": why}
        desk.report("query-response-semantics", TARGET, follower, look, facts, before)


def query_response_semantics(follower: Follower, look: Look, desk: Desk, number: int, facts: dict[str, object]) -> None:
    """QUERY TASK is told the wrong thing.

    ## What it means
    The answer to QUERY TASK is 7, Function succeeded, if the task is there, and 0, Function complete, if it is not.
    Here a task is there whose status was sent before, or is not there and gets its status afterwards.

    ## Why it matters
    The initiator gives up a task that is still at work, or goes on waiting for one that is over.

    ## Example
        keys = {"iSCSIProtocolLevel": "2"}
        talk.open(offer=keys, answer=keys)
        task = talk.command(read=4096)
        talk.tmf(9, task, response=0)
        talk.serve(task)

    ## When it is silent
    When the task was sent on another connection or anything of the connection is missing, for immediate commands that
    were over, and for QUERY TASK SET and QUERY ASYNCHRONOUS EVENT.

    ## Reference
    RFC 7144 section 6.4.2
    """
    session = follower.session.number
    tag = look.tag
    desk.found(
        "query-response-semantics", TARGET, session, follower.number, number, {"tag": tag, **facts}, look.number, tag
    )
