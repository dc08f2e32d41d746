"""How a SCSI command is declared: one `Command` per operation code and service action, made by `row` and `family`.

Also the fields that many commands share. The command sets themselves are in spc.py, sbc.py, ssc.py, smc.py and mmc.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from dissectors.fields import FLAG, Field
from dissectors.scsi.tables import flag, number

READ: Final = "read"
"Data moves to the initiator."
WRITE: Final = "write"
"Data moves to the target."
NONE: Final = "none"
"No data moves."
OTHER: Final = "other"
"Data moves both ways, or the CDB does not tell."

VARIABLE: Final = 0x7F
"The operation code of variable length CDBs: service action in bytes 8 and 9."

# Operation codes whose service action, in the low 5 bits of byte 1, makes the command.
SERVICE_ACTION_CODES: Final = frozenset(
    (0x48, 0x5E, 0x5F, 0x83, 0x84, 0x86, 0x87, 0x8C, 0x94, 0x95, 0x9D, 0x9E, 0x9F, 0xA3, 0xA4, 0xA9, 0xAB)
)

_ACTION_FILTERS: Final[dict[int, str]] = {
    VARIABLE: "scsi.spc.svcaction",
    0x83: "scsi.extcopy.service_action",
    0x84: "scsi.recv_copy.service_action",
    0x9E: "scsi_sbc.sa",
    0x9F: "scsi_sbc.sa",
    0xA3: "scsi.mpi.service_action",
}

_COUNTS: Final = ("transfer_length", "verification_length", "number_of_logical_blocks", "prefetch_length")


@dataclass(slots=True, frozen=True)
class Command:
    """One command of a command set."""

    opcode: int
    service_action: int | None
    "The service action that belongs to the name; None if the operation code alone makes the command."
    name: str
    "The standard's name, with the CDB length where the standard has it: `READ(10)`."
    length: int
    "Bytes of the CDB; 0 if only the CDB itself knows (variable length)."
    operation: str
    "READ, WRITE, NONE or OTHER: which way data moves."
    fields: tuple[Field, ...]
    "In order of offsets, without operation code, service action, additional CDB length and control."
    moves: str = ""
    "Name of the field that must not be 0 for data to move; with `!` before it: that must be 0."
    zero_blocks: int = 0
    "Number of blocks that a count of 0 stands for."
    to_the_end: bool = False
    "True if a count of 0 stands for all blocks from the LBA on."
    service_action_filter: str = ""

    @property
    def count(self) -> str:
        """Name of the field that counts the logical blocks behind the LBA; empty if there is none."""
        names = [field.name for field in self.fields]
        if "lba" not in names:
            return ""
        return next((name for name in _COUNTS if name in names), "")


def cdb_length(opcode: int) -> int:
    """Length in bytes by the group of the operation code (SPC-5 4.2.5.1); 0 if the group has none."""
    if opcode in (0x7E, VARIABLE):
        return 0
    return (6, 10, 10, 0, 16, 12, 0, 0)[opcode >> 5]


def row(
    opcode: int,
    name: str,
    operation: str,
    *fields: Field,
    sa: int | None = None,
    moves: str = "",
    zero_blocks: int = 0,
    to_the_end: bool = False,
    sa_filter: str = "",
) -> Command:
    """Declare a command; `sa` is its service action."""
    length = 32 if opcode == VARIABLE else cdb_length(opcode)
    ordered = tuple(sorted(fields, key=lambda field: (field.offset, -field.full_mask >> 8 * (field.width - 1))))
    return Command(
        opcode,
        sa,
        name,
        length,
        operation,
        ordered,
        moves,
        zero_blocks,
        to_the_end,
        service_action_filter=sa_filter or _ACTION_FILTERS.get(opcode, ""),
    )


def family(
    opcode: int,
    name: str,
    operation: str,
    actions: dict[int, str],
    *fields: Field,
    sa_filter: str = "",
    moves: str = "",
) -> tuple[Command, ...]:
    """Declare the service actions of one command that share their fields: `PERSISTENT RESERVE IN (READ KEYS)`."""
    return tuple(
        row(opcode, f"{name} ({words})", operation, *fields, sa=action, sa_filter=sa_filter, moves=moves)
        for action, words in actions.items()
    )


def named(opcode: int, operation: str, actions: dict[int, str], *fields: Field) -> tuple[Command, ...]:
    """Declare service actions that share their fields and have names of their own: `REPORT ALIASES`."""
    return tuple(row(opcode, words, operation, *fields, sa=action) for action, words in actions.items())


def lba(offset: int, width: int, filter: str = "", mask: int = 0, label: str = "Logical block address") -> Field:
    """The logical block address."""
    return number("lba", label, offset, width, mask, filter)


def transfer(offset: int, width: int, filter: str = "") -> Field:
    """The transfer length."""
    return number("transfer_length", "Transfer length", offset, width, 0, filter)


def blocks(offset: int, width: int, filter: str = "") -> Field:
    """The number of logical blocks."""
    return number("number_of_logical_blocks", "Number of logical blocks", offset, width, 0, filter)


def allocation(offset: int, width: int, filter: str = "") -> Field:
    """The allocation length in bytes."""
    return number("allocation_length", "Allocation length", offset, width, 0, filter)


def parameters(offset: int, width: int, filter: str = "") -> Field:
    """The parameter list length in bytes."""
    return number("parameter_list_length", "Parameter list length", offset, width, 0, filter)


def group_number(offset: int) -> Field:
    """The group number."""
    return number("group_number", "Group number", offset, 1, 0x3F, "scsi_sbc.group")


def immed(mask: int, filter: str = "", offset: int = 1) -> Field:
    """The bit that asks for status before the operation is done."""
    return flag("immed", "IMMED", offset, mask, filter)


def other_bits(fields: list[Field], cdb: bytes) -> list[Field]:
    """A field for the bits of each byte that are set although none of `fields` has them."""
    declared = [0] * len(cdb)
    for field in fields:
        for byte in range(min(field.width, len(cdb) - field.offset)):
            declared[field.offset + byte] |= field.full_mask >> 8 * (field.width - 1 - byte) & 0xFF
    return [
        Field(f"other_{at}", "Other bits", at, 1, mask, base="hex")
        for at, (byte, known) in enumerate(zip(cdb, declared, strict=True))
        if (mask := byte & ~known)
    ]


def is_flag(field: Field) -> bool:
    """True for a single bit with a name."""
    return field.kind == FLAG
