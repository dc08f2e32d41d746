"""Rules on what a target does about a SNACK: sends again what was asked for, or rejects it (RFC 7143 sections 7.8 and
11.16).

Interpreted: sees SNACKs, and from then on every PDU of the connection until they are answered and their tasks over.
"""

from __future__ import annotations

from typing import Final

from dissectors.iscsi import layout as at
from iscsi_analyzer.model.following import Follower
from iscsi_analyzer.model.task import KIND_SCSI, Task
from iscsi_analyzer.model.watch import Look
from iscsi_analyzer.rules.desk import TARGET, Desk
from iscsi_analyzer.rules.evidence import whole
from iscsi_analyzer.rules.header_fields import word
from iscsi_analyzer.rules.notes import of_connection, of_task
from iscsi_analyzer.rules.recovery_asking import DATA, R_DATA, STATUS
from iscsi_analyzer.rules.reject import SNACK_REJECT
from iscsi_analyzer.rules.rule import ERROR, WARNING, Rule
from iscsi_analyzer.rules.sight import entire, reached
from iscsi_analyzer.rules.trouble import (
    MOST,
    PATIENCE_NS,
    SECOND,
    Snack,
    TaskTrouble,
    calm,
    of_connection_trouble,
    of_task_trouble,
    task_trouble,
    watch,
)
from iscsi_analyzer.streams.serial import distance

SNACKS: Final = "snack"
"The topic, to those who watch."
NAMES: Final = {DATA: "Data/R2T SNACK", STATUS: "Status SNACK", R_DATA: "R-Data SNACK"}
GOOD: Final = 0

_ALL: Final = "the whole connection, and that the SNACK arrived"

RULES = (
    Rule(
        "snack-unanswered",
        WARNING,
        TARGET,
        "RFC 7143 sections 7.8 and 11.16",
        "A {name} (BegRun {begin}) was neither answered nor rejected in {seconds} s",
        _ALL,
        occasion="iscsi.snack.type in {0, 1, 3}",
    ),
    Rule(
        "snack-bad-range-not-rejected",
        WARNING,
        TARGET,
        "RFC 7143 section 11.16",
        "A {name} asks for what was not sent or was acknowledged (BegRun {begin}), and was not rejected in {seconds} s",
        _ALL,
        occasion="iscsi.snack.type in {0, 1}",
    ),
    Rule(
        "snack-reject-no-check",
        WARNING,
        TARGET,
        "RFC 7143 section 7.8",
        "The target rejected a SNACK for data of the command, and ended the command with GOOD",
        "the command, the Reject, and the status",
        occasion="iscsi.reject.reason == 3",
    ),
    Rule(
        "rdata-tag-missing",
        ERROR,
        TARGET,
        "RFC 7143 sections 11.16.3 and 11.16.5",
        "The SCSI Response after an R-Data SNACK with SNACK Tag 0x{wanted:08x} has SNACK Tag 0x{snack_tag:08x}",
        "the R-Data SNACK, and data that answers it",
        occasion="iscsi.snack.type == 3",
    ),
    Rule(
        "rdata-datasn-start",
        WARNING,
        TARGET,
        "RFC 7143 section 11.16.3",
        "After an R-Data SNACK the data begins with DataSN {data_sn}; everything from {acknowledged} on was asked for",
        "the whole task",
        occasion="iscsi.snack.type == 3",
    ),
)


def asked(follower: Follower, look: Look) -> None:
    """Takes note of a SNACK, after `recovery_asking` has."""
    kind = look.flags & at.SNACK_TYPE_MASK
    trouble = of_connection_trouble(follower)
    if kind not in NAMES or not look.whole or len(trouble.snacks) >= MOST or follower.limits.error_recovery_level == 0:
        return
    begin, run = word(look, at.AT_BEG_RUN), word(look, at.AT_RUN_LENGTH)
    snack = Snack(look.number, kind, look.tag, begin, run, _wrong(follower, look, kind, begin, run))
    watch(follower, SNACKS).snacks.append(snack)
    trouble.snack = look.number
    if kind != STATUS and look.task is not None and len(trouble.snacked) < MOST:
        trouble.snacked.add(look.tag)


