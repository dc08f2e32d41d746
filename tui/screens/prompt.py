"""One line to type something into: a number to go to, a text to find, the name of a file."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static


def anything(text: str) -> str:
    """Accepts every text."""
    return ""


class Prompt(ModalScreen[str | None]):
    """Gives what was typed, or None if nothing shall be done."""

    BINDINGS: ClassVar = [Binding("escape", "dismiss(None)", show=False)]

    def __init__(self, title: str, *, value: str = "", hint: str = "", check: Callable[[str], str] = anything) -> None:
        """`check` says what is wrong with a text; nothing, if it will do."""
        super().__init__()
        self._title = title
        self._value = value
        self._hint = hint
        self._check = check

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static(Content(self._title))
            yield Input(self._value, placeholder=self._hint, compact=True)
            yield Static("", id="prompt-error")

    def on_mount(self) -> None:
        self.query_one(Input).focus()

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        wrong = self._check(event.value)
        if wrong:
            self.query_one("#prompt-error", Static).update(Content.styled(wrong, "$text-error"))
        else:
            self.dismiss(event.value)
