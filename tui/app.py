"""The app: the screens and the way from one to the other, what all of them share, and the terminal's restoration.

Knows the document and the screens; the screens know what they show.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import Any, ClassVar, Final

from textual.app import App, SystemCommand
from textual.binding import Binding
from textual.filter import LineFilter
from textual.notifications import SeverityLevel
from textual.screen import Screen

from tui.actions import ACTIONS, APP, Action, bindings
from tui.ascii_filter import AsciiFilter
from tui.document import Document
from tui.screens import SCREENS
from tui.screens.base import View
from tui.screens.help import HelpScreen
from tui.screens.problems import ProblemsScreen
from tui.settings import Settings

TICK: Final = 0.1
"Seconds between two looks at whether the document has grown."
TERMINATED: Final = 143
"What a process answers that SIGTERM has ended."
ENDING_SIGNALS: Final = tuple(
    found for name in ("SIGTERM", "SIGHUP") if (found := getattr(signal, name, None)) is not None
)
"What ends a program from outside, as far as the system knows it."


class IscsiAnalyzerApp(App[None]):
    """The terminal user interface over one document."""

    CSS_PATH = "app.tcss"
    TITLE = "iscsi-analyzer"
    ENABLE_COMMAND_PALETTE = True
    MODES: ClassVar = {}
    BINDINGS: ClassVar = [
        *bindings(APP, priority=("quit",)),
        *(
            Binding(view.KEY, f"app.show('{view.NAME}')", view.ABOUT, show=False, id=f"app.{view.NAME}")
            for view in SCREENS
        ),
    ]

    def __init__(self, document: Document, *, settings: Settings | None = None, start: str = "sessions") -> None:
        """`start` is the screen to begin with. Whoever knows that the theme of the settings exists sets it."""
        super().__init__()
        self.document = document
        self.filter_text = ""
        "The display filter that holds for PDUs and tasks; it is valid."
        self.ascii_only = False
        "The terminal knows no other characters."
        self.settings = settings or Settings()
        "What the user has settled."
        self._start = start
        self._came_from: list[str] = []
        self._targets: dict[str, Any] = {}
        for view in SCREENS:
            self.add_mode(view.NAME, self._maker(view))
        if self.settings.keys:
            self.set_keymap(self.settings.keys)

    def _maker(self, view: type[View]) -> Callable[[], View]:
        return lambda: view(self.document)

    # --- life ---

    async def on_mount(self) -> None:
        loop = asyncio.get_running_loop()
        for number in ENDING_SIGNALS:
            with suppress(NotImplementedError, ValueError, RuntimeError):  # not in the main thread, not on this system
                loop.add_signal_handler(number, self._terminated)
        self.document.start()
        await self.switch_mode(self._start)
        self.set_interval(TICK, self._tick)

    def on_unmount(self) -> None:
        loop = asyncio.get_running_loop()
        for number in ENDING_SIGNALS:
            with suppress(NotImplementedError, ValueError, RuntimeError):
                loop.remove_signal_handler(number)

    def _terminated(self) -> None:
        self.exit(return_code=TERMINATED)

    def _tick(self) -> None:
        view = self.view
        if view is not None:
            view.tick()

    @property
    def view(self) -> View | None:
        """The screen that a number key has shown, also when something is open on top of it."""
        return next((screen for screen in reversed(self.screen_stack) if isinstance(screen, View)), None)

    def from_worker(self, callback: Callable[..., None], *arguments: Any) -> None:
        """Calls back in the thread that paints; from a worker thread, which does not wait. Nothing happens once the app
        has ended."""
        loop = self._loop
        if loop is not None and not loop.is_closed() and self.is_running:
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(self.call_later, callback, *arguments)

    def get_line_filters(self) -> Sequence[LineFilter]:
        """What is done to every line before it is shown."""
        filters = super().get_line_filters()
        return [*filters, AsciiFilter()] if self.ascii_only else filters

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: SeverityLevel = "information",
        timeout: float | None = None,
        markup: bool = False,
    ) -> None:
        """Shows a message as it is: what comes from a capture or from the user is never taken for markup."""
        super().notify(message, title=title, severity=severity, timeout=timeout, markup=False)

    # --- from screen to screen ---

    def action_show(self, name: str) -> None:
        """Shows a screen."""
        self.go(name)

    def go(self, name: str, target: Any = None) -> None:
        """Shows a screen and, on it, `target` (see `View.arrive`)."""
        if name not in {view.NAME for view in SCREENS}:
            return
        while len(self.screen_stack) > 1:
            self.pop_screen()
        if target is not None:
            self._targets[name] = target
        now = self.current_mode
        if now == name:
            view = self.view
            if view is not None and target is not None:
                view.arrive(self.take_target(name))
            return
        if now in {view.NAME for view in SCREENS}:
            self._came_from.append(now)
            del self._came_from[:-20]
        self.switch_mode(name)

    def take_target(self, name: str) -> Any:
        """What the screen was asked to show, once; None for nothing."""
        return self._targets.pop(name, None)

    def go_to_pdu(self, number: int) -> None:
        """Shows a PDU by its number."""
        self.go("pdus", number)

    def go_to_task(self, number: int) -> None:
        """Shows a task by its number."""
        self.go("tasks", number)

    def show_ladder(self, *, task: int | None = None, session: int | None = None) -> None:
        """Shows the ladder of a task or of a session, by number."""
        self.go("ladder", ("task", task) if task is not None else ("session", session))

    def action_go_back(self) -> None:
        """Goes where the user came from."""
        if len(self.screen_stack) > 1:
            self.pop_screen()
        elif self._came_from:
            self.switch_mode(self._came_from.pop())

    # --- the filter ---

    def set_filter(self, text: str) -> None:
        """Lets only PDUs and tasks through that pass a display filter, which must be a valid one; an empty one lets all
        pass."""
        self.filter_text = text.strip()
        for stack in self._screen_stacks.values():
            for screen in stack:
                if isinstance(screen, View):
                    screen.set_filter(self.filter_text)

    # --- actions ---

    def action_help(self) -> None:
        """What the keys do."""
        if not isinstance(self.screen, HelpScreen):
            view = self.view
            self.push_screen(HelpScreen(view.NAME if view is not None else "", self.keys_of))

    def action_problems(self) -> None:
        """Everything that is wrong with the input."""
        if not isinstance(self.screen, ProblemsScreen):
            self.push_screen(ProblemsScreen(self.document))

    def action_toggle_pause(self) -> None:
        """Pauses the reading, or goes on with it."""
        document = self.document
        if document.finished:
            self.notify("everything has been read")
        elif document.state is document.state.PAUSED:
            document.resume()
        else:
            document.pause()

    def action_stop_reading(self) -> None:
        """Ends the reading here."""
        self.document.stop()

    def action_toggle_follow(self) -> None:
        """Stays at the newest row, or does not any more."""
        view = self.view
        if view is not None:
            view.toggle_follow()

    def action_filter(self) -> None:
        """Opens the filter bar."""
        view = self.view
        if view is not None:
            view.open_filter()

    def action_next_theme(self) -> None:
        """The next colour theme."""
        names = sorted(self.available_themes)
        self.theme = names[(names.index(self.theme) + 1) % len(names)]

    # --- words about actions ---

    def keys_of(self, action: Action) -> str:
        """The keys of an action: the user's, or else the table's."""
        return self.settings.keys.get(action.name, action.keys)

    def get_system_commands(self, screen: Screen[Any]) -> Iterator[SystemCommand]:
        view = self.view
        for entry in SCREENS:
            yield SystemCommand(f"{entry.KEY} {entry.TITLE_WORD}", entry.ABOUT, self._goer(entry.NAME))
        for action in ACTIONS:
            if action.place not in (APP, "list" if view is None else view.NAME) or action.name == "app.command_palette":
                continue
            target: Any = self if action.place == APP else view
            method = getattr(target, f"action_{action.method}", None)
            if method is not None:
                yield SystemCommand(action.help[0].upper() + action.help[1:], action.name, method)

    def _goer(self, name: str) -> Callable[[], None]:
        return lambda: self.go(name)