def _wrong(follower: Follower, look: Look, kind: int, begin: int, run: int) -> bool:
    """Whether a SNACK asks for what was not sent, or was acknowledged; judged as in `recovery_range`."""
    last = begin + max(run, 1) - 1
    if not begin and not run:
        return False
    if kind == STATUS:
        notes = of_connection(follower)
        before = notes.exp_stat_sn >= 0 and distance(begin, notes.exp_stat_sn) < 0
        return before or (notes.next_stat_sn >= 0 and distance(last, notes.next_stat_sn) >= 0)
    task = look.task
    if kind != DATA or task is None or not whole(follower, task) or task.flags & 0x60 == 0x60:
        return False
    of = of_task(task)
    trouble = task_trouble(task)
    before = trouble is not None and distance(begin, trouble.acknowledged) < 0
    return before or distance(last, of.next_data_in_sn or of.next_r2t_sn) >= 0


def see_watched(follower: Follower, look: Look, desk: Desk) -> None:
    """Runs the rules of this topic on one PDU, of a connection with SNACKs that are not answered."""
    trouble = of_connection_trouble(follower)
    if look.to_target:
        _missed(follower, look, desk)
        if not trouble.snacks:
            trouble.snacked = {tag for tag in trouble.snacked if tag in follower.session.open}
    elif look.opcode == at.OP_REJECT:
        _rejected(follower, look)
    else:
        task = look.task
        if (
            look.opcode in (at.OP_DATA_IN, at.OP_R2T, at.OP_SCSI_RESPONSE)
            and look.tag in trouble.snacked
            and look.whole
        ):
            if task is not None and task.kind == KIND_SCSI and task.request:
                _of_task(follower, look, desk, task)
        trouble.snacks = [snack for snack in trouble.snacks if not _answers(look, snack)]
    if not trouble.snacks and not trouble.snacked:
        calm(follower, SNACKS)


def lost(follower: Follower) -> None:
    """Bytes are missing: the answers may be among them."""
    trouble = of_connection_trouble(follower)
    trouble.snacks.clear()
    trouble.snacked.clear()
    calm(follower, SNACKS)


def _rejected(follower: Follower, look: Look) -> None:
    """A Reject, of a SNACK maybe."""
    quoted = look.data
    if len(quoted) < 48 or quoted[0] & at.OPCODE_MASK != at.OP_SNACK:
        return
    trouble = of_connection_trouble(follower)
    kind = quoted[1] & at.SNACK_TYPE_MASK
    tag, begin, run = (int.from_bytes(quoted[place : place + 4], "big") for place in (16, 40, 44))
    for snack in trouble.snacks:
        if (snack.kind, snack.tag, snack.begin, snack.run) == (kind, tag, begin, run):
            trouble.snacks.remove(snack)
            break
    task = follower.session.open.get(tag)
    if look.header[at.AT_REASON] == SNACK_REJECT and kind in (DATA, R_DATA) and task is not None and task.request:
        of_task_trouble(task).snack_rejected = look.number


def _answers(look: Look, snack: Snack) -> bool:
    """Whether a PDU of the target is, or may be, what a SNACK asks for."""
    if snack.kind == STATUS:
        number = word(look, at.AT_STAT_SN)
        carries = look.opcode not in (at.OP_R2T, at.OP_DATA_IN) or look.flags & at.STATUS_MASK
    else:
        number = word(look, at.AT_DATA_SN)
        carries = look.tag == snack.tag and look.opcode in (at.OP_DATA_IN, at.OP_R2T)
        if look.tag == snack.tag and look.opcode == at.OP_SCSI_RESPONSE and look.header[at.AT_STATUS] != GOOD:
            return True  # the command failed: nothing is sent again
    if not carries or not look.whole:
        return False
    if not snack.begin and not snack.run:
        return True  # it asks for all that there is
    return distance(number, snack.begin) >= 0 and (not snack.run or distance(number, snack.begin + snack.run) < 0)


