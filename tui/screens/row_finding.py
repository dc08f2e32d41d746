"""Finding a text in a list of rows: asks for it, goes to the next row that has it, and round the end to the first."""

from __future__ import annotations

from tui.screens.base import View
from tui.screens.prompt import Prompt
from tui.widgets.row_list import RowList


class RowFinding(View):
    """A screen whose main list is made of rows."""

    _sought = ""

    def action_find(self) -> None:
        """Asks what to look for."""

        def take(text: str | None) -> None:
            if text:
                self._sought = text
                self._find(1)

        self.app.push_screen(Prompt("Find a text in the list", value=self._sought), take)

    def action_next_found(self) -> None:
        """The next row that has it."""
        self._find_again(1)

    def action_previous_found(self) -> None:
        """The previous row that has it."""
        self._find_again(-1)

    def _find_again(self, by: int) -> None:
        if self._sought:
            self._find(by)
        else:
            self.action_find()

    def _find(self, by: int) -> None:
        rows = self.main_list
        if not isinstance(rows, RowList):
            return
        wanted, count = self._sought.casefold(), len(rows.rows)
        for step in range(1, count + 1):
            place = (rows.cursor + by * step) % count
            if wanted in " ".join(rows.rows[place].cells).casefold():
                rows.go_to_place(place)
                return
        self.notify(f"{self._sought!r} is not found", timeout=2)
