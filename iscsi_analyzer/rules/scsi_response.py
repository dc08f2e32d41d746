"""Rules on the SCSI Response PDU: response and status codes, flags, and when it may be sent (RFC 7143 section 11.4).

Compiled. What it says of lengths is judged in `residuals`, its sense data in `sense_data`.
"""

from __future__ import annotations

from typing import Final

from librt.strings import read_i64_be
from mypy_extensions import i64

from iscsi_analyzer.model.following import Follower
from iscsi_analyzer.model.task import Task
from iscsi_analyzer.model.watch import Look
from iscsi_analyzer.rules import data_in, immediate, residuals, sense_data, solicited, unsolicited
from iscsi_analyzer.rules.blame import target_broke, target_went_on
from iscsi_analyzer.rules.desk import TARGET, Desk
from iscsi_analyzer.rules.notes import TaskNotes
from iscsi_analyzer.rules.rule import ERROR, WARNING, Rule

RW: Final = 0x60
W: Final = 0x20
F: Final = 0x80
OVER_UNDER: Final = 0x06
BIDI_OVER_UNDER: Final = 0x18
COMPLETED: Final = 0
VENDOR: Final = 0x80
"Response codes from here on belong to vendors."
GOOD: Final = 0x00
CHECK_CONDITION: Final = 0x02
STATUSES: Final = (0x00, 0x02, 0x04, 0x08, 0x10, 0x14, 0x18, 0x22, 0x28, 0x30, 0x40)

_TASK: Final = "the whole task"

RULES = (
    Rule(
        "rsp-response-reserved",
        ERROR,
        TARGET,
        "RFC 7143 section 11.4.3",
        "SCSI Response has the reserved response code 0x{response:02x}",
        occasion="iscsi.opcode == scsi_response",
    ),
    Rule(
        "rsp-flags-exclusive",
        ERROR,
        TARGET,
        "RFC 7143 section 11.4.1",
        "SCSI Response tells of overflow and underflow at once (flags 0x{flags:02x})",
        occasion="iscsi.opcode == scsi_response",
    ),
    Rule(
        "rsp-flags-on-failure",
        ERROR,
        TARGET,
        "RFC 7143 section 11.4.1",
        "SCSI Response has residual flags 0x{flags:02x} with response code 0x{response:02x}, not completed",
        occasion="iscsi.scsiresponse.response != 0",
    ),
    Rule(
        "rsp-bidi-flags-unidir",
        WARNING,
        TARGET,
        "RFC 7143 section 11.4.1",
        "SCSI Response has the flags of a bidirectional read (0x{flags:02x}) for a command that is none",
        _TASK,
        occasion="iscsi.opcode == scsi_response",
    ),
    Rule(
        "rsp-status-invalid",
        ERROR,
        TARGET,
        "RFC 7143 section 11.4.2, SAM",
        "SCSI Response has status 0x{status:02x}, which does not exist",
        occasion="iscsi.opcode == scsi_response",
    ),
    Rule(
        "rsp-status-qualifier-without-level2",
        ERROR,
        TARGET,
        "RFC 7144 section 5.2.1",
        "SCSI Response has status qualifier 0x{qualifier:04x} at iSCSIProtocolLevel {level}",
        "the result of the login",
        occasion="iscsi.opcode == scsi_response && iscsi.connection.protocol_level < 2",
    ),
    Rule(
        "rsp-snack-tag-nonzero",
        WARNING,
        TARGET,
        "RFC 7143 section 11.4.4",
        "SCSI Response has SNACK Tag 0x{snack_tag:08x} although no R-Data SNACK was sent",
        _TASK,
        occasion="iscsi.opcode == scsi_response",
    ),
    Rule(
        "rsp-before-final-data",
        ERROR,
        TARGET,
        "RFC 7143 sections 11.4.2, 7.8 and 11.17.1",
        "SCSI Response with status 0x{status:02x} came while {missing} bytes of write data were still to come",
        _TASK,
        occasion="iscsi.opcode == scsi_response && iscsi.task.write",
    ),
    Rule(
        "rsp-duplicate",
        ERROR,
        TARGET,
        "RFC 7143 sections 4.2.5.1 and 11.4.9",
        "Task 0x{tag:08x} was answered before and gets another SCSI Response",
        "everything since the command",
        occasion="iscsi.opcode == scsi_response",
    ),
)


