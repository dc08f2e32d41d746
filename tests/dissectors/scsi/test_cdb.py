"""The laws of CDB decoding (SPC-5, SBC-4, SSC-5, SMC-3, MMC-6)."""

from __future__ import annotations

from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dissectors.scsi.cdb import commands, operation_name, parse_cdb
from tests.dissectors.scsi.trees import check_inside, find, walk


class Case(NamedTuple):
    """One CDB and what it must read as."""

    cdb: str
    text: str
    operation: str
    lba: int | None = None
    blocks: int | None = None
    allocation: int | None = None
    device_type: int | None = None


# As the initiators of Linux, libiscsi and QEMU send them, padded to 16 bytes as iSCSI does.
CAPTURED = [
    Case("28000000080000000800000000000000", "READ(10) LBA 2048, 8 blocks", "read", 2048, 8),
    Case("2a080000000000000100000000000000", "WRITE(10) LBA 0, 1 block, FUA", "write", 0, 1),
    Case("00000000000000000000000000000000", "TEST UNIT READY", "none"),
    Case("12000000240000000000000000000000", "INQUIRY standard data, allocation 36", "read", allocation=36),
    Case(
        "12018300cb0000000000000000000000",
        "INQUIRY VPD page Device identification (0x83), allocation 203",
        "read",
        allocation=203,
    ),
    Case("1a000800200000000000000000000000", "MODE SENSE(6) page Caching (0x08), allocation 32", "read", allocation=32),
    Case("9e100000000000000000000000200000", "READ CAPACITY(16) allocation 32", "read", allocation=32),
    Case("25000000000000000000000000000000", "READ CAPACITY(10)", "read"),
    Case("a0000000000000001000000000000000", "REPORT LUNS allocation 4096", "read", allocation=4096),
    Case("a30c011200000000000a000000000000", "REPORT SUPPORTED OPERATION CODES allocation 10", "read", allocation=10),
    Case("a30a0000000000001000000000000000", "REPORT TARGET PORT GROUPS allocation 4096", "read", allocation=4096),
    Case("35000000000000000000000000000000", "SYNCHRONIZE CACHE(10) LBA 0, to the end", "none", 0, 0),
    Case(
        "5e000000000000400000000000000000",
        "PERSISTENT RESERVE IN (READ KEYS) allocation 16384",
        "read",
        allocation=16384,
    ),
    Case(
        "5f010300000000001800000000000000",
        "PERSISTENT RESERVE OUT (RESERVE) Exclusive access (3), parameters 24 bytes",
        "write",
    ),
    Case("ff000000000000000000000000000000", "Vendor specific (0xFF)", "other"),
]

BLOCK_DEVICES = [
    Case("080000000000", "READ(6) LBA 0, 256 blocks", "read", 0, 256),
    Case("0a1fffff0800", "WRITE(6) LBA 2097151, 8 blocks", "write", 0x1FFFFF, 8),
    Case("a80000001000000002000000", "READ(12) LBA 4096, 512 blocks", "read", 4096, 512),
    Case("88000000000100000000000000080000", "READ(16) LBA 4294967296, 8 blocks", "read", 1 << 32, 8),
    Case(
        "7f00 00000000 00 18 0009 0800 00000000000000ff 00000000 0000 0000 00000010",
        "READ(32) LBA 255, 16 blocks, FUA",
        "read",
        255,
        16,
    ),
    Case("2f000000000100000100", "VERIFY(10) LBA 1, 1 block", "none", 1, 1),
    Case("2f020000000100000100", "VERIFY(10) LBA 1, 1 block", "write", 1, 1),
    Case("41080000000000100000", "WRITE SAME(10) LBA 0, 4096 blocks, UNMAP", "write", 0, 4096),
    Case("41000000000000000000", "WRITE SAME(10) LBA 0, to the end", "write", 0, 0),
    Case("93090000000000000000001000000000", "WRITE SAME(16) LBA 0, 1048576 blocks, UNMAP, NDOB", "none", 0, 1 << 20),
    Case("93080000000000000000001000000000", "WRITE SAME(16) LBA 0, 1048576 blocks, UNMAP", "write", 0, 1 << 20),
    Case("89000000000000000001000000010000", "COMPARE AND WRITE LBA 1, 1 block", "write", 1, 1),
    Case("53000000000100000800", "XDWRITEREAD(10) LBA 1, 8 blocks", "other", 1, 8),
    Case("42000000000000001800", "UNMAP parameters 24 bytes", "write"),
    Case("9e120000000000000100000000180000", "GET LBA STATUS(16) LBA 256, allocation 24", "read", 256, None, 24),
    Case("1b0000000200", "START STOP UNIT LOEJ", "none"),
    Case("1b0000003100", "START STOP UNIT STANDBY (3), START", "none"),
    Case("041000000000", "FORMAT UNIT FMTDATA", "write"),
    Case("040000000000", "FORMAT UNIT", "none"),
    Case("481e0000000000000000", "SANITIZE (service action 0x1e)", "other"),
    Case("48830000000000000000", "SANITIZE (CRYPTOGRAPHIC ERASE) IMMED", "none"),
    Case("83000000000000000000000000580000", "EXTENDED COPY(LID1) parameters 88 bytes", "write"),
    Case(
        "84030000000000000000000001000000", "RECEIVE COPY OPERATING PARAMETERS allocation 256", "read", allocation=256
    ),
    Case("83110000000000000000000002180000", "WRITE USING TOKEN parameters 536 bytes", "write"),
    Case("85082e0001000000000000000000ec00", "ATA PASS-THROUGH(16) PIO data-in (4), CK_COND, T_DIR, BYT_BLOK", "read"),
    Case("8506000000000000000000000000e000", "ATA PASS-THROUGH(16) Non-data (3)", "none"),
    Case("850a0600000000000000000000003500", "ATA PASS-THROUGH(16) PIO data-out (5), BYT_BLOK", "write"),
    Case(
        "a2ef00000000000002000000",
        "SECURITY PROTOCOL IN ATA device server password (0xef), allocation 512",
        "read",
        allocation=512,
    ),
    Case(
        "4d004d00000000010000",
        "LOG SENSE Cumulative values (1), page Temperature (0x0d), allocation 256",
        "read",
        allocation=256,
    ),
    Case("1d0400000000", "SEND DIAGNOSTIC SELFTEST", "none"),
    Case(
        "3b050000000000001000",
        "WRITE BUFFER Download microcode, save and activate (0x05), parameters 16 bytes",
        "write",
    ),
]

