"""Lines that are added move nothing but the scroll bar, and only what changed is drawn again."""

from __future__ import annotations

import asyncio

from textual.app import App, ComposeResult
from textual.strip import Strip

from tui.widgets.line_view import LineView


class Numbers(LineView):
    """Draws the number of each line, and remembers which were drawn."""

    def __init__(self) -> None:
        super().__init__()
        self.drawn: list[int] = []

    def render_line(self, y: int) -> Strip:
        self.drawn.append(self.top + y)
        return Strip.blank(self.line_width, self.line_style)


class NumbersApp(App[None]):
    def compose(self) -> ComposeResult:
        yield Numbers()


def test_lines_scroll_grow_and_shrink_without_a_new_layout() -> None:
    async def go() -> None:
        app = NumbersApp()
        async with app.run_test(size=(20, 10)) as pilot:
            lines = app.query_one(Numbers)
            lines.set_lines(1_000_000)
            await pilot.pause()
            lines.scroll_to_line(999_995)
            await pilot.pause()
            assert lines.top == 999_990
            assert lines.drawn[-10:] == list(range(999_990, 1_000_000))
            lines.set_lines(50)
            await pilot.pause()
            assert lines.top == 40
            lines.wheel(-100)
            assert lines.top == 0
            await pilot.pause()
            lines.drawn.clear()
            lines.set_lines(60)
            lines.refresh_row(3)
            await pilot.pause()
            assert lines.drawn == [3]

    asyncio.run(go())
