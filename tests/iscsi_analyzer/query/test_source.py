"""What is made of a field: bits, slices, functions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from iscsi_analyzer.query import field as f
from iscsi_analyzer.query import source as sources
from iscsi_analyzer.query.fields import find
from iscsi_analyzer.query.scope import Level, Moment, Scope
from iscsi_analyzer.query.source import Source
from iscsi_analyzer.query.syntax import Slice
from iscsi_analyzer.query.values import Values
from tests.iscsi_analyzer.stores import varied


def scope() -> Scope:
    return Moment(varied()).all(Level.PDU)


def of(values: Values, kind: str = f.TEXT) -> Source:
    return Source("x", kind, Level.PDU, lambda _: values)


def table(*values: str | bytes | None) -> Source:
    return of(Values(np.arange(len(values)), None, None, list(values)))


def read(source: Source) -> list[object]:
    """The values that are there; None for those that are not."""
    values = source.read(scope())
    there = np.ones(len(values.data), dtype=bool) if values.present is None else values.present
    found = values.data.tolist() if values.table is None else [values.table[place] for place in values.data]
    return [value if present else None for value, present in zip(found, there, strict=True)]


@pytest.mark.parametrize("kind", ["u1", "u2", "u4", "u8", "i8"])
def test_bits_of_numbers_of_any_width(kind: str) -> None:
    source = of(Values(np.array([0xF3, 0x80, 0x01], dtype=kind)), f.NUMBER)
    assert read(sources.masked(source, 0x81, "m")) == [0x81, 0x80, 0x01]
    assert read(sources.masked(source, 0xFFFFFFFFFFFFFF00, "m")) == [0, 0, 0]
    masked = sources.masked(source, 1, "m")
    assert masked.set_means and masked.kind == f.NUMBER and masked.names is None


@given(st.text(max_size=8), st.integers(-9, 9), st.one_of(st.none(), st.integers(-9, 9)))
def test_a_slice_is_the_part_or_nothing(text: str, start: int, end: int | None) -> None:
    found = read(sources.sliced(table(text), [Slice(start, end)], "s"))[0]
    first = start if start >= 0 else len(text) + start
    last = len(text) if end is None else end if end > 0 else len(text) + end
    if 0 <= first < last <= len(text):
        assert found == text[first:last]
    else:
        assert found is None


def test_slices_are_joined() -> None:
    assert read(sources.sliced(table(b"abcdef", b"ab"), [Slice(0, 1), Slice(-2, None)], "s")) == [b"aef", b"aab"]
    assert read(sources.sliced(table(b"abc", None), [Slice(2, 3)], "s")) == [b"c", None]


def test_functions_of_texts() -> None:
    assert read(sources.lower(table("AbC", None), "l")) == ["abc", None]
    assert read(sources.upper(table("AbC"), "u")) == ["ABC"]
    lengths = sources.length(table("abc", b"", "x"), "len")
    assert (read(lengths), lengths.kind) == ([3, 0, 1], f.NUMBER)
    assert read(sources.length(of(Values(np.zeros(0, dtype=np.int64), None, None, [])), "len")) == []


def test_a_source_has_what_its_field_has() -> None:
    for name in ("iscsi.opcode", "tcp.port", "iscsi.keyvalue", "iscsi.pdu.data", "ip.src", "iscsi.task.latency"):
        field = find(name)
        assert field is not None
        source = sources.of_field(field)
        for attribute in ("name", "kind", "level", "names", "largest", "least", "version", "several", "dear", "chunk"):
            assert getattr(source, attribute) == getattr(field, attribute)
        assert source.looks_ahead == (field.looks_ahead or field.level in (1, 3, 4))
