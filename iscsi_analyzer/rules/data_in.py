"""Rules on Data-In PDUs: who gets them, their flags, and where their data goes (RFC 7143 section 11.7).

Compiled, and on the path of every read: a read that is answered by one PDU is judged without remembering anything.
"""

from __future__ import annotations

from typing import Final

from librt.strings import read_i64_be
from mypy_extensions import i64

from iscsi_analyzer.model.following import Follower
from iscsi_analyzer.model.task import Task
from iscsi_analyzer.model.watch import Look
from iscsi_analyzer.rules import data_in_order, residuals
from iscsi_analyzer.rules.blame import target_broke, target_went_on
from iscsi_analyzer.rules.desk import TARGET, Desk
from iscsi_analyzer.rules.notes import TaskNotes
from iscsi_analyzer.rules.rule import ERROR, WARNING, Rule

F: Final = 0x80
A: Final = 0x40
S: Final = 0x01
RW: Final = 0x60
R: Final = 0x40
NONE: Final = 0xFFFFFFFF
_M32: Final = 0xFFFFFFFF

_TASK: Final = "the whole task"

RULES = (
    Rule(
        "datain-s-without-f",
        ERROR,
        TARGET,
        "RFC 7143 section 11.7.3",
        "Data-In carries status (S=1) but is not the last of its sequence (F=0)",
        occasion="iscsi.scsidata.S == 1",
    ),
    Rule(
        "datain-s-bad-status",
        ERROR,
        TARGET,
        "RFC 7143 section 11.7.3",
        "Data-In carries status 0x{status:02x}, which needs a SCSI Response",
        occasion="iscsi.scsidata.S == 1",
    ),
    Rule(
        "datain-s-on-bidi",
        ERROR,
        TARGET,
        "RFC 7143 section 11.7.3",
        "Data-In carries the status of a bidirectional command",
        _TASK,
        occasion="iscsi.opcode == scsi_command && iscsi.scsicommand.R == 1 && iscsi.scsicommand.W == 1",
    ),
    Rule(
        "datain-after-status",
        ERROR,
        TARGET,
        "RFC 7143 sections 11.7.3 and 4.6.1.5",
        "Data-In for task 0x{tag:08x}, which has its status already",
        "everything since the command",
        occasion="iscsi.opcode == data_in",
    ),
    Rule(
        "datain-for-nonread",
        ERROR,
        TARGET,
        "RFC 7143 section 11.3.1",
        "Data-In for a command that does not read (R=0)",
        _TASK,
        occasion="iscsi.opcode == data_in",
    ),
    Rule(
        "datain-a-at-erl0",
        ERROR,
        TARGET,
        "RFC 7143 section 11.7.2",
        "Data-In asks for an acknowledgement (A=1) at ErrorRecoveryLevel 0",
        "the result of the login",
        occasion="iscsi.opcode == data_in && iscsi.connection.error_recovery_level == 0",
    ),
    Rule(
        "datain-a-without-ttt",
        ERROR,
        TARGET,
        "RFC 7143 section 11.7.4",
        "Data-In asks for an acknowledgement (A=1) but has no Target Transfer Tag",
        occasion="iscsi.scsidata.A == 1",
    ),
    Rule(
        "datain-f-missing",
        ERROR,
        TARGET,
        "RFC 7143 section 11.7.1",
        "GOOD ends a read whose last Data-In says that more follow (F=0)",
        _TASK,
        occasion="iscsi.task.read && iscsi.scsiresponse.status == good",
    ),
    Rule(
        "datain-beyond-edtl",
        WARNING,
        TARGET,
        "RFC 7143 section 11.7.6",
        "Data-In reaches to byte {end} of an expected {expected}",
        _TASK,
        occasion="iscsi.opcode == data_in",
    ),
)


