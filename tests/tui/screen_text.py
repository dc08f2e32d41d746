"""Runs the app without a terminal: pilots that press keys, and the screen as plain text."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from textual.app import App
from textual.pilot import Pilot
from textual.widgets import Input

from iscsi_analyzer.options import Options
from iscsi_analyzer.run import Analysis
from tui.app import IscsiAnalyzerApp
from tui.document import Document
from tui.settings import Settings

SAMPLES = Path(__file__).resolve().parents[2] / "samples"
SMALL = (80, 24)
MEDIUM = (120, 40)
LARGE = (200, 60)

AppPilot = Pilot[None]
Script = Callable[[IscsiAnalyzerApp, AppPilot], Awaitable[None]]


def sample(name: str) -> Path:
    """The one sample whose name begins so."""
    found = sorted(SAMPLES.glob(f"{name}*.pcap*"))
    assert found, f"no sample is called {name}"
    return found[0]


def text_of(app: App[None]) -> str:
    """The screen as it stands: lines without blanks at their ends."""
    screen = app.screen
    strips = screen._compositor.render_strips(app.size)
    return "\n".join(strip.text.rstrip() for strip in strips)


async def settled(app: IscsiAnalyzerApp, pilot: AppPilot, seconds: float = 20.0) -> None:
    """Waits until everything is read, every question of the screen is answered and drawn."""
    waited = 0.0
    while not app.document.finished or (app.view is not None and app.view.questions_open):
        await pilot.pause(0.01)
        waited += 0.01
        assert waited < seconds, "the app does not come to rest"
    for _ in range(2):
        if app.view is not None:
            app.view.tick()
        await pilot.pause()
        while app.view is not None and app.view.questions_open:
            await pilot.pause(0.01)
    await pilot.pause()


async def typed(app: IscsiAnalyzerApp, pilot: AppPilot, text: str) -> None:
    """Puts a text into the input that has the focus, as if it had been typed at once."""
    field = app.focused
    assert isinstance(field, Input), field
    field.value = text
    field.cursor_position = len(text)
    await pilot.pause()


def run_app(
    paths: Path | Sequence[Path],
    script: Script,
    *,
    size: tuple[int, int] = MEDIUM,
    start: str = "sessions",
    options: Options | None = None,
    keys: dict[str, str] | None = None,
    settings: Settings | None = None,
) -> None:
    """Runs the app over captures and, when everything is read and drawn, the script."""

    async def go() -> None:
        files = [paths] if isinstance(paths, Path) else list(paths)
        document = Document(Analysis(files, options, random_access=True))
        app = IscsiAnalyzerApp(document, start=start, settings=settings or Settings(keys=keys or {}))
        try:
            async with app.run_test(size=size, notifications=True) as pilot:
                await settled(app, pilot)
                await script(app, pilot)
        finally:
            document.close()
        if document.failure is not None:
            raise document.failure

    asyncio.run(go())


def screen_of(paths: Path | Sequence[Path], *keys: str, size: tuple[int, int] = MEDIUM, start: str = "sessions") -> str:
    """What the screen shows after some keys."""
    shown = ""

    async def script(app: IscsiAnalyzerApp, pilot: AppPilot) -> None:
        nonlocal shown
        for key in keys:
            await pilot.press(key)
            await settled(app, pilot)
        shown = text_of(app)

    run_app(paths, script, size=size, start=start)
    return shown
