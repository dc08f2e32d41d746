"""Which items a list shows, in which order, and where its cursor is. Plain arithmetic; knows no widget."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Items = NDArray[np.int64]


class Shown:
    """Items are integers: either all of `0 .. count-1`, or an array of them. Places count from 0."""

    def __init__(self) -> None:
        self.count = 0
        "How many items there are."
        self.items: Items | None = None
        "The items in order; None: all up to `count`."
        self.cursor = 0
        "The place of the cursor."

    def show(self, count: int, items: Items | None, *, at_end: bool) -> int:
        """Takes other items; returns where the cursor belongs: on its item, or on the next one that is there, or
        `at_end`."""
        before = self.item
        self.items = items
        self.count = count if items is None else len(items)
        if at_end:
            return self.count - 1
        return 0 if before is None else self.place_of(before)

    def item_at(self, place: int) -> int | None:
        """The item at a place; None beyond the ends."""
        if not 0 <= place < self.count:
            return None
        return place if self.items is None else int(self.items[place])

    @property
    def item(self) -> int | None:
        """The item under the cursor."""
        return self.item_at(self.cursor)

    def place_of(self, item: int) -> int:
        """Where an item stands; for one that is not shown, where the next larger one does, or else the last."""
        items = self.items
        if items is None:
            return self.bounded(item)
        if self.item == item:
            return self.cursor
        found = np.flatnonzero(items == item)
        if len(found):
            return int(found[0])
        behind = np.flatnonzero(items > item)
        return int(behind[0]) if len(behind) else max(0, self.count - 1)

    def place_if_shown(self, item: int) -> int | None:
        """Where an item stands; None if it is not shown."""
        place = self.place_of(item)
        return place if self.item_at(place) == item else None

    def bounded(self, place: int) -> int:
        """The nearest place that there is."""
        return max(0, min(place, self.count - 1))
