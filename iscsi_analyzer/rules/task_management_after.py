"""Rules on what comes after a task management function has ended tasks (RFC 7143 sections 4.2.3.3 and 11.5.1).

Interpreted: sees the ends of tasks that were aborted, and statuses that belong to no open task.
"""

from __future__ import annotations

from typing import Final

from dissectors.iscsi import layout as at
from dissectors.iscsi.words import TMF_FUNCTIONS
from iscsi_analyzer.model.following import Follower
from iscsi_analyzer.model.task import KIND_SCSI, Task
from iscsi_analyzer.model.watch import Look
from iscsi_analyzer.rules.desk import TARGET, Desk
from iscsi_analyzer.rules.header_fields import word
from iscsi_analyzer.rules.notes import of_session
from iscsi_analyzer.rules.rule import ERROR, Rule
from iscsi_analyzer.rules.task_management import ABORT_TASK
from iscsi_analyzer.streams.serial import distance

MAX_ABORTED: Final = 4096
"Aborted tasks of one session that are remembered."

RULES = (
    Rule(
        "task-response-after-tmf",
        ERROR,
        TARGET,
        "RFC 7143 sections 4.2.3.3 and 11.5.1",
        "A status for task 0x{tag:08x} came after {function} had ended it",
        "the command and the task management request and response, on one connection",
        occasion="iscsi.taskmanfun.response == 0",
    ),
)


def over(follower: Follower, task: Task, number: int) -> None:
    """A task was ended by the task management response at hand, PDU `number`."""
    look = follower.finder.look
    management = look.task
    if management is None or not look.whole or task.kind != KIND_SCSI:
        return
    if task.connection != follower.number or management.connection != follower.number:
        return
    if management.operation != ABORT_TASK and distance(task.cmd_sn, management.cmd_sn) >= 0:
        return  # only commands before the request are certainly covered
    aborted = of_session(follower.session).aborted
    if len(aborted) < MAX_ABORTED:
        aborted[task.tag] = (number, word(look, at.AT_STAT_SN), management.operation)


def lost(follower: Follower) -> None:
    """Bytes are missing: tags may have been used again."""
    of_session(follower.session).aborted.clear()


def task_response_after_tmf(follower: Follower, look: Look, desk: Desk) -> None:
    """A command was answered although a task management function had ended it before.

    ## What it means
    When a target answers an abort or reset with Function complete, the tasks that it covers are over, and no response
    for them may follow. Here a SCSI Response, or a Data-In with status, came after it on the same connection.

    ## Why it matters
    The initiator may have used the tag for a new command by then: it takes the late status, perhaps with old data, for
    the answer to the new one. That is silent data corruption.

    ## Example
        talk.open()
        task = talk.command(read=4096)
        talk.tmf(1, task)
        talk.response(task)

    ## When it is silent
    When the parts were sent on different connections; when bytes of the session are missing since, as the tag may have
    been used again; for a status that was sent before and is sent again; for immediate commands, and commands that were
    sent after the request.

    ## Reference
    RFC 7143 sections 4.2.3.3 and 11.5.1
    """
    if look.late or not look.whole:
        return
    aborted = of_session(follower.session).aborted.get(look.tag)
    if aborted is None:
        return
    number, stat_sn, function = aborted
    if distance(word(look, at.AT_STAT_SN), stat_sn) > 0:
        facts: dict[str, object] = {"tag": look.tag, "function": TMF_FUNCTIONS(function)}
        desk.report("task-response-after-tmf", TARGET, follower, look, facts, number)
