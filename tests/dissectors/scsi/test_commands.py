"""The laws of the command tables."""

from __future__ import annotations

import itertools

import pytest

from dissectors.scsi import mmc, sbc, sbc_32, sbc_manage, smc, spc, spc_actions, ssc
from dissectors.scsi.cdb import commands, operation_name, parse_cdb
from dissectors.scsi.commands import NONE, OTHER, READ, SERVICE_ACTION_CODES, VARIABLE, WRITE, Command, cdb_length
from dissectors.scsi.tables import SIGNED

SETS = {
    "SPC": spc.COMMANDS + spc_actions.COMMANDS,
    "SBC": sbc.COMMANDS + sbc_manage.COMMANDS + sbc_32.COMMANDS,
    "SSC": ssc.COMMANDS,
    "SMC": smc.COMMANDS,
    "MMC": mmc.COMMANDS,
}
ALL = [command for table in SETS.values() for command in table]
TYPES = (None, 0x00, 0x01, 0x05, 0x08)


def bits(command: Command) -> list[tuple[str, int]]:
    """Every field of a command with the bits of the CDB that it takes, as one big number."""
    size = command.length
    found = [("operation code", 0xFF << 8 * (size - 1))]
    found.append(("control", 0xFF << 8 * (size - 2) if command.opcode == VARIABLE else 0xFF))
    if command.opcode == VARIABLE:
        found.append(("additional length", 0xFF << 8 * (size - 8)))
        found.append(("service action", 0xFFFF << 8 * (size - 10)))
    elif command.service_action is not None:
        found.append(("service action", 0x1F << 8 * (size - 2)))
    for field in command.fields:
        found.append((field.name, field.full_mask << 8 * (size - field.offset - field.width)))
    return found


@pytest.mark.parametrize("command", ALL, ids=lambda command: command.name)
def test_fields_do_not_overlap_and_lie_inside_the_cdb(command: Command) -> None:
    """Each bit of a CDB belongs to one field at most, and to no byte outside."""
    for (one, mask), (other, more) in itertools.combinations(bits(command), 2):
        assert not mask & more, f"{command.name}: {one} and {other}"
    for field in command.fields:
        assert field.offset + field.width <= command.length
        assert field.full_mask < 1 << (8 * field.width)
        assert field.kind == SIGNED or field.largest
    names = [field.name for field in command.fields]
    assert len(names) == len(set(names))
    assert not {"operation_code", "service_action", "control"} & set(names)


@pytest.mark.parametrize("table", SETS.values(), ids=SETS)
def test_a_set_declares_each_command_once(table: tuple[Command, ...]) -> None:
    """Operation code and service action identify a command within its set."""
    keys = [(command.opcode, command.service_action) for command in table]
    assert len(keys) == len(set(keys))
    names = [command.name for command in table]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("command", ALL, ids=lambda command: command.name)
def test_a_row_is_complete(command: Command) -> None:
    """Name, length, direction and the field that decides about data are sound."""
    assert command.name == command.name.upper()
    assert command.operation in (READ, WRITE, NONE, OTHER)
    assert command.length == (32 if command.opcode == VARIABLE else cdb_length(command.opcode))
    assert command.length
    if command.moves:
        assert command.moves.removeprefix("!") in [field.name for field in command.fields]
    if command.service_action is not None:
        assert command.opcode == VARIABLE or command.opcode in SERVICE_ACTION_CODES
        assert command.opcode in spc_actions.FAMILIES
    if command.name.endswith(")") and command.name[-3:-1].isdigit():
        assert command.name.endswith(f"({command.length})")


@pytest.mark.parametrize("device_type", TYPES)
def test_every_declared_command_is_found_for_its_device(device_type: int | None) -> None:
    """What the index lists reads back as itself."""
    listed = commands(device_type)
    assert {command.name for command in listed} >= {"INQUIRY", "READ(10)", "PERSISTENT RESERVE OUT (PREEMPT)"}
    for command in listed:
        cdb = bytearray(command.length)
        cdb[0] = command.opcode
        if command.opcode == VARIABLE:
            cdb[7:10] = b"\x18" + (command.service_action or 0).to_bytes(2, "big")
        elif command.service_action is not None:
            cdb[1] = command.service_action
        found = parse_cdb(bytes(cdb), device_type)
        assert found.command is command
        assert found.length == command.length
        assert found.problem == ""
        assert operation_name(bytes(cdb), device_type) == command.name
        assert found.text.startswith(command.name)


def test_the_own_set_of_a_device_wins() -> None:
    """No command of its own set is hidden from a device."""
    for device_type, table in ((None, "SBC"), (0, "SBC"), (1, "SSC"), (5, "MMC"), (8, "SMC")):
        assert set(map(id, SETS[table])) <= set(map(id, commands(device_type)))


