"""Command descriptor blocks: which command it is, its fields, and what it says in one line (SPC, SBC, SSC, SMC, MMC).

The commands are declared in tables; here they are found and read. The same operation code means different commands to
different device types: without a type, block devices come first. Never raises on wire data.
"""

from __future__ import annotations

from typing import Final

from dissectors.fields import Field, Node, Value, Words, shifted
from dissectors.scsi import mmc, sbc, sbc_32, sbc_manage, smc, spc, spc_actions, ssc
from dissectors.scsi.cdb_text import say
from dissectors.scsi.commands import (
    NONE,
    OTHER,
    READ,
    SERVICE_ACTION_CODES,
    VARIABLE,
    WRITE,
    Command,
    cdb_length,
    other_bits,
)
from dissectors.scsi.spc_words import mode_page_filter
from dissectors.scsi.tables import flag, nodes, number, read, rest, values

_SETS: Final[dict[str, tuple[Command, ...]]] = {
    "scsi.spc.opcode": spc.COMMANDS + spc_actions.COMMANDS,
    "scsi_sbc.opcode": sbc.COMMANDS + sbc_manage.COMMANDS + sbc_32.COMMANDS,
    "scsi_ssc.opcode": ssc.COMMANDS,
    "scsi_smc.opcode": smc.COMMANDS,
    "scsi_mmc.opcode": mmc.COMMANDS,
}
"The command sets, under the filter name of their operation code."

_SPC, _SBC, _SSC, _SMC, _MMC = _SETS
_PRIORITIES: Final[dict[int | None, tuple[str, ...]]] = {
    None: (_SBC, _SPC, _SSC, _SMC, _MMC),
    0x01: (_SSC, _SPC, _SMC, _SBC, _MMC),
    0x05: (_MMC, _SPC, _SBC, _SSC, _SMC),
    0x08: (_SMC, _SPC, _SSC, _SBC, _MMC),
}
"Device type to command sets, the one that decides first. Types that are not listed read as None."

Index = list[Command | dict[int, Command] | None]


def _index(order: tuple[str, ...]) -> Index:
    """Operation code to command, or to the commands by service action, where the sets named first win."""
    index: Index = [None] * 256
    for name in order:
        fresh: dict[int, Command | dict[int, Command]] = {}
        for command in _SETS[name]:
            if command.service_action is None:
                fresh[command.opcode] = command
                continue
            actions = fresh.setdefault(command.opcode, {})
            assert isinstance(actions, dict), command.name
            actions[command.service_action] = command
        for opcode, found in fresh.items():
            known = index[opcode]
            if known is None:
                index[opcode] = found
            elif isinstance(known, dict) and isinstance(found, dict):
                index[opcode] = {**found, **known}
    return index


def _named(index: Index) -> list[str]:
    """Operation code to name; empty where a service action decides."""
    return ["" if isinstance(found, dict) else _unknown(code, found) for code, found in enumerate(index)]


def _unknown(opcode: int, found: Command | None) -> str:
    """The name of an operation code that has no service actions."""
    if found is not None:
        return found.name
    if opcode in spc_actions.FAMILIES:
        return ""
    return f"Vendor specific (0x{opcode:02X})" if opcode >= 0xC0 else f"Unknown (0x{opcode:02X})"


_INDEXES: Final = {device_type: _index(order) for device_type, order in _PRIORITIES.items()}
_NAMES: Final = {device_type: _named(index) for device_type, index in _INDEXES.items()}
_NAMES_OF_BLOCK_DEVICES: Final = _NAMES[None]
_SET_OF: Final = {id(command): name for name, commands in _SETS.items() for command in commands}
_OPCODE_FILTERS: Final[dict[int | None, str]] = {
    **dict.fromkeys((None, 0x00, 0x04, 0x07, 0x0E, 0x14), _SBC),
    0x01: _SSC,
    0x05: _MMC,
    0x08: _SMC,
}

_ADDITIONAL = number("additional_cdb_length", "Additional CDB length", 7, 1, 0, "scsi.spc.addcdblen")
_CONTROL_BITS = (
    number("vendor_specific", "Vendor specific", 0, 1, 0xC0, "scsi.cdb.control.vendorspecific"),
    flag("naca", "NACA", 0, 0x04, "scsi.cdb.control.naca"),
    flag("link_flag", "FLAG (obsolete)", 0, 0x02, "scsi.cdb.control.obs1"),
    flag("link", "LINK (obsolete)", 0, 0x01, "scsi.cdb.control.obs2"),
)


