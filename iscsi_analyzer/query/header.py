"""Numbers in the headers of PDUs as columns, and how much of each header was captured."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dissectors.fields import Field
from iscsi_analyzer.query.scope import Mask, Scope
from iscsi_analyzer.store import rows
from iscsi_analyzer.store.columns import Array, Columns, attached
from iscsi_analyzer.store.store import Store

BHS: Final = 48
SCANNED: Final = 6
"So many wanted numbers are looked for one after the other; more of them in a table."
_FLAGS_AT = 28


class Place(NamedTuple):
    """Where a number stands in a header: first byte, bytes, and the bits of them (big-endian)."""

    offset: int
    width: int
    mask: int

    @property
    def end(self) -> int:
        return self.offset + self.width

    @property
    def shift(self) -> int:
        return (self.mask & -self.mask).bit_length() - 1


def place_of(field: Field) -> Place:
    """Where a declared field stands."""
    return Place(field.offset, field.width, field.full_mask)


def number(scope: Scope, place: Place) -> Array:
    """The number in each PDU's header."""
    start = rows.HEADER_AT + place.offset
    # numpy has no integers of 3, 5, 6 or 7 bytes: the bytes before them are read, too, and masked out.
    wide = {1: 1, 2: 2, 3: 4, 4: 4}.get(place.width, 8)
    values = scope.column(start - (wide - place.width), "u1" if wide == 1 else f">u{wide}")
    if place.mask != (1 << 8 * wide) - 1:
        values = values & values.dtype.type(place.mask)
    shift = place.shift
    return values >> values.dtype.type(shift) if shift else values


def opcodes(scope: Scope) -> NDArray[np.uint8]:
    """The opcode of each PDU."""
    return number(scope, Place(0, 1, 0x3F))


def captured(scope: Scope) -> NDArray[np.uint8] | None:
    """Bytes of each header that were captured; None if all of all were."""
    columns = scope.moment.pdus

    def fill(start: int, end: int) -> NDArray[np.uint8]:
        flags = columns.field(_FLAGS_AT, "<u4")[start:end]
        return (flags >> np.uint32(rows.CAPTURED_SHIFT) & np.uint32(rows.CAPTURED_MASK)).astype(np.uint8)

    found: NDArray[np.uint8] = columns.column("captured", np.uint8, fill)[scope.chosen]
    return found if len(found) and int(found.min()) < BHS else None


def enough(scope: Scope, end: int) -> Mask | None:
    """Where the header was captured up to byte `end`; None: everywhere."""
    there = captured(scope)
    return None if there is None else there >= end


def one_of(values: Array, wanted: Iterable[int]) -> Mask:
    """Where a number is one of those wanted."""
    known = sorted(wanted)
    if len(known) <= SCANNED:
        found: Mask = np.zeros(len(values), dtype=np.bool_)
        for value in known:
            found |= values == value
        return found
    if values.dtype == np.uint8:
        table = np.zeros(256, dtype=np.bool_)
        table[[value for value in known if value < 256]] = True
        return table[values]
    return np.isin(values, np.array(known, dtype=np.uint64))


class SeenOpcodes:
    """Which opcodes there are in a store at all, carried on as it grows."""

    def __init__(self, store: Store) -> None:
        self._seen: set[int] = set()
        self._known = 0

    def of(self, columns: Columns) -> set[int]:
        """The opcodes of all PDUs."""
        if self._known < columns.count:
            fresh = columns.field(rows.HEADER_AT, "u1")[self._known :]
            self._seen.update((np.flatnonzero(np.bincount(fresh, minlength=256)) & 0x3F).tolist())
            self._known = columns.count
        return self._seen


def seen_opcodes(scope: Scope) -> set[int]:
    """The opcodes that occur in the store."""
    return attached(scope.moment.store, SeenOpcodes).of(scope.moment.pdus)
