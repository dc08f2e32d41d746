"""The grammar of filters: tokens to a syntax tree. Knows neither fields nor types.

filter    := [ or ]
or        := xor { ("||" | "or") xor }
xor       := and { ("^^" | "xor") and }
and       := not { ("&&" | "and") not }
not       := ("!" | "not") not | test
test      := [ "any" | "all" ] operand [ relation operand { relation operand } | [ "not" ] "in" set ]
           | "(" or ")"
operand   := word | string | word "[" slices "]" | function "(" operand ")" | operand "&" word | "(" operand ")"
set       := "{" entry { "," entry } "}"        entry := value [ ".." value ]
"""

from __future__ import annotations

from typing import Final

from iscsi_analyzer.query import syntax as s
from iscsi_analyzer.query.errors import QueryError
from iscsi_analyzer.query.lexer import END, OPERATOR, STRING, WORD, Token, tokens

MAX_DEPTH: Final = 60
"Brackets and negations within each other."

FUNCTIONS: Final = ("lower", "upper", "len")

_RELATIONS: Final[dict[str, tuple[str, str]]] = {
    "==": (s.EQUAL, s.ANY),
    "eq": (s.EQUAL, s.ANY),
    "any_eq": (s.EQUAL, s.ANY),
    "===": (s.EQUAL, s.ALL),
    "all_eq": (s.EQUAL, s.ALL),
    "!=": (s.UNEQUAL, s.ALL),
    "ne": (s.UNEQUAL, s.ALL),
    "all_ne": (s.UNEQUAL, s.ALL),
    "!==": (s.UNEQUAL, s.ANY),
    "~=": (s.UNEQUAL, s.ANY),
    "any_ne": (s.UNEQUAL, s.ANY),
    "<": ("<", s.ANY),
    "lt": ("<", s.ANY),
    "<=": ("<=", s.ANY),
    "le": ("<=", s.ANY),
    ">": (">", s.ANY),
    "gt": (">", s.ANY),
    ">=": (">=", s.ANY),
    "ge": (">=", s.ANY),
    "contains": (s.CONTAINS, s.ANY),
    "matches": (s.MATCHES, s.ANY),
    "~": (s.MATCHES, s.ANY),
}
_OR: Final = ("||", "or")
_XOR: Final = ("^^", "xor")
_AND: Final = ("&&", "and")
_NOT: Final = ("!", "not")
_MASK: Final = ("&", "bitand", "bitwise_and")
KEYWORDS: Final = frozenset(
    word for word in (*_RELATIONS, *_OR, *_XOR, *_AND, *_NOT, *_MASK, "in", "any", "all") if word.isidentifier()
)
"Words of the grammar, which cannot stand for a value without quotes."

_MISTAKES: Final = {"=": "== compares", "|": "|| is the logical or", "^": "^^ is the exclusive or"}


def parse(text: str) -> s.Node:
    """The syntax tree of a filter; Everything for an empty one. Raises QueryError."""
    return _Parser(text).whole()


