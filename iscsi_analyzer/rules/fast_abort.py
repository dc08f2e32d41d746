"""Rules on TaskReporting=FastAbort: an abort of many tasks that waits for no data, and the Asynchronous Messages that
tell it to other connections (RFC 7143 sections 4.2.3.4, 4.2.3.5 and 11.9.1).

Interpreted: sees task management of such sessions, Asynchronous Messages with event 5, and from either of them on every
PDU of the connection until it is settled.
"""

from __future__ import annotations

from itertools import islice
from typing import Final

from dissectors.iscsi import layout as at
from dissectors.iscsi.words import TMF_FUNCTIONS
from iscsi_analyzer.model.following import Follower
from iscsi_analyzer.model.task import KIND_SCSI, NO_TASKS, Task, scope_of
from iscsi_analyzer.model.watch import Look
from iscsi_analyzer.rules.allegiance import numbered
from iscsi_analyzer.rules.async_message import TASK_TERMINATION
from iscsi_analyzer.rules.desk import INITIATOR, TARGET, Desk
from iscsi_analyzer.rules.header_fields import lun_field, word
from iscsi_analyzer.rules.rule import ERROR, RFC_7143, WARNING, Rule
from iscsi_analyzer.rules.sight import entire, entire_session
from iscsi_analyzer.rules.trouble import (
    MAX_SEARCHED,
    MAX_SEARCHES,
    PATIENCE_NS,
    SECOND,
    Termination,
    affected,
    calm,
    covers,
    of_connection_trouble,
    of_session_trouble,
    watch,
)
from iscsi_analyzer.streams.serial import distance

ABORT: Final = "fast-abort"
"The topic, to those who watch."
COMPLETE: Final = 0
MOST_ABORTS: Final = 64
"Requests of one connection that are not answered and are remembered."

_REQUEST: Final = "iscsi.taskmanfun.function in {2, 4, 5, 6, 7} && iscsi.connection.fast_abort == 1"
_EVENT: Final = "iscsi.asyncevent == 5"

RULES = (
    Rule(
        "fastabort-dataout-after-tmf",
        ERROR,
        INITIATOR,
        "RFC 7143 section 4.2.3.4",
        "Data-Out for task 0x{tag:08x} was sent after {function}, which ends it, although FastAbort is agreed on",
        "the command, the request, and the login",
        RFC_7143,
        occasion=_REQUEST,
    ),
    Rule(
        "fastabort-async5-missing",
        WARNING,
        TARGET,
        "RFC 7143 section 4.2.3.4",
        "{function} was answered, but no AsyncEvent 5 told of it on connection {other}, which has tasks that it ends",
        "an unbroken view of every connection of the session from its SYN on",
        RFC_7143,
        occasion=f"{_REQUEST} && iscsi.session.connections > 1",
    ),
    Rule(
        "fastabort-async5-lun",
        WARNING,
        TARGET,
        "RFC 7143 sections 4.2.3.4 and 4.2.3.5",
        "AsyncEvent 5 is for LUN field 0x{lun:016x}; the open tasks of the connection are for other logical units",
        "an unbroken view of the connection from its SYN on",
        RFC_7143,
        occasion=_EVENT,
    ),
    Rule(
        "async5-not-acked",
        ERROR,
        INITIATOR,
        "RFC 7143 sections 4.2.3.4 and 11.9.1",
        "AsyncEvent 5 was received and not acknowledged by a NOP-Out for its logical unit in {seconds} s",
        "everything since the event",
        RFC_7143,
        occasion=_EVENT,
    ),
    Rule(
        "async5-dataout-continues",
        ERROR,
        INITIATOR,
        "RFC 7143 section 11.9.1",
        "Data-Out for task 0x{tag:08x} was sent after the initiator had acknowledged AsyncEvent 5 for its logical unit",
        "the command, the event and its acknowledgement",
        RFC_7143,
        occasion=_EVENT,
    ),
)


def see(follower: Follower, look: Look) -> None:
    """Takes note of a Task Management Function Request."""
    if follower.limits.fast_abort == 1 and scope_of(look.flags & at.FUNCTION_MASK) != NO_TASKS:
        aborts = of_connection_trouble(follower).aborts
        if len(aborts) < MOST_ABORTS:
            aborts.append(look.tag)
            watch(follower, ABORT)


def answered(follower: Follower, look: Look, desk: Desk) -> None:
    """Runs the rules of this topic on one Task Management Function Response."""
    trouble = of_connection_trouble(follower)
    if look.tag in trouble.aborts:
        trouble.aborts.remove(look.tag)
        _settle(follower)
    management = look.task
    if management is None or not management.request or management.connection != follower.number:
        return
    if follower.limits.fast_abort == 1 and look.header[at.AT_RESPONSE] == COMPLETE:
        fastabort_async5_missing(follower, look, desk, management)