def see(follower: Follower, look: Look, desk: Desk) -> None:
    """Runs the rules of this topic on a Data-In."""
    flags = look.flags
    header = look.header
    status: i64 = 0
    if flags & (A | S):
        if flags & S:
            status = header[3]
            if not flags & F:
                datain_s_without_f(follower, look, desk)
            if status and status != 0x04 and status != 0x10 and status != 0x14:
                datain_s_bad_status(follower, look, desk)
        if flags & A:
            if look.second == NONE:
                datain_a_without_ttt(follower, look, desk)
            if follower.limits.error_recovery_level == 0:
                datain_a_at_erl0(follower, look, desk)
    task = look.task
    if task is None:
        if look.late:
            datain_after_status(follower, look, desk)
        return
    if task.request == 0 or not look.whole:
        return
    if task.flags & RW != R:
        if not task.flags & R:
            datain_for_nonread(follower, look, task, desk)
        elif flags & S:
            datain_s_on_bidi(follower, look, task, desk)
        return
    offset = (read_i64_be(header, 40) >> 32) & _M32
    length = look.data_length
    before = task.data_in
    if offset + length > task.length:
        datain_beyond_edtl(follower, look, task, offset + length, desk)
    most = follower.limits.max_burst
    if before or offset or not flags & F or 0 <= most < length:
        data_in_order.see(follower, look, task, offset, desk)
    if flags & S:
        residuals.see(follower, look, task, status, before + length, desk)


def answered(follower: Follower, look: Look, task: Task, desk: Desk) -> None:
    """A read ends with GOOD in a SCSI Response."""
    notes = task.notes
    if isinstance(notes, TaskNotes) and notes.data_in_open and task.flags & RW == R:
        datain_f_missing(follower, look, task, desk)


def datain_s_without_f(follower: Follower, look: Look, desk: Desk) -> None:
    """A Data-In carries the status of its command but is not marked as the last.

    ## What it means
    S=1 says that status comes with this PDU, so nothing follows and F has to be 1.

    ## Why it matters
    The initiator may wait for the end of the sequence although the command is over.

    ## Example
        talk.open()
        read = talk.command(read=4096)
        talk.data_in(read, 4096, status=0, final=False)

    ## When it is silent
    Never: the PDU alone shows it.

    ## Reference
    RFC 7143 section 11.7.3
    """
    desk.report("datain-s-without-f", TARGET, follower, look, {})


def datain_s_bad_status(follower: Follower, look: Look, desk: Desk) -> None:
    """A Data-In carries the status of a command that failed.

    ## What it means
    Only GOOD, CONDITION MET and the INTERMEDIATE statuses may travel in a Data-In. Any other needs a SCSI Response,
    which has room for sense data.

    ## Why it matters
    The initiator gets an error without a reason, or overlooks it.

    ## Example
        talk.open()
        read = talk.command(read=4096)
        talk.data_in(read, 4096, status=2)

    ## When it is silent
    Never: the PDU alone shows it.

    ## Reference
    RFC 7143 section 11.7.3
    """
    status: i64 = look.header[3]
    desk.report("datain-s-bad-status", TARGET, follower, look, {"status": status})


def datain_s_on_bidi(follower: Follower, look: Look, task: Task, desk: Desk) -> None:
    """A Data-In carries the status of a bidirectional command.

    ## What it means
    Commands with R and W both set get their status in a SCSI Response, which has both residual counts.

    ## Why it matters
    The end of the write part is not known, nor is its residual.

    ## Example
        talk.open()
        length = bytes((0, 5, 2, 0, 0, 0, 2, 0))
        cdb = bytes((0x53, 0, 0, 0, 0, 0, 0, 0, 1, 0))
        both = talk.command(cdb, write=512, flags=0xE1, data=bytes(512), ahs=length)
        talk.data_in(both, 512, status=0)

    ## When it is silent
    When the command is not in the capture.

    ## Reference
    RFC 7143 section 11.7.3
    """
    target_broke("datain-s-on-bidi", follower, look, task, desk, {})


