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

    @property
    def numbered(self) -> bool:
        """Whether something was asked for by its number."""
        return bool(self.tasks or self.findings)


class Format(NamedTuple):
    """One form of output."""

    name: str
    module: str
    "Below iscsi_analyzer.export."
    binary: bool
    "Not for a terminal."
    help: str


class Maker(Protocol):
    """What the module of a format offers."""

    def pieces(self, analysis: Analysis, part: Part) -> Iterator[bytes]:
        """The output, piece by piece. LookupError, before the first piece, for a part that does not exist."""


FORMATS = (
    Format("text-ladder", "ladder_pieces", False, "the conversation, arrow by arrow, as text for a ticket"),
    Format("timeline-json", "timeline", False, "the course of each session, event by event, a JSON record a line"),
    Format("trace", "trace", False, "tasks, PDUs, load and findings on a time axis, for Perfetto"),
    Format("pcapng", "annotated", True, "the packets, with comments that tell the findings, for Wireshark"),
)
BY_NAME = {each.name: each for each in FORMATS}


def maker(name: str) -> Maker:
    """The module of a format. KeyError for an unknown name."""
    return cast(Maker, import_module(f"iscsi_analyzer.export.{BY_NAME[name].module}"))
