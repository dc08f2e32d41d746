"""Rules on Data-Out PDUs: which command and which R2T they belong to (RFC 7143 sections 11.7.4, 11.7.6 and 11.8).

Compiled. Finds the burst of each Data-Out; what is inside a burst is judged in `solicited` and `unsolicited`.
"""

from __future__ import annotations

from typing import Final

from librt.strings import read_i64_be
from mypy_extensions import i64

from iscsi_analyzer.model.following import Follower
from iscsi_analyzer.model.task import KIND_SCSI, Task
from iscsi_analyzer.model.watch import Look
from iscsi_analyzer.rules import data_out_fields, solicited, unsolicited
from iscsi_analyzer.rules.blame import initiator_broke, judged
from iscsi_analyzer.rules.desk import INITIATOR, Desk
from iscsi_analyzer.rules.notes import Burst, TaskNotes, of_task
from iscsi_analyzer.rules.rule import ERROR, WARNING, Rule

W: Final = 0x20
NONE: Final = 0xFFFFFFFF
_M32: Final = 0xFFFFFFFF
MAX_SEARCHED: Final = 256
"Open tasks among which the owner of an unknown Target Transfer Tag is looked for."

_TASK: Final = "the whole task"

RULES = (
    Rule(
        "dataout-for-nonwrite",
        ERROR,
        INITIATOR,
        "RFC 7143 section 11.3.1",
        "Data-Out for a command that does not write (W=0)",
        _TASK,
        occasion="iscsi.opcode == data_out",
    ),
    Rule(
        "dataout-beyond-edtl",
        WARNING,
        INITIATOR,
        "RFC 7143 section 11.7.6",
        "Data-Out reaches to byte {end} of an expected {expected}",
        _TASK,
        occasion="iscsi.opcode == data_out",
    ),
    Rule(
        "dataout-lun-mismatch",
        ERROR,
        INITIATOR,
        "RFC 7143 section 11.7.4",
        "Data-Out is for LUN 0x{lun:016x}, its command is for 0x{expected:016x}",
        _TASK,
        occasion="iscsi.opcode == data_out",
    ),
    Rule(
        "dataout-ttt-unknown",
        ERROR,
        INITIATOR,
        "RFC 7143 sections 11.7.4 and 11.8",
        "Data-Out has Target Transfer Tag 0x{ttt:08x}, which no R2T of its task gave",
        _TASK,
        occasion="iscsi.opcode == data_out && iscsi.targettransfertag != 0xffffffff",
    ),
    Rule(
        "dataout-itt-mismatch",
        ERROR,
        INITIATOR,
        "RFC 7143 sections 11.7.4 and 4.2.5.3",
        "Data-Out of task 0x{tag:08x} has Target Transfer Tag 0x{ttt:08x}, which an R2T gave to task 0x{other:08x}",
        _TASK,
        occasion="iscsi.opcode == data_out && iscsi.targettransfertag != 0xffffffff",
    ),
    Rule(
        "dataout-after-final",
        ERROR,
        INITIATOR,
        "RFC 7143 section 11.7.1",
        "Data-Out with Target Transfer Tag 0x{ttt:08x}, whose sequence ended before (F=1)",
        _TASK,
        occasion="iscsi.opcode == data_out && iscsi.targettransfertag != 0xffffffff",
    ),
    Rule(
        "dataout-r2t-order",
        ERROR,
        INITIATOR,
        "RFC 7143 section 11.8",
        "R2T 0x{ttt:08x} is answered before the earlier 0x{earlier:08x} is fulfilled",
        _TASK,
        occasion=(
            "iscsi.opcode == data_out && iscsi.targettransfertag != 0xffffffff "
            "&& iscsi.connection.max_outstanding_r2t > 1"
        ),
    ),
)


