"""From declared fields to quick decoding: `Plan` turns rows of `Field` into one `struct.Struct` and a few tables.

Also finds the bits that no field claims (reserved) and refuses declarations that overlap or leave the header. Knows
rows and bytes only, no PDU, no words.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from operator import itemgetter

from dissectors.fields import BYTES, GROUP, Field, Value
from dissectors.iscsi.layout import BHS_LENGTH

_FORMATS = {1: "B", 2: "H", 4: "I", 8: "Q"}


class _Bits(dict[int, dict[str, int]]):
    """For one header byte: its value -> the fields inside it. Filled as values turn up, at most 256."""

    def __init__(self, fields: list[Field]) -> None:
        super().__init__()
        self._fields = fields

    def __missing__(self, byte: int) -> dict[str, int]:
        found = {field.name: (byte & field.full_mask) >> field.shift for field in self._fields}
        self[byte] = found
        return found


class Plan:
    """How to read the values of `fields` (groups are passed over) from a whole 48-byte header."""

    __slots__ = ("_bits", "_names", "_odd", "_struct", "_wide", "fields", "reserved")

    def __init__(self, fields: Iterable[Field]) -> None:
        """Raises ValueError when two fields share a bit, a name or leave the header: a mistake in the declaration."""
        self.fields = tuple(field for field in fields if field.kind != GROUP)
        self.reserved = _unclaimed(self.fields)
        bits: dict[int, list[Field]] = {}
        whole: list[Field] = []
        self._odd: list[Field] = []
        for field in self.fields:
            if field.kind == BYTES or field.full_mask == (1 << 8 * field.width) - 1:
                whole.append(field)
            elif field.width == 1:
                bits.setdefault(field.offset, []).append(field)
            else:
                self._odd.append(field)
        self._bits = [(offset, _Bits(rows)) for offset, rows in sorted(bits.items())]
        whole.sort(key=lambda field: field.offset)
        self._names = [field.name for field in whole]
        self._wide = [field.name for field in whole if field.kind != BYTES and field.width not in _FORMATS]
        self._struct = struct.Struct(_format(whole))

    def values(self, header: bytes) -> dict[str, int | bytes]:
        """The values of all fields, by name. `header` holds at least 48 bytes."""
        values: dict[str, int | bytes] = {}
        for offset, table in self._bits:
            values.update(table[header[offset]])
        values.update(zip(self._names, self._struct.unpack_from(header)))  # noqa: B905, both have one length
        for name in self._wide:
            values[name] = int.from_bytes(values[name], "big")  # type: ignore[arg-type]
        for field in self._odd:
            values[field.name] = field.read(header)
        return values

    def values_cut(self, header: bytes) -> dict[str, int | bytes]:
        """The values of the fields that lie wholly inside `header`, which may have any length."""
        return {field.name: field.read(header) for field in self.fields if field.offset + field.width <= len(header)}

    def reserved_bits(self, header: bytes) -> bytearray:
        """48 bytes: the bits of `header` that no field claims, zeros elsewhere."""
        kept = bytearray(BHS_LENGTH)
        for field in self.reserved:
            raw = header[field.offset : field.offset + field.width].ljust(field.width, b"\0")
            bits = int.from_bytes(raw, "big") & field.full_mask
            kept[field.offset : field.offset + field.width] = (
                int.from_bytes(kept[field.offset : field.offset + field.width], "big") | bits
            ).to_bytes(field.width, "big")
        return kept

    def write(self, header: bytearray, values: dict[str, Value]) -> None:
        """Put `values` into `header`. Raises TypeError for a name of no field, and what `Field.write` raises."""
        known = {field.name: field for field in self.fields}
        for name, value in values.items():
            if name not in known:
                raise TypeError(f"no field {name!r}; there are {', '.join(known)}")
            known[name].write(header, value)


def _format(whole: list[Field]) -> str:
    """The struct format that reads the whole-byte fields and skips what is between them."""
    parts = [">"]
    at = 0
    for field in whole:
        if field.offset > at:
            parts.append(f"{field.offset - at}x")
        plain = field.kind != BYTES and field.width in _FORMATS
        parts.append(_FORMATS[field.width] if plain else f"{field.width}s")
        at = field.offset + field.width
    return "".join(parts)


def _unclaimed(fields: tuple[Field, ...]) -> tuple[Field, ...]:
    """The reserved bits as rows: one for each partly claimed byte, one for each run of unclaimed bytes."""
    claimed = bytearray(BHS_LENGTH)
    names: set[str] = set()
    for field in fields:
        if field.name in names:
            raise ValueError(f"two fields are called {field.name}")
        names.add(field.name)
        if not 0 <= field.offset <= field.offset + field.width <= BHS_LENGTH:
            raise ValueError(f"{field.name} leaves the header")
        for at, mask in enumerate(field.full_mask.to_bytes(field.width, "big"), field.offset):
            if claimed[at] & mask:
                raise ValueError(f"{field.name} shares bits of byte {at} with another field")
            claimed[at] |= mask
    rows: list[tuple[int, int, int]] = []  # offset, width, mask
    for at, taken in enumerate(claimed):
        free = ~taken & 0xFF
        if free == 0xFF and rows and rows[-1][0] + rows[-1][1] == at and rows[-1][2] == 0:
            rows[-1] = (rows[-1][0], rows[-1][1] + 1, 0)
        elif free:
            rows.append((at, 1, 0 if free == 0xFF else free))
    rows.sort(key=itemgetter(0))
    return tuple(Field("", "Reserved", at, width, mask, base="hex") for at, width, mask in rows)
