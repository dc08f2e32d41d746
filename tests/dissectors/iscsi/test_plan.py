"""The laws of reading plans: they read what single fields read, and refuse declarations that contradict themselves."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dissectors.fields import BYTES, GROUP, Field
from dissectors.iscsi.plan import Plan

FIELDS = (
    Field("flags", "Flags", 1, 1, kind=GROUP),
    Field("high", "High", 1, 1, 0x80),
    Field("low", "Low", 1, 1, 0x0F),
    Field("odd", "Odd", 2, 3, 0x0FFFF0),
    Field("one", "One", 5, 1),
    Field("six", "Six", 8, 6),
    Field("eight", "Eight", 40, 8),
    Field("two", "Two", 20, 2),
    Field("raw", "Raw", 24, 16, kind=BYTES),
)


@given(st.binary(min_size=48, max_size=60))
def test_a_plan_reads_what_each_field_reads(header: bytes) -> None:
    plan = Plan(FIELDS)
    expected = {field.name: field.read(header) for field in FIELDS if field.kind != GROUP}
    assert plan.values(header) == expected
    assert plan.values(header) == expected  # a second time, from the tables
    assert plan.values_cut(header) == expected


@given(st.binary(max_size=47))
def test_a_short_header_yields_the_fields_that_are_whole(header: bytes) -> None:
    kept = [field.name for field in FIELDS if field.kind != GROUP and field.offset + field.width <= len(header)]
    assert list(Plan(FIELDS).values_cut(header)) == kept


def test_the_bits_of_nobody_are_reserved() -> None:
    rows = [(row.offset, row.width, row.mask) for row in Plan(FIELDS).reserved]
    assert rows == [
        (0, 1, 0), (1, 1, 0x70), (2, 1, 0xF0), (4, 1, 0x0F), (6, 2, 0), (14, 6, 0), (22, 2, 0),
    ]  # fmt: skip


@given(st.binary(max_size=48))
def test_reserved_bits_and_values_make_up_the_whole_header(header: bytes) -> None:
    plan = Plan(FIELDS)
    again = plan.reserved_bits(header)
    plan.write(again, dict(plan.values(header.ljust(48, b"\0"))))
    assert bytes(again) == header.ljust(48, b"\0")


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ((Field("a", "A", 0, 2), Field("b", "B", 1, 1)), "b shares bits of byte 1"),
        ((Field("a", "A", 0, 1, 0x0F), Field("b", "B", 0, 1, 0x18)), "b shares bits of byte 0"),
        ((Field("a", "A", 0, 1), Field("a", "A", 1, 1)), "two fields are called a"),
        ((Field("a", "A", 45, 4),), "a leaves the header"),
        ((Field("a", "A", -1, 1),), "a leaves the header"),
    ],
)
def test_a_declaration_that_contradicts_itself_is_refused(fields: tuple[Field, ...], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        Plan(fields)
