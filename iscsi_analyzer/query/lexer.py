"""A filter's text as tokens. Knows which characters make a token, and nothing of fields, types or grammar.

A word is everything that is no blank, operator or bracket: names, numbers, addresses, times and bytes all look alike
here (`iscsi.opcode`, `0x25`, `10.0.0.0/8`, `5ms`, `00:11:22`); what one means is decided where its place is known.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from iscsi_analyzer.query.errors import QueryError

WORD: Final = "word"
STRING: Final = "string"
OPERATOR: Final = "operator"
END: Final = "end"

MAX_TEXT: Final = 1 << 16
"Characters of a filter."

OPERATORS: Final = tuple(
    sorted(
        (
            *("==", "===", "!=", "!==", "~=", ">", ">=", "<", "<=", "~", "&", "&&", "||", "^^", "!", "=", "|", "^"),
            *("(", ")", "{", "}", "[", "]", ",", ".."),
        ),
        key=len,
        reverse=True,
    )
)
"Longest first. Some only exist to be complained about in the right place."

_ENDS_A_WORD: Final = frozenset("=!><~&|^(){}[],\"' \t\r\n\f\v")
_ESCAPES: Final = {"n": "\n", "r": "\r", "t": "\t", "a": "\a", "b": "\b", "f": "\f", "v": "\v", "0": "\0"}
_ESCAPES_OF_ITSELF: Final = "\\\"'?"


class Token(NamedTuple):
    """A piece of the filter."""

    kind: str
    "WORD, STRING, OPERATOR or END."
    text: str
    "The word, the operator, or what a string means."
    position: int
    length: int
    "Characters that it takes in the filter, quotes included."
    raw: bool = False
    "A string in which backslashes are characters like others."


def tokens(text: str) -> list[Token]:
    """All tokens, ending with END. Raises QueryError for a text that is too long or a string without its end."""
    if len(text) > MAX_TEXT:
        raise QueryError(f"a filter has at most {MAX_TEXT} characters, this one {len(text)}", MAX_TEXT)
    found: list[Token] = []
    at = 0
    while at < len(text):
        char = text[at]
        if char in " \t\r\n\f\v":
            at += 1
            continue
        if char == '"' or (char in "rR" and text[at + 1 : at + 2] == '"'):
            token = _string(text, at)
        elif char == "'":
            token = _character(text, at)
        else:
            operator = next((known for known in OPERATORS if text.startswith(known, at)), "")
            token = Token(OPERATOR, operator, at, len(operator)) if operator else _word(text, at)
        found.append(token)
        at += token.length
    found.append(Token(END, "", len(text), 1))
    return found


def _word(text: str, start: int) -> Token:
    end = start
    while end < len(text) and text[end] not in _ENDS_A_WORD:
        if text.startswith("..", end) and end > start:
            break
        end += 1
    return Token(WORD, text[start:end], start, end - start)


def _string(text: str, start: int) -> Token:
    """A string in double quotes; with `r` before it, backslashes only protect a quote from ending it."""
    raw = text[start] != '"'
    at = start + 1 + raw
    parts: list[str] = []
    while at < len(text):
        char = text[at]
        if char == '"':
            return Token(STRING, "".join(parts), start, at + 1 - start, raw)
        if char == "\\" and raw:
            parts.append(text[at : at + 2])
            at += 2
        elif char == "\\":
            meaning, size = _escape(text, at)
            parts.append(meaning)
            at += size
        else:
            parts.append(char)
            at += 1
    raise QueryError("the string has no closing quote", start, len(text) - start)


def _character(text: str, start: int) -> Token:
    """One character in single quotes."""
    at = start + 1
    if at >= len(text):
        raise QueryError("a character in single quotes is missing", start)
    meaning, size = _escape(text, at) if text[at] == "\\" else (text[at], 1)
    at += size
    if text[at : at + 1] != "'":
        end = text.find("'", at)
        length = (end + 1 if end > 0 else len(text)) - start
        raise QueryError("single quotes hold one character; strings have double quotes", start, length)
    return Token(STRING, meaning, start, at + 1 - start)


def _escape(text: str, at: int) -> tuple[str, int]:
    """What the escape that begins with the backslash at `at` means, and how many characters it takes."""
    kind = text[at + 1 : at + 2]
    if kind and kind in _ESCAPES_OF_ITSELF:
        return kind, 2
    digits = {"x": 2, "u": 4, "U": 8}.get(kind, 0)
    if digits:
        code = text[at + 2 : at + 2 + digits]
        if len(code) == digits and all(digit in "0123456789abcdefABCDEF" for digit in code):
            number = int(code, 16)
            if number <= 0x10FFFF and not 0xD800 <= number < 0xE000:
                return chr(number), 2 + digits
        raise QueryError(f"\\{kind} wants {digits} hexadecimal digits of a character", at, 2 + digits)
    octal = text[at + 1 : at + 4]
    if len(octal) == 3 and all(digit in "01234567" for digit in octal) and octal[0] in "0123":
        return chr(int(octal, 8)), 4
    if kind in _ESCAPES:
        return _ESCAPES[kind], 2
    # Wireshark keeps the backslash of an escape it does not know, so that "\d" need not be doubled in a pattern.
    return "\\" + kind, 1 + len(kind)
