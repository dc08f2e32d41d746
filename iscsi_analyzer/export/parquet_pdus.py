"""PDUs as columns for Parquet: those of ordinary PDUs are filled group by group, others record by record."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import pyarrow as pa

from iscsi_analyzer.analysis.focus import Focus
from iscsi_analyzer.export.chosen import Chosen
from iscsi_analyzer.export.parquet_types import TIME, WORD, array, nanoseconds, numbers, schema_of
from iscsi_analyzer.export.pdu_groups import RARE, Group, PduGroups, Portion
from iscsi_analyzer.export.pdu_record import PduRecord
from iscsi_analyzer.export.pdus import Pdus
from iscsi_analyzer.store.store import Store

_FRAMES: Final = "frames"


def pdu_batches(store: Store, focus: Focus | None = None, *, rare: int = RARE) -> Iterator[pa.RecordBatch]:
    """The PDUs of a store that has everything, a portion at a time."""
    schema = schema_of(PduRecord)
    pdus = Pdus(store)
    groups = PduGroups(store, only_disks=pdus.related.only_disks, rare=rare)
    chosen = Chosen(focus or Focus(store))
    while found := chosen.more():
        portion = groups.portion(np.array(found, dtype=np.int64))
        records = {place: pdus.record(found[place]) for place in portion.rest}
        nothing: dict[pa.DataType, pa.Array] = {}
        columns = []
        for field in schema:
            column = _column(field.name, field.type, portion, records)
            if column is None:
                if field.type not in nothing:
                    nothing[field.type] = pa.nulls(portion.count, field.type)
                column = nothing[field.type]
            columns.append(column)
        yield pa.RecordBatch.from_arrays(columns, schema=schema)


def _column(name: str, type_: pa.DataType, portion: Portion, records: dict[int, PduRecord]) -> pa.Array | None:
    """One column; None if nothing is in it."""
    if name == _FRAMES:
        return _frames(portion, type_, records)
    others = {place: value for place, record in records.items() if (value := getattr(record, name)) is not None}
    groups = [
        group for group in portion.groups if name in group.numbers or name in group.texts or name in group.kind.same
    ]
    if not others and not groups:
        return None
    if type_ == WORD:
        return _words(name, portion.count, groups, others)
    if pa.types.is_integer(type_) or type_ == TIME:
        return _numbers(name, type_, portion.count, groups, others)
    values: list[Any] = [None] * portion.count
    for group in groups:
        same = group.kind.same.get(name)
        for place, value in zip(
            group.places.tolist(), group.texts.get(name) or [same] * len(group.places), strict=True
        ):
            values[place] = value
    for place, value in others.items():
        values[place] = value
    return array(values, type_)


def _numbers(name: str, type_: pa.DataType, count: int, groups: list[Group], others: dict[int, Any]) -> pa.Array:
    values = np.zeros(count, dtype=np.uint64 if type_ == pa.uint64() else np.int64)
    there = np.zeros(count, dtype=np.bool_)
    for group in groups:
        there[group.places] = True
        values[group.places] = (
            group.numbers[name] if name in group.numbers else group.texts.get(name) or group.kind.same[name]
        )
    for place, value in others.items():
        there[place] = True
        values[place] = nanoseconds(value) if type_ == TIME else value
    return numbers(values, there, type_)


def _words(name: str, count: int, groups: list[Group], others: dict[int, Any]) -> pa.Array:
    """Texts of which there are few; what all PDUs of a group say is looked up once."""
    codes = np.full(count, -1, dtype=np.int32)
    words: dict[str, int] = {}
    for group in groups:
        if name in group.kind.same:
            codes[group.places] = words.setdefault(group.kind.same[name], len(words))
        else:
            codes[group.places] = [words.setdefault(word, len(words)) for word in group.texts[name]]
    for place, word in others.items():
        codes[place] = words.setdefault(word, len(words))
    return pa.DictionaryArray.from_arrays(pa.array(codes, mask=codes < 0), pa.array(list(words), pa.string()))


def _frames(portion: Portion, type_: pa.DataType, records: dict[int, PduRecord]) -> pa.Array:
    """The lists of frames: those of groups stand one after the other already."""
    counts = np.diff(portion.frame_ends)
    frames = portion.frames
    if records:
        parts = []
        done = 0
        for place, record in records.items():
            parts += [frames[portion.frame_ends[done] : portion.frame_ends[place]], np.array(record.frames, np.int64)]
            counts[place] = len(record.frames)
            done = place + 1
        frames = np.concatenate([*parts, frames[portion.frame_ends[done] :]])
    ends = np.zeros(portion.count + 1, dtype=np.int32)
    np.cumsum(counts, out=ends[1:])
    return pa.ListArray.from_arrays(pa.array(ends), pa.array(frames), type=type_)