class _Parser:
    def __init__(self, text: str) -> None:
        self._tokens = tokens(text)
        self._at = 0
        self._depth = 0

    def whole(self) -> s.Node:
        if self._now.kind == END:
            return s.Everything()
        node = self._or()
        if self._now.kind != END:
            raise self._unexpected()
        return node

    # --- logic ---

    def _or(self) -> s.Node:
        parts = [self._xor()]
        while self._takes(_OR):
            parts.append(self._xor())
        return parts[0] if len(parts) == 1 else s.Or(tuple(parts), parts[0].span.to(parts[-1].span))

    def _xor(self) -> s.Node:
        parts = [self._and()]
        while self._takes(_XOR):
            parts.append(self._and())
        return parts[0] if len(parts) == 1 else s.Xor(tuple(parts), parts[0].span.to(parts[-1].span))

    def _and(self) -> s.Node:
        parts = [self._not()]
        while self._takes(_AND):
            parts.append(self._not())
        return parts[0] if len(parts) == 1 else s.And(tuple(parts), parts[0].span.to(parts[-1].span))

    def _not(self) -> s.Node:
        start = self._span(self._now)
        if not self._takes(_NOT):
            return self._test()
        self._deeper()
        inner = self._not()
        self._depth -= 1
        return s.Not(inner, start.to(inner.span))

    # --- tests ---

    def _test(self) -> s.Node:
        """A relation, a presence, or anything in brackets."""
        start = self._span(self._now)
        quantifier = ""
        if self._now.kind == WORD and self._now.text in (s.ANY, s.ALL) and self._next.kind == WORD:
            quantifier = self._take().text
        if not quantifier and self._now == self._operator("("):
            return self._brackets()
        return self._relation(self._operand(), quantifier, start)

    def _brackets(self) -> s.Node:
        """A whole filter in brackets, or an operand in brackets with a relation behind them."""
        start = self._span(self._take())
        self._deeper()
        inner = self._or()
        end = self._expect(")")
        self._depth -= 1
        if isinstance(inner, s.Present) and (self._now.text in _RELATIONS or self._now.text in (*_MASK, "in")):
            if self._now.kind != STRING:
                return self._relation(self._masked(inner.operand), "", start)
        if isinstance(inner, s.Present):
            return s.Present(inner.operand, start.to(end))
        return inner

    def _relation(self, left: s.Operand, quantifier: str, start: s.Span) -> s.Node:
        negated = self._now.text == "not" and self._now.kind == WORD and self._next.text == "in"
        if negated:
            self._take()
        if self._now.kind == WORD and self._now.text == "in":
            self._take()
            entries, end = self._set()
            found: s.Node = s.In(left, entries, quantifier or s.ANY, start.to(end))
            return s.Not(found, found.span) if negated else found
        tests: list[s.Node] = []
        while self._now.kind in (WORD, OPERATOR) and self._now.text in _RELATIONS:
            operator, usual = _RELATIONS[self._take().text]
            right = self._operand()
            tests.append(s.Compare(left, operator, right, quantifier or usual, left.span.to(right.span)))
            left = right
        if not tests:
            if quantifier:
                raise QueryError(f"{quantifier} wants a comparison", start.position, len(quantifier))
            return s.Present(left, left.span)
        return tests[0] if len(tests) == 1 else s.And(tuple(tests), start.to(left.span))

    # --- operands ---

    def _operand(self) -> s.Operand:
        token = self._now
        if token == self._operator("("):
            self._take()
            self._deeper()
            inner = self._operand()
            self._expect(")")
            self._depth -= 1
            return self._masked(inner)
        if token.kind == WORD and token.text in FUNCTIONS and self._next.text == "(" and self._next.kind == OPERATOR:
            start = self._span(self._take())
            self._take()
            self._deeper()
            inner = self._operand()
            end = self._expect(")")
            self._depth -= 1
            return self._masked(s.Call(token.text, inner, start.to(end)))
        found: s.Operand = self._value()
        if self._now == self._operator("["):
            found = self._slices(found)
        return self._masked(found)

    def _masked(self, operand: s.Operand) -> s.Operand:
        """The operand, with the bits that it is masked with, if it is."""
        depth = self._depth
        while self._takes(_MASK):
            self._deeper()
            mask = self._value()
            operand = s.Masked(operand, mask, operand.span.to(mask.span))
        self._depth = depth
        return operand

    def _value(self) -> s.Word:
        token = self._now
        if token.kind not in (WORD, STRING) or (token.kind == WORD and token.text in KEYWORDS):
            raise self._unexpected()
        self._take()
        return s.Word(token, self._span(token))

    def _set(self) -> tuple[tuple[s.Range, ...], s.Span]:
        self._expect("{")
        entries = []
        while True:
            low = self._value()
            high = self._value() if self._takes(("..",)) else None
            entries.append(s.Range(low, high, low.span.to(high.span) if high else low.span))
            if not self._takes((",",)):
                return tuple(entries), self._expect("}")

    def _slices(self, inner: s.Operand) -> s.Operand:
        self._expect("[")
        parts = []
        while True:
            token = self._now
            if token.kind != WORD:
                raise self._unexpected()
            parts.append(_slice(self._take()))
            if not self._takes((",",)):
                break
        end = self._expect("]")
        return s.Sliced(inner, tuple(parts), inner.span.to(end))

    # --- tokens ---

    @property
    def _now(self) -> Token:
        return self._tokens[self._at]

    @property
    def _next(self) -> Token:
        return self._tokens[min(self._at + 1, len(self._tokens) - 1)]

    def _operator(self, text: str) -> Token:
        """The operator as it would look here."""
        return Token(OPERATOR, text, self._now.position, len(text))

    def _take(self) -> Token:
        token = self._now
        self._at += 1
        return token

    def _takes(self, texts: tuple[str, ...]) -> bool:
        """Takes the next token if it is one of these operators."""
        if self._now.kind in (WORD, OPERATOR) and self._now.text in texts:
            self._at += 1
            return True
        return False

    def _expect(self, text: str) -> s.Span:
        if self._now != self._operator(text):
            raise self._unexpected(text)
        return self._span(self._take())

    def _deeper(self) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise QueryError(f"more than {MAX_DEPTH} brackets within each other", self._now.position)

    def _span(self, token: Token) -> s.Span:
        return s.Span(token.position, token.length)

    def _unexpected(self, wanted: str = "") -> QueryError:
        token = self._now
        instead = f", {wanted} is expected" if wanted else ""
        if token.kind == END:
            return QueryError(f"the filter ends too early{instead}", token.position)
        hint = f": {_MISTAKES[token.text]}" if token.kind == OPERATOR and token.text in _MISTAKES else ""
        what = "a string" if token.kind == STRING else f"`{token.text}`"
        return QueryError(f"{what} is not expected here{instead}{hint}", token.position, token.length)


def _slice(token: Token) -> s.Slice:
    """`5`, `0:3` (three from the start), `2-4` (from 2 to 4), `:2`, `4:`; a start below 0 counts from the end."""
    wrong = QueryError(
        "not a slice: i:j is j bytes from i on, i-j bytes i to j, i one byte, :j and i: reach to an end",
        token.position,
        token.length,
    )
    text = token.text
    if ":" in text:
        first, _, count = text.partition(":")
        start, size = _number(first or "0", wrong), _number(count or "-1", wrong)
        if not count:
            return s.Slice(start, None)
        if size < 1 or (start < 0 < start + size):
            raise wrong
        return s.Slice(start, None if start + size == 0 else start + size)
    first, dash, last = text[1:].partition("-")
    start = _number(text[:1] + first, wrong)
    end = _number(last, wrong) if dash else start
    if dash and (end < start or start < 0):
        raise wrong
    return s.Slice(start, None if end == -1 else end + 1)


def _number(text: str, wrong: QueryError) -> int:
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdecimal() and len(digits) <= 9):
        raise wrong
    return int(text)
