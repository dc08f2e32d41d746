"""Rules on unsolicited Data-Out PDUs, which come without an R2T (RFC 7143 sections 4.2.5.2 and 11.7).

Compiled. The command that announces them is judged in `immediate`.
"""

from __future__ import annotations

from typing import Final

from mypy_extensions import i64

from iscsi_analyzer.model.following import Follower
from iscsi_analyzer.model.limits import Limits
from iscsi_analyzer.model.task import Task
from iscsi_analyzer.model.watch import Look
from iscsi_analyzer.rules.blame import initiator_broke
from iscsi_analyzer.rules.desk import INITIATOR, Desk
from iscsi_analyzer.rules.notes import ConnectionNotes, TaskNotes, of_connection, of_session
from iscsi_analyzer.rules.rule import ERROR, Rule

F: Final = 0x80
MAX_ANNOUNCED: Final = 1024
"Announced bursts of one connection that are remembered in their order."

_TASK: Final = "the whole task"
_NEEDS: Final = "the whole task, and the result of the login"

RULES = (
    Rule(
        "unsolicited-not-allowed",
        ERROR,
        INITIATOR,
        "RFC 7143 sections 13.11, 4.2.5.2 and 11.8",
        "Data-Out without R2T although InitialR2T=Yes",
        _NEEDS,
        occasion="iscsi.opcode == scsi_command && iscsi.scsicommand.W == 1 && iscsi.connection.initial_r2t == 1",
    ),
    Rule(
        "unsolicited-after-f1",
        ERROR,
        INITIATOR,
        "RFC 7143 section 11.3.1",
        "Data-Out without R2T although the command said that none follows (F=1)",
        _TASK,
        occasion=(
            "iscsi.opcode == scsi_command && iscsi.scsicommand.W == 1 && iscsi.scsicommand.F == 1 "
            "&& iscsi.connection.initial_r2t == 0"
        ),
    ),
    Rule(
        "unsolicited-exceeds-firstburst",
        ERROR,
        INITIATOR,
        "RFC 7143 sections 13.12 and 4.2.5.2",
        "{length} bytes of a write came unasked, FirstBurstLength is {first_burst}",
        _NEEDS,
        occasion=(
            "iscsi.opcode == scsi_command && iscsi.scsicommand.W == 1 && (iscsi.datasegmentlength > 0 "
            "|| iscsi.scsicommand.F == 0)"
        ),
    ),
    Rule(
        "unsolicited-not-full",
        ERROR,
        INITIATOR,
        "RFC 7143 sections 4.2.5.2 and 11.3.4",
        "Unsolicited data ends (F=1) after {length} bytes of a write where {due} were due",
        _NEEDS,
        occasion="iscsi.opcode == data_out && iscsi.targettransfertag == 0xffffffff && iscsi.scsidata.F == 1",
    ),
    Rule(
        "unsolicited-interleaved-order",
        ERROR,
        INITIATOR,
        "RFC 7143 section 4.2.5.2",
        "Unsolicited data of task 0x{tag:08x} comes before that of the earlier task 0x{earlier:08x}",
        _TASK,
        occasion="iscsi.opcode == data_out && iscsi.targettransfertag == 0xffffffff",
    ),
    Rule(
        "unsolicited-offset",
        ERROR,
        INITIATOR,
        "RFC 7143 sections 11.7.6 and 13.10",
        "Unsolicited data is for offset {offset}, {expected} was next",
        _NEEDS,
        occasion="iscsi.opcode == data_out && iscsi.targettransfertag == 0xffffffff",
    ),
)


def data_out(follower: Follower, look: Look, task: Task, notes: TaskNotes, offset: i64, desk: Desk) -> None:
    """Runs the rules on a Data-Out without Target Transfer Tag, while the unsolicited burst of its task is open."""
    limits = follower.limits
    before = task.data_out - notes.solicited
    after = before + look.data_length
    if limits.initial_r2t == 1:
        unsolicited_not_allowed(follower, look, task, desk)
        return
    if task.flags & F:
        unsolicited_after_f1(follower, look, task, desk)
        return
    notes.unsolicited_begun = True
    _in_turn(follower, look, task, desk)
    if offset != before and limits.data_pdu_in_order == 1:
        unsolicited_offset(follower, look, task, offset, before, desk)
    due = due_unasked(limits, task)
    if 0 <= limits.first_burst < after and before <= limits.first_burst:
        unsolicited_exceeds_firstburst(follower, look, task, after, desk)
    if look.flags & F:
        notes.unsolicited_over = True
        if after < due:
            notes.short = True
            unsolicited_not_full(follower, look, task, after, due, desk)