def datain_after_status(follower: Follower, look: Look, desk: Desk) -> None:
    """Data comes for a command that is over.

    ## What it means
    The command had got its status, and no new command has taken its tag since.

    ## Why it matters
    The initiator has given the buffer back; it drops the connection, or data lands in memory that is used otherwise.

    ## Example
        talk.open()
        read = talk.read(4096)
        talk.data_in(read, 512, offset=0, data_sn=1)

    ## When it is silent
    After losses, task management or a SNACK (data may be sent again on demand), and in sessions with several
    connections.

    ## Reference
    RFC 7143 sections 11.7.3 and 4.6.1.5
    """
    target_went_on("datain-after-status", follower, look, desk)


def datain_for_nonread(follower: Follower, look: Look, task: Task, desk: Desk) -> None:
    """Data comes for a command that did not ask for any.

    ## What it means
    Data-In belongs to commands with R=1; this command has R=0.

    ## Why it matters
    The initiator has no buffer for it and drops the connection.

    ## Example
        talk.open()
        task = talk.command()
        talk.data_in(task, 512, final=True)
        talk.response(task)

    ## When it is silent
    When the command is not in the capture.

    ## Reference
    RFC 7143 section 11.3.1
    """
    target_broke("datain-for-nonread", follower, look, task, desk, {})


def datain_a_at_erl0(follower: Follower, look: Look, desk: Desk) -> None:
    """A target asks for an acknowledgement that the session does not have.

    ## What it means
    A=1 asks for a DataACK SNACK. At ErrorRecoveryLevel 0 there is no SNACK and A must not be set.

    ## Why it matters
    The target keeps its buffers for an acknowledgement that never comes.

    ## Example
        talk.open()
        read = talk.command(read=4096)
        talk.data_in(read, 4096, flags=0xC1, status=0, target_transfer_tag=5)

    ## When it is silent
    Unless it is known what the login negotiated.

    ## Reference
    RFC 7143 section 11.7.2
    """
    desk.report("datain-a-at-erl0", TARGET, follower, look, {})


def datain_a_without_ttt(follower: Follower, look: Look, desk: Desk) -> None:
    """A Data-In wants to be acknowledged but has no tag to answer to.

    ## What it means
    The DataACK SNACK repeats the Target Transfer Tag of the Data-In with A=1; here it has the reserved value.

    ## Why it matters
    The acknowledgement cannot be matched with the data.

    ## Example
        talk.open(offer={"ErrorRecoveryLevel": "1"}, answer={"ErrorRecoveryLevel": "1"})
        read = talk.command(read=4096)
        talk.data_in(read, 4096, flags=0xC1, status=0)

    ## When it is silent
    Never: the PDU alone shows it.

    ## Reference
    RFC 7143 section 11.7.4
    """
    desk.report("datain-a-without-ttt", TARGET, follower, look, {})


def datain_f_missing(follower: Follower, look: Look, task: Task, desk: Desk) -> None:
    """The last Data-In of a read is not marked as the last.

    ## What it means
    The command ends with GOOD in a SCSI Response, but the Data-In before it had F=0: its sequence never ended.

    ## Why it matters
    An initiator that counts sequences waits for the rest, or believes that a PDU was lost.

    ## Example
        talk.open()
        read = talk.command(read=4096)
        talk.data_in(read, 4096, final=False)
        talk.response(read)

    ## When it is silent
    When the task is not whole in the capture, for other statuses than GOOD, and for bidirectional commands.

    ## Reference
    RFC 7143 section 11.7.1
    """
    target_broke("datain-f-missing", follower, look, task, desk, {}, task.last_data_in)


def datain_beyond_edtl(follower: Follower, look: Look, task: Task, end: i64, desk: Desk) -> None:
    """Data goes beyond the end of what was expected.

    ## What it means
    Buffer Offset and length of the Data-In together exceed the expected data transfer length of the command.

    ## Why it matters
    The initiator's buffer ends there: it drops the connection, or memory is overwritten.

    ## Example
        talk.open()
        read = talk.command(read=512)
        talk.data_in(read, 512, final=True)
        talk.data_in(read, 512, status=0)

    ## When it is silent
    When the task is not whole in the capture, and for bidirectional commands.

    ## Reference
    RFC 7143 section 11.7.6
    """
    target_broke("datain-beyond-edtl", follower, look, task, desk, {"end": end, "expected": task.length})
