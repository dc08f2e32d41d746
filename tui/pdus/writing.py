"""The PDUs that are shown as the contents of a file: what the command line prints of them. For workers, within
`Document.reading`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, Protocol

from iscsi_analyzer.export.chosen import PORTION, Chosen
from iscsi_analyzer.export.clocks import clock
from iscsi_analyzer.export.json_lines import JsonArray, JsonLines
from iscsi_analyzer.export.pdu_text import TextLines
from iscsi_analyzer.export.pdu_view import Views
from iscsi_analyzer.export.tabular import CSV_COLUMNS, CsvLines, Rows, columns_of
from iscsi_analyzer.store.store import Store

FORMATS: Final = (".jsonl", ".json", ".csv", ".txt")
"What the name of the file may end with; it decides about the format."


class Writer(Protocol):
    """Makes the file, piece by piece."""

    def more(self) -> bytes: ...

    def end(self) -> bytes: ...


class Listed(Chosen):
    """PDUs that were chosen one by one."""

    def __init__(self, numbers: Sequence[int]) -> None:
        self._numbers = numbers
        self._given = 0

    def more(self) -> list[int]:
        """The next numbers; none when all were given."""
        found = list(self._numbers[self._given : self._given + PORTION])
        self._given += len(found)
        return found


def pieces(store: Store, numbers: Sequence[int], suffix: str) -> Iterator[bytes]:
    """These PDUs, in this order, in one of FORMATS."""
    writer = _writer(store, Listed(numbers), suffix)
    while text := writer.more():
        yield text
    yield writer.end()


def _writer(store: Store, chosen: Chosen, suffix: str) -> Writer:
    if suffix in (".json", ".jsonl"):
        lines = (JsonArray if suffix == ".json" else JsonLines)(store)
        lines.choose(chosen)
        return lines
    views = Views(store)
    views.chosen = chosen
    if suffix == ".csv":
        return Rows(views, CsvLines(columns_of(CSV_COLUMNS)))
    return TextLines(views, clock("r", store))
