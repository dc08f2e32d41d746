"""The fields of PDU headers under the names that the declarations in `dissectors.iscsi` give them.

A field is there in PDUs whose opcode has it, if its bytes were captured, and if it means something by the PDU's own
values. Where only knowledge from outside the PDU decides that, it is there if it is not 0.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

import numpy as np

from dissectors.fields import BYTES as RAW
from dissectors.fields import FLAG, Field, When
from dissectors.iscsi.pdu_types import type_of
from iscsi_analyzer.query import field as f
from iscsi_analyzer.query import lun_field
from iscsi_analyzer.query.header import Place, captured, number, one_of, opcodes, place_of, seen_opcodes
from iscsi_analyzer.query.names import OPCODE_ALIASES, STATUS_ALIASES, Names
from iscsi_analyzer.query.scope import Level, Mask, Scope
from iscsi_analyzer.query.values import Values
from iscsi_analyzer.store.columns import Array

OPCODES: Final = range(64)

_ALIASES: Final = {"iscsi.opcode": OPCODE_ALIASES, "iscsi.scsiresponse.status": STATUS_ALIASES}
_SAME: Final = {"scsi.status": "iscsi.scsiresponse.status"}
_OWN: Final = "iscsi.pdu."


class Test(NamedTuple):
    """A condition on a number in the header: it is one of these values."""

    place: Place
    values: frozenset[int]


class Condition(NamedTuple):
    """When a field means something: some test of `some` holds, and none of `none`. Without any, nobody can tell."""

    some: tuple[Test, ...]
    none: tuple[Test, ...]


ALWAYS: Final = None


class HeaderReader:
    """Reads one field, wherever the opcodes have it."""

    def __init__(self) -> None:
        self.claims: dict[tuple[Place, Condition | None], set[int]] = {}
        "Where the field stands, and when it means something -> the opcodes that have it so."

    def add(self, opcode: int, place: Place, condition: Condition | None) -> None:
        """An opcode has the field."""
        self.claims.setdefault((place, condition), set()).add(opcode)

    def __call__(self, scope: Scope) -> Values:
        kind = opcodes(scope)
        seen = seen_opcodes(scope)
        there = captured(scope)
        data: Array | None = None
        present: Mask | None = None
        place: Place | None = None
        for (where, condition), owners in self.claims.items():
            if owners.isdisjoint(seen):
                continue
            here: Mask = np.ones(scope.count, dtype=np.bool_) if owners >= seen else one_of(kind, owners)
            fresh = data if where == place and data is not None else number(scope, where)
            if there is not None:
                here &= there >= where.end
            if condition is not None:
                here &= _holds(scope, condition, fresh, there)
            data = fresh if data is None or where == place else np.where(here, fresh, data)
            place = where
            present = here if present is None else present | here
        if data is None or present is None:
            return Values(np.zeros(scope.count, dtype=np.uint8), np.zeros(scope.count, dtype=np.bool_))
        return Values(data, present)


def _holds(scope: Scope, condition: Condition, values: Array, there: Array | None) -> Mask:
    """Where the condition holds; where it cannot be told, whether the value is not 0."""
    if not condition.some and not condition.none:
        told: Mask = values != 0
        return told
    holds: Mask = np.zeros(scope.count, dtype=np.bool_)
    for test in condition.some:
        holds |= one_of(number(scope, test.place), test.values)
    if not condition.some:
        holds = ~holds
    for test in condition.none:
        holds &= ~one_of(number(scope, test.place), test.values)
    if there is None:
        return holds
    end = max(test.place.end for test in condition.some + condition.none)
    return np.where(there >= end, holds, values != 0)


def _condition(valid: When | None, fields: Iterable[Field]) -> Condition | None:
    if valid is None:
        return ALWAYS
    places = {row.name: place_of(row) for row in fields}
    some, none = (
        tuple(Test(places[name], frozenset(values)) for name, values in tests)
        for tests in (valid.any_of, valid.none_of)
    )
    return Condition(some, none)


def header_fields() -> list[f.QueryField]:
    """Every field of a header that has a name in the filter language."""
    readers: dict[str, HeaderReader] = {}
    rows: dict[str, Field] = {}
    for opcode in OPCODES:
        fields = type_of(opcode).fields
        for row in fields:
            if row.filter and row.kind != RAW:
                readers.setdefault(row.filter, HeaderReader()).add(opcode, place_of(row), _condition(row.valid, fields))
                best = rows.setdefault(row.filter, row)
                if best.words is None and row.words is not None:
                    rows[row.filter] = row
    found = [_field(name, rows[name], reader) for name, reader in readers.items()]
    isid = readers["iscsi.isid"]
    found += [_part(isid, *part) for part in _ISID_PARTS]
    return found + [_renamed(field, name) for field in found for name, same in _SAME.items() if field.name == same]


def _field(name: str, row: Field, reader: HeaderReader) -> f.QueryField:
    about = f"{row.label} of {_carriers(reader)}"
    own = name.startswith(_OWN)
    if name == lun_field.NAME:
        return lun_field.field(reader, _elsewhere(reader, Place(row.offset, 2, 0xFFFF)), about)
    if name == "iscsi.isid":
        return f.QueryField(name, f.BYTES, Level.PDU, about, _as_bytes(reader, row.width), own=own)
    if row.kind == FLAG:
        return f.QueryField(name, f.BOOLEAN, Level.PDU, about, reader, largest=1, own=own)
    largest = (1 << 8 * row.width) - 1
    names = None if row.words is None else Names(row.words, _ALIASES.get(name), row.largest)
    return f.QueryField(name, f.NUMBER, Level.PDU, about, reader, names, largest, own=own)


def _carriers(reader: HeaderReader) -> str:
    """Which PDUs have the field, in words."""
    owners = sorted(set().union(*reader.claims.values()))
    names = list(dict.fromkeys(type_of(opcode).name for opcode in owners if type_of(opcode).name))
    if len(owners) >= len(OPCODES) - 2:
        return "every PDU"
    if len(names) > 4:
        return f"{', '.join(names[:3])} and {len(names) - 3} other PDUs"
    return " and ".join(names) if len(names) < 3 else f"{', '.join(names[:-1])} and {names[-1]}"


_ISID_PARTS: Final = (
    ("iscsi.isid.t", "type of the ISID", 8, 1, 0xC0),
    ("iscsi.isid.a", "A of the ISID", 8, 1, 0x3F),
    ("iscsi.isid.b", "B of the ISID", 9, 2, 0xFFFF),
    ("iscsi.isid.c", "C of the ISID", 11, 1, 0xFF),
    ("iscsi.isid.d", "D of the ISID", 12, 2, 0xFFFF),
)


def _part(whole: HeaderReader, name: str, about: str, offset: int, width: int, mask: int) -> f.QueryField:
    """A part of a field that is declared as one."""
    reader = _elsewhere(whole, Place(offset, width, mask))
    return f.QueryField(name, f.NUMBER, Level.PDU, f"{about} of Login PDUs", reader, largest=(1 << 8 * width) - 1)


def _elsewhere(reader: HeaderReader, place: Place) -> HeaderReader:
    """A reader of another place, in the same PDUs and on the same conditions."""
    found = HeaderReader()
    for (_, condition), owners in reader.claims.items():
        for opcode in owners:
            found.add(opcode, place, condition)
    return found


def _as_bytes(reader: HeaderReader, width: int) -> f.Reader:
    """The field as bytes: of the PDUs that have it, which are few."""

    def read(scope: Scope) -> Values:
        values = reader(scope)
        assert values.present is not None
        owner = np.flatnonzero(values.present)
        table = [int(value).to_bytes(width, "big") for value in values.data[owner].tolist()]
        return Values(np.arange(len(owner)), None, owner, table)

    return read


def _renamed(field: f.QueryField, name: str) -> f.QueryField:
    return f.QueryField(name, field.kind, field.level, field.about, field.read, field.names, field.largest)
