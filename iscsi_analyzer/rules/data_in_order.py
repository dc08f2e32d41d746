"""Rules on the order of the Data-In PDUs of a read: sequences, and places in the buffer (RFC 7143 sections 11.7.1,
11.7.6, 13.18 and 13.19).

Compiled. Not reached by reads that one PDU answers.
"""

from __future__ import annotations

from typing import Final

from mypy_extensions import i64

from iscsi_analyzer.model.following import Follower
from iscsi_analyzer.model.task import Task
from iscsi_analyzer.model.watch import Look
from iscsi_analyzer.rules.blame import target_broke
from iscsi_analyzer.rules.desk import TARGET, Desk
from iscsi_analyzer.rules.notes import TaskNotes, of_task
from iscsi_analyzer.rules.rule import ERROR, Rule

F: Final = 0x80

_NEEDS: Final = "the whole task, and the result of the login"

RULES = (
    Rule(
        "datain-sequence-exceeds-maxburst",
        ERROR,
        TARGET,
        "RFC 7143 sections 11.7.1 and 13.13",
        "A Data-In sequence has {length} bytes so far, MaxBurstLength is {max_burst}",
        _NEEDS,
        occasion="iscsi.opcode == data_in",
    ),
    Rule(
        "datain-pdu-order",
        ERROR,
        TARGET,
        "RFC 7143 sections 11.7.6 and 13.18",
        "Data-In is for offset {offset}, its sequence goes on at {expected}",
        _NEEDS,
        occasion="iscsi.opcode == data_in",
    ),
    Rule(
        "datain-sequence-order",
        ERROR,
        TARGET,
        "RFC 7143 section 13.19",
        "A Data-In sequence begins at offset {offset}, the one before it at {before}",
        _NEEDS,
        occasion="iscsi.opcode == data_in",
    ),
    Rule(
        "datain-overlap",
        ERROR,
        TARGET,
        "RFC 7143 section 11.7.6",
        "A Data-In sequence begins at offset {offset}, data was sent up to {end} already",
        _NEEDS,
        occasion="iscsi.opcode == data_in",
    ),
)


def see(follower: Follower, look: Look, task: Task, offset: i64, desk: Desk) -> None:
    """Runs the rules of this topic on a Data-In for `offset` of a read."""
    notes = of_task(task)
    if task.data_in and notes.data_in_end < 0:
        notes.data_in_end = task.data_in  # one whole sequence, from 0 on, before anything was worth remembering
        notes.data_in_next = task.data_in
    limits = follower.limits
    length = look.data_length
    if notes.data_in_open:
        if offset != notes.data_in_next and limits.data_pdu_in_order == 1:
            datain_pdu_order(follower, look, task, offset, notes, desk)
    else:
        if notes.data_in_end >= 0 and limits.data_sequence_in_order == 1:
            if offset < notes.data_in_start:
                datain_sequence_order(follower, look, task, offset, notes, desk)
            elif offset < notes.data_in_end and length and limits.data_pdu_in_order == 1:
                datain_overlap(follower, look, task, offset, notes, desk)
        notes.data_in_start = offset
        notes.data_in_burst = 0
    most = limits.max_burst
    before = notes.data_in_burst
    notes.data_in_burst = before + length
    if 0 <= most < before + length and before <= most:
        datain_sequence_exceeds_maxburst(follower, look, task, notes, desk)
    notes.data_in_next = offset + length
    if offset + length > notes.data_in_end:
        notes.data_in_end = offset + length
    notes.data_in_open = not look.flags & F


def datain_sequence_exceeds_maxburst(follower: Follower, look: Look, task: Task, notes: TaskNotes, desk: Desk) -> None:
    """A sequence of Data-In PDUs is longer than was negotiated.

    ## What it means
    A sequence goes from one Data-In with F=1 to the next. It may have MaxBurstLength bytes; this one has more.

    ## Why it matters
    The initiator sized its buffers by MaxBurstLength; some drop the connection.

    ## Example
        talk.open(answer={"MaxBurstLength": "4096", "FirstBurstLength": "4096"})
        read = talk.command(read=8192)
        talk.data_in(read, 4096, final=False)
        talk.data_in(read, 4096, status=0)

    ## When it is silent
    When the task is not whole in the capture, and unless it is known what the login negotiated.

    ## Reference
    RFC 7143 sections 11.7.1 and 13.13
    """
    facts: dict[str, object] = {"length": notes.data_in_burst, "max_burst": follower.limits.max_burst}
    target_broke("datain-sequence-exceeds-maxburst", follower, look, task, desk, facts)


def datain_pdu_order(follower: Follower, look: Look, task: Task, offset: i64, notes: TaskNotes, desk: Desk) -> None:
    """A Data-In does not begin where the one before it ended.

    ## What it means
    With DataPDUInOrder=Yes the PDUs of a sequence follow each other without a gap and without an overlap.

    ## Why it matters
    An initiator that relies on the order puts data in the wrong place, or drops the connection.

    ## Example
        talk.open()
        read = talk.command(read=24576)
        talk.data_in(read, 8192, offset=0, final=False)
        talk.data_in(read, 8192, offset=16384, final=False)
        talk.data_in(read, 8192, offset=8192, final=True)
        talk.response(read)

    ## When it is silent
    When the task is not whole in the capture, after a SNACK, and unless it is known what the login negotiated.

    ## Reference
    RFC 7143 sections 11.7.6 and 13.18
    """
    facts: dict[str, object] = {"offset": offset, "expected": notes.data_in_next}
    target_broke("datain-pdu-order", follower, look, task, desk, facts, task.last_data_in)


def datain_sequence_order(
    follower: Follower, look: Look, task: Task, offset: i64, notes: TaskNotes, desk: Desk
) -> None:
    """A Data-In sequence goes back behind the one before it.

    ## What it means
    With DataSequenceInOrder=Yes the offsets at which sequences begin do not decrease.

    ## Why it matters
    An initiator that relies on the order, such as one that writes to a tape or a stream, gets the data mixed up.

    ## Example
        talk.open()
        read = talk.command(read=8192)
        talk.data_in(read, 4096, offset=4096, final=True)
        talk.data_in(read, 4096, offset=0, status=0)

    ## When it is silent
    When the task is not whole in the capture, after a SNACK, and unless it is known what the login negotiated.

    ## Reference
    RFC 7143 section 13.19
    """
    facts: dict[str, object] = {"offset": offset, "before": notes.data_in_start}
    target_broke("datain-sequence-order", follower, look, task, desk, facts, task.last_data_in)


def datain_overlap(follower: Follower, look: Look, task: Task, offset: i64, notes: TaskNotes, desk: Desk) -> None:
    """A Data-In sequence covers a place that got its data before.

    ## What it means
    With DataPDUInOrder=Yes and DataSequenceInOrder=Yes no byte of the buffer is sent twice.

    ## Why it matters
    The count of bytes does not fit any more; which of the two copies is right nobody knows.

    ## Example
        talk.open()
        read = talk.command(read=8192)
        talk.data_in(read, 4096, final=True)
        talk.data_in(read, 4096, offset=0, final=True)
        talk.data_in(read, 4096, offset=4096, status=0)

    ## When it is silent
    When the task is not whole in the capture, after a SNACK (data may be sent again on demand), and unless it is known
    what the login negotiated.

    ## Reference
    RFC 7143 section 11.7.6
    """
    facts: dict[str, object] = {"offset": offset, "end": notes.data_in_end}
    target_broke("datain-overlap", follower, look, task, desk, facts, task.last_data_in)
