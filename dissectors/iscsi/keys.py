"""The text of login and text PDUs (RFC 7143 section 6.1): from a data segment to key=value pairs, and back.

A pair is `key=value` in UTF-8 and ends with a zero byte. What breaks that is kept, shown and named in `problems`;
nothing raises. Text may continue over PDUs whose C bit is set: hand the unfinished tail of one to the next, or join
the segments. What the values mean is told by `values`, which keys there are by `keytable`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from dissectors.fields import Problem

MAX_KEY_LENGTH: Final = 63
"Characters of a key name, RFC 7143 section 6.1."

MAX_PAIRS: Final = 65536
"Pairs that are taken from one data segment; a hostile one could hold millions."

_KEY = re.compile(r"[A-Za-z0-9.+@_\-#]*")
_SECRET = re.compile(r"(chap_[cr]|srp_.*|krb_.*|spkm_.*)", re.IGNORECASE)


@dataclass(slots=True, frozen=True)
class Pair:
    """One key=value pair and where it stands.

    Offsets count from the start of the parsed data segment; bytes that came with an earlier PDU have negative ones.
    """

    key: str
    "The part before the first `=`; the whole text if there is none."
    value: str
    "The part after it. Bytes that are not UTF-8 read as `\\xNN`."
    offset: int
    "First byte of the key."
    length: int
    "Bytes of the pair without the zero byte that ends it."
    value_offset: int
    "First byte of the value; the end of the pair if it has no `=`."
    problem: str = ""
    "What is wrong with the pair; empty if nothing is."


@dataclass(slots=True)
class Text:
    """What a data segment of text holds."""

    pairs: list[Pair] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    tail: bytes = b""
    "The unfinished text at the end, if more was announced: the beginning of what the next PDU continues."
    tail_offset: int = 0
    "Where the unfinished text starts."
    trailing: tuple[int, int] = (0, 0)
    "Offset and length of surplus zero bytes at the end."
    unread: tuple[int, int] = (0, 0)
    "Offset and length of what follows MAX_PAIRS pairs."


def parse_text(data: bytes, *, before: bytes = b"", unfinished: bool = False) -> Text:
    """Take a data segment apart.

    `before` is the tail that the preceding PDU left (its C bit was set); `unfinished` says that the text goes on
    beyond `data`, so that a last pair without its zero byte is no problem but the new tail.
    """
    joined = before + data
    start = -len(before)
    text = Text()
    at = 0
    while at < len(joined):
        if len(text.pairs) + len(text.problems) >= MAX_PAIRS:
            text.unread = (start + at, len(joined) - at)
            text.problems.append(Problem("key-too-many", f"text beyond {MAX_PAIRS} pairs left unread", *text.unread))
            break
        end = joined.find(b"\0", at)
        if end < 0:
            if unfinished:
                text.tail = joined[at:]
                text.tail_offset = start + at
            else:
                _add(text, joined[at:], start + at, "no zero byte at the end", "key-unterminated")
            break
        if end == at:
            at = _zeros(text, joined, at, start)
            continue
        _add(text, joined[at:end], start + at)
        at = end + 1
    return text


def join_segments(segments: Iterable[bytes]) -> bytes:
    """The whole text of data segments that were sent with the C bit set in all but the last."""
    return b"".join(segments)


def build_text(pairs: Iterable[tuple[str, str]]) -> bytes:
    """The data segment (without padding) that holds `pairs`."""
    return b"".join(f"{key}={value}".encode() + b"\0" for key, value in pairs)


def secret(key: str) -> bool:
    """True if the value is secret or helps to guess a secret: CHAP challenge and response, SRP, Kerberos, SPKM."""
    return _SECRET.fullmatch(key) is not None


def redact(key: str, value: str) -> str:
    """The value, or for secret keys a stand-in that says only how long it is."""
    if secret(key) and value:
        return f"<redacted, {len(value)} characters>"
    return value


def redact_pairs(pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """The pairs with secrets left out."""
    return [(key, redact(key, value)) for key, value in pairs]


def _zeros(text: Text, joined: bytes, at: int, start: int) -> int:
    """Zero bytes where a pair should be; returns where they end."""
    end = at
    while end < len(joined) and not joined[end]:
        end += 1
    if end == len(joined):
        text.trailing = (start + at, end - at)
        text.problems.append(
            Problem("key-trailing-bytes", f"{end - at} zero bytes after the last pair", start + at, end - at)
        )
    else:
        text.problems.append(Problem("key-empty-pair", f"{end - at} empty pairs", start + at, end - at))
    return end


def _add(text: Text, raw: bytes, offset: int, wrong: str = "", name: str = "") -> None:
    """Append the pair in `raw` with everything that is odd about it."""
    found: list[tuple[str, str]] = [(name, wrong)] if wrong else []
    key_raw, equals, value_raw = raw.partition(b"=")
    key, key_fine = _decode(key_raw)
    value, value_fine = _decode(value_raw)
    if not equals:
        found.append(("key-no-equals", "no = in the pair"))
    if not key_raw:
        found.append(("key-empty", "no key before the ="))
    if len(key) > MAX_KEY_LENGTH:
        found.append(("key-too-long", f"key of {len(key)} characters, at most {MAX_KEY_LENGTH} are allowed"))
    if not key_fine or not value_fine:
        found.append(("key-not-utf8", "bytes that are not UTF-8"))
    elif not _KEY.fullmatch(key):
        found.append(("key-characters", f"characters not allowed in a key: {_odd_characters(key)}"))
    problem = "; ".join(words for _, words in found)
    value_offset = offset + len(key_raw) + len(equals)
    text.pairs.append(Pair(key, value, offset, len(raw), value_offset, problem))
    text.problems += [Problem(kind, words, offset, len(raw)) for kind, words in found]


def _decode(raw: bytes) -> tuple[str, bool]:
    try:
        return raw.decode(), True
    except UnicodeDecodeError:
        return raw.decode(errors="backslashreplace"), False


def _odd_characters(key: str) -> str:
    odd = sorted(set(re.sub(r"[A-Za-z0-9.+@_\-#]", "", key)))
    return " ".join(repr(character) for character in odd[:8])
