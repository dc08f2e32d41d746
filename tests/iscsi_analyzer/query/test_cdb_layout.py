"""The places of CDB fields are those at which the decoder shows them, for every command of every device."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dissectors.fields import Node
from dissectors.scsi.cdb import commands, parse_cdb
from dissectors.scsi.commands import VARIABLE
from dissectors.scsi.tables import SIGNED
from iscsi_analyzer.query.cdb_layout import (
    DEVICE_TYPES,
    LONGEST,
    OPCODE_NAMES,
    declared,
    is_flag,
    is_signed,
    layout,
    opcode_words,
    variable_actions,
)


def named(nodes: list[Node]) -> set[tuple[str, int, int]]:
    found = {(node.filter, node.offset, node.length) for node in nodes if node.filter}
    return found.union(*(named(node.children) for node in nodes))


def laid_out(cdb: bytes, device_type: int | None) -> set[tuple[str, int, int]]:
    found = set()
    for name, spots in layout(device_type).items():
        for spot, where in spots.items():
            if cdb[0] == VARIABLE:
                here = where.long(int.from_bytes(cdb[8:10], "big"), variable_actions(device_type))
            else:
                here = cdb[0] in where.opcodes or cdb[1] & 0x1F in where.actions.get(cdb[0], ())
            value = (
                int.from_bytes(cdb[spot.place.offset : spot.place.end], "big") & spot.place.mask
            ) >> spot.place.shift
            if here and (spot.only is None or value in spot.only):
                found.add((name, spot.place.offset, spot.place.width))
    return found


@pytest.mark.parametrize("device_type", DEVICE_TYPES)
@given(st.binary(min_size=16, max_size=16))
def test_any_cdb_has_its_fields_where_the_layout_says(device_type: int | None, cdb: bytes) -> None:
    if cdb[0] != VARIABLE:
        assert laid_out(cdb, device_type) == named(parse_cdb(cdb, device_type).tree())


@pytest.mark.parametrize("device_type", DEVICE_TYPES)
def test_every_command_is_laid_out(device_type: int | None) -> None:
    for command in commands(device_type):
        action = command.service_action or 0
        cdb = bytes((command.opcode, action & 0x1F)).ljust(16, b"\0")
        if command.opcode == VARIABLE:
            cdb = bytes((VARIABLE, 0, 0, 0, 0, 0, 0, LONGEST - 8)) + action.to_bytes(2, "big")
            cdb = cdb.ljust(LONGEST, b"\0")
        assert laid_out(cdb, device_type) == named(parse_cdb(cdb, device_type).tree()), command.name


def test_every_name_of_a_layout_is_declared_or_common_to_all_commands() -> None:
    common = {*OPCODE_NAMES, "scsi.cdb.control", "scsi.spc.addcdblen", "scsi.mode.spc.pagecode"}
    common |= {f"scsi.cdb.control.{bits}" for bits in ("vendorspecific", "naca", "obs1", "obs2")}
    for device_type in DEVICE_TYPES:
        assert set(layout(device_type)) - set(declared()) <= common


def test_declarations_tell_flags_and_signs() -> None:
    rows = declared()
    assert is_flag(rows["scsi_sbc.fua"]) and not is_flag(rows["scsi_sbc.rdwr10.lba"])
    assert is_signed(rows["scsi_ssc.space6.count"]) and rows["scsi_ssc.space6.count"].kind == SIGNED
    assert not is_signed(rows["scsi_sbc.rdwr10.lba"])


def test_operation_codes_have_names() -> None:
    assert opcode_words()(0x28) == "READ(10)"
    assert opcode_words()(0x5E) == "PERSISTENT RESERVE IN"
    assert not opcode_words().known(0xFF)
