"""The laws of CDB decoding (SPC-5, SBC-4, SSC-5, SMC-3, MMC-6)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dissectors.scsi.cdb import commands, operation_name, parse_cdb
from tests.dissectors.scsi.trees import check_inside, find, walk


@pytest.mark.parametrize("cdb", ["000000000000", "28000000080000000800", "880000000001000000000000000800 00"])
def test_bytes_behind_the_cdb_change_nothing(cdb: str) -> None:
    """Padding is not part of a CDB whose length the operation code tells; what is not zero there is shown."""
    whole = parse_cdb(bytes.fromhex(cdb))
    longer = parse_cdb(whole.raw + b"tail")
    assert (longer.text, longer.values, longer.problem) == (whole.text, whole.values, "")
    assert longer.tree()[1].text == b"tail".hex()
    assert len(parse_cdb(whole.raw + bytes(4)).tree()) == 1


def test_the_tree_has_the_exact_place_of_every_field() -> None:
    """Offsets, masks, values and filter names of READ(10)."""
    tree = parse_cdb(bytes.fromhex("28f8000008000f0008c0")).tree(32)
    check_inside(tree, 32, 42)
    place = {node.filter: (node.offset, node.length, node.mask, node.value) for node in walk(tree) if node.filter}
    assert place["scsi_sbc.opcode"] == (32, 1, 0, 0x28)
    assert place["scsi_sbc.rdprotect"] == (33, 1, 0xE0, 7)
    assert place["scsi_sbc.dpo"] == (33, 1, 0x10, 1)
    assert place["scsi_sbc.fua"] == (33, 1, 0x08, 1)
    assert place["scsi_sbc.rdwr10.lba"] == (34, 4, 0, 2048)
    assert place["scsi_sbc.group"] == (38, 1, 0x3F, 15)
    assert place["scsi_sbc.rdwr10.xferlen"] == (39, 2, 0, 8)
    assert place["scsi.cdb.control"] == (41, 1, 0, 0xC0)
    assert place["scsi.cdb.control.vendorspecific"] == (41, 1, 0xC0, 3)


def test_undeclared_bits_are_shown() -> None:
    """Nothing that is set stays invisible, reserved or not."""
    tree = parse_cdb(bytes.fromhex("00ff00010000")).tree()
    assert [(node.label, node.offset, node.mask) for node in tree[0].children[1:3]] == [
        ("Other bits", 1, 0xFF),
        ("Other bits", 3, 0x01),
    ]


def test_service_actions_and_operation_codes_are_named_in_the_tree() -> None:
    """The field tree says what code and action stand for, under the names of the device's command set."""
    tree = parse_cdb(bytes.fromhex("9e100000000000000000000000200000")).tree()
    assert find(tree, "scsi_sbc.opcode").text == "SERVICE ACTION IN(16) (0x9e)"
    assert find(tree, "scsi_sbc.sa").text == "READ CAPACITY(16) (0x10)"
    assert find(parse_cdb(bytes(6), 1).tree(), "scsi_ssc.opcode").text == "TEST UNIT READY (0x00)"
    assert find(parse_cdb(bytes(6), 0x0D).tree(), "scsi.spc.opcode").value == 0
    assert find(parse_cdb(b"\xa5" + bytes(11)).tree(), "scsi_smc.opcode").value == 0xA5


def test_mode_pages_have_the_filter_name_of_their_standard() -> None:
    """Wireshark has one name for the pages of SPC, another one for those of SBC."""
    assert find(parse_cdb(bytes.fromhex("1a0008000400")).tree(), "scsi.mode.sbc.pagecode").value == 8
    assert find(parse_cdb(bytes.fromhex("1a003f000400")).tree(), "scsi.mode.spc.pagecode").value == 0x3F


def test_no_bytes_are_a_cdb_that_lacks_everything() -> None:
    """An empty buffer reads, with a problem."""
    cdb = parse_cdb(b"")
    assert (cdb.opcode, cdb.name, cdb.text, cdb.values, cdb.tree()) == (-1, "No CDB", "No CDB", {}, [])
    assert cdb.problem == "no bytes of a CDB"


def test_the_length_of_a_variable_length_cdb_is_its_own() -> None:
    """Additional CDB length counts from byte 8 on."""
    cdb = parse_cdb(b"\x7f" + bytes(6) + b"\xc0" + b"\x88\x06" + bytes(10))
    assert (cdb.length, cdb.problem) == (200, "20 of 200 bytes of the CDB")
    assert cdb.service_action == 0x8806


@given(st.binary(max_size=40), st.sampled_from([None, 0, 1, 5, 8, 13, 31, 77]), st.integers(0, 50))
def test_any_bytes_decode(data: bytes, device_type: int | None, offset: int) -> None:
    """Nothing raises, and everything agrees with everything."""
    cdb = parse_cdb(data, device_type)
    assert cdb.text.startswith(cdb.name)
    assert operation_name(data, device_type) == cdb.name
    assert cdb.operation in ("read", "write", "none", "other")
    check_inside(cdb.tree(offset), offset, offset + len(data))
    for field in cdb.command.fields:
        assert (field.name in cdb.values) == (field.offset + field.width <= min(len(data), cdb.length))


@given(st.data())
def test_any_field_values_come_back(data: st.DataObject) -> None:
    """Whatever is written into the fields of any command is read from them, and from nowhere else."""
    device_type = data.draw(st.sampled_from([0, 1, 5, 8]))
    command = data.draw(st.sampled_from(commands(device_type)))
    raw = bytearray(command.length)
    raw[0] = command.opcode
    if command.opcode == 0x7F:
        raw[7:10] = b"\x18" + (command.service_action or 0).to_bytes(2, "big")
    elif command.service_action is not None:
        raw[1] = command.service_action
    written = {}
    for field in command.fields:
        if field.kind in ("number", "flag"):
            written[field.name] = data.draw(st.integers(0, field.largest), label=field.name)
            field.write(raw, written[field.name])
    cdb = parse_cdb(bytes(raw), device_type)
    assert cdb.command is command
    assert written.items() <= cdb.values.items()