def operation_name(cdb: bytes, device_type: int | None = None) -> str:
    """The command's name, quickly: `READ(10)`, `REPORT TARGET PORT GROUPS`, `Vendor specific (0xC1)`."""
    if not cdb:
        return "No CDB"
    names = _NAMES_OF_BLOCK_DEVICES if device_type is None else _NAMES.get(device_type, _NAMES_OF_BLOCK_DEVICES)
    return names[cdb[0]] or find_command(cdb, device_type).name


def find_command(cdb: bytes, device_type: int | None = None) -> Command:
    """The declaration of the command in `cdb`, at least one byte; one without fields if it is unknown."""
    opcode = cdb[0]
    found = _INDEXES.get(device_type, _INDEXES[None])[opcode]
    if isinstance(found, Command):
        return found
    if found is None and opcode not in spc_actions.FAMILIES:
        return Command(opcode, None, _unknown(opcode, None), cdb_length(opcode), OTHER, ())
    action = _service_action(cdb)
    if found is not None and action is not None and action in found:
        return found[action]
    name, operation = spc_actions.FAMILIES[opcode]
    if action is not None:
        name = f"{name} (service action 0x{action:02x})"
    return Command(opcode, action, name, cdb_length(opcode), operation, ())


def _service_action(cdb: bytes) -> int | None:
    """The service action, where the operation code has them; None if its bytes are missing."""
    if cdb[0] == VARIABLE:
        return int.from_bytes(cdb[8:10], "big") if len(cdb) >= 10 else None
    if cdb[0] in SERVICE_ACTION_CODES and len(cdb) > 1:
        return cdb[1] & 0x1F
    return None


def _declare(command: Command) -> tuple[Field, ...]:
    """The command's own fields together with service action and control, in order of offsets."""
    fields = [*command.fields]
    if command.service_action is not None:
        fields.append(_action_field(command))
    if command.opcode == VARIABLE:
        fields.append(number("control", "Control", 1, 1, 0, "scsi.cdb.control", None, "hex"))
        fields.append(_ADDITIONAL)
    elif command.length:
        fields.append(number("control", "Control", command.length - 1, 1, 0, "scsi.cdb.control", None, "hex"))
    return tuple(sorted(fields, key=lambda field: field.offset))


def _opcode_field(command: Command, device_type: int | None) -> Field:
    """The operation code, under the filter name that Wireshark gives it for this device type."""
    name = command.name if command.service_action is None else spc_actions.FAMILIES[command.opcode][0]
    filter_name = _SET_OF.get(id(command), _SPC)
    if filter_name == _SPC and id(command) in _SET_OF:
        filter_name = _OPCODE_FILTERS.get(device_type, _SPC)
    return number("operation_code", "Operation code", 0, 1, 0, filter_name, Words({command.opcode: name}), "hex")


def _action_field(command: Command) -> Field:
    """The service action as a field whose words are the command's name."""
    words = Words({command.service_action or 0: command.name})
    if command.opcode == VARIABLE:
        return number("service_action", "Service action", 8, 2, 0, command.service_action_filter, words, "hex")
    return number("service_action", "Service action", 1, 1, 0x1F, command.service_action_filter, words, "hex")


_FIELDS: Final = {id(command): _declare(command) for commands in _SETS.values() for command in commands}


