"""Rules on what has to happen between a task management request, above all one for many tasks, and its response (RFC
7143 sections 4.2.3.3, 11.5.1 and 11.6.1).

Interpreted: sees task management, requests that are left without an answer, and what the initiator sends while it
waits for one. What a response waits for on other connections is judged in `response_fence`.
"""

from __future__ import annotations

from typing import Final

from dissectors.iscsi import layout as at
from dissectors.iscsi.words import TMF_FUNCTIONS
from iscsi_analyzer.model.following import Follower
from iscsi_analyzer.model.task import I_T_NEXUS_RESET, NO_TASKS, TARGET_COLD_RESET, Task, scope_of
from iscsi_analyzer.model.watch import Look
from iscsi_analyzer.rules.desk import INITIATOR, TARGET, Desk
from iscsi_analyzer.rules.evidence import all_seen, whole
from iscsi_analyzer.rules.header_fields import word
from iscsi_analyzer.rules.notes import Burst, TaskNotes
from iscsi_analyzer.rules.rule import ERROR, RFC_7143, WARNING, Rule
from iscsi_analyzer.rules.sight import entire, heard_since, reached
from iscsi_analyzer.rules.trouble import (
    MAX_SEARCHED,
    MAX_SEARCHES,
    MOST,
    PATIENCE_NS,
    SECOND,
    affected,
    calm,
    of_connection_trouble,
    of_session_trouble,
    watch,
)
from iscsi_analyzer.streams.serial import distance

OWING: Final = "owing"
"The topic, to those who watch."
COMPLETE: Final = 0
CLOSING: Final = (TARGET_COLD_RESET, I_T_NEXUS_RESET)
"Functions after which the target closes connections instead of answering."
OF_UNIT: Final = (2, 4, 5)
"ABORT TASK SET, CLEAR TASK SET, LOGICAL UNIT RESET; a reset of the target may give up commands that are missing."

_SET_REQUEST: Final = "iscsi.taskmanfun.function in {2, 4, 5, 6, 7}"
_TTT: Final = "the tasks, the request, and the login"

RULES = (
    Rule(
        "tmf-set-response-early",
        ERROR,
        TARGET,
        "RFC 7143 sections 4.2.3.3, 11.5.1 and 11.6.1",
        "{function} was answered while the target still waited for the data of an R2T of task 0x{tag:08x}",
        _TTT,
        RFC_7143,
        occasion=_SET_REQUEST,
    ),
    Rule(
        "tmf-set-response-cmd-missing",
        WARNING,
        TARGET,
        "RFC 7143 sections 4.2.3.3, 4.2.3.4 and 11.6.1",
        "{function} with CmdSN {cmd_sn} was answered although commands from CmdSN {exp_cmd_sn} on are missing",
        "the request",
        occasion="iscsi.taskmanfun.function in {2, 4, 5}",
    ),
    Rule(
        "tmf-response-missing",
        WARNING,
        TARGET,
        "RFC 7143 section 11.5.1",
        "{function} got no answer in {seconds} s",
        "the whole connection, and that the request arrived",
        occasion="iscsi.opcode == tmf_request && iscsi.taskmanfun.function not in {7, 11}",
    ),
    Rule(
        "tmf-ttt-abandoned",
        WARNING,
        INITIATOR,
        "RFC 7143 sections 4.2.3.3 and 11.5.1",
        "After {function} the initiator did not answer the R2T of task 0x{tag:08x} any more, in {seconds} s",
        "the whole connection, and that the R2T arrived",
        RFC_7143,
        occasion=_SET_REQUEST,
    ),
)


def see(follower: Follower, look: Look) -> None:
    """Takes note of one Task Management Function Request."""
    if follower.limits.fast_abort == 0 and scope_of(look.flags & at.FUNCTION_MASK) != NO_TASKS:
        owing = watch(follower, OWING).owing
        if len(owing) < MOST:
            owing[look.tag] = look.number


def see_watched(follower: Follower, look: Look, desk: Desk) -> None:
    """Runs the rules of this topic on one PDU, of a connection with a request for many tasks that is not answered."""
    if not look.to_target or look.opcode == at.OP_DATA_OUT:
        return  # data may be what is waited for
    owing = of_connection_trouble(follower).owing
    for tag, number in list(owing.items()):
        management = follower.session.open.get(tag)
        waited = look.ts - follower.connection.rows.time_last(number)
        if management is None or management.request != number:
            del owing[tag]
        elif waited >= PATIENCE_NS:
            del owing[tag]
            owed = _owed(follower, management)
            if owed is not None and owed[1].pdu < number and reached(follower, False) and entire(follower):
                tmf_ttt_abandoned(follower, look, desk, management, owed[0], waited)
    if not owing:
        calm(follower, OWING)


def answered(follower: Follower, look: Look, desk: Desk) -> None:
    """Runs the rules of this topic on one Task Management Function Response."""
    management = look.task
    if management is None or not management.request or management.connection != follower.number or not look.whole:
        return
    if look.header[at.AT_RESPONSE] != COMPLETE or scope_of(management.operation) == NO_TASKS:
        return
    if follower.limits.fast_abort == 0 and all_seen(follower, True):
        tmf_set_response_early(follower, look, desk, management)
    if management.operation in OF_UNIT:
        tmf_set_response_cmd_missing(follower, look, desk, management)


