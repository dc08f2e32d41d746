"""One direction of a connection in both captures, on one scale: PDUs that are the same, and how far the offsets of one
stream are from those of the other.

Where both captures show the same TCP connection, PDUs stand at the same place, whatever became of their bytes. Where
something on the way ends TCP and speaks for itself, only what the headers say tells them.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from iscsi_analyzer.compare.pairs import Pair
from iscsi_analyzer.compare.side import Hashes, Pdus, Side
from iscsi_analyzer.store.columns import Numbers

_M32 = 0xFFFFFFFF


class Stream(NamedTuple):
    """One direction of a pair. Indexes count PDUs within the direction, in the order of the capture."""

    pair: Pair
    to_target: bool
    a: Pdus
    b: Pdus
    shift: int | None
    "What has to be added to an offset in A's stream to have it in B's; None: they are not one TCP connection."
    in_a: Numbers
    "The PDUs of A that B has as well ..."
    in_b: Numbers
    "... and which of B they are."
    changed: Numbers
    "Places in `in_a` where the header is not the same, although both captures have all of it."
    only_a: Numbers
    "PDUs of A that are none in B."
    only_b: Numbers


def stream(a: Side, b: Side, pair: Pair, to_target: bool) -> Stream:
    """Puts a direction of a pair on one scale."""
    ours, theirs = a.pdus(pair.a, to_target), b.pdus(pair.b, to_target)
    shift = _shift(a, b, pair, to_target, ours, theirs)
    if shift is None:
        _, in_a, in_b = np.intersect1d(_ranked(ours.hashes), _ranked(theirs.hashes), return_indices=True)
    else:
        _, in_a, in_b = np.intersect1d(ours.offsets + shift, theirs.offsets, return_indices=True)
    order = np.argsort(in_a)
    in_a, in_b = in_a[order].astype(np.int64), in_b[order].astype(np.int64)
    whole = ours.whole[in_a] & theirs.whole[in_b]
    changed = np.flatnonzero(whole & (ours.hashes[in_a] != theirs.hashes[in_b]))
    return Stream(
        pair, to_target, ours, theirs, shift, in_a, in_b, changed,
        _others(in_a, len(ours.numbers)), _others(in_b, len(theirs.numbers)),
    )  # fmt: skip


def _shift(a: Side, b: Side, pair: Pair, to_target: bool, ours: Pdus, theirs: Pdus) -> int | None:
    """How far the offsets are apart: what most PDUs say, or else the sequence numbers."""
    _, at, other = np.intersect1d(_once(ours.hashes), _once(theirs.hashes), return_indices=True)
    if len(at):
        first = _places(ours.hashes)[at]
        second = _places(theirs.hashes)[other]
        values, counts = np.unique(theirs.offsets[second] - ours.offsets[first], return_counts=True)
        best = int(np.argmax(counts))
        if 2 * int(counts[best]) > len(at):
            return int(values[best])
        return None
    known = a.half(pair.a, to_target).isn >= 0 and b.half(pair.b, to_target).isn >= 0
    if known:
        return 0
    apart = (a.base(pair.a, to_target) - b.base(pair.b, to_target)) & _M32
    return apart - (1 << 32) if apart >= 1 << 31 else apart


def _once(hashes: Hashes) -> Hashes:
    """The headers that occur once, in ascending order."""
    values, counts = np.unique(hashes, return_counts=True)
    return np.asarray(values[counts == 1])


def _places(hashes: Hashes) -> Numbers:
    """Where the headers stand that occur once, in the order of `_once`."""
    _, index, counts = np.unique(hashes, return_index=True, return_counts=True)
    return np.asarray(index[counts == 1])


def _ranked(hashes: Hashes) -> Hashes:
    """Each header with how often it had occurred before: all are different then."""
    order = np.argsort(hashes, kind="stable")
    ordered = hashes[order]
    begins = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))
    lengths = np.diff(np.append(begins, len(ordered)))
    ranks = np.arange(len(ordered)) - np.repeat(begins, lengths)
    found = np.empty_like(hashes)
    found[order] = (ordered ^ ranks.astype(np.uint64)) * np.uint64(0x9E3779B97F4A7C15)
    return found


def _others(known: Numbers, count: int) -> Numbers:
    left = np.ones(count, dtype=np.bool_)
    left[known] = False
    return np.flatnonzero(left)
