"""The forms in which `export` writes captures: a table, and what may be asked of all of them.

A format is a module with `pieces(analysis, part)`, which makes its output piece by piece, so that memory does not grow
with it. The analysis is finished when it is called, and can give the bytes of every PDU.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple, Protocol, cast

if TYPE_CHECKING:
    from iscsi_analyzer.analysis.focus import Focus
    from iscsi_analyzer.run import Analysis


@dataclass(frozen=True, slots=True)
class Part:
    """What is to be written; with nothing asked for, everything."""

    focus: Focus | None = None
    "What --since, --session and -Y leave."
    tasks: tuple[int, ...] = ()
    "These tasks only, by their numbers."
    findings: tuple[int, ...] = ()
    "The evidence of these findings only, by their numbers."
    task_comments: bool = False
    "Annotated captures also tell how tasks ended."
    width: int = 120
    "Columns of ladders."
    table: str = "pdus"
    "Which of the tables, for formats that are tables."
    limits: tuple[str, ...] = ()
    "What --since, --session and -Y say, option by option."

    @property
    def numbered(self) -> bool:
        """Whether something was asked for by its number."""
        return bool(self.tasks or self.findings)

    def no_numbers(self, what: str) -> None:
        """Raises LookupError if something was asked for by its number, which is not to be had of `what`."""
        if self.numbered:
            raise LookupError(f"--task and --finding do not choose from {what}: -Y, --session and --since do")


class Format(NamedTuple):
    """One form of output."""

    name: str
    module: str
    "Below iscsi_analyzer.export."
    binary: bool
    "Not for a terminal."
    help: str
    tables: bool = False
    "Each kind of record is a file of its own."
    needs: str = ""
    "A package that is not always installed; the extra that brings it has the name of the format."


class Maker(Protocol):
    """What the module of a format offers."""

    def pieces(self, analysis: Analysis, part: Part) -> Iterator[bytes]:
        """The output, piece by piece. LookupError, before the first piece, for a part that does not exist."""


TABLES = ("pdus", "tasks", "findings", "keys", "sessions", "connections")
"The tables of the formats that are tables."

FORMATS = (
    Format("text-ladder", "ladder_pieces", False, "the conversation, arrow by arrow, as text for a ticket"),
    Format("timeline-json", "timeline", False, "the course of each session, event by event, a JSON record a line"),
    Format("trace", "trace", False, "tasks, PDUs, load and findings on a time axis, for Perfetto"),
    Format("csv", "csv_tables", False, "PDUs, tasks, findings, keys, sessions and connections as tables", tables=True),
    Format(
        "parquet",
        "parquet",
        True,
        "the same with types, for DuckDB, Polars, pandas, Spark",
        tables=True,
        needs="pyarrow",
    ),
    Format("html", "html.page", False, "the report as one page for browsers, with charts and ladders"),
    Format("pcapng", "annotated", True, "the packets, with comments that tell the findings, for Wireshark"),
)
BY_NAME = {each.name: each for each in FORMATS}


def maker(name: str) -> Maker:
    """The module of a format. KeyError for an unknown name."""
    return cast(Maker, import_module(f"iscsi_analyzer.export.{BY_NAME[name].module}"))
