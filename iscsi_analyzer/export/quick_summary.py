"""The summary lines of ordinary PDUs, quickly: a header that differs from an earlier one in its numbers alone differs
in its line by these numbers alone.

The first header of a kind is dissected in full, with numbers put into it that stand out in its line; what is left of
the line is the template for all headers of that kind. Numbers that mean something special (0, 1, the reserved tag)
belong to the kind. A second header with other numbers proves each template: where it fails, that kind is always
dissected in full.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable
from operator import itemgetter
from typing import Any, Final

from dissectors.fields import NUMBER, Field
from dissectors.iscsi import layout as at
from dissectors.pdu import PDU_TYPES, dissect
from dissectors.scsi import parse_cdb
from iscsi_analyzer.export import quick_plans
from iscsi_analyzer.export.tables import visible

SPECIAL: Final = frozenset((0, 1, at.RESERVED_TAG))
"Numbers that lines may say in words of their own, or leave out."
MOST_TEMPLATES: Final = 4096
"Templates that are kept for one kind of header."

_NOT_COUNTED: Final = frozenset(("lun", "isid", "total_ahs_length"))
_CODES: Final = {2: "H", 4: "I", 8: "Q"}
_PROBES: Final = (
    {2: (41973, 53861, 62749), 4: (3181920607, 2764853917, 2957310843, 3590417529, 2409538671, 3826145073, 3373690281,
     2196407539, 4017529683, 2643071959, 3268935147, 3719284065), 8: (13804692573018465917, 12719350846203578463)},
    {2: (38629, 57413, 46387), 4: (2319874605, 3940612857, 3057284391, 2580936147, 3462175089, 2893640517, 4128503967,
     3605417283, 2237094851, 3791528463, 2718365049, 3149760825), 8: (11938574602713850649, 14286037591468203757)},
)  # fmt: skip
"Numbers by width, each of which is found in a line in one place only, for two headers."
_NUMBER: Final = re.compile("[0-9a-f]+")

Place = tuple[int, int]
"Offset and width of a number in a header."
Template = tuple[str, Callable[[tuple[int, ...]], Any] | None]
"A % format, and what picks its numbers."


class QuickSummary:
    """Summary lines by headers. Good for every store: what a line says is in the header."""

    def __init__(self) -> None:
        self._fixed = quick_plans.fixed_bits()
        self._fields = {kind.opcode: _numbers(kind.fields, 0) for kind in PDU_TYPES if not kind.text}
        self._shapes: dict[int, _Shape | None] = {}

    def of(self, header: bytes) -> str | None:
        """The line of a PDU with this whole header, without additional headers and without data that say something,
        of a unit that reads CDBs as disks do. None where it takes a look in full, as it does where anything is odd."""
        opcode = header[0] & at.OPCODE_MASK
        bits = self._fixed.get(opcode)
        whole = int.from_bytes(header, "big")
        if bits is None or whole & bits[0] != bits[1]:
            return None
        kind = opcode if opcode != at.OP_SCSI_COMMAND else 0x10000 | header[at.AT_CDB] << 8 | header[at.AT_CDB + 1]
        shape = self._shapes.get(kind)
        if shape is None:
            if kind in self._shapes or opcode not in self._fields:
                return None
            shape = self._shapes[kind] = self._shape(opcode, header)
        values = shape.unpack(header)
        key: Any = whole & shape.mask
        if not SPECIAL.isdisjoint(values):
            key = (key, tuple([value if value in SPECIAL else -1 for value in values]))
        template = shape.templates.get(key, _NEVER_SEEN)
        if template is _NEVER_SEEN:
            template = shape.learn(key, header)
        if template is None:
            return None
        text, pick = template
        return text if pick is None else text % pick(values)

    def _shape(self, opcode: int, header: bytes) -> _Shape:
        places = list(self._fields[opcode])
        if opcode == at.OP_SCSI_COMMAND:
            command = parse_cdb(header[at.AT_CDB :]).command
            counted = [field for field in command.fields if field.name in ("lba", command.count)]
            places += _numbers(counted, at.AT_CDB)
        return _Shape(places)


class _Shape:
    """Headers with numbers at the same places."""

    def __init__(self, places: list[Place]) -> None:
        self.places = sorted(places)
        layout, end = ">", 0
        for offset, width in self.places:
            layout += f"{offset - end}x{_CODES[width]}"
            end = offset + width
        self.unpack: Callable[[bytes], tuple[int, ...]] = struct.Struct(f"{layout}{at.BHS_LENGTH - end}x").unpack
        mask = bytearray(b"\xff" * at.BHS_LENGTH)
        for offset, width in self.places:
            mask[offset : offset + width] = bytes(width)
        self.mask = int.from_bytes(mask, "big")
        self.templates: dict[Any, Template | None] = {}

    def learn(self, key: Any, header: bytes) -> Template | None:
        """The template of headers like this one; None if they are better dissected in full."""
        if len(self.templates) >= MOST_TEMPLATES:
            self.templates.clear()
        first, second = (self._probe(header, probes) for probes in _PROBES)
        template = _template(_line(first), self.unpack(first))
        holds = all(_filled(template, self.unpack(each)) == _line(each) for each in (second, header))
        self.templates[key] = template if holds else None
        return self.templates[key]

    def _probe(self, header: bytes, probes: dict[int, tuple[int, ...]]) -> bytes:
        """The header with other numbers, but for the special ones."""
        found = bytearray(header)
        left = {width: list(numbers) for width, numbers in probes.items()}
        for (offset, width), value in zip(self.places, self.unpack(header), strict=True):
            if value not in SPECIAL and left[width]:
                number = left[width].pop()
                # The length of the data shares its word with that of the additional headers, which is 0.
                number &= 0xFFFFFF if offset == _LENGTHS_AT else -1
                found[offset : offset + width] = number.to_bytes(width, "big")
        return bytes(found)


_NEVER_SEEN: Final[Template] = ("", None)
_LENGTHS_AT: Final = at.AT_TOTAL_AHS_LENGTH


def _numbers(fields: Any, start: int) -> list[Place]:
    """The places of plain numbers among declared fields. The length of the data stands in a word of four bytes with
    that of the additional headers."""
    found = []
    for field in fields:
        if field.name == "data_segment_length":
            found.append((_LENGTHS_AT, 4))
        elif _plain(field) and start + field.offset + field.width <= at.BHS_LENGTH:
            found.append((start + field.offset, field.width))
    return found


def _plain(field: Field) -> bool:
    """Whether a field is a number that fills its bytes and has no words."""
    whole = field.full_mask == (1 << 8 * field.width) - 1
    return (
        field.kind == NUMBER
        and field.width in _CODES
        and whole
        and field.words is None
        and field.name not in _NOT_COUNTED
    )


def _line(header: bytes) -> str:
    """The line by the long way."""
    return visible(dissect(header).summary())


def _template(line: str, values: tuple[int, ...]) -> Template:
    """The line with places for the numbers: decimal ones and hexadecimal ones."""
    known = {str(value): (place, "%d") for place, value in enumerate(values) if value not in SPECIAL}
    known |= {f"{value:x}": (place, "%x") for place, value in enumerate(values) if value not in SPECIAL}
    picks: list[int] = []
    text = ""
    end = 0
    for found in _NUMBER.finditer(line):
        place = known.get(found[0])
        if place is not None:
            text += line[end : found.start()].replace("%", "%%") + place[1]
            picks.append(place[0])
            end = found.end()
    if not picks:
        return line, None
    text += line[end:].replace("%", "%%")
    return text, itemgetter(*picks) if len(picks) > 1 else itemgetter(slice(picks[0], picks[0] + 1))


def _filled(template: Template, values: tuple[int, ...]) -> str:
    text, pick = template
    return text if pick is None else text % pick(values)
