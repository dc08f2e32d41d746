"""What users have settled about the interface: the table `tui` of the configuration.

    [tui]
    theme = "nord"

    [tui.keys]                                # names of actions, as the help shows them, and their keys
    "app.quit" = "q,x"

    [tui.columns]                             # which columns a list shows, in this order
    pdus = ["number", "time", "tag", "summary"]

    [tui.colors]                              # display filters and styles: the first one that a PDU passes counts
    "scsi.status != 0" = "warning"

All of it may be left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from iscsi_analyzer.query import QueryError, compile_filter
from tui.actions import known
from tui.pdus.cells import COLUMN_KEYS
from tui.widgets.columns import STYLES

KEYS: Final = ("theme", "keys", "columns", "colors")
COLUMNS: Final = {"pdus": COLUMN_KEYS}
"The lists whose columns can be settled, and the columns that there are."


class SettingsError(Exception):
    """The user's settings cannot be used; the message says why."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What the table says."""

    theme: str = ""
    keys: dict[str, str] = field(default_factory=dict)
    "Name of an action -> its keys, with commas between them."
    columns: dict[str, tuple[str, ...]] = field(default_factory=dict)
    "Name of a list -> the keys of its columns."
    colors: tuple[tuple[str, str], ...] = ()
    "Display filters, all valid, and the styles of what passes them."


def settings(table: Mapping[str, Any]) -> Settings:
    """The settings in a table `tui`. Raises SettingsError."""
    for key in table:
        if key not in KEYS:
            raise SettingsError(f"tui: nothing is called {key}; there are {', '.join(KEYS)}")
    theme = table.get("theme", "")
    if not isinstance(theme, str):
        raise SettingsError("tui: theme is no text")
    return Settings(theme, _keys(table), _columns(table), _colors(table))


def _table(table: Mapping[str, Any], key: str) -> dict[str, Any]:
    found = table.get(key, {})
    if not isinstance(found, dict):
        raise SettingsError(f"tui: {key} is no table")
    return found


def _keys(table: Mapping[str, Any]) -> dict[str, str]:
    found = _table(table, "keys")
    for name, keys in found.items():
        if not known(name):
            raise SettingsError(f"tui.keys: no action is called {name!r}; the help (?) names them all")
        if not isinstance(keys, str):
            raise SettingsError(f"tui.keys: the keys of {name} are no text")
    return found


def _columns(table: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    found = {}
    for name, columns in _table(table, "columns").items():
        there = COLUMNS.get(name)
        if there is None:
            raise SettingsError(f"tui.columns: no list is called {name!r}; there are {', '.join(COLUMNS)}")
        if not isinstance(columns, list) or not columns:
            raise SettingsError(f"tui.columns: {name} is no list of columns")
        for column in columns:
            if column not in there:
                raise SettingsError(f"tui.columns: {name} has no column {column!r}; there are {', '.join(there)}")
        found[name] = tuple(columns)
    return found


def _colors(table: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    found = []
    for text, style in _table(table, "colors").items():
        try:
            compile_filter(text)
        except QueryError as error:
            raise SettingsError(f"tui.colors: {error.message}\n{error.pointed(text)}") from None
        if style not in STYLES:
            raise SettingsError(f"tui.colors: no style is called {style!r}; there are {', '.join(STYLES)}")
        found.append((text, style))
    return tuple(found)