def see(follower: Follower, look: Look, desk: Desk) -> None:
    """Runs the rules of this topic on a SCSI Response."""
    flags = look.flags
    header = look.header
    response: i64 = header[2]
    status: i64 = header[3]
    if flags & OVER_UNDER == OVER_UNDER or flags & BIDI_OVER_UNDER == BIDI_OVER_UNDER:
        rsp_flags_exclusive(follower, look, desk)
    if response == COMPLETED:
        if status != GOOD and status not in STATUSES:
            rsp_status_invalid(follower, look, desk)
        if look.data_length or status == CHECK_CONDITION:
            sense_data.see(follower, look, desk)
    else:
        if response > 1 and response < VENDOR:
            rsp_response_reserved(follower, look, desk)
        if flags & (OVER_UNDER | BIDI_OVER_UNDER):
            rsp_flags_on_failure(follower, look, desk)
    if header[8] | header[9]:
        rsp_status_qualifier_without_level2(follower, look, desk)
    task = look.task
    if task is None:
        if look.late:
            rsp_duplicate(follower, look, desk)
        return
    if task.request == 0:
        return
    if look.second:
        rsp_snack_tag_nonzero(follower, look, task, desk)
    if flags & BIDI_OVER_UNDER and task.flags & RW != RW:
        rsp_bidi_flags_unidir(follower, look, task, desk)
    if response == COMPLETED:
        if task.flags & W:
            rsp_before_final_data(follower, look, task, desk)
            solicited.answered(follower, task, desk)
            if status == GOOD:
                immediate.accepted(follower, look, task, desk)
        elif status == GOOD:
            data_in.answered(follower, look, task, desk)
        residuals.see(follower, look, task, status, task.data_in, desk)


def rsp_response_reserved(follower: Follower, look: Look, desk: Desk) -> None:
    """A SCSI Response has a response code that means nothing.

    ## What it means
    The response code tells whether the command reached its end: 0 (completed at target) or 1 (target failure). Codes
    from 0x80 on belong to vendors, those between are reserved.

    ## Why it matters
    The initiator has to take it for a failure without knowing of what.

    ## Example
        talk.open()
        talk.response(talk.command(), response=2)

    ## When it is silent
    Never: the PDU alone shows it.

    ## Reference
    RFC 7143 section 11.4.3
    """
    response: i64 = look.header[2]
    desk.report("rsp-response-reserved", TARGET, follower, look, {"response": response})


def rsp_flags_exclusive(follower: Follower, look: Look, desk: Desk) -> None:
    """A response says that there was too much data and too little.

    ## What it means
    O and U, and for the read part of a bidirectional command o and u, exclude each other. RFC 7143 calls both together
    a protocol error.

    ## Why it matters
    The residual count can be read either way: how much data is valid is not known.

    ## Example
        talk.open()
        read = talk.command(read=4096)
        talk.data_in(read, 4096)
        talk.response(read, flags=0x86, residual_count=512)

    ## When it is silent
    Never: the PDU alone shows it.

    ## Reference
    RFC 7143 section 11.4.1
    """
    desk.report("rsp-flags-exclusive", TARGET, follower, look, {"flags": look.flags})


def rsp_flags_on_failure(follower: Follower, look: Look, desk: Desk) -> None:
    """A response that reports a failure has residual flags.

    ## What it means
    Only a command that was completed at the target has residuals. With any other response code the flags have to be 0.

    ## Why it matters
    An initiator that looks at the flags first takes a failed command for a short one.

    ## Example
        talk.open()
        read = talk.command(read=4096)
        talk.response(read, response=1, underflow=4096)

    ## When it is silent
    Never: the PDU alone shows it.

    ## Reference
    RFC 7143 section 11.4.1
    """
    response: i64 = look.header[2]
    facts: dict[str, object] = {"flags": look.flags & (OVER_UNDER | BIDI_OVER_UNDER), "response": response}
    desk.report("rsp-flags-on-failure", TARGET, follower, look, facts)


def rsp_bidi_flags_unidir(follower: Follower, look: Look, task: Task, desk: Desk) -> None:
    """A response has flags that only bidirectional commands have.

    ## What it means
    o and u are about the read part of a command with R and W both set; other commands report with O and U.

    ## Why it matters
    The initiator looks for the residual of this command in O and U and finds none.

    ## Example
        talk.open()
        read = talk.command(read=4096)
        talk.data_in(read, 4096)
        talk.response(read, flags=0x88, bidirectional_read_residual_count=512)

    ## When it is silent
    When the command is not in the capture.

    ## Reference
    RFC 7143 section 11.4.1
    """
    facts: dict[str, object] = {"flags": look.flags & BIDI_OVER_UNDER}
    target_broke("rsp-bidi-flags-unidir", follower, look, task, desk, facts)


