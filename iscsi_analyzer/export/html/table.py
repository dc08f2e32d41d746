"""Tables that the script of the page can sort and filter, and the words below those that are cut off."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from iscsi_analyzer.export.html.markup import Child, Markup, joined, tag
from iscsi_analyzer.export.tables import number

ENOUGH_TO_FILTER: Final = 6
"Rows from which on a table can be filtered."


class Column(NamedTuple):
    """A column of a table."""

    title: str
    numeric: bool = False
    "Its cells stand right, so that digits stand below each other."
    wide: bool = False
    "Its cells hold sentences: they need room, and lines that break."


class Cell(NamedTuple):
    """A cell that is sorted by another value than by what it shows."""

    value: float
    shown: Child


Row = Sequence["Child | Cell"]


def table(caption: str, columns: Sequence[Column], rows: Iterable[Row], *, quiet: bool = False) -> Markup:
    """A table below its caption, without columns in which nothing stands; `quiet`: the heading above it is caption
    enough for those who see it."""
    lines = list(rows)
    used = [place for place in range(len(columns)) if any(_says(row[place]) for row in lines)]
    body = [tag("tr", [_cell(columns[place], row[place]) for place in used]) for row in lines]
    head = tag("tr", [tag("th", columns[at].title, scope="col", class_=_class(columns[at])) for at in used])
    drawn = tag(
        "table",
        tag("caption", caption, class_="unseen"),
        tag("thead", head),
        tag("tbody", body),
        data_sort=len(body) > 1,
        data_filter=len(body) >= ENOUGH_TO_FILTER,
    )
    title = None if quiet else tag("p", caption, class_="caption", aria_hidden="true")
    return tag(
        "div",
        tag("div", title, class_="over"),
        tag("div", drawn, class_="scroll", tabindex=0, role="region", aria_label=caption),
        class_="table",
    )


def count(value: int) -> Cell:
    """A number with separators."""
    return Cell(value, number(value))


def more(left: int, what: str, command: str) -> Markup | None:
    """What was cut off, and the command that shows it; None if nothing was."""
    if left <= 0:
        return None
    return tag("p", f"{number(left)} more {what}: ", tag("code", f"iscsi-analyzer {command}"), class_="more")


def facts(pairs: Iterable[tuple[str, Child]]) -> Markup:
    """Names and what there is to say of them, line by line."""
    return tag("dl", [joined(tag("dt", name), tag("dd", said)) for name, said in pairs], class_="facts")


def _cell(column: Column, cell: Child | Cell) -> Markup:
    if isinstance(cell, Cell):
        return tag("td", cell.shown, class_=_class(column), data_value=cell.value)
    return tag("td", cell, class_=_class(column))


def _says(cell: Child | Cell) -> bool:
    """Whether there is anything in a cell."""
    return cell is not None and cell != "" and cell != []


def _class(column: Column) -> str | None:
    return "n" if column.numeric else "w" if column.wide else None
