"""Rules on the Data-Out PDUs that answer one R2T: offsets, lengths, and the last one (RFC 7143 sections 11.7.1, 11.8).

Compiled. `write_data` finds the R2T.
"""

from __future__ import annotations

from typing import Final

from mypy_extensions import i64

from iscsi_analyzer.model.following import Follower
from iscsi_analyzer.model.task import Task
from iscsi_analyzer.model.watch import Look
from iscsi_analyzer.rules import unsolicited
from iscsi_analyzer.rules.blame import initiator_broke, judged
from iscsi_analyzer.rules.desk import INITIATOR, Desk
from iscsi_analyzer.rules.evidence import all_seen
from iscsi_analyzer.rules.notes import Burst, TaskNotes
from iscsi_analyzer.rules.rule import ERROR, Rule

F: Final = 0x80

_TASK: Final = "the whole task"
_NEEDS: Final = "the whole task, and the result of the login"

RULES = (
    Rule(
        "dataout-outside-r2t",
        ERROR,
        INITIATOR,
        "RFC 7143 section 11.8",
        "Data-Out is for bytes {offset} to {end}, its R2T asked for {first} to {last}",
        _TASK,
        occasion="iscsi.opcode == data_out && iscsi.targettransfertag != 0xffffffff",
    ),
    Rule(
        "dataout-start-offset",
        ERROR,
        INITIATOR,
        "RFC 7143 section 11.8",
        "The first Data-Out for an R2T is for offset {offset}, asked for was {first}",
        _NEEDS,
        occasion="iscsi.opcode == data_out && iscsi.targettransfertag != 0xffffffff",
    ),
    Rule(
        "dataout-pdu-order",
        ERROR,
        INITIATOR,
        "RFC 7143 sections 11.8 and 13.18",
        "Data-Out is for offset {offset}, its sequence goes on at {expected}",
        _NEEDS,
        occasion="iscsi.opcode == data_out && iscsi.targettransfertag != 0xffffffff",
    ),
    Rule(
        "dataout-short-final",
        ERROR,
        INITIATOR,
        "RFC 7143 sections 11.8, 4.2.5.2 and 11.4.7.2",
        "The answer to an R2T for {desired} bytes ends (F=1) after {sent}",
        _TASK,
        occasion="iscsi.opcode == data_out && iscsi.targettransfertag != 0xffffffff && iscsi.scsidata.F == 1",
    ),
    Rule(
        "dataout-f-missing",
        ERROR,
        INITIATOR,
        "RFC 7143 sections 11.8 and 11.7.1",
        "All {sent} bytes of a write sequence were sent, none of its PDUs is marked as the last (F=1)",
        _TASK,
        occasion="iscsi.opcode == data_out",
    ),
    Rule(
        "dataout-sequence-exceeds-maxburst",
        ERROR,
        INITIATOR,
        "RFC 7143 sections 13.12 and 11.7.1",
        "The answer to an R2T has {sent} bytes so far, MaxBurstLength is {max_burst}",
        _NEEDS,
        occasion="iscsi.opcode == data_out && iscsi.targettransfertag != 0xffffffff",
    ),
)


def data_out(
    follower: Follower, look: Look, task: Task, notes: TaskNotes, burst: Burst, offset: i64, desk: Desk
) -> None:
    """Runs the rules on a Data-Out that belongs to `burst`, which it moves on."""
    length = look.data_length
    limits = follower.limits
    if not task.flags & F and not notes.unsolicited_over:
        _unsolicited_never_ended(follower, task, notes, desk)
    if offset < burst.offset or offset + length > burst.offset + burst.length:
        dataout_outside_r2t(follower, look, task, burst, offset, desk)
    elif offset != burst.next and burst.next >= 0 and limits.data_pdu_in_order == 1:
        if burst.sent == 0:
            dataout_start_offset(follower, look, task, burst, offset, desk)
            burst.next = -1
        else:
            dataout_pdu_order(follower, look, task, burst, offset, desk)
    before = burst.sent
    burst.sent = before + length
    if burst.next >= 0:
        burst.next = offset + length
    if 0 <= limits.max_burst < burst.sent and before <= limits.max_burst:
        dataout_sequence_exceeds_maxburst(follower, look, task, burst, desk)
    if look.flags & F:
        if burst.sent < burst.length:
            notes.short = True
            dataout_short_final(follower, look, task, burst, desk)
        notes.close(burst)


def never_ended(follower: Follower, task: Task, notes: TaskNotes, until: Burst | None, desk: Desk) -> None:
    """Something came after the sequences before `until` (all, if None): those with all their data are over."""
    bursts = notes.bursts
    while bursts and bursts[0] is not until and bursts[0].sent >= bursts[0].length:
        dataout_f_missing(follower, task, bursts[0].sent, desk)
        notes.close(bursts[0])


def answered(follower: Follower, task: Task, desk: Desk) -> None:
    """A write gets its SCSI Response."""
    notes = task.notes
    if isinstance(notes, TaskNotes):
        never_ended(follower, task, notes, None, desk)
        if not task.flags & F and not notes.unsolicited_over:
            _unsolicited_never_ended(follower, task, notes, desk)


def _unsolicited_never_ended(follower: Follower, task: Task, notes: TaskNotes, desk: Desk) -> None:
    """Something came after the unsolicited burst: with all its data it is over."""
    due = unsolicited.due_unasked(follower.limits, task)
    sent = task.data_out - notes.solicited
    if 0 <= due <= sent and notes.unsolicited_begun:
        notes.unsolicited_over = True
        dataout_f_missing(follower, task, sent, desk)


