"""Rules on the SCSI Command PDU by itself: flags, lengths, attributes (RFC 7143 section 11.3, RFC 7144 section 5.1.1).

Compiled. Whether its immediate data was allowed is judged in `unsolicited`.
"""

from __future__ import annotations

from typing import Final

from mypy_extensions import i64

from iscsi_analyzer.model.following import Follower
from iscsi_analyzer.model.watch import Look
from iscsi_analyzer.rules.blame import disturb
from iscsi_analyzer.rules.desk import INITIATOR, Desk
from iscsi_analyzer.rules.rule import ERROR, WARNING, Rule

F: Final = 0x80
R: Final = 0x40
W: Final = 0x20
RW: Final = 0x60
F_OR_W: Final = 0xA0
ATTRIBUTE: Final = 0x07
ACA: Final = 4
"The highest task attribute that has a meaning."

RULES = (
    Rule(
        "cmd-w-f-clear",
        ERROR,
        INITIATOR,
        "RFC 7143 section 11.3.1",
        "SCSI Command has neither W nor F set",
        occasion="iscsi.opcode == scsi_command",
    ),
    Rule(
        "cmd-direction-missing",
        ERROR,
        INITIATOR,
        "RFC 7143 section 11.3.1",
        "SCSI Command expects {expected} bytes but has neither R nor W set",
        occasion="iscsi.opcode == scsi_command && iscsi.scsicommand.expecteddatatransferlength > 0",
    ),
    Rule(
        "cmd-attr-reserved",
        ERROR,
        INITIATOR,
        "RFC 7143 sections 11.3.1 and 11",
        "SCSI Command has the reserved task attribute {attribute}",
        occasion="iscsi.opcode == scsi_command",
    ),
    Rule(
        "cmd-bidi-ahs-missing",
        ERROR,
        INITIATOR,
        "RFC 7143 section 11.3.4",
        "SCSI Command has R and W set but no additional header that tells the length of the read",
        occasion="iscsi.opcode == scsi_command && iscsi.scsicommand.R == 1 && iscsi.scsicommand.W == 1",
    ),
    Rule(
        "cmd-f-clear-complete",
        ERROR,
        INITIATOR,
        "RFC 7143 section 11.3.4",
        "SCSI Command carries all of its {expected} bytes but says that more follow (F=0)",
        occasion="iscsi.opcode == scsi_command && iscsi.datasegmentlength > 0",
    ),
    Rule(
        "cmd-data-without-w",
        ERROR,
        INITIATOR,
        "RFC 7143 sections 11.3.6 and 4.2.5.2",
        "SCSI Command carries {length} bytes of data but does not write (W=0)",
        occasion="iscsi.opcode == scsi_command && iscsi.scsicommand.W == 0",
    ),
    Rule(
        "cmd-immediate-exceeds-edtl",
        ERROR,
        INITIATOR,
        "RFC 7143 section 11.3.4",
        "SCSI Command carries {length} bytes of data, its expected data transfer length is {expected}",
        occasion="iscsi.opcode == scsi_command && iscsi.datasegmentlength > 0",
    ),
    Rule(
        "cmd-pri-without-level2",
        ERROR,
        INITIATOR,
        "RFC 7144 section 5.1.1",
        "SCSI Command has priority {priority} at iSCSIProtocolLevel {level}",
        "the result of the login",
        occasion="iscsi.opcode == scsi_command && iscsi.connection.protocol_level < 2",
    ),
    Rule(
        "cmd-in-discovery",
        ERROR,
        INITIATOR,
        "RFC 7143 sections 4.3 and 13.21",
        "SCSI Command in a discovery session",
        "the login",
        occasion="iscsi.session.discovery && iscsi.pdu.direction == I2T && iscsi.opcode != login_request",
    ),
    Rule(
        "cdb-direction-mismatch",
        WARNING,
        INITIATOR,
        "RFC 7143 section 11.3.1, SPC, SBC",
        "Operation code 0x{operation:02x} moves data the other way than the R and W bits say",
        occasion="iscsi.opcode == scsi_command",
    ),
)


def _directions() -> bytes:
    """The bit that goes with an operation code, for those that move data the same way on every type of device."""
    table = bytearray(256)
    for code in (0x03, 0x08, 0x12, 0x1A, 0x1C, 0x25, 0x28, 0x3C, 0x4D, 0x5A, 0x5E, 0x88, 0xA0, 0xA8):
        table[code] = R
    for code in (0x0A, 0x15, 0x2A, 0x2E, 0x3B, 0x55, 0x5F, 0x8A, 0x8E, 0xAA, 0xAE):
        table[code] = W
    return bytes(table)


