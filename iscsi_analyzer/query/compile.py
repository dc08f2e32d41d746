"""From the syntax tree to a plan: names become fields, values become what the field's kind makes of them, and what does
not fit together is complained about where it stands."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from typing import Any, Final

import numpy as np

from iscsi_analyzer.query import checks, plan, readings
from iscsi_analyzer.query import field as f
from iscsi_analyzer.query import source as sources
from iscsi_analyzer.query import syntax as s
from iscsi_analyzer.query.errors import QueryError
from iscsi_analyzer.query.fields import find, like
from iscsi_analyzer.query.lexer import STRING
from iscsi_analyzer.query.scope import Level, Scope
from iscsi_analyzer.query.source import Source
from iscsi_analyzer.query.values import Values

MAX_PATTERN: Final = 4096
"Characters of a regular expression."

_MIRRORED: Final = {"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
_ORDERED: Final = frozenset((f.NUMBER, f.TIME, f.DURATION, f.TEXT, f.BYTES, f.ADDRESS))


def compile_node(node: s.Node) -> tuple[plan.Plan, tuple[str, ...]]:
    """The plan of a filter, and the names of its fields. Raises QueryError."""
    compiler = _Compiler()
    return compiler.node(node), tuple(compiler.used)


class _Compiler:
    def __init__(self) -> None:
        self.used: dict[str, None] = {}

    def node(self, node: s.Node) -> plan.Plan:
        if isinstance(node, s.And):
            return plan.And(tuple(map(self.node, node.parts)))
        if isinstance(node, s.Or):
            return plan.Or(tuple(map(self.node, node.parts)))
        if isinstance(node, s.Xor):
            return plan.Xor(tuple(map(self.node, node.parts)))
        if isinstance(node, s.Not):
            return plan.Not(self.node(node.inner))
        if isinstance(node, s.Present):
            return self._present(node)
        if isinstance(node, s.Compare):
            return self._compare(node)
        if isinstance(node, s.In):
            return self._in(node)
        return plan.Everything()

    # --- what stands on the left ---

    def _source(self, operand: s.Operand) -> Source:
        if isinstance(operand, s.Word):
            return self._field(operand)
        inner = self._source(operand.inner)
        if isinstance(operand, s.Masked):
            _want(inner, (f.NUMBER, f.BOOLEAN), "a number to take bits of", operand.inner.span)
            mask = readings.code(_MASK, operand.mask)
            return sources.masked(inner, mask, f"{inner.name} & {operand.mask.token.text}")
        if isinstance(operand, s.Sliced):
            _want(inner, (f.TEXT, f.BYTES), "text or bytes to take a slice of", operand.inner.span)
            return sources.sliced(inner, operand.parts, f"a slice of {inner.name}")
        if operand.function == "len":
            _want(inner, (f.TEXT, f.BYTES), "text or bytes to have a length", operand.inner.span)
            return sources.length(inner, f"the length of {inner.name}")
        _want(inner, (f.TEXT,), "text to change its case", operand.inner.span)
        change = sources.lower if operand.function == "lower" else sources.upper
        return change(inner, inner.name)

    def _field(self, word: s.Word) -> Source:
        name = word.token.text
        field = None if word.token.kind == STRING else find(name)
        if field is None:
            raise _no_field(word)
        self.used[name] = None
        return sources.of_field(field)

    # --- tests ---

    def _present(self, node: s.Present) -> plan.Plan:
        if isinstance(node.operand, s.Call | s.Sliced):
            raise QueryError("a comparison is expected here", node.span.position, node.span.length)
        source = self._source(node.operand)
        if source.set_means:
            return plan.FieldTest(source, checks.not_zero, False)
        return plan.FieldTest(source, checks.anything, False, only_there=True)

    def _compare(self, node: s.Compare) -> plan.Plan:
        left, right, relation = node.left, node.right, node.operator
        if _is_value(left):
            if relation in _MIRRORED and not _is_value(right):
                left, right, relation = right, left, _MIRRORED[relation]
            elif isinstance(left, s.Word):
                raise _no_field(left)
        source = self._source(left)
        every = node.quantifier == s.ALL
        if source.kind == f.PROTOCOL:
            raise QueryError(f"{source.name} is a protocol: it is there or not", left.span.position, left.span.length)
        if not isinstance(right, s.Word) or readings.is_field(right, source):
            return self._pair(source, relation, right, every, node)
        if relation == s.MATCHES:
            return plan.FieldTest(source, _matches(source, right), every)
        if relation == s.CONTAINS:
            return plan.FieldTest(source, _contains(source, right), every)
        if relation in s.ORDERS:
            _want(source, tuple(_ORDERED), "something that has an order", left.span)
        return plan.FieldTest(source, _relation(source, relation, right), every)

    def _pair(self, left: Source, relation: str, operand: s.Operand, every: bool, node: s.Compare) -> plan.Plan:
        """A comparison of two fields."""
        right = self._source(operand)
        numbers = (f.NUMBER, f.BOOLEAN)
        alike = left.kind == right.kind or (left.kind in numbers and right.kind in numbers)
        if relation not in _MIRRORED or not alike or left.kind not in f.NUMERIC:
            message = f"{left.name} ({left.kind}) and {right.name} ({right.kind}) cannot be compared with {relation}"
            raise QueryError(message, node.span.position, node.span.length)
        for source in (left, right):
            if source.several:
                message = f"{source.name} can have several values, and only fields with one can be compared"
                raise QueryError(message, node.span.position, node.span.length)
        return plan.PairTest(left, relation, right, every)

    def _in(self, node: s.In) -> plan.Plan:
        source = self._source(node.operand)
        if source.kind == f.PROTOCOL:
            span = node.operand.span
            raise QueryError(f"{source.name} is a protocol: it is there or not", span.position, span.length)
        return plan.FieldTest(source, _in_set(source, node.entries), node.quantifier == s.ALL)


def _nothing(scope: Scope) -> Values:
    return Values(np.zeros(scope.count, dtype=np.uint8))


_MASK: Final = Source("a mask", f.NUMBER, Level.PDU, _nothing)
"What a mask is read as."


def _is_value(operand: s.Operand) -> bool:
    return isinstance(operand, s.Word) and (operand.token.kind == STRING or find(operand.token.text) is None)


def _no_field(word: s.Word) -> QueryError:
    name = word.token.text
    span = word.span
    if word.token.kind == STRING:
        return QueryError("a field is expected here, not a string", span.position, span.length)
    near = like(name)
    hint = f", did you mean {' or '.join(near)}" if near else ""
    return QueryError(f"there is no field `{name}`{hint}", span.position, span.length)


def _want(source: Source, kinds: tuple[str, ...], what: str, span: s.Span) -> None:
    if source.kind not in kinds:
        raise QueryError(f"{source.name} ({source.kind}) is not {what}", span.position, span.length)


# --- values ---


def _relation(source: Source, relation: str, word: s.Word) -> checks.Check:
    """Equality, or an order."""
    if source.kind in f.NUMERIC:
        if relation in s.ORDERS:
            return checks.number(relation, readings.code(source, word))
        return checks.among(readings.codes(source, word), negated=relation == s.UNEQUAL)
    compare = checks.COMPARE[relation]
    if source.kind == f.ADDRESS and relation not in s.ORDERS:
        network = readings.network(source, word)
        return checks.each(lambda address: (address in network) == (relation == s.EQUAL))
    wanted = readings.value(source, word)
    return checks.each(lambda value: bool(compare(value, wanted)))


def _in_set(source: Source, entries: tuple[s.Range, ...]) -> checks.Check:
    if source.kind in f.NUMERIC:
        singles: set[int] = set()
        ranges: list[tuple[int, int]] = []
        for entry in entries:
            if entry.high is None:
                singles |= readings.codes(source, entry.low)
            else:
                ranges.append(_ascending(source, entry))
        return checks.among(singles, ranges)
    tests = [_entry(source, entry) for entry in entries]
    return checks.each(lambda value: any(test(value) for test in tests))


def _entry(source: Source, entry: s.Range) -> Callable[[Any], bool]:
    """One entry of a set of texts, bytes or addresses."""
    if entry.high is not None:
        low, high = _ascending(source, entry)
        return lambda value: bool(low <= value <= high)
    if source.kind == f.ADDRESS:
        network = readings.network(source, entry.low)
        return lambda address: address in network
    wanted = readings.value(source, entry.low)
    return lambda value: bool(value == wanted)


def _ascending(source: Source, entry: s.Range) -> tuple[Any, Any]:
    assert entry.high is not None
    if source.kind == f.BOOLEAN:
        raise QueryError(f"{source.name} is true or false, and has no ranges", entry.span.position, entry.span.length)
    low, high = readings.value(source, entry.low), readings.value(source, entry.high)
    if low > high:
        raise QueryError("the range is empty: its end is below its start", entry.span.position, entry.span.length)
    return low, high


def _contains(source: Source, word: s.Word) -> checks.Check:
    if source.kind == f.BYTES:
        octets = readings.octets(source, word)
        return checks.each(lambda value: octets in value)
    wanted = readings.text(word)
    return _on_text(source, s.CONTAINS, word, lambda value: wanted in value)


def _matches(source: Source, word: s.Word) -> checks.Check:
    """A regular expression, whatever the case. On bytes, each byte is the character with its number."""
    pattern = _pattern(word)
    if source.kind == f.BYTES:
        return checks.each(lambda value: pattern.search(value.decode("latin-1")) is not None)
    return _on_text(source, s.MATCHES, word, lambda value: pattern.search(value) is not None)


def _on_text(source: Source, relation: str, word: s.Word, test: Callable[[str], bool]) -> checks.Check:
    """A test of texts, or of the names of numbers."""
    if source.kind == f.TEXT:
        return checks.each(test)
    if source.kind == f.NUMBER and source.names is not None:
        return checks.named(source.names, test)
    message = f"{source.name} ({source.kind}) cannot be compared with {relation}: it wants text or bytes"
    raise QueryError(message, word.span.position, word.span.length)


def _pattern(word: s.Word) -> re.Pattern[str]:
    text, span = word.token.text, word.span
    if len(text) > MAX_PATTERN:
        raise QueryError(f"a pattern has at most {MAX_PATTERN} characters", span.position, span.length)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return re.compile(text, re.IGNORECASE | re.DOTALL)
    except (re.error, RecursionError, OverflowError) as wrong:
        place = getattr(wrong, "pos", None)
        where = f" at its character {place + 1}" if isinstance(place, int) else ""
        reason = getattr(wrong, "msg", "") or "it is too large"
        raise QueryError(f"not a regular expression{where}: {reason}", span.position, span.length) from None
