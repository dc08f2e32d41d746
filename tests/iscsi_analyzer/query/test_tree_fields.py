"""Fields of decoded data are found where the details of a PDU show them."""

from __future__ import annotations

from functools import cache

import pytest

from dissectors.fields import Node
from dissectors.iscsi.ahs import BIDIRECTIONAL_READ_LENGTH, build_ahs
from iscsi_analyzer.export.pdus import Pdus
from iscsi_analyzer.query.fields import fields
from iscsi_analyzer.query.scope import Level, Moment
from iscsi_analyzer.query.tree_fields import Details, declarations, reader, tree_fields
from iscsi_analyzer.store.store import Store
from tests.iscsi_analyzer.stores import DISK, INQUIRY, SENSE, TAPE, found, found_tasks, store_of
from tests.support.talk import Talk

CAPACITY = bytes.fromhex("000fffff 00000200")
MODE = bytes.fromhex("1f000000 0806 0c0000000000 00 0a 0a 02100000000000000000").ljust(0x20, b"\0")


@cache
def store() -> Store:
    talk = Talk().open()
    for cdb, data in (
        (INQUIRY, DISK),
        (INQUIRY, TAPE),
        (bytes.fromhex("25000000000000000000"), CAPACITY),
        (bytes.fromhex("1a003f00ff00"), MODE),
    ):
        task = talk.command(cdb, flags=0xC1, expected_data_transfer_length=255)
        talk.data_in(task, data, status=0)
    talk.response(talk.command(read=512), 2, sense=SENSE)
    talk.test_unit_ready(ahs=build_ahs(BIDIRECTIONAL_READ_LENGTH, b"\0\0\x10\0\0"[:5]))
    talk.reject(talk.nop_out(), 4)
    return store_of(talk.frames)


@cache
def trees() -> dict[int, dict[str, list[object]]]:
    pdus = Pdus(store())
    found_values: dict[int, dict[str, list[object]]] = {}

    def collect(nodes: list[Node], into: dict[str, list[object]]) -> None:
        for node in nodes:
            if node.filter and node.value is not None:
                into.setdefault(node.filter, []).append(node.value)
            collect(node.children, into)

    for number, row in enumerate(store().rows(), 1):
        collect(pdus.dissect(number, row).tree(), found_values.setdefault(number, {}))
    return found_values


def test_every_value_that_details_show_is_found() -> None:
    names = {field.name for field in tree_fields()} & {name for tree in trees().values() for name in tree}
    assert {"scsi.inquiry.vendor_id", "scsi_sbc.blocksize", "scsi.sns.info", "iscsi.ahs.type"} <= names
    for name in sorted(names):
        assert found(name, store()) == [number for number, tree in trees().items() if name in tree], name
        for value in {value for tree in trees().values() for value in tree.get(name, ())}:
            text = f'"{value}"' if isinstance(value, str) else value.hex(":") if isinstance(value, bytes) else value
            if value == b"" or (fields()[name].kind == "text" and not isinstance(value, str)):
                continue
            expected = [number for number, tree in trees().items() if value in tree.get(name, ())]
            assert found(f"{name} == {text}", store()) == expected, (name, value)


@pytest.mark.parametrize(
    "text",
    [
        'scsi.inquiry.vendor_id contains "ACME"',
        "scsi.inquiry.devtype == 1",
        "scsi_sbc.blocksize == 512",
        "scsi.inquiry.removable == True",
        "iscsi.ahs.type == 2",
    ],
)
def test_data_find_their_task(text: str) -> None:
    assert found(text, store()) != []
    assert found_tasks(text, store()) != []


def test_what_a_reject_quotes_does_not_match() -> None:
    rejects = found("iscsi.opcode == 0x3f", store())
    assert len(rejects) == 1
    assert not set(rejects) & set(found("iscsi.cmdsn", store()))


def test_fields_of_cdbs_and_data_have_the_values_of_both() -> None:
    both = [field.name for field in fields().values() if field.about.endswith("and in decoded data")]
    assert both
    for name in both:
        assert found(name, store()) == [number for number, tree in trees().items() if name in tree], name


def test_declarations_are_those_of_the_decoders() -> None:
    names = declarations()
    assert names["scsi.inquiry.vendor_id"].label
    assert "scsi.sns.info" in names and "scsi_sbc.rdwr10.lba" not in names
    assert len(tree_fields()) > len(names)


def test_details_are_those_of_the_display() -> None:
    nodes = Details(store()).nodes(1)
    assert nodes and nodes[0].filter in ("iscsi.I", "iscsi.opcode")
    scope = Moment(store()).all(Level.PDU)
    values = reader("scsi.inquiry.product_id", "text")(scope)
    assert values.table is not None and "Virtual disk" in values.table[0]