def dataout_outside_r2t(follower: Follower, look: Look, task: Task, burst: Burst, offset: i64, desk: Desk) -> None:
    """Write data that its R2T did not ask for.

    ## What it means
    Buffer Offset and length of a solicited Data-Out lie within what the R2T asked for. These do not.

    ## Why it matters
    The target's buffer is somewhere else: the data is rejected, or overwrites other data.

    ## Example
        talk.open()
        write = talk.command(write=16384)
        talk.r2t(write, 8192)
        talk.data_out(write, 8192, offset=8192, final=True)

    ## When it is silent
    When the task is not whole in the capture.

    ## Reference
    RFC 7143 section 11.8
    """
    facts: dict[str, object] = {
        "offset": offset,
        "end": offset + look.data_length,
        "first": burst.offset,
        "last": burst.offset + burst.length,
    }
    initiator_broke("dataout-outside-r2t", follower, look, task, desk, facts, burst.pdu)


def dataout_start_offset(follower: Follower, look: Look, task: Task, burst: Burst, offset: i64, desk: Desk) -> None:
    """The answer to an R2T does not begin where it was asked to.

    ## What it means
    With DataPDUInOrder=Yes the first Data-Out for an R2T has the Buffer Offset of the R2T.

    ## Why it matters
    The bytes that were left out never come, or come out of order.

    ## Example
        talk.open()
        write = talk.command(write=8192)
        talk.r2t(write)
        talk.data_out(write, 4096, offset=4096, final=False)
        talk.data_out(write, 4096, offset=0, final=True)

    ## When it is silent
    When the task is not whole in the capture, and unless it is known what the login negotiated.

    ## Reference
    RFC 7143 section 11.8
    """
    facts: dict[str, object] = {"offset": offset, "first": burst.offset}
    initiator_broke("dataout-start-offset", follower, look, task, desk, facts, burst.pdu)


def dataout_pdu_order(follower: Follower, look: Look, task: Task, burst: Burst, offset: i64, desk: Desk) -> None:
    """A Data-Out does not begin where the one before it ended.

    ## What it means
    With DataPDUInOrder=Yes the PDUs of a sequence follow each other without a gap and without an overlap.

    ## Why it matters
    A target that relies on the order fails the command, or writes data to the wrong place.

    ## Example
        talk.open()
        write = talk.command(write=12288)
        talk.r2t(write)
        talk.data_out(write, 4096, offset=0, final=False)
        talk.data_out(write, 4096, offset=8192, final=False)
        talk.data_out(write, 4096, offset=4096, final=True)

    ## When it is silent
    When the task is not whole in the capture, and unless it is known what the login negotiated.

    ## Reference
    RFC 7143 sections 11.8 and 13.18
    """
    facts: dict[str, object] = {"offset": offset, "expected": burst.next}
    initiator_broke("dataout-pdu-order", follower, look, task, desk, facts, task.last_data_out)


def dataout_short_final(follower: Follower, look: Look, task: Task, burst: Burst, desk: Desk) -> None:
    """The answer to an R2T ends before all data was sent.

    ## What it means
    An R2T is honoured with all the data that it asked for before F=1.

    ## Why it matters
    The target fails the command with "not enough data", or waits for the rest.

    ## Example
        talk.open()
        write = talk.command(write=8192)
        talk.r2t(write)
        talk.data_out(write, 4096, final=True)

    ## When it is silent
    When the task is not whole in the capture, and after task management, which lets data end early.

    ## Reference
    RFC 7143 sections 11.8, 4.2.5.2 and 11.4.7.2
    """
    facts: dict[str, object] = {"desired": burst.length, "sent": burst.sent}
    initiator_broke("dataout-short-final", follower, look, task, desk, facts, burst.pdu)


def dataout_f_missing(follower: Follower, task: Task, sent: i64, desk: Desk) -> None:
    """All data of a sequence was sent, and its end was never marked.

    ## What it means
    The last Data-Out for an R2T, or of the unsolicited burst, has F=1. Here the next sequence began, or the command
    was answered, without it.

    ## Why it matters
    Targets that wait for F=1, as they have to, wait until a time-out.

    ## Example
        talk.open()
        write = talk.command(write=8192)
        talk.r2t(write)
        talk.data_out(write, 8192, final=False)
        talk.response(write)

    ## When it is silent
    When the task is not whole in the capture, and as long as an empty PDU with F=1 may follow.

    ## Reference
    RFC 7143 sections 11.8 and 11.7.1
    """
    if judged(follower, task) and all_seen(follower, True):
        number, connection, pdu = follower.session.number, follower.number, task.last_data_out
        desk.found("dataout-f-missing", INITIATOR, number, connection, pdu, {"sent": sent}, task.last_r2t, task.tag)


def dataout_sequence_exceeds_maxburst(follower: Follower, look: Look, task: Task, burst: Burst, desk: Desk) -> None:
    """The answer to an R2T is longer than was negotiated.

    ## What it means
    A solicited sequence has at most MaxBurstLength bytes, even if the R2T asks for more.

    ## Why it matters
    The other side sized its buffers by MaxBurstLength.

    ## Example
        talk.open(answer={"MaxBurstLength": "4096", "FirstBurstLength": "4096"})
        write = talk.command(write=8192)
        talk.r2t(write, 8192)
        talk.data_out(write, 8192)
        talk.response(write)

    ## When it is silent
    When the task is not whole in the capture, and unless it is known what the login negotiated.

    ## Reference
    RFC 7143 sections 13.12 and 11.7.1
    """
    facts: dict[str, object] = {"sent": burst.sent, "max_burst": follower.limits.max_burst}
    initiator_broke("dataout-sequence-exceeds-maxburst", follower, look, task, desk, facts, burst.pdu)
