"""Every PDU: a list, and of the one under the cursor the fields and the bytes, each of which highlights the other."""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import partial
from typing import Any, ClassVar, Final

import numpy as np
from numpy.typing import NDArray
from textual import on
from textual.containers import Container, Vertical
from textual.widget import Widget

from iscsi_analyzer.export.pdu_view import Views
from tui.actions import BYTES
from tui.pdus.cells import DEFAULT_COLUMNS, TIME_WORDS, TIMES, WIDE_COLUMNS, PduCells
from tui.pdus.colors import Colors
from tui.pdus.detail import Detail, detail
from tui.pdus.items import Items, PduItems, Wanted, loss_of, pdu_of
from tui.screens.choose_columns import ChooseColumns
from tui.screens.compare import CompareScreen
from tui.screens.pdu_jumps import PduJumps
from tui.widgets.big_list import BigList
from tui.widgets.bytes_pane import BytesPane
from tui.widgets.field_tree import FieldTree

WIDE: Final = 130
"Cells from which on the list has more columns."
RENEW_SECONDS: Final = 1.0
"While the capture is read, rows on the screen are looked at again so often."


class PdusScreen(PduJumps):
    """The PDUs."""

    NAME = "pdus"
    KEY = "2"
    TITLE_WORD = "PDUs"
    ABOUT = "every PDU with its fields and bytes"
    ALSO = ((BYTES, "In the bytes of a PDU"),)
    FILTERABLE = True
    CSS_PATH: ClassVar = "pdus.tcss"

    def body(self) -> Iterator[Widget]:
        store = self.document.store
        self.cells = PduCells(store)
        self._detail_views = Views(store, bytes_too=True)
        self._items = PduItems(store)
        self._wanted = Wanted()
        settings = self.analyzer.settings
        self._colors = Colors(store, settings.colors)
        self._columns: tuple[str, ...] = settings.columns.get("pdus", DEFAULT_COLUMNS)
        self._chosen = "pdus" in settings.columns
        self._renew_at = 0.0
        self._arriving = 0
        self.rows = BigList(
            self.cells.columns(self._columns), row_style=self.cells.style, empty="no PDU yet", id="pdu-list"
        )
        self.main_list = self.rows
        self.fields = FieldTree(id="pdu-tree")
        self.bytes = BytesPane(id="pdu-bytes")
        yield Vertical(self.rows, Container(self.fields, self.bytes, id="pdu-detail"), id="pdu-panes")

    # --- what the list shows ---

    def grown(self) -> None:
        if time.monotonic() >= self._renew_at or self.document.finished:
            # Findings may be made of PDUs that came earlier.
            self._renew_at = time.monotonic() + RENEW_SECONDS
            self.rows.changed()
        if self._items.plain(self._wanted):
            self.rows.show(len(self.document.store))
        else:
            self._look(instead=False)
        if self.analyzer.settings.colors:
            self.ask("colors", lambda _: self._colors.look(), self._show_colors)
        self._columns_for_room()

    def _show_colors(self, found: NDArray[np.uint8]) -> None:
        self.cells.colors = (found, self._colors.styles)
        self.rows.refresh()

    def _columns_for_room(self) -> None:
        """More columns where there is room, unless the user has chosen."""
        fitting = WIDE_COLUMNS if self.size.width >= WIDE else DEFAULT_COLUMNS
        if not self._chosen and fitting != self._columns:
            self._columns = fitting
            self.rows.set_columns(self.cells.columns(fitting))

    def _look(self, *, instead: bool) -> None:
        wanted = self._wanted
        self.ask("items", lambda _: (wanted, self._items.look(wanted)), self._show_items, instead=instead)

    def _show_items(self, answer: tuple[Wanted, Items]) -> None:
        wanted, items = answer
        if wanted == self._wanted:
            self.rows.empty = "no PDU passes the filter" if wanted.filter else "no PDU yet"
            self.rows.show(0, items)
            if self._arriving:
                self.show_pdu(self._arriving)
                self._arriving = 0

    def filtered(self, text: str) -> None:
        self._want(Wanted(text, self._wanted.sort, self._wanted.descending))

    def _want(self, wanted: Wanted) -> None:
        """Shows something else; what is shown stays until that is known."""
        self._wanted = wanted
        if self._items.plain(wanted):
            self.rows.show(len(self.document.store))
        self._look(instead=True)

    @on(BigList.SortWanted, "#pdu-list")
    def _sort(self, event: BigList.SortWanted) -> None:
        keys = self.cells.sort_keys(event.key)
        natural = keys is None or (event.key == "number" and not event.descending)
        self.rows.sorted_by = None if keys is None else (event.key, event.descending)
        self._want(Wanted(self._wanted.filter, None if natural else keys, event.descending))
        self.rows.refresh()

    def arrive(self, target: Any) -> None:
        if self._items.plain(self._wanted):
            self.show_pdu(int(target))
        else:  # once the items are there
            self._arriving = int(target)
            self._look(instead=False)

    # --- the PDU under the cursor ---

    @on(BigList.Moved, "#pdu-list")
    def _moved(self, event: BigList.Moved) -> None:
        item = self.rows.item
        pdu = pdu_of(item) if item is not None else None
        if pdu is not None:
            self.fetch("detail", partial(detail, self.document.store, self._detail_views, pdu), self._show_detail)
        else:
            self._show_detail(self._of_loss(item))

    def _of_loss(self, item: int | None) -> Detail:
        index = loss_of(item) if item is not None else None
        if index is None:
            return Detail(0, "", [])
        loss = self.document.store.losses[index]
        side = "initiator" if loss.to_target else "target"
        what = "bytes that the capture lacks" if loss.kind == "gap" else "bytes in which no PDU could be found"
        return Detail(0, f"{loss.length:,} {what}, sent by the {side}, known at frame {loss.frame}", [])

    def _show_detail(self, found: Detail) -> None:
        item = self.rows.item
        if item is not None and (pdu_of(item) or 0) != found.number:
            return
        self.bytes.show(found.raw, found.known, found.hidden)
        self.fields.show_detail(found)
        self._highlight()

    @on(BigList.Moved, "#pdu-tree")
    def _highlight(self) -> None:
        line = self.fields.line
        if line is not None:
            self.bytes.highlight(line.offset, line.length)

    @on(BytesPane.Moved)
    def _byte(self, event: BytesPane.Moved) -> None:
        line = self.fields.detail.line_of(event.place)
        if line is not None:
            self.fields.go_to_line(line)
            self._highlight()

    @on(BigList.Chosen, "#pdu-list")
    def _open(self) -> None:
        self.fields.focus()

    # --- actions on the list ---

    def action_time(self) -> None:
        """The next way to tell the time."""
        cells = self.cells
        cells.time = TIMES[(TIMES.index(cells.time) + 1) % len(TIMES)]
        if cells.time == "mark":
            marked = [item for item in sorted(self.rows.marks) if item >= 0]
            here = self.rows.item
            since = marked[-1] if marked else here if here is not None and here >= 0 else None
            cells.since = cells.row(since + 1).time_last if since is not None else 0
        self.rows.set_columns(cells.columns(self._columns))
        self.notify(f"time: {TIME_WORDS[cells.time]}", timeout=2)

    def action_columns(self) -> None:
        """Lets the user choose columns."""
        columns = [(choice.key, choice.title, choice.about) for choice in self.cells.choices]

        def take(chosen: tuple[str, ...] | None) -> None:
            if chosen is not None:
                self._columns, self._chosen = chosen, True
                self.rows.set_columns(self.cells.columns(chosen))

        self.app.push_screen(ChooseColumns(columns, self._columns), take)

    def action_compare(self) -> None:
        """Compares the two marked PDUs, or the marked one and this one."""
        marked = [item + 1 for item in sorted(self.rows.marks) if item >= 0]
        if len(marked) == 1 and self.pdu is not None and self.pdu != marked[0]:
            marked.append(self.pdu)
        if len(marked) != 2:
            self.notify("mark two PDUs with m, or one and stand on another", severity="warning")
            return
        store, views = self.document.store, self._detail_views

        def both() -> tuple[Detail, Detail]:
            return detail(store, views, marked[0]), detail(store, views, marked[1])

        def show(found: tuple[Detail, Detail]) -> None:
            self.app.push_screen(CompareScreen(*found))

        self.fetch("compare", both, show)

    def action_next_pane(self) -> None:
        """The next pane."""
        self.focus_next("#pdu-panes *")

    def action_previous_pane(self) -> None:
        """The previous pane."""
        self.focus_previous("#pdu-panes *")

    def action_maximise(self) -> None:
        """The pane that has the focus alone, or all three again."""
        panes = self.query_one("#pdu-panes")
        alone = {"pdu-list": "-only-list", "pdu-tree": "-only-tree", "pdu-bytes": "-only-bytes"}
        focused = self.focused.id if self.focused is not None else None
        three = not any(panes.has_class(name) for name in alone.values())
        wanted = alone.get(focused or "", "-only-list") if three else ""
        for name in alone.values():
            panes.set_class(name == wanted, name)