def announced(follower: Follower, look: Look, desk: Desk) -> None:
    """Runs the rules of this topic on one Asynchronous Message."""
    if not look.whole or look.header[at.AT_ASYNC_EVENT] != TASK_TERMINATION:
        return
    if follower.limits.fast_abort == 1:
        fastabort_async5_lun(follower, look, desk)
    lun = int.from_bytes(look.header[8:16], "big", signed=True)
    trouble = watch(follower, ABORT)
    trouble.terminated = Termination(look.number, word(look, at.AT_STAT_SN), lun, look.ts)


def see_watched(follower: Follower, look: Look, desk: Desk) -> None:
    """Runs the rules of this topic on one PDU, of a connection with tasks that were ended in this way."""
    if not look.to_target:
        return
    trouble = of_connection_trouble(follower)
    event = trouble.terminated
    task = look.task
    if look.opcode == at.OP_DATA_OUT:
        if task is not None and task.request and task.connection == follower.number:
            for tag in trouble.aborts:
                management = follower.session.open.get(tag)
                if management is not None and covers(management, task):
                    fastabort_dataout_after_tmf(follower, look, desk, task, management)
                    break
            if event is not None and event.acknowledged and task.lun == event.lun and task.request < event.number:
                async5_dataout_continues(follower, look, desk, task, event)
    elif look.opcode == at.OP_LOGOUT_REQUEST:
        return  # its ExpStatSN may be that of another connection
    elif event is not None and not event.acknowledged and look.whole:
        heard = distance(word(look, at.AT_EXP_STAT_SN), event.stat_sn) > 0
        if heard and look.opcode == at.OP_NOP_OUT and look.tag == at.RESERVED_TAG and _same_lun(look, event):
            event.acknowledged = look.number
        elif heard and look.ts - event.ts > PATIENCE_NS:
            async5_not_acked(follower, look, desk, event)
            trouble.terminated = None
            _settle(follower)


def lost(follower: Follower) -> None:
    """Bytes are missing: what was waited for may be among them."""
    trouble = of_connection_trouble(follower)
    trouble.terminated = None
    trouble.aborts.clear()
    _settle(follower)


def _same_lun(look: Look, event: Termination) -> bool:
    return int.from_bytes(look.header[8:16], "big", signed=True) == event.lun


def _settle(follower: Follower) -> None:
    trouble = of_connection_trouble(follower)
    if trouble.terminated is None and not trouble.aborts:
        calm(follower, ABORT)


def fastabort_dataout_after_tmf(follower: Follower, look: Look, desk: Desk, task: Task, management: Task) -> None:
    """An initiator goes on sending data for tasks that it has aborted.

    ## What it means
    With TaskReporting=FastAbort the target waits for no data of the tasks that an abort or reset ends, and in return
    the initiator sends none any more after the request. Here it did, on the same connection.

    ## Why it matters
    The target may have given the transfer tag to another task already: the data of the dead command ends in the blocks
    of a new one.

    ## Example
        keys = {"TaskReporting": "RFC3720,ResponseFence,FastAbort"}, {"TaskReporting": "FastAbort"}
        talk.open(offer=keys[0], answer=keys[1])
        task = talk.command(write=8192)
        burst = talk.r2t(task)
        request = talk.tmf_request(5)
        talk.data_out(task, 8192, burst=burst)
        talk.tmf_response(tag=request.word(16))

    ## When it is silent
    When the login, the command or the request is not in the capture, and once the function was answered.

    ## Reference
    RFC 7143 section 4.2.3.4
    """
    if task.losses == follower.losses and entire(follower):
        facts: dict[str, object] = {"tag": task.tag, "function": TMF_FUNCTIONS(management.operation)}
        desk.report("fastabort-dataout-after-tmf", INITIATOR, follower, look, facts, management.request)


def fastabort_async5_missing(follower: Follower, look: Look, desk: Desk, management: Task) -> None:
    """An abort ended tasks of another connection, and the target did not say so there.

    ## What it means
    With TaskReporting=FastAbort the target sends AsyncEvent 5 (task termination) on every other connection of the
    session that has tasks which the function ends, and answers when the initiator has acknowledged that. Here it
    answered without such a message.

    ## Why it matters
    Nothing tells the initiator's side of the other connection to stop sending data for these tasks. It may reach the
    target when the tags are used again.

    ## Example
        keys = {"TaskReporting": "RFC3720,ResponseFence,FastAbort"}, {"TaskReporting": "FastAbort"}
        talk = Talk(max_connections=2).open(offer=keys[0], answer=keys[1])
        other = talk.join().open()
        other.command(read=4096)
        talk.tmf(5)

    ## When it is silent
    When any connection of the session is not wholly in the capture, and for tasks that were sent after the request.

    ## Reference
    RFC 7143 section 4.2.3.4
    """
    session = follower.session
    if len(session.connections) == 1 or scope_of(management.operation) == NO_TASKS or not entire_session(follower):
        return
    for number in sorted({int(task.connection) for task in affected(session, management)} - {int(follower.number)}):
        other = numbered(follower, number)
        event = of_connection_trouble(other).terminated
        if (event is None or event.number < management.request) and not other.connection.closed:
            facts: dict[str, object] = {"function": TMF_FUNCTIONS(management.operation), "other": number}
            desk.report("fastabort-async5-missing", TARGET, follower, look, facts, management.request)
            return


