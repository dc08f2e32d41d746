"""Bytes as a hexadecimal dump with a cursor and a highlighted range. Knows bytes and places, nothing of PDUs."""

from __future__ import annotations

from typing import ClassVar, Final

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.message import Message
from textual.strip import Strip

from tui.actions import BYTES, bindings
from tui.widgets.line_view import LineView

WIDE: Final = 16
NARROW: Final = 8
ADDRESS: Final = 7
"Cells of the offset and the blanks behind it."


class BytesPane(LineView):
    """The dump."""

    BINDINGS: ClassVar = bindings(BYTES)
    COMPONENT_CLASSES: ClassVar = {"bytes--offset", "bytes--range", "bytes--cursor", "bytes--missing", "bytes--text"}
    DEFAULT_CSS = """
    BytesPane {
        & > .bytes--offset { text-style: dim; }
        & > .bytes--range { background: $warning-muted; color: $text-warning; text-style: bold; }
        & > .bytes--cursor { background: $block-cursor-background; color: $block-cursor-foreground; text-style: bold; }
        & > .bytes--missing { color: $text-warning; }
        & > .bytes--text { color: $text-primary; }
    }
    """

    class Moved(Message):
        """The cursor is on another byte."""

        def __init__(self, place: int) -> None:
            super().__init__()
            self.place = place

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._raw = b""
        self._known = b""
        self._hidden: frozenset[int] = frozenset()
        self._range = range(0)
        self._cursor = 0
        self.per_line = WIDE
        "Bytes on a line: sixteen if they fit, else eight."

    def show(self, raw: bytes, known: bytes, hidden: frozenset[int]) -> None:
        """Shows bytes: `known` says for each whether it is, `hidden` names places that are secret."""
        self._raw, self._known, self._hidden = raw, known, hidden
        self._range = range(0)
        self._cursor = 0
        self._measure()
        self.scroll_to_line(0)
        self.refresh()

    def highlight(self, offset: int, length: int) -> None:
        """Highlights a range; a negative offset highlights nothing. Unless somebody moves the cursor here, it goes to
        the range, which comes into view."""
        self._range = range(offset, min(offset + length, len(self._raw))) if offset >= 0 else range(0)
        if self._range and not self.has_focus:
            self._cursor = offset
            self._into_view(offset)
        self.refresh()

    @property
    def highlighted(self) -> range:
        """The places that are highlighted."""
        return self._range

    def _measure(self) -> None:
        room = self.scrollable_content_region.width
        self.per_line = WIDE if room >= ADDRESS + 3 * WIDE + 2 + WIDE else NARROW
        self.set_lines(-(-len(self._raw) // self.per_line))

    def on_resize(self) -> None:
        self._measure()

    def _into_view(self, place: int) -> None:
        line = place // self.per_line
        height = max(1, self.scrollable_content_region.height)
        if not self.top <= line < self.top + height:
            self.scroll_to_line(line - height // 3)

    # --- drawing ---

    def render_line(self, y: int) -> Strip:
        width, base = self.line_width, self.line_style
        start = (self.top + y) * self.per_line
        if start >= len(self._raw):
            return Strip([Segment(" " * width, base)], width)
        styles = {name: self.get_component_rich_style(f"bytes--{name}", partial=True) for name in _PARTS}
        segments = [Segment(f"{start:05x}  "[-ADDRESS:], base + styles["offset"])]
        text: list[Segment] = []
        for column in range(self.per_line):
            place = start + column
            blank = "  " if column == self.per_line // 2 - 1 else " "
            if place >= len(self._raw):
                segments.append(Segment("  " + blank, base))
                continue
            style, joint = self._style(place, base, styles), base
            if place in self._range and place + 1 in self._range:
                joint = base + styles["range"]
            cell, char = self._cell(place)
            segments += [Segment(cell, style), Segment(blank, joint if column < self.per_line - 1 else base)]
            text.append(Segment(char, style if style != base else base + styles["text"]))
        return Strip([*segments, Segment(" ", base), *text]).adjust_cell_length(width, base)

    def _style(self, place: int, base: Style, styles: dict[str, Style]) -> Style:
        if place == self._cursor and self.has_focus:
            return base + styles["cursor"]
        if place in self._range:
            return base + styles["range"]
        return base + styles["missing"] if not self._known[place] else base

    def _cell(self, place: int) -> tuple[str, str]:
        """A byte in hexadecimal and as a character."""
        if place in self._hidden:
            return "**", "*"
        if not self._known[place]:
            return "--", " "
        value = self._raw[place]
        return f"{value:02x}", chr(value) if 32 <= value < 127 else "."

    # --- keys and mouse ---

    def _go(self, place: int) -> None:
        if self._raw:
            self._cursor = max(0, min(place, len(self._raw) - 1))
            self._into_view(self._cursor)
            self.refresh()
            self.post_message(self.Moved(self._cursor))

    def action_previous(self) -> None:
        self._go(self._cursor - 1)

    def action_next(self) -> None:
        self._go(self._cursor + 1)

    def action_up(self) -> None:
        self._go(self._cursor - self.per_line)

    def action_down(self) -> None:
        self._go(self._cursor + self.per_line)

    def action_page_up(self) -> None:
        self._go(self._cursor - self.per_line * self.scrollable_content_region.height)

    def action_page_down(self) -> None:
        self._go(self._cursor + self.per_line * self.scrollable_content_region.height)

    def action_first(self) -> None:
        self._go(0)

    def action_last(self) -> None:
        self._go(len(self._raw) - 1)

    def on_click(self, event: events.Click) -> None:
        content = event.get_content_offset(self)
        if content is None:
            return
        column = self._column_at(content.x)
        place = (self.top + content.y) * self.per_line + (column if column is not None else 0)
        if column is not None and place < len(self._raw):
            self._go(place)

    def _column_at(self, x: int) -> int | None:
        """Which byte of its line a cell belongs to."""
        half = self.per_line // 2
        text = ADDRESS + 3 * self.per_line + 2
        if x >= text:
            return x - text if x < text + self.per_line else None
        column = (x - ADDRESS) // 3 if x < ADDRESS + 3 * half else (x - ADDRESS - 1) // 3
        return column if x >= ADDRESS and 0 <= column < self.per_line else None


_PARTS: Final = ("offset", "range", "cursor", "missing", "text")
