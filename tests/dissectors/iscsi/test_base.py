"""The laws of declarations: every type says where it is defined, and gets its plans from its fields alone."""

from __future__ import annotations

import inspect

import pytest

from dissectors.iscsi.base import COMMON_FIELDS, PduType, plain
from dissectors.pdu import PDU_TYPES

EVERY = pytest.mark.parametrize("pdu_type", PDU_TYPES, ids=[pdu_type.name for pdu_type in PDU_TYPES])


@EVERY
def test_the_docstring_names_the_section_of_the_standard(pdu_type: type[PduType]) -> None:
    assert "RFC 7143 section 11." in (inspect.getdoc(pdu_type) or "")


@EVERY
def test_every_type_has_the_common_fields(pdu_type: type[PduType]) -> None:
    names = {row.name for row in pdu_type.fields}
    assert COMMON_FIELDS - {"immediate"} <= names
    assert ({row.name for row in pdu_type.quick.fields} | COMMON_FIELDS) >= {row.name for row in pdu_type.plan.fields}


@EVERY
def test_fields_are_declared_in_the_order_of_their_bits(pdu_type: type[PduType]) -> None:
    places = [(row.offset, -row.width, -row.full_mask) for row in pdu_type.fields]
    assert places == sorted(places)


def test_plain_bytes_show_their_number_and_the_first_of_them() -> None:
    assert plain("Data", b"", 3).text == "empty"
    assert plain("Data", b"\1\2", 3).text == "2 bytes: 0102"
    node = plain("Data", bytes(20), 3, "iscsi.x")
    assert node.text == "20 bytes: " + "00" * 16 + "..."
    assert (node.value, node.offset, node.length, node.filter) == (bytes(20), 3, 20, "iscsi.x")
