"""Bars, and columns over time, made of block characters.

A line is a list of parts, each a text and the style that it has in the user interface (a style of Textual, empty for
none); nothing can be read from the styles alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

Part = tuple[str, str]
Line = list[Part]

EIGHTHS: Final = " ▏▎▍▌▋▊▉█"
LEVELS: Final = " ▁▂▃▄▅▆▇█"
AXIS: Final = "$text-muted"
CHOSEN: Final = "reverse"
BAR: Final = "$text-primary"


def bar(value: float, top: float, width: int) -> str:
    """A bar of at most `width` columns, as long as `value` is of `top`. What is more than nothing shows."""
    if top <= 0 or value <= 0 or width <= 0:
        return ""
    eighths = max(1, round(min(1.0, value / top) * width * 8))
    return "█" * (eighths // 8) + EIGHTHS[eighths % 8].strip()


def chart(
    values: Sequence[float],
    width: int,
    height: int,
    *,
    words: Callable[[float], str],
    ends: tuple[str, str],
    chosen: int = -1,
    style: str = BAR,
) -> list[Line]:
    """Columns over time: `height` lines of them with the largest value at the top and 0 at the bottom, and a line for
    the axis with its two `ends`. `words` says a value with its unit. `chosen` is the value that the cursor is on."""
    top = max(values, default=0.0)
    upper, zero = words(top), words(0)
    left = max(len(upper), len(zero))
    room = max(1, width - left - 2)
    columns = sampled(values, room)
    at = column_of(chosen, len(values), room) if chosen >= 0 else -1
    lines: list[Line] = []
    for row in range(height):
        label = upper if row == 0 else ""
        start = f"{label:>{left}} {'┤' if label else '│'}"
        cells = "".join(_cell(value, top, height, row) for value in columns)
        if 0 <= at < len(cells):
            cell = cells[at] if cells[at] != " " or row < height - 1 else "_"
            lines.append([(start, AXIS), (cells[:at], style), (cell, CHOSEN), (cells[at + 1 :], style)])
        else:
            lines.append([(start, AXIS), (cells, style)])
    lines.append(_axis(zero, left, ends, len(columns), at))
    return lines


def _axis(zero: str, left: int, ends: tuple[str, str], room: int, at: int) -> Line:
    """The axis of time with its labels, and a sign below the chosen column."""
    inner = list(f"{ends[0]} {'─' * max(0, room - len(ends[0]) - len(ends[1]) - 2)} {ends[1]}"[: max(room, 1)])
    if 0 <= at < len(inner):
        inner[at] = "^"
    return [(f"{zero:>{left}} └{''.join(inner)}", AXIS)]


def sampled(values: Sequence[float], width: int) -> list[float]:
    """The values for `width` columns: the largest of those that share one; fewer values than columns are widened."""
    count = len(values)
    if not count or width <= 0:
        return []
    if count <= width:
        return [values[column * count // width] for column in range(width)]
    return [max(values[column * count // width : (column + 1) * count // width]) for column in range(width)]


def column_of(place: int, count: int, width: int) -> int:
    """The first column in which value `place` of `count` is drawn."""
    return -(-place * width // count) if count <= width else ((place + 1) * width - 1) // count


def place_in(column: int, count: int, width: int) -> int:
    """The first value that is drawn in a column."""
    return min(count - 1, max(0, column * count // max(1, width)))


def _level(value: float, top: float, levels: int) -> int:
    """0 for nothing, else 1 to `levels`."""
    if value <= 0 or top <= 0:
        return 0
    return max(1, min(levels, round(value / top * levels)))


def _cell(value: float, top: float, height: int, row: int) -> str:
    """What a column shows in a row, counted from the top."""
    filled = _level(value, top, height * 8) - (height - 1 - row) * 8
    return LEVELS[max(0, min(8, filled))]
