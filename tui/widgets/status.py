"""The first and the last line of every screen: what is looked at and how far it is read, and which keys do what."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from textual.content import Content
from textual.widget import Widget

from iscsi_analyzer.cli.progress import progress_line
from iscsi_analyzer.export.tables import clip, plural, visible
from tui.document import Document, State
from tui.widgets.columns import fit

SEPARATOR = " · "


class HeaderLine(Widget):
    """File, progress, and what one must know before trusting what is shown."""

    DEFAULT_CSS = """
    HeaderLine { height: 1; dock: top; background: $primary-muted; color: $text; }
    """

    def __init__(self, document: Document, title: str) -> None:
        super().__init__()
        self._document = document
        self._title = title
        self.shown_filter = ""
        "The display filter that the screen applies."

    def render(self) -> Content:
        document = self._document
        width = self.size.width
        parts: list[tuple[str, str]] = [(f" {self._title} ", "reverse bold")]
        parts.append((" " + clip(visible(document.title), max(16, width // 2)), "bold"))
        parts.append((SEPARATOR + reading_text(document), ""))
        if self.shown_filter:
            parts.append((SEPARATOR + "filter " + visible(self.shown_filter), "italic"))
        if document.error:
            parts.append((SEPARATOR + visible(document.error), "bold $text-error"))
        remarks = document.remarks
        if remarks:
            parts.append((SEPARATOR + "; ".join(visible(remark) for remark in remarks), "bold $text-warning"))
        return assembled(parts, width)


class FooterLine(Widget):
    """Keys and what they do, as many as there is room for."""

    DEFAULT_CSS = """
    FooterLine { height: 1; dock: bottom; background: $panel; color: $text; }
    """

    def __init__(self, keys: Sequence[tuple[str, str]]) -> None:
        """`keys`: key and word, the more important ones first."""
        super().__init__()
        self._keys = keys

    def render(self) -> Content:
        left = self.size.width
        parts: list[tuple[str, str]] = []
        for key, word in self._keys:
            needed = cell_len(key) + cell_len(word) + 3
            if needed > left:
                continue
            parts += [(f" {key}", "bold $text-accent"), (f" {word} ", "")]
            left -= needed
        return Content.assemble(*parts)


def reading_text(document: Document) -> str:
    """`12,345 PDUs`, `42 %, 812 MB/s, 3 s to go, 12,345 PDUs`."""
    progress = document.progress
    pdus = plural(progress.pdus, "PDU")
    state = document.state
    if state is State.LOADING:
        total = None if document.follow else progress.total  # what grows has no end yet
        return f"{progress_line(progress.done, total, progress.seconds)}, {pdus}"
    if state is State.FINISHED:
        return pdus
    return f"{state.value}, {pdus}"


def assembled(parts: Sequence[tuple[str, str]], width: int) -> Content:
    """The parts one behind the other, as far as they fit; what does not fit ends with an ellipsis."""
    fitting: list[tuple[str, str]] = []
    left = width
    for text, style in parts:
        length = cell_len(text)
        if length > left:
            fitting.append((fit(text, left), style))
            break
        fitting.append((text, style))
        left -= length
    return Content.assemble(*fitting)
