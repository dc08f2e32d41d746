"""Rules on the write data that a SCSI Command carries or announces (RFC 7143 sections 4.2.5.2, 11.3, 13.10 and 13.11).

Compiled. The Data-Out PDUs that follow unasked are judged in `unsolicited`.
"""

from __future__ import annotations

from typing import Final

from mypy_extensions import i64

from iscsi_analyzer.model.following import Follower
from iscsi_analyzer.model.task import Task
from iscsi_analyzer.model.watch import Look
from iscsi_analyzer.rules import unsolicited
from iscsi_analyzer.rules.blame import target_broke
from iscsi_analyzer.rules.desk import INITIATOR, TARGET, Desk
from iscsi_analyzer.rules.notes import TaskNotes
from iscsi_analyzer.rules.rule import ERROR, WARNING, Rule

F: Final = 0x80

_LOGIN: Final = "the result of the login"

RULES = (
    Rule(
        "immediate-data-not-allowed",
        ERROR,
        INITIATOR,
        "RFC 7143 section 13.11",
        "SCSI Command carries {length} bytes of data although ImmediateData=No",
        _LOGIN,
        occasion=("iscsi.opcode == scsi_command && iscsi.scsicommand.W == 1 && iscsi.connection.immediate_data == 0"),
    ),
    Rule(
        "immediate-exceeds-firstburst",
        ERROR,
        INITIATOR,
        "RFC 7143 sections 13.12, 13.14 and 4.2.5.2",
        "SCSI Command carries {length} bytes of data, FirstBurstLength is {first_burst}",
        _LOGIN,
        occasion="iscsi.opcode == scsi_command && iscsi.datasegmentlength > 0",
    ),
    Rule(
        "cmd-f-clear-with-initialr2t",
        ERROR,
        INITIATOR,
        "RFC 7143 sections 11.3.1 and 13.10",
        "A write announces unsolicited data (F=0) although InitialR2T=Yes",
        _LOGIN,
        occasion="iscsi.opcode == scsi_command && iscsi.scsicommand.W == 1 && iscsi.connection.initial_r2t == 1",
    ),
    Rule(
        "cmd-f-clear-burst-full",
        ERROR,
        INITIATOR,
        "RFC 7143 sections 11.3.1 and 4.2.5.2",
        "A write announces more unsolicited data (F=0) than the FirstBurstLength of {first_burst} that it carries",
        _LOGIN,
        occasion="iscsi.opcode == scsi_command && iscsi.scsicommand.W == 1 && iscsi.scsicommand.F == 0",
    ),
    Rule(
        "unsolicited-accepted",
        WARNING,
        TARGET,
        "RFC 7143 section 13.11",
        "GOOD for a write with {length} bytes of unsolicited data although ImmediateData=No and InitialR2T=Yes",
        "the whole task, and the result of the login",
        occasion=(
            "iscsi.opcode == scsi_command && iscsi.scsicommand.W == 1 && (iscsi.datasegmentlength > 0 "
            "|| iscsi.scsicommand.F == 0) && iscsi.connection.immediate_data == 0 "
            "&& iscsi.connection.initial_r2t == 1"
        ),
    ),
)


def command(follower: Follower, look: Look, desk: Desk) -> None:
    """Runs the rules on a SCSI Command with W=1, and remembers the data that it announces."""
    limits = follower.limits
    length = look.data_length
    most = limits.first_burst
    if length:
        if limits.immediate_data == 0:
            immediate_data_not_allowed(follower, look, desk)
        elif limits.immediate_data == 1 and 0 <= most < length:
            immediate_exceeds_firstburst(follower, look, desk)
    if look.flags & F:
        return
    if limits.initial_r2t == 1:
        cmd_f_clear_with_initialr2t(follower, look, desk)
    elif limits.initial_r2t == 0 and length == most and length < look.second:
        cmd_f_clear_burst_full(follower, look, desk)
    else:
        unsolicited.announce(follower, look)


def accepted(follower: Follower, look: Look, task: Task, desk: Desk) -> None:
    """Runs the rules on the GOOD end of a write."""
    limits = follower.limits
    if limits.immediate_data != 0 or limits.initial_r2t != 1:
        return
    length = task.data_out
    notes = task.notes
    if isinstance(notes, TaskNotes):
        length -= notes.solicited
    if length > 0:
        unsolicited_accepted(follower, look, task, length, desk)


