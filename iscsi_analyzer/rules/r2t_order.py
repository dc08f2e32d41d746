"""Rules on where R2Ts go on: behind unsolicited data and behind each other (RFC 7143 sections 4.2.5.2, 11.8, 13.19).

Compiled. Reached only by the first R2T of a task, and by those that do not begin where the one before them ended.
"""

from __future__ import annotations

from typing import Final

from mypy_extensions import i64

from iscsi_analyzer.model.following import Follower
from iscsi_analyzer.model.task import Task
from iscsi_analyzer.model.watch import Look
from iscsi_analyzer.rules import unsolicited
from iscsi_analyzer.rules.blame import target_broke
from iscsi_analyzer.rules.desk import TARGET, Desk
from iscsi_analyzer.rules.notes import TaskNotes
from iscsi_analyzer.rules.rule import ERROR, NOTE, WARNING, Rule

F: Final = 0x80

_NEEDS: Final = "the whole task, and the result of the login"

RULES = (
    Rule(
        "r2t-covers-unsolicited",
        WARNING,
        TARGET,
        "RFC 7143 sections 4.2.5.2 and 11.8",
        "R2T asks for data from offset {offset} on, data up to {unasked} comes or came unasked",
        _NEEDS,
        occasion="iscsi.opcode == r2t && (iscsi.connection.immediate_data || iscsi.connection.initial_r2t == 0)",
    ),
    Rule(
        "r2t-sequence-order",
        ERROR,
        TARGET,
        "RFC 7143 sections 11.8 and 13.19",
        "R2T asks for data from offset {offset} on, the R2T before it ended at {expected}",
        _NEEDS,
        occasion="iscsi.opcode == r2t",
    ),
    Rule(
        "r2t-recovery-at-erl0",
        WARNING,
        TARGET,
        "RFC 7143 sections 4.2.5.2 and 7.1.4.1",
        "R2T asks again for data from offset {offset} on, up to {end} was asked for already, at ErrorRecoveryLevel 0",
        _NEEDS,
        occasion="iscsi.opcode == r2t && iscsi.connection.error_recovery_level == 0",
    ),
    Rule(
        "r2t-recovery-not-last",
        WARNING,
        TARGET,
        "RFC 7143 section 13.19",
        "R2T asks again for data from offset {offset} on, the last sequence began at {last}",
        _NEEDS,
        occasion="iscsi.opcode == r2t && iscsi.connection.error_recovery_level > 0",
    ),
    Rule(
        "ttt-reused-outstanding",
        NOTE,
        TARGET,
        "RFC 7143 section 11.8.5",
        "An R2T has the Target Transfer Tag 0x{tag:x} of an earlier one of the task that waits for its data",
        "the whole task",
        occasion="iscsi.opcode == r2t && iscsi.connection.error_recovery_level == 0",
    ),
)


def see(follower: Follower, look: Look, task: Task, notes: TaskNotes, offset: i64, end: i64, desk: Desk) -> None:
    """Runs the rules on an R2T for bytes `offset` to `end` that is the first of its task, or does not follow the one
    before."""
    limits = follower.limits
    if notes.r2t_end < 0:
        unasked = _unasked(follower, task, notes)
        if offset < unasked and limits.error_recovery_level == 0:
            r2t_covers_unsolicited(follower, look, task, offset, unasked, desk)
    elif limits.data_sequence_in_order == 1:
        _not_next(follower, look, task, notes, offset, end, desk)


def _unasked(follower: Follower, task: Task, notes: TaskNotes) -> i64:
    """Up to which byte data comes without an R2T; 0 if that is not known, or was not allowed."""
    limits = follower.limits
    if not task.flags & F:
        return unsolicited.due_unasked(limits, task) if limits.initial_r2t == 0 else 0
    return task.data_out - notes.solicited if limits.immediate_data == 1 else 0


def _not_next(follower: Follower, look: Look, task: Task, notes: TaskNotes, offset: i64, end: i64, desk: Desk) -> None:
    """An R2T that does not go on where the one before it ended, although sequences are in order."""
    level = follower.limits.error_recovery_level
    if level == 0 and end <= notes.r2t_end:
        r2t_recovery_at_erl0(follower, look, task, offset, notes, desk)
    elif level == 0 or offset > notes.r2t_end:
        r2t_sequence_order(follower, look, task, offset, notes, desk)
    elif level > 0 and offset < notes.r2t_start:
        r2t_recovery_not_last(follower, look, task, offset, notes, desk)