def rsp_status_invalid(follower: Follower, look: Look, desk: Desk) -> None:
    """A SCSI Response has a status that the SCSI architecture does not know.

    ## What it means
    The status byte of a completed command is one of the codes of SAM, such as GOOD, CHECK CONDITION or BUSY.

    ## Why it matters
    The initiator cannot tell whether the command succeeded.

    ## Example
        talk.open()
        talk.test_unit_ready(status=0x05)

    ## When it is silent
    When the response code is not 0: the status means nothing then.

    ## Reference
    RFC 7143 section 11.4.2; SAM
    """
    status: i64 = look.header[3]
    desk.report("rsp-status-invalid", TARGET, follower, look, {"status": status})


def rsp_status_qualifier_without_level2(follower: Follower, look: Look, desk: Desk) -> None:
    """A response has a status qualifier although the session does not know any.

    ## What it means
    The two bytes of the status qualifier came with RFC 7144. Before iSCSIProtocolLevel 2 is negotiated they are
    reserved.

    ## Why it matters
    The initiator ignores the qualifier, so the retry delay that it may ask for is not kept.

    ## Example
        talk.open()
        talk.response(talk.command(), 8, status_qualifier=0x4001)

    ## When it is silent
    Unless it is known what the login negotiated, and when the target repeats the LUN of the command there.

    ## Reference
    RFC 7144 section 5.2.1
    """
    level = follower.limits.protocol_level
    task = look.task
    if task is not None and read_i64_be(look.header, 8) == task.lun:
        return
    if level >= 0 and level < 2:
        high: i64 = look.header[8]
        low: i64 = look.header[9]
        facts: dict[str, object] = {"qualifier": high << 8 | low, "level": level}
        desk.report("rsp-status-qualifier-without-level2", TARGET, follower, look, facts)


def rsp_snack_tag_nonzero(follower: Follower, look: Look, task: Task, desk: Desk) -> None:
    """A response has a SNACK Tag although nobody asked for data again.

    ## What it means
    The field repeats the tag of an R-Data SNACK of this task, if one was accepted; otherwise it is 0.

    ## Why it matters
    An initiator that checks the tag drops the response and waits for another.

    ## Example
        talk.open()
        talk.response(talk.command(), snack_tag=7)

    ## When it is silent
    When the task is not whole in the capture, after a SNACK, and for 0xffffffff, which some targets send.

    ## Reference
    RFC 7143 section 11.4.4
    """
    if look.second != 0xFFFFFFFF:
        target_broke("rsp-snack-tag-nonzero", follower, look, task, desk, {"snack_tag": look.second})


def rsp_before_final_data(follower: Follower, look: Look, task: Task, desk: Desk) -> None:
    """A target ended a write while it still had data to come.

    ## What it means
    A sequence of Data-Out PDUs was announced by the command (F=0) or asked for by an R2T, and its last PDU (F=1) had
    not been acknowledged when the response was sent. Also for errors the target has to wait for that PDU.

    ## Why it matters
    Data of the finished task arrives afterwards. If the tag is used again by then, it is taken for data of another
    command.

    ## Example
        talk.open()
        write = talk.command(write=65536)
        talk.r2t(write)
        talk.data_out(write, 4096)
        talk.response(write, 2, sense=bytes((0x70, 0, 3, 0, 0, 0, 0, 10)) + bytes(10))

    ## When it is silent
    When the task is not whole in the capture, after task management, and for other statuses than GOOD and CHECK
    CONDITION.

    ## Reference
    RFC 7143 sections 11.4.2, 7.8 and 11.17.1
    """
    status: i64 = look.header[3]
    if status != GOOD and status != CHECK_CONDITION:
        return
    missing = unsolicited.missing(follower, task)
    notes = task.notes
    if isinstance(notes, TaskNotes):
        missing += notes.missing()
    if missing:
        facts: dict[str, object] = {"status": status, "missing": missing}
        target_broke("rsp-before-final-data", follower, look, task, desk, facts)


def rsp_duplicate(follower: Follower, look: Look, desk: Desk) -> None:
    """A task is answered a second time.

    ## What it means
    The task had got its status, and no new command has taken its tag since.

    ## Why it matters
    The initiator has no task with that tag any more; it drops the connection or takes the response for another task's.

    ## Example
        talk.open()
        task = talk.test_unit_ready()
        talk.response(task)

    ## When it is silent
    After losses, task management or a SNACK (a response may be sent again on demand), and in sessions with several
    connections.

    ## Reference
    RFC 7143 sections 4.2.5.1 and 11.4.9
    """
    target_went_on("rsp-duplicate", follower, look, desk)
