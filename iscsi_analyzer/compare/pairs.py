"""Which connection of one capture is which of the other: by addresses, by initial sequence numbers, and by what their
PDUs say, where addresses or sequence numbers were changed on the way.

Content is told by the headers of PDUs that each capture has exactly once: tags, numbers, lengths and CDBs together
seldom occur twice.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from iscsi_analyzer.compare.side import Side
from iscsi_analyzer.store.columns import Numbers

ENOUGH: Final = 2
"PDUs in common that show two connections of different addresses to be one, unless another one has as many."


class Pair(NamedTuple):
    """A connection as both captures have it, by its number there."""

    a: int
    b: int
    addresses: bool
    "Both captures show the same addresses and ports."
    sequence: bool | None
    "Both began with the same sequence numbers; None: at least one capture lacks the beginning."
    common: int
    "PDUs with the same header that each capture has once."

    @property
    def how(self) -> str:
        """By what they were recognised."""
        found = ["addresses"] if self.addresses else []
        found += ["initial sequence numbers"] if self.sequence else []
        return " and ".join(found) or "content"


def pairs(a: Side, b: Side) -> list[Pair]:
    """The connections that both captures have, in the order of their numbers in the first one."""
    common = _common(a, b)
    found = []
    for (first, second), count in common.items():
        found.append(_pair(a, b, first, second, count))
    # Connections with nothing in common but how they began: one side may lack everything that follows.
    by_isn = {_isns(b, number): number for number in range(1, len(b.store.connections) + 1)}
    for number in range(1, len(a.store.connections) + 1):
        isns = _isns(a, number)
        other = by_isn.get(isns)
        if other is not None and min(isns) >= 0 and (number, other) not in common:
            found.append(_pair(a, b, number, other, 0))
    found.sort(key=lambda pair: (not pair.sequence, not pair.addresses, -pair.common))
    most = _most(found)
    taken: tuple[set[int], set[int]] = (set(), set())
    chosen = []
    for pair in found:
        if pair.a in taken[0] or pair.b in taken[1] or not _is_sure(pair, most):
            continue
        taken[0].add(pair.a)
        taken[1].add(pair.b)
        chosen.append(pair)
    return sorted(chosen)


def _most(pairs: list[Pair]) -> dict[tuple[str, int], list[int]]:
    """The two highest numbers of PDUs in common, by the connection of either side."""
    found: dict[tuple[str, int], list[int]] = {}
    for pair in pairs:
        for key in (("a", pair.a), ("b", pair.b)):
            found[key] = sorted([*found.get(key, []), pair.common])[-2:]
    return found


def _is_sure(pair: Pair, most: dict[tuple[str, int], list[int]]) -> bool:
    """Whether nothing else is as likely."""
    if pair.sequence:
        return True
    if pair.addresses and pair.sequence is None:
        return pair.common > 0
    best = [most["a", pair.a], most["b", pair.b]]
    return pair.common >= ENOUGH and all(pair.common == each[-1] > (each[0] if len(each) > 1 else 0) for each in best)


def _pair(a: Side, b: Side, first: int, second: int, common: int) -> Pair:
    ours, theirs = a.half(first, True), b.half(second, True)
    mine, other = _isns(a, first), _isns(b, second)
    known = [(x, y) for x, y in zip(mine, other, strict=True) if x >= 0 and y >= 0]
    sequence = all(x == y for x, y in known) if known else None
    same = (ours.source, ours.destination) == (theirs.source, theirs.destination)
    return Pair(first, second, same, sequence, common)


def _isns(side: Side, connection: int) -> tuple[int, int]:
    """The initial sequence numbers of initiator and target; -1 where the capture lacks the SYN."""
    return int(side.half(connection, True).isn), int(side.half(connection, False).isn)


def _common(a: Side, b: Side) -> dict[tuple[int, int], int]:
    """How many PDUs each two connections have in common."""
    first, in_first = _once(a)
    second, in_second = _once(b)
    _, at, other = np.intersect1d(first, second, assume_unique=True, return_indices=True)
    both = in_first[at] << 32 | in_second[other]
    keys, counts = np.unique(both, return_counts=True)
    return {(key >> 32, key & 0xFFFFFFFF): count for key, count in zip(keys.tolist(), counts.tolist(), strict=True)}


def _once(side: Side) -> tuple[Numbers, Numbers]:
    """The headers that one capture has once, as hashes in ascending order, and the connections they are on."""
    everything = np.arange(side.facts.pdu_count, dtype=np.int64)
    hashes = side.hashes(everything)
    values, index, counts = np.unique(hashes, return_index=True, return_counts=True)
    alone = counts == 1
    return values[alone].astype(np.int64), side.facts.pdu_connection[index[alone]].astype(np.int64)