def immediate_data_not_allowed(follower: Follower, look: Look, desk: Desk) -> None:
    """A command carries data although that was ruled out.

    ## What it means
    The login ended with ImmediateData=No: a SCSI Command has no data segment.

    ## Why it matters
    The target has to reject the command, or asks for all of the data once more.

    ## Example
        talk.open(answer={"ImmediateData": "No"})
        write = talk.command(write=512, data=bytes(512))
        talk.response(write, 2, sense=bytes((0x70, 0, 11, 0, 0, 0, 0, 10)) + bytes(10))

    ## When it is silent
    Unless it is known what the login negotiated.

    ## Reference
    RFC 7143 section 13.11
    """
    desk.report("immediate-data-not-allowed", INITIATOR, follower, look, {"length": look.data_length})


def immediate_exceeds_firstburst(follower: Follower, look: Look, desk: Desk) -> None:
    """A command carries more data than may come unasked.

    ## What it means
    Immediate data counts as unsolicited, which FirstBurstLength limits.

    ## Why it matters
    The target has no buffer for it, and fails the command.

    ## Example
        talk.open(answer={"FirstBurstLength": "512"})
        write = talk.command(write=1024, data=bytes(1024))
        talk.response(write)

    ## When it is silent
    Unless it is known what the login negotiated.

    ## Reference
    RFC 7143 sections 13.12, 13.14 and 4.2.5.2
    """
    facts: dict[str, object] = {"length": look.data_length, "first_burst": follower.limits.first_burst}
    desk.report("immediate-exceeds-firstburst", INITIATOR, follower, look, facts)


def cmd_f_clear_with_initialr2t(follower: Follower, look: Look, desk: Desk) -> None:
    """A write announces unsolicited data in a session that has none.

    ## What it means
    F=0 says that unsolicited Data-Out PDUs follow. The login ended with InitialR2T=Yes, which forbids them.

    ## Why it matters
    A target that believes the bit waits for data that must not come.

    ## Example
        talk.open()
        write = talk.command(write=4096, final=False)
        talk.solicit(write)
        talk.response(write)

    ## When it is silent
    Unless it is known what the login negotiated.

    ## Reference
    RFC 7143 sections 11.3.1 and 13.10
    """
    desk.report("cmd-f-clear-with-initialr2t", INITIATOR, follower, look, {})


def cmd_f_clear_burst_full(follower: Follower, look: Look, desk: Desk) -> None:
    """A write announces unsolicited data although it carries all that may come unasked.

    ## What it means
    The immediate data fills FirstBurstLength, so no unsolicited Data-Out can follow and F has to be 1.

    ## Why it matters
    A target that believes the bit waits for data that must not come.

    ## Example
        keys = {"InitialR2T": "No", "FirstBurstLength": "4096"}
        talk.open(offer=keys, answer=keys)
        write = talk.command(write=8192, data=bytes(4096), final=False)

    ## When it is silent
    Unless it is known what the login negotiated.

    ## Reference
    RFC 7143 sections 11.3.1 and 4.2.5.2
    """
    facts: dict[str, object] = {"first_burst": follower.limits.first_burst}
    desk.report("cmd-f-clear-burst-full", INITIATOR, follower, look, facts)


def unsolicited_accepted(follower: Follower, look: Look, task: Task, length: i64, desk: Desk) -> None:
    """A target took data that must not have come.

    ## What it means
    With ImmediateData=No and InitialR2T=Yes all data waits for R2Ts, and the target has to reject what comes unasked.
    This command brought such data and ended with GOOD.

    ## Why it matters
    The fault of the initiator stays hidden until it meets another target.

    ## Example
        talk.open(answer={"ImmediateData": "No"})
        write = talk.command(write=512, data=bytes(512))
        talk.response(write)

    ## When it is silent
    When the task is not whole in the capture, and unless it is known what the login negotiated.

    ## Reference
    RFC 7143 section 13.11
    """
    target_broke("unsolicited-accepted", follower, look, task, desk, {"length": length})
