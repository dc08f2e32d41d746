"""Rules on what SCSI says of a command: its LUN, its control byte, its task attribute (SAM, RFC 7143 sections
4.2.2.3.4, 10.6 and 11.2.1.7).

Compiled, and on the path of every command: one that is as nearly all are costs a few comparisons.
"""

from __future__ import annotations

from typing import Final

from librt.strings import read_i64_be
from mypy_extensions import i64

from iscsi_analyzer.model.following import Follower
from iscsi_analyzer.model.watch import Look
from iscsi_analyzer.rules.desk import INITIATOR, Desk
from iscsi_analyzer.rules.rule import NOTE, WARNING, Rule

SINGLE_LEVEL: Final = ~0x00FF000000000000
"The bits of a LUN that are 0 in the numbers up to 255 of peripheral device addressing."
LOWER_LEVELS: Final = 0x0000FFFFFFFFFFFF
ATTRIBUTE: Final = 0x07
ACA: Final = 4
LINK: Final = 0x01
NACA: Final = 0x04

RULES = (
    Rule(
        "lun-format-invalid",
        NOTE,
        INITIATOR,
        "RFC 7143 section 11.2.1.7",
        "The LUN field is 0x{lun:016x}, which SAM does not know: below the first level of a {method} there is nothing",
        occasion="iscsi.opcode in {0x01, 0x02}",
    ),
    Rule(
        "cmd-state-changing-immediate",
        WARNING,
        INITIATOR,
        "RFC 7143 section 10.6",
        "{operation}, which changes the state of the device, is sent as an immediate command",
        occasion="iscsi.opcode == scsi_command && iscsi.task.opcode in {0x10, 0x11, 0x19, 0xa5, 0xa6}",
    ),
    Rule(
        "cdb-link-bit",
        NOTE,
        INITIATOR,
        "SAM",
        "The LINK bit is set in the control byte of the CDB (0x{control:02x}): linked commands are obsolete",
        occasion="iscsi.opcode == scsi_command",
    ),
    Rule(
        "aca-on-multi-connection",
        NOTE,
        INITIATOR,
        "RFC 7143 section 4.2.2.3.4",
        "{what} in a session of {connections} connections whose responses are not fenced (TaskReporting=RFC3720)",
        "the login of the first connection",
        occasion="iscsi.opcode == scsi_command && iscsi.session.connections > 1",
    ),
)

STATE_CHANGING: Final = {
    0x10: "WRITE FILEMARKS(6)",
    0x11: "SPACE(6)",
    0x19: "ERASE(6)",
    0xA5: "MOVE MEDIUM",
    0xA6: "EXCHANGE MEDIUM",
}
"Operation codes that mean the same on every device that has them, and move its medium."


def _control_bytes() -> bytes:
    """Where the control byte stands in the header, by operation code; 0 for CDBs of variable length and of vendors."""
    table = bytearray(256)
    for code in range(256):
        length = (6, 10, 10, 0, 16, 12, 0, 0)[code >> 5]
        table[code] = 32 + length - 1 if length else 0
    return bytes(table)


CONTROL: Final = _control_bytes()


def see(follower: Follower, look: Look, desk: Desk) -> None:
    """Runs the rules of this topic on a SCSI Command."""
    header = look.header
    lun = read_i64_be(header, 8)
    if lun & SINGLE_LEVEL and odd_lun(lun):
        lun_format_invalid(follower, look, lun, desk)
    attribute = look.flags & ATTRIBUTE
    if look.whole:
        operation: i64 = header[32]
        at: i64 = CONTROL[operation]
        control: i64 = header[at] if at else 0
        if look.immediate and operation in STATE_CHANGING:
            cmd_state_changing_immediate(follower, look, desk)
        if control & (LINK | NACA):
            if control & LINK:
                cdb_link_bit(follower, look, control, desk)
            if control & NACA:
                aca_on_multi_connection(follower, look, desk, "The NACA bit is set")
    if attribute == ACA:
        aca_on_multi_connection(follower, look, desk, "The task attribute is ACA")


def management(follower: Follower, look: Look, desk: Desk) -> None:
    """Runs the rule on LUNs on a Task Management Function Request for a logical unit."""
    lun = read_i64_be(look.header, 8)
    if 1 <= look.flags & 0x7F <= 5 and odd_lun(lun):
        lun_format_invalid(follower, look, lun, desk)


