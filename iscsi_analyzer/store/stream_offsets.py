"""Where bytes stand in the stream of their direction: whole columns over the span tables of the first pass.

Offsets count from the first byte of the stream that was seen, over as many gigabytes as it has.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from iscsi_analyzer.store.columns import Array, Numbers
from iscsi_analyzer.streams.connection import Direction
from iscsi_analyzer.streams.spans import ENTRY_SIZE

ENTRY: Final = np.dtype([("position", "<i8"), ("offset", "<u4"), ("frame", "<u4")])
"An entry of a span table, as `streams.spans` describes it."
assert ENTRY.itemsize == ENTRY_SIZE
_M32: Final = 0xFFFFFFFF


def entries(direction: Direction) -> Array | None:
    """The pieces of a direction, of type ENTRY; None if it has none."""
    framer = direction.framer
    if framer is None or not framer.spans.count:
        return None
    return np.frombuffer(b"".join((*framer.spans.blocks, framer.spans.tail())), dtype=ENTRY)


def unwrapped(offsets: Array) -> Numbers:
    """Stream offsets of which only the low 32 bits are known, each the next after the one before it."""
    wide = offsets.astype(np.int64)
    if not len(wide):
        return wide
    steps = (wide[1:] - wide[:-1]) & _M32
    return np.concatenate((wide[:1], wide[0] + np.cumsum(steps)))
