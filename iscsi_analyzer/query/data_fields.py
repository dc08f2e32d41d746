"""Data segments and digests as bytes. They are read from the capture again, PDU by PDU, so every other test goes first;
whether there are any is told by the rows alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from dissectors.iscsi import layout as at
from iscsi_analyzer.query import field as f
from iscsi_analyzer.query.columns_of import occurrences, several_numbers
from iscsi_analyzer.query.header import Place, number, one_of, opcodes
from iscsi_analyzer.query.scope import Level, Mask, Scope
from iscsi_analyzer.query.values import Values
from iscsi_analyzer.store import rows
from iscsi_analyzer.store.store import Row

CHUNK: Final = 16
"PDUs whose data are in memory at the same time."

_DATA_AT: Final = 44
_FLAGS: Final = 28
_VENDOR: Final = frozenset((*range(0x1C, 0x1F), *range(0x3C, 0x3F)))
_PINGS: Final = frozenset((at.OP_NOP_OUT, at.OP_NOP_IN))
_COMMANDS: Final = frozenset((at.OP_SCSI_COMMAND,))


def _has_data(owners: frozenset[int] | None) -> f.There:
    """Which PDUs have data of which something was captured."""

    def there(scope: Scope) -> Mask:
        found: Mask = scope.column(_DATA_AT, "<u4") > 0
        return found if owners is None else found & one_of(opcodes(scope), owners)

    return there


def _wanted(scope: Scope, there: f.There) -> Iterator[tuple[int, int]]:
    """Place and number of each PDU that has such data."""
    places = np.flatnonzero(there(scope))
    yield from zip(places.tolist(), (scope.numbers()[places] + 1).tolist(), strict=True)


def _data(name: str, about: str, owners: frozenset[int] | None, own: bool = False) -> f.QueryField:
    there = _has_data(owners)

    def read(scope: Scope) -> Values:
        store = scope.moment.store
        return occurrences([(place, store.data(pdu)) for place, pdu in _wanted(scope, there)])

    return f.QueryField(
        name, f.BYTES, Level.PDU, about, read, dear=True, several=True, own=own, there=there, chunk=CHUNK
    )


def _padding() -> f.QueryField:
    def there(scope: Scope) -> Mask:
        lacks: Mask = number(scope, Place(at.AT_DATA_SEGMENT_LENGTH + 2, 1, 3)) != 0
        found: Mask = lacks & (scope.column(_FLAGS, "<u4") & np.uint32(rows.FLAG_CUT | rows.FLAG_UNFINISHED) == 0)
        return found

    def read(scope: Scope) -> Values:
        store = scope.moment.store
        found = []
        for place, pdu in _wanted(scope, there):
            row = store.row(pdu)
            end = _digest_place(row, True)
            size = -row.data_segment_length & 3
            found.append((place, store.raw(row)[end - size : end]))
        return occurrences([(place, padding) for place, padding in found if padding])

    about = "the bytes that fill a data segment up to a multiple of four"
    return f.QueryField(
        "iscsi.padding", f.BYTES, Level.PDU, about, read, dear=True, several=True, there=there, chunk=CHUNK
    )


def _digest_place(row: Row, of_data: bool) -> int:
    """Where a digest stands in the PDU."""
    after_headers = at.BHS_LENGTH + 4 * row.header[at.AT_TOTAL_AHS_LENGTH]
    if not of_data:
        return after_headers
    padded = (row.data_segment_length + 3) & ~3
    return after_headers + padded + (at.DIGEST_LENGTH if row.flags & rows.FLAG_HEADER_DIGEST else 0)


def _digest(name: str, about: str, bit: int) -> f.QueryField:
    def there(scope: Scope) -> Mask:
        flags = scope.column(_FLAGS, "<u4")
        found: Mask = (flags & np.uint32(bit) != 0) & (flags & np.uint32(rows.FLAG_CUT | rows.FLAG_UNFINISHED) == 0)
        return found if bit == rows.FLAG_HEADER_DIGEST else found & (scope.column(_DATA_AT, "<u4") > 0)

    def read(scope: Scope) -> Values:
        store = scope.moment.store
        found = []
        for place, pdu in _wanted(scope, there):
            row = store.row(pdu)
            start = _digest_place(row, bit == rows.FLAG_DATA_DIGEST)
            digest = store.raw(row)[start : start + at.DIGEST_LENGTH]
            if len(digest) == at.DIGEST_LENGTH:
                found.append((place, int.from_bytes(digest, "big")))
        return several_numbers(found)

    return f.QueryField(
        name,
        f.NUMBER,
        Level.PDU,
        about,
        read,
        largest=0xFFFFFFFF,
        dear=True,
        several=True,
        there=there,
        chunk=CHUNK,
    )


def data_fields() -> list[f.QueryField]:
    """All of them."""
    return [
        _data("iscsi.pdu.data", "the data segment, as far as captured", None, own=True),
        _data("iscsi.immediatedata", "data of a SCSI Command", _COMMANDS),
        _data("iscsi.pingdata", "data of NOP-Out and NOP-In", _PINGS),
        _data("iscsi.vendorspecificdata", "data of PDUs with vendor-specific opcodes", _VENDOR),
        _padding(),
        _digest("iscsi.headerdigest32", "the header digest of a whole PDU, as it stands", rows.FLAG_HEADER_DIGEST),
        _digest("iscsi.datadigest32", "the data digest of a whole PDU, as it stands", rows.FLAG_DATA_DIGEST),
    ]
