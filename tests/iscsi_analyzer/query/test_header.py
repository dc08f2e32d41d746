"""Numbers in headers as columns are the numbers that the bytes say."""

from __future__ import annotations

import numpy as np
import pytest

from dissectors.fields import Field
from iscsi_analyzer.query.header import Place, captured, enough, number, one_of, opcodes, place_of, seen_opcodes
from iscsi_analyzer.query.scope import Level, Moment, Scope
from tests.iscsi_analyzer.stores import busy, cut_short, varied

HEADERS = [row.header for row in varied().rows()]


@pytest.mark.parametrize("width", range(1, 9))
@pytest.mark.parametrize("offset", [0, 1, 8, 20, 40])
def test_numbers_of_every_width_are_big_endian(width: int, offset: int) -> None:
    scope = Moment(varied()).all(Level.PDU)
    found = number(scope, Place(offset, width, (1 << 8 * width) - 1)).tolist()
    assert found == [int.from_bytes(header[offset : offset + width], "big") for header in HEADERS]


@pytest.mark.parametrize(("width", "mask"), [(1, 0x0C), (2, 0x3FFF), (3, 0x7FFFFF), (3, 0xFF0000), (8, 0xFF << 40)])
def test_masked_bits_are_shifted_to_the_right(width: int, mask: int) -> None:
    scope = Moment(varied()).all(Level.PDU)
    shift = (mask & -mask).bit_length() - 1
    expected = [(int.from_bytes(header[1 : 1 + width], "big") & mask) >> shift for header in HEADERS]
    assert number(scope, Place(1, width, mask)).tolist() == expected


def test_some_rows_are_read_as_all_are() -> None:
    moment = Moment(varied())
    rows = np.array([3, 10, 11])
    assert opcodes(Scope(moment, Level.PDU, rows)).tolist() == [HEADERS[row][0] & 0x3F for row in rows]


def test_what_was_captured_of_headers_is_known() -> None:
    assert captured(Moment(varied()).all(Level.PDU)) is None
    assert enough(Moment(varied()).all(Level.PDU), 48) is None
    scope = Moment(cut_short()).all(Level.PDU)
    there = captured(scope)
    assert there is not None and there.tolist() == [row.header_captured for row in cut_short().rows()]
    whole = enough(scope, 48)
    assert whole is not None and not whole.any()


@pytest.mark.parametrize("kind", ["u1", "u2", "u4"])
def test_membership_of_small_and_large_numbers(kind: str) -> None:
    values = np.array([0, 3, 255, 7], dtype=kind)
    assert one_of(values, {3}).tolist() == [False, True, False, False]
    assert one_of(values, {3, 7, 1000}).tolist() == [False, True, False, True]
    assert one_of(values, set()).tolist() == [False] * 4


def test_the_opcodes_of_a_store_are_known() -> None:
    assert seen_opcodes(Moment(busy()).all(Level.PDU)) == {row.opcode for row in busy().rows()}


def test_a_declared_field_has_its_place() -> None:
    assert place_of(Field("x", "X", 4, 2)) == Place(4, 2, 0xFFFF)
    assert (place_of(Field("x", "X", 4, 2, 0x0FF0)).shift, Place(4, 2, 1).end) == (4, 6)
