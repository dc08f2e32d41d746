"""Records as Parquet: one of the tables, a row group after the other.

Needs pyarrow (extra `parquet`). What is in memory at a time is one row group, whatever the capture's size. The same
table is the same file each time, as long as pyarrow stays the same.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from iscsi_analyzer.export.formats import Part
from iscsi_analyzer.export.parquet_pdus import pdu_batches
from iscsi_analyzer.export.parquet_types import array, schema_of
from iscsi_analyzer.export.record_tables import TABLES

if TYPE_CHECKING:
    from iscsi_analyzer.run import Analysis

AT_ONCE: Final = 4096
"Records that are made before they become columns."
ROW_GROUP: Final = 32768
"Rows of a row group, at least; the last one has what is left."


def pieces(analysis: Analysis, part: Part) -> Iterator[bytes]:
    """The table that `part` names, as far as it belongs to its focus."""
    part.no_numbers("tables")
    kind, records = TABLES[part.table]
    if part.table == "pdus":
        batches = pdu_batches(analysis.store, part.focus)
    else:
        batches = record_batches(kind, records(analysis.store, part.focus))
    yield from written(schema_of(kind), batches)


def record_batches(kind: type[msgspec.Struct], records: Iterator[Any]) -> Iterator[pa.RecordBatch]:
    """Records as columns, some records at a time."""
    schema = schema_of(kind)
    while some := list(islice(records, AT_ONCE)):
        arrays = [array([getattr(each, field.name) for each in some], field.type) for field in schema]
        yield pa.RecordBatch.from_arrays(arrays, schema=schema)


def written(schema: pa.Schema, batches: Iterator[pa.RecordBatch]) -> Iterator[bytes]:
    """The file, piece by piece."""
    sink = Pieces()
    writer = pq.ParquetWriter(sink, schema, compression="zstd")
    waiting: list[pa.RecordBatch] = []
    for batch in batches:
        waiting.append(batch)
        if sum(map(len, waiting)) >= ROW_GROUP:
            _write(writer, waiting)
            waiting = []
            yield sink.taken()
    if waiting:
        _write(writer, waiting)
    writer.close()
    yield sink.taken()


def _write(writer: pq.ParquetWriter, batches: list[pa.RecordBatch]) -> None:
    """Writes batches as one row group."""
    table = pa.Table.from_batches(batches).unify_dictionaries()
    writer.write_table(table, row_group_size=len(table))


class Pieces(io.RawIOBase):
    """A stream that only goes on: what was written is taken from it again and again."""

    def __init__(self) -> None:
        super().__init__()
        self._parts: list[bytes] = []
        self._size = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._parts.append(bytes(data))
        self._size += len(self._parts[-1])
        return len(self._parts[-1])

    def tell(self) -> int:
        return self._size

    def taken(self) -> bytes:
        """What was written since the last call."""
        found = b"".join(self._parts)
        self._parts.clear()
        return found
