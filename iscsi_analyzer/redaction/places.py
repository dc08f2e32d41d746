"""From a place in the capture to the PDUs whose bytes lie there: the way of the data, backwards.

Built of whole columns once the first pass is over: some 24 bytes for each piece of stream data and 16 for each PDU.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from iscsi_analyzer.store import rows
from iscsi_analyzer.store.columns import pdu_columns
from iscsi_analyzer.store.stream_offsets import entries as entries_of
from iscsi_analyzer.store.stream_offsets import unwrapped
from iscsi_analyzer.streams.spans import GAP

if TYPE_CHECKING:
    from iscsi_analyzer.store.columns import Array
    from iscsi_analyzer.store.store import Store

_M32: Final = 0xFFFFFFFF
_CONNECTION, _FLAGS, _SPAN_ENTRY, _SPAN_SKIP = 24, 28, 32, 36
"Offsets in a row (see `store.rows`)."


class Piece(NamedTuple):
    """Captured bytes that belong to a stream."""

    position: int
    length: int
    stream: int
    "Index of the direction."
    offset: int
    "Of the first byte in the stream."


class Part(NamedTuple):
    """Bytes of a stream that belong to one PDU."""

    start: int
    "Where they begin in the stream."
    end: int
    pdu: int
    skip: int
    "Bytes of the PDU before them."


class Stream:
    """One direction of a connection: where its PDUs begin."""

    def __init__(self, starts: Array, numbers: Array) -> None:
        order = np.argsort(starts, kind="stable")
        self._starts = array("q", starts[order].astype(np.int64).tobytes())
        self._numbers = array("q", numbers[order].astype(np.int64).tobytes())

    def parts(self, start: int, end: int, store: Store) -> Iterator[Part]:
        """The PDUs that have bytes between two offsets, in order; what lies between them belongs to none."""
        at = max(0, bisect_right(self._starts, start) - 1)
        while at < len(self._starts) and self._starts[at] < end:
            begin, number = self._starts[at], self._numbers[at]
            at += 1
            following = self._starts[at] if at < len(self._starts) else end
            stop = min(begin + store.row(number).length, max(following, begin), end)
            if stop > start:
                first = max(start, begin)
                yield Part(first, stop, number, first - begin)


class Places:
    """Every captured byte that the analysis took for stream data of iSCSI."""

    def __init__(self, store: Store) -> None:
        self.streams: list[Stream] = []
        self.keys: set[bytes] = set()
        "Source address, destination address and the ports of every direction."
        columns = pdu_columns(store)
        connection = columns.field(_CONNECTION, "<u4")
        to_target = columns.field(_FLAGS, "<u4") & rows.FLAG_TO_TARGET != 0
        entries, skips = columns.field(_SPAN_ENTRY, "<u4"), columns.field(_SPAN_SKIP, "<u4")
        found: list[tuple[Array, Array, Array, int]] = []
        for link in store.connections:
            self.keys |= {link.first.key, link.second.key}
            sender = link.to_target
            mine = np.flatnonzero(connection == link.number)
            for direction in (link.first, link.second):
                table = entries_of(direction)
                if table is None:
                    continue
                sends = to_target[mine] if direction is sender else ~to_target[mine]
                numbers = mine[sends]
                offsets = unwrapped(table["offset"])
                there = entries[numbers] < len(offsets)
                numbers = numbers[there]
                self.streams.append(Stream(offsets[entries[numbers]] + skips[numbers], numbers + 1))
                captured = np.flatnonzero(table["position"] != GAP)
                assert direction.framer is not None
                ends = np.append(offsets[1:], offsets[-1] + ((direction.framer.spans.end - offsets[-1]) & _M32))
                lengths = (ends - offsets)[captured]
                found.append((table["position"][captured], offsets[captured], lengths, len(self.streams) - 1))
        self._positions, self._offsets, self._lengths, self._owners = _sorted(found)

    def pieces(self, position: int, length: int) -> Iterator[Piece]:
        """The pieces that begin within these captured bytes, in order."""
        at = bisect_left(self._positions, position)
        while at < len(self._positions) and self._positions[at] < position + length:
            begin = self._positions[at]
            size = min(self._lengths[at], position + length - begin)
            if size > 0:
                yield Piece(begin, size, self._owners[at], self._offsets[at])
            at += 1


def _sorted(found: list[tuple[Array, Array, Array, int]]) -> tuple[array[int], ...]:
    """Positions, stream offsets, lengths and owners of all pieces, in the order of positions."""
    if not found:
        return array("q"), array("q"), array("q"), array("i")
    positions, offsets, lengths = (np.concatenate([each[at] for each in found]) for at in range(3))
    owners = np.concatenate([np.full(len(each[0]), each[3]) for each in found])
    order = np.argsort(positions, kind="stable")
    columns = [array("q", column[order].astype(np.int64).tobytes()) for column in (positions, offsets, lengths)]
    return (*columns, array("i", owners[order].astype(np.int32).tobytes()))
