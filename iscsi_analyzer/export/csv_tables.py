"""Records as CSV (RFC 4180): one of the tables, piece by piece, as `-T csv` of its command prints it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from iscsi_analyzer.analysis.focus import Focus
from iscsi_analyzer.export.chosen import Chosen
from iscsi_analyzer.export.formats import Part
from iscsi_analyzer.export.pdu_view import Views
from iscsi_analyzer.export.quick_csv import QuickCsv
from iscsi_analyzer.export.record_columns import names_known, table
from iscsi_analyzer.export.record_tables import TABLES
from iscsi_analyzer.export.tabular import CSV_COLUMNS, columns_of
from iscsi_analyzer.store.store import Store

if TYPE_CHECKING:
    from iscsi_analyzer.run import Analysis


def pieces(analysis: Analysis, part: Part) -> Iterator[bytes]:
    """The table that `part` names, as far as it belongs to its focus."""
    part.no_numbers("tables")
    if part.table == "pdus":
        yield from _pdus(analysis.store, part.focus)
        return
    kind, records = TABLES[part.table]
    for line in table(records(analysis.store, part.focus), names_known(kind), None):
        yield line.encode("utf-8", "backslashreplace")


def _pdus(store: Store, focus: Focus | None) -> Iterator[bytes]:
    views = Views(store)
    views.chosen = Chosen(focus or Focus(store))  # of everything, but in portions
    writer = QuickCsv(views, columns_of(CSV_COLUMNS))
    while text := writer.more():
        yield text