def due_unasked(limits: Limits, task: Task) -> i64:
    """How many bytes a write with F=0 has to send unasked, immediate data included; -1 if that is not known."""
    most = limits.first_burst
    if most < 0:
        return -1
    return most if most < task.length else task.length


def missing(follower: Follower, task: Task) -> i64:
    """How many bytes of the burst that the command announced have not come; 0 if there is none, or it is not known."""
    if task.flags & F or follower.limits.initial_r2t != 0:
        return 0
    solicited: i64 = 0
    notes = task.notes
    if isinstance(notes, TaskNotes):
        if notes.unsolicited_over:
            return 0
        solicited = notes.solicited
    left = due_unasked(follower.limits, task) - (task.data_out - solicited)
    return left if left > 0 else 0


def lost(follower: Follower) -> None:
    """Bytes of the initiator are missing: which bursts are still to come is not known any more."""
    notes = of_connection(follower)
    notes.writes.clear()
    notes.writes_by.clear()


def announce(follower: Follower, look: Look) -> None:
    """A command announced a burst: it comes after those that were announced before."""
    notes = of_connection(follower)
    _forget(notes, follower)
    if len(notes.writes) >= MAX_ANNOUNCED:
        notes.writes.clear()
        notes.writes_by.clear()
    notes.writes.append(look.tag)
    notes.writes_by.append(look.number)


def _forget(notes: ConnectionNotes, follower: Follower) -> None:
    """Drops the first announced bursts as far as they are over."""
    tasks = follower.session.open
    while notes.writes:
        first = tasks.get(notes.writes[0])
        if first is not None and first.request == notes.writes_by[0]:
            remembered = first.notes
            if not isinstance(remembered, TaskNotes) or not remembered.unsolicited_over:
                return
        notes.writes.pop(0)
        notes.writes_by.pop(0)


def _in_turn(follower: Follower, look: Look, task: Task, desk: Desk) -> None:
    """Unsolicited data comes in the order of its commands."""
    notes = of_connection(follower)
    _forget(notes, follower)
    if notes.writes:
        by: i64 = notes.writes_by[0]
        if by < task.request and by > of_session(follower.session).disturbed:
            unsolicited_interleaved_order(follower, look, task, notes.writes[0], by, desk)


def unsolicited_not_allowed(follower: Follower, look: Look, task: Task, desk: Desk) -> None:
    """Write data comes without an R2T in a session that asks for all of it.

    ## What it means
    The Data-Out has no Target Transfer Tag, so no R2T asked for it. The login ended with InitialR2T=Yes: only
    immediate data may come unasked.

    ## Why it matters
    The target has no buffer for it; it rejects the data or drops the connection.

    ## Example
        talk.open()
        write = talk.command(write=4096)
        talk.data_out(write, 4096)
        talk.response(write)

    ## When it is silent
    When the task is not whole in the capture, and unless it is known what the login negotiated.

    ## Reference
    RFC 7143 sections 13.11, 4.2.5.2 and 11.8
    """
    initiator_broke("unsolicited-not-allowed", follower, look, task, desk, {})


def unsolicited_after_f1(follower: Follower, look: Look, task: Task, desk: Desk) -> None:
    """Unsolicited data follows a command that said there would be none.

    ## What it means
    F=1 in a SCSI Command says that no unsolicited Data-Out follows; the rest of the data waits for R2Ts.

    ## Why it matters
    The target may already have asked for the same data by R2T, and gets it twice.

    ## Example
        talk.open(offer={"InitialR2T": "No"}, answer={"InitialR2T": "No"})
        write = talk.command(write=4096)
        talk.data_out(write, 4096)
        talk.response(write)

    ## When it is silent
    When the command is not in the capture.

    ## Reference
    RFC 7143 section 11.3.1
    """
    initiator_broke("unsolicited-after-f1", follower, look, task, desk, {})


