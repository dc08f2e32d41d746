"""The PDUs that pass a filter, a portion at a time."""

from __future__ import annotations

from iscsi_analyzer.query.filter import Filter
from iscsi_analyzer.store.store import Store

PORTION = 4096
"PDUs handed out at once: what is made of them stays in memory no longer than that."


class Chosen:
    """Looks at PDUs of a store that may still grow; each is looked at once."""

    def __init__(self, store: Store, wanted: Filter) -> None:
        self._store = store
        self._filter = wanted
        self._seen = 0
        self._waiting: list[int] = []

    def more(self) -> list[int]:
        """The next numbers that pass, at most PORTION; none when there are no more for now."""
        if not self._waiting:
            mask = self._filter.pdus(self._store, self._seen + 1)
            self._waiting = [int(place) + self._seen + 1 for place in mask.nonzero()[0]]
            self._seen += len(mask)
        found, self._waiting = self._waiting[:PORTION], self._waiting[PORTION:]
        return found
