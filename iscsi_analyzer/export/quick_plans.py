"""Makes the programs of `quick_lines` from the declarations of headers and CDBs, once for a process.

Texts come from `own_values`, the rule that the full records follow, too. What this module cannot express has no
program, and is written in full.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any, Final

import msgspec

from dissectors.fields import BYTES, GROUP, Field, When
from dissectors.iscsi.base import COMMON_FIELDS, PduType
from dissectors.iscsi.layout import BHS_LENGTH, CDB_LENGTH
from dissectors.pdu import PDU_TYPES
from dissectors.scsi import parse_lun
from dissectors.scsi.cdb import parse_cdb
from dissectors.scsi.commands import SERVICE_ACTION_CODES, VARIABLE
from iscsi_analyzer.export import quick_lines as quick
from iscsi_analyzer.export.own_fields import OwnFields
from iscsi_analyzer.export.own_values import HEX_TEXT, KNOWN, own_values
from iscsi_analyzer.export.quick_lines import CdbProgram, Program, Step
from iscsi_analyzer.store import rows
from iscsi_analyzer.store.store import DIGEST_WORDS

_ORDER: Final = {name: place for place, name in enumerate(OwnFields.__struct_fields__)}
CONDITIONS: Final = {
    "cut": rows.FLAG_CUT,
    "unfinished": rows.FLAG_UNFINISHED,
    "odd": rows.FLAG_ODD,
    "resync": rows.FLAG_RESYNC,
    "digests_inferred": rows.FLAG_INFERRED,
}
"Fields that are true where a flag of the row is set."


class Inexpressible(Exception):
    """A declaration asks for something that programs cannot do."""


def fragment(fields: dict[str, Any]) -> bytes:
    """The fields as they stand inside of a JSON object, each behind a comma."""
    return b"".join(b"," + msgspec.json.encode({name: value})[1:-1] for name, value in fields.items())


def lun_fragment(lun: int) -> bytes:
    """The fields of a LUN, given as the signed number of its 8 bytes."""
    raw = lun.to_bytes(8, "big", signed=True)
    return fragment({"lun": parse_lun(raw).number, "lun_raw": raw.hex()})


@cache
def digests() -> list[bytes]:
    """What a record says of the digests, by bits 1 to 4 of the flags."""
    return [
        fragment({"header_digest": DIGEST_WORDS[bits & 3], "data_digest": DIGEST_WORDS[bits >> 2]})
        for bits in range(16)
    ]


@cache
def conditions() -> list[bytes]:
    """What a record says of the other flags, by bits 5 to 11."""
    return [fragment({name: True for name, flag in CONDITIONS.items() if bits << 5 & flag}) for bits in range(1 << 7)]


@cache
def programs() -> list[Program | None]:
    """The programs by opcode."""
    found: list[Program | None] = [None] * 64
    for kind in PDU_TYPES:
        try:
            found[kind.opcode] = _program(kind)
        except Inexpressible:
            continue
    return found


def _program(kind: type[PduType]) -> Program:
    rest = [row for row in kind.fields if row.kind != GROUP and row.name not in COMMON_FIELDS]
    if kind.text or any(row.name not in KNOWN for row in rest):
        raise Inexpressible
    rest.sort(key=lambda row: _ORDER[row.name])
    steps: list[Step] = []
    while rest:
        condition = _condition(kind, rest[0])
        alike = _alike(kind, rest, condition)
        step = _step(alike, condition)
        steps += [step] if condition is None else [_guard(kind, condition), step]
        rest = rest[len(alike) :]
    head = fragment({"opcode": kind.opcode, "opcode_name": kind.name}) + b',"immediate":'
    return Program(head, steps, *_fixed(kind))


def _alike(kind: type[PduType], found: list[Field], condition: When | None) -> list[Field]:
    """The first of the fields, and those behind it that are parts of the same byte under the same condition."""
    first = found[0]
    end = 1
    while first.width == 1 and end < len(found):
        other = found[end]
        if other.width != 1 or other.offset != first.offset or _condition(kind, other) is not condition:
            break
        end += 1
    return found[:end]


def _step(alike: list[Field], condition: When | None) -> Step:
    """The step that writes these fields, whose condition is seen to."""
    row = alike[0]
    if row.name == "lun":
        return Step(quick.LUN, at=row.offset)
    if row.name == "cdb":
        return Step(quick.COMMAND)
    if row.kind == BYTES or row.name in HEX_TEXT:
        raise Inexpressible
    if row.width == 1:
        if condition is not None:
            alike = [replace(each, valid=None) for each in alike]
        return Step(quick.TABLE, at=row.offset, table=[_of_byte(alike, value) for value in range(256)])
    kind = quick.NUMBER_IF if row.valid is not None and condition is None else quick.NUMBER
    return _number(kind, row)


def _of_byte(alike: list[Field], value: int) -> bytes:
    """What the fields of one byte say if it has this value."""
    header = bytes(alike[0].offset) + bytes((value,))
    return fragment(own_values(alike, {row.name: row.read(header) for row in alike}))


def _number(kind: int, row: Field) -> Step:
    """A step that reads a number of the header: from the 8 bytes that end with it, or at the beginning the first 8."""
    at = max(0, row.offset + row.width - 8)
    shift = 8 * (at + 8 - row.offset - row.width) + row.shift
    mask = row.full_mask >> row.shift
    return Step(kind, f',"{row.name}":'.encode(), at, shift, mask if mask < 1 << 63 else -1)


def _condition(kind: type[PduType], row: Field) -> When | None:
    """The field's condition, if other bytes of the header decide it; None if nothing does, its own byte, or nobody
    knows."""
    valid = row.valid
    if valid is None or not (valid.any_of or valid.none_of):
        return None
    own = {(row.offset, row.width)} if row.width == 1 else set()
    return None if {(party.offset, party.width) for party in _parties(kind, valid)} == own else valid


def _parties(kind: type[PduType], condition: When) -> list[Field]:
    """The fields that a condition looks at."""
    by_name = {row.name: row for row in kind.fields}
    return [by_name[name] for name, _ in (*condition.any_of, *condition.none_of)]


def _guard(kind: type[PduType], condition: When) -> Step:
    """The step that passes over the next one unless the condition holds."""
    parties = _parties(kind, condition)
    party = parties[0]
    if {(each.offset, each.width) for each in parties} == {(party.offset, 1)}:
        header = bytes(party.offset)
        table = []
        for value in range(256):
            byte = header + bytes((value,))
            table.append(b"1" if condition.holds({each.name: each.read(byte) for each in parties}) else b"")
        step = Step(quick.SKIP_UNLESS, at=party.offset, table=table)
    elif len(parties) == 1 and condition.none_of and condition.none_of[0][1] == {party.largest}:
        step = _number(quick.SKIP_IF, party)
    else:
        raise Inexpressible
    step.count = 1
    return step


def _fixed(kind: type[PduType]) -> tuple[bytes, bytes]:
    """Mask and value of the bits that can have only one value: reserved ones, and fields with a fixed value."""
    mask, fixed = bytearray(BHS_LENGTH), bytearray(BHS_LENGTH)
    for row in kind.fields:
        if row.fixed is not None:
            row.write(mask, row.largest)
            row.write(fixed, row.fixed)
    for row in kind.plan.reserved:
        bits = row.full_mask.to_bytes(row.width, "big")
        for place, byte in enumerate(bits, row.offset):
            mask[place] |= byte
    return bytes(mask), bytes(fixed)


@cache
def fixed_bits() -> dict[int, tuple[int, int]]:
    """Mask and value of the fixed bits of whole headers, as numbers, by opcode: the standard ones."""
    found = {}
    for kind in PDU_TYPES:
        mask, fixed = _fixed(kind)
        found[kind.opcode] = (int.from_bytes(mask, "big"), int.from_bytes(fixed, "big"))
    return found


@cache
def commands() -> list[CdbProgram | None]:
    """The programs of CDBs, by operation code. Codes with service actions have none."""
    return [None if code in SERVICE_ACTION_CODES or code == VARIABLE else _command(code) for code in range(256)]


def _command(code: int) -> CdbProgram | None:
    cdb = parse_cdb(bytes((code,)) + bytes(CDB_LENGTH - 1))
    if cdb.service_action is not None:
        return None
    by_name = {row.name: row for row in cdb.command.fields}
    lba, blocks = by_name.get("lba"), by_name.get(cdb.command.count)
    if any(row is not None and row.kind == BYTES for row in (lba, blocks)):
        return None
    return CdbProgram(
        b'"' + fragment({"operation": cdb.name}),
        None if lba is None else _number(quick.NUMBER, lba),
        None if blocks is None else _number(quick.NUMBER, blocks),
        cdb.command.zero_blocks,
    )
