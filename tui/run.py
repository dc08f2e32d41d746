"""From an analysis that was opened to the running user interface and back to an exit code. The one door through which
the command line comes in."""

from __future__ import annotations

import os
from collections.abc import Callable

from iscsi_analyzer.run import Analysis
from tui.app import IscsiAnalyzerApp
from tui.ascii_filter import ascii_terminal
from tui.document import Document
from tui.settings import Settings, SettingsError, settings

__all__ = ["SettingsError", "run", "settings"]


def run(
    analysis: Analysis,
    *,
    title: str = "",
    follow: bool = False,
    filter_text: str = "",
    theme: str = "",
    chosen: Settings | None = None,
    on_close: Callable[[], None] | None = None,
) -> int:
    """Shows an analysis until the user leaves; returns the exit code. `title` names it, else its files do; the display
    filter `filter_text` is a valid one. Raises SettingsError before anything is shown, and what broke the analyzer, if
    anything did, when the terminal is restored."""
    chosen = chosen or Settings()
    document = Document(analysis, title=title, follow=follow, on_close=on_close)
    app = IscsiAnalyzerApp(document, settings=chosen)
    app.set_filter(filter_text)
    app.ascii_only = ascii_terminal()
    theme = theme or chosen.theme
    if theme:
        if theme not in app.available_themes:
            raise SettingsError(f"no theme is called {theme!r}; there are {', '.join(sorted(app.available_themes))}")
        app.theme = theme
    for name in ("COLUMNS", "LINES"):
        # A shell that exports them would fix the size for ever; the terminal itself knows better.
        os.environ.pop(name, None)
    try:
        app.run()
    finally:
        document.close()
    if document.failure is not None:
        raise document.failure
    return app.return_code or 0
