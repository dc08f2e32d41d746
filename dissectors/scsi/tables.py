"""How the SCSI modules declare fields, and the reader that turns declarations and bytes into nodes.

One declaration language for command descriptor blocks, sense data and parameter data: `dissectors.fields.Field`, made
by the short constructors below. Fields whose bytes are missing (cut by an allocation length or a snap length) are left
out, never guessed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from dissectors.fields import BYTES, FLAG, Field, Node, Value, Words

SIGNED: Final = "signed"
"Kind of a field that holds a two's complement number."
TEXT: Final = "text"
"Kind of a field that holds ASCII characters, padded with spaces or NULs."


def number(
    name: str,
    label: str,
    offset: int,
    width: int = 1,
    mask: int = 0,
    filter: str = "",
    words: Words | None = None,
    base: str = "dec",
) -> Field:
    """A number of `width` bytes, big-endian, or the masked bits of them."""
    return Field(name, label, offset, width, mask, filter, words, base)


def flag(name: str, label: str, offset: int, mask: int, filter: str = "") -> Field:
    """One bit of one byte."""
    return Field(name, label, offset, 1, mask, filter, kind=FLAG)


def signed(name: str, label: str, offset: int, width: int, filter: str = "") -> Field:
    """A two's complement number."""
    return Field(name, label, offset, width, 0, filter, kind=SIGNED)


def octets(name: str, label: str, offset: int, width: int, filter: str = "") -> Field:
    """Bytes that are shown as they are."""
    return Field(name, label, offset, width, 0, filter, kind=BYTES)


def string(name: str, label: str, offset: int, width: int, filter: str = "") -> Field:
    """ASCII characters."""
    return Field(name, label, offset, width, 0, filter, kind=TEXT)


def ascii_text(raw: bytes) -> str:
    """The characters of `raw` without padding; what is not printable ASCII is shown as an escape."""
    text = raw.decode("latin-1").strip(" \0")
    if text.isascii() and text.isprintable():
        return text
    return "".join(char if " " <= char <= "~" else f"\\x{ord(char):02x}" for char in text)


def utf8_text(raw: bytes) -> str:
    """The characters of `raw` up to padding of NULs; bytes that are no UTF-8 and control characters are escaped."""
    text = raw.rstrip(b"\0").decode("utf-8", "backslashreplace")
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


def read(field: Field, data: bytes, base: int = 0) -> Value:
    """The field's value in `data`, whose structure starts at `base`; the bytes must be there."""
    start = base + field.offset
    raw = data[start : start + field.width]
    if field.kind == BYTES:
        return bytes(raw)
    if field.kind == TEXT:
        return ascii_text(raw)
    if field.kind == SIGNED:
        return int.from_bytes(raw, "big", signed=True)
    value = int.from_bytes(raw, "big")
    return value if not field.mask else (value & field.mask) >> field.shift


def node(field: Field, data: bytes, base: int = 0) -> Node:
    """The field as a node; the bytes must be there."""
    value = read(field, data, base)
    text = field.describe(value)
    return Node(field.label, value, text, base + field.offset, field.width, field.mask, field.filter)


def values(fields: Iterable[Field], data: bytes, base: int = 0, end: int | None = None) -> dict[str, Value]:
    """Name to value of every field that lies wholly before `end` (default: the end of `data`)."""
    limit = len(data) if end is None else min(end, len(data))
    return {field.name: read(field, data, base) for field in fields if base + field.offset + field.width <= limit}


def nodes(fields: Iterable[Field], data: bytes, base: int = 0, end: int | None = None) -> list[Node]:
    """A node for every field that lies wholly before `end` (default: the end of `data`)."""
    limit = len(data) if end is None else min(end, len(data))
    return [node(field, data, base) for field in fields if base + field.offset + field.width <= limit]


def group(
    label: str, data: bytes, start: int, end: int, children: Sequence[Node] = (), text: str = "", filter: str = ""
) -> Node:
    """A node over data[start:end] (clipped to `data`) that holds other nodes."""
    end = min(end, len(data))
    return Node(label, None, text, start, max(0, end - start), 0, filter, list(children))


def rest(label: str, data: bytes, start: int, end: int | None = None) -> list[Node]:
    """What nobody decodes, shown raw: one node over data[start:end], or none if there is nothing."""
    raw = data[start : len(data) if end is None else end]
    if not raw:
        return []
    text = raw.hex() if len(raw) <= 32 else f"{len(raw)} bytes: {raw[:32].hex()}..."
    return [Node(label, bytes(raw), text, start, len(raw))]


def listed(field: Field, data: bytes, start: int, end: int) -> list[Node]:
    """`field` over and over, from `start`, as long as it lies wholly before `end`."""
    return [node(field, data, at) for at in range(start, min(end, len(data)) - field.width + 1, field.width)]


def announced(text: str, data: bytes, length: int) -> str:
    """`text`, and how much of a structure of `length` bytes is there if it is not all.

    An allocation length or a snap length may have cut it: nothing is wrong with that.
    """
    if length <= len(data):
        return text
    note = f"{len(data)} of {length} bytes"
    return f"{text}, {note}" if text else note
