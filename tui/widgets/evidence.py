"""A list of some PDUs, a line each: the evidence of a finding or of an answer."""

from __future__ import annotations

from collections.abc import Container, Sequence

from iscsi_analyzer.export.pdu_view import PduView, Views
from iscsi_analyzer.export.time_text import decimal
from iscsi_analyzer.store.store import Store
from tui.widgets.big_list import BigList
from tui.widgets.columns import RIGHT, Column


class EvidenceList(BigList):
    """Item n is the n-th of the PDUs that it was given."""

    def __init__(self, store: Store, *, empty: str, id: str | None = None) -> None:
        self.pdus: list[int] = []
        "Their numbers."
        self._store = store
        self._views = Views(store)
        self._main: Container[int] = ()
        super().__init__(self._columns(), row_style=self._row_style, empty=empty, id=id)

    def set_pdus(self, pdus: Sequence[int], main: Container[int]) -> None:
        """Shows these PDUs. Those in `main` stand out: the others are what they must be read with."""
        self.pdus = [pdu for pdu in pdus if 0 < pdu <= len(self._store)]
        self._main = main
        self.changed()
        self.show(len(self.pdus))
        self.go_to_place(0)

    @property
    def pdu(self) -> int:
        """The PDU under the cursor; 0 if there is none."""
        item = self.item
        return 0 if item is None else self.pdus[item]

    def _view(self, item: int) -> PduView:
        number = self.pdus[item]
        return PduView(self._views, number, self._store.row(number))

    def _row_style(self, item: int) -> str:
        return "" if self.pdus[item] in self._main else "dim"

    def _columns(self) -> list[Column]:
        return [
            Column("pdu", "PDU", 7, lambda item: str(self.pdus[item]), RIGHT, sortable=False),
            Column("time", "time", 11, self._time, RIGHT, sortable=False),
            Column("arrow", "", 1, lambda item: "→" if self._view(item).row.to_target else "←", sortable=False),
            Column("what", "evidence", 0, lambda item: self._view(item).pdu.summary(), sortable=False),
        ]

    def _time(self, item: int) -> str:
        return decimal(self._view(item).row.time_last - self._store.first_ts, 6)
