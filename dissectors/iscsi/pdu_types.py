"""The list of all PDU types, and which of them serves an opcode."""

from __future__ import annotations

from typing import Final

from dissectors.fields import Field
from dissectors.iscsi import layout as at
from dissectors.iscsi.async_message import AsyncMessage
from dissectors.iscsi.base import PduType
from dissectors.iscsi.data import DataIn, DataOut, R2t
from dissectors.iscsi.generic import Unknown, VendorSpecific
from dissectors.iscsi.login import LoginRequest, LoginResponse
from dissectors.iscsi.logout import LogoutRequest, LogoutResponse
from dissectors.iscsi.nop import NopIn, NopOut
from dissectors.iscsi.reject import Reject
from dissectors.iscsi.scsi_command import ScsiCommand, ScsiResponse
from dissectors.iscsi.snack import SnackRequest
from dissectors.iscsi.task_management import TaskManagementRequest, TaskManagementResponse
from dissectors.iscsi.text import TextRequest, TextResponse
from dissectors.vendor import registry

PDU_TYPES: Final[tuple[type[PduType], ...]] = (
    NopOut,
    ScsiCommand,
    TaskManagementRequest,
    LoginRequest,
    TextRequest,
    DataOut,
    LogoutRequest,
    SnackRequest,
    NopIn,
    ScsiResponse,
    TaskManagementResponse,
    LoginResponse,
    TextResponse,
    DataIn,
    LogoutResponse,
    R2t,
    AsyncMessage,
    Reject,
)
"The PDUs of the standards, in order of their opcodes."

_BY_OPCODE: Final[dict[int, type[PduType]]] = {pdu_type.opcode: pdu_type for pdu_type in PDU_TYPES}


def type_of(opcode: int) -> type[PduType]:
    """The type that serves `opcode`: a standard one, a registered plug-in, or one of the two generic ones."""
    standard = _BY_OPCODE.get(opcode)
    if standard is not None:
        return standard
    if opcode in registry.VENDOR_OPCODES:
        return registry.find(opcode) or VendorSpecific
    return Unknown


def sender_of(opcode: int) -> str:
    """`initiator` or `target`: who sends PDUs of this opcode (RFC 7143 section 11.2.1.2)."""
    return "target" if opcode & at.TARGET_OPCODE_MASK else "initiator"


def header_filters() -> dict[str, list[tuple[int, Field]]]:
    """Every name of the filter language that a header field has -> the opcodes that have it, each with its field."""
    found: dict[str, list[tuple[int, Field]]] = {}
    for pdu_type in PDU_TYPES:
        for row in pdu_type.fields:
            if row.filter:
                found.setdefault(row.filter, []).append((pdu_type.opcode, row))
    return found
