"""Rules on the names of SCSI ports in what a device says of itself (RFC 7143 section 4.4.2).

Interpreted: sees the data of Data-In PDUs of commands that describe the device.
"""

from __future__ import annotations

import re
from typing import Final

from iscsi_analyzer.model.following import Follower
from iscsi_analyzer.model.watch import Look
from iscsi_analyzer.rules.blame import target_broke
from iscsi_analyzer.rules.desk import TARGET, Desk
from iscsi_analyzer.rules.rule import WARNING, Rule

INQUIRY: Final = 0x12
DEVICE_IDENTIFICATION: Final = 0x83
"Page of vital product data with designators (SPC)."
ISCSI: Final = 5
"Protocol identifier."
TARGET_PORT: Final = 1
"Association of a designator."
SCSI_NAME: Final = 8
"Type of a designator."
SHOWN: Final = 120

_PORT_NAME: Final = re.compile(rb"[^,\0]+,t,0[xX][0-9A-Fa-f]+\0+")

RULES = (
    Rule(
        "scsi-port-name-encoding",
        WARNING,
        TARGET,
        "RFC 7143 section 4.4.2",
        "INQUIRY names the target port {name}: not the target's name, ,t,0x, the portal group tag and a zero byte",
        "the INQUIRY data",
        occasion=(
            "iscsi.opcode == data_in && scsi.inquiry.evpd.pagecode == 0x83 && "
            "scsi.inquiry.evpd.devid.identifier_type == 8 && scsi.inquiry.evpd.devid.association == 1"
        ),
    ),
)


def see(follower: Follower, look: Look, desk: Desk) -> None:
    """Runs the rules of this topic on a Data-In whose data was kept."""
    task = look.task
    if task is not None and task.operation == INQUIRY and len(task.cdb) >= 3:
        if task.cdb[1] & 1 and task.cdb[2] == DEVICE_IDENTIFICATION:
            scsi_port_name_encoding(follower, look, desk)


def scsi_port_name_encoding(follower: Follower, look: Look, desk: Desk) -> None:
    """A target does not write the name of its port as iSCSI writes it.

    ## What it means
    Where a device lists its ports by name, an iSCSI target port is its iSCSI name, then ,t, and the portal group tag as
    a hexadecimal number that begins with 0x, and a zero byte at the end.

    ## Why it matters
    Multipath software tells paths from each other by these names. Without the tag all ports of a target look the same;
    without the zero byte it reads on into what follows.

    ## Example
        talk.open()
        name = (talk.target_name + ",t,1").encode()
        name += bytes(-len(name) % 4 or 4)
        page = bytes((0, 0x83, 0, 4 + len(name), 0x53, 0x98, 0, len(name))) + name
        inquiry = talk.command(bytes((0x12, 1, 0x83, 0, 255, 0)), read=255)
        talk.data_in(inquiry, page, status=0, residual_count=255 - len(page))

    ## When it is silent
    For ports of other protocols, for names that are no text, for the name of the device itself, and when the INQUIRY
    data is cut or does not come in one piece.

    ## Reference
    RFC 7143 section 4.4.2
    """
    task, data = look.task, look.data
    if task is None or int.from_bytes(look.header[40:44], "big") != 0 or len(data) < 4:
        return
    at, end = 4, min(len(data), 4 + int.from_bytes(data[2:4], "big"))
    while at + 4 <= end and at + 4 + data[at + 3] <= end:
        name = data[at + 4 : at + 4 + data[at + 3]]
        if data[at] >> 4 == ISCSI and data[at + 1] & 0xBF == 0x80 | TARGET_PORT << 4 | SCSI_NAME:
            if name and not _PORT_NAME.fullmatch(name):
                facts: dict[str, object] = {"name": name.rstrip(b"\0").decode(errors="backslashreplace")[:SHOWN]}
                target_broke("scsi-port-name-encoding", follower, look, task, desk, facts)
                return
        at += 4 + data[at + 3]
