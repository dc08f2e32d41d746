"""Two finished analyses in, one record out: which connections both have, how their clocks are related, how long
everything took between them, and what either lacks.

Memory grows with segments and PDUs (about 120 and 80 bytes for each of either capture), never with payload.
"""

from __future__ import annotations

from collections import Counter
from typing import Final

import numpy as np

from iscsi_analyzer import build_info
from iscsi_analyzer.analysis.addresses import initiator_of, portal_of
from iscsi_analyzer.analysis.stats import Spread, sorted_spread
from iscsi_analyzer.compare import losses
from iscsi_analyzer.compare.altered import altered
from iscsi_analyzer.compare.attempts import attempts
from iscsi_analyzer.compare.clocks import Samples, clock
from iscsi_analyzer.compare.conversation import Absent, Conversation
from iscsi_analyzer.compare.headlines import headlines
from iscsi_analyzer.compare.late import Late, late_pdus
from iscsi_analyzer.compare.pairs import pairs
from iscsi_analyzer.compare.record import (
    ComparedCapture,
    ComparedClocks,
    ComparedConnection,
    ComparedLone,
    ComparedWay,
    ComparisonRecord,
    Missing,
    MissingCount,
    Way,
    Which,
)
from iscsi_analyzer.compare.side import Side
from iscsi_analyzer.compare.tasks import compared_tasks
from iscsi_analyzer.export.report import SCHEMA_VERSION
from iscsi_analyzer.export.time_text import decimal
from iscsi_analyzer.store.columns import Numbers

MOST_MISSING: Final = 1 << 16
MOST_PDUS: Final = 32
_LATE_TIMES: Final = 10
_LATE_AT_LEAST_NS: Final = 1_000_000
"Without a wish of the user late is what takes ten times as long as the median, and no less than a millisecond."


def compare(a: Side, b: Side, *, late_ns: int | None = None) -> ComparisonRecord:
    """Everything about the two. `late_ns` is the delay from which on PDUs and segments are late."""
    return _Comparison(a, b, late_ns).record()


