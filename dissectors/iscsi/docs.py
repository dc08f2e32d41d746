"""Writes `layouts.md`, every PDU's header fields as declared: `python -m dissectors.iscsi.docs`.

`render` is pure; a test compares its result with the page.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from dissectors.fields import GROUP, Field
from dissectors.iscsi.base import PduType
from dissectors.iscsi.generic import GENERIC_FIELDS
from dissectors.iscsi.keys import secret
from dissectors.iscsi.keytable import KEYS, Key
from dissectors.iscsi.pdu_types import PDU_TYPES, sender_of

PAGE: Final = Path(__file__).with_name("layouts.md")

_HEAD: Final = """\
# Layouts of iSCSI PDUs

Generated from the declarations by `python -m dissectors.iscsi.docs`; do not edit.

Every PDU starts with a Basic Header Segment of 48 bytes. Offsets and widths are in bytes; a mask is relative to the
field's bytes, big-endian (the RFC's bit 0 is 0x80 of the byte); without one the field fills its bytes. *Name* is the
name in `Pdu.values` and in JSON, *filter* the name in the filter language. Bits that no row claims are reserved: they
show up in the tree when they are not zero. Rows in italics span the rows below them.
"""

_TABLE_HEAD: Final = "| offset | width | mask | field | name | filter | notes |\n|---|---|---|---|---|---|---|"
_KEYS_HEAD: Final = (
    "| key | senders | use | scope | kind | form | default | result | filter | source |\n"
    "|---|---|---|---|---|---|---|---|---|---|"
)


def render() -> str:
    """The whole page."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield _HEAD
    for pdu_type in PDU_TYPES:
        yield from _section(pdu_type)
    yield "## Other opcodes\n"
    yield "Vendor-specific (0x1c to 0x1e, 0x3c to 0x3e) without a plug-in, and opcodes that are not assigned."
    yield "RFC 7143 sections 11.2.1 and 11.2.1.2.\n"
    yield _TABLE_HEAD
    yield from map(_row, GENERIC_FIELDS)
    yield "\n## Text keys\n"
    yield "Use: LO leading login only, IO any login, FFPO full feature phase only, ALL both."
    yield "Scope: SW session-wide, CO connection only. Values of keys marked * are secret and not shown.\n"
    yield _KEYS_HEAD
    yield from map(_key_row, KEYS.values())


def _section(pdu_type: type[PduType]) -> Iterator[str]:
    yield f"## {pdu_type.name} (0x{pdu_type.opcode:02x}, {sender_of(pdu_type.opcode)})\n"
    yield f"{inspect.getdoc(pdu_type)}\n"
    yield _TABLE_HEAD
    yield from map(_row, pdu_type.fields)
    yield ""


def _row(row: Field) -> str:
    notes = []
    if row.fixed is not None:
        notes.append(f"always {row.fixed:#x}" if row.base == "hex" else f"always {row.fixed}")
    if row.valid is not None:
        notes.append(f"only when {row.valid.words}")
    label = f"*{row.label}*" if row.kind == GROUP else row.label
    name = "" if row.kind == GROUP else f"`{row.name}`"
    mask = f"0x{row.mask:02x}" if row.mask else ""
    filter_name = f"`{row.filter}`" if row.filter else ""
    return f"| {row.offset} | {row.width} | {mask} | {label} | {name} | {filter_name} | {'; '.join(notes)} |"


def _key_row(key: Key) -> str:
    star = " *" if secret(key.name) else ""
    filter_name = f"`{key.filter}`" if key.filter else ""
    source = key.rfc if key.status == "current" else f"{key.rfc} ({key.status})"
    return (
        f"| {key.name}{star} | {key.senders} | {key.use} | {key.scope} | {key.kind} | {_form(key)} "
        f"| {key.default or ''} | {key.result} | {filter_name} | {source} |"
    )


def _form(key: Key) -> str:
    """The form of the values with their bounds."""
    if key.form in ("number", "range") and key.high:
        return f"{key.form} {key.low} to {key.high}"
    if key.high:
        return f"{key.form}, at most {key.high} bytes"
    if key.choices:
        return f"{key.form}: {', '.join(key.choices)}"
    return key.form


def main() -> None:
    """Write the page."""
    PAGE.write_text(render(), encoding="utf-8")


if __name__ == "__main__":
    main()
