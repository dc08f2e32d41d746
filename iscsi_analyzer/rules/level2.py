"""Rules on what came with RFC 7144, the protocol level 2, and has no topic of its own (RFC 7144 section 4.2).

Interpreted: sees the data of Data-In PDUs of commands that describe the device.
"""

from __future__ import annotations

from typing import Final

from iscsi_analyzer.model.following import Follower
from iscsi_analyzer.model.watch import Look
from iscsi_analyzer.rules.blame import target_broke
from iscsi_analyzer.rules.desk import TARGET, Desk
from iscsi_analyzer.rules.rule import WARNING, Rule

INQUIRY: Final = 0x12
DESCRIPTORS: Final = range(58, 74, 2)
"Offsets of the version descriptors in standard INQUIRY data (SPC)."
ISCSI: Final = 0x0960
"The version descriptor of iSCSI that claims no level; 31 levels follow."

RULES = (
    Rule(
        "plevel-inquiry-descriptor",
        WARNING,
        TARGET,
        "RFC 7144 section 4.2",
        "INQUIRY claims iSCSI version descriptor 0x{descriptor:04x}, iSCSIProtocolLevel {level} was negotiated",
        "the INQUIRY data and the keys of the login",
        occasion="iscsi.opcode == data_in && scsi_sbc.opcode == inquiry",
    ),
)


def see(follower: Follower, look: Look, desk: Desk) -> None:
    """Runs the rules of this topic on a Data-In whose data was kept."""
    task = look.task
    if task is not None and task.operation == INQUIRY and len(task.cdb) >= 2 and not task.cdb[1] & 1:
        plevel_inquiry_descriptor(follower, look, desk)


def plevel_inquiry_descriptor(follower: Follower, look: Look, desk: Desk) -> None:
    """A device claims another protocol level than its target negotiated.

    ## What it means
    The version descriptors of standard INQUIRY data name the standards that the device keeps to. If there is one for
    iSCSI with a level, it is 0x0960 plus the iSCSIProtocolLevel of the session.

    ## Why it matters
    Initiators that look at INQUIRY use features that the session does not have, or miss those it has.

    ## Example
        keys = {"iSCSIProtocolLevel": "1"}
        talk.open(offer=keys, answer=keys)
        data = bytearray(74)
        data[4] = 69
        data[58:60] = bytes((0x09, 0x62))
        inquiry = talk.command(bytes((0x12, 0, 0, 0, 74, 0)), read=74)
        talk.data_in(inquiry, bytes(data), status=0)

    ## When it is silent
    When iSCSIProtocolLevel was not negotiated, for the descriptor 0x0960, which claims no level, and when the INQUIRY
    data does not come in one piece.

    ## Reference
    RFC 7144 section 4.2
    """
    task = look.task
    level = follower.limits.protocol_level
    if task is None or level < 0 or follower.login.value("iSCSIProtocolLevel") is None:
        return
    data = look.data
    if int.from_bytes(look.header[40:44], "big") != 0 or len(data) < 74 or data[4] + 5 < 74:
        return
    for place in DESCRIPTORS:
        descriptor = int.from_bytes(data[place : place + 2], "big")
        if ISCSI < descriptor <= ISCSI + 31 and descriptor != ISCSI + level:
            target_broke(
                "plevel-inquiry-descriptor", follower, look, task, desk, {"descriptor": descriptor, "level": level}
            )
            return
