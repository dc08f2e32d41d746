"""Other words for names and secrets: as long as they were and of the same form, equal where they were equal, different
where they differed.

They tell in which order the originals came, and nothing else: the same capture gives the same words every time, and
no list of likely originals helps to find out which they were.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from hashlib import shake_256
from typing import Final

from dissectors.iscsi.values import parse_binary

_TRIES: Final = 500
"Short words run out: after so many tries two originals get the same."
_TOKEN: Final = re.compile(r"[A-Za-z0-9]+")
_IQN: Final = re.compile(r"(?i)iqn\.\d{4}-\d{2}\.")
_IEEE: Final = re.compile(r"(?i)eui\.|naa\.[0-9a-f]?")
_HEX: Final = re.compile(r"(?i)0x[0-9a-f]+")
_OTHERS: Final = {1: "?", 2: "\xe9", 3: "\u4e2d", 4: "\U00020000"}
"What stands for a character beyond ASCII, by its length in UTF-8 (bytes)."


class Pseudonyms:
    """Remembers which word stands for which."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, bytes], bytes] = {}
        self._taken: set[tuple[str, bytes]] = set()

    def __len__(self) -> int:
        """How many originals there were."""
        return len(self._known)

    def of(self, kind: str, original: bytes, make: Callable[[bytes], bytes]) -> bytes:
        """The word for an original among its kind. `make` builds one from as many random bytes."""
        known = self._known.get((kind, original))
        if known is not None:
            return known
        number = len(self._known)
        word = original
        for attempt in range(_TRIES):
            seed = f"{kind}:{number}:{attempt}".encode()
            word = make(shake_256(seed).digest(max(1, len(original))))
            if (kind, word) not in self._taken and word != original:
                break
        self._taken.add((kind, word))
        self._known[kind, original] = word
        return word

    def octets(self, kind: str, value: bytes) -> bytes:
        """As many other bytes."""
        return self.of(kind, value, lambda random: random[: len(value)]) if value else value

    def words(self, value: str) -> str:
        """A text whose words are replaced, each by itself, and whose signs stay."""
        plain = "".join(each if each.isascii() else _OTHERS[len(each.encode("utf-8", "replace"))] for each in value)
        return _TOKEN.sub(lambda found: self._token("word", found[0], _alike), plain)

    def name(self, value: str) -> str:
        """An iSCSI name (RFC 7143 section 4.2.7): type and date of the naming authority stay."""
        for prefix, change in ((_IQN, None), (_IEEE, _alike_hex)):
            found = prefix.match(value)
            if found:
                rest = value[found.end() :]
                return found[0] + (self.words(rest) if change is None else self._token("ieee", rest, change))
        return self.words(value)

    def secret(self, value: str) -> str:
        """A value in the form that it has: hexadecimal, base64, or text. Equal bytes stay equal in every form."""
        octets = parse_binary(value)
        if octets is not None and _HEX.fullmatch(value):
            digits = self.octets("secret", octets).hex()
            if len(value) % 2:
                digits = digits[1:]
            return value[:2] + (digits.upper() if re.search("[A-F]", value[2:]) else digits)
        if octets is not None and value[:2] in ("0b", "0B"):
            letters = base64.b64encode(self.octets("secret", octets)).decode()
            if len(letters.rstrip("=")) == len(value[2:].rstrip("=")):
                return value[:2] + letters.rstrip("=").ljust(len(value) - 2, "=")
        return self.words(value)

    def _token(self, kind: str, original: str, change: Callable[[str, int], str]) -> str:
        def make(random: bytes) -> bytes:
            return "".join(change(sign, byte) for sign, byte in zip(original, random, strict=False)).encode()

        return self.of(kind, original.encode("utf-8", "replace"), make).decode("utf-8", "replace")


def _alike(sign: str, byte: int) -> str:
    """A letter for a letter, a digit for a digit."""
    if sign.isdigit():
        return chr(ord("0") + byte % 10)
    if sign.isalpha():
        return chr(ord("A" if sign.isupper() else "a") + byte % 26)
    return sign


def _alike_hex(sign: str, byte: int) -> str:
    """The same for hexadecimal digits."""
    if sign in "abcdef":
        return "abcdef"[byte % 6]
    return "ABCDEF"[byte % 6] if sign in "ABCDEF" else _alike(sign, byte)
