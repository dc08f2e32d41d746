"""Points in time as people name them: `12.5` seconds into a capture, `+30s`, or a date and a time of day. Text only; a
time is looked up in a capture by the time of its first frame."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from iscsi_analyzer.query.literals import Unreadable, duration, moment

EPOCH_FROM: Final = 100_000_000
"So many seconds are no place in a capture but a time since 1970."
_SECOND: Final = 1_000_000_000
_DAY: Final = 86_400 * _SECOND
_CLOCK = re.compile(r"(\d\d?):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?Z?", re.ASCII)


@dataclass(frozen=True, slots=True)
class When:
    """A point in time that was named."""

    text: str
    "As it was written."
    kind: str
    "`since` (the first frame), `plus`, `day` (a time of day) or `date`."
    ns: int
    "Nanoseconds since what the kind says; since midnight for `day`, since 1970 for `date`."

    def at(self, first: int, before: int | None = None) -> int:
        """The time in ns since 1970, in a capture whose first frame has the time `first`. `before` is the point that
        one with a plus sign counts from; None: the first frame."""
        if self.kind == "date":
            return self.ns
        if self.kind == "day":
            midnight = first - first % _DAY
            # A capture may have passed midnight: what is nearest to its beginning is meant.
            return min((midnight + day * _DAY + self.ns for day in (-1, 0, 1)), key=lambda ns: abs(ns - first))
        return (first if before is None or self.kind == "since" else before) + self.ns


def when(text: str) -> When:
    """The point in time of that text. Raises `Unreadable`."""
    words = text.strip()
    clock = _CLOCK.fullmatch(words)
    if clock is not None:
        hour, minute, second = (int(part or 0) for part in clock.groups()[:3])
        if hour > 23 or minute > 59 or second > 60:
            raise Unreadable("no time of day")
        rest = int((clock[4] or "0").ljust(9, "0"))
        return When(text, "day", ((hour * 60 + minute) * 60 + second) * _SECOND + rest)
    try:
        ns = duration(words)
    except Unreadable:
        return When(text, "date", _date(words))
    if words.startswith("-"):
        raise Unreadable("before the first frame")
    if ns >= EPOCH_FROM * _SECOND:
        return When(text, "date", ns)
    return When(text, "plus" if words.startswith("+") else "since", ns)


def _date(words: str) -> int:
    try:
        return moment(words)
    except Unreadable:
        raise Unreadable("neither seconds (12.5, 500ms, +30s) nor a date (2026-11-20T11:32:20)") from None
