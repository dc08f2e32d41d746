"""What happened on one direction of a connection over time, as one line: a letter for the worst event of each piece of
time."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

LETTERS: Final = {
    "gap": "g",
    "skipped": "s",
    "loss": "L",
    "retransmission": "R",
    "out of order": "o",
    "zero window": "Z",
    "conflict": "C",
}
"""From the mildest to what hurts most, apart from the first two, which the capture did. The letter of an event."""
WORDS: Final = {
    "g": "gap in the capture",
    "s": "bytes not framed",
    "L": "lost on the way",
    "R": "retransmission",
    "o": "out of order",
    "Z": "zero window",
    "C": "sent differently",
}
_RANK: Final = ("s", "g", "o", "L", "R", "C", "Z")
QUIET: Final = "·"


def timeline(events: Iterable[tuple[int, str]], start: int, end: int, width: int) -> str:
    """A line of `width` columns from time `start` to `end` (ns). `events` are times and keys of LETTERS; others do not
    show. Columns without any show a dot."""
    cells = [QUIET] * max(0, width)
    length = max(1, end - start)
    for time, what in events:
        letter = LETTERS.get(what)
        if letter is None or not width:
            continue
        column = min(width - 1, max(0, (time - start) * width // length))
        if cells[column] not in _RANK or _RANK.index(letter) > _RANK.index(cells[column]):
            cells[column] = letter
    return "".join(cells)


def legend(lines: Iterable[str]) -> str:
    """What the letters in these lines mean; empty if there are none."""
    used = set("".join(lines))
    return "  ".join(f"{letter} {words}" for letter, words in WORDS.items() if letter in used)
