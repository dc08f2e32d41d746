"""Values by name: `iscsi.scsiresponse.status == "CHECK CONDITION"`, `iscsi.opcode == login`.

Case, blanks and punctuation do not matter. A name may stand for several values (both login opcodes).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Final

from dissectors.fields import Words

MOST_OF_A_RANGE: Final = 1 << 16


def plain(text: str) -> str:
    """A name without what does not matter."""
    return "".join(char for char in text.casefold() if char.isalnum())


class Names:
    """The names of the values of one field."""

    def __init__(
        self, words: Words | Mapping[int, str], aliases: Mapping[str, Iterable[int]] | None = None, largest: int = 0
    ) -> None:
        """`aliases` are further names. Ranges that `words` name are cut at `largest`, if that is given."""
        self.words: Words = words if isinstance(words, Words) else Words(words)
        self.spoken: list[str] = list(dict.fromkeys(self.words.codes.values()))
        "The names as the standard writes them, for people."
        self.aliases: dict[str, frozenset[int]] = {name: frozenset(codes) for name, codes in (aliases or {}).items()}
        self._codes: dict[str, set[int]] = {}
        for code, name in self.words.codes.items():
            self._codes.setdefault(plain(name), set()).add(code)
        for low, high, name in self.words.ranges:
            end = min(high, largest) if largest else high
            if 0 <= end - low < MOST_OF_A_RANGE:
                ranged = (code for code in range(low, end + 1) if self.words(code) == name)
                self._codes.setdefault(plain(name), set()).update(ranged)
        for name, codes in self.aliases.items():
            self._codes.setdefault(plain(name), set()).update(codes)

    def values(self, text: str) -> frozenset[int] | None:
        """The values that the name stands for; None if it names nothing."""
        codes = self._codes.get(plain(text))
        return frozenset(codes) if codes else None

    def __call__(self, code: int) -> str:
        """The name of a value, as the standard writes it."""
        return self.words(code)

    def like(self, text: str) -> list[str]:
        """Names that are nearly `text`."""
        known = {plain(name): name for name in (*self.aliases, *self.spoken)}
        return [known[name] for name in get_close_matches(plain(text), known, n=3)]


OPCODE_ALIASES: Final[dict[str, tuple[int, ...]]] = {
    "nop": (0x00, 0x20),
    "command": (0x01,),
    "cmd": (0x01,),
    "response": (0x21,),
    "rsp": (0x21,),
    "tmf": (0x02, 0x22),
    "task management function": (0x02,),
    "tmf request": (0x02,),
    "tmf response": (0x22,),
    "login": (0x03, 0x23),
    "login command": (0x03,),
    "text": (0x04, 0x24),
    "text command": (0x04,),
    "data": (0x05, 0x25),
    "data-out": (0x05,),
    "data-in": (0x25,),
    "logout": (0x06, 0x26),
    "logout command": (0x06,),
    "snack": (0x10,),
    "ready to transfer": (0x31,),
    "async": (0x32,),
}
"Short names of opcodes, some for request and response together, and those that Wireshark uses."

STATUS_ALIASES: Final[dict[str, tuple[int, ...]]] = {"check": (0x02,), "conflict": (0x18,), "full": (0x28,)}
"Short names of SCSI statuses."
