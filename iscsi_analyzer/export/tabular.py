"""PDUs as rows of columns: what `tshark -T fields` prints, and CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, Final

from iscsi_analyzer.export.columns import Column, column, record_fields, texts_of
from iscsi_analyzer.export.pdu_view import PduView, Views
from iscsi_analyzer.export.tables import visible

CSV_COLUMNS = ("ip.src", "tcp.srcport", "ip.dst", "tcp.dstport", *record_fields())


FEW: Final = 8
"With more fields of the record than this, the record is made for them."


@dataclass(frozen=True, slots=True)
class Layout:
    """How to print fields: the options of tshark's -E."""

    header: bool = False
    "A first line with the names."
    separator: str = "\t"
    "Between fields."
    occurrence: str = "a"
    "Of a field with several values: `f` the first, `l` the last, `a` all."
    aggregator: str = ","
    "Between the values of a field."
    quote: str = ""
    "Around each field that has a value."
    bom: bool = False
    "Begin with a UTF-8 byte order mark."


class FieldLines:
    """A line for each PDU with the fields that were asked for."""

    def __init__(self, columns: Sequence[Column], layout: Layout) -> None:
        self._columns = columns
        self._layout = layout
        self._pick: Callable[[list[str]], list[str]] = {
            "f": lambda values: values[:1],
            "l": lambda values: values[-1:],
        }.get(layout.occurrence, list)

    def head(self) -> str:
        """What stands before the first PDU."""
        layout = self._layout
        head = "\ufeff" if layout.bom else ""
        if layout.header:
            head += layout.separator.join(f"{layout.quote}{each.name}{layout.quote}" for each in self._columns) + "\n"
        return head

    def line(self, view: PduView) -> str:
        """The line of a PDU."""
        layout = self._layout
        cells = []
        for each in self._columns:
            values = self._pick(each.get(view))
            text = layout.aggregator.join(map(visible, values))
            cells.append(f"{layout.quote}{text}{layout.quote}" if values else "")
        return layout.separator.join(cells) + "\n"


class CsvLines:
    """A CSV record (RFC 4180) for each PDU; several values of a field are joined by `; `."""

    def __init__(self, columns: Sequence[Column]) -> None:
        self._columns = columns
        names = [each.record for each in columns if each.record]
        # Fields of the record are taken from it all at once.
        self._of_record = attrgetter(*names) if len(names) > FEW else None
        self._text = io.StringIO()
        self._writer = csv.writer(self._text, lineterminator="\r\n")

    def head(self) -> str:
        """The header record."""
        return self._record([each.name for each in self._columns])

    def line(self, view: PduView) -> str:
        """The record of a PDU."""
        if self._of_record is None:
            return self._record(["; ".join(map(visible, each.get(view))) for each in self._columns])
        values = iter(self._of_record(view.record))
        return self._record(
            [_cell(next(values)) if each.record else "; ".join(map(visible, each.get(view))) for each in self._columns]
        )

    def constant(self, value: Any) -> str:
        """How a value of the record stands in a record of CSV, with quotes if it needs them."""
        return self._record([_cell(value), ""]).removesuffix(",\r\n")

    def _record(self, cells: list[str]) -> str:
        self._text.seek(0)
        self._text.truncate()
        self._writer.writerow(cells)
        return self._text.getvalue()


def _cell(value: Any) -> str:
    """A value of the record: what most are, quickly."""
    kind = type(value)
    if value is None:
        return ""
    if kind is int:
        return str(value)
    if kind is str:
        return visible(value)
    return "; ".join(map(visible, texts_of(value)))


class Rows:
    """The text of the PDUs of a store that may still grow."""

    def __init__(self, views: Views, lines: FieldLines | CsvLines) -> None:
        self._views = views
        self._lines = lines
        self._begun = False

    def more(self) -> bytes:
        """The lines of the PDUs that are new since the last call."""
        text = "" if self._begun else self._lines.head()
        self._begun = True
        return (text + "".join(map(self._lines.line, self._views.more()))).encode("utf-8", "backslashreplace")

    def end(self) -> bytes:
        """What stands after the last PDU."""
        return b""


def columns_of(names: Sequence[str]) -> list[Column]:
    """The columns of these names. Raises UnknownField."""
    return [column(name) for name in names]
