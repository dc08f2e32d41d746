"""What answers are to be about, when somebody asked for a part of a capture: from a time on, certain sessions, what
passes a filter.

The whole capture is analysed all the same, so that names, negotiated values and requests are known that came before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np

from iscsi_analyzer.analysis.facts import Facts
from iscsi_analyzer.query.filter import Filter
from iscsi_analyzer.query.scope import Mask
from iscsi_analyzer.store.columns import Numbers, pdu_columns
from iscsi_analyzer.store.store import Store

_TIME_LAST, _CONNECTION = 8, 24


class Focus:
    """A part of a capture. Items that belong to it are told for the store as it is when that is asked."""

    def __init__(
        self,
        store: Store,
        *,
        since: Callable[[int], int] | None = None,
        sessions: Iterable[int] = (),
        wanted: Filter | None = None,
    ) -> None:
        """What was over before `since` does not belong to it, nor other `sessions`, nor what does not pass `wanted`.
        `since` tells a time from that of the first frame (both in ns since 1970)."""
        self._store = store
        self._since_of = since
        self._numbers = frozenset(sessions)
        self._wanted = wanted

    @property
    def _since(self) -> int | None:
        """What was over before does not belong to it; None: nothing was too early."""
        return None if self._since_of is None else self._since_of(int(self._store.first_ts))

    def pdus(self, start: int = 1) -> Mask:
        """Which PDUs belong to it, from number `start` on: those that were complete in time."""
        store, first = self._store, start - 1
        if self._wanted is not None:
            mask = self._wanted.pdus(store, start)
            columns = pdu_columns(store)
        else:
            columns = pdu_columns(store)
            mask = np.ones(max(0, columns.count - first), dtype=np.bool_)
        end = first + len(mask)
        since = self._since
        if since is not None:
            mask = mask & (columns.field(_TIME_LAST, "<i8")[first:end] >= since)
        if self._numbers:
            mask = mask & self._of_sessions(columns.field(_CONNECTION, "<u4")[first:end].astype(np.int64) - 1)
        return mask

    def tasks(self, facts: Facts) -> Mask:
        """Which tasks belong to it: those that were not over in time; unanswered ones were when their connection was.
        `facts` are those of its store."""
        mask = np.ones(facts.task_count, dtype=np.bool_)
        if self._wanted is not None:
            mask = self._wanted.tasks(self._store)[: facts.task_count]
        since = self._since
        if since is not None:
            mask = mask & (facts.over >= since)
        if self._numbers:
            mask = mask & np.isin(facts.task("session"), list(self._numbers))
        return mask

    def connections(self) -> list[int]:
        """The numbers of the connections that belong to it."""
        store = self._store
        found = self._in_time()
        if self._wanted is not None:
            passing = self._wanted.connections(store)
            found = [number for number in found if passing[number - 1]]
        return [number for number in found if not self._numbers or self._session(number) in self._numbers]

    def sessions(self) -> frozenset[int]:
        """The numbers of the sessions that belong to it: one of their connections was still there in time."""
        store = self._store
        found = {self._session(number) for number in self._in_time()}
        if self._wanted is not None:
            passing = self._wanted.sessions(store).tolist()
            found &= {int(each.number) for each, passes in zip(store.sessions, passing, strict=False) if passes}
        return frozenset(found & self._numbers if self._numbers else found)

    def entire(self) -> frozenset[int]:
        """The numbers of the connections that pass the filter with every PDU: all, if there is none."""
        numbers = frozenset(range(1, len(self._store.connections) + 1))
        if self._wanted is None:
            return numbers
        mask = self._wanted.pdus(self._store)
        of = pdu_columns(self._store).field(_CONNECTION, "<u4")[: len(mask)]
        return numbers - frozenset(np.unique(of[~mask]).tolist())

    def _in_time(self) -> list[int]:
        """The connections that were still there in time."""
        since = self._since
        return [int(link.number) for link in self._store.connections if since is None or link.last_ts >= since]

    def _session(self, connection: int) -> int:
        return int(self._store.followers[connection - 1].session.number)

    def _of_sessions(self, connections: Numbers) -> Mask:
        """For the indexes of connections."""
        numbers = [int(follower.session.number) in self._numbers for follower in self._store.followers]
        found: Mask = np.array(numbers, dtype=np.bool_)[connections]
        return found
