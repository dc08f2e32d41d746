"""What every screen of the analyzer has: the two status lines, redrawing as the document grows, questions that are
answered by a worker thread, and jumps to other screens."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, cast

from textual import on
from textual.app import ComposeResult
from textual.screen import Screen
from textual.widget import Widget

from tui.actions import bindings, key_names, of_place
from tui.document import Document
from tui.screens.asking import Desk
from tui.widgets.big_list import BigList
from tui.widgets.filter_bar import FilterBar
from tui.widgets.status import FooterLine, HeaderLine

if TYPE_CHECKING:
    from iscsi_analyzer.analysis.study import Study
    from tui.app import IscsiAnalyzerApp

Answer = TypeVar("Answer")


class View(Screen[None]):
    """One of the screens that a number key shows. A subclass names itself, composes `body`, and draws in `grown`.

    Its actions are those of `tui.actions` whose place is NAME; its style sheet stands beside its module.
    """

    NAME: ClassVar[str] = ""
    "Stable name: of the mode, and of the place of its actions."
    KEY: ClassVar[str] = ""
    "The number key that shows it."
    TITLE_WORD: ClassVar[str] = ""
    "What the header line calls it."
    ABOUT: ClassVar[str] = ""
    "What it shows, for the help."

    ALSO: ClassVar[tuple[tuple[str, str], ...]] = ()
    "Further places of actions on it, with a heading for the help."
    FILTERABLE: ClassVar[bool] = False
    "Whether the display filter applies to what it shows."

    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (110, "-medium"), (140, "-wide")]  # noqa: RUF012
    VERTICAL_BREAKPOINTS = [(0, "-short"), (34, "-tall")]  # noqa: RUF012

    def __init_subclass__(cls, **arguments: Any) -> None:
        if cls.NAME:
            cls.BINDINGS = bindings(cls.NAME)
        super().__init_subclass__(**arguments)

    def __init__(self, document: Document) -> None:
        super().__init__()
        self.document = document
        self._header = HeaderLine(document, self.TITLE_WORD)
        self.main_list: BigList | None = None
        "The list that follows new rows, and that has the focus; a subclass sets it."
        self._filter_bar = FilterBar()
        self._desks: dict[str, Desk] = {}
        self._seen = -1
        self._composed = False
        self._filter = ""

    @property
    def analyzer(self) -> IscsiAnalyzerApp:
        """The app: for jumps to other screens and for what all screens share."""
        return cast("IscsiAnalyzerApp", self.app)

    # --- for subclasses ---

    def body(self) -> Iterator[Widget]:
        """The widgets between the two status lines."""
        return iter(())

    def grown(self) -> None:
        """There may be more to see, or something else: called when the screen appears and, while it is shown, a few
        times a second at most. Must not take longer than a frame: whatever looks at everything goes through `ask`."""

    def arrive(self, target: Any) -> None:
        """Somebody jumped here: show what they mean. What a target is, is the screen's own affair."""

    def filtered(self, text: str) -> None:
        """The display filter of the app is another one now (it is valid)."""

    def ask(
        self,
        what: str,
        question: Callable[[Study], Answer],
        then: Callable[[Answer], None],
        *,
        instead: bool = False,
    ) -> None:
        """Answers a question that looks at everything, in a worker thread, then calls `then` in the thread that paints.

        Of the questions with the same `what` one is worked on at a time and the newest waits; what stood between is
        forgotten. `instead`: the answer to an older one is not wanted any more. While the document is still being read,
        questions leave most of the time to the reading.
        """

        def work() -> Answer:
            with self.document.reading() as study:
                return question(study)

        self._desk(what, shares=True).ask(work, then, instead)

    def fetch(
        self, what: str, work: Callable[[], Answer], then: Callable[[Answer], None], *, instead: bool = True
    ) -> None:
        """The same for what looks at single PDUs only, which holds nobody up (see `tui.document`)."""
        self._desk(what, shares=False).ask(work, then, instead)

    def _desk(self, what: str, *, shares: bool) -> Desk:
        desk = self._desks.get(what)
        if desk is None:
            desk = self._desks[what] = Desk(self, shares=shares)
        return desk

    @property
    def questions_open(self) -> bool:
        """Whether any answer is still to come."""
        return any(desk.busy for desk in self._desks.values())

    # --- the frame ---

    def compose(self) -> ComposeResult:
        yield self._header
        yield from self.body()
        if self.FILTERABLE:
            yield self._filter_bar
        yield FooterLine(self._footer_keys())

    def _footer_keys(self) -> list[tuple[str, str]]:
        """The keys of the footer: those of the screen, then those that work everywhere."""
        app = self.analyzer
        chosen = [action for action in (*of_place(self.NAME), *of_place("app")) if action.short]
        return [
            ("1-9", "screens"),
            *((key_names(app.keys_of(action).partition(",")[0]), action.short) for action in chosen),
        ]

    def toggle_follow(self) -> None:
        """Stays at the newest row while more comes, or does not any more."""
        rows = self.main_list
        if rows is None:
            return
        rows.follow = not rows.follow
        if rows.follow:
            rows.action_last()
        self.notify("following: the newest row is shown" if rows.follow else "not following any more", timeout=2)

    def action_next_pane(self) -> None:
        """The next pane."""
        self.focus_next()

    def action_previous_pane(self) -> None:
        """The previous pane."""
        self.focus_previous()

    def open_filter(self) -> None:
        """Opens the bar for the display filter."""
        if self.FILTERABLE:
            self._filter_bar.open(self.analyzer.filter_text)
        else:
            self.notify("the display filter is for the screens of PDUs and tasks", timeout=3)

    @on(FilterBar.Accepted)
    def _filter_accepted(self, event: FilterBar.Accepted) -> None:
        self.analyzer.set_filter(event.text)
        self._focus_main()

    @on(FilterBar.Closed)
    def _focus_main(self) -> None:
        if self.main_list is not None:
            self.main_list.focus()

    def on_mount(self) -> None:
        self._composed = True

    def tick(self) -> None:
        """Redraws what may be out of date."""
        if not self._composed:
            return
        generation = self.document.generation
        if generation != self._seen:
            self._seen = generation
            self.grown()
        self._header.shown_filter = self.analyzer.filter_text
        self._header.refresh()

    def on_screen_resume(self) -> None:
        self.call_after_refresh(self._resumed)

    def set_filter(self, text: str) -> None:
        """The display filter that holds now."""
        if text != self._filter and self._composed:
            self._filter = text
            self.filtered(text)

    def _resumed(self) -> None:
        self.set_filter(self.analyzer.filter_text)
        self.tick()
        target = self.analyzer.take_target(self.NAME)
        if target is not None:
            self.arrive(target)