def left_open(follower: Follower, management: Task, desk: Desk) -> None:
    """A task management request got no answer until its connection, or the capture, ended."""
    waited = heard_since(follower, follower.connection.rows.time_last(management.request))
    if waited < PATIENCE_NS or not reached(follower, True) or management.operation in CLOSING:
        return
    session = follower.session
    searched = len(session.open) <= MAX_SEARCHED and of_session_trouble(session).searches < MAX_SEARCHES
    if searched and _owed(follower, management) is None:
        if len(session.connections) == 1 and distance(session.exp_cmd_sn, management.cmd_sn) >= 0:
            tmf_response_missing(follower, desk, management, waited)


def _owed(follower: Follower, management: Task) -> tuple[Task, Burst] | None:
    """A task that the request covers with an R2T that the initiator has not answered, if the task is whole."""
    for task in affected(follower.session, management):
        notes = task.notes
        if isinstance(notes, TaskNotes) and whole(follower, task):
            for burst in notes.bursts:
                if burst.sent < burst.length:
                    return task, burst
    return None


def function_of(management: Task) -> dict[str, object]:
    return {"function": TMF_FUNCTIONS(management.operation)}


def tmf_set_response_early(follower: Follower, look: Look, desk: Desk, management: Task) -> None:
    """A target answers an abort or reset of many tasks while it still waits for data.

    ## What it means
    Before the target answers ABORT TASK SET, CLEAR TASK SET or a reset, it waits until the initiator has answered all
    R2Ts of the tasks that end with it (unless TaskReporting=FastAbort was agreed on). Here data of an R2T was still to
    come.

    ## Why it matters
    The data arrives after the answer. By then the transfer tag may belong to another task, and the data of the dead
    command ends in the blocks of a new one.

    ## Example
        talk.open()
        task = talk.command(write=8192)
        burst = talk.r2t(task)
        talk.data_out(task, 4096, burst=burst)
        talk.tmf(5)

    ## When it is silent
    When the login or a part of the task is not in the capture; when the target has acknowledged bytes that the capture
    has not shown yet; for tasks of other connections.

    ## Reference
    RFC 7143 sections 4.2.3.3, 11.5.1 and 11.6.1
    """
    owed = _owed(follower, management)
    if owed is not None:
        desk.report(
            "tmf-set-response-early",
            TARGET,
            follower,
            look,
            {**function_of(management), "tag": owed[0].tag},
            owed[1].pdu,
        )


def tmf_set_response_cmd_missing(follower: Follower, look: Look, desk: Desk, management: Task) -> None:
    """A target answers an abort of many tasks before it has all the commands that were sent before.

    ## What it means
    The function covers every command with a lower CmdSN than its own, so the target waits for all of them. The
    ExpCmdSN of its response says that some are missing.

    ## Why it matters
    The missing command arrives after the answer, and is carried out although the initiator believes it to be aborted.

    ## Example
        talk = Talk(max_connections=2).open()
        talk.session.cmd_sn += 1
        talk.command(read=4096)
        talk.tmf(2)

    ## When it is silent
    For resets of the whole target, which may give up the missing commands; when the request is not in the capture.

    ## Reference
    RFC 7143 sections 4.2.3.3, 4.2.3.4 and 11.6.1
    """
    exp_cmd_sn = word(look, at.AT_EXP_CMD_SN)
    if management.cmd_sn >= 0 and distance(exp_cmd_sn, management.cmd_sn) < 0:
        facts = {**function_of(management), "cmd_sn": management.cmd_sn, "exp_cmd_sn": exp_cmd_sn}
        desk.report("tmf-set-response-cmd-missing", TARGET, follower, look, facts, management.request)


def tmf_response_missing(follower: Follower, desk: Desk, management: Task, waited: int) -> None:
    """A task management request got no answer.

    ## What it means
    Every task management request is answered. This one was received, at TCP level, and no answer came for ten seconds
    or more, until the connection or the capture ended.

    ## Why it matters
    The target hangs in its error handling. The initiator escalates from aborts to resets to dropping the session, and
    the path fails.

    ## Example
        talk.open()
        task = talk.command(read=4096)
        talk.tmf_request(1, task)
        talk.wait(20)
        talk.ping()

    ## When it is silent
    When anything of the connection is missing; in sessions with several connections; while R2Ts are not answered or
    commands are missing, which the target has to wait for; for resets that close the connections.

    ## Reference
    RFC 7143 section 11.5.1
    """
    facts = {**function_of(management), "seconds": waited // SECOND}
    session = follower.session.number
    desk.found("tmf-response-missing", TARGET, session, follower.number, management.request, facts, 0, management.tag)


def tmf_ttt_abandoned(follower: Follower, look: Look, desk: Desk, management: Task, task: Task, waited: int) -> None:
    """An initiator that aborts tasks leaves their R2Ts without an answer.

    ## What it means
    After ABORT TASK SET, CLEAR TASK SET or a reset the initiator goes on answering the R2Ts of the tasks, if only with
    an early end (F bit); the target has to wait for that before it answers. No end of the data came (unless
    TaskReporting=FastAbort was agreed on, which frees both of it).

    ## Why it matters
    Both wait for each other: the reset hangs until its time-out, and the initiator drops the session.

    ## Example
        talk.open()
        task = talk.command(write=8192)
        talk.r2t(task)
        talk.tmf_request(5)
        talk.wait(20)
        talk.ping()

    ## When it is silent
    When the function was answered; when anything of the connection is missing, or the login; within ten seconds, and
    when the initiator sends nothing more after them; for tasks of other connections.

    ## Reference
    RFC 7143 sections 4.2.3.3 and 11.5.1
    """
    facts = {**function_of(management), "tag": task.tag, "seconds": waited // SECOND}
    desk.report("tmf-ttt-abandoned", INITIATOR, follower, look, facts, management.request)
