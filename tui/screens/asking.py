"""Questions that take a while, one of a kind at a time and away from the thread that paints."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from tui.screens.base import View

SHARE: Final = 4
"A question that took a second of the reading waits this many before it is asked again."


class Question(NamedTuple):
    """What is asked, and who gets the answer."""

    work: Callable[[], Any]
    then: Callable[[Any], None]


class Desk:
    """Takes the questions of one kind from one screen: works on one, keeps the newest that came meanwhile."""

    def __init__(self, view: View, *, shares: bool) -> None:
        """`shares`: while such questions are answered the document is not read on."""
        self._view = view
        self._shares = shares
        self._working: Question | None = None
        self._waiting: Question | None = None
        self._unwanted = False
        self._not_before = 0.0

    def ask(self, work: Callable[[], Any], then: Callable[[Any], None], instead: bool) -> None:
        """Asks; in the thread that paints. With `instead` the answer that is being worked on is not wanted."""
        self._waiting = Question(work, then)
        self._unwanted |= instead
        if instead:
            self._not_before = 0.0
        if self._working is None:
            self._begin()

    @property
    def busy(self) -> bool:
        """Whether any answer is still to come."""
        return self._working is not None or self._waiting is not None

    def _begin(self) -> None:
        """Works on the newest question, now or a little later."""
        if self._working is not None or self._waiting is None or not self._view.is_attached:
            return
        left = self._not_before - time.monotonic()
        if left > 0 and not self._view.document.finished:
            self._view.set_timer(min(left, 1.0), self._begin)
            return
        self._working, self._waiting = self._waiting, None
        self._unwanted = False
        self._view.run_worker(self._work, thread=True, group="questions")

    def _work(self) -> None:
        """In the worker thread."""
        asked = self._working
        assert asked is not None
        start = time.monotonic()
        answer = asked.work()
        took = time.monotonic() - start
        self._view.analyzer.from_worker(self._answered, asked, answer, took)

    def _answered(self, asked: Question, answer: Any, took: float) -> None:
        """Back in the thread that paints."""
        self._working = None
        if self._shares:
            self._not_before = time.monotonic() + SHARE * took
        if self._view.is_attached and not self._unwanted:
            asked.then(answer)
        self._begin()