BLOCK_NAMES = {
    0x00: "TEST UNIT READY",
    0x03: "REQUEST SENSE",
    0x04: "FORMAT UNIT",
    0x07: "REASSIGN BLOCKS",
    0x08: "READ(6)",
    0x0A: "WRITE(6)",
    0x12: "INQUIRY",
    0x15: "MODE SELECT(6)",
    0x16: "RESERVE(6)",
    0x17: "RELEASE(6)",
    0x1A: "MODE SENSE(6)",
    0x1B: "START STOP UNIT",
    0x1C: "RECEIVE DIAGNOSTIC RESULTS",
    0x1D: "SEND DIAGNOSTIC",
    0x1E: "PREVENT ALLOW MEDIUM REMOVAL",
    0x25: "READ CAPACITY(10)",
    0x28: "READ(10)",
    0x2A: "WRITE(10)",
    0x2E: "WRITE AND VERIFY(10)",
    0x2F: "VERIFY(10)",
    0x34: "PRE-FETCH(10)",
    0x35: "SYNCHRONIZE CACHE(10)",
    0x37: "READ DEFECT DATA(10)",
    0x3B: "WRITE BUFFER",
    0x3C: "READ BUFFER(10)",
    0x3E: "READ LONG(10)",
    0x3F: "WRITE LONG(10)",
    0x41: "WRITE SAME(10)",
    0x42: "UNMAP",
    0x4C: "LOG SELECT",
    0x4D: "LOG SENSE",
    0x53: "XDWRITEREAD(10)",
    0x55: "MODE SELECT(10)",
    0x5A: "MODE SENSE(10)",
    0x5E: "PERSISTENT RESERVE IN (READ KEYS)",
    0x5F: "PERSISTENT RESERVE OUT (REGISTER)",
    0x83: "EXTENDED COPY(LID1)",
    0x84: "RECEIVE COPY STATUS(LID1)",
    0x85: "ATA PASS-THROUGH(16)",
    0x88: "READ(16)",
    0x89: "COMPARE AND WRITE",
    0x8A: "WRITE(16)",
    0x8B: "ORWRITE(16)",
    0x8E: "WRITE AND VERIFY(16)",
    0x8F: "VERIFY(16)",
    0x90: "PRE-FETCH(16)",
    0x91: "SYNCHRONIZE CACHE(16)",
    0x93: "WRITE SAME(16)",
    0x9B: "READ BUFFER(16)",
    0xA0: "REPORT LUNS",
    0xA1: "ATA PASS-THROUGH(12)",
    0xA2: "SECURITY PROTOCOL IN",
    0xA8: "READ(12)",
    0xAA: "WRITE(12)",
    0xAE: "WRITE AND VERIFY(12)",
    0xAF: "VERIFY(12)",
    0xB5: "SECURITY PROTOCOL OUT",
    0xB7: "READ DEFECT DATA(12)",
}


def test_operation_codes_of_block_devices_have_their_names() -> None:
    """The codes in use (SBC-4, SPC-5) are known, with service action 0 where they have one."""
    assert {code: operation_name(bytes((code,)).ljust(16, b"\0")) for code in BLOCK_NAMES} == BLOCK_NAMES


@pytest.mark.parametrize("device_type", [*TYPES, 0x0D, 0x1F, 99])
def test_every_operation_code_has_a_name(device_type: int | None) -> None:
    """All 256 codes are named: known, vendor specific or unknown with their number."""
    for code in range(256):
        name = operation_name(bytes((code, 0x1E)), device_type)
        assert name
        if code >= 0xC0:
            assert name == f"Vendor specific (0x{code:02X})"
        if name.startswith("Unknown"):
            assert name == f"Unknown (0x{code:02X})"


@pytest.mark.parametrize(
    ("cdb", "name"),
    [
        (b"", "No CDB"),
        (b"\x62", "Unknown (0x62)"),
        (b"\xc1\x01", "Vendor specific (0xC1)"),
        (b"\xa3\x1f", "MAINTENANCE IN (service action 0x1f)"),
        (b"\xa3", "MAINTENANCE IN"),
        (b"\xa4\x0a", "SET TARGET PORT GROUPS"),
        (b"\x9e\x10", "READ CAPACITY(16)"),
        (b"\x9d\x01", "SERVICE ACTION BIDIRECTIONAL (service action 0x01)"),
        (b"\x7f" + bytes(7) + b"\x00\x0d", "WRITE SAME(32)"),
        (b"\x7f" + bytes(7) + b"\x88\x06", "VARIABLE LENGTH CDB (service action 0x8806)"),
        (b"\x7f", "VARIABLE LENGTH CDB"),
        (b"\x5e\x09", "PERSISTENT RESERVE IN (service action 0x09)"),
        (b"\x48\x03", "SANITIZE (CRYPTOGRAPHIC ERASE)"),
        (b"\x43", "READ TOC/PMA/ATIP"),
        (b"\xa5", "MOVE MEDIUM"),
        (b"\x05", "READ BLOCK LIMITS"),
    ],
)
def test_names_without_a_device_type(cdb: bytes, name: str) -> None:
    """Block devices come first, other device types where only they have the code; the rest says what it is."""
    assert operation_name(cdb) == parse_cdb(cdb).name == name


@pytest.mark.parametrize(
    ("opcode", "device_type", "name"),
    [
        (0x01, 0, "REZERO UNIT"),
        (0x01, 1, "REWIND"),
        (0x1B, 1, "LOAD UNLOAD"),
        (0x1B, 8, "OPEN/CLOSE IMPORT/EXPORT ELEMENT"),
        (0x1B, 5, "START STOP UNIT"),
        (0x07, 8, "INITIALIZE ELEMENT STATUS"),
        (0x34, 1, "READ POSITION"),
        (0xB8, 1, "READ ELEMENT STATUS"),
        (0xA1, 5, "BLANK"),
        (0xA4, 5, "REPORT KEY"),
        (0xA5, 5, "PLAY AUDIO(12)"),
        (0xA5, 8, "MOVE MEDIUM"),
        (0x28, 5, "READ(10)"),
        (0x93, 1, "ERASE(16)"),
        (0x93, 0x14, "WRITE SAME(16)"),
    ],
)
def test_one_code_means_different_commands_to_different_devices(opcode: int, device_type: int, name: str) -> None:
    """The device type decides."""
    assert operation_name(bytes((opcode, 0)), device_type) == name
