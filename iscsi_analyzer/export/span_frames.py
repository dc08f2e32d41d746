"""The frames of many PDUs at once: what `SpanTable.frames` tells of one, as whole arrays."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from iscsi_analyzer.streams.spans import ENTRIES_PER_BLOCK, ENTRY_SIZE, GAP, SpanTable

Numbers = NDArray[np.int64]

_M32 = 0xFFFFFFFF
_SPARSE = 64
"With more pieces of stream than this for each PDU, most of the pieces are those of other PDUs."


class Frames(NamedTuple):
    """The frames of some PDUs: those of the first one, ascending, then those of the next one."""

    counts: Numbers
    "How many frames each PDU has."
    frames: Numbers


def frames_of(table: SpanTable, entries: Numbers, skips: Numbers, lengths: Numbers) -> Frames:
    """The frames that hold these stretches of the stream: `lengths` bytes from `skips` bytes behind the beginning of
    the pieces `entries` on."""
    low, high = int(entries.min()), int(entries.max()) + 1
    if high - low > _SPARSE * (len(entries) + 64):
        return _one_by_one(table, entries, skips, lengths)
    while True:
        sizes, positions, frames = _pieces(table, low, high)
        ends = np.cumsum(sizes)
        begin = (ends - sizes)[entries - low] + skips
        end = begin + lengths
        if high >= table.count or end.max() <= ends[-1]:
            break
        high = min(int(table.count), 2 * high - low + 64)
    first = np.searchsorted(ends, begin, side="right")
    counts = np.maximum(np.searchsorted(ends - sizes, end, side="left") - first, 0)
    owner = np.repeat(np.arange(len(entries)), counts)
    place = np.arange(len(owner)) + np.repeat(first - (np.cumsum(counts) - counts), counts)
    there = (positions[place] != GAP) & (sizes[place] > 0)
    return _each_once(len(entries), owner[there], frames[place[there]])


def _each_once(count: int, owner: NDArray[Any], frames: Numbers) -> Frames:
    """For each owner its frames in ascending order, each once."""
    same = owner[1:] == owner[:-1]
    if np.any(same & (frames[1:] < frames[:-1])):
        order = np.lexsort((frames, owner))
        owner, frames = owner[order], frames[order]
    fresh = np.ones(len(owner), dtype=np.bool_)
    fresh[1:] = ~same | (frames[1:] != frames[:-1])
    return Frames(np.bincount(owner[fresh], minlength=count).astype(np.int64), frames[fresh])


def _pieces(table: SpanTable, low: int, high: int) -> tuple[Numbers, Numbers, Numbers]:
    """Sizes, positions and frames of the pieces `low` to `high`."""
    parts = []
    beyond = min(high + 1, int(table.count))  # a piece ends where the next one begins
    for block in range(low // ENTRIES_PER_BLOCK, (beyond - 1) // ENTRIES_PER_BLOCK + 1):
        data = table.blocks[block] if block < len(table.blocks) else table.tail()
        start = block * ENTRIES_PER_BLOCK
        parts.append(data[max(0, low - start) * ENTRY_SIZE : (beyond - start) * ENTRY_SIZE])
    words = np.frombuffer(b"".join(parts), dtype="<i8").reshape(-1, 2)
    starts = words[:, 1] & _M32
    if beyond == high:
        starts = np.append(starts, int(table.end) & _M32)
    count = high - low
    return np.diff(starts) & _M32, words[:count, 0], words[:count, 1] >> 32 & _M32


def _one_by_one(table: SpanTable, entries: Numbers, skips: Numbers, lengths: Numbers) -> Frames:
    found = [table.frames(*facts) for facts in zip(entries.tolist(), skips.tolist(), lengths.tolist(), strict=True)]
    counts = np.array([len(each) for each in found], dtype=np.int64)
    return Frames(counts, np.array([frame for each in found for frame in each], dtype=np.int64))
