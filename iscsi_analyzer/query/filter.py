"""A compiled filter, ready to be asked about any store."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from iscsi_analyzer.query.compile import compile_node
from iscsi_analyzer.query.parser import parse
from iscsi_analyzer.query.plan import Plan
from iscsi_analyzer.query.scope import Level, Mask, Moment, Scope
from iscsi_analyzer.store.store import Store


class Filter:
    """A filter that was understood. It belongs to no store and keeps nothing of those that it was asked about.

    Each question is answered for the store as it is at that moment: element i of the answer is about the item with the
    number start + i, and its length tells how many there were. Items count from 1.
    """

    def __init__(self, text: str) -> None:
        """Raises QueryError."""
        self.text = text
        self._plan: Plan
        self._plan, self.fields = compile_node(parse(text))
        "Names of the fields that it asks about."

    @property
    def looks_ahead(self) -> bool:
        """Whether PDUs that come later may change what is said of those that are there: fields of tasks, connections
        and sessions do that. If not, only new PDUs need be asked about as a store grows."""
        return self._plan.looks_ahead

    def pdus(self, store: Store, start: int = 1) -> Mask:
        """Which PDUs pass, from number `start` on."""
        return self._ask(store, Level.PDU, start)

    def tasks(self, store: Store, start: int = 1) -> Mask:
        """Which tasks that are over pass, from number `start` on."""
        return self._ask(store, Level.TASK, start)

    def connections(self, store: Store) -> Mask:
        """Which connections pass, in the order of `store.connections`."""
        return self._ask(store, Level.CONNECTION, 1)

    def sessions(self, store: Store) -> Mask:
        """Which sessions pass, in the order of `store.sessions`."""
        return self._ask(store, Level.SESSION, 1)

    def pdus_among(self, store: Store, numbers: NDArray[Any]) -> Mask:
        """Which of these PDUs pass; their numbers are in ascending order, each once. For rows on a screen."""
        return self._plan.passes(Scope(Moment(store), Level.PDU, np.asarray(numbers, dtype=np.int64) - 1))

    def tasks_among(self, store: Store, numbers: NDArray[Any]) -> Mask:
        """Which of these tasks pass, likewise."""
        return self._plan.passes(Scope(Moment(store), Level.TASK, np.asarray(numbers, dtype=np.int64) - 1))

    def _ask(self, store: Store, level: Level, start: int) -> Mask:
        if start < 1:
            raise ValueError(f"items count from 1, not {start}")
        moment = Moment(store)
        count = moment.count(level)
        return self._plan.passes(Scope(moment, level, slice(min(start - 1, count), count)))

    def __repr__(self) -> str:
        return f"Filter({self.text!r})"
