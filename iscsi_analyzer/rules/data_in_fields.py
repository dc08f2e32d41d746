"""Rules on fields of Data-In PDUs that mean nothing there, and on how often a target wants to be acknowledged (RFC 7143
sections 11.7.2 to 11.7.4).

Compiled, and on the path of every Data-In: one that is as nearly all are costs a few comparisons.
"""

from __future__ import annotations

from typing import Final

from librt.strings import read_i64_be
from mypy_extensions import i64

from iscsi_analyzer.model.following import Follower
from iscsi_analyzer.model.task import Task
from iscsi_analyzer.model.watch import Look
from iscsi_analyzer.rules import device_data, status_codes
from iscsi_analyzer.rules.desk import TARGET, Desk
from iscsi_analyzer.rules.evidence import all_seen, whole
from iscsi_analyzer.rules.notes import TaskNotes, of_task
from iscsi_analyzer.rules.rule import NOTE, WARNING, Rule

A: Final = 0x40
S: Final = 0x01
OVER_UNDER: Final = 0x06
NONE: Final = 0xFFFFFFFF
ALL_ONES: Final = -1
_M32: Final = 0xFFFFFFFF

RULES = (
    Rule(
        "datain-statsn-without-s",
        NOTE,
        TARGET,
        "RFC 7143 sections 11.7 and 11.7.3",
        "A Data-In without a status has the StatSN {stat_sn}",
        occasion="iscsi.opcode == data_in && iscsi.scsidata.S == 0",
    ),
    Rule(
        "datain-status-without-s",
        NOTE,
        TARGET,
        "RFC 7143 sections 11.7.3 and 11",
        "A Data-In without the S bit has {what}, which mean something only with it",
        occasion="iscsi.opcode == data_in && iscsi.scsidata.S == 0",
    ),
    Rule(
        "datain-ttt-without-a",
        NOTE,
        TARGET,
        "RFC 7143 section 11.7.4",
        "A Data-In that wants no acknowledgement has {what}, which mean something only if it does",
        occasion="iscsi.opcode == data_in && iscsi.scsidata.A == 0",
    ),
    Rule(
        "datain-a-too-often",
        WARNING,
        TARGET,
        "RFC 7143 section 11.7.2",
        "A Data-In wants an acknowledgement {bytes} bytes after another did; MaxBurstLength is {max_burst}",
        "the whole task, and the result of the login",
        occasion="iscsi.opcode == data_in && iscsi.scsidata.A == 1 && iscsi.connection.error_recovery_level > 0",
    ),
)


def see(follower: Follower, look: Look, desk: Desk) -> None:
    """Runs the rules of this topic on a Data-In."""
    if not look.whole:
        return
    flags = look.flags
    header = look.header
    task = look.task
    if flags & S:
        if header[3]:
            status_codes.see(follower, look, desk)
        elif flags & OVER_UNDER and task is not None:
            device_data.moved(follower, look, task, desk)
    else:
        stat_sn = (read_i64_be(header, 24) >> 32) & _M32
        if stat_sn and stat_sn != NONE:
            datain_statsn_without_s(follower, look, stat_sn, desk)
        if header[3] or flags & OVER_UNDER or read_i64_be(header, 40) & _M32:
            datain_status_without_s(follower, look, desk)
    if task is not None and task.notes is not None:
        _asked_before(follower, look, task, desk)
    if flags & A:
        if task is not None and task.request:
            _asks(follower, look, task)
        return
    lun = read_i64_be(header, 8)
    if (lun != 0 and lun != ALL_ONES) or (look.second != NONE and look.second != 0):
        datain_ttt_without_a(follower, look, task, lun, desk)


def _asks(follower: Follower, look: Look, task: Task) -> None:
    """A Data-In asks for an acknowledgement: remembers it if that is too early, unless it turns out to be the last."""
    limits = follower.limits
    if limits.max_burst < 0 or limits.error_recovery_level < 1 or limits.data_sequence_in_order != 1:
        return
    notes = of_task(task)
    end = ((read_i64_be(look.header, 40) >> 32) & _M32) + look.data_length
    after = end - notes.asked_at
    if notes.asked_at >= 0 and 0 < after < limits.max_burst:
        notes.asked_early = look.number
        notes.asked_after = after
    notes.asked_at = end


