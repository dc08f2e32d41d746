"""A PDU in full: every byte belongs to a line, and lines that are folded hide what is below them."""

from __future__ import annotations

import pytest

from iscsi_analyzer.export.pdu_view import Views
from tests.tui.stores import store
from tui.pdus.detail import Detail, Line, detail, shown


def of(name: str, number: int, *, secrets: bool = False) -> Detail:
    found = store(name)
    return detail(found, Views(found, secrets=secrets, bytes_too=True), number)


@pytest.mark.parametrize("name", ["k34", "b01", "f02", "k09"])
def test_lines_point_to_bytes_that_are_there_and_back(name: str) -> None:
    found = store(name)
    for number in range(1, min(len(found), 60) + 1):
        seen = of(name, number)
        assert len(seen.raw) == len(seen.known)
        for line in seen.lines:
            assert line.offset + line.length <= len(seen.raw) or line.remark
        for place in range(min(len(seen.raw), 100)):
            index = seen.line_of(place)
            if index is not None:
                line = seen.lines[index]
                assert line.offset <= place < line.offset + line.length


def test_the_line_of_a_byte_is_the_most_exact_one() -> None:
    lines = [Line(0, ("a",), "a", "", "", 0, 8, True), Line(1, ("a", "b"), "b", "", "", 2, 2)]
    seen = Detail(1, "", lines, bytes(9), bytes(9))
    assert [seen.line_of(place) for place in (0, 2, 3, 4, 8)] == [0, 1, 1, 0, None]


def test_findings_and_oddities_stand_first() -> None:
    found = store("k60_testcu_iSCSIcmdsn")
    number = next(number for number in found.marks if found.verdicts.names(number))
    first = of("k60_testcu_iSCSIcmdsn", number).lines[0]
    assert first.remark in ("error", "warning", "note")
    assert found.verdicts.names(number)[0] in first.label


def test_secrets_are_hidden_unless_asked_for() -> None:
    found = store("k04")
    numbers = range(1, len(found) + 1)
    hidden = [number for number in numbers if of("k04", number).hidden]
    assert hidden
    assert not any(of("k04", number, secrets=True).hidden for number in hidden)


def test_what_is_folded_hides_what_is_below_it() -> None:
    lines = [
        Line(0, ("a",), "a", "", "", 0, 8, True),
        Line(1, ("a", "b"), "b", "", "", 0, 2, True),
        Line(2, ("a", "b", "c"), "c", "", "", 0, 1),
        Line(1, ("a", "d"), "d", "", "", 2, 2),
        Line(0, ("e",), "e", "", "", 8, 1),
    ]
    assert shown(lines, set()) == [0, 1, 2, 3, 4]
    assert shown(lines, {("a", "b")}) == [0, 1, 3, 4]
    assert shown(lines, {("a",)}) == [0, 4]
    assert shown(lines, {("a",), ("a", "b")}) == [0, 4]
