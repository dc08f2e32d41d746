"""Fields of CDBs say of every SCSI Command what the decoder says: whatever the device, the length, and what was cut."""

from __future__ import annotations

from functools import cache

import pytest

from dissectors.fields import Node
from dissectors.iscsi.ahs import EXTENDED_CDB, build_ahs, full_cdb
from dissectors.scsi.cdb import parse_cdb
from iscsi_analyzer.query.cdb_fields import cdb_fields
from iscsi_analyzer.store.device_types import device_types
from iscsi_analyzer.store.store import Store
from tests.iscsi_analyzer.stores import INQUIRY, TAPE, cut_short, found, sliced, store_of, varied
from tests.support.talk import Talk

LONG_READ = bytes.fromhex("7f00000000000018 0009 20 00 0000000000001000 00000000 0000 0000 00000008")
CDBS = [
    bytes.fromhex(text).ljust(16, b"\0")
    for text in (
        "280800001000000008",  # READ(10) with FUA
        "8a1000000000000200000000001000",  # WRITE(16) with DPO
        "1a080a00ff00",  # MODE SENSE(6), a page of SPC
        "1a080800ff00",  # and one of SBC
        "9e10000000000000000000000020",  # READ CAPACITY(16)
        "9e12000000000000100000000020",  # GET LBA STATUS
        "5e00000000000000ff00",  # PERSISTENT RESERVE IN, READ KEYS
        "5f010500000000001800",  # PERSISTENT RESERVE OUT, RESERVE
        "a3 0c 01 12 0000 000000ff 0000",  # REPORT SUPPORTED OPERATION CODES
        "1100fffffb00",  # SPACE(6), backwards
        "08000002 0000",  # READ(6), 256 blocks
        "c1ffffffffff",  # nobody's
        "12018300ff04",  # INQUIRY with NACA
    )
]


def conversation() -> Talk:
    talk = Talk().open()
    task = talk.command(INQUIRY, lun=5, flags=0xC1, expected_data_transfer_length=96)
    talk.data_in(task, TAPE, status=0)
    for lun in (0, 5):
        for cdb in CDBS:
            talk.test_unit_ready(cdb=cdb, lun=lun)
        ahs = build_ahs(EXTENDED_CDB, LONG_READ[16:])
        talk.test_unit_ready(cdb=LONG_READ[:16], lun=lun, ahs=ahs)
    return talk


@cache
def whole() -> Store:
    return store_of(conversation().frames)


@cache
def cut(bytes_of_header: int) -> Store:
    return store_of(sliced(conversation().frames, 14 + 20 + 32 + bytes_of_header))


def shown(store: Store, number: int) -> dict[str, list[int]]:
    """Name -> values that the tree of the CDB of a PDU shows."""
    row = store.row(number)
    values: dict[str, list[int]] = {}

    def collect(nodes: list[Node]) -> None:
        for node in nodes:
            if node.filter and isinstance(node.value, int):
                values.setdefault(node.filter, []).append(node.value)
            collect(node.children)

    if row.opcode == 1 and row.header_captured > 32:
        cdb = full_cdb(row.header[: row.header_captured], store.ahs(number))
        lun = int.from_bytes(row.header[8:16], "big")
        collect(parse_cdb(cdb, device_types(store).of(row.connection, lun, number)).tree())
    return values


@pytest.mark.parametrize("captured", [48, 47, 41, 36, 34, 33, 32])
def test_every_field_of_every_command_is_read(captured: int) -> None:
    store = whole() if captured == 48 else cut(captured)
    trees = {number: shown(store, number) for number in range(1, len(store) + 1)}
    names = {field.name for field in cdb_fields()}
    assert {name for tree in trees.values() for name in tree} <= names
    for name in sorted(names):
        if name.endswith(".opcode"):
            continue  # inherited by data and responses
        for value in {value for tree in trees.values() for value in tree.get(name, ())}:
            expected = [number for number, tree in trees.items() if value in tree.get(name, ())]
            commands = [number for number in found(f"{name} == {value}", store) if store.row(number).opcode == 1]
            assert commands == expected, (name, value)
        there = [number for number in found(name, store) if store.row(number).opcode == 1]
        assert there == [number for number, tree in trees.items() if name in tree], name


def test_cdbs_of_variable_length_are_read_beyond_the_header() -> None:
    store = whole()
    assert len(found("scsi.spc.svcaction == 9", store)) == 2
    assert len(found("scsi.spc.addcdblen == 0x18", store)) == 2
    assert len(found("iscsi.task.lba == 0x1000 && iscsi.task.blocks == 8 && iscsi.opcode == 1", store)) == 4


def test_the_same_operation_code_means_other_fields_to_other_devices() -> None:
    store = whole()
    assert len(found("iscsi.opcode == 1 && scsi_sbc.rdwr6.lba", store)) == 1
    assert len(found("iscsi.opcode == 1 && scsi_ssc.opcode == 8 && scsi_ssc.rdwr6.xferlen", store)) == 1
    assert len(found("scsi_ssc.space6.count == -5 && iscsi.opcode == 1", store)) == 2
    assert found("scsi_ssc.opcode == 8 && scsi.lun == 0", store) == []


def test_operation_codes_have_the_names_of_commands() -> None:
    assert found('scsi_sbc.opcode == "READ(16)"', varied()) == found("scsi_sbc.opcode == 0x88", varied()) != []
    assert found("scsi_sbc.opcode == read10 && iscsi.opcode == 1", cut_short()) != []
