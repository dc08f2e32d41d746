"""What the keys do: made from the table of actions and the list of screens."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
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
            yield Static(Content.assemble(*self._text()))

    def _text(self) -> Iterator[tuple[str, str]]:
        from tui.screens import SCREENS

        yield "Screens\n", "bold $text-accent"
        for view in SCREENS:
            yield f"  {view.KEY:<16}", "bold"
            yield f"{view.TITLE_WORD}: {view.ABOUT}\n", ""
        titles = {view.NAME: f"On this screen ({view.TITLE_WORD})" for view in SCREENS}
        for place, title in ((self._place, titles.get(self._place, "")), *PLACES):
            actions = of_place(place)
            if not actions or not title:
                continue
            yield f"\n{title}\n", "bold $text-accent"
            for action in actions:
                keys = self._keys_of(action)
                yield f"  {key_names(keys) if keys else 'palette':<16}", "bold"
                yield f"{action.help}  ", ""
                yield f"{action.name}\n", "$text-muted"
        yield "\nKeys can be changed by these names, in iscsi-analyzer.toml:  [tui.keys]  ", ""
        yield '"app.quit" = "q,x"\n', "bold"