class _Comparison:
    def __init__(self, a: Side, b: Side, late_ns: int | None) -> None:
        self.sides = (a, b)
        self.talks = [Conversation(a, b, pair) for pair in pairs(a, b)]
        samples = {way: _joined([talk.samples(way) for talk in self.talks]) for way in (True, False)}
        self.clock = clock(samples[True], samples[False], max(a.resolution, b.resolution))
        self.delays = {way: self._delays(way, found) for way, found in samples.items()}
        self.slack = self._slack()
        self.late_ns = late_ns
        self.absent: dict[tuple[int, bool], Absent] = {
            (place, way): talk.absent(way, self.clock, self.slack)
            for place, talk in enumerate(self.talks)
            for way in (True, False)
        }

    def record(self) -> ComparisonRecord:
        a, b = self.sides
        missing, counts, unread = self._missing()
        late = self._late()
        altered_ones, altered_count = altered(a, b, self.talks)
        back = [self.absent[place, False].missing for place in range(len(self.talks))]
        tasks = compared_tasks(a, b, self.talks, self.clock, back)
        alone = self._alone()
        tried = attempts(a, b, self._is_outside)
        real = bool(tried) or any(each.fate != losses.OUTSIDE for each in counts)
        found = ComparisonRecord(
            schema_version=SCHEMA_VERSION,
            analyzer=f"{build_info.__version__}, {build_info.describe()}",
            a=self._capture(0),
            b=self._capture(1),
            headlines=[],
            identical=bool(self.talks)
            and not real
            and not altered_count
            and not any(not each.outside for each in alone),
            clocks=self._clocks(),
            connections=[self._connection(talk) for talk in self.talks],
            alone=alone,
            attempts=tried,
            ways=[self._way(way, late) for way in (True, False) if len(self.delays[way])] if self.clock else [],
            missing=missing[:MOST_MISSING],
            missing_counts=counts,
            missing_not_listed=unread + max(0, len(missing) - MOST_MISSING),
            not_framed_a=sum(talk.not_framed(False, way) for talk in self.talks for way in (True, False)),
            not_framed_b=sum(talk.not_framed(True, way) for talk in self.talks for way in (True, False)),
            altered=altered_ones,
            altered_count=altered_count,
            late=late.listed,
            tasks=tasks,
        )
        found.headlines = headlines(found)
        return found

    # --- time ---

    def _delays(self, to_target: bool, samples: Samples) -> Numbers:
        """How long the segments of a direction took; between captures of one place, how far their times differ."""
        if self.clock is None:
            return np.zeros(0, dtype=np.int64)
        return self._as_delay(to_target, self.clock.later(samples))

    def _as_delay(self, to_target: bool, later: Numbers) -> Numbers:
        first = self.clock.a_first if self.clock is not None else None
        if first is None:
            return np.abs(later)
        return np.maximum(later if first == to_target else -later, 0)

    def _slack(self) -> int:
        """How long a segment may be on its way, for those near the ends of a capture."""
        both = np.concatenate([self.delays[True], self.delays[False]])
        if not len(both) or self.clock is None or self.clock.a_first is None:
            return 0
        return int(np.quantile(both, 0.99)) + self.clock.uncertainty_ns

    def _threshold(self, to_target: bool) -> int:
        if self.late_ns is not None:
            return self.late_ns
        delays = self.delays[to_target]
        middle = int(np.median(delays)) if len(delays) else 0
        return max(_LATE_AT_LEAST_NS, _LATE_TIMES * middle)

    def _late(self) -> Late:
        clock = self.clock
        found = Late([], {True: 0, False: 0}, {True: [], False: []})
        if clock is None:
            return found
        for place, talk in enumerate(self.talks):
            for way in (True, False):
                delays = self._as_delay(way, clock.later(talk.pdu_samples(way)))
                late_pdus(found, self.sides, talk, way, delays, self._threshold(way), self.absent[place, way].missing)
        return found.sorted()

    def _way(self, to_target: bool, late: Late) -> ComparedWay:
        threshold = self._threshold(to_target)
        pdus = np.concatenate(late.delays[to_target]) if late.delays[to_target] else np.zeros(0, dtype=np.int64)
        return ComparedWay(
            direction=_way(to_target),
            segments=_spread(self.delays[to_target]),
            pdus=_spread(pdus),
            late_after_ns=threshold,
            late_segments=int(np.count_nonzero(self.delays[to_target] > threshold)),
            late_pdus=late.counts[to_target],
        )

    def _clocks(self) -> ComparedClocks | None:
        clock = self.clock
        if clock is None:
            return None
        return ComparedClocks(
            offset_ns=clock.offset_ns,
            uncertainty_ns=clock.uncertainty_ns,
            bounded=clock.bounded,
            drift_ppm=round(clock.drift * 1e6, 4),
            since=decimal(clock.since_ns),
            path_ns=max(0, clock.path_ns),
            nearer_to_initiator=None if clock.a_first is None else "A" if clock.a_first else "B",
            samples=clock.samples,
            contradictions=clock.contradictions,
        )

    # --- who ---

    def _capture(self, place: int) -> ComparedCapture:
        side = self.sides[place]
        engine = side.analysis.engine
        directions = [each for talk in self.talks for each in talk.directions.values()]
        return ComparedCapture(
            files=[file.path for file in side.analysis.capture.files],
            frames=int(engine.frames),
            connections=len(side.store.connections),
            pdus=len(side.store),
            time=decimal(side.start) if engine.frames else None,
            time_last=decimal(side.end) if engine.frames else None,
            duration_ns=side.facts.duration,
            dropped=side.dropped,
            copies=sum((each.b if place else each.a).copies for each in directions),
        )

    def _connection(self, talk: Conversation) -> ComparedConnection:
        a, b = self.sides
        first, second = a.connection(talk.pair.a), b.connection(talk.pair.b)
        streams = talk.streams.values()
        return ComparedConnection(
            a=talk.pair.a,
            b=talk.pair.b,
            recognised_by=talk.pair.how,
            initiator_a=initiator_of(first),
            portal_a=portal_of(first),
            initiator_b=initiator_of(second),
            portal_b=portal_of(second),
            pdus=sum(len(each.in_a) for each in streams),
            pdus_only_a=sum(len(each.only_a) for each in streams),
            pdus_only_b=sum(len(each.only_b) for each in streams),
            segments=sum(len(each.same.a) for each in talk.directions.values()),
            resegmented=talk.resegmented,
            sequence_rewritten=talk.pair.sequence is False and not talk.separate,
            separate_tcp=talk.separate,
        )

    def _alone(self) -> list[ComparedLone]:
        found = []
        for place, side in enumerate(self.sides):
            other = self.sides[1 - place]
            known = {talk.pair[place] for talk in self.talks}
            for link in side.store.connections:
                if link.number in known:
                    continue
                found.append(
                    ComparedLone(
                        capture=_which(place == 0),
                        connection=int(link.number),
                        initiator=initiator_of(link),
                        portal=portal_of(link),
                        pdus=len(side.facts.of_connection(int(link.number))),
                        outside=self._is_outside(place == 0, int(link.first_ts), int(link.last_ts), other),
                    )
                )
        return found

    def _is_outside(self, in_a: bool, first: int, last: int, other: Side) -> bool:
        clock = self.clock
        if clock is None:
            return False
        ends = np.array([first, last])
        begin, end = (clock.in_b(ends) if in_a else clock.in_a(ends)).tolist()
        return bool(end < other.start + self.slack or begin > other.end - self.slack)

    # --- what ---

    def _missing(self) -> tuple[list[Missing], list[MissingCount], int]:
        found: list[Missing] = []
        counts: Counter[tuple[Which, Way, str, str]] = Counter()
        sizes: Counter[tuple[Which, Way, str, str]] = Counter()
        pdus: dict[tuple[Which, Way, str, str], set[int]] = {}
        unread = 0
        for (place, way), absent in self.absent.items():
            talk = self.talks[place]
            unread += absent.unread
            for each in absent.missing:
                record = self._one(talk, way, each, pdus)
                found.append(record)
                key = (record.missing_in, record.direction, record.kind, record.fate)
                counts[key] += 1
                sizes[key] += record.bytes
            for beyond in absent.beyond:
                key = (_which(not beyond.in_a), _way(way), losses.DATA, losses.OUTSIDE)
                counts[key] += beyond.segments
                sizes[key] += beyond.bytes
                unread += beyond.segments
        found.sort(key=lambda each: each.time)
        totals = [
            MissingCount(
                missing_in=key[0], direction=key[1], kind=key[2], fate=key[3], count=count, bytes=sizes[key],
                pdus=len(pdus.get(key, ())),
            )
            for key, count in counts.items()
        ]  # fmt: skip
        return found, sorted(totals, key=lambda each: (each.fate == losses.OUTSIDE, -each.count)), unread

    def _one(
        self, talk: Conversation, to_target: bool, missing: losses.Missing,
        pdus: dict[tuple[Which, Way, str, str], set[int]],
    ) -> Missing:  # fmt: skip
        directions = talk.directions[to_target]
        mine, other = (directions.a, directions.b) if missing.in_a else (directions.b, directions.a)
        which, way = _which(not missing.in_a), _way(to_target)
        numbers = []
        if missing.kind == losses.DATA:
            numbers = talk.pdus_within(missing.in_a, to_target, missing.start, missing.end).tolist()
            pdus.setdefault((which, way, missing.kind, missing.fate), set()).update(numbers)
        return Missing(
            missing_in=which,
            direction=way,
            connection=talk.pair.a if missing.in_a else talk.pair.b,
            kind=missing.kind,
            fate=missing.fate,
            frame=int(mine.table["frame"][missing.segment]),
            time=decimal(int(mine.ts[missing.segment])),
            bytes=missing.end - missing.start if missing.kind == losses.DATA else 0,
            pdus=numbers[:MOST_PDUS],
            pdus_count=len(numbers),
            instead_frame=int(other.table["frame"][missing.again]) if missing.again >= 0 else None,
            late_ns=missing.late_ns,
        )


def _joined(found: list[Samples]) -> Samples:
    if not found:
        return Samples(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64))
    return Samples(np.concatenate([each.a for each in found]), np.concatenate([each.b for each in found]))


def _spread(values: Numbers) -> Spread:
    return sorted_spread(np.sort(values), histogram=True)


def _way(to_target: bool) -> Way:
    return "I2T" if to_target else "T2I"


def _which(in_a: bool) -> Which:
    return "A" if in_a else "B"
