"""Parameter data by command: what the Data-In of a command says, and the parameter list that goes with its Data-Out.

Knows which decoder belongs to which command. Data that an allocation length or a snap length cut short is decoded as
far as it goes. User data (READ, WRITE) has no decoder.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from dissectors.fields import Node
from dissectors.scsi.capacity import capacity_data, lba_status_data, unmap_parameters
from dissectors.scsi.cdb import Cdb
from dissectors.scsi.inquiry import inquiry_data
from dissectors.scsi.log_pages import log_data
from dissectors.scsi.mode import mode_data
from dissectors.scsi.reports import luns_data, port_groups_data, set_port_groups_parameters
from dissectors.scsi.reservation import reserve_in_data, reserve_out_parameters
from dissectors.scsi.sense import parse_sense
from dissectors.scsi.supported import operation_codes_data, task_management_data
from dissectors.scsi.tables import rest
from dissectors.scsi.vpd import vpd_data

LIMIT: Final = 1 << 16
"Bytes that are decoded; no real parameter data is longer, and hostile data must not grow a tree without end."


def decode_data(cdb: bytes, data: bytes, device_type: int | None = None) -> list[Node]:
    """The Data-In of the command `cdb` as nodes, with offsets in `data`; none if nothing decodes this command."""
    return _clipped(_data, cdb, data, device_type)


def decode_parameters(cdb: bytes, data: bytes, device_type: int | None = None) -> list[Node]:
    """The parameter list that `cdb` sends, as nodes with offsets in `data`; none if nothing decodes this command."""
    return _clipped(_parameters, cdb, data, device_type)


def _clipped(
    decoder: Callable[[Cdb, bytes, int | None], list[Node]], cdb: bytes, data: bytes, device_type: int | None
) -> list[Node]:
    """What `decoder` makes of the first LIMIT bytes of `data`, and one node for the others."""
    if not data or not cdb:
        return []
    found = decoder(Cdb(bytes(cdb), device_type), bytes(data[:LIMIT]), device_type)
    if found and len(data) > LIMIT:
        found += rest("Not decoded", bytes(data), LIMIT)
    return found


def _data(command: Cdb, data: bytes, device_type: int | None) -> list[Node]:
    """Data-In by command."""
    values = command.values
    action = command.service_action
    match command.opcode:
        case 0x03:
            return parse_sense(data).tree()
        case 0x12:
            return vpd_data(data) if values.get("evpd") else inquiry_data(data)
        case 0x1A | 0x5A:
            return mode_data(data, command.opcode == 0x5A, device_type)
        case 0x25:
            return capacity_data(data, long=False)
        case 0x4D:
            return log_data(data)
        case 0x5E if action is not None:
            return reserve_in_data(action, data)
        case 0x9E if action == 0x10:
            return capacity_data(data, long=True)
        case 0x9E if action == 0x12:
            return lba_status_data(data)
        case 0x7F if action == 0x12:
            return lba_status_data(data)
        case 0xA0:
            return luns_data(data)
        case 0xA3 if action == 0x0A:
            return port_groups_data(data, values.get("parameter_data_format") == 1)
        case 0xA3 if action == 0x0C:
            return operation_codes_data(data, bool(values.get("reporting_options")), device_type)
        case 0xA3 if action == 0x0D:
            return task_management_data(data)
    return []


def _parameters(command: Cdb, data: bytes, device_type: int | None) -> list[Node]:
    """Parameter lists by command."""
    action = command.service_action
    match command.opcode:
        case 0x15 | 0x55:
            return mode_data(data, command.opcode == 0x55, device_type, sense=False)
        case 0x42 if command.name == "UNMAP":
            return unmap_parameters(data)
        case 0x4C:
            return log_data(data)
        case 0x5F if action is not None:
            return reserve_out_parameters(action, data)
        case 0xA4 if action == 0x0A:
            return set_port_groups_parameters(data)
    return []
