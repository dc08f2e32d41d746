"""Every PDU: a list, and of the one under the cursor the fields and the bytes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from textual import on
from textual.widget import Widget

from iscsi_analyzer.export.pdu_view import PduView, Views
from iscsi_analyzer.export.time_text import decimal
from tui.screens.base import View
from tui.widgets.big_list import BigList
from tui.widgets.columns import RIGHT, Column


class PdusScreen(View):
    """The PDUs. Item n of the list is PDU n + 1."""

    NAME = "pdus"
    KEY = "2"
    TITLE_WORD = "PDUs"
    ABOUT = "every PDU with its fields and bytes"
    FILTERABLE = True
    CSS_PATH: ClassVar = "pdus.tcss"

    def body(self) -> Iterator[Widget]:
        self._views = Views(self.document.store)
        self._list = BigList(self._columns(), empty="no PDU yet", id="pdus")
        self.main_list = self._list
        yield self._list

    def _view(self, item: int) -> PduView:
        return PduView(self._views, item + 1, self.document.store.row(item + 1))

    def _columns(self) -> list[Column]:
        return [
            Column("number", "PDU", 8, lambda item: str(item + 1), RIGHT),
            Column(
                "time",
                "time",
                12,
                lambda item: decimal(self._view(item).row.time_last - self.document.store.first_ts, 6),
                RIGHT,
            ),
            Column("summary", "what", 0, lambda item: self._view(item).pdu.summary()),
        ]

    def grown(self) -> None:
        self._list.show(len(self.document.store))

    def arrive(self, target: Any) -> None:
        self._list.go_to_item(int(target) - 1)

    @on(BigList.Moved)
    def _moved(self, event: BigList.Moved) -> None:
        pass
