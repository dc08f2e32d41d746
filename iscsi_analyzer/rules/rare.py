"""Shows PDUs that are rare, and what happens after them, to the rules on task management, recovery, Rejects and drops.

Interpreted. Holds no rule; a part of `judge` that knows those topics. `see_watched` gets every PDU of a connection on
which a topic waits for something (`trouble.watch`).
"""

from __future__ import annotations

from typing import Final

from iscsi_analyzer.model.following import Follower
from iscsi_analyzer.model.task import CLOSED, KIND_SCSI, KIND_TMF, OPEN_AT_END, Task
from iscsi_analyzer.model.watch import Look
from iscsi_analyzer.rules import (
    allegiance,
    connection_failure,
    drops,
    fast_abort,
    keys_level,
    logout_fields,
    logout_late,
    reassignment,
    recovery_answer,
    recovery_asking,
    recovery_connection,
    reject_after,
    response_fence,
    retransmission,
    task_management_query,
    task_management_reference,
    task_management_sets,
    unit_attention,
)
from iscsi_analyzer.rules.desk import Desk
from iscsi_analyzer.rules.trouble import of_connection_trouble


def see_initiator(follower: Follower, look: Look, desk: Desk) -> None:
    """A task management, logout, text or SNACK request."""
    opcode = look.opcode
    if opcode == 0x02:
        task_management_reference.see(follower, look, desk)
        task_management_query.see(follower, look)
        keys_level.see_management(follower, look, desk)
        reassignment.see(follower, look, desk)
        response_fence.see(follower, look)
        task_management_sets.see(follower, look)
        fast_abort.see(follower, look)
        recovery_connection.see_management(follower, look, desk)
    elif opcode == 0x06:
        logout_fields.see_request(follower, look, desk)
        allegiance.logout_asked(follower, look)
        drops.logout_asked(follower)
        recovery_connection.see_logout(follower, look, desk)
    elif opcode == 0x10:
        recovery_asking.see(follower, look, desk)
        recovery_answer.asked(follower, look)
    elif look.data:
        recovery_asking.text(follower, look)


def see_target(follower: Follower, look: Look, desk: Desk) -> None:
    """A task management, login or logout response, an Asynchronous Message or a Reject."""
    opcode = look.opcode
    if opcode == 0x22:
        task_management_reference.answered(follower, look, desk)
        task_management_query.answered(follower, look, desk)
        connection_failure.answered(follower, look, desk)
        reassignment.answered(follower, look, desk)
        task_management_sets.answered(follower, look, desk)
        response_fence.answered(follower, look, desk)
        fast_abort.answered(follower, look, desk)
        drops.answered(follower, look)
    elif opcode == 0x26:
        logout_fields.see_response(follower, look, desk)
        allegiance.logout_answered(follower, look)
        logout_late.see_response(follower, look)
    elif opcode == 0x32:
        fast_abort.announced(follower, look, desk)
        drops.announced(follower, look, desk)
    elif opcode == 0x3F:
        reject_after.see(follower, look, desk)
    elif opcode == 0x23:
        recovery_connection.see_login(follower, look, desk)


_WATCHERS: Final = {
    drops.DROP: drops.see_watched,
    fast_abort.ABORT: fast_abort.see_watched,
    recovery_answer.SNACKS: recovery_answer.see_watched,
    reject_after.REJECTS: reject_after.see_watched,
    response_fence.FENCE: response_fence.see_watched,
    task_management_sets.OWING: task_management_sets.see_watched,
    unit_attention.UNIT: unit_attention.see_watched,
    task_management_query.QUERY: task_management_query.see_watched,
}
"What sees every PDU, by the name under which it asked for that."


def see_watched(follower: Follower, look: Look, desk: Desk) -> None:
    """A PDU of a connection on which some topic waits for something."""
    for topic in sorted(of_connection_trouble(follower).watching):
        _WATCHERS[topic](follower, look, desk)


def asked(follower: Follower, look: Look) -> None:
    """A Data-In that asks for an acknowledgement."""
    recovery_asking.asked(follower, look)


def answered_again(follower: Follower, look: Look, desk: Desk) -> None:
    """A SCSI Response for a task that was answered before."""
    retransmission.response(follower, look, desk)


def see_foreign(follower: Follower, look: Look, task: Task, desk: Desk) -> None:
    """A PDU whose tag belongs to a task of another connection of its session."""
    logout_late.see_foreign(follower, look, task, desk)
    reassignment.see_foreign(follower, look, task, desk)
    drops.see_foreign(follower, look, task, desk)
    recovery_connection.see_foreign(follower, look, task, desk)


def over(follower: Follower, task: Task, outcome: int, desk: Desk) -> None:
    """A task ended in another way than by its answer."""
    if outcome not in (CLOSED, OPEN_AT_END) or task.request == 0:
        return
    if task.kind == KIND_SCSI:
        task_management_reference.left_open(follower, task, desk)
        reassignment.left_open(follower, task, desk)
        reject_after.left_open(follower, task, desk)
    elif task.kind == KIND_TMF:
        task_management_sets.left_open(follower, task, desk)


def lost(follower: Follower) -> None:
    """Bytes are missing: what was waited for may be among them."""
    reassignment.lost(follower)
    response_fence.lost(follower)
    fast_abort.lost(follower)
    drops.lost(follower)
    recovery_asking.lost(follower)
    recovery_answer.lost(follower)
    task_management_query.lost(follower)
    reject_after.lost(follower)
