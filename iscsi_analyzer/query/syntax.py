"""The syntax tree of a filter: what its grammar says, before names and types are looked at. Data only."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from iscsi_analyzer.query.lexer import Token

ANY: Final = "any"
ALL: Final = "all"

EQUAL: Final = "=="
UNEQUAL: Final = "!="
ORDERS: Final = ("<", "<=", ">", ">=")
CONTAINS: Final = "contains"
MATCHES: Final = "matches"


@dataclass(slots=True, frozen=True)
class Span:
    """Where something stands in the filter."""

    position: int
    length: int

    def to(self, other: Span) -> Span:
        """From the start of this one to the end of the other."""
        return Span(self.position, other.position + other.length - self.position)


@dataclass(slots=True, frozen=True)
class Slice:
    """A range of bytes or characters: from `start` to before `end`, None for the end of the value; both may count from
    the end."""

    start: int
    end: int | None


@dataclass(slots=True, frozen=True)
class Word:
    """A word or a string whose meaning its place decides: the name of a field, or a value."""

    token: Token
    span: Span


@dataclass(slots=True, frozen=True)
class Sliced:
    """Parts of a field's value, joined: `iscsi.isid[0:2,5]`."""

    inner: Operand
    parts: tuple[Slice, ...]
    span: Span


@dataclass(slots=True, frozen=True)
class Masked:
    """Bits of a number: `iscsi.flags & 0x80`."""

    inner: Operand
    mask: Word
    span: Span


@dataclass(slots=True, frozen=True)
class Call:
    """A function of one field: `lower(iscsi.keyvalue)`."""

    function: str
    inner: Operand
    span: Span


Operand = Word | Sliced | Masked | Call


@dataclass(slots=True, frozen=True)
class Present:
    """An operand that stands alone: it is there, or of masked bits and own flags: one is set."""

    operand: Operand
    span: Span


@dataclass(slots=True, frozen=True)
class Compare:
    """Two operands with EQUAL, UNEQUAL, one of ORDERS, CONTAINS or MATCHES between them."""

    left: Operand
    operator: str
    right: Operand
    quantifier: str
    "ANY or ALL: of several values of the field, how many must compare so."
    span: Span


@dataclass(slots=True, frozen=True)
class Range:
    """One entry of a set: a value, or all values from `low` to `high`."""

    low: Word
    high: Word | None
    span: Span


@dataclass(slots=True, frozen=True)
class In:
    """The operand has one of the values of a set."""

    operand: Operand
    entries: tuple[Range, ...]
    quantifier: str
    span: Span


@dataclass(slots=True, frozen=True)
class Not:
    inner: Node
    span: Span


@dataclass(slots=True, frozen=True)
class And:
    parts: tuple[Node, ...]
    span: Span


@dataclass(slots=True, frozen=True)
class Or:
    parts: tuple[Node, ...]
    span: Span


@dataclass(slots=True, frozen=True)
class Xor:
    parts: tuple[Node, ...]
    span: Span


@dataclass(slots=True, frozen=True)
class Everything:
    """An empty filter."""

    span: Span = field(default=Span(0, 1))


Node = Present | Compare | In | Not | And | Or | Xor | Everything
