"""What is left of two directions when the segments that are surely the same are taken out: bytes that one capture has
more copies of than the other, and which copy that is.

Segments may have been cut otherwise on the way, so copies are counted byte by byte: between two neighbouring ends of
segments nothing changes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np

from iscsi_analyzer.compare.clocks import Clock
from iscsi_analyzer.compare.copies import Laid
from iscsi_analyzer.store.columns import Numbers

MOST: Final = 1 << 16
"Stretches that are looked at one by one."


class Piece(NamedTuple):
    """Bytes of a segment that the other capture does not have, or not so often."""

    in_a: bool
    "A has it."
    segment: int
    "Index into the segments of that direction."
    start: int
    "In the stream of A."
    end: int


def pieces(
    a: Laid, b: Laid, left: tuple[Numbers, Numbers], clock: Clock | None, a_sends: bool
) -> tuple[list[Piece], int]:
    """The pieces of data that one side alone has, and how many stretches were left unread. `a_sends`: A is nearer to
    the sender, as far as is known."""
    ours, theirs = (_Copies(each, some[each.data[some]]) for each, some in zip((a, b), left, strict=True))
    cuts = np.unique(np.concatenate((ours.starts, ours.ends, theirs.starts, theirs.ends)))
    if len(cuts) < 2:
        return [], 0
    differ = np.flatnonzero(ours.count(cuts) != theirs.count(cuts))
    # What follows another stretch with the same copies is told with it: most losses are of whole segments.
    found: dict[tuple[bool, int], list[Piece]] = {}
    for at in differ[:MOST].tolist():
        start, end = int(cuts[at]), int(cuts[at + 1])
        for piece in _alone(a, b, ours, theirs, start, end, clock, a_sends):
            mine = found.setdefault(piece[:2], [])
            if mine and mine[-1].end == piece.start:
                mine[-1] = mine[-1]._replace(end=piece.end)
            else:
                mine.append(piece)
    return [piece for some in found.values() for piece in some], max(0, len(differ) - MOST)


class _Copies:
    """The segments that are left of one side, by their beginning."""

    def __init__(self, each: Laid, some: Numbers) -> None:
        order = np.argsort(each.offsets[some], kind="stable")
        self.index = some[order]
        self.starts = each.offsets[self.index]
        self.ends = each.ends[self.index]
        self._longest = int((self.ends - self.starts).max()) if len(some) else 0

    def count(self, cuts: Numbers) -> Numbers:
        """How many cover each stretch between neighbouring cuts."""
        steps = np.zeros(len(cuts), dtype=np.int64)
        np.add.at(steps, np.searchsorted(cuts, self.starts), 1)
        np.add.at(steps, np.searchsorted(cuts, self.ends), -1)
        return np.cumsum(steps)[:-1]

    def over(self, start: int, end: int) -> list[int]:
        """Those that cover a stretch."""
        low = int(np.searchsorted(self.starts, start - self._longest))
        high = int(np.searchsorted(self.starts, start, side="right"))
        some = np.flatnonzero(self.ends[low:high] >= end) + low
        return [int(each) for each in self.index[some]]


def _alone(
    a: Laid, b: Laid, ours: _Copies, theirs: _Copies, start: int, end: int, clock: Clock | None, a_sends: bool
) -> Iterator[Piece]:
    """The copies of one stretch that have no counterpart."""
    mine, others = sorted(ours.over(start, end)), sorted(theirs.over(start, end))
    for place in _unpaired(a, b, mine, others, clock, a_sends):
        yield Piece(True, place, start, end)
    for place in others:
        yield Piece(False, place, start, end)


def _unpaired(a: Laid, b: Laid, mine: list[int], others: list[int], clock: Clock | None, a_sends: bool) -> list[int]:
    """Takes pairs out of two lists of copies; `others` keeps those of B that are left, and those of A are returned.

    A copy belongs to the latest one that was sent before it arrived: it would have taken longer from any other.
    """
    left = list(mine)
    for other in list(others):
        stamp = int(b.table["stamp"][other])
        alike = [each for each in left if not stamp or int(a.table["stamp"][each]) in (0, stamp)]
        if not alike:
            continue
        fitting = alike
        if clock is not None:
            at = int(b.ts[other])
            slack = clock.uncertainty_ns
            expected = {each: int(clock.in_b(a.ts[each])) for each in alike}
            if a_sends:
                fitting = [each for each in alike if expected[each] <= at + slack] or alike[:1]
                chosen = fitting[-1]
            else:
                fitting = [each for each in alike if expected[each] >= at - slack] or alike[-1:]
                chosen = fitting[0]
        else:
            chosen = fitting[-1]
        left.remove(chosen)
        others.remove(other)
    return left
