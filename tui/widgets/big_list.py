"""A list of any length: it draws only the rows that are on the screen, through Textual's line API.

Items are integers whose meaning only the columns know. What is shown, and in which order, is either all items
`0 .. count-1`, or an array of items (filtered, sorted, with others in between). The list knows no store.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import ClassVar, Final

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.message import Message
from textual.strip import Strip

from tui.actions import LIST, bindings
from tui.widgets.columns import STYLES, Column, fit, plain
from tui.widgets.items import Items, Shown
from tui.widgets.line_view import LineView
from tui.widgets.list_style import LIST_CSS

GUTTER: Final = 2
"Cells before the first column, for cursor and mark."
TITLES: Final = 1
"Lines for the titles of the columns."
KEPT_ROWS: Final = 1024
FREE: Final = 200
"Width of a column that takes the rest, in a list that is scrolled sideways."


class BigList(LineView):
    """A virtual list with a cursor, marks and columns."""

    BINDINGS: ClassVar = bindings(LIST)
    COMPONENT_CLASSES: ClassVar = {
        "list--titles",
        "list--sorted",
        "list--cursor",
        "list--cursor-blurred",
        "list--mark",
        *(f"list--{name}" for name in STYLES),
    }
    DEFAULT_CSS = LIST_CSS

    class Moved(Message):
        """The cursor is on another item. `item` is None if the list is empty."""

        def __init__(self, list_: BigList, item: int | None) -> None:
            super().__init__()
            self.list = list_
            self.item = item

        @property
        def control(self) -> BigList:
            return self.list

    class Chosen(Message):
        """Enter was pressed on an item, or it was clicked twice."""

        def __init__(self, list_: BigList, item: int) -> None:
            super().__init__()
            self.list = list_
            self.item = item

        @property
        def control(self) -> BigList:
            return self.list

    class SortWanted(Message):
        """The items shall be sorted by a column; whoever owns the list gives it the order (`show`)."""

        def __init__(self, list_: BigList, key: str, descending: bool) -> None:
            super().__init__()
            self.list = list_
            self.key = key
            self.descending = descending

        @property
        def control(self) -> BigList:
            return self.list

    def __init__(
        self,
        columns: Sequence[Column],
        *,
        row_style: Callable[[int], str] = plain,
        empty: str = "nothing here",
        id: str | None = None,
    ) -> None:
        """`row_style` gives a word of STYLES for an item; `empty` is shown in a list without items."""
        super().__init__(id=id)
        self.columns = list(columns)
        self.row_style = row_style
        self.empty = empty
        self.marks: set[int] = set()
        "Items that the user has marked."
        self.follow = False
        "The cursor stays on the last item while items are added."
        self.sorted_by: tuple[str, bool] | None = None
        "Key of the column, and whether descending: shown in the titles."
        self._shown = Shown()
        self._shift = 0
        self._cells: OrderedDict[int, list[tuple[str, str]]] = OrderedDict()
        self._styles: dict[str, Style] = {}

    # --- what is shown ---

    def show(self, count: int, items: Items | None = None) -> None:
        """Shows `items` in this order, or all of `0 .. count-1`. The cursor stays on its item, or goes to the next one
        that is there."""
        before, visible = self.item, self._visible()
        place = self._shown.show(count, items, at_end=self.follow)
        self.set_lines(self.count + TITLES)
        self._go(place, tell=before != self.item_at(place))
        if self._visible() != visible:
            self.refresh()

    def _visible(self) -> tuple[int, int, bytes]:
        """What is on the screen: nothing needs to be drawn again while that stays the same."""
        first = self.top
        last = min(first + self.page, self.count)
        items = self.items
        return first, last, b"" if items is None else items[first:last].tobytes()

    def changed(self) -> None:
        """The text of items may be another one now."""
        self._cells.clear()
        self.refresh()

    def set_columns(self, columns: Sequence[Column]) -> None:
        """Shows other columns."""
        self.columns = list(columns)
        self._shift = 0
        self.changed()

    @property
    def count(self) -> int:
        """How many items are shown."""
        return self._shown.count

    @property
    def items(self) -> Items | None:
        """What `show` was given."""
        return self._shown.items

    @property
    def item(self) -> int | None:
        """The item under the cursor."""
        return self._shown.item

    @property
    def cursor(self) -> int:
        """Where the cursor is: a place, counted from 0."""
        return self._shown.cursor

    def item_at(self, place: int) -> int | None:
        """The item at a place of the list, counted from 0; None beyond its ends."""
        return self._shown.item_at(place)

    def place_of(self, item: int) -> int:
        """Where an item stands; for one that is not shown, where the next one does."""
        return self._shown.place_of(item)

    def go_to_item(self, item: int) -> None:
        """Puts the cursor on an item, or on the next one that is shown."""
        self._go(self.place_of(item))

    def go_to_place(self, place: int) -> None:
        """Puts the cursor on the n-th row, counted from 0."""
        self._go(place)

    @property
    def page(self) -> int:
        """Rows that fit on the screen."""
        return max(1, self.scrollable_content_region.height - TITLES)

    def _go(self, place: int, *, tell: bool = True) -> None:
        place = self._shown.bounded(place)
        before = self._shown.cursor
        moved = place != before
        self._shown.cursor = place
        top, page = self.top, self.page
        if place < top:
            self.scroll_to_line(place)
        elif place >= top + page:
            self.scroll_to_line(place - page + 1)
        elif moved:
            self.refresh_row(before - top + TITLES)
            self.refresh_row(place - top + TITLES)
        if moved or tell:
            self.post_message(self.Moved(self, self.item))

    # --- drawing ---

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._styles.clear()
        self.refresh()

    def on_resize(self) -> None:
        self.set_lines(self.count + TITLES)
        self._go(self.cursor, tell=False)

    def render_line(self, y: int) -> Strip:
        width, base = self.line_width, self.line_style
        if y == 0:
            return self._titles(width)
        place = self.top + y - TITLES
        item = self.item_at(place)
        if item is None:
            text = f"  {self.empty}" if self.count == 0 and y == 2 else ""
            return Strip([Segment(fit(text, width), base + self._style("dim"))], width)
        return self._row(item, place == self.cursor, width, base)

    def _row(self, item: int, at_cursor: bool, width: int, base: Style) -> Strip:
        style = base
        row_style = self.row_style(item)
        if row_style:
            style += self._style(row_style)
        over = Style()
        if at_cursor:
            over = self._style("cursor" if self.has_focus else "cursor-blurred")
            style += over
        mark = "*" if item in self.marks else " "
        segments = [Segment(">" if at_cursor else " ", style), Segment(mark, style + self._style("mark") + over)]
        for text, name in self._cells_of(item):
            cell = style + self._style(name) + over if name else style
            segments.append(Segment(text, cell))
        strip = Strip(segments)
        if self._shift:
            strip = Strip.join([strip.crop(0, GUTTER), strip.crop(GUTTER + self._shift)])
        return strip.adjust_cell_length(width, style)

    def _cells_of(self, item: int) -> list[tuple[str, str]]:
        """Text and style of the cells of an item, with blanks between them."""
        kept = self._cells.get(item)
        if kept is None:
            kept = []
            for column, wide in zip(self.columns, self._widths(), strict=True):
                if kept:
                    kept.append((" ", ""))
                kept.append((fit(column.text(item), wide, column.align), column.style(item)))
            self._cells[item] = kept
            if len(self._cells) > KEPT_ROWS:
                self._cells.popitem(last=False)
        return kept

    def _widths(self) -> list[int]:
        """Cells of each column."""
        fixed = sum(column.width for column in self.columns) + len(self.columns) - 1 + GUTTER
        left = max(self.scrollable_content_region.width - fixed, FREE)
        return [column.width or left for column in self.columns]

    def _titles(self, width: int) -> Strip:
        style = self.line_style + self._style("titles")
        segments = [Segment(" " * GUTTER, style)]
        for column, wide in zip(self.columns, self._widths(), strict=True):
            if len(segments) > 1:
                segments.append(Segment(" ", style))
            title, here = column.title, style
            if self.sorted_by is not None and self.sorted_by[0] == column.key:
                title += "▼" if self.sorted_by[1] else "▲"
                here = self.line_style + self._style("sorted")
            segments.append(Segment(fit(title, wide, column.align), here))
        strip = Strip(segments)
        if self._shift:
            strip = Strip.join([strip.crop(0, GUTTER), strip.crop(GUTTER + self._shift)])
        return strip.adjust_cell_length(width, style)

    def _style(self, name: str) -> Style:
        style = self._styles.get(name)
        if style is None:
            style = self._styles[name] = self.get_component_rich_style(f"list--{name}", partial=True)
        return style

    # --- keys and mouse ---

    def action_up(self) -> None:
        self.follow = False
        self._go(self.cursor - 1)

    def action_down(self) -> None:
        self._go(self.cursor + 1)

    def action_page_up(self) -> None:
        self.follow = False
        self._go(self.cursor - self.page)

    def action_page_down(self) -> None:
        self._go(self.cursor + self.page)

    def action_half_page_up(self) -> None:
        self.follow = False
        self._go(self.cursor - self.page // 2)

    def action_half_page_down(self) -> None:
        self._go(self.cursor + self.page // 2)

    def action_first(self) -> None:
        self.follow = False
        self._go(0)

    def action_last(self) -> None:
        self._go(self.count - 1)

    def action_left(self) -> None:
        self._shift = max(0, self._shift - 8)
        self.refresh()

    def action_right(self) -> None:
        fixed = sum(column.width for column in self.columns) + len(self.columns) - 1 + GUTTER
        free = any(not column.width for column in self.columns)
        room = self.scrollable_content_region.width
        self._shift = min(self._shift + 8, max(0, fixed + (FREE if free else 0) - room))
        self.refresh()

    def action_choose(self) -> None:
        item = self.item
        if item is not None:
            self.post_message(self.Chosen(self, item))

    def action_mark(self) -> None:
        item = self.item
        if item is not None:
            self.marks ^= {item}
            self._go(self.cursor + 1)
            self.refresh()

    def action_next_mark(self) -> None:
        if not self.marks:
            self.notify("no row is marked (m marks)", severity="warning")
            return
        places = sorted(place for place in map(self._shown.place_if_shown, self.marks) if place is not None)
        if places:
            self._go(next((place for place in places if place > self.cursor), places[0]))

    def action_sort(self) -> None:
        keys: list[str | None] = [None, *(column.key for column in self.columns if column.sortable)]
        now = self.sorted_by[0] if self.sorted_by is not None else None
        following = keys[(keys.index(now) + 1) % len(keys)] if now in keys else None
        self.post_message(self.SortWanted(self, following or "", False))

    def action_reverse_sort(self) -> None:
        if self.sorted_by is not None:
            self.post_message(self.SortWanted(self, self.sorted_by[0], not self.sorted_by[1]))

    def on_click(self, event: events.Click) -> None:
        content = event.get_content_offset(self)
        if content is None:
            return
        if content.y < TITLES:
            self._click_title(content.x)
            return
        place = self.top + content.y - TITLES
        if place >= self.count:
            return
        self._go(place)
        if event.chain == 2:
            self.action_choose()

    def _click_title(self, x: int) -> None:
        left = GUTTER - self._shift
        for column, wide in zip(self.columns, self._widths(), strict=True):
            if left <= x < left + wide and column.sortable:
                again = self.sorted_by is not None and self.sorted_by[0] == column.key
                descending = again and not (self.sorted_by or ("", True))[1]
                self.post_message(self.SortWanted(self, column.key, descending))
                return
            left += wide + 1

    def wheel(self, lines: int) -> None:
        self.follow = self.follow and lines > 0
        super().wheel(lines)