def _of_task(follower: Follower, look: Look, desk: Desk, task: Task) -> None:
    """A PDU of the target for a task of which something was asked for again."""
    trouble = of_task_trouble(task)
    ends = look.opcode == at.OP_SCSI_RESPONSE or (look.opcode == at.OP_DATA_IN and look.flags & at.STATUS_MASK)
    if look.opcode == at.OP_DATA_IN and trouble.r_data and not trouble.r_data_begun and whole(follower, task):
        data_sn = word(look, at.AT_DATA_SN)
        if distance(data_sn, of_task(task).next_data_in_sn) < 0:
            trouble.r_data_begun = look.number
            rdata_datasn_start(follower, look, desk, trouble, data_sn)
    if not ends:
        return
    of_connection_trouble(follower).snacked.discard(look.tag)
    if look.opcode == at.OP_SCSI_RESPONSE and trouble.r_data_begun:
        rdata_tag_missing(follower, look, desk, trouble)
    response = look.header[2] if look.opcode == at.OP_SCSI_RESPONSE else 0
    if trouble.snack_rejected and response == 0 and look.header[at.AT_STATUS] == GOOD:
        snack_reject_no_check(follower, look, desk, trouble)


def _missed(follower: Follower, look: Look, desk: Desk) -> None:
    """The initiator goes on: which of its SNACKs should have been answered by now?"""
    trouble = of_connection_trouble(follower)
    rows = follower.connection.rows
    for snack in list(trouble.snacks):
        waited = look.ts - rows.time_last(snack.number)
        if waited < PATIENCE_NS:
            return
        trouble.snacks.remove(snack)
        session = follower.session
        aborted = session.past_request(snack.tag) != session.finished_request(snack.tag)
        if not entire(follower) or not reached(follower, False) or (snack.kind != STATUS and aborted):
            continue
        if snack.wrong:
            snack_bad_range_not_rejected(follower, look, desk, snack, waited)
        else:
            snack_unanswered(follower, look, desk, snack, waited)


