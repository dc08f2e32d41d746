"""Connections that were tried in vain, in both captures: whether the other place saw them at all, and what it saw."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from iscsi_analyzer.analysis.addresses import initiator_half, initiator_of, portal_of
from iscsi_analyzer.analysis.portals import attempt
from iscsi_analyzer.compare.record import ComparedAttempt
from iscsi_analyzer.compare.side import Side
from iscsi_analyzer.streams.connection import Connection

MOST: Final = 1000
ABSENT: Final = "absent"
CONNECTED: Final = "connected"
Outside = Callable[[bool, int, int, Side], bool]


def attempts(a: Side, b: Side, outside: Outside) -> list[ComparedAttempt]:
    """The attempts of which the two tell different things. `outside` says whether what one capture saw from one time
    to another lies outside of the other capture."""
    found: list[ComparedAttempt] = []
    seen = [_by_isn(side) for side in (a, b)]
    for place, other in enumerate((b, a)):
        for isn, (link, kind) in seen[place].items():
            there = seen[1 - place].get(isn)
            if place and there is not None:
                continue  # the first turn has told of it
            if there is None and (
                kind == CONNECTED or outside(place == 0, int(link.first_ts), int(link.last_ts), other)
            ):
                continue  # the list of connections tells of those
            words = (kind, ABSENT if there is None else there[1])
            if words[0] != words[1] and len(found) < MOST:
                found.append(_record(link, there[0] if there else None, words, in_a=place == 0))
    return found


def _record(link: Connection, other: Connection | None, words: tuple[str, str], *, in_a: bool) -> ComparedAttempt:
    first, second = (link, other) if in_a else (other, link)
    return ComparedAttempt(
        initiator=initiator_of(link),
        portal=portal_of(link),
        a=words[0 if in_a else 1],
        b=words[1 if in_a else 0],
        frame_a=int(first.first_frame) if first is not None else None,
        frame_b=int(second.first_frame) if second is not None else None,
    )


def _by_isn(side: Side) -> dict[int, tuple[Connection, str]]:
    """What became of connections whose SYN was seen, by its sequence number."""
    found: dict[int, tuple[Connection, str]] = {}
    for link in (*side.analysis.engine.others, *side.store.connections):
        isn = int(initiator_half(link).isn)
        if isn >= 0 and link.syn:
            kind = attempt(link) if not link.number else ""
            found[isn] = (link, kind or CONNECTED)
    return found