def r2t_covers_unsolicited(follower: Follower, look: Look, task: Task, offset: i64, unasked: i64, desk: Desk) -> None:
    """A target asks for data that came by itself.

    ## What it means
    The first R2T goes on behind the immediate data and the unsolicited Data-Out PDUs that the command announces. A
    target should not drop data without a word and ask for it again.

    ## Why it matters
    Data crosses the network twice.

    ## Example
        talk.open()
        write = talk.command(write=16384, data=bytes(8192))
        talk.r2t(write, 16384, offset=0)

    ## When it is silent
    When the task is not whole in the capture, and at an ErrorRecoveryLevel above 0.

    ## Reference
    RFC 7143 sections 4.2.5.2 and 11.8
    """
    facts: dict[str, object] = {"offset": offset, "unasked": unasked}
    target_broke("r2t-covers-unsolicited", follower, look, task, desk, facts)


def r2t_sequence_order(follower: Follower, look: Look, task: Task, offset: i64, notes: TaskNotes, desk: Desk) -> None:
    """R2Ts do not follow each other.

    ## What it means
    With DataSequenceInOrder=Yes each R2T asks for data from where the one before it ended.

    ## Why it matters
    An initiator that reads its data in order, such as a copy from a tape, cannot answer.

    ## Example
        talk.open()
        write = talk.command(write=24576)
        talk.r2t(write, 8192)
        talk.data_out(write, 8192)
        talk.r2t(write, 8192, offset=16384)

    ## When it is silent
    When the task is not whole in the capture, for R2Ts that recover lost data, and unless it is known what the login
    negotiated.

    ## Reference
    RFC 7143 sections 11.8 and 13.19
    """
    facts: dict[str, object] = {"offset": offset, "expected": notes.r2t_end}
    target_broke("r2t-sequence-order", follower, look, task, desk, facts, task.last_r2t)


def r2t_recovery_at_erl0(follower: Follower, look: Look, task: Task, offset: i64, notes: TaskNotes, desk: Desk) -> None:
    """A target asks a second time for data in a session without recovery.

    ## What it means
    Data that was asked for before is asked for again. That belongs to ErrorRecoveryLevel 1 and above; at level 0 data
    that arrived should not be dropped without a word.

    ## Why it matters
    Data crosses the network twice, and initiators do not expect it.

    ## Example
        talk.open()
        write = talk.command(write=16384)
        talk.r2t(write, 8192)
        talk.data_out(write, 8192)
        talk.r2t(write, 8192, offset=0)

    ## When it is silent
    When the task is not whole in the capture, with DataSequenceInOrder=No, and unless it is known what the login
    negotiated.

    ## Reference
    RFC 7143 sections 4.2.5.2 and 7.1.4.1
    """
    facts: dict[str, object] = {"offset": offset, "end": notes.r2t_end}
    target_broke("r2t-recovery-at-erl0", follower, look, task, desk, facts, task.last_r2t)


def r2t_recovery_not_last(
    follower: Follower, look: Look, task: Task, offset: i64, notes: TaskNotes, desk: Desk
) -> None:
    """A target asks again for data of an older sequence than the last.

    ## What it means
    With DataSequenceInOrder=Yes only the last R2T of a task may be sent again.

    ## Why it matters
    The initiator need not have the older data any more.

    ## Example
        talk.open(offer={"ErrorRecoveryLevel": "1"}, answer={"ErrorRecoveryLevel": "1"})
        write = talk.command(write=24576)
        for _ in range(2):
            talk.r2t(write, 8192)
            talk.data_out(write, 8192)
        talk.r2t(write, 8192, offset=0)

    ## When it is silent
    When the task is not whole in the capture, and unless it is known what the login negotiated.

    ## Reference
    RFC 7143 section 13.19
    """
    facts: dict[str, object] = {"offset": offset, "last": notes.r2t_start}
    target_broke("r2t-recovery-not-last", follower, look, task, desk, facts, task.last_r2t)


def ttt_reused_outstanding(follower: Follower, look: Look, task: Task, earlier: i64, desk: Desk) -> None:
    """Two R2Ts of a task that wait for their data have the same tag.

    ## What it means
    A Data-Out names the R2T that it answers by the Target Transfer Tag. If two R2Ts of a task are under way with the
    same tag, its offset alone tells them apart. No sentence of the standard forbids it.

    ## Why it matters
    Initiators that find the R2T by its tag send the data of one twice, and that of the other never.

    ## Example
        talk = Talk(max_outstanding_r2t=2).open()
        write = talk.command(write=8192)
        first = talk.r2t(write, 4096, target_transfer_tag=5)
        second = talk.r2t(write, 4096, target_transfer_tag=5)

    ## When it is silent
    Above ErrorRecoveryLevel 0, where an R2T may be sent again, and when the task is not whole in the capture.

    ## Reference
    RFC 7143 section 11.8.5
    """
    target_broke("ttt-reused-outstanding", follower, look, task, desk, {"tag": look.second}, earlier)
