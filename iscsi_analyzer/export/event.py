"""One event of an analysis that still goes on, and the calm that storms of them need."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from iscsi_analyzer.export.tables import number

INFO: Final = "info"
LOOK: Final = "look"
BAD: Final = "bad"

AT_ONCE: Final = 10
"Events of one kind on one connection that are told within a period; the rest is summed up."
PERIOD_NS: Final = 1_000_000_000


class Event(NamedTuple):
    """Something that is worth a line."""

    at_ns: int
    "By the clock of the capture: ns since 1970."
    kind: str
    session: int
    "0 if it is about none."
    connection: int
    text: str
    severity: str
    "INFO, LOOK or BAD."


class _Storm:
    """The events of one kind on one connection in the present period."""

    __slots__ = ("began", "last", "more", "promised", "session", "told")

    def __init__(self, began: int) -> None:
        self.began = began
        self.promised = 0
        self.session = 0
        self.told = 0
        self.more = 0
        self.last: Event | None = None


class Calm:
    """Lets the first events of a kind pass, and sums up the rest."""

    def __init__(self) -> None:
        self._storms: dict[tuple[str, int], _Storm] = {}

    def silent(self, kind: str, connection: int, at: int) -> bool:
        """Whether such an event would only be counted, and counts it then: its text need not be made."""
        storm = self._storms.get((kind, connection))
        if storm is None:
            storm = self._storms[(kind, connection)] = _Storm(at)
        if abs(at - storm.began) >= PERIOD_NS:
            return False
        storm.promised += 1
        if storm.promised <= AT_ONCE:
            return False
        storm.more += 1
        storm.last = Event(at, kind, 0, connection, "", LOOK)
        return True

    def pass_on(self, events: Iterable[Event], now: int) -> Iterator[Event]:
        """Those of the events that are told, with the sums of storms that are over by `now` (ns since 1970)."""
        for event in events:
            key = (event.kind, event.connection)
            storm = self._storms.get(key)
            if storm is not None and abs(event.at_ns - storm.began) >= PERIOD_NS:
                yield from self._sum(key)
                storm = None
            if storm is None:
                storm = self._storms[key] = _Storm(event.at_ns)
            if storm.told < AT_ONCE:
                storm.told += 1
                storm.session = event.session
                yield event
            else:
                storm.more += 1
                storm.last = event
        for key, storm in list(self._storms.items()):
            if abs(now - storm.began) >= PERIOD_NS:
                yield from self._sum(key)

    def end(self) -> Iterator[Event]:
        """The sums of all storms: no more events will come."""
        for key in list(self._storms):
            yield from self._sum(key)

    def _sum(self, key: tuple[str, int]) -> Iterator[Event]:
        storm = self._storms.pop(key)
        if storm.more and storm.last is not None:
            yield storm.last._replace(text=f"... and {number(storm.more)} more within a second", session=storm.session)
