"""Stream bytes that both captures have, and that are not the same: something on the way changed them.

Each segment has the Adler-32 of its data. The two sums that it is made of (RFC 1950 section 8.2) can be added up over
neighbouring segments, so stretches of bytes are compared however they were cut, without reading them again.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from iscsi_analyzer.compare.copies import Laid, Matched
from iscsi_analyzer.compare.side import numbers
from iscsi_analyzer.store.columns import Numbers

_BASE: Final = 65521


class _Sums(NamedTuple):
    """The first copies of a stream's bytes in order, and what they add up to."""

    starts: Numbers
    ends: Numbers
    plain: Numbers
    "The sum of all bytes before the end of each segment, as far as Adler-32 has it."
    weighted: Numbers
    "The sum of all bytes before it, each times its distance from a far end."
    broken: Numbers
    "How many segments before it, and it itself, do not follow the one before, or were cut by the snap length."


def changed(a: Laid, b: Laid, same: Matched) -> list[tuple[int, int]]:
    """Stretches of the stream of A, from byte to byte, that B has otherwise; `same` are the segments that were
    matched."""
    return sorted({*_segments(a, b, same), *_stretches(a, b)})


def _segments(a: Laid, b: Laid, same: Matched) -> list[tuple[int, int]]:
    """The segments that are not the same although they stand for each other."""
    mine, other = a.table[same.a], b.table[same.b]
    differ = a.data[same.a] & (mine["digest"] != other["digest"]) & (mine["whole"] & other["whole"] != 0)
    some = same.a[differ]
    return list(zip(a.offsets[some].tolist(), a.ends[some].tolist(), strict=True))


def _stretches(a: Laid, b: Laid) -> list[tuple[int, int]]:
    """Stretches between ends that both have, of bytes that follow each other without a hole."""
    far = max((int(each.ends.max()) for each in (a, b) if len(each.ends)), default=0)
    ours, theirs = _sums(a, far), _sums(b, far)
    if not len(ours.ends) or not len(theirs.ends):
        return []
    found: list[tuple[int, int]] = []
    cuts, at, other = np.intersect1d(ours.ends, theirs.ends, assume_unique=True, return_indices=True)
    # The first stretch has no cut in front of it: both must begin with the same byte.
    if not len(cuts):
        return []
    good = np.ones(len(cuts), dtype=np.bool_)
    differs = np.zeros(len(cuts), dtype=np.bool_)
    for each, index in ((ours, at), (theirs, other)):
        good &= np.diff(each.broken[index], prepend=-1) == 0
    for name in ("plain", "weighted"):
        mine, others = getattr(ours, name)[at], getattr(theirs, name)[other]
        differs |= (np.diff(mine, prepend=0) - np.diff(others, prepend=0)) % _BASE != 0
    starts = np.concatenate(([0], cuts[:-1]))
    first_a, first_b = int(at[0]), int(other[0])
    if first_a == 0 and first_b == 0 and ours.starts[0] == theirs.starts[0]:
        good[0] = ours.broken[0] == theirs.broken[0] == 0
        starts[0] = ours.starts[0]
    else:
        good[0] = False
    for place in np.flatnonzero(good & differs).tolist():
        start, end = int(starts[place]), int(cuts[place])
        if found and found[-1][1] == start:
            found[-1] = (found[-1][0], end)
        else:
            found.append((start, end))
    return found


def _sums(each: Laid, far: int) -> _Sums:
    mine = np.flatnonzero(each.data)
    order = mine[np.lexsort((mine, each.offsets[mine]))]
    starts, ends = each.offsets[order], each.ends[order]
    # Of copies the first one counts: those that bring nothing new are left out.
    new: NDArray[np.bool_] = np.ones(len(order), dtype=np.bool_)
    if len(order):
        new[1:] = ends[1:] > np.maximum.accumulate(ends)[:-1]
    order, starts, ends = order[new], starts[new], ends[new]
    table = each.table[order]
    digest = numbers(table["digest"])
    lengths = ends - starts
    plain = ((digest & 0xFFFF) - 1) % _BASE
    weighted = ((digest >> 16) - lengths) % _BASE
    weighted = (weighted + plain * ((far - ends) % _BASE)) % _BASE
    broken = (table["whole"] == 0).astype(np.int64)
    if len(order):
        broken[1:] += starts[1:] != ends[:-1]
    return _Sums(starts, ends, np.cumsum(plain), np.cumsum(weighted), np.cumsum(broken))
