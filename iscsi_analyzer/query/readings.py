"""The values on the right of comparisons: what a word or a string means beside a field of a certain kind, checked
against the field's bounds and names. Raises QueryError with the place of the value."""

from __future__ import annotations

from typing import Any, NoReturn

from iscsi_analyzer.query import field as f
from iscsi_analyzer.query import literals
from iscsi_analyzer.query.errors import QueryError
from iscsi_analyzer.query.fields import find, like
from iscsi_analyzer.query.lexer import STRING
from iscsi_analyzer.query.literals import Unreadable
from iscsi_analyzer.query.source import Source
from iscsi_analyzer.query.syntax import Word

_SHOWN = 6


def is_field(word: Word, beside: Source) -> bool:
    """Whether a word is the name of a field there. What names a value of the other side is that value."""
    text = word.token.text
    if word.token.kind == STRING or (beside.names is not None and beside.names.values(text) is not None):
        return False
    field = find(text)
    return field is not None and field.kind != f.PROTOCOL


def codes(source: Source, word: Word) -> frozenset[int]:
    """The numbers that a value stands for, beside a field of a NUMERIC kind: one, unless it is a name of several."""
    text = word.token.text
    quoted = word.token.kind == STRING
    if source.kind == f.NUMBER and source.names is not None:
        named = source.names.values(text)
        if named is not None and (quoted or not _is_number(text)):
            return named
    try:
        if source.kind == f.NUMBER:
            return frozenset((_bounded(source, word, literals.number(text)),))
        if source.kind == f.BOOLEAN:
            return frozenset((literals.truth(text),))
        if source.kind == f.TIME:
            return frozenset((literals.moment(text),))
        return frozenset((literals.duration(text),))
    except Unreadable as wrong:
        _complain(source, word, str(wrong))


def code(source: Source, word: Word) -> int:
    """The one number that a value stands for."""
    found = codes(source, word)
    if len(found) > 1:
        raise QueryError(
            f"`{word.token.text}` stands for several values of {source.name}; only == and != can tell them",
            word.span.position,
            word.span.length,
        )
    return next(iter(found))


def text(word: Word) -> str:
    """A text."""
    return word.token.text


def octets(source: Source, word: Word) -> bytes:
    """Bytes: a string stands for its characters."""
    if word.token.kind == STRING:
        return word.token.text.encode()
    try:
        return literals.octets(word.token.text)
    except Unreadable as wrong:
        _complain(source, word, str(wrong))


def network(source: Source, word: Word) -> literals.Network:
    """An address, or all addresses with a prefix."""
    try:
        return literals.network(word.token.text, source.version)
    except Unreadable as wrong:
        _complain(source, word, str(wrong))


def address(source: Source, word: Word) -> literals.Address:
    """One address."""
    try:
        return literals.address(word.token.text, source.version)
    except Unreadable as wrong:
        _complain(source, word, str(wrong))


def value(source: Source, word: Word) -> Any:
    """What `code`, `text`, `octets` or `address` makes of the word, by the kind of the field."""
    if source.kind in f.NUMERIC:
        return code(source, word)
    if source.kind == f.TEXT:
        return text(word)
    return octets(source, word) if source.kind == f.BYTES else address(source, word)


def _is_number(text: str) -> bool:
    try:
        literals.number(text)
    except Unreadable:
        return False
    return True


def _bounded(source: Source, word: Word, number: int) -> int:
    if source.least <= number <= source.largest:
        return number
    bound = f"at most {source.largest}" if number > source.largest else f"at least {source.least}"
    raise QueryError(f"{source.name} is {bound}", word.span.position, word.span.length)


def _complain(source: Source, word: Word, wrong: str) -> NoReturn:
    """Says what the value is not, and what may have been meant."""
    text = word.token.text
    message = f"`{text}` is {wrong}"
    if source.kind == f.NUMBER and source.names is not None:
        message += f", and names no value of {source.name}"
        known = source.names.like(text) or source.names.spoken[:_SHOWN]
        more = len(source.names.spoken) > _SHOWN and not source.names.like(text)
        message += f": {', '.join(known)}{' ...' if more else ''}" if known else ""
    elif word.token.kind != STRING and "." in text and like(text):
        message += f", and no field: {', '.join(like(text))}"
    raise QueryError(message, word.span.position, word.span.length)
