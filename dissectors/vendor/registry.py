"""Which plug-in dissects which vendor-specific opcode (0x1c to 0x1e from initiators, 0x3c to 0x3e from targets).

A plug-in is a `VendorPdu` subclass. Whoever wants one in use calls `register`; nothing registers itself by being
imported. A broken declaration is refused with an exception, since that is a programming error; what a plug-in's
methods raise on captured bytes is caught and becomes a `dissector-crashed` problem of the PDU.
"""

from __future__ import annotations

from typing import ClassVar

from dissectors.iscsi import layout as at
from dissectors.iscsi.base import PduType
from dissectors.iscsi.plan import Plan

VENDOR_OPCODES = frozenset(
    (
        *range(at.OP_VENDOR_INITIATOR_FIRST, at.OP_VENDOR_INITIATOR_LAST + 1),
        *range(at.OP_VENDOR_TARGET_FIRST, at.OP_VENDOR_TARGET_LAST + 1),
    )
)


class VendorPdu(PduType):
    """The base of plug-ins: set `opcode`, `name`, `fields`; override `explain`, `segment`, `summary` as needed."""

    foreign: ClassVar[bool] = True


_registered: dict[int, type[PduType]] = {}


def register(plugin: type[VendorPdu]) -> None:
    """Use `plugin` for its opcode from now on, in place of any before it. Raises ValueError if it cannot serve."""
    if plugin.opcode not in VENDOR_OPCODES:
        raise ValueError(f"{plugin.__name__}: opcode 0x{plugin.opcode:02x} is not vendor-specific")
    if not plugin.name:
        raise ValueError(f"{plugin.__name__} has no name")
    names = {row.name for row in plugin.fields}
    missing = {"opcode", "total_ahs_length", "data_segment_length"} - names
    if missing:
        raise ValueError(f"{plugin.__name__} does not declare {', '.join(sorted(missing))}")
    if not isinstance(plugin.plan, Plan) or not plugin.foreign:
        raise ValueError(f"{plugin.__name__} must be declared as a subclass of VendorPdu")
    _registered[plugin.opcode] = plugin


def unregister(opcode: int) -> None:
    """Go back to the generic decoding of `opcode`."""
    _registered.pop(opcode, None)


def find(opcode: int) -> type[PduType] | None:
    """The plug-in in use for `opcode`, if there is one."""
    return _registered.get(opcode)
