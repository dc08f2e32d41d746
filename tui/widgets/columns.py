"""What a big list shows of an item: columns, each with functions for the text and the style of an item's cell. Knows no
widget."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from rich.cells import cell_len, set_cell_size

from iscsi_analyzer.export.tables import visible

LEFT: Final = "left"
RIGHT: Final = "right"

STYLES: Final = ("error", "warning", "note", "good", "dim", "strong", "initiator", "target", "gap")
"The styles that rows and cells can have; the theme says what they look like."


def plain(item: int) -> str:
    """No style."""
    return ""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a list."""

    key: str
    "Stable name: for the user's choice of columns and for sorting."
    title: str
    width: int
    "Cells; 0 for the rest of the line (once, at the end)."
    text: Callable[[int], str]
    "The cell of an item. Called for items that are on the screen only."
    align: str = LEFT
    style: Callable[[int], str] = plain
    "A word of STYLES for an item's cell; empty for that of the row."
    about: str = ""
    "What it means, for the dialog in which columns are chosen."
    sortable: bool = True


def tail(text: str, width: int) -> str:
    """The end of a text that is too long: of names that begin alike, that is what tells them apart."""
    text = visible(text)
    return text if len(text) <= width else "…" + text[len(text) - width + 1 :]


def fit(text: str, width: int, align: str = LEFT) -> str:
    """The text in exactly `width` cells; what is cut ends with an ellipsis. Control characters become escapes."""
    text = visible(text)
    length = len(text) if text.isascii() else cell_len(text)
    if length > width:
        return set_cell_size(text, width - 1) + "…" if width > 0 else ""
    if align == RIGHT:
        return " " * (width - length) + text
    return text + " " * (width - length)