def _facts(snack: Snack, waited: int) -> dict[str, object]:
    return {"name": NAMES[snack.kind], "begin": snack.begin, "seconds": waited // SECOND}


def snack_unanswered(follower: Follower, look: Look, desk: Desk, snack: Snack, waited: int) -> None:
    """A target does nothing about a SNACK.

    ## What it means
    The initiator asked for PDUs that it misses. The target has to send them again, or reject the SNACK. In ten seconds
    it did neither, while the connection went on.

    ## Why it matters
    The command hangs until its time-out, and the recovery that both had agreed on gains nothing.

    ## Example
        talk = Talk(error_recovery_level=1).open()
        task = talk.command(read=8192)
        talk.data_in(task, 4096)
        talk.data_in(task, 4096)
        talk.snack(0, task=task, begin=0, run=1)
        talk.ping()
        talk.wait(20)
        talk.ping()

    ## When it is silent
    When anything of the connection is missing; when the initiator sends nothing more; when the command was aborted, or
    failed.

    ## Reference
    RFC 7143 sections 7.8 and 11.16
    """
    desk.report("snack-unanswered", TARGET, follower, look, _facts(snack, waited), snack.number)


def snack_bad_range_not_rejected(follower: Follower, look: Look, desk: Desk, snack: Snack, waited: int) -> None:
    """A target does not reject a SNACK that cannot be answered.

    ## What it means
    The initiator asked for PDUs that were not sent yet, or that it had acknowledged. The target has to reject that as a
    protocol error. It ignored it.

    ## Why it matters
    The initiator waits for what never comes, and only its time-out ends the command.

    ## Example
        talk = Talk(error_recovery_level=1).open()
        task = talk.command(read=8192)
        talk.data_in(task, 4096)
        talk.snack(0, task=task, begin=7, run=1)
        talk.ping()
        talk.wait(20)
        talk.ping()

    ## When it is silent
    As `snack-unanswered`.

    ## Reference
    RFC 7143 section 11.16
    """
    desk.report("snack-bad-range-not-rejected", TARGET, follower, look, _facts(snack, waited), snack.number)


def snack_reject_no_check(follower: Follower, look: Look, desk: Desk, trouble: TaskTrouble) -> None:
    """A command ends with GOOD although its data could not be sent again.

    ## What it means
    The target rejected a SNACK for data of the command (reason 3), so the initiator does not get that data. The target
    then ends the command with CHECK CONDITION (ABORTED COMMAND). Here it ended with GOOD.

    ## Why it matters
    An initiator that believes the status takes an incomplete buffer for the data of the disk.

    ## Example
        talk = Talk(error_recovery_level=1).open()
        task = talk.command(read=8192)
        talk.data_in(task, 4096)
        talk.reject(talk.snack(0, task=task, begin=0, run=1), reason=3)
        talk.data_in(task, 4096)
        talk.response(task)

    ## When it is silent
    When the capture lacks the Reject or its data, and when the status was sent before the Reject.

    ## Reference
    RFC 7143 section 7.8
    """
    desk.report("snack-reject-no-check", TARGET, follower, look, {}, trouble.snack_rejected)


def rdata_tag_missing(follower: Follower, look: Look, desk: Desk, trouble: TaskTrouble) -> None:
    """The response does not tell that the data was sent anew.

    ## What it means
    After an R-Data SNACK the SCSI Response repeats its SNACK Tag. The target has sent the data again, but its response
    has another tag.

    ## Why it matters
    The initiator takes the response for an earlier one, to the data as it was cut before, and waits for another.

    ## Example
        talk = Talk(error_recovery_level=1).open()
        task = talk.command(read=8192)
        talk.data_in(task, 4096)
        talk.snack(3, task=task, target_transfer_tag=5)
        for place in (0, 2048, 4096, 6144):
            talk.data_in(task, 2048, offset=place, data_sn=place // 2048)
        talk.response(task, exp_data_sn=4)

    ## When it is silent
    When the capture lacks the SNACK, or anything of the task; as long as no data was sent again, as the response may
    have crossed the SNACK.

    ## Reference
    RFC 7143 sections 11.16.3 and 11.16.5
    """
    if look.second != trouble.r_data_tag:
        facts: dict[str, object] = {"wanted": trouble.r_data_tag, "snack_tag": look.second}
        desk.report("rdata-tag-missing", TARGET, follower, look, facts, trouble.r_data)


def rdata_datasn_start(follower: Follower, look: Look, desk: Desk, trouble: TaskTrouble, data_sn: int) -> None:
    """Data that is cut anew does not begin where it should.

    ## What it means
    An R-Data SNACK asks for all data that is not acknowledged. The target sends it with numbers from the last DataACK
    on, or from 0. The data began with another number.

    ## Why it matters
    A part of the data is missing, or the initiator believes so, and asks again and again.

    ## Example
        talk = Talk(error_recovery_level=1).open()
        task = talk.command(read=16384)
        for _ in range(3):
            talk.data_in(task, 4096)
        talk.snack(3, task=task, target_transfer_tag=5)
        talk.data_in(task, 8192, offset=4096, data_sn=1)
        talk.data_in(task, 4096, offset=12288, data_sn=2)
        talk.response(task, snack_tag=5, exp_data_sn=3)

    ## When it is silent
    When the capture lacks anything of the task.

    ## Reference
    RFC 7143 section 11.16.3
    """
    if data_sn != trouble.acknowledged:
        facts: dict[str, object] = {"data_sn": data_sn, "acknowledged": trouble.acknowledged}
        desk.report("rdata-datasn-start", TARGET, follower, look, facts, trouble.r_data)
