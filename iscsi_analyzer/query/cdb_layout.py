"""Where the fields of CDBs stand, for all commands at once: asked of the decoder in `dissectors.scsi`, command by
command.

A layout is for one device type: filter name -> places, each with the commands that have the field there. Built when
the first filter on a CDB field needs it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Final, NamedTuple

from dissectors.fields import FLAG, Field, Node, Words
from dissectors.scsi import spc_actions
from dissectors.scsi.cdb import commands, operation_name, parse_cdb
from dissectors.scsi.commands import SERVICE_ACTION_CODES, VARIABLE, Command
from dissectors.scsi.tables import SIGNED
from iscsi_analyzer.query.header import Place

DEVICE_TYPES: Final[tuple[int | None, ...]] = (None, 0x01, 0x05, 0x08)
"Those that have commands of their own; None reads as a block device."
OPCODE_NAMES: Final = ("scsi.spc.opcode", "scsi_sbc.opcode", "scsi_ssc.opcode", "scsi_smc.opcode", "scsi_mmc.opcode")
ACTIONS: Final = 32
LONGEST: Final = 32
"Bytes of a CDB in which declared fields stand."
_PAGE: Final = "scsi.mode.sbc.pagecode"
_PAGES: Final = 64
_NO_ACTION: Final = 0xFFFF


class Spot(NamedTuple):
    """Where a field stands in a CDB; `only` are the values that bear this name (None: all)."""

    place: Place
    only: frozenset[int] | None = None


@dataclass(slots=True)
class Commands:
    """A set of commands."""

    opcodes: set[int] = field(default_factory=set)
    "Those with every service action that they have."
    actions: dict[int, set[int]] = field(default_factory=dict)
    "Operation code -> service actions, for the others."
    variable: set[int] = field(default_factory=set)
    "Service actions of CDBs of variable length; _NO_ACTION stands for all that are not known or not captured."

    def long(self, action: int, known: set[int]) -> bool:
        """Whether a CDB of variable length with this service action is in the set."""
        return (action if action in known else _NO_ACTION) in self.variable


Layout = dict[str, dict[Spot, Commands]]


@cache
def layout(device_type: int | None) -> Layout:
    """The layout for a device type."""
    found: Layout = {}
    for cdb, actions in _examples(device_type):
        for name, spot in _spots(cdb, device_type):
            where = found.setdefault(name, {}).setdefault(spot, Commands())
            if cdb[0] == VARIABLE:
                where.variable |= actions
            elif actions:
                where.actions.setdefault(cdb[0], set()).update(actions)
            else:
                where.opcodes.add(cdb[0])
    for spots in found.values():
        for where in spots.values():
            whole = [opcode for opcode, actions in where.actions.items() if len(actions) == ACTIONS]
            where.opcodes.update(whole)
            for opcode in whole:
                del where.actions[opcode]
    return found


@cache
def variable_actions(device_type: int | None) -> set[int]:
    """The service actions of CDBs of variable length that are declared."""
    return {
        command.service_action
        for command in commands(device_type)
        if command.opcode == VARIABLE and command.service_action is not None
    }


def _examples(device_type: int | None) -> Iterator[tuple[bytes, set[int]]]:
    """A CDB of every command that can be told apart, and the service actions that it stands for: its own, or all that
    are not declared; none if the operation code alone makes the command."""
    declared_actions: dict[int, set[int]] = {opcode: set() for opcode in SERVICE_ACTION_CODES}
    for command in commands(device_type):
        if command.service_action is not None and command.opcode != VARIABLE:
            declared_actions[command.opcode].add(command.service_action)
    for opcode in range(256):
        if opcode == VARIABLE:
            for action in sorted({*variable_actions(device_type), _NO_ACTION}):
                cdb = bytes((opcode, 0, 0, 0, 0, 0, 0, LONGEST - 8)) + action.to_bytes(2, "big")
                yield cdb.ljust(LONGEST, b"\0"), {action}
        elif opcode in SERVICE_ACTION_CODES:
            known = declared_actions[opcode]
            rest = set(range(ACTIONS)) - known
            for actions in [*({action} for action in sorted(known)), *([rest] if rest else [])]:
                yield bytes((opcode, min(actions))).ljust(16, b"\0"), actions
        else:
            yield bytes((opcode,)).ljust(16, b"\0"), set()


def _spots(cdb: bytes, device_type: int | None) -> Iterator[tuple[str, Spot]]:
    for name, place in _named(parse_cdb(cdb, device_type).tree()):
        if name != _PAGE and not name.endswith(".pagecode"):
            yield name, Spot(place)
            continue
        # The page code of MODE SENSE has another name for each command set that defines pages.
        names: dict[str, set[int]] = {}
        for value in range(_PAGES):
            other = bytearray(cdb)
            other[place.offset] = value
            for found, where in _named(parse_cdb(bytes(other), device_type).tree()):
                if where == place:
                    names.setdefault(found, set()).add(value)
        for found, values in names.items():
            yield found, Spot(place, frozenset(values) if len(names) > 1 else None)


def _named(nodes: list[Node]) -> Iterator[tuple[str, Place]]:
    for node in nodes:
        if node.filter:
            yield node.filter, Place(node.offset, node.length, node.mask or (1 << 8 * node.length) - 1)
        yield from _named(node.children)


def declared() -> dict[str, Field]:
    """Every filter name of a CDB field that a command declares, with one of its declarations."""
    found: dict[str, Field] = {}
    for device_type in DEVICE_TYPES:
        for command in commands(device_type):
            for row in command.fields:
                if row.filter:
                    best = found.setdefault(row.filter, row)
                    if best.words is None and row.words is not None:
                        found[row.filter] = row
            action = _action(command)
            if action is not None:
                found.setdefault(action.filter, action)
    return found


def _action(command: Command) -> Field | None:
    if command.service_action is None or not command.service_action_filter:
        return None
    width = 2 if command.opcode == VARIABLE else 1
    return Field("service_action", "Service action", 1, width, 0, command.service_action_filter, base="hex")


@cache
def opcode_words() -> Words:
    """Names of operation codes, of block devices first."""
    names: dict[int, str] = {}
    for device_type in DEVICE_TYPES:
        for opcode in range(256):
            family = spc_actions.FAMILIES.get(opcode)
            name = family[0] if family else operation_name(bytes((opcode,)), device_type)
            if not name.startswith(("Unknown", "Vendor specific")):
                names.setdefault(opcode, name)
    return Words(names)


def is_flag(row: Field) -> bool:
    """One bit: true or false."""
    return row.kind == FLAG


def is_signed(row: Field) -> bool:
    """A two's complement number."""
    return row.kind == SIGNED
