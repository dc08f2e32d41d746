"""The vocabulary of decoded fields that every dissector speaks.

`Node` is one line of a field tree with its exact place in the bytes. `Field` declares a header field once; decoder,
tree, builder and documentation are all derived from it. `Words` names the values of a code field, `When` says in
which PDUs a field means something, `Problem` is something odd about the bytes. Knows no protocol: names and offsets
come from the declarations.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

Value = int | str | bytes

NUMBER = "number"
FLAG = "flag"
BYTES = "bytes"
GROUP = "group"  # spans other fields and shows them as its children


@dataclass(slots=True)
class Node:
    """One decoded field, or a group of fields, and the bytes that it was read from."""

    label: str
    "What people call the field: the RFC's or the SCSI standard's own name."
    value: int | str | bytes | None
    "The decoded value; None for a pure group."
    text: str
    "The value in words, ready to be shown after the label."
    offset: int
    "First byte, counted from the start of the buffer that was decoded."
    length: int
    "Number of bytes that the field touches."
    mask: int = 0
    "Bits of those bytes that belong to the field, big-endian; 0 means all of them."
    filter: str = ""
    "Name in the filter language (Wireshark's where it has one); empty if the field cannot be filtered on."
    children: list[Node] = field(default_factory=list)
    problem: str = ""
    "What is wrong with the field as it stands in the bytes; empty if nothing is."


class Problem(NamedTuple):
    """Something odd about the bytes themselves. Says what stands there; whether it matters is for others to judge."""

    name: str
    "Stable name of the kind of oddity, for example `header-truncated`."
    text: str
    "What was found, in a sentence for people."
    offset: int = 0
    "First byte concerned, counted as in `Node`."
    length: int = 0
    "Number of bytes concerned."


class Words:
    """Names for the values of a code field: single codes, inclusive ranges of codes, and `other` for the rest."""

    __slots__ = ("codes", "other", "ranges")

    def __init__(
        self, codes: Mapping[int, str], ranges: tuple[tuple[int, int, str], ...] = (), other: str = "unknown"
    ) -> None:
        self.codes = dict(codes)
        self.ranges = ranges
        self.other = other

    def __call__(self, code: int) -> str:
        """The name of `code`. Every integer has one."""
        name = self.codes.get(code)
        if name is not None:
            return name
        for low, high, words in self.ranges:
            if low <= code <= high:
                return words
        return self.other

    def known(self, code: int) -> bool:
        """True if the standard assigns this very code (not a reserved, vendor or unassigned range)."""
        return code in self.codes


class When:
    """When a field means something: at least one of `any_of` is true, and none of `none_of` is.

    Both list (field name, values). With neither, only knowledge from outside the PDU decides (a negotiated value,
    say).
    """

    __slots__ = ("any_of", "none_of", "words")

    def __init__(
        self,
        words: str,
        any_of: tuple[tuple[str, frozenset[int]], ...] = (),
        none_of: tuple[tuple[str, frozenset[int]], ...] = (),
    ) -> None:
        self.words = words
        self.any_of = any_of
        self.none_of = none_of

    def holds(self, values: Mapping[str, Value]) -> bool | None:
        """True or False by the PDU's own `values`; None when they cannot tell (also when they were not captured)."""
        if not self.any_of and not self.none_of:
            return None
        if any(name not in values for name, _ in self.any_of + self.none_of):
            return None
        if any(values[name] in wanted for name, wanted in self.none_of):
            return False
        return not self.any_of or any(values[name] in wanted for name, wanted in self.any_of)


@dataclass(slots=True, frozen=True)
class Field:
    """One field of a fixed header, declared once."""

    name: str
    "Name in `values`, in JSON and for builders: snake_case of the RFC's."
    label: str
    "The RFC's name."
    offset: int
    "First byte in the header."
    width: int
    "Bytes that the field touches."
    mask: int = 0
    "Bits of those bytes, big-endian; 0 means all."
    filter: str = ""
    "Name in the filter language, empty if none."
    words: Words | None = None
    "Names of the values."
    base: str = "dec"
    "How numbers are shown: `dec` or `hex`."
    kind: str = NUMBER
    "NUMBER, FLAG, BYTES or GROUP."
    valid: When | None = None
    "When the field means something; None: always."
    fixed: int | None = None
    "The only value that the RFC allows."
    default: int = 0
    "What a builder writes when nobody says otherwise."

    @property
    def full_mask(self) -> int:
        """The mask with 0 spelled out."""
        return self.mask or (1 << (8 * self.width)) - 1

    @property
    def shift(self) -> int:
        """Number of bits to the right of the field."""
        mask = self.full_mask
        return (mask & -mask).bit_length() - 1

    @property
    def largest(self) -> int:
        """The largest number that fits."""
        return self.full_mask >> self.shift

    def read(self, header: bytes) -> int | bytes:
        """The value in `header`, which must hold all of the field's bytes."""
        raw = header[self.offset : self.offset + self.width]
        if self.kind == BYTES:
            return bytes(raw)
        return (int.from_bytes(raw, "big") & self.full_mask) >> self.shift

    def write(self, header: bytearray, value: Value) -> None:
        """Put `value` into `header`. Raises TypeError or ValueError for what does not fit."""
        end = self.offset + self.width
        if self.kind == BYTES:
            if not isinstance(value, bytes | bytearray):
                raise TypeError(f"{self.name} takes bytes, not {type(value).__name__}")
            if len(value) > self.width:
                raise ValueError(f"{self.name} takes at most {self.width} bytes, not {len(value)}")
            header[self.offset : end] = bytes(value).ljust(self.width, b"\0")
            return
        if not isinstance(value, int):
            raise TypeError(f"{self.name} takes an integer, not {type(value).__name__}")
        if not 0 <= value <= self.largest:
            raise ValueError(f"{self.name} takes 0 to {self.largest:#x}, not {value:#x}")
        old = int.from_bytes(header[self.offset : end], "big")
        new = old & ~self.full_mask | int(value) << self.shift
        header[self.offset : end] = new.to_bytes(self.width, "big")

    def describe(self, value: Value) -> str:
        """The value in words: `Simple (1)`, `0x0000abcd`, `441`."""
        if isinstance(value, str):
            return value
        if isinstance(value, bytes | bytearray):
            return value.hex()
        number = str(value)
        if self.base == "hex":
            number = f"0x{value:0{(self.largest.bit_length() + 3) // 4}x}"
        if self.words is not None:
            return f"{self.words(value)} ({number})"
        return number


def shifted(nodes: list[Node], by: int) -> list[Node]:
    """Move `nodes` and everything below them `by` bytes further, in place; returns them."""
    for node in nodes:
        node.offset += by
        shifted(node.children, by)
    return nodes
