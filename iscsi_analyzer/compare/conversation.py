"""One connection in both captures: its streams on one scale, its segments matched, and what is left of them."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from iscsi_analyzer.compare import copies
from iscsi_analyzer.compare.clocks import Clock, Samples
from iscsi_analyzer.compare.contents import changed
from iscsi_analyzer.compare.copies import Laid, Matched
from iscsi_analyzer.compare.losses import Missing, Ways
from iscsi_analyzer.compare.pairs import Pair
from iscsi_analyzer.compare.pieces import MOST, pieces
from iscsi_analyzer.compare.side import Pdus, Side
from iscsi_analyzer.compare.streams import stream
from iscsi_analyzer.store.columns import Numbers

MANY: Final = 1000
"Segments outside of the time of the other capture that are still looked at one by one."


class Direction(NamedTuple):
    """One direction, segment by segment."""

    a: Laid
    b: Laid
    same: Matched
    "Segments that are surely the same."
    left: tuple[Numbers, Numbers]
    "The others of A and of B."


class Beyond(NamedTuple):
    """Segments of one capture outside of the time of the other one, too many to be told one by one."""

    in_a: bool
    segments: int
    bytes: int


class Absent(NamedTuple):
    """What one of the captures lacks in one direction."""

    missing: list[Missing]
    beyond: list[Beyond]
    unread: int
    "Stretches that were not looked at."


class Conversation:
    """A pair of connections."""

    def __init__(self, a: Side, b: Side, pair: Pair) -> None:
        self.pair = pair
        self.sides = (a, b)
        self.streams = {way: stream(a, b, pair, way) for way in (True, False)}
        self.directions: dict[bool, Direction] = {}
        shifts = {way: each.shift for way, each in self.streams.items()}
        if shifts[True] is not None and shifts[False] is not None:
            for way in (True, False):
                self.directions[way] = self._direction(way, shifts[way] or 0, shifts[not way] or 0)

    def _direction(self, to_target: bool, shift: int, back_shift: int) -> Direction:
        a, b = self.sides
        ours = copies.laid(a, self.pair.a, to_target, 0, 0)
        theirs = copies.laid(b, self.pair.b, to_target, -shift, -back_shift)
        same = copies.matched(ours, theirs)
        return Direction(ours, theirs, same, copies.rest(ours, theirs, same))

    @property
    def separate(self) -> bool:
        """They are not one TCP connection."""
        return not self.directions

    def samples(self, to_target: bool) -> Samples:
        """When both captures saw the same: segments, or PDUs where TCP is not the same."""
        found = self.directions.get(to_target)
        if found is None:
            return self.pdu_samples(to_target)
        ends = copies.ends(found.a, found.b, found.left)
        ours, theirs = (np.concatenate(some) for some in ((found.same.a, ends.a), (found.same.b, ends.b)))
        return Samples(found.a.ts[ours], found.b.ts[theirs])

    def pdu_samples(self, to_target: bool) -> Samples:
        """When both captures had the same PDUs completely."""
        each = self.streams[to_target]
        a, b = self.sides
        ours, theirs = each.a.numbers[each.in_a] - 1, each.b.numbers[each.in_b] - 1
        return Samples(a.facts.time_last[ours], b.facts.time_last[theirs])

    def absent(self, to_target: bool, clock: Clock | None, slack_ns: int) -> Absent:
        """What either capture lacks of a direction, in the order of the streams."""
        found = self.directions.get(to_target)
        if found is None:
            return Absent([], [], 0)
        back = self.directions[not to_target]
        ways = Ways(self.sides, (found.a, found.b), (back.a, back.b), clock, to_target, slack_ns)
        left, beyond = list(found.left), []
        for place, each in enumerate((found.a, found.b)):
            outside = ways.outside(place == 0, left[place])
            if np.count_nonzero(outside) > MANY:
                gone = left[place][outside]
                size = int((each.ends - each.offsets)[gone[each.data[gone]]].sum())
                beyond.append(Beyond(place == 0, len(gone), size))
                left[place] = left[place][~outside]
        a_sends = clock is None or clock.a_first is None or clock.a_first == to_target
        data, unread = pieces(found.a, found.b, (left[0], left[1]), clock, a_sends)
        missing = [ways.of_piece(piece) for piece in data]
        for place, each in enumerate((found.a, found.b)):
            rest = left[place][each.control[left[place]] | ~each.data[left[place]]]
            missing += [ways.of_segment(place == 0, int(segment)) for segment in rest[:MOST]]
            unread += max(0, len(rest) - MOST)
        return Absent(sorted(missing, key=lambda each: (each.start, each.segment)), beyond, unread)

    def changed(self, to_target: bool) -> list[tuple[int, int]]:
        """Stretches of a direction, in the stream of A, that are not the same in B."""
        found = self.directions.get(to_target)
        return [] if found is None else changed(found.a, found.b, found.same)

    def pdus_within(self, in_a: bool, to_target: bool, start: int, end: int) -> Numbers:
        """The PDUs of a capture, by number, that have bytes in a stretch of the stream of A."""
        each = self.streams[to_target]
        mine = each.a if in_a else each.b
        shift = 0 if in_a else each.shift or 0
        low = int(np.searchsorted(mine.ends, start + shift, side="right"))
        high = int(np.searchsorted(mine.offsets, end + shift, side="left"))
        return mine.numbers[low:high]

    def not_framed(self, in_a: bool, to_target: bool) -> int:
        """PDUs that this capture alone has, although the other one has all of their bytes."""
        found = self.directions.get(to_target)
        each = self.streams[to_target]
        if found is None:
            return 0
        mine, alone = (each.a, each.only_a) if in_a else (each.b, each.only_b)
        shift = 0 if in_a else each.shift or 0
        return int(np.count_nonzero(_covered(found.b if in_a else found.a, mine, alone, shift)))

    @property
    def resegmented(self) -> bool:
        """Segments were cut otherwise on the way."""
        return any(len(copies.ends(each.a, each.b, each.left).a) > 0 for each in self.directions.values())


def _covered(laid: Laid, pdus: Pdus, some: Numbers, shift: int) -> NDArray[np.bool_]:
    """Which PDUs have all of their bytes in these segments."""
    order = np.argsort(laid.offsets[laid.data], kind="stable")
    starts, ends = laid.offsets[laid.data][order], laid.ends[laid.data][order]
    if not len(starts):
        return np.zeros(len(some), dtype=np.bool_)
    reach = np.maximum.accumulate(ends)
    holes = np.maximum(starts[1:] - reach[:-1], 0)
    missing_before = np.concatenate(([0], np.cumsum(holes)))

    def lacking(at: Numbers) -> Numbers:
        place = np.searchsorted(starts, at, side="right") - 1
        inside = np.maximum(place, 0)
        return np.asarray(missing_before[inside] + np.maximum(at - reach[inside], 0))

    begin, end = pdus.offsets[some] - shift, pdus.ends[some] - shift
    there = (begin >= starts[0]) & (end <= reach[-1])
    return np.asarray(there & (lacking(begin) == lacking(end)))
