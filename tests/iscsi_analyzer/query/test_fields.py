"""The list of fields: complete, well formed, and helpful to those who mistype a name."""

from __future__ import annotations

import re

import pytest

from dissectors.fields import Node
from dissectors.iscsi.keytable import KEYS
from dissectors.iscsi.pdu_types import PDU_TYPES
from iscsi_analyzer.export.pdus import Pdus
from iscsi_analyzer.query import field as f
from iscsi_analyzer.query.fields import APPLIES_TO, beginning, fields, find, like
from iscsi_analyzer.query.lexer import tokens
from tests.iscsi_analyzer.stores import busy, varied

KINDS = (f.NUMBER, f.BOOLEAN, f.TEXT, f.BYTES, f.ADDRESS, f.TIME, f.DURATION, f.PROTOCOL)


def test_every_name_of_a_header_field_and_of_a_key_is_a_field() -> None:
    names = {row.filter for pdu_type in PDU_TYPES for row in pdu_type.fields} | {key.filter for key in KEYS.values()}
    assert sorted(names - {""} - set(fields())) == []


def test_every_name_that_a_field_tree_shows_is_a_field() -> None:
    shown: set[str] = set()

    def collect(nodes: list[Node]) -> None:
        for node in nodes:
            shown.add(node.filter)
            collect(node.children)

    for store in (varied(), busy()):
        pdus = Pdus(store)
        for number, row in enumerate(store.rows(), 1):
            collect(pdus.dissect(number, row, bytes_too=True).tree())
    assert sorted(shown - {""} - set(fields())) == []


def test_names_are_words_that_the_lexer_takes_whole() -> None:
    assert [name for name in fields() if tokens(name)[0].text != name] == []
    assert [name for name in fields() if not re.fullmatch(r"[A-Za-z_][\w.]*", name)] == []


def test_every_field_says_what_it_is() -> None:
    for name, field in fields().items():
        assert field.name == name
        assert field.about and field.kind in KINDS and field.level in APPLIES_TO
        assert (field.version in (4, 6)) == (field.kind == f.ADDRESS)
        assert field.least <= 0 < field.largest or field.kind not in f.NUMERIC


def test_fields_of_our_own_stay_under_prefixes_that_wireshark_does_not_use() -> None:
    own = ("iscsi.pdu.", "iscsi.task.", "iscsi.connection.", "iscsi.session.", "iscsi.finding")
    assert [name for name, field in fields().items() if field.own and not name.startswith(own)] == []


def test_fields_with_one_value_for_each_item_are_not_dear() -> None:
    assert [name for name, field in fields().items() if field.dear and not field.several] == []


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("iscsi.opcod", "iscsi.opcode"),
        ("ISCSI.OPCODE", "iscsi.opcode"),
        ("iscsi.bufferoffset", "iscsi.bufferOffset"),
        ("iscsi.latency", "iscsi.task.latency"),
        ("scsi.lunn", "scsi.lun"),
        ("xyzzy", None),
    ],
)
def test_a_mistyped_name_brings_the_right_one(wrong: str, right: str | None) -> None:
    assert find(wrong) is None
    found = like(wrong)
    assert (found[0] if found else None) == right
    assert len(found) <= 3


def test_names_can_be_completed() -> None:
    assert [field.name for field in beginning("iscsi.scsidata.")] == [
        "iscsi.scsidata.A",
        "iscsi.scsidata.F",
        "iscsi.scsidata.O",
        "iscsi.scsidata.readresidualcount",
        "iscsi.scsidata.S",
        "iscsi.scsidata.U",
    ]
    assert len(beginning("")) == len(fields())
    assert beginning("ISCSI.OPCODE") == [find("iscsi.opcode")]
