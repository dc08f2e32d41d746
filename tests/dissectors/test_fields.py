"""The laws of the vocabulary: words for every code, conditions that may be unknowable, fields that read what they
wrote."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dissectors.fields import BYTES, Field, Node, When, Words, shifted

COLOURS = Words({1: "red"}, ((0x80, 0xFF, "private"),), "reserved")


@pytest.mark.parametrize(("code", "words"), [(1, "red"), (0x80, "private"), (0xFF, "private"), (0, "reserved")])
def test_every_code_has_words(code: int, words: str) -> None:
    assert COLOURS(code) == words
    assert COLOURS.known(code) == (words == "red")


@st.composite
def fields(draw: st.DrawFn) -> Field:
    """A field of consecutive bits somewhere in 48 bytes."""
    width = draw(st.integers(1, 8))
    size = draw(st.integers(1, 8 * width))
    shift = draw(st.integers(0, 8 * width - size))
    return Field("f", "F", draw(st.integers(0, 48 - width)), width, ((1 << size) - 1) << shift)


@given(fields(), st.binary(min_size=48, max_size=48), st.data())
def test_a_field_reads_what_it_wrote_and_leaves_all_other_bits_alone(
    field: Field, old: bytes, data: st.DataObject
) -> None:
    value = data.draw(st.integers(0, field.largest))
    header = bytearray(old)
    field.write(header, value)
    assert field.read(bytes(header)) == value
    field.write(header, field.read(old))
    assert bytes(header) == old


def test_bytes_are_padded_with_zeros_and_never_cut() -> None:
    field = Field("b", "B", 1, 3, kind=BYTES)
    header = bytearray(b"\xff" * 5)
    field.write(header, b"a")
    assert bytes(header) == b"\xffa\0\0\xff"
    assert field.read(bytes(header)) == b"a\0\0"
    with pytest.raises(ValueError, match="at most 3"):
        field.write(header, b"abcd")
    with pytest.raises(TypeError):
        field.write(header, 1)


@pytest.mark.parametrize("value", [-1, 8])
def test_a_number_that_does_not_fit_is_refused(value: int) -> None:
    with pytest.raises(ValueError, match="takes 0 to 0x7"):
        Field("f", "F", 0, 1, 0x0E).write(bytearray(1), value)


def test_a_number_field_takes_no_bytes() -> None:
    with pytest.raises(TypeError):
        Field("f", "F", 0, 1).write(bytearray(1), b"1")


def test_numbers_are_described_in_their_base_and_with_their_words() -> None:
    assert Field("f", "F", 0, 2).describe(441) == "441"
    assert Field("f", "F", 0, 3, base="hex").describe(441) == "0x0001b9"
    assert Field("f", "F", 0, 1, words=COLOURS).describe(1) == "red (1)"
    assert Field("f", "F", 0, 1, 0x7F, words=COLOURS, base="hex").describe(2) == "reserved (0x02)"
    assert Field("f", "F", 0, 4, kind=BYTES).describe(b"\1\2") == "0102"
    assert Field("f", "F", 0, 4).describe("as it is") == "as it is"


ONE = frozenset((1,))


@pytest.mark.parametrize(
    ("condition", "values", "holds"),
    [
        (When("outside"), {"a": 1}, None),
        (When("a", any_of=(("a", ONE),)), {"a": 1}, True),
        (When("a", any_of=(("a", ONE),)), {"a": 2}, False),
        (When("a", any_of=(("a", ONE),)), {}, None),
        (When("a or b", any_of=(("a", ONE), ("b", ONE))), {"a": 0, "b": 1}, True),
        (When("not a", none_of=(("a", ONE),)), {"a": 1}, False),
        (When("not a", none_of=(("a", ONE),)), {"a": 0}, True),
        (When("b, not a", (("b", ONE),), (("a", ONE),)), {"a": 1, "b": 1}, False),
        (When("b, not a", (("b", ONE),), (("a", ONE),)), {"a": 0, "b": 0}, False),
    ],
)
def test_a_condition_is_true_false_or_not_to_be_told(
    condition: When, values: dict[str, int | str | bytes], holds: bool | None
) -> None:
    assert condition.holds(values) is holds


def test_shifting_moves_a_node_with_everything_below_it() -> None:
    inner = Node("inner", 1, "1", 3, 1)
    outer = Node("outer", None, "", 2, 4, children=[inner])
    assert shifted([outer], 48) == [outer]
    assert (outer.offset, inner.offset) == (50, 51)
