"""Fields of two PDUs stand beside each other by name, and nothing of either is left out."""

from __future__ import annotations

from iscsi_analyzer.export.pdu_view import Views
from tests.tui.stores import store
from tui.pdus.comparing import compare
from tui.pdus.detail import detail


def test_equal_pdus_do_not_differ() -> None:
    found = store("k34")
    one = detail(found, Views(found, bytes_too=True), 3)
    assert not any(pair.differs for pair in compare(one, one))


def test_every_field_of_both_is_there_once() -> None:
    found = store("k34")
    views = Views(found, bytes_too=True)
    one, other = detail(found, views, 3), detail(found, views, 4)
    pairs = compare(one, other)
    assert [pair.left for pair in pairs if pair.left is not None] == [line.text for line in one.lines]
    assert [pair.right for pair in pairs if pair.right is not None] == [line.text for line in other.lines]
    tag = next(pair for pair in pairs if pair.label == "Initiator Task Tag")
    assert not tag.differs
    opcode = next(pair for pair in pairs if pair.label == "Opcode")
    assert opcode.differs
