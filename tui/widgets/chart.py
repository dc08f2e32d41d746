"""A chart over time with a cursor: arrows move it, Enter or a double click chooses the piece of time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from tui.actions import CHART, bindings
from tui.drawing.plots import chart, place_in


@dataclass(frozen=True, slots=True)
class Series:
    """One quantity over time."""

    title: str
    values: Sequence[float]
    words: Callable[[float], str]
    "Says a value with its unit."
    when: Callable[[int], str]
    "Says the time of a value, by its place; the place after the last one is the end."


class Chart(Widget, can_focus=True):
    """Draws one series."""

    BINDINGS: ClassVar = bindings(CHART)
    DEFAULT_CSS = """
    Chart { height: 8; padding: 0 1; }
    Chart:focus { background: $surface; }
    """

    class Chosen(Message):
        """A piece of time was chosen, by its place."""

        def __init__(self, chart_: Chart, place: int) -> None:
            super().__init__()
            self.chart = chart_
            self.place = place

        @property
        def control(self) -> Chart:
            return self.chart

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._series: Series | None = None
        self._place = 0

    def show(self, series: Series) -> None:
        """Draws a series; the cursor stays where it is."""
        self._series = series
        self._go(self._place)

    @property
    def place(self) -> int:
        """Where the cursor is."""
        return self._place

    def render(self) -> Content:
        series = self._series
        width, height = self.content_size.width, self.content_size.height
        if series is None or not series.values or height < 3:
            return Content(series.title if series is not None else "")
        place = self._place if self.has_focus else self._highest
        words = f"at {series.when(place)}" if self.has_focus else f"at most, at {series.when(place)}"
        parts = [(series.title, "bold"), (f"  {series.words(series.values[place])} {words}\n", "")]
        lines = chart(
            series.values,
            width,
            height - 2,
            words=series.words,
            ends=(series.when(0), series.when(len(series.values))),
            chosen=self._place if self.has_focus else -1,
        )
        for line in lines:
            parts += [*line, ("\n", "")]
        return Content.assemble(*parts[:-1])

    @property
    def _highest(self) -> int:
        """The place of the largest value; there must be values."""
        assert self._series is not None
        return max(range(len(self._series.values)), key=self._series.values.__getitem__)

    def _go(self, place: int) -> None:
        count = len(self._series.values) if self._series is not None else 0
        self._place = max(0, min(place, count - 1))
        self.refresh()

    def action_left(self) -> None:
        self._go(self._place - 1)

    def action_right(self) -> None:
        self._go(self._place + 1)

    def action_first(self) -> None:
        self._go(0)

    def action_last(self) -> None:
        self._go(1 << 30)

    def action_highest(self) -> None:
        """To the largest value."""
        if self._series is not None and self._series.values:
            self._go(self._highest)

    def action_choose(self) -> None:
        if self._series is not None and self._series.values:
            self.post_message(self.Chosen(self, self._place))

    def on_click(self, event: events.Click) -> None:
        series = self._series
        content = event.get_content_offset(self)
        if series is None or not series.values or content is None:
            return
        left = max(len(series.words(max(series.values))), len(series.words(0))) + 2
        room = max(1, self.content_size.width - left)
        if content.x >= left:
            self._go(place_in(content.x - left, len(series.values), room))
            if event.chain == 2:
                self.action_choose()

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()