def see(follower: Follower, look: Look, desk: Desk) -> None:
    """Runs the rules on a Data-Out."""
    task = look.task
    if task is None:
        if look.late and look.whole:
            data_out_fields.dataout_after_status(follower, look, desk)
        return
    if task.request == 0 or task.kind != KIND_SCSI or not look.whole:
        return
    if not task.flags & W:
        dataout_for_nonwrite(follower, look, task, desk)
        return
    offset = (read_i64_be(look.header, 40) >> 32) & _M32
    tag = look.second
    notes = of_task(task)
    lun = read_i64_be(look.header, 8)
    if tag == NONE:
        if lun != 0 and lun != task.lun:
            data_out_fields.dataout_lun_reserved(follower, look, task, desk)
        if offset + look.data_length > task.length:
            dataout_beyond_edtl(follower, look, task, offset + look.data_length, desk)
        if notes.unsolicited_over:
            dataout_after_final(follower, look, task, desk)
        else:
            unsolicited.data_out(follower, look, task, notes, offset, desk)
        return
    if lun != task.lun:
        dataout_lun_mismatch(follower, look, task, desk)
    burst = notes.burst(tag)
    if burst is None:
        _without_burst(follower, look, task, notes, desk)
    else:
        if burst is not notes.bursts[0]:
            _out_of_turn(follower, look, task, notes, burst, desk)
        solicited.data_out(follower, look, task, notes, burst, offset, desk)
    notes.solicited += look.data_length


def _without_burst(follower: Follower, look: Look, task: Task, notes: TaskNotes, desk: Desk) -> None:
    """No R2T of the task that is not answered yet has the tag."""
    closed = notes.closed
    if closed is not None and look.second in closed:
        dataout_after_final(follower, look, task, desk)
        return
    if not judged(follower, task):
        return
    left: i64 = MAX_SEARCHED
    for other in follower.session.open.values():
        left -= 1
        if left < 0:
            break
        remembered = other.notes
        if isinstance(remembered, TaskNotes) and remembered.burst(look.second) is not None:
            dataout_itt_mismatch(follower, look, task, other, desk)
            return
    dataout_ttt_unknown(follower, look, task, desk)


def _out_of_turn(follower: Follower, look: Look, task: Task, notes: TaskNotes, burst: Burst, desk: Desk) -> None:
    """There are R2Ts before the one that is being answered."""
    solicited.never_ended(follower, task, notes, burst, desk)
    earlier = notes.bursts[0]
    if earlier is not burst and burst.sent == 0:
        dataout_r2t_order(follower, look, task, earlier, desk)


def dataout_for_nonwrite(follower: Follower, look: Look, task: Task, desk: Desk) -> None:
    """Write data comes for a command that does not write.

    ## What it means
    Data-Out belongs to commands with W=1; this command has W=0.

    ## Why it matters
    The target has no buffer for it; it rejects the PDU or drops the connection.

    ## Example
        talk.open()
        read = talk.command(read=4096)
        talk.data_out(read, 512, final=True)
        talk.serve(read)

    ## When it is silent
    When the command is not in the capture.

    ## Reference
    RFC 7143 section 11.3.1
    """
    initiator_broke("dataout-for-nonwrite", follower, look, task, desk, {})


def dataout_beyond_edtl(follower: Follower, look: Look, task: Task, end: i64, desk: Desk) -> None:
    """Unsolicited data goes beyond the end of what was expected.

    ## What it means
    Buffer Offset and length of the Data-Out together exceed the expected data transfer length of the command.

    ## Why it matters
    The target's buffer ends there: the command fails, or the connection is dropped.

    ## Example
        talk.open(offer={"InitialR2T": "No"}, answer={"InitialR2T": "No"})
        write = talk.command(write=4096, final=False)
        talk.data_out(write, 4608, final=True)
        talk.response(write)

    ## When it is silent
    When the task is not whole in the capture, and for data that an R2T asked for: that has its own bounds.

    ## Reference
    RFC 7143 section 11.7.6
    """
    initiator_broke("dataout-beyond-edtl", follower, look, task, desk, {"end": end, "expected": task.length})


