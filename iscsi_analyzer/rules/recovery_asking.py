"""Rules on what a SNACK asks for or acknowledges, compared with what the same initiator said before (RFC 7143 sections
7.1.4.1, 11.7.2 and 11.16).

Interpreted: sees SNACKs, Data-Ins that ask for an acknowledgement, and Text Requests.
"""

from __future__ import annotations

from typing import Final

from dissectors.iscsi import layout as at
from iscsi_analyzer.model.following import Follower
from iscsi_analyzer.model.task import KIND_SCSI, Task
from iscsi_analyzer.model.watch import Look
from iscsi_analyzer.rules.desk import INITIATOR, Desk
from iscsi_analyzer.rules.evidence import all_seen, whole
from iscsi_analyzer.rules.header_fields import word
from iscsi_analyzer.rules.notes import of_task
from iscsi_analyzer.rules.rule import ERROR, NOTE, WARNING, Rule
from iscsi_analyzer.rules.trouble import MOST, Asked, of_connection_trouble, of_task_trouble, task_trouble
from iscsi_analyzer.streams.serial import distance

DATA, STATUS, DATA_ACK, R_DATA = 0, 1, 2, 3
READ_WRITE: Final = at.READ_MASK | at.WRITE_MASK
MAX_RECV: Final = b"MaxRecvDataSegmentLength="

RULES = (
    Rule(
        "snack-tag-reused",
        ERROR,
        INITIATOR,
        "RFC 7143 section 11.16.5",
        "An R-Data SNACK has SNACK Tag 0x{tag:08x}, which an earlier one of the task had",
        "both SNACKs",
        occasion="iscsi.snack.type == 3",
    ),
    Rule(
        "snack-acked-data",
        ERROR,
        INITIATOR,
        "RFC 7143 sections 11.16.2 and 7.2.2",
        "A SNACK asks for data from DataSN {begin} on; the initiator has acknowledged all below {acknowledged}",
        "the acknowledgement",
        occasion="iscsi.snack.type == 0",
    ),
    Rule(
        "dataack-begrun",
        WARNING,
        INITIATOR,
        "RFC 7143 section 11.16.6",
        "A DataACK has BegRun {begin}; the Data-In that asked for it has DataSN {asked}, and numbers below {sent} were "
        "sent",
        "the Data-In",
        occasion="iscsi.snack.type == 2",
    ),
    Rule(
        "dataack-before-hole-filled",
        WARNING,
        INITIATOR,
        "RFC 7143 sections 11.7.2 and 11.16.2",
        "A DataACK acknowledges all below DataSN {begin}, but only {received} of these Data-Ins were sent",
        "the whole task",
        occasion="iscsi.snack.type == 2",
    ),
    Rule(
        "rdata-required",
        WARNING,
        INITIATOR,
        "RFC 7143 section 11.16.3",
        "A Data SNACK was sent after the initiator had changed its MaxRecvDataSegmentLength; it takes an R-Data SNACK",
        "the Text Request, and that the task is older",
        occasion="iscsi.snack.type == 0",
    ),
    Rule(
        "snack-r2t-timeout",
        NOTE,
        INITIATOR,
        "RFC 7143 section 7.1.4.1",
        "A SNACK asks for R2T {last}, the latest that was sent: nothing but time told the initiator that it is missing",
        "the whole task",
        occasion="iscsi.snack.type == 0",
    ),
)


def asked(follower: Follower, look: Look) -> None:
    """Takes note of a Data-In that asks for an acknowledgement (A bit)."""
    task = look.task
    known = of_connection_trouble(follower).asked
    if task is not None and task.request and look.second != at.RESERVED_TAG and len(known) < MOST:
        known[look.second] = Asked(look.number, task.tag, task.request, word(look, at.AT_DATA_SN))


def text(follower: Follower, look: Look) -> None:
    """Takes note of a Text Request that changes the MaxRecvDataSegmentLength of the initiator."""
    found = look.data.find(MAX_RECV)
    value = look.data[found + len(MAX_RECV) :].split(b"\0")[0]
    if found < 0 or not value.isdigit() or len(value) > 9 or int(value) == follower.limits.initiator_max_recv:
        return
    if follower.login.complete and follower.limits.initiator_max_recv >= 0:
        trouble = of_connection_trouble(follower)
        trouble.resized = look.number
        trouble.resized_tag = look.tag


