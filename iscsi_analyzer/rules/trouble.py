"""What rules remember once something out of the ordinary has happened: task management, SNACKs, Rejects, logouts that
name a connection, announced drops.

Interpreted: made only for the tasks, connections and sessions that it happens to. As long as there is something to wait
for on a connection (`watch`), `rare` shows every PDU of it to the rules that wait.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from iscsi_analyzer.model.following import Follower
from iscsi_analyzer.model.session import Session
from iscsi_analyzer.model.task import ALL_TASKS, KIND_SCSI, TASKS_OF_LUN, Task, scope_of
from iscsi_analyzer.rules.notes import TaskNotes, of_connection, of_session, of_task

MOST: Final = 1024
"Things of one kind that are remembered of one object."
MAX_SEARCHED: Final = 4096
MAX_SEARCHES: Final = 1024
"""Open tasks that are looked through at once, and how often in one session; more only come from captures made to take
time."""
SECOND: Final = 1_000_000_000
PATIENCE_NS: Final = 10_000_000_000
"After so long, something that has to come and does not come is missed."


@dataclass(slots=True)
class Move:
    """A task that the target says it has reassigned."""

    connection: int
    "The connection that it has moved to."
    request: int
    response: int
    ts: int
    losses: int
    exp_data_sn: int
    begun: bool = False
    "Data came since."


@dataclass(slots=True)
class TaskTrouble:
    """Of one task. PDUs are 0 while there is none."""

    snack_tags: set[int] = field(default_factory=set)
    "SNACK Tags of its R-Data SNACKs."
    r_data: int = 0
    "Its latest R-Data SNACK, and the tag of that."
    r_data_tag: int = 0
    r_data_begun: int = 0
    "The first Data-In that answered it."
    acknowledged: int = 0
    "DataSN up to which data was acknowledged."
    acknowledged_by: int = 0
    snack_rejected: int = 0
    "The Reject of a SNACK for its data."
    part_rejected: int = 0
    "The Reject of one of its Data-Outs, and when it came."
    part_rejected_ts: int = 0
    move: Move | None = None
    denied: int = 0
    "The answer to an ABORT TASK that says that it does not exist, and when it came."
    denied_ts: int = 0


@dataclass(slots=True)
class Snack:
    """A SNACK that waits for its answer."""

    number: int
    kind: int
    tag: int
    begin: int
    run: int
    wrong: bool
    "It asks for what was not sent, or was acknowledged before."


@dataclass(slots=True)
class Asked:
    """A Data-In that asked for an acknowledgement."""

    number: int
    tag: int
    request: int
    data_sn: int


@dataclass(slots=True)
class Drop:
    """An end of connections that the target has announced, or that a reset brings."""

    number: int
    ts: int
    what: str
    "What was announced to be dropped; empty after a reset."
    rule: str
    wait: int
    "Time2Wait and Time2Retain of the announcement, in seconds."
    retain: int


@dataclass(slots=True)
class ConnectionTrouble:
    """Of one connection."""

    watching: set[str] = field(default_factory=set)
    "The topics that see every PDU."
    queries: dict[int, tuple[int, int, int]] = field(default_factory=dict)
    "Tag of an open task that QUERY TASK did not find -> its request, the answer, and the StatSN of that."
    snacks: list[Snack] = field(default_factory=list)
    "Those that wait for their answers, in order."
    snacked: set[int] = field(default_factory=set)
    "Tags of tasks of which something was asked for again."
    snack: int = 0
    "The latest SNACK."
    asked: dict[int, Asked] = field(default_factory=dict)
    "By Target Transfer Tag."
    resized: int = 0
    "The Text Request that declared another MaxRecvDataSegmentLength for the initiator, and its task tag."
    resized_tag: int = 0
    drop: Drop | None = None
    logout_wanted: int = 0
    "The latest message that asks for a logout."
    reset: int = 0
    "Reject with reason 0x0b, and its StatSN."
    reset_stat_sn: int = 0
    rejected: dict[bytes, tuple[int, int, bytes]] = field(default_factory=dict)
    "Headers of PDUs that may not be sent again, without their numbers -> the Reject, its reason, and the CmdSN."
    rejected_ts: int = 0
    "When the latest Reject came."
    unplugged: dict[int, int] = field(default_factory=dict)
    "CmdSN of a command that was rejected, and that was not used again -> Reject."
    terminated: Termination | None = None
    aborts: list[int] = field(default_factory=list)
    "Requests of FastAbort sessions that end several tasks and are not answered."
    fence: list[Fence] = field(default_factory=list)
    owing: dict[int, int] = field(default_factory=dict)
    "Tag of a request that ends several tasks -> the request, while it is not answered."


@dataclass(slots=True)
class Termination:
    """An Asynchronous Message with event 5."""

    number: int
    stat_sn: int
    lun: int
    ts: int
    acknowledged: int = 0


@dataclass(slots=True)
class Fence:
    """A response that nothing for its logical unit may overtake until it is acknowledged."""

    number: int
    stat_sn: int
    connection: int
    lun: int
    scope: int
    function: int


@dataclass(slots=True)
class Left:
    """A Logout Request that names a connection, and its answer."""

    request: int
    reason: int
    response: int = -1
    "Response code; -1: none yet."
    ts: int = 0
    wait: int = 0
    "Time2Wait and Time2Retain of the response, in seconds."
    retain: int = 0


@dataclass(slots=True)
class SessionTrouble:
    """Of one session."""

    left: dict[int, Left] = field(default_factory=dict)
    "Logouts by the CID that they name."
    leaving: dict[int, int] = field(default_factory=dict)
    "Task tag of a Logout Request -> CID."
    moving: dict[int, int] = field(default_factory=dict)
    "Tag of a task that is to be reassigned -> TASK REASSIGN; negative once the target has used the new connection."
    over: dict[int, int] = field(default_factory=dict)
    "Tag of an ABORT TASK -> request of the task, which was answered before."
    queried: dict[int, int] = field(default_factory=dict)
    "The same for QUERY TASK."
    searches: int = 0
    "How often its open tasks were looked through."
    unheard: dict[int, list[tuple[int, int]]] = field(default_factory=dict)
    "Tag of task management -> the other connections, each with the StatSN that has to be acknowledged there."


def of_task_trouble(task: Task) -> TaskTrouble:
    """What is remembered of a task, made when it is first asked for."""
    notes = of_task(task)
    found = notes.trouble
    if not isinstance(found, TaskTrouble):
        found = TaskTrouble()
        notes.trouble = found
    return found


def task_trouble(task: Task | None) -> TaskTrouble | None:
    """What is remembered of a task, if there is anything."""
    notes = None if task is None else task.notes
    found = notes.trouble if isinstance(notes, TaskNotes) else None
    return found if isinstance(found, TaskTrouble) else None


def of_connection_trouble(follower: Follower) -> ConnectionTrouble:
    """What is remembered of a connection, made when it is first asked for."""
    notes = of_connection(follower)
    found = notes.trouble
    if not isinstance(found, ConnectionTrouble):
        found = ConnectionTrouble()
        notes.trouble = found
    return found


def of_session_trouble(session: Session) -> SessionTrouble:
    """What is remembered of a session, made when it is first asked for."""
    notes = of_session(session)
    found = notes.trouble
    if not isinstance(found, SessionTrouble):
        found = SessionTrouble()
        notes.trouble = found
    return found


def watch(follower: Follower, topic: str) -> ConnectionTrouble:
    """From now on the topic sees every PDU of the connection."""
    trouble = of_connection_trouble(follower)
    trouble.watching.add(topic)
    of_connection(follower).vigil = True
    return trouble


def calm(follower: Follower, topic: str) -> None:
    """The topic has seen enough."""
    trouble = of_connection_trouble(follower)
    trouble.watching.discard(topic)
    of_connection(follower).vigil = len(trouble.watching) > 0


def covers(management: Task, task: Task) -> bool:
    """Whether a task management function for several tasks covers a task: one that was asked for before it."""
    scope = scope_of(management.operation)
    if task.kind != KIND_SCSI or not 0 < task.request < management.request:
        return False
    return scope == ALL_TASKS or (scope == TASKS_OF_LUN and task.lun == management.lun)


def affected(session: Session, management: Task) -> list[Task]:
    """The open tasks that a task management function for several tasks covers, of the first of them; none when that was
    asked too often."""
    trouble = of_session_trouble(session)
    trouble.searches += 1
    if trouble.searches > MAX_SEARCHES:
        return []
    return [task for task in islice(session.open.values(), MAX_SEARCHED) if covers(management, task)]
