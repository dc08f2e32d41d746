"""Sense data in responses, in events, and as the answer to REQUEST SENSE."""

from __future__ import annotations

from functools import cache

import pytest

from dissectors.fields import Node
from iscsi_analyzer.export.pdus import Pdus
from iscsi_analyzer.query.scope import Level, Moment
from iscsi_analyzer.query.sense_fields import senses
from iscsi_analyzer.store.store import Store
from tests.iscsi_analyzer.stores import SENSE, cut_short, found, found_tasks, store_of, varied
from tests.support.talk import Talk

MEDIUM = bytes.fromhex("72031100 00000000")
"MEDIUM ERROR, UNRECOVERED READ ERROR, descriptor format."
UNIT_ATTENTION = bytes.fromhex("70000600000000 0a 00000000 2900 00000000")


@cache
def store() -> Store:
    talk = Talk().open()
    talk.response(talk.command(read=512), 2, sense=SENSE)
    talk.response(talk.command(read=512), 2, sense=MEDIUM)
    talk.response(talk.command(read=512), 2, sense=SENSE[:3])
    talk.response(talk.command(read=512), 2, sense=b"\x70\x00")
    talk.response(talk.command(read=512), 2, sense=bytes.fromhex("7f1234"))
    talk.response(talk.command(), 2)
    task = talk.command(bytes.fromhex("030000001200"), flags=0xC1, expected_data_transfer_length=18)
    talk.data_in(task, UNIT_ATTENTION, status=0)
    talk.read(512)
    talk.async_message(0, data=len(UNIT_ATTENTION).to_bytes(2, "big") + UNIT_ATTENTION)
    return store_of(talk.frames)


def shown(number: int, name: str) -> list[object]:
    values: list[object] = []

    def collect(nodes: list[Node]) -> None:
        for node in nodes:
            values.extend([node.value] if node.filter == name else [])
            collect(node.children)

    collect(Pdus(store()).dissect(number, store().row(number)).tree())
    return values


@pytest.mark.parametrize("name", ["scsi.sns.key", "scsi.sns.asc", "scsi.sns.ascq", "scsi.sns.ascascq"])
def test_values_are_those_that_details_show(name: str) -> None:
    trees = {number: shown(number, name) for number in range(1, len(store()) + 1)}
    assert found(name, store()) == [number for number, values in trees.items() if values]
    for value in {value for values in trees.values() for value in values}:
        assert found(f"{name} == {value}", store()) == [number for number, values in trees.items() if value in values]


def test_sense_has_names() -> None:
    assert len(found('scsi.sns.key == "MEDIUM ERROR"', store())) == 1
    assert len(found('scsi.sns.ascascq == "LOGICAL BLOCK ADDRESS OUT OF RANGE"', store())) == 1
    assert len(found('scsi.sns.key in {"UNIT ATTENTION"}', store())) == 2
    assert found_tasks("scsi.sns.asc == 0x21", varied()) == found_tasks("iscsi.task.status == check", varied())


def test_sense_that_was_not_captured_is_not_there() -> None:
    assert found("scsi.sns.key", cut_short()) == []


def test_every_sense_has_its_place() -> None:
    scope = Moment(store()).all(Level.PDU)
    assert [place for place, _ in senses(scope)] == [number - 1 for number in found("scsi.sns.errtype", store())]
