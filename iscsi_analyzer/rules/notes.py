"""What rules remember of tasks, connections and sessions between two PDUs.

Compiled. One class for each object of the model; each topic has its own section. -1 means unknown, and unknown means
silent.
"""

from __future__ import annotations

from mypy_extensions import i64

from iscsi_analyzer.model.following import Follower
from iscsi_analyzer.model.notes import Notes
from iscsi_analyzer.model.session import Session
from iscsi_analyzer.model.task import Task


class TaskNotes(Notes):
    """Of one task."""

    def __init__(self) -> None:
        # Numbering
        self.next_data_in_sn: i64 = 0
        self.next_r2t_sn: i64 = 0
        self.next_data_out_sn: i64 = 0
        "Of the sequence that is being sent."
        self.data_out_tag: i64 = -1
        "Target Transfer Tag of that sequence."
        self.data_ins: i64 = 0
        self.r2ts: i64 = 0


class ConnectionNotes(Notes):
    """Of one connection."""

    def __init__(self) -> None:
        # Numbering
        self.next_stat_sn: i64 = -1
        self.last_stat_sn_pdu: i64 = 0
        self.last_cmd_sn_pdu: i64 = 0


class SessionNotes(Notes):
    """Of one session."""

    def __init__(self) -> None:
        # Numbering
        self.next_cmd_sn: i64 = -1


def of_task(task: Task) -> TaskNotes:
    """The notes of a task, made when they are first asked for."""
    notes = task.notes
    if notes is None:
        made = TaskNotes()
        task.notes = made
        return made
    assert isinstance(notes, TaskNotes)
    return notes


def of_connection(follower: Follower) -> ConnectionNotes:
    """The notes of a connection, made when they are first asked for."""
    notes = follower.notes
    if notes is None:
        made = ConnectionNotes()
        follower.notes = made
        return made
    assert isinstance(notes, ConnectionNotes)
    return notes


def of_session(session: Session) -> SessionNotes:
    """The notes of a session, made when they are first asked for."""
    notes = session.notes
    if notes is None:
        made = SessionNotes()
        session.notes = made
        return made
    assert isinstance(notes, SessionNotes)
    return notes
