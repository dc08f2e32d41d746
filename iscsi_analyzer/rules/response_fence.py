"""Rules on the responses that wait for acknowledgements on all connections of a session, and that nothing may overtake
(RFC 7143 sections 4.2.2.3.3, 4.2.2.3.4 and 11.6.1).

Interpreted: sees task management of sessions with several connections, and the statuses of other connections while a
response is not acknowledged.
"""

from __future__ import annotations

from typing import Final

from dissectors.iscsi import layout as at
from dissectors.iscsi.words import TMF_FUNCTIONS
from iscsi_analyzer.model.following import Follower
from iscsi_analyzer.model.task import ALL_TASKS, NO_TASKS, Task, scope_of
from iscsi_analyzer.model.watch import Look
from iscsi_analyzer.rules.allegiance import kin, numbered
from iscsi_analyzer.rules.desk import TARGET, Desk
from iscsi_analyzer.rules.header_fields import word
from iscsi_analyzer.rules.notes import of_connection
from iscsi_analyzer.rules.rule import RFC_7143, WARNING, Rule
from iscsi_analyzer.rules.sight import entire_session
from iscsi_analyzer.rules.trouble import MOST, Fence, calm, of_connection_trouble, of_session_trouble, watch
from iscsi_analyzer.streams.serial import distance

FENCE: Final = "fence"
"The topic, to those who watch."
COMPLETE: Final = 0
OF_SET: Final = (2, 4)
"ABORT TASK SET and CLEAR TASK SET."

_SET_REQUEST: Final = "iscsi.taskmanfun.function in {2, 4, 5, 6, 7}"
_CONNECTIONS: Final = "an unbroken view of every connection of the session from its SYN on"

RULES = (
    Rule(
        "tmf-set-response-unacked",
        WARNING,
        TARGET,
        "RFC 7143 sections 4.2.2.3.3 and 11.6.1",
        "{function} was answered before the initiator had acknowledged StatSN {stat_sn} on connection {other}",
        _CONNECTIONS,
        RFC_7143,
        occasion="iscsi.taskmanfun.function in {2, 4} && iscsi.session.connections > 1",
    ),
    Rule(
        "fence-statsn-unacked",
        WARNING,
        TARGET,
        "RFC 7143 sections 4.2.2.3.3 and 4.2.2.3.4",
        "{function} was answered before the initiator had acknowledged StatSN {stat_sn} on connection {other}, in a "
        "session that agreed on response fences",
        _CONNECTIONS,
        RFC_7143,
        occasion=f"{_SET_REQUEST} && iscsi.session.connections > 1",
    ),
    Rule(
        "fence-followers",
        WARNING,
        TARGET,
        "RFC 7143 section 4.2.2.3.3",
        "A status came on connection {connection} before the response to {function} on connection {other} was "
        "acknowledged",
        _CONNECTIONS,
        RFC_7143,
        occasion=f"{_SET_REQUEST} && iscsi.session.connections > 1",
    ),
)


def see(follower: Follower, look: Look) -> None:
    """Takes note of one Task Management Function Request: of what has to be acknowledged before its response."""
    if scope_of(look.flags & at.FUNCTION_MASK) == NO_TASKS or len(follower.session.connections) == 1:
        return
    waiting = [
        (each.number, int(of_connection(each).next_stat_sn))
        for each in kin(follower)
        if each is not follower and not each.connection.closed and of_connection(each).next_stat_sn >= 0
    ]
    unheard = of_session_trouble(follower.session).unheard
    if len(unheard) < MOST:
        unheard[look.tag] = waiting


def answered(follower: Follower, look: Look, desk: Desk) -> None:
    """Runs the rules of this topic on one Task Management Function Response."""
    management = look.task
    waiting = of_session_trouble(follower.session).unheard.pop(look.tag, [])
    if management is None or not management.request or management.connection != follower.number or not look.whole:
        return
    if look.header[at.AT_RESPONSE] != COMPLETE or scope_of(management.operation) == NO_TASKS:
        return
    if len(follower.session.connections) == 1 or not entire_session(follower):
        return
    for number, stat_sn in waiting:
        other = numbered(follower, number)
        heard = of_connection(other).exp_stat_sn
        if heard >= 0 and distance(heard, stat_sn) < 0 and not other.connection.closed:
            if follower.limits.response_fence == 1:
                fence_statsn_unacked(follower, look, desk, management, other)
            elif management.operation in OF_SET:
                tmf_set_response_unacked(follower, look, desk, management, other)
            break
    if follower.limits.response_fence == 1:
        _raise_fence(follower, look, management)


def _raise_fence(follower: Follower, look: Look, management: Task) -> None:
    """Nothing may overtake the response at hand on another connection."""
    scope = scope_of(management.operation)
    fence = Fence(look.number, word(look, at.AT_STAT_SN), follower.number, management.lun, scope, management.operation)
    for each in kin(follower):
        if each is not follower and len(of_connection_trouble(each).fence) < MOST:
            watch(each, FENCE).fence.append(fence)


