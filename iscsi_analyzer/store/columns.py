"""Whole columns over the blocks of an index that may still grow: `Columns`, and those of a store's PDUs.

Reads what a `RowWriter` or `TaskWriter` appended, a column at a time, and keeps what was read: the next filter or
statistic over the same column costs no second look at the rows, and a store that grew costs only its new rows. What is
kept is bounded per row; the least recently used column goes first. One thread uses a `Columns` at a time; the writer
may be another one.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from itertools import pairwise
from typing import Any, Final, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from iscsi_analyzer.store import rows
from iscsi_analyzer.store.store import Store

Kind = TypeVar("Kind")
Array = NDArray[Any]
Numbers = NDArray[np.int64]

KEPT_PER_ROW: Final = 56
"Bytes of columns that are kept for each row, at most."
KEPT_AT_LEAST: Final = 1 << 22


class Writer(Protocol):
    """What appends the rows."""

    @property
    def blocks(self) -> list[bytes]: ...

    @property
    def count(self) -> Any: ...

    def tail(self) -> bytes: ...


class _Column:
    """The values that are known so far, in an array with room for more."""

    __slots__ = ("known", "values")

    def __init__(self, values: Array) -> None:
        self.values = values
        self.known = 0


class Columns:
    """The columns of one index. Rows count from 0 here: row i is PDU or task i + 1."""

    def __init__(self, writer: Writer, row_size: int, rows_per_block: int) -> None:
        self.count = 0
        "Rows that are there as of the last `refresh`."
        self.row_size = row_size
        self.rows_per_block = rows_per_block
        self._writer = writer
        self._blocks: list[bytes] = []
        self._kept: OrderedDict[Hashable, _Column] = OrderedDict()

    def refresh(self) -> int:
        """Looks how many rows there are now. Arrays that were given out stay as they are."""
        writer = self._writer
        while True:
            full = len(writer.blocks)
            tail = writer.tail()
            count = int(writer.count)
            if len(writer.blocks) == full:  # else the tail may belong to the next block
                break
        # A writer in another thread may be halfway through a row, or between a full block and the next.
        self._blocks = [*writer.blocks[:full], tail]
        self.count = min(full * self.rows_per_block + len(tail) // self.row_size, count)
        return self.count

    def limit(self, count: int) -> None:
        """Looks at the first `count` rows only, until the next `refresh`."""
        self.count = min(self.count, count)

    def field(self, offset: int, kind: str) -> Array:
        """The numbers at byte `offset` of each row; `kind` is their numpy type as stored (`<u4`, `>u2`, `u1`)."""
        native = np.dtype(kind).newbyteorder("=")

        def fill(start: int, end: int) -> Array:
            return self._read(offset, kind, start, end, native)

        return self.column((offset, kind), native, fill)

    def column(self, key: Hashable, kind: Any, fill: Callable[[int, int], Array]) -> Array:
        """A column that is computed: `fill(start, end)` gives the values of those rows, which must not change later."""
        column = self._kept.get(key)
        count = self.count
        if column is None:
            column = self._kept[key] = _Column(np.empty(count, dtype=kind))
        self._kept.move_to_end(key)
        if column.known < count:
            if len(column.values) < count:
                larger = np.empty(count + (count >> 3), dtype=kind)
                larger[: column.known] = column.values[: column.known]
                column.values = larger
            column.values[column.known : count] = fill(column.known, count)
            column.known = count
            self._bound(key)
        return column.values[:count]

    def gather(self, offset: int, kind: str, wanted: Numbers) -> Array:
        """The numbers at byte `offset` of the rows `wanted`, without reading the whole column."""
        kept = self._kept.get((offset, kind))
        if kept is not None and kept.known >= self.count:
            return kept.values[wanted]
        values: Array = np.empty(len(wanted), dtype=np.dtype(kind).newbyteorder("="))
        for part, block, at in self._by_block(wanted):
            values[part] = self._view(block, offset, kind)[at]
        return values

    def gather_bytes(self, offset: int, width: int, wanted: Numbers) -> NDArray[np.uint8]:
        """Bytes of the rows `wanted`, as an array of shape (rows, width)."""
        values: Array = np.empty(len(wanted), dtype=f"V{width}")
        for part, block, at in self._by_block(wanted):
            values[part] = self._view(block, offset, f"V{width}")[at]
        return values.view(np.uint8).reshape(len(wanted), width)

    def _by_block(self, wanted: Numbers) -> Iterator[tuple[Any, bytes, Numbers]]:
        """For each block: which of `wanted` lie in it, the block, and where in it they are."""
        if not len(wanted):
            return
        blocks = wanted // self.rows_per_block
        order: Numbers | None = None
        if np.any(blocks[1:] < blocks[:-1]):
            order = np.argsort(blocks, kind="stable")
            blocks = blocks[order]
        edges = [0, *(np.flatnonzero(blocks[1:] != blocks[:-1]) + 1).tolist(), len(blocks)]
        for start, end in pairwise(edges):
            number = int(blocks[start])
            part = slice(start, end) if order is None else order[start:end]
            yield part, self._blocks[number], wanted[part] - number * self.rows_per_block

    def _read(self, offset: int, kind: str, start: int, end: int, native: Any) -> Array:
        values: Array = np.empty(end - start, dtype=native)
        at = start
        while at < end:
            number, first = divmod(at, self.rows_per_block)
            view = self._view(self._blocks[number], offset, kind)[first : first + end - at]
            values[at - start : at - start + len(view)] = view
            at += len(view)
        return values

    def _view(self, block: bytes, offset: int, kind: str) -> Array:
        return np.ndarray((len(block) // self.row_size,), kind, block, offset, (self.row_size,))

    def _bound(self, newest: Hashable) -> None:
        room = max(KEPT_AT_LEAST, KEPT_PER_ROW * self.count)
        used = sum(column.values.nbytes for column in self._kept.values())
        for key in list(self._kept):
            if used <= room or key == newest:
                return
            used -= self._kept.pop(key).values.nbytes


def attached(store: Store, kind: Callable[[Store], Kind]) -> Kind:
    """The one object of a kind that goes with a store, made when it is first asked for; it lives as long as the
    store."""
    found: Kind | None = store.attachments.get(kind)
    if found is None:
        found = store.attachments[kind] = kind(store)
    return found


def pdu_columns(store: Store) -> Columns:
    """The columns of the PDUs of a store, as of now: the same object each time, refreshed."""
    columns = attached(store, _of_pdus)
    columns.refresh()
    return columns


def _of_pdus(store: Store) -> Columns:
    return Columns(store.found.rows, rows.ROW_SIZE, rows.ROWS_PER_BLOCK)