def _asked_before(follower: Follower, look: Look, task: Task, desk: Desk) -> None:
    """Another Data-In of the task: the one before was not the last."""
    notes = task.notes
    if isinstance(notes, TaskNotes) and notes.asked_early:
        datain_a_too_often(follower, look, task, notes, desk)
        notes.asked_early = 0


def datain_statsn_without_s(follower: Follower, look: Look, stat_sn: i64, desk: Desk) -> None:
    """A Data-In without a status has a number for it.

    ## What it means
    Only a Data-In with the S bit carries a status, and a StatSN for it. In others the field is reserved.

    ## Why it matters
    Initiators that take it for a StatSN miscount the statuses of the connection.

    ## Example
        talk.open()
        read = talk.command(read=4096)
        talk.data_in(read, 2048, final=False, stat_sn=7)
        talk.data_in(read, 2048, status=0)

    ## When it is silent
    For 0 and 0xffffffff, which nobody takes for a number, and when not all of the header was captured.

    ## Reference
    RFC 7143 sections 11.7 and 11.7.3
    """
    desk.report("datain-statsn-without-s", TARGET, follower, look, {"stat_sn": stat_sn})


def datain_status_without_s(follower: Follower, look: Look, desk: Desk) -> None:
    """A Data-In without the S bit has what belongs to a status.

    ## What it means
    Status, residual count and the flags O and U mean something only together with S. Here some are set without it.

    ## Why it matters
    If the target forgot the S bit, the command has no status, and the initiator waits for it. Else nobody reads them.

    ## Example
        talk.open()
        read = talk.command(read=4096)
        talk.data_in(read, 2048, final=False, patch={3: b"\\x02"})
        talk.data_in(read, 2048, status=0)

    ## When it is silent
    When not all of the header was captured.

    ## Reference
    RFC 7143 sections 11.7.3 and 11
    """
    what = []
    if look.header[3]:
        what.append(f"status 0x{look.header[3]:02x}")
    if look.flags & OVER_UNDER:
        what.append("flags O or U")
    residual = read_i64_be(look.header, 40) & _M32
    if residual:
        what.append(f"a residual count of {residual}")
    desk.report("datain-status-without-s", TARGET, follower, look, {"what": " and ".join(what)})


def datain_ttt_without_a(follower: Follower, look: Look, task: Task | None, lun: i64, desk: Desk) -> None:
    """A Data-In has a tag or a LUN for an acknowledgement that it does not want.

    ## What it means
    A Data-In with the A bit has a Target Transfer Tag and a LUN, for the initiator to copy them into its
    acknowledgement. Without A both are reserved.

    ## Why it matters
    Today nobody reads them there.

    ## Example
        talk.open()
        read = talk.command(read=4096)
        talk.data_in(read, 4096, status=0, target_transfer_tag=7)

    ## When it is silent
    For a LUN field that is all ones or that of the command, which many targets write there, and a tag of 0. When not
    all of the header was captured.

    ## Reference
    RFC 7143 section 11.7.4
    """
    if look.second != NONE and look.second != 0:
        what = f"Target Transfer Tag 0x{look.second:x}"
    elif task is None or not task.request or task.lun == lun:
        return
    else:
        what = f"LUN field 0x{int.from_bytes(look.header[8:16], 'big'):016x}"
    desk.report("datain-ttt-without-a", TARGET, follower, look, {"what": what})


def datain_a_too_often(follower: Follower, look: Look, task: Task, notes: TaskNotes, desk: Desk) -> None:
    """A target wants to be acknowledged all the time.

    ## What it means
    A target may ask for an acknowledgement once in MaxBurstLength bytes, and with the last Data-In of a command. This
    one asked again sooner, and went on with the command.

    ## Why it matters
    Each acknowledgement is a SNACK, which costs both sides a PDU and the target a wait.

    ## Example
        talk = Talk(error_recovery_level=1).open()
        read = talk.command(read=3072)
        for at in range(3):
            talk.data_in(read, 1024, flags=0x40, target_transfer_tag=at + 1)
            talk.snack(2, begin=at + 1, target_transfer_tag=at + 1)

    ## When it is silent
    When the task is not whole in the capture, and unless it is known what the login settled. For the first
    acknowledgement of a command, and the last.

    ## Reference
    RFC 7143 section 11.7.2
    """
    facts: dict[str, object] = {"bytes": notes.asked_after, "max_burst": follower.limits.max_burst}
    if whole(follower, task) and all_seen(follower, True):
        desk.report("datain-a-too-often", TARGET, follower, look, facts, notes.asked_early)