def see_watched(follower: Follower, look: Look, desk: Desk) -> None:
    """Runs the rules of this topic on one PDU, of a connection beside one with a response that is not acknowledged."""
    trouble = of_connection_trouble(follower)
    for fence in list(trouble.fence):
        heard = of_connection(numbered(follower, fence.connection)).exp_stat_sn
        if heard >= 0 and distance(heard, fence.stat_sn) > 0:
            trouble.fence.remove(fence)
    if not trouble.fence:
        calm(follower, FENCE)
    task = look.task
    carries = look.opcode == at.OP_SCSI_RESPONSE or (look.opcode == at.OP_DATA_IN and look.flags & at.STATUS_MASK)
    if task is not None and carries and not look.to_target:
        for fence in trouble.fence:
            if task.request > fence.number and (fence.scope == ALL_TASKS or task.lun == fence.lun):
                fence_followers(follower, look, desk, fence)
                break


def lost(follower: Follower) -> None:
    """Bytes are missing: acknowledgements may be among them."""
    of_session_trouble(follower.session).unheard.clear()
    of_connection_trouble(follower).fence.clear()


def _unheard(follower: Follower, management: Task, other: Follower) -> dict[str, object]:
    return {
        "function": TMF_FUNCTIONS(management.operation),
        "stat_sn": of_connection(other).exp_stat_sn,
        "other": other.number,
    }


def tmf_set_response_unacked(follower: Follower, look: Look, desk: Desk, management: Task, other: Follower) -> None:
    """A target answers an abort of many tasks while earlier statuses are on their way on other connections.

    ## What it means
    In a session with several connections the response to ABORT TASK SET or CLEAR TASK SET waits until the initiator has
    acknowledged, by ExpStatSN, every status that was sent before on the other connections. One was not acknowledged.

    ## Why it matters
    The initiator may get the response first: it takes a task for aborted whose status then comes, perhaps for a tag
    that is used again by then.

    ## Example
        talk = Talk(max_connections=2).open()
        other = talk.join().open()
        other.ping()
        other.ack("I2T")
        with other.deaf("I2T"):
            other.test_unit_ready()
            talk.tmf(2)

    ## When it is silent
    When the status was sent after the request; in sessions with response fences, for which `fence-statsn-unacked`
    speaks; when any connection of the session is not wholly in the capture.

    ## Reference
    RFC 7143 sections 4.2.2.3.3 and 11.6.1
    """
    facts = _unheard(follower, management, other)
    desk.report("tmf-set-response-unacked", TARGET, follower, look, facts, of_connection(other).last_stat_sn_pdu)


def fence_statsn_unacked(follower: Follower, look: Look, desk: Desk, management: Task, other: Follower) -> None:
    """A response that has to wait for acknowledgements did not wait.

    ## What it means
    The session agreed on response fences (TaskReporting=ResponseFence or FastAbort). The response to a function that
    ends many tasks then leaves only when the initiator has acknowledged every earlier status on all connections. One on
    another connection was not acknowledged.

    ## Why it matters
    The initiator may get the response before a status that was sent earlier. To keep them in order is what the fence
    was agreed on for.

    ## Example
        fences = {"TaskReporting": "RFC3720,ResponseFence"}, {"TaskReporting": "ResponseFence"}
        talk = Talk(max_connections=2).open(offer=fences[0], answer=fences[1])
        other = talk.join().open()
        other.ping()
        other.ack("I2T")
        with other.deaf("I2T"):
            other.test_unit_ready()
            talk.tmf(5)

    ## When it is silent
    When the status was sent after the request; when any connection of the session is not wholly in the capture.

    ## Reference
    RFC 7143 sections 4.2.2.3.3 and 4.2.2.3.4
    """
    facts = _unheard(follower, management, other)
    desk.report("fence-statsn-unacked", TARGET, follower, look, facts, of_connection(other).last_stat_sn_pdu)


def fence_followers(follower: Follower, look: Look, desk: Desk, fence: Fence) -> None:
    """A status overtakes a response that nothing may overtake.

    ## What it means
    After a fenced response the target sends no further status for that logical unit on any connection until the
    response is acknowledged. Here the status of a command, sent after the response, came on another connection without
    that acknowledgement.

    ## Why it matters
    The initiator may see the new status first and takes it for older than the abort or reset: it counts a command as
    aborted that was carried out.

    ## Example
        fences = {"TaskReporting": "RFC3720,ResponseFence"}, {"TaskReporting": "ResponseFence"}
        talk = Talk(max_connections=2).open(offer=fences[0], answer=fences[1])
        other = talk.join().open()
        talk.ping()
        talk.ack("I2T")
        with talk.deaf("I2T"):
            talk.tmf(5)
            other.test_unit_ready()

    ## When it is silent
    For statuses of commands that were sent before the response, as their order is not known; when any connection of the
    session is not wholly in the capture.

    ## Reference
    RFC 7143 section 4.2.2.3.3
    """
    if not entire_session(follower):
        return
    facts: dict[str, object] = {
        "connection": follower.number,
        "function": TMF_FUNCTIONS(fence.function),
        "other": fence.connection,
    }
    desk.report("fence-followers", TARGET, follower, look, facts, fence.number)
