"""Everything that is wrong with the input, in full."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from iscsi_analyzer.export.tables import visible
from tui.document import Document

STYLES = {"error": "bold $text-error", "warning": "bold $text-warning", "note": "bold"}


class ProblemsScreen(ModalScreen[None]):
    """The problems of the files, and what the capture lacks."""

    BINDINGS: ClassVar = [Binding("escape,q,P", "dismiss", show=False)]

    def __init__(self, document: Document) -> None:
        super().__init__()
        self._document = document

    def compose(self) -> ComposeResult:
        with VerticalScroll(classes="dialog"):
            yield Static(Content.assemble(*self._text()))

    def _text(self) -> Iterator[tuple[str, str]]:
        document = self._document
        yield "Problems of the input\n", "bold $text-accent"
        if document.failure is not None:
            yield f"  {visible(document.error)}\n", "bold $text-error"
        troubles = document.problems
        for trouble in troubles:
            yield f"  {trouble.severity:<8}", STYLES.get(trouble.severity, "")
            yield f" {visible(trouble.text)}\n", ""
        if not troubles and document.failure is None:
            yield "  none\n", ""
        yield "\nWhat to know before trusting what is shown\n", "bold $text-accent"
        for remark in document.remarks or ["nothing is missing, as far as can be told"]:
            yield f"  {visible(remark)}\n", ""
