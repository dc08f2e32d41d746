"""One PDU in full: its field tree as lines that can be folded, and its bytes, each with its place in the other.

Reads the capture again, which may take a while for compressed ones: for workers. Looks at one PDU; holds nobody up.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from dissectors.fields import Node
from iscsi_analyzer.export.pdu_text import pdu_bytes, secret_places
from iscsi_analyzer.export.pdu_view import PduView, Views
from iscsi_analyzer.export.tables import plural, visible, wrapped
from iscsi_analyzer.rules.rule import NOTE, WARNING
from iscsi_analyzer.store.store import Store

REMARK_WIDTH: Final = 72
"Cells for a line of what is said of a PDU."
MOST_LINES: Final = 20_000
"Lines of a tree that are shown: a text segment of a megabyte could have more."


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the tree."""

    depth: int
    path: tuple[str, ...]
    "The labels above it and its own: what stays folded from PDU to PDU."
    label: str
    text: str
    problem: str
    offset: int
    "First byte, counted from the first byte of the PDU; -1 if it is about no bytes."
    length: int
    parent: bool = False
    "It has lines below it."
    remark: str = ""
    "No field, but something that is said of the PDU: how bad it is (`error`, `warning`, `note`)."


@dataclass(frozen=True, slots=True)
class Detail:
    """A PDU taken apart."""

    number: int
    title: str
    lines: list[Line]
    raw: bytes = b""
    "The bytes as they were on the wire; where the capture lacks some, zeros."
    known: bytes = b""
    "For each byte 1 if the capture holds it."
    hidden: frozenset[int] = field(default_factory=frozenset)
    "Places of secrets, which are not shown."

    def line_of(self, place: int) -> int | None:
        """The line that is most exactly about a byte."""
        found: int | None = None
        for index, line in enumerate(self.lines):
            if line.offset <= place < line.offset + line.length:
                if found is None or line.length <= self.lines[found].length:
                    found = index
        return found


def detail(store: Store, views: Views, number: int) -> Detail:
    """PDU `number`; `views` belong to the calling thread and read bytes, too."""
    view = PduView(views, number, store.row(number))
    pdu = view.pdu
    raw, known = pdu_bytes(view)
    frames = store.frames(view.row)
    where = f"frame {frames[0]}" if len(frames) == 1 else f"frames {frames[0]}-{frames[-1]}" if frames else "no frame"
    title = f"PDU {number}: {pdu.name}, {plural(len(raw), 'byte')}, {where}"
    lines = list(_findings(store, number))
    for problem in pdu.problems:
        text = f"{problem.name}: {problem.text}"
        lines += _remark("odd", text, WARNING, problem.name, problem.offset, problem.length)
    for line in _lines(pdu.tree(views.secrets), 0, ()):
        if len(lines) >= MOST_LINES:
            lines += _remark("note", f"only the first {MOST_LINES:,} lines are shown", NOTE, "more")
            break
        lines.append(line)
    hidden = frozenset() if views.secrets else frozenset(secret_places(view))
    return Detail(number, title, lines, raw, bytes(known), hidden)


def _findings(store: Store, number: int) -> Iterator[Line]:
    for verdict in store.verdicts.of_pdu(number):
        name = verdict.rule.name
        text = f"{name}: {verdict.message} ({verdict.finding.party}, {verdict.rule.reference or 'no reference'})"
        yield from _remark(verdict.severity, text, verdict.severity, name)


def _remark(label: str, text: str, severity: str, name: str, offset: int = -1, length: int = 0) -> Iterator[Line]:
    """Something that is said of a PDU, in as many lines as it takes."""
    for place, part in enumerate(wrapped(f"{label}: {visible(text)}", "", "  ", REMARK_WIDTH)):
        yield Line(0, (name, str(place)), part, "", "", offset, length, remark=severity)


def _lines(nodes: Iterable[Node], depth: int, above: tuple[str, ...]) -> Iterator[Line]:
    for node in nodes:
        path = (*above, node.label)
        # A pair's value on its own says nothing new, unless there are words for it.
        below = [child for child in node.children if child.children or child.problem or child.text != node.text]
        yield Line(depth, path, node.label, node.text, node.problem, node.offset, node.length, bool(below))
        yield from _lines(below, depth + 1, path)


def shown(lines: list[Line], folded: set[tuple[str, ...]]) -> list[int]:
    """The indexes of the lines that are not within a folded one."""
    found = []
    hide_below = -1
    for index, line in enumerate(lines):
        if hide_below >= 0 and line.depth > hide_below:
            continue
        hide_below = -1
        found.append(index)
        if line.parent and line.path in folded:
            hide_below = line.depth
    return found
