"""The base of widgets that draw their own lines and scroll through any number of them."""

from __future__ import annotations

from rich.style import Style
from textual import events
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widget import Widget


class LineView(ScrollView, can_focus=True):
    """Knows how many lines there are, and shows some of them. A new number of lines moves nothing else on the screen:
    so many lists that grow do not have it laid out again and again."""

    DEFAULT_CSS = """
    LineView {
        height: 1fr;
        scrollbar-size-horizontal: 0;
        scrollbar-size-vertical: 1;
        overflow-x: hidden;
        overflow-y: scroll;
    }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.line_width = 0
        "Cells of a line, while lines are drawn."
        self.line_style = Style()
        "What lines look like where nothing else is said."

    def render_lines(self, crop: Region) -> list[Strip]:
        self.line_width = self.scrollable_content_region.width
        self.line_style = self.rich_style
        return super().render_lines(crop)

    def set_lines(self, count: int) -> None:
        """There are so many lines now."""
        size = Size(self.size.width, count)
        if size != self.virtual_size:
            self.set_reactive(Widget.virtual_size, size)
            self.vertical_scrollbar.window_virtual_size = count
            if self.top > max(0, count - self.size.height):
                self.scroll_to_line(count)

    @property
    def top(self) -> int:
        """The first line on the screen."""
        return round(self.scroll_y)

    def scroll_to_line(self, line: int) -> None:
        """Makes a line the first on the screen, as far as there are lines enough below it."""
        self.scroll_to(y=max(0, line), animate=False, force=True, immediate=True)

    def refresh_row(self, y: int) -> None:
        """Draws one line of the screen again, counted from the first."""
        self.refresh(Region(0, y, self.size.width, 1))

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        self.wheel(WHEEL)
        event.stop()
        event.prevent_default()

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        self.wheel(-WHEEL)
        event.stop()
        event.prevent_default()

    def wheel(self, lines: int) -> None:
        """The wheel of the mouse was turned."""
        self.scroll_to_line(self.top + lines)

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()


WHEEL = 3
"Lines for one step of the wheel."
