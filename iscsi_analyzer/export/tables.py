"""Plain text for people: aligned columns, numbers with separators, sizes with units, colours where they are wanted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

WIDTH = 80
"Columns of a terminal that lines should fit into."
AT_ONCE = 1000
"Rows whose widths are looked at together, where there is no end of rows."

BOLD, DIM, RED, GREEN, YELLOW, CYAN = "1", "2", "31", "32", "33", "36"


class Style:
    """Puts colours around words, or leaves them as they are."""

    def __init__(self, colour: bool) -> None:
        self._colour = colour

    def __call__(self, text: str, code: str) -> str:
        """The text in a style: one of this module's constants; the empty one changes nothing."""
        return f"\x1b[{code}m{text}\x1b[0m" if self._colour and text and code else text


def number(value: int) -> str:
    """`1,234,567`"""
    return f"{value:,}"


def size(value: int) -> str:
    """Bytes with a decimal unit: `512 B`, `65.5 kB`, `1.23 GB`."""
    amount = float(value)
    if abs(amount) < 1000:
        return f"{value} B"
    for unit in ("kB", "MB", "GB", "TB", "PB", "EB"):
        amount /= 1000
        if abs(amount) < 999.5 or unit == "EB":
            break
    digits = 0 if abs(amount) >= 100 else 1 if abs(amount) >= 10 else 2
    return f"{amount:.{digits}f} {unit}"


def plural(count: int, one: str, many: str = "") -> str:
    """`1 frame`, `1,234 frames`."""
    return f"{number(count)} {one if count == 1 else many or one + 's'}"


def clip(text: str, width: int) -> str:
    """The text, its middle replaced by `...` if it is longer than `width`."""
    if len(text) <= width:
        return text
    if width < 8:
        return text[:width]
    tail = (width - 3) // 2
    return text[: width - 3 - tail] + "..." + text[len(text) - tail :]


def columns(rows: Sequence[Sequence[str]], align: str, *, indent: int = 2, width: int = WIDTH) -> list[str]:
    """Lines in which the columns of `rows` stand below each other.

    `align` has a letter for each column: `l`, `r`, or `f` for the left-aligned one that is clipped where a line would
    be wider than `width`.
    """
    if not rows:
        return []
    widths = [max(len(row[at]) for row in rows) for at in range(len(align))]
    flexible = align.find("f")
    if flexible >= 0:
        surplus = indent + sum(widths) + 2 * (len(align) - 1) - width
        if surplus > 0:
            widths[flexible] = max(8, widths[flexible] - surplus)
    lines = []
    for row in rows:
        cells = []
        for text, letter, wide in zip(row, align, widths, strict=True):
            if letter == "f":
                text = clip(text, wide)
            cells.append(text.rjust(wide) if letter == "r" else text.ljust(wide))
        lines.append((" " * indent + "  ".join(cells)).rstrip())
    return lines


def running_columns(rows: Iterable[Sequence[str]], align: str, *, indent: int = 2, width: int = WIDTH) -> Iterator[str]:
    """The lines of `columns` for rows without number: the widths are those of the rows so far, `AT_ONCE` of them
    looked at together."""
    rows = iter(rows)
    widest = [""] * len(align)
    while batch := list(islice(rows, AT_ONCE)):
        widest = [max([text, *(row[at] for row in batch)], key=len) for at, text in enumerate(widest)]
        yield from columns([*batch, widest], align, indent=indent, width=width)[:-1]


def wrapped(text: str, first: str, rest: str, width: int = WIDTH) -> list[str]:
    """The words of `text` in lines of at most `width` columns; the first begins with `first`, others with `rest`. A
    word that is too long for a line keeps its own."""
    lines: list[str] = []
    line = first
    empty = True
    for word in text.split(" "):
        if not empty and len(line) + 1 + len(word) > width:
            lines.append(line)
            line, empty = rest, True
        line += word if empty else " " + word
        empty = False
    return [*lines, line.rstrip()]


def listed(items: Iterable[str]) -> str:
    """`a, b and c`"""
    words = list(items)
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"


def visible(text: str) -> str:
    """The value with control characters as escapes: values come from the wire, and a line is a line."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else _escape(char) for char in text)


def _escape(char: str) -> str:
    return {"\n": "\\n", "\r": "\\r", "\t": "\\t"}.get(char) or char.encode("unicode_escape").decode()
