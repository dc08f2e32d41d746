"""The frames of many PDUs at once are those of each PDU alone."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest

from iscsi_analyzer.export.span_frames import frames_of
from iscsi_analyzer.streams.spans import GAP, SpanTable


def table(seed: int, count: int) -> tuple[SpanTable, list[int]]:
    """A stream in pieces of all sizes, with gaps, frames that hold several pieces, and frames out of order; and its
    lengths."""
    random = Random(seed)
    found, sizes = SpanTable(), []
    frame = 1
    for _ in range(count):
        size = random.choice((0, 1, 48, 500, 1448, 1 << 30))
        frame = max(1, frame + random.choice((0, 1, 1, 1, 2, -3)))
        found.add(GAP if random.random() < 0.1 else 1000 * frame, size, frame)
        sizes.append(size)
    return found, sizes


def asked(sizes: list[int], seed: int, count: int) -> tuple[list[int], list[int], list[int]]:
    """Stretches of the stream, some of them beyond its end: pieces, bytes before, lengths."""
    random = Random(seed)
    entries = sorted(random.randrange(len(sizes)) for _ in range(count))
    skips = [random.choice((0, 0, sizes[entry] // 2, sizes[entry])) for entry in entries]
    return entries, skips, [random.choice((1, 48, 5000, 1 << 24)) for _ in entries]


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize(("pieces", "pdus"), [(1, 3), (200, 60), (9000, 400), (9000, 2)])
def test_many_at_once_are_each_one_alone(seed: int, pieces: int, pdus: int) -> None:
    """Also where the 32 bits of a place in the stream are not enough, and where blocks of pieces end."""
    spans, sizes = table(seed, pieces)
    entries, skips, lengths = asked(sizes, seed, pdus)
    found = frames_of(spans, np.array(entries), np.array(skips), np.array(lengths))
    ends = np.cumsum(found.counts)
    for at, facts in enumerate(zip(entries, skips, lengths, strict=True)):
        frames = found.frames[ends[at] - found.counts[at] : ends[at]].tolist()
        assert frames == spans.frames(*facts)
