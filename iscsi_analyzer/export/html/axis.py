"""Where the marks of an axis stand and what is written beside them: times, durations in powers of ten, amounts."""

from __future__ import annotations

from math import log10
from typing import Final, NamedTuple

from iscsi_analyzer.export.html.markup import decimals
from iscsi_analyzer.export.time_text import span

MOST_TICKS: Final = 6
_UNITS: Final = (
    (3_600_000_000_000, "h"),
    (60_000_000_000, "min"),
    (1_000_000_000, "s"),
    (1_000_000, "ms"),
    (1_000, "us"),
)
_FACTORS: Final = {"h": (1, 2, 3, 6, 12, 24), "min": (1, 2, 5, 10, 20, 30, 60)}
_LEAST_OF_UNIT: Final = 2


class Tick(NamedTuple):
    """A mark of an axis."""

    at: float
    "Its place, from 0 to 1."
    text: str


def percent(part: float) -> str:
    """A place or a length as SVG takes it: 0.125 is `12.5%`."""
    return f"{decimals(100 * part)}%"


def time_ticks(duration: int) -> list[Tick]:
    """Round times on an axis of `duration` nanoseconds that begins with 0."""
    if duration <= 0:
        return [Tick(0, "0")]
    length, unit = next((pair for pair in _UNITS if duration >= _LEAST_OF_UNIT * pair[0]), (1_000, "us"))
    step = _step(duration / length, unit)
    marks = int(duration / length / step + 1e-9) + 1
    return [
        Tick(place * step * length / duration, f"{decimals(place * step)} {unit}" if place else "0")
        for place in range(marks)
    ]


def _step(whole: float, unit: str) -> float:
    """The least round step that makes few marks of `whole`."""
    for factor in _FACTORS.get(unit, ()):
        if whole / factor < MOST_TICKS:
            return float(factor)
    size = 1.0
    while True:
        for factor in (1, 2, 5):
            if whole / (factor * size) < MOST_TICKS:
                return factor * size
        size *= 10


class LogScale:
    """Durations on a logarithmic axis."""

    def __init__(self, low: int, high: int) -> None:
        """From `low` to `high`, in nanoseconds."""
        self._low = log10(max(1, low))
        self._width = max(log10(max(1, high)) - self._low, 1e-9)

    def at(self, ns: float) -> float:
        """The place of a duration, from 0 to 1; what lies outside is put at the ends."""
        return min(1.0, max(0.0, (log10(max(1.0, ns)) - self._low) / self._width))

    def ticks(self) -> list[Tick]:
        """Powers of ten; of a short axis also what lies between them."""
        factors = (1,) if self._width > 2 else (1, 3) if self._width > 1 else (1, 2, 5)
        found = []
        for power in range(int(self._low), int(self._low + self._width) + 1):
            for factor in factors:
                ns = factor * 10**power
                if self._low <= log10(ns) <= self._low + self._width:
                    found.append(Tick(self.at(ns), span(ns)))
        return found


def round_up(value: float) -> float:
    """The least round number that is not smaller: the end of an axis of amounts."""
    if value <= 0:
        return 1.0
    size = 10.0 ** (len(str(int(value))) - 1) if value >= 1 else 0.01
    while True:
        for factor in (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8):
            if factor * size >= value * (1 - 1e-9):
                return float(factor * size)
        size *= 10