DIRECTIONS: Final = _directions()


def see(follower: Follower, look: Look, desk: Desk) -> None:
    """Runs the rules of this topic on a SCSI Command."""
    if look.task is not None:
        disturb(follower, look.number)
    flags = look.flags
    header = look.header
    way = flags & RW
    length = look.data_length
    if flags & F_OR_W == 0:
        cmd_w_f_clear(follower, look, desk)
    if flags & ATTRIBUTE > ACA:
        cmd_attr_reserved(follower, look, desk)
    if way == 0 and look.second:
        cmd_direction_missing(follower, look, desk)
    elif way == RW and header[4] == 0:
        cmd_bidi_ahs_missing(follower, look, desk)
    if flags & W:
        if length > look.second:
            cmd_immediate_exceeds_edtl(follower, look, desk)
        elif length == look.second and flags & F == 0:
            cmd_f_clear_complete(follower, look, desk)
    elif length:
        cmd_data_without_w(follower, look, desk)
    if header[2] & 0xF0:
        cmd_pri_without_level2(follower, look, desk)
    if follower.limits.discovery == 1:
        cmd_in_discovery(follower, look, desk)
    if look.whole and way and way != RW and DIRECTIONS[header[32]] == way ^ RW:
        cdb_direction_mismatch(follower, look, desk)


def cmd_w_f_clear(follower: Follower, look: Look, desk: Desk) -> None:
    """A command says that write data follows, and that it is no write.

    ## What it means
    F=0 in a SCSI Command announces unsolicited Data-Out PDUs, which only a command with W=1 can have. At least one of
    the two bits has to be set.

    ## Why it matters
    The target cannot know whether to wait for data. Some reject the command, some wait until a time-out.

    ## Example
        talk.open()
        read = talk.command(read=4096, flags=0x41)
        talk.data_in(read, 4096, status=0)

    ## When it is silent
    Never: the PDU alone shows it.

    ## Reference
    RFC 7143 section 11.3.1
    """
    desk.report("cmd-w-f-clear", INITIATOR, follower, look, {})


def cmd_direction_missing(follower: Follower, look: Look, desk: Desk) -> None:
    """A command expects data but says neither that it reads nor that it writes.

    ## What it means
    The expected data transfer length is not 0, so R, W or both have to be set.

    ## Why it matters
    Targets take the length for the wrong direction or ignore it: data is lost, or reported as a residual.

    ## Example
        talk.open()
        task = talk.command(expected_data_transfer_length=4096)
        talk.response(task, underflow=4096)

    ## When it is silent
    Never: the PDU alone shows it.

    ## Reference
    RFC 7143 section 11.3.1
    """
    desk.report("cmd-direction-missing", INITIATOR, follower, look, {"expected": look.second})


def cmd_attr_reserved(follower: Follower, look: Look, desk: Desk) -> None:
    """A command has a task attribute that means nothing.

    ## What it means
    The attributes are untagged, simple, ordered, head of queue and ACA, 0 to 4. The values 5 to 7 are reserved.

    ## Why it matters
    Where the command goes in the queue is left to chance; a target may reject it.

    ## Example
        talk.open()
        talk.test_unit_ready(attribute=6)

    ## When it is silent
    Never: the PDU alone shows it.

    ## Reference
    RFC 7143 sections 11.3.1 and 11
    """
    desk.report("cmd-attr-reserved", INITIATOR, follower, look, {"attribute": look.flags & ATTRIBUTE})


def cmd_bidi_ahs_missing(follower: Follower, look: Look, desk: Desk) -> None:
    """A command that reads and writes does not tell how much it reads.

    ## What it means
    With R and W both set, the expected data transfer length counts the write, and an additional header segment (the
    Bidirectional Expected Read-Data Length) has to count the read. This command has no additional header at all.

    ## Why it matters
    The target does not know how much it may send.

    ## Example
        talk.open()
        task = talk.command(bytes((0x53, 0, 0, 0, 0, 0, 0, 0, 1, 0)), write=512, flags=0xE1)

    ## When it is silent
    When the command has any additional header; what is in it is not looked at.

    ## Reference
    RFC 7143 section 11.3.4
    """
    desk.report("cmd-bidi-ahs-missing", INITIATOR, follower, look, {})


