"""What the keys do: made from the table of actions and the list of screens."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import ClassVar, Final

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from tui.actions import APP, LIST, Action, key_names, of_place

PLACES: Final = ((APP, "Everywhere"), (LIST, "In every list"))


class HelpScreen(ModalScreen[None]):
    """The keys of a screen and those that work everywhere."""

    BINDINGS: ClassVar = [Binding("escape,q,question_mark,f1", "dismiss", show=False)]

    def __init__(self, place: str, keys_of: Callable[[Action], str]) -> None:
        """`place` is the name of the screen that help is wanted for."""
        super().__init__()
        self._place = place
        self._keys_of = keys_of

    def compose(self) -> ComposeResult:
        with VerticalScroll(classes="dialog"):
            yield Static(Group(*self._parts()))

    def _parts(self) -> Iterator[RenderableType]:
        from tui.screens import SCREENS

        titles = {view.NAME: f"On this screen ({view.TITLE_WORD})" for view in SCREENS}
        also = next((view.ALSO for view in SCREENS if self._place == view.NAME), ())
        for place, title in ((self._place, titles.get(self._place, "")), *also, *PLACES):
            rows = [(self._keys(action), action.help, action.name) for action in of_place(place)]
            if title and rows:
                yield from _section(title, rows)
        screens = [(view.KEY, f"{view.TITLE_WORD}: {view.ABOUT}", f"app.{view.NAME}") for view in SCREENS]
        yield from _section("Screens", screens)
        yield Text("Keys can be changed by the names on the right, in iscsi-analyzer.toml:", "bold")
        yield Text('[tui.keys]\n"app.quit" = "q,x"')

    def _keys(self, action: Action) -> str:
        keys = self._keys_of(action)
        return key_names(keys) if keys else "palette"


def _section(title: str, rows: list[tuple[str, str, str]]) -> Iterator[RenderableType]:
    """A heading and a line for each action: keys, meaning, name."""
    yield Text(title, "bold underline")
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(style="bold", min_width=8, max_width=17)
    table.add_column(ratio=1)
    table.add_column(style="dim", no_wrap=True)
    for row in rows:
        table.add_row(*map(Text, row))
    yield table
    yield Text()
