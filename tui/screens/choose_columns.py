"""Which columns a list shows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import SelectionList, Static
from textual.widgets.selection_list import Selection


class ChooseColumns(ModalScreen[tuple[str, ...] | None]):
    """Gives the keys of the chosen columns in their order, or None if nothing shall change."""

    BINDINGS: ClassVar = [
        Binding("escape", "dismiss(None)", show=False),
        Binding("enter", "take", show=False, priority=True),
    ]

    def __init__(self, columns: Sequence[tuple[str, str, str]], chosen: Sequence[str]) -> None:
        """`columns`: key, title and meaning of each."""
        super().__init__()
        self._columns = columns
        self._chosen = set(chosen)

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static(Content("Columns: Space chooses, Enter takes them, Esc leaves all as it was"))
            yield SelectionList[str](
                *(
                    Selection(Content(f"{title or key:<10} {about}"), key, key in self._chosen)
                    for key, title, about in self._columns
                )
            )

    def action_take(self) -> None:
        """Takes the chosen ones."""
        chosen = set(self.query_one(SelectionList).selected)
        self.dismiss(tuple(key for key, _, _ in self._columns if key in chosen) or None)