def cmd_f_clear_complete(follower: Follower, look: Look, desk: Desk) -> None:
    """A write carries all of its data and yet announces more.

    ## What it means
    The immediate data is as long as the expected data transfer length, so nothing can follow and F has to be 1.

    ## Why it matters
    The target waits for a Data-Out PDU that will never come.

    ## Example
        talk.open(offer={"InitialR2T": "No"}, answer={"InitialR2T": "No"})
        write = talk.command(write=512, data=bytes(512), final=False)

    ## When it is silent
    Never: the PDU alone shows it.

    ## Reference
    RFC 7143 section 11.3.4
    """
    desk.report("cmd-f-clear-complete", INITIATOR, follower, look, {"expected": look.second})


def cmd_data_without_w(follower: Follower, look: Look, desk: Desk) -> None:
    """A command that does not write carries data.

    ## What it means
    The data segment of a SCSI Command is immediate write data. This one has data and W=0.

    ## Why it matters
    The target throws the data away, rejects the command, or takes it for a write.

    ## Example
        talk.open()
        read = talk.command(read=4096, data=bytes(512))
        talk.serve(read)

    ## When it is silent
    Never: the PDU alone shows it.

    ## Reference
    RFC 7143 sections 11.3.6 and 4.2.5.2
    """
    desk.report("cmd-data-without-w", INITIATOR, follower, look, {"length": look.data_length})


def cmd_immediate_exceeds_edtl(follower: Follower, look: Look, desk: Desk) -> None:
    """A write carries more data than it expects to transfer.

    ## What it means
    Immediate data is the beginning of the command's data, so it cannot be longer than all of it.

    ## Why it matters
    What is too much does not fit the target's buffer: the command fails, or data is written that nobody meant.

    ## Example
        talk.open()
        write = talk.command(write=512, data=bytes(1024))
        talk.response(write, overflow=512)

    ## When it is silent
    Never: the PDU alone shows it.

    ## Reference
    RFC 7143 section 11.3.4
    """
    facts: dict[str, object] = {"length": look.data_length, "expected": look.second}
    desk.report("cmd-immediate-exceeds-edtl", INITIATOR, follower, look, facts)


def cmd_pri_without_level2(follower: Follower, look: Look, desk: Desk) -> None:
    """A command has a priority although the session does not know priorities.

    ## What it means
    The four bits of the task priority came with RFC 7144. Before iSCSIProtocolLevel 2 is negotiated they are reserved.

    ## Why it matters
    The target ignores the priority, or rejects the command for a reserved field.

    ## Example
        talk.open()
        talk.test_unit_ready(priority=0x30)

    ## When it is silent
    Unless it is known what the login negotiated.

    ## Reference
    RFC 7144 section 5.1.1
    """
    level = follower.limits.protocol_level
    if 0 <= level < 2:
        priority: i64 = look.header[2]
        facts: dict[str, object] = {"priority": priority >> 4, "level": level}
        desk.report("cmd-pri-without-level2", INITIATOR, follower, look, facts)


def cmd_in_discovery(follower: Follower, look: Look, desk: Desk) -> None:
    """A SCSI command is sent in a session that is only there to discover targets.

    ## What it means
    The login said SessionType=Discovery. Such a session carries text negotiations and the logout, nothing else.

    ## Why it matters
    The target has to reject it, and may drop the connection.

    ## Example
        talk.open(discovery=True)
        talk.command()

    ## When it is silent
    When the login was not seen.

    ## Reference
    RFC 7143 sections 4.3 and 13.21
    """
    desk.report("cmd-in-discovery", INITIATOR, follower, look, {})


def cdb_direction_mismatch(follower: Follower, look: Look, desk: Desk) -> None:
    """The R and W bits contradict the command descriptor block.

    ## What it means
    The operation code is one that reads on every type of device and only W is set, or one that writes and only R is
    set.

    ## Why it matters
    iSCSI moves the data as the bits say and the device as the operation code says. The command fails or hangs.

    ## Example
        talk.open()
        task = talk.command(bytes((0x28, 0, 0, 0, 0, 0, 0, 0, 8, 0)), write=4096, data=bytes(4096))
        talk.response(task)

    ## When it is silent
    For operation codes whose direction depends on the device or on other fields, for commands with both bits or none,
    and when the CDB was not captured.

    ## Reference
    RFC 7143 section 11.3.1; the command sets SPC and SBC
    """
    operation: i64 = look.header[32]
    desk.report("cdb-direction-mismatch", INITIATOR, follower, look, {"operation": operation})