def see(follower: Follower, look: Look, desk: Desk) -> None:
    """Runs the rules of this topic on one SNACK."""
    if not look.whole or follower.limits.error_recovery_level == 0:
        return
    kind = look.flags & at.SNACK_TYPE_MASK
    begin, run = word(look, at.AT_BEG_RUN), word(look, at.AT_RUN_LENGTH)
    task = look.task
    if kind == DATA_ACK:
        _acknowledgement(follower, look, desk, begin)
    elif task is None or task.kind != KIND_SCSI or not task.request:
        return
    elif kind == R_DATA:
        snack_tag_reused(follower, look, desk, task)
    elif kind == DATA and task.flags & READ_WRITE == at.READ_MASK:
        snack_acked_data(follower, look, desk, task, begin, run)
        rdata_required(follower, look, desk, task)
    elif kind == DATA and task.flags & READ_WRITE == at.WRITE_MASK:
        snack_r2t_timeout(follower, look, desk, task, begin + max(run, 1) - 1)


def lost(follower: Follower) -> None:
    """Bytes are missing: a length may have been changed back."""
    of_connection_trouble(follower).resized = 0


def _acknowledgement(follower: Follower, look: Look, desk: Desk, begin: int) -> None:
    """A DataACK."""
    question = of_connection_trouble(follower).asked.get(look.second)
    task = None if question is None else follower.session.open.get(question.tag)
    if question is None:
        return
    if task is None or task.request != question.request or not whole(follower, task):
        if distance(begin, question.data_sn) <= 0:
            dataack_begrun(follower, look, desk, question, begin, question.data_sn + 1)
        return
    notes = of_task(task)
    trouble = of_task_trouble(task)
    sent = int(notes.next_data_in_sn)
    if distance(begin, question.data_sn) <= 0 or (distance(begin, sent) > 0 and all_seen(follower, False)):
        dataack_begrun(follower, look, desk, question, begin, sent)
    elif notes.data_ins < begin and not trouble.r_data and all_seen(follower, False):
        dataack_before_hole_filled(follower, look, desk, question, begin, int(notes.data_ins))
    if distance(begin, trouble.acknowledged) > 0:
        trouble.acknowledged = begin
        trouble.acknowledged_by = look.number


def snack_tag_reused(follower: Follower, look: Look, desk: Desk, task: Task) -> None:
    """Two R-Data SNACKs of a task have the same tag.

    ## What it means
    Each R-Data SNACK of a task has a SNACK Tag of its own. By it the response says up to which of them the data was
    sent again.

    ## Why it matters
    The initiator cannot tell the answer to the first one from the answer to the second: it may take data for complete
    that is cut in two ways.

    ## Example
        talk = Talk(error_recovery_level=1).open()
        task = talk.command(read=8192)
        talk.data_in(task, 4096)
        talk.snack(3, task=task, target_transfer_tag=1)
        talk.snack(3, task=task, target_transfer_tag=1)

    ## When it is silent
    When the capture lacks one of the two, or the command.

    ## Reference
    RFC 7143 section 11.16.5
    """
    trouble = of_task_trouble(task)
    if look.second in trouble.snack_tags:
        desk.report("snack-tag-reused", INITIATOR, follower, look, {"tag": look.second}, trouble.r_data)
    elif len(trouble.snack_tags) < MOST:
        trouble.snack_tags.add(look.second)
    trouble.r_data = look.number
    trouble.r_data_tag = look.second
    trouble.r_data_begun = 0


def snack_acked_data(follower: Follower, look: Look, desk: Desk, task: Task, begin: int, run: int) -> None:
    """Data was asked for after it was acknowledged.

    ## What it means
    The initiator has acknowledged data, by a DataACK or by the ExpDataSN of a TASK REASSIGN. Now it asks for a part of
    it again.

    ## Why it matters
    Acknowledged data is forgotten: the target has to reject the SNACK, and the command fails.

    ## Example
        talk = Talk(error_recovery_level=1).open()
        task = talk.command(read=16384)
        talk.data_in(task, 4096)
        talk.data_in(task, 4096, flags=0x40, target_transfer_tag=5)
        talk.snack(2, target_transfer_tag=5, begin=2)
        talk.snack(0, task=task, begin=1, run=1)

    ## When it is silent
    When the acknowledgement, or the Data-In that asked for it, is not in the capture. BegRun and RunLength 0 ask for
    all that is not acknowledged.

    ## Reference
    RFC 7143 sections 11.16.2 and 7.2.2
    """
    trouble = task_trouble(task)
    if trouble is not None and (begin or run) and distance(begin, trouble.acknowledged) < 0:
        facts: dict[str, object] = {"begin": begin, "acknowledged": trouble.acknowledged}
        desk.report("snack-acked-data", INITIATOR, follower, look, facts, trouble.acknowledged_by)


