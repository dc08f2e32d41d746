"""Of the questions of one kind one is answered at a time, the newest waits, and what lies between is forgotten."""

from __future__ import annotations

import threading

from tests.tui.screen_text import AppPilot, run_app, sample, settled
from tui.app import IscsiAnalyzerApp


def test_the_newest_question_follows_the_one_that_is_answered() -> None:
    async def script(app: IscsiAnalyzerApp, pilot: AppPilot) -> None:
        view = app.view
        assert view is not None
        go_on = threading.Event()
        asked: list[int] = []
        answered: list[int] = []

        def question(number: int) -> int:
            go_on.wait(10)
            asked.append(number)
            return number

        for number in (1, 2, 3):
            view.ask("number", lambda _, number=number: question(number), answered.append)
        assert view.questions_open
        go_on.set()
        await settled(app, pilot)
        assert asked == [1, 3]
        assert answered == [1, 3]

    run_app(sample("k01"), script)


def test_an_answer_is_not_given_when_another_is_wanted_instead() -> None:
    async def script(app: IscsiAnalyzerApp, pilot: AppPilot) -> None:
        view = app.view
        assert view is not None
        go_on = threading.Event()
        answered: list[int] = []
        view.ask("number", lambda _: 1 if go_on.wait(10) else 0, answered.append)
        view.ask("number", lambda _: 2, answered.append, instead=True)
        go_on.set()
        await settled(app, pilot)
        assert answered == [2]

    run_app(sample("k01"), script)
