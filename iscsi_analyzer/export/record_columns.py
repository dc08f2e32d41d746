"""Records as rows of columns. Names are those of the JSON, with dots into what is nested: `initiator.port`."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from itertools import groupby
from operator import attrgetter
from typing import Any, get_args

import msgspec

from iscsi_analyzer.export.tables import visible
from iscsi_analyzer.export.tabular import Layout


@cache
def names_known(kind: type[msgspec.Struct]) -> tuple[str, ...]:
    """The names of all columns of a kind of record, in order."""
    return tuple(_names(kind, ""))


def _names(kind: type, prefix: str) -> Iterator[str]:
    for field in msgspec.structs.fields(kind):
        inner = next((each for each in (field.type, *get_args(field.type)) if _is_record(each)), None)
        if inner is None:
            yield prefix + field.name
        else:
            yield from _names(inner, f"{prefix}{field.name}.")


def _is_record(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, msgspec.Struct)


def value(record: msgspec.Struct, name: str) -> str:
    """The text of a column; empty if the record has nothing there."""
    found: Any = record
    for part in name.split("."):
        found = getattr(found, part, None)
    return _text(found)


def _text(found: Any) -> str:
    if found is None:
        return ""
    if isinstance(found, str):
        return found
    if isinstance(found, bool):
        return "1" if found else "0"
    if isinstance(found, list):
        return ",".join(map(str, found))
    if isinstance(found, dict):
        return msgspec.json.encode(found).decode()
    return str(found)


def table(records: Iterable[msgspec.Struct], names: Sequence[str], layout: Layout | None) -> Iterator[str]:
    """The lines of -T fields, or with no `layout` of CSV (RFC 4180), header included."""
    if layout is None:
        yield from _csv(records, names)
        return
    quote = layout.quote
    head = "\ufeff" if layout.bom else ""
    if layout.header:
        head += layout.separator.join(f"{quote}{name}{quote}" for name in names) + "\n"
    if head:
        yield head
    for record in records:
        cells = [visible(value(record, name)) for name in names]
        yield layout.separator.join(f"{quote}{cell}{quote}" if cell else "" for cell in cells) + "\n"


def _csv(records: Iterable[msgspec.Struct], names: Sequence[str]) -> Iterator[str]:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(names)
    parts = _parts(names)
    for record in records:
        yield text.getvalue()
        text.seek(0)
        text.truncate()
        cells: list[str] = []
        for inner, get, nothing in parts:
            holder = record if not inner else getattr(record, inner)
            cells += nothing if holder is None else [visible(_text(found)) for found in get(holder)]
        writer.writerow(cells)
    yield text.getvalue()


_Part = tuple[str, Callable[[Any], Iterable[Any]], list[str]]
"Columns that stand together in one record: see `_parts`."


def _parts(names: Sequence[str]) -> list[_Part]:
    """The field that holds the record of each run of columns (empty: the record itself), what gets their values, and
    the cells for when it is not there."""
    found: list[_Part] = []
    for inner, some in groupby(names, lambda name: name.rpartition(".")[0]):
        own = [name.rpartition(".")[2] for name in some]
        get = attrgetter(*own) if len(own) > 1 else _alone(own[0])
        found.append((inner, get, [""] * len(own)))
    return found


def _alone(name: str) -> Callable[[Any], Iterable[Any]]:
    return lambda record: (getattr(record, name),)
