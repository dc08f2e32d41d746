"""Which TCP segment of one capture is which of the other: every copy of one direction, told apart from its repetitions.

A segment is recognised by its place in the stream, its length, its time stamp and its IP identification. Where a device
on the way changes the identification, the rest will do, and where offloading made other segments of the same bytes,
their ends. What is left over on one side is for `losses` to explain.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from iscsi_analyzer.compare.side import Hashes, Side, numbers
from iscsi_analyzer.store.columns import Array, Numbers

FIN: Final = 0x01
SYN: Final = 0x02
RST: Final = 0x04
ACK: Final = 0x10
_OPENING: Final = SYN | FIN | RST
_AT_ONCE_NS: Final = 100_000
"Copies without any identification that are no further apart were made by the capture."
_PRIME: Final = np.uint64(0x9E3779B97F4A7C15)
_SHIFT: Final = np.uint64(31)
_M32: Final = 0xFFFFFFFF


class Laid(NamedTuple):
    """The segments of one direction of one capture in the order of the capture, copies made by the capture left out."""

    table: Array
    "Rows of type `side.SEGMENT`."
    offsets: Numbers
    "Where their data stand in the stream of A; SYN and FIN take a place, as they do in TCP."
    ends: Numbers
    acks: Numbers
    "Up to where they acknowledge the other direction, in the stream of A."
    data: NDArray[np.bool_]
    "They carry data."
    control: NDArray[np.bool_]
    "SYN, FIN or RST."
    copies: int
    "Copies made by the capture."

    @property
    def ts(self) -> Numbers:
        """When they were captured."""
        found: Numbers = self.table["ts"]
        return found


class Matched(NamedTuple):
    """Segments of A, by index, and what they are in B."""

    a: Numbers
    b: Numbers


def laid(side: Side, number: int, to_target: bool, shift: int, back_shift: int) -> Laid:
    """The segments of a direction of connection `number`. The shifts are what takes this side's offsets, in this
    direction and in the other one, to those of A."""
    table = side.segments(number, to_target)
    offsets = _wide(table["seq"], side.base(number, to_target)) + shift
    acks = _wide(table["ack"], side.base(number, not to_target)) + back_shift
    kept = _originals(table)
    copies = len(table) - len(kept)
    if copies:
        table, offsets, acks = table[kept], offsets[kept], acks[kept]
    flags = table["flags"]
    lengths = numbers(table["length"])
    control = flags & _OPENING != 0
    # Data of a SYN stand behind it (TCP Fast Open); a reset may say why in words, which are no data.
    data = (lengths > 0) & (flags & RST == 0)
    offsets = offsets + np.where((flags & SYN != 0) & data, 1, 0)
    return Laid(table, offsets, offsets + lengths, acks, data, control, copies)


def _wide(seqs: Array, base: int) -> Numbers:
    """Sequence numbers as offsets from `base`, each near the one before it."""
    if not len(seqs):
        return np.zeros(0, dtype=np.int64)
    before = np.concatenate((np.array([base], dtype=np.int64), seqs[:-1].astype(np.int64)))
    steps = (seqs.astype(np.int64) - before + (1 << 31) & _M32) - (1 << 31)
    return np.asarray(np.cumsum(steps))


def _originals(table: Array) -> Numbers:
    """The rows without those that the capture has twice: the same segment with the same identification, or, where it
    has none, at nearly the same time."""
    if not len(table):
        return np.zeros(0, dtype=np.int64)
    keys = key(*(table[name] for name in ("seq", "ack", "length", "flags", "window", "stamp", "identity", "digest")))
    order = np.argsort(keys, kind="stable")
    same = keys[order][1:] == keys[order][:-1]
    near = np.diff(table["ts"][order]) < _AT_ONCE_NS
    copy = np.zeros(len(table), dtype=np.bool_)
    copy[order[1:]] = same & (near | (table["identity"][order[1:]] > 0))
    return np.flatnonzero(~copy)


def key(*columns: Array) -> Hashes:
    """A number for each row of several columns."""
    found = np.full(len(columns[0]), 1, dtype=np.uint64)
    for column in columns:
        found = (found ^ column.astype(np.uint64)) * _PRIME
        found ^= found >> _SHIFT
    return found


def matched(a: Laid, b: Laid) -> Matched:
    """The segments that are surely the same."""
    kinds = [_kinds(each) for each in (a, b)]
    exact = [
        key(each.offsets, each.ends, kind, each.table["stamp"], each.table["identity"])
        for each, kind in zip((a, b), kinds, strict=True)
    ]
    ours, theirs = _joined(exact[0], exact[1])
    if 2 * len(ours) >= min(len(exact[0]), len(exact[1])):
        return Matched(ours, theirs)
    for columns in (("stamp",), ()):
        left = [_left(len(each.table), known) for each, known in ((a, ours), (b, theirs))]
        rough = [
            key(each.offsets, each.ends, kind, *(each.table[name] for name in columns))[some]
            for each, kind, some in zip((a, b), kinds, left, strict=True)
        ]
        more, others = _joined(rough[0], rough[1])
        ours, theirs = np.concatenate((ours, left[0][more])), np.concatenate((theirs, left[1][others]))
    return Matched(ours, theirs)


def _kinds(each: Laid) -> Numbers:
    """What tells segments of the same place apart: data, control, or what a bare acknowledgement says."""
    flags = numbers(each.table["flags"])
    bare = ~each.data & ~each.control
    return np.where(bare, (each.acks << 16) | each.table["window"], -1 - (flags & _OPENING))


def _joined(a: Hashes, b: Hashes) -> Matched:
    """Rows with equal keys, first with first and so on, of the keys that both have equally often."""
    values_a, inverse_a, counts_a = np.unique(a, return_inverse=True, return_counts=True)
    values_b, inverse_b, counts_b = np.unique(b, return_inverse=True, return_counts=True)
    _, at, other = np.intersect1d(values_a, values_b, assume_unique=True, return_indices=True)
    equal = counts_a[at] == counts_b[other]
    found = []
    for keys, inverse, places, count in ((a, inverse_a, at, len(values_a)), (b, inverse_b, other, len(values_b))):
        good = np.zeros(count, dtype=np.bool_)
        good[places[equal]] = True
        members = np.flatnonzero(good[inverse]) if len(keys) else np.zeros(0, dtype=np.int64)
        found.append(members[np.argsort(keys[members], kind="stable")])
    return Matched(found[0], found[1])


def _left(count: int, known: Numbers) -> Numbers:
    mask = np.ones(count, dtype=np.bool_)
    mask[known] = False
    return np.flatnonzero(mask)


def rest(a: Laid, b: Laid, found: Matched) -> tuple[Numbers, Numbers]:
    """The segments of both that were not matched, by index."""
    return _left(len(a.table), found.a), _left(len(b.table), found.b)


def ends(a: Laid, b: Laid, left: tuple[Numbers, Numbers]) -> Matched:
    """Of segments that were cut otherwise on the way, those that end at the same byte, where each capture has one end
    there: good enough to measure time."""
    found: list[Any] = []
    for each, some in zip((a, b), left, strict=True):
        mine = some[each.data[some]]
        _, index, counts = np.unique(each.ends[mine], return_index=True, return_counts=True)
        found.append(mine[index[counts == 1]])
    _, at, other = np.intersect1d(a.ends[found[0]], b.ends[found[1]], assume_unique=True, return_indices=True)
    return Matched(found[0][at], found[1][other])