def fastabort_async5_lun(follower: Follower, look: Look, desk: Desk) -> None:
    """A target announces the end of tasks of a logical unit that has none.

    ## What it means
    AsyncEvent 5 carries the LUN of the tasks that were ended. The connection has open tasks, but none for this logical
    unit.

    ## Why it matters
    The initiator stops sending data for the wrong logical unit, and goes on for the one that was meant: commands hang,
    or data arrives for tasks that are dead.

    ## Example
        keys = {"TaskReporting": "RFC3720,ResponseFence,FastAbort"}, {"TaskReporting": "FastAbort"}
        talk.open(offer=keys[0], answer=keys[1])
        talk.command(read=4096, lun=3)
        talk.async_message(5, lun=0)
        talk.nop_out(tag=0xFFFFFFFF, immediate=True, lun=0)

    ## When it is silent
    When the connection has no open tasks at all, and when anything of it is missing.

    ## Reference
    RFC 7143 sections 4.2.3.4 and 4.2.3.5
    """
    lun = int.from_bytes(look.header[8:16], "big", signed=True)
    trouble = of_session_trouble(follower.session)
    trouble.searches += 1
    if trouble.searches > MAX_SEARCHES:
        return
    tasks = [
        task
        for task in islice(follower.session.open.values(), MAX_SEARCHED)
        if task.kind == KIND_SCSI and task.request and task.connection == follower.number
    ]
    if (
        len(follower.session.open) <= MAX_SEARCHED
        and tasks
        and all(task.lun != lun for task in tasks)
        and entire(follower)
    ):
        desk.report("fastabort-async5-lun", TARGET, follower, look, {"lun": lun_field(look)}, tasks[0].request)


def async5_not_acked(follower: Follower, look: Look, desk: Desk, event: Termination) -> None:
    """An initiator does not acknowledge that its tasks were ended.

    ## What it means
    AsyncEvent 5 is answered by a NOP-Out with task tag 0xffffffff, the LUN of the event, and an ExpStatSN that covers
    it. The initiator had received the event, and ten seconds later no such NOP-Out had come.

    ## Why it matters
    The target waits for it before it answers the abort: the other initiator, which asked for that, hangs.

    ## Example
        keys = {"TaskReporting": "RFC3720,ResponseFence,FastAbort"}, {"TaskReporting": "FastAbort"}
        talk.open(offer=keys[0], answer=keys[1])
        talk.async_message(5, lun=1)
        talk.wait(20)
        talk.ping()

    ## When it is silent
    When the initiator has not acknowledged the event by an ExpStatSN; when it sends nothing more; when bytes of the
    connection are missing since.

    ## Reference
    RFC 7143 sections 4.2.3.4 and 11.9.1
    """
    facts: dict[str, object] = {"seconds": (look.ts - event.ts) // SECOND}
    desk.report("async5-not-acked", INITIATOR, follower, look, facts, event.number)


def async5_dataout_continues(follower: Follower, look: Look, desk: Desk, task: Task, event: Termination) -> None:
    """An initiator goes on sending data for tasks of which it knows that they were ended.

    ## What it means
    The target said by AsyncEvent 5 that the tasks of a logical unit are over, and the initiator acknowledged it. Then
    it sent Data-Out for one of them.

    ## Why it matters
    The target may have given the transfer tag to another task already: the data of the dead command ends in the blocks
    of a new one.

    ## Example
        keys = {"TaskReporting": "RFC3720,ResponseFence,FastAbort"}, {"TaskReporting": "FastAbort"}
        talk.open(offer=keys[0], answer=keys[1])
        task = talk.command(write=8192, lun=1)
        burst = talk.r2t(task)
        talk.async_message(5, lun=1)
        talk.nop_out(tag=0xFFFFFFFF, immediate=True, lun=1)
        talk.data_out(task, 8192, burst=burst)

    ## When it is silent
    For tasks that were sent after the event; when bytes of the connection are missing since the command.

    ## Reference
    RFC 7143 section 11.9.1
    """
    if task.losses == follower.losses:
        desk.report("async5-dataout-continues", INITIATOR, follower, look, {"tag": task.tag}, event.number)