def dataout_lun_mismatch(follower: Follower, look: Look, task: Task, desk: Desk) -> None:
    """Write data names another logical unit than its command.

    ## What it means
    A Data-Out that answers an R2T repeats the LUN of the command. This one has another.

    ## Why it matters
    Targets that find the buffer by the LUN put the data elsewhere, or reject it.

    ## Example
        talk.open()
        write = talk.command(write=4096, lun=1)
        talk.r2t(write)
        talk.data_out(write, 4096, lun=0)
        talk.response(write)

    ## When it is silent
    When the command is not in the capture, and for unsolicited data, whose LUN is reserved.

    ## Reference
    RFC 7143 section 11.7.4
    """
    lun = read_i64_be(look.header, 8)
    # As Python numbers, so that the highest bit is no sign.
    facts: dict[str, object] = {"lun": int(lun) & (2**64 - 1), "expected": int(task.lun) & (2**64 - 1)}
    initiator_broke("dataout-lun-mismatch", follower, look, task, desk, facts)


def dataout_ttt_unknown(follower: Follower, look: Look, task: Task, desk: Desk) -> None:
    """Write data answers an R2T that was never sent.

    ## What it means
    A solicited Data-Out repeats the Target Transfer Tag of an R2T. No R2T had this tag.

    ## Why it matters
    The target cannot find the buffer; it rejects the data or drops the connection.

    ## Example
        talk.open()
        write = talk.command(write=4096)
        talk.r2t(write)
        talk.data_out(write, 4096, target_transfer_tag=9)

    ## When it is silent
    When the task is not whole in the capture, or the initiator has heard more than was captured.

    ## Reference
    RFC 7143 sections 11.7.4 and 11.8
    """
    initiator_broke("dataout-ttt-unknown", follower, look, task, desk, {"ttt": look.second})


def dataout_itt_mismatch(follower: Follower, look: Look, task: Task, other: Task, desk: Desk) -> None:
    """Write data names one task, and the R2T of another.

    ## What it means
    The Initiator Task Tag and the Target Transfer Tag of a Data-Out belong to the same R2T. This transfer tag was
    given for another task.

    ## Why it matters
    The data may be written for the wrong command.

    ## Example
        talk.open()
        first = talk.command(write=4096)
        second = talk.command(write=4096)
        burst = talk.r2t(first)
        talk.data_out(second, 4096, burst=burst)

    ## When it is silent
    When the task is not whole in the capture, or the initiator has heard more than was captured.

    ## Reference
    RFC 7143 sections 11.7.4 and 4.2.5.3
    """
    facts: dict[str, object] = {"tag": look.tag, "ttt": look.second, "other": other.tag}
    initiator_broke("dataout-itt-mismatch", follower, look, task, desk, facts, other.last_r2t)


def dataout_after_final(follower: Follower, look: Look, task: Task, desk: Desk) -> None:
    """More data follows for a sequence that was ended.

    ## What it means
    F=1 marks the last Data-Out of a sequence. Another one came for the same R2T, or for the unsolicited burst.

    ## Why it matters
    The target has closed the buffer: the data is lost, or the connection is dropped.

    ## Example
        talk.open()
        write = talk.command(write=8192)
        talk.r2t(write)
        talk.data_out(write, 8192)
        talk.data_out(write, 512, offset=0, final=True, data_sn=1)

    ## When it is silent
    When the task is not whole in the capture.

    ## Reference
    RFC 7143 section 11.7.1
    """
    initiator_broke("dataout-after-final", follower, look, task, desk, {"ttt": look.second})


def dataout_r2t_order(follower: Follower, look: Look, task: Task, earlier: Burst, desk: Desk) -> None:
    """R2Ts are answered in another order than they came.

    ## What it means
    The R2Ts of a task are fulfilled in the order in which they were received, one after the other.

    ## Why it matters
    Targets that rely on the order write data to the wrong place or wait for ever.

    ## Example
        talk.open(offer={"MaxOutstandingR2T": "2"}, answer={"MaxOutstandingR2T": "2"})
        write = talk.command(write=8192)
        first = talk.r2t(write, 4096)
        second = talk.r2t(write, 4096)
        talk.data_out(write, 4096, burst=second)
        talk.data_out(write, 4096, burst=first)

    ## When it is silent
    When the task is not whole in the capture.

    ## Reference
    RFC 7143 section 11.8
    """
    facts: dict[str, object] = {"ttt": look.second, "earlier": earlier.tag}
    initiator_broke("dataout-r2t-order", follower, look, task, desk, facts, earlier.pdu)
