"""The line in which a display filter is typed: says at every key whether it can be understood, points to the place if
not, and completes names of fields."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, Static

from iscsi_analyzer.query import QueryError, compile_filter
from iscsi_analyzer.query.fields import beginning

_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*$")
SHOWN: Final = 12
"Names that are looked at for the line of completions."


class FilterBar(Widget):
    """An input, and below it what is wrong with it or how it can go on."""

    BINDINGS: ClassVar = [
        Binding("escape", "close", show=False),
        Binding("tab", "complete", show=False, priority=True),
    ]
    DEFAULT_CSS = """
    FilterBar {
        height: 3; background: $surface; display: none;
        & Input { padding: 0 1; }
        & Input.-valid { color: $text-success; }
        & Input.-wrong { color: $text-error; }
        & Static { height: 1; padding: 0 1; }
        & #filter-mark { color: $text-error; }
    }
    """

    class Accepted(Message):
        """Enter was pressed on a filter that can be understood."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Closed(Message):
        """The bar was closed, nothing was changed."""

    def compose(self) -> ComposeResult:
        yield Input(
            placeholder='display filter, as in Wireshark: iscsi.opcode == "SCSI Command" && scsi.lun == 0', compact=True
        )
        yield Static(id="filter-mark")
        yield Static(id="filter-words")

    def open(self, text: str) -> None:
        """Shows the bar with a filter to change."""
        self.display = True
        field = self.query_one(Input)
        field.value = text
        field.cursor_position = len(text)
        field.focus()
        self._look(text)

    def action_close(self) -> None:
        """Closes the bar."""
        self.display = False
        self.post_message(self.Closed())

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        event.stop()
        self._look(event.value)

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if error_of(event.value) is None:
            self.display = False
            self.post_message(self.Accepted(event.value))

    def _look(self, text: str) -> None:
        """Says whether the filter can be understood, and what names begin as its last word does."""
        field = self.query_one(Input)
        error = error_of(text)
        field.set_class(error is None and bool(text.strip()), "-valid")
        field.set_class(error is not None, "-wrong")
        mark, words = "", ""
        if error is not None:
            mark = " " * min(error.position, len(text)) + "^" + "~" * (error.length - 1)
            words = f"✗ {error.message}"
        elif text.strip():
            words = "✓ Enter sets it"
        else:
            words = "Enter without a filter shows everything"
        names = list(completions(text[: field.cursor_position], SHOWN))
        if names:
            words += "   Tab: " + "  ".join(names)
        self.query_one("#filter-mark", Static).update(Content(mark))
        self.query_one("#filter-words", Static).update(Content(words))

    def action_complete(self) -> None:
        """Completes the word before the cursor as far as that is certain."""
        field = self.query_one(Input)
        before, after = field.value[: field.cursor_position], field.value[field.cursor_position :]
        completed = complete(before)
        if completed != before:
            field.value = completed + after
            field.cursor_position = len(completed)


def error_of(text: str) -> QueryError | None:
    """What is wrong with a filter; None if it can be understood, as an empty one can."""
    try:
        compile_filter(text)
    except QueryError as error:
        return error
    return None


def completions(before: str, most: int) -> Iterator[str]:
    """Names of fields that begin as the last word of the text does, each only as far as its next dot; the shortest way
    to say more."""
    found = _NAME.search(before)
    if found is None:
        return
    word = found.group()
    seen: set[str] = set()
    for field in beginning(word):
        stop = field.name.find(".", len(word))
        name = field.name if stop < 0 else field.name[: stop + 1]
        if name not in seen and name.lower() != word.lower():
            seen.add(name)
            yield name
            if len(seen) >= most:
                return


def complete(before: str) -> str:
    """The text with its last word completed as far as all names of fields agree that begin so."""
    found = _NAME.search(before)
    if found is None:
        return before
    word = found.group()
    names = [field.name for field in beginning(word)]
    if not names:
        return before
    common = names[0]
    for name in names[1:]:
        while not name.lower().startswith(common.lower()):
            common = common[:-1]
    return before[: found.start()] + (common if len(common) >= len(word) else word)
