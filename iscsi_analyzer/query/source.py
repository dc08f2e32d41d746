"""What stands on the left of a comparison: a field, or something made of one (masked bits, a slice, a function)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from iscsi_analyzer.query import field as f
from iscsi_analyzer.query.names import Names
from iscsi_analyzer.query.scope import Level, Scope
from iscsi_analyzer.query.syntax import Slice
from iscsi_analyzer.query.values import Values


@dataclass(slots=True, frozen=True)
class Source:
    """Values for the items of a level."""

    name: str
    "What to call it in messages."
    kind: str
    level: Level
    read: f.Reader
    names: Names | None = None
    largest: int = f.LARGEST
    least: int = 0
    version: int = 0
    several: bool = False
    dear: bool = False
    set_means: bool = False
    "Standing alone it means that the value is not 0."
    looks_ahead: bool = False
    there: f.There | None = None
    chunk: int = 0


def of_field(field: f.QueryField) -> Source:
    """The field itself."""
    return Source(
        field.name,
        field.kind,
        field.level,
        field.read,
        field.names,
        field.largest,
        field.least,
        field.version,
        field.several,
        field.dear,
        field.flag,
        field.looks_ahead or field.level in (Level.TASK, Level.CONNECTION, Level.SESSION),
        field.there,
        field.chunk,
    )


def masked(source: Source, mask: int, name: str) -> Source:
    """Bits of a number."""

    def read(scope: Scope) -> Values:
        values = source.read(scope)
        room = (1 << 8 * values.data.dtype.itemsize) - 1
        data = values.data.view(f"u{values.data.dtype.itemsize}")
        return replace(values, data=data & data.dtype.type(mask & room))

    return replace(
        source, name=name, kind=f.NUMBER, read=read, names=None, largest=f.LARGEST, least=0, set_means=True, there=None
    )


def _mapped(source: Source, change: Callable[[Any], Any]) -> f.Reader:
    """The values of a table, each changed; None leaves a value out."""

    def read(scope: Scope) -> Values:
        values = source.read(scope)
        table = [change(value) for value in values.table or ()]
        lost = np.array([value is None for value in table], dtype=np.bool_)
        if not lost.any():
            return replace(values, table=table)
        there = ~lost[values.data]
        return replace(values, table=table, present=there if values.present is None else there & values.present)

    return read


def sliced(source: Source, parts: Sequence[Slice], name: str) -> Source:
    """Parts of texts or bytes, joined; a value that lacks one of the parts has no such slice."""

    def cut(value: Any) -> Any:
        found = value[:0]
        for part in parts:
            start = part.start if part.start >= 0 else len(value) + part.start
            end = len(value) if part.end is None else part.end if part.end > 0 else len(value) + part.end
            if not 0 <= start < end <= len(value):
                return None
            found += value[start:end]
        return found

    def change(value: Any) -> Any:
        return None if value is None else cut(value)

    return replace(source, name=name, read=_mapped(source, change), there=None)


def lower(source: Source, name: str) -> Source:
    """Texts in lower case."""
    return replace(source, name=name, read=_mapped(source, lambda value: None if value is None else value.lower()))


def upper(source: Source, name: str) -> Source:
    """Texts in upper case."""
    return replace(source, name=name, read=_mapped(source, lambda value: None if value is None else value.upper()))


def length(source: Source, name: str) -> Source:
    """Characters of texts, or number of bytes."""

    def read(scope: Scope) -> Values:
        values = source.read(scope)
        sizes = np.array([0 if value is None else len(value) for value in values.table or ()], dtype=np.int64)
        data = sizes[values.data] if len(sizes) else np.zeros(len(values.data), dtype=np.int64)
        return replace(values, data=data, table=None)

    return replace(source, name=name, kind=f.NUMBER, read=read, names=None, there=None)
