"""From an analysis that was opened to the running user interface and back to an exit code. The one door through which
the command line comes in."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any

from iscsi_analyzer.run import Analysis
from tui.actions import known
from tui.app import IscsiAnalyzerApp
from tui.ascii_filter import ascii_terminal
from tui.document import Document


class SettingsError(Exception):
    """The user's settings cannot be used; the message says why."""


def run(
    analysis: Analysis,
    *,
    title: str = "",
    follow: bool = False,
    filter_text: str = "",
    theme: str = "",
    keys: Mapping[str, str] | None = None,
    on_close: Callable[[], None] | None = None,
) -> int:
    """Shows an analysis until the user leaves; returns the exit code. `title` names it, else its files do; the display
    filter `filter_text` is a valid one. Raises SettingsError before anything is shown, and what broke the analyzer, if
    anything did, when the terminal is restored."""
    for name in keys or {}:
        if not known(name):
            raise SettingsError(f"no action is called {name!r}; the help (?) names them all")
    document = Document(analysis, title=title, follow=follow, on_close=on_close)
    app = IscsiAnalyzerApp(document, keys=keys)
    app.set_filter(filter_text)
    app.ascii_only = ascii_terminal()
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


def settings(table: Mapping[str, Any]) -> tuple[str, dict[str, str]]:
    """Theme and key map of the table `tui` of a configuration. Raises SettingsError."""
    for key in table:
        if key not in ("theme", "keys"):
            raise SettingsError(f"tui: nothing is called {key}; there are theme, keys")
    theme, keys = table.get("theme", ""), table.get("keys", {})
    if not isinstance(theme, str):
        raise SettingsError("tui: theme is no text")
    if not isinstance(keys, dict) or not all(isinstance(value, str) for value in keys.values()):
        raise SettingsError("tui: keys is no table from actions to keys")
    return theme, keys
