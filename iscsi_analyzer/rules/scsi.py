"""Shows the PDUs of SCSI tasks to the rules on commands, responses, read data and write data.

Compiled. Holds no rule; a part of `judge` that knows the topics of a SCSI task.
"""

from __future__ import annotations

from typing import Final

from iscsi_analyzer.model.following import Follower
from iscsi_analyzer.model.watch import Look
from iscsi_analyzer.rules import (
    command_fields,
    data_in,
    data_in_fields,
    device_data,
    immediate,
    level2,
    port_names,
    r2t,
    scsi_command,
    scsi_response,
    status_fields,
    unsolicited,
    write_data,
)
from iscsi_analyzer.rules.blame import disturb
from iscsi_analyzer.rules.desk import Desk

W: Final = 0x20


def see_initiator(follower: Follower, look: Look, desk: Desk) -> None:
    """Runs the rules on a PDU of the initiator."""
    opcode = look.opcode
    if opcode == 0x01:
        scsi_command.see(follower, look, desk)
        command_fields.see(follower, look, desk)
        if look.flags & W:
            immediate.command(follower, look, desk)
    elif opcode == 0x05:
        write_data.see(follower, look, desk)
    elif opcode == 0x02 or opcode == 0x10 or opcode == 0x06:
        disturb(follower, look.number)


def see_target(follower: Follower, look: Look, desk: Desk) -> None:
    """Runs the rules on a PDU of the target."""
    opcode = look.opcode
    if opcode == 0x25:
        data_in.see(follower, look, desk)
        data_in_fields.see(follower, look, desk)
        if look.data:
            level2.see(follower, look, desk)
            device_data.see(follower, look, desk)
            port_names.see(follower, look, desk)
    elif opcode == 0x21:
        scsi_response.see(follower, look, desk)
        status_fields.see(follower, look, desk)
    elif opcode == 0x31:
        r2t.see(follower, look, desk)
    elif opcode == 0x3F or opcode == 0x32:
        disturb(follower, look.number)


def lost(follower: Follower, to_target: bool) -> None:
    """Bytes of one direction are missing: tasks that have begun are judged no more."""
    disturb(follower, follower.finder.look.number)
    if to_target:
        unsolicited.lost(follower)