class Cdb:
    """A decoded command descriptor block. Bytes behind its own length (the padding of iSCSI) are not part of it."""

    __slots__ = (
        "_fields",
        "_values",
        "command",
        "device_type",
        "length",
        "name",
        "opcode",
        "problem",
        "raw",
        "service_action",
    )

    raw: bytes
    "The bytes as they were given."
    device_type: int | None
    "Peripheral device type by which the CDB was read; None if unknown."
    command: Command
    "The declaration that fits."
    opcode: int
    "Operation code; -1 if there are no bytes at all."
    name: str
    "`READ(10)`"
    service_action: int | None
    "Where the operation code has them, and its bytes are there."
    length: int
    "Bytes that a CDB of this command has; as many as were given if nothing tells."
    problem: str
    "What is wrong with the CDB as it stands; empty if nothing is."

    def __init__(self, raw: bytes, device_type: int | None = None) -> None:
        self.raw = raw
        self.device_type = device_type
        self.problem = ""
        self._values: dict[str, Value] | None = None
        self._fields: tuple[Field, ...] = ()
        if not raw:
            self.command = Command(-1, None, "No CDB", 0, OTHER, ())
            self.opcode, self.name, self.service_action, self.length = -1, "No CDB", None, 0
            self.problem = "no bytes of a CDB"
            return
        self.command = find_command(raw, device_type)
        self.opcode = raw[0]
        self.name = self.command.name
        self.service_action = self.command.service_action
        self.length = self.command.length or len(raw)
        if self.opcode == VARIABLE:
            self.length = 8 + raw[7] if len(raw) > 7 else 8
        if len(raw) < self.length:
            self.problem = f"{len(raw)} of {self.length} bytes of the CDB"
        self._fields = _FIELDS.get(id(self.command)) or _declare(self.command)

    @property
    def values(self) -> dict[str, Value]:
        """Field name to value, for the fields whose bytes are there."""
        if self._values is None:
            self._values = {"operation_code": self.opcode} if self.raw else {}
            self._values |= values(self._fields, self.raw, 0, self.length)
        return self._values

    def _number(self, name: str) -> int | None:
        """One of the command's own numbers; reads that field only, as many callers want no other."""
        for field in self.command.fields:
            if field.name == name:
                there = field.offset + field.width <= min(self.length, len(self.raw))
                value = read(field, self.raw) if there else None
                return value if isinstance(value, int) else None
        return None

    @property
    def lba(self) -> int | None:
        """The first logical block, for commands that name one."""
        return self._number("lba")

    @property
    def blocks(self) -> int | None:
        """The number of logical blocks, for commands that count them behind an LBA; 0 may mean up to the end."""
        count = self._number(self.command.count)
        return self.command.zero_blocks if count == 0 else count

    @property
    def allocation_length(self) -> int | None:
        """Room for Data-In in bytes, for commands that have the field."""
        return self._number("allocation_length")

    @property
    def operation(self) -> str:
        """Which way data moves as far as the CDB tells: `read` (to the initiator), `write`, `none` or `other`."""
        found = self.values
        if "t_dir" in found:
            if not found["t_length"]:
                return NONE
            return READ if found["t_dir"] else WRITE
        condition = self.command.moves
        if condition:
            value = found.get(condition.removeprefix("!"))
            if value is not None and bool(value) == condition.startswith("!"):
                return NONE
        return self.command.operation

    @property
    def text(self) -> str:
        """One line: `READ(10) LBA 2048, 8 blocks`."""
        return say(self.command, self.values, self.blocks)

    def tree(self, offset: int = 0) -> list[Node]:
        """The CDB as one node with its fields; `offset` is where it starts in the caller's buffer."""
        data = self.raw
        if not data:
            return []
        end = min(self.length, len(data))
        fields = [_opcode_field(self.command, self.device_type), *self._fields]
        fields += other_bits(fields, data[:end])
        fields.sort(key=lambda field: field.offset)
        node = Node("SCSI CDB", None, self.text, 0, end)
        node.problem = self.problem
        node.children = nodes(fields, data, 0, end)
        for child in node.children:
            if child.filter == "scsi.cdb.control":
                child.children = nodes(_CONTROL_BITS, data, child.offset)
            elif child.filter == "scsi.mode.sbc.pagecode":
                child.filter = mode_page_filter(data[2] & 0x3F)
        result = [node]
        if any(data[end:]):
            result += rest("Bytes after the CDB", data, end)
        return shifted(result, offset)

    def __repr__(self) -> str:
        return f"Cdb({self.text})"


def parse_cdb(cdb: bytes, device_type: int | None = None) -> Cdb:
    """Decode a CDB of any length; `device_type` is the peripheral device type of INQUIRY data (0: block device)."""
    return Cdb(bytes(cdb), device_type)


def commands(device_type: int | None = None) -> list[Command]:
    """Every command that a device type reads, in order of operation code and service action: the table behind docs."""
    result: list[Command] = []
    for found in _INDEXES.get(device_type, _INDEXES[None]):
        if isinstance(found, dict):
            result += [found[action] for action in sorted(found)]
        elif found is not None:
            result.append(found)
    return result
