"""Data and digests are read from the capture again, and only where they are."""

from __future__ import annotations

from functools import cache

import pytest

from iscsi_analyzer.query import compile_filter
from iscsi_analyzer.query.data_fields import CHUNK, data_fields
from iscsi_analyzer.store.store import Store
from tests.iscsi_analyzer.stores import Feeding, found, store_of, varied
from tests.support.talk import I2T, Talk


@cache
def store() -> Store:
    talk = Talk(header_digest=True, data_digest=True).open()
    talk.ping(b"ping!")
    talk.ping()
    task = talk.command(write=1024, data=b"immediate" * 3)
    talk.response(task)
    talk.read(4096)
    talk.send(I2T, 0x1C, 0x80, data=b"vendor's", initiator_task_tag=1)
    return store_of(talk.frames)


@pytest.mark.parametrize(
    ("name", "opcodes"),
    [
        ("iscsi.pingdata", {0x00, 0x20}),
        ("iscsi.immediatedata", {0x01}),
        ("iscsi.vendorspecificdata", {0x1C}),
        ("iscsi.pdu.data", set(range(64))),
    ],
)
def test_data_are_where_a_pdu_of_their_kind_has_some(name: str, opcodes: set[int]) -> None:
    expected = [
        number for number, row in enumerate(store().rows(), 1) if row.opcode in opcodes and row.data_segment_length
    ]
    assert found(name, store()) == expected
    assert found(f"{name} contains 00 || !({name} contains 00) && {name}", store()) == expected


def test_every_byte_of_the_data_can_be_asked_for() -> None:
    assert len(found("iscsi.pingdata == 70:69:6e:67:21", store())) == 2
    assert len(found('iscsi.pingdata contains "ping"', store())) == 2
    assert len(found('iscsi.immediatedata matches "(IMMEDIATE){3}$"', store())) == 1
    assert len(found("len(iscsi.vendorspecificdata) == 8", store())) == 1
    assert found('iscsi.pdu.data contains "InitiatorName"', store())[0] == 1
    for number, row in enumerate(store().rows(), 1):
        if row.data_segment_length:
            assert number in found(f"len(iscsi.pdu.data) == {row.data_segment_length}", store())


def test_digests_are_where_they_are_in_use() -> None:
    with_header = [number for number, row in enumerate(store().rows(), 1) if row.header_digest == "ok"]
    with_data = [number for number, row in enumerate(store().rows(), 1) if row.data_digest == "ok"]
    assert found("iscsi.headerdigest32", store()) == with_header != []
    assert found("iscsi.datadigest32", store()) == with_data != []
    number = with_header[0]
    digest = store().raw(store().row(number))[48:52].hex()
    assert number in found(f"iscsi.headerdigest32 == 0x{digest}", store())
    row = store().row(with_data[-1])
    assert with_data[-1] in found(f"iscsi.datadigest32 == 0x{store().raw(row)[-4:].hex()}", store())
    assert found("iscsi.headerdigest32", varied()) == []


def test_padding_fills_to_a_multiple_of_four() -> None:
    expected = [number for number, row in enumerate(store().rows(), 1) if row.data_segment_length % 4]
    assert found("iscsi.padding", store()) == expected != []
    assert found("iscsi.padding == 00:00:00", store()) != []
    for number in expected:
        size = -store().row(number).data_segment_length & 3
        assert number in found(f"len(iscsi.padding) == {size}", store())


def test_presence_reads_nothing_and_cheap_tests_go_first() -> None:
    talk = Talk().open()
    for _ in range(3 * CHUNK):
        talk.read(512)
    feeding = Feeding()
    feeding.feed(talk.frames)
    reads: list[int] = []
    read_span = feeding.store._read_span
    feeding.store._read_span = lambda position, length: reads.append(position) or read_span(position, length)  # type: ignore[func-returns-value]
    assert found("iscsi.pdu.data", feeding.store) and not reads
    compile_filter("iscsi.pdu.data contains 00 && iscsi.pdu.number == 9").pdus(feeding.store)
    assert len(reads) <= 2
    whole = found("iscsi.opcode == 0x25 && len(iscsi.pdu.data) == 512", feeding.store)
    assert len(whole) == 3 * CHUNK


def test_all_of_them_are_dear() -> None:
    assert all(field.dear and field.chunk and field.there for field in data_fields())