def dataack_begrun(follower: Follower, look: Look, desk: Desk, question: Asked, begin: int, sent: int) -> None:
    """A DataACK does not acknowledge what it was asked for, or more than was sent.

    ## What it means
    A Data-In with the A bit asks to acknowledge everything up to it. BegRun of the DataACK is the DataSN that the
    initiator expects next: one more than that of the Data-In, or more, if it has got more since.

    ## Why it matters
    Too low, it keeps the target's buffers busy. Too high, it frees data that may have to be sent again.

    ## Example
        talk = Talk(error_recovery_level=1).open()
        task = talk.command(read=16384)
        for _ in range(3):
            talk.data_in(task, 4096)
        talk.data_in(task, 4096, flags=0x40, target_transfer_tag=5)
        talk.snack(2, target_transfer_tag=5, begin=2)

    ## When it is silent
    When the Data-In is not in the capture. As to numbers that are too high, also when the capture lacks anything of the
    task.

    ## Reference
    RFC 7143 section 11.16.6
    """
    facts: dict[str, object] = {"begin": begin, "asked": question.data_sn, "sent": sent}
    desk.report("dataack-begrun", INITIATOR, follower, look, facts, question.number)


def dataack_before_hole_filled(
    follower: Follower, look: Look, desk: Desk, question: Asked, begin: int, received: int
) -> None:
    """Data was acknowledged of which a part is missing.

    ## What it means
    Before it acknowledges data, an initiator asks for what is missing in it. The Data-Ins up to the acknowledged number
    do not have all the numbers below it, and were not sent again.

    ## Why it matters
    The target forgets the data. What is missing cannot be had any more, and the initiator may take what its buffer held
    before for data of the disk.

    ## Example
        talk = Talk(error_recovery_level=1).open()
        task = talk.command(read=16384)
        talk.data_in(task, 4096)
        talk.data_in(task, 4096, data_sn=2, flags=0x40, target_transfer_tag=5)
        talk.snack(2, target_transfer_tag=5, begin=3)

    ## When it is silent
    When the capture lacks anything of the task, and once an R-Data SNACK was sent for it.

    ## Reference
    RFC 7143 sections 11.7.2 and 11.16.2
    """
    facts: dict[str, object] = {"begin": begin, "received": received}
    desk.report("dataack-before-hole-filled", INITIATOR, follower, look, facts, question.number)


def rdata_required(follower: Follower, look: Look, desk: Desk, task: Task) -> None:
    """Data is asked for in pieces that are not allowed any more.

    ## What it means
    A Data SNACK asks for the same PDUs again. Since the command the initiator has declared another
    MaxRecvDataSegmentLength, so the data has to be cut anew, which an R-Data SNACK asks for.

    ## Why it matters
    The target sends PDUs that the initiator has just declared too long, or cannot do what is asked for.

    ## Example
        talk = Talk(error_recovery_level=1).open()
        task = talk.command(read=16384)
        talk.data_in(task, 8192)
        talk.text({"MaxRecvDataSegmentLength": "4096"}, {})
        talk.snack(0, task=task, begin=0, run=1)

    ## When it is silent
    While the text negotiation goes on, for commands that are newer, and when bytes of the connection are missing since.

    ## Reference
    RFC 7143 section 11.16.3
    """
    trouble = of_connection_trouble(follower)
    if not task.request < trouble.resized or task.connection != follower.number:
        return
    if follower.session.finished_request(trouble.resized_tag) == trouble.resized:
        desk.report("rdata-required", INITIATOR, follower, look, {}, trouble.resized)


def snack_r2t_timeout(follower: Follower, look: Look, desk: Desk, task: Task, last: int) -> None:
    """An R2T is asked for again although nothing shows that it is missing.

    ## What it means
    An initiator sees that an R2T is missing by the number of the next one. The one that is asked for is the latest that
    was sent, so only a time-out can have told it. Initiators should leave that to the target.

    ## Why it matters
    The R2T is on its way, or the target is slow: SNACKs by time-out add load to a target that has too much of it.

    ## Example
        talk = Talk(error_recovery_level=1).open()
        task = talk.command(write=8192)
        talk.r2t(task, 4096)
        talk.wait(5)
        talk.snack(0, task=task, begin=0, run=1)

    ## When it is silent
    When the capture lacks anything of the task; for R2Ts that were not sent, which has a rule of its own.

    ## Reference
    RFC 7143 section 7.1.4.1
    """
    if whole(follower, task) and last == of_task(task).next_r2t_sn - 1:
        desk.report("snack-r2t-timeout", INITIATOR, follower, look, {"last": last}, task.last_r2t)
