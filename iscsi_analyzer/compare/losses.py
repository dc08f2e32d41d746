"""What one capture has and the other has not, and what became of it: lost on the way, or only not captured.

A receiver acknowledges what it has (RFC 9293 section 3.4), and a sender sends again what is not acknowledged. So a
segment that is missing at the receiver's side was lost on the way if it came again before anybody acknowledged it, and
was only not captured if it was acknowledged. What lies outside of the time of a capture is held against nobody.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from iscsi_analyzer.compare.clocks import Clock
from iscsi_analyzer.compare.copies import ACK, FIN, RST, SYN, Laid
from iscsi_analyzer.compare.pieces import Piece
from iscsi_analyzer.compare.side import Side
from iscsi_analyzer.store.columns import Numbers

# Fates
LOST: Final = "lost on the way"
NEVER: Final = "never arrived"
NOT_CAPTURED: Final = "not captured"
REPEATED: Final = "needless copy"
ADDED: Final = "not from the sender"
UNKNOWN: Final = "cannot be told"
OUTSIDE: Final = "outside of the capture"
ACKNOWLEDGEMENT: Final = "acknowledgement"

DATA: Final = "data"
_NEVER: Final = int(np.iinfo(np.int64).max)


class Missing(NamedTuple):
    """A segment, or bytes of one, that one capture has and the other has not."""

    in_a: bool
    "A has it, B has not; else the other way round."
    kind: str
    "data, SYN, FIN, RST or acknowledgement."
    segment: int
    "Index into the segments of that direction, where it was captured."
    start: int
    end: int
    fate: str
    again: int
    "Index of the copy that the other capture has instead; -1 without."
    late_ns: int
    "How much later that one came than this should have; 0 without."


class Acknowledged:
    """When the receiver of a direction had said that it has everything up to a byte, by one capture."""

    def __init__(self, back: Laid) -> None:
        """`back` is the direction in which the receiver answers."""
        says = np.flatnonzero(back.table["flags"] & (ACK | RST) == ACK)
        acks = back.acks[says]
        self._upto: Numbers = np.maximum.accumulate(acks) if len(acks) else acks
        self._ts = back.ts[says]

    def at(self, end: int) -> int:
        """When it had everything before `end`; the end of time if it never said so."""
        place = int(np.searchsorted(self._upto, end))
        return int(self._ts[place]) if place < len(self._ts) else _NEVER


class Ways:
    """One direction of a connection in both captures, for the question what became of its segments."""

    def __init__(
        self, sides: tuple[Side, Side], laid: tuple[Laid, Laid], back: tuple[Laid, Laid], clock: Clock | None,
        to_target: bool, slack_ns: int,
    ) -> None:  # fmt: skip
        """Pairs are of A and B; `back` is the other direction. `slack_ns` is how long segments may take."""
        self._sides, self._laid, self._clock = sides, laid, clock
        self._said = tuple(Acknowledged(each) for each in back)
        self._slack = slack_ns
        self._a_sends = None if clock is None or clock.a_first is None else clock.a_first == to_target
        self._starts = tuple(np.argsort(each.offsets, kind="stable") for each in laid)
        self._sorted = tuple(each.offsets[order] for each, order in zip(laid, self._starts, strict=True))
        self._longest = tuple(int((each.ends - each.offsets).max()) if len(each.offsets) else 0 for each in laid)

    def outside(self, in_a: bool, segments: Numbers) -> NDArray[np.bool_]:
        """Which segments of one capture lie outside of the time of the other, as far as that can be told."""
        clock, there = self._clock, self._sides[1 if in_a else 0]
        if clock is None:
            return np.zeros(len(segments), dtype=np.bool_)
        ts = self._laid[0 if in_a else 1].ts[segments]
        expected = clock.in_b(ts) if in_a else clock.in_a(ts)
        return np.asarray((expected < there.start + self._slack) | (expected > there.end - self._slack))

    def of_piece(self, piece: Piece) -> Missing:
        """What became of data."""
        return self._missing(piece.in_a, DATA, piece.segment, piece.start, piece.end)

    def of_segment(self, in_a: bool, segment: int) -> Missing:
        """What became of a segment without data."""
        each = self._laid[0 if in_a else 1]
        flags = int(each.table["flags"][segment])
        start = int(each.offsets[segment])
        if flags & RST:
            return self._missing(in_a, "RST", segment, start, start)
        if flags & (SYN | FIN):
            return self._missing(in_a, "SYN" if flags & SYN else "FIN", segment, start, start + 1)
        return self._missing(in_a, ACKNOWLEDGEMENT, segment, start, start)

    def _missing(self, in_a: bool, kind: str, segment: int, start: int, end: int) -> Missing:
        found = Missing(in_a, kind, segment, start, end, UNKNOWN, -1, 0)
        expected = self._expected(in_a, segment)
        if expected is None:
            return found._replace(fate=self._without_clock(kind, end))
        if self.outside(in_a, np.array([segment]))[0]:
            return found._replace(fate=OUTSIDE)
        if kind == ACKNOWLEDGEMENT:
            return found._replace(fate=ACKNOWLEDGEMENT)
        if self._a_sends is not None and self._a_sends != in_a:
            return found._replace(fate=NOT_CAPTURED if kind == DATA else ADDED)
        if kind == "RST":
            return found
        again, came = self._came(in_a, kind, start, end)
        acknowledged = self._acknowledged(in_a, end)
        if again < 0:
            return found._replace(fate=NEVER if acknowledged == _NEVER else NOT_CAPTURED)
        if came <= expected:
            return found._replace(fate=REPEATED, again=again)
        fate = NOT_CAPTURED if acknowledged < came else LOST
        return found._replace(fate=fate, again=again, late_ns=came - expected)

    def _without_clock(self, kind: str, end: int) -> str:
        if kind == ACKNOWLEDGEMENT:
            return ACKNOWLEDGEMENT
        acknowledged = kind != "RST" and any(said.at(end) != _NEVER for said in self._said)
        return NOT_CAPTURED if acknowledged else UNKNOWN

    def _expected(self, in_a: bool, segment: int) -> int | None:
        """When the other side should have seen it, by its own clock, had it taken no time."""
        clock = self._clock
        if clock is None:
            return None
        ts = self._laid[0 if in_a else 1].ts[segment : segment + 1]
        return int((clock.in_b(ts) if in_a else clock.in_a(ts))[0])

    def _acknowledged(self, in_a: bool, end: int) -> int:
        """When its receiver said that it has it, by the clock of the side that lacks it."""
        here, there = (0, 1) if in_a else (1, 0)
        found = self._said[there].at(end)
        clock, other = self._clock, self._said[here].at(end)
        if other == _NEVER or clock is None:
            return found
        # Each capture may lack the acknowledgement that came first.
        moment = np.array([other])
        return min(found, int((clock.in_b(moment) if in_a else clock.in_a(moment))[0]))

    def _came(self, in_a: bool, kind: str, start: int, end: int) -> tuple[int, int]:
        """Which segment of the other side has the last of these bytes first, and when; -1 if none has."""
        place = 1 if in_a else 0
        each = self._laid[place]
        low = int(np.searchsorted(self._sorted[place], end - 1 - self._longest[place]))
        high = int(np.searchsorted(self._sorted[place], end - 1, side="right"))
        some = self._starts[place][low:high]
        if kind == DATA:
            some = some[each.data[some] & (each.ends[some] >= end)]
        else:
            wanted = SYN if kind == "SYN" else FIN
            some = some[(each.table["flags"][some] & wanted != 0) & (each.offsets[some] == start)]
        if not len(some):
            return -1, 0
        first = int(some[np.argmin(each.ts[some])])
        return first, int(each.ts[first])