def odd_lun(lun: i64) -> bool:
    """Whether a LUN of one level has something below that: peripheral device addressing (00b) without a bus, or flat
    space addressing (01b)."""
    return (
        (lun >> 56) & 0xC0 <= 0x40 and ((lun >> 56) & 0x3F == 0 or (lun >> 56) & 0x40 != 0) and lun & LOWER_LEVELS != 0
    )


def lun_format_invalid(follower: Follower, look: Look, lun: i64, desk: Desk) -> None:
    """A LUN is not written as SAM writes it.

    ## What it means
    A LUN has eight bytes, two for each level of addressing. Nearly all have one level, so their number stands in the
    first two bytes and the rest is 0. Here the first two bytes say one level, and the rest is not 0; mostly the number
    was put into the wrong bytes.

    ## Why it matters
    The target finds another logical unit, or none.

    ## Example
        talk.open()
        talk.test_unit_ready(lun=bytes((0, 0, 0, 0, 0, 0, 0, 5)))

    ## When it is silent
    For LUNs of several levels, and for extended ones.

    ## Reference
    RFC 7143 section 11.2.1.7
    """
    method = "flat space address" if (lun >> 56) & 0x40 else "peripheral device address without a bus"
    facts: dict[str, object] = {"lun": int.from_bytes(look.header[8:16], "big"), "method": method}
    desk.report("lun-format-invalid", INITIATOR, follower, look, facts)


def cmd_state_changing_immediate(follower: Follower, look: Look, desk: Desk) -> None:
    """A command that moves a medium is sent out of turn.

    ## What it means
    An immediate command is carried out when it arrives, whatever commands with lower numbers are still under way. A
    command that changes the state of its device, such as the position of a tape, depends on those before it.

    ## Why it matters
    Commands that were sent before find the tape at another place, and write there.

    ## Example
        talk.open()
        talk.test_unit_ready(cdb=bytes((0x11, 0, 0, 0, 1, 0)), immediate=True)

    ## When it is silent
    For operation codes that have another meaning on other devices: only WRITE FILEMARKS(6), SPACE(6), ERASE(6), MOVE
    MEDIUM and EXCHANGE MEDIUM are judged.

    ## Reference
    RFC 7143 section 10.6
    """
    code: i64 = look.header[32]
    desk.report("cmd-state-changing-immediate", INITIATOR, follower, look, {"operation": STATE_CHANGING[code]})


def cdb_link_bit(follower: Follower, look: Look, control: i64, desk: Desk) -> None:
    """A command is linked to the next one.

    ## What it means
    The last bit of a CDB's control byte once linked commands into one task. SAM has given that up.

    ## Why it matters
    Targets reject the command, or ignore the bit. Often the CDB was built wrongly and the byte is no control byte.

    ## Example
        talk.open()
        talk.test_unit_ready(cdb=bytes((0, 0, 0, 0, 0, 1)))

    ## When it is silent
    For CDBs of variable length and those of vendors, and when the CDB was not captured.

    ## Reference
    SAM
    """
    desk.report("cdb-link-bit", INITIATOR, follower, look, {"control": control})


def aca_on_multi_connection(follower: Follower, look: Look, desk: Desk, what: str) -> None:
    """Auto contingent allegiance is used where responses can overtake each other.

    ## What it means
    ACA stops a logical unit at the first error, until the initiator has dealt with it. That needs the error to arrive
    before anything that comes later. On several connections it may not, unless TaskReporting makes the target wait for
    acknowledgements.

    ## Why it matters
    The initiator may take commands that were carried out after the error for ones from before it.

    ## Example
        talk = Talk(max_connections=2).open()
        second = talk.join()
        second.open()
        talk.test_unit_ready(attribute=4)

    ## When it is silent
    On other connections than the first, whose login settles TaskReporting, and when that login was not seen.

    ## Reference
    RFC 7143 section 4.2.2.3.4
    """
    connections = follower.session.connections
    if len(connections) < 2 or connections[0] != follower.number or not follower.login.complete or follower.login.hole:
        return
    if follower.login.value("TaskReporting") not in (None, "RFC3720"):
        return
    facts: dict[str, object] = {"what": what, "connections": len(connections)}
    desk.report("aca-on-multi-connection", INITIATOR, follower, look, facts)
