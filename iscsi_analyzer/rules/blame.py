"""Findings about SCSI tasks: whether a task was seen well enough to blame somebody, and who says so.

Compiled. A task can be judged if everything of it is in the capture and nothing came between that lets either side send
again, stop early or start over: task management, SNACK, Reject, asynchronous messages, a tag that is used again.
"""

from __future__ import annotations

from mypy_extensions import i64

from iscsi_analyzer.model.following import Follower
from iscsi_analyzer.model.task import Task
from iscsi_analyzer.model.watch import Look
from iscsi_analyzer.rules.desk import INITIATOR, TARGET, Desk
from iscsi_analyzer.rules.evidence import all_seen, whole
from iscsi_analyzer.rules.notes import of_session


def disturb(follower: Follower, number: i64) -> None:
    """PDU `number` may change what is right for every task that began before it, or with it."""
    notes = of_session(follower.session)
    if number > notes.disturbed:
        notes.disturbed = number


def judged(follower: Follower, task: Task) -> bool:
    """Whether the task can be judged by what this connection showed of it."""
    return (
        whole(follower, task)
        and task.connection == follower.number
        and task.request > of_session(follower.session).disturbed
    )


def target_broke(
    rule: str, follower: Follower, look: Look, task: Task, desk: Desk, facts: dict[str, object], related: i64 = 0
) -> None:
    """The target broke a rule with this PDU of the task, if it had heard no more than what was seen."""
    if judged(follower, task) and all_seen(follower, True):
        desk.report(rule, TARGET, follower, look, facts, related if related else task.request)


def initiator_broke(
    rule: str, follower: Follower, look: Look, task: Task, desk: Desk, facts: dict[str, object], related: i64 = 0
) -> None:
    """The initiator broke a rule with this PDU of the task, if it had heard no more than what was seen."""
    if judged(follower, task) and all_seen(follower, False):
        desk.report(rule, INITIATOR, follower, look, facts, related if related else task.request)


def target_went_on(rule: str, follower: Follower, look: Look, desk: Desk) -> None:
    """The target sent this PDU for a task that it had already ended."""
    session = follower.session
    if look.late > of_session(session).disturbed and len(session.connections) == 1 and all_seen(follower, True):
        desk.report(rule, TARGET, follower, look, {"tag": look.tag}, look.late)
