"""Which items the list of PDUs shows, and in which order: all PDUs with the lost pieces between them where they were
lost, or those that pass a filter, or sorted by a column. Follows a store that grows.

Looks at whole columns: for workers, within `Document.reading`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from iscsi_analyzer.query import compile_filter
from iscsi_analyzer.store.columns import Columns, pdu_columns
from iscsi_analyzer.store.store import Store

Items = NDArray[np.int64]
Keys = Callable[[Columns], NDArray[Any]]
"Gives of whole columns what PDUs are sorted by."

_FRAME_LAST_AT = 20


def pdu_of(item: int) -> int | None:
    """The number of the PDU that an item is; None for a loss."""
    return item + 1 if item >= 0 else None


def loss_of(item: int) -> int | None:
    """The index of the loss that an item is; None for a PDU."""
    return None if item >= 0 else -item - 1


@dataclass(frozen=True, slots=True)
class Wanted:
    """What shall be shown."""

    filter: str = ""
    "A valid display filter; empty: everything."
    sort: Keys | None = None
    descending: bool = False


class PduItems:
    """The items of one store for what is wanted at a time; keeps what it found, so that growth costs little."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._wanted = Wanted()
        self._items = np.zeros(0, dtype=np.int64)
        self._pdus = 0
        self._losses = 0

    def plain(self, wanted: Wanted) -> bool:
        """Whether all PDUs in order, and nothing else, are what is wanted: then nobody needs to ask."""
        return wanted == Wanted() and not self._store.losses

    def look(self, wanted: Wanted) -> Items:
        """The items as of now."""
        columns = pdu_columns(self._store)
        if wanted != self._wanted or wanted.sort is not None:
            self._items, self._pdus, self._losses = np.zeros(0, dtype=np.int64), 0, 0
            self._wanted = wanted
        if wanted.filter:
            self._filter(wanted.filter, columns.count)
        elif wanted.sort is not None:
            self._items = np.arange(columns.count, dtype=np.int64)
        else:
            self._merge(columns)
        if wanted.sort is not None:
            return self._sorted(wanted.sort(columns), wanted.descending)
        return self._items

    def _sorted(self, keys: NDArray[Any], descending: bool) -> Items:
        """Equal ones stay in the order of their numbers, whichever way round."""
        mine = keys[self._items]
        if descending:
            last = len(mine) - 1
            return self._items[(last - np.argsort(mine[::-1], kind="stable"))[::-1]]
        return self._items[np.argsort(mine, kind="stable")]

    def _filter(self, text: str, count: int) -> None:
        wanted = compile_filter(text)
        if wanted.looks_ahead:
            self._items = np.flatnonzero(wanted.pdus(self._store))
            return
        mask = wanted.pdus(self._store, self._pdus + 1)
        self._items = np.concatenate([self._items, np.flatnonzero(mask) + self._pdus])
        self._pdus = max(self._pdus, min(count, self._pdus + len(mask)))

    def _merge(self, columns: Columns) -> None:
        """Puts each loss before the first PDU that was complete no earlier than it was known."""
        losses = self._store.losses
        fresh = np.arange(self._pdus, columns.count, dtype=np.int64)
        known = len(losses)
        frames = np.array([int(loss.frame) for loss in losses[self._losses : known]], dtype=np.int64)
        done = np.maximum.accumulate(columns.field(_FRAME_LAST_AT, "<u4")[self._pdus :].astype(np.int64))
        places = np.searchsorted(done, frames, "left")
        items = -1 - np.arange(self._losses, known, dtype=np.int64)
        self._items = np.concatenate([self._items, np.insert(fresh, places, items)])
        self._pdus, self._losses = columns.count, known
