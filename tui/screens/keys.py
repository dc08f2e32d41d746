"""What was negotiated: for each connection every key with its offer, its answer and what is in force."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from textual import events, on
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from iscsi_analyzer.analysis.keys import ConnectionKeys
from iscsi_analyzer.analysis.remarks import Remark
from iscsi_analyzer.analysis.study import Study
from iscsi_analyzer.export.session_record import KeyRecord, key_records
from iscsi_analyzer.export.tables import visible
from tui.screens.exporting import Exporting, record_pieces
from tui.screens.jumps import ToPdu, jump
from tui.screens.key_rows import rows_of, titles
from tui.screens.row_finding import RowFinding
from tui.widgets.big_list import BigList
from tui.widgets.row_list import RowList


class KeysScreen(RowFinding, Exporting):
    """The negotiation table."""

    NAME = "keys"
    KEY = "6"
    TITLE_WORD = "Keys"
    ABOUT = "what was negotiated: offered, answered, in force"
    CSS_PATH: ClassVar = "keys.tcss"
    EXPORTED = "keys.csv"

    def body(self) -> Iterator[Widget]:
        self._found: list[ConnectionKeys] = []
        self._remarks: list[Remark] = []
        self._defaults = True
        self._list = RowList(titles(80), empty="no login is in the capture", id="keys")
        self.main_list = self._list
        self._about = Static(id="key")
        yield self._list
        yield self._about

    def grown(self) -> None:
        self.ask("keys", _keys, self._show)

    def _show(self, answer: tuple[list[ConnectionKeys], list[Remark]]) -> None:
        self._found, self._remarks = answer
        self._fill()

    def _fill(self) -> None:
        self._list.set_rows(list(rows_of(self._found, self._remarks, defaults=self._defaults)))
        self._tell()

    def on_resize(self, event: events.Resize) -> None:
        self._list.set_titles(titles(event.size.width))

    def arrive(self, target: Any) -> None:
        """A connection, by its number."""
        for place, row in enumerate(self._list.rows):
            if row.target == target:
                self._list.go_to_place(place)

    def pieces(self, study: Study, suffix: str) -> Iterator[bytes]:
        """The keys of all connections."""
        return record_pieces((key for each in study.keys for key in key_records(each)), KeyRecord, suffix)

    def action_defaults(self) -> None:
        """With the keys that nobody mentioned, or without."""
        self._defaults = not self._defaults
        self._fill()

    @on(BigList.Moved)
    def _moved(self) -> None:
        self._tell()

    def _tell(self) -> None:
        row = self._list.row
        if row is None or len(row.cells) == 1:
            self._about.update("" if row is None else row.cells[0])
            return
        key, offered, answered, result, remark = (visible(cell) for cell in row.cells)
        parts = [(key.strip(), "bold")]
        for label, value in (("offered", offered), ("answered", answered), ("in force", result)):
            if value:
                parts += [(f"   {label} ", "$text-muted"), (value, "")]
        parts.append((f"\n{remark}", ""))
        self._about.update(Content.assemble(*parts))

    @on(BigList.Chosen)
    def _chosen(self) -> None:
        row = self._list.row
        if row is not None and isinstance(row.target, ToPdu):
            jump(self.analyzer, row.target)


def _keys(study: Study) -> tuple[list[ConnectionKeys], list[Remark]]:
    return study.keys, study.remarks