def unsolicited_exceeds_firstburst(follower: Follower, look: Look, task: Task, length: i64, desk: Desk) -> None:
    """More data comes unasked than was negotiated.

    ## What it means
    Immediate data and unsolicited Data-Out PDUs of a command together may have FirstBurstLength bytes.

    ## Why it matters
    The target has no buffer for the rest, and fails the command or drops the connection.

    ## Example
        keys = {"InitialR2T": "No", "FirstBurstLength": "4096"}
        talk.open(offer=keys, answer=keys)
        write = talk.command(write=8192, final=False)
        talk.data_out(write, 8192, final=True)
        talk.response(write)

    ## When it is silent
    When the task is not whole in the capture, and unless it is known what the login negotiated.

    ## Reference
    RFC 7143 sections 13.12 and 4.2.5.2
    """
    facts: dict[str, object] = {"length": length, "first_burst": follower.limits.first_burst}
    initiator_broke("unsolicited-exceeds-firstburst", follower, look, task, desk, facts)


def unsolicited_not_full(follower: Follower, look: Look, task: Task, length: i64, due: i64, desk: Desk) -> None:
    """Unsolicited data stops early.

    ## What it means
    An initiator that sends unsolicited Data-Out PDUs has to send FirstBurstLength bytes, or all of the data if that is
    less. Here the burst ends (F=1) before.

    ## Why it matters
    The target fails the command with "not enough unsolicited data".

    ## Example
        talk.open(offer={"InitialR2T": "No"}, answer={"InitialR2T": "No"})
        write = talk.command(write=131072, final=False)
        talk.data_out(write, 4096, final=True)

    ## When it is silent
    When the task is not whole in the capture, after task management, and unless it is known what the login negotiated.

    ## Reference
    RFC 7143 sections 4.2.5.2 and 11.3.4
    """
    initiator_broke("unsolicited-not-full", follower, look, task, desk, {"length": length, "due": due})


def unsolicited_interleaved_order(
    follower: Follower, look: Look, task: Task, earlier: i64, request: i64, desk: Desk
) -> None:
    """Unsolicited data of commands is sent in another order than the commands.

    ## What it means
    On a connection unsolicited data appears in the order of its commands. An earlier command announced a burst that is
    not complete.

    ## Why it matters
    A target that has one buffer for unsolicited data at a time waits for the earlier burst and cannot take this one.

    ## Example
        talk.open(offer={"InitialR2T": "No"}, answer={"InitialR2T": "No"})
        first = talk.command(write=4096, final=False)
        second = talk.command(write=4096, final=False)
        talk.data_out(second, 4096)
        talk.data_out(first, 4096)

    ## When it is silent
    After bytes of the initiator were lost, and after task management.

    ## Reference
    RFC 7143 section 4.2.5.2
    """
    facts: dict[str, object] = {"tag": task.tag, "earlier": earlier}
    initiator_broke("unsolicited-interleaved-order", follower, look, task, desk, facts, request)


def unsolicited_offset(follower: Follower, look: Look, task: Task, offset: i64, expected: i64, desk: Desk) -> None:
    """Unsolicited data does not go on where the data before it ended.

    ## What it means
    With DataPDUInOrder=Yes the unsolicited Data-Out PDUs begin behind the immediate data and follow each other without
    a gap and without an overlap.

    ## Why it matters
    Data lands in the wrong place, or the target fails the command.

    ## Example
        talk.open(offer={"InitialR2T": "No"}, answer={"InitialR2T": "No"})
        write = talk.command(write=4096, data=bytes(512), final=False)
        talk.data_out(write, 3584, offset=0, final=True)
        talk.response(write)

    ## When it is silent
    When the task is not whole in the capture, and unless it is known what the login negotiated.

    ## Reference
    RFC 7143 sections 11.7.6 and 13.10
    """
    facts: dict[str, object] = {"offset": offset, "expected": expected}
    initiator_broke("unsolicited-offset", follower, look, task, desk, facts)