TAPES = [
    Case("010000000000", "REWIND", "none"),
    Case("080100001000", "READ(6) 16 blocks, FIXED", "read"),
    Case("0a0000800000", "WRITE(6) 32768 bytes", "write"),
    Case("1101fffffe00", "SPACE(6) Filemarks (1), count -2", "none"),
    Case("100000000200", "WRITE FILEMARKS(6) 2 filemarks", "none"),
    Case("2b000000000007000000", "LOCATE(10) object 7", "none"),
    Case("92000000000000000000000900000000", "LOCATE(16) Logical object (0), identifier 9", "none"),
    Case("34060000000000000000", "READ POSITION Long form (0x06), allocation 0", "read", allocation=0),
]
CHANGERS = [
    Case("a50000000001000a00000000", "MOVE MEDIUM from 1, to 10", "none"),
    Case(
        "b81200000010000010000000",
        "READ ELEMENT STATUS Storage element (2), from element 0, 16 elements, allocation 4096, VOLTAG",
        "read",
        allocation=4096,
    ),
]
DISCS = [
    Case(
        "43020200000001000c00",
        "READ TOC/PMA/ATIP Full TOC (2), track 1, allocation 12, TIME",
        "read",
        allocation=12,
    ),
    Case("be000000001000000af80000", "READ CD LBA 16, 10 blocks", "read", 16, 10),
    Case("28000000001000000100", "READ(10) LBA 16, 1 block", "read", 16, 1),
]
CASES = [
    *CAPTURED,
    *BLOCK_DEVICES,
    *(case._replace(device_type=1) for case in TAPES),
    *(case._replace(device_type=8) for case in CHANGERS),
    *(case._replace(device_type=5) for case in DISCS),
]
NAMES = [case.text for case in CASES]


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_a_cdb_reads_as_one_line(case: Case) -> None:
    """Name, main fields, direction, first block, blocks and allocation length come out of the bytes."""
    cdb = parse_cdb(bytes.fromhex(case.cdb), case.device_type)
    assert (cdb.text, cdb.operation) == (case.text, case.operation)
    assert (cdb.lba, cdb.blocks, cdb.allocation_length) == (case.lba, case.blocks, case.allocation)
    assert cdb.problem == ""
    assert repr(cdb) == f"Cdb({case.text})"


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_every_truncation_decodes_as_far_as_it_goes(case: Case) -> None:
    """A cut CDB keeps the name that its bytes tell, keeps its nodes inside what is left, and says that it is cut."""
    whole = bytes.fromhex(case.cdb)
    full = parse_cdb(whole, case.device_type)
    for length in range(len(whole)):
        cdb = parse_cdb(whole[:length], case.device_type)
        check_inside(cdb.tree(), 0, length)
        assert cdb.text
        assert cdb.values.items() <= full.values.items() | {("service_action", None)}
        if full.command.length:
            assert bool(cdb.problem) == (length < full.length)


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_bytes_behind_the_cdb_change_nothing(case: Case) -> None:
    """Padding is not part of a CDB whose length the operation code tells; what is not zero there is shown."""
    whole = bytes.fromhex(case.cdb)
    cdb = parse_cdb(whole, case.device_type)
    if not cdb.command.length:
        return
    longer = parse_cdb(whole[: cdb.length] + b"tail", case.device_type)
    assert (longer.text, longer.values, longer.problem) == (cdb.text, cdb.values, "")
    assert longer.tree()[1].text == b"tail".hex()


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
