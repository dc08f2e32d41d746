"""What a project or a user has settled in a file: which rules count, how much, and what fails a check.

The file is `iscsi-analyzer.toml`, or `pyproject.toml` with a table `tool.iscsi-analyzer`, in the current directory or
the nearest one above it that has either:

    select = ["tmf-*", "cmdsn-gap"]
    ignore = ["*-reserved"]
    profile = "rfc7143"
    fail-on = "warning"

    [severity]
    "conn-closed-in-ffp" = "warning"

    [tui]
    theme = "nord"
    keys = { "app.quit" = "q,x" }

It names no plug-ins: a capture is often looked at in a directory that somebody else has made, and reading a directory
must not run its code.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from iscsi_analyzer.rules.rule import SEVERITIES
from iscsi_analyzer.rules.selection import AUTO, PROFILES

OWN_FILE = "iscsi-analyzer.toml"
PROJECT_FILE = "pyproject.toml"
TABLE = "iscsi-analyzer"
KEYS = ("select", "ignore", "severity", "profile", "fail-on", "tui")


class ConfigurationError(Exception):
    """The file cannot be used; the message says which one, and why."""


@dataclass(frozen=True, slots=True)
class Configuration:
    """What stands in the file; empty if there is none."""

    source: Path | None = None
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    severity: dict[str, str] = field(default_factory=dict)
    profile: str = AUTO
    fail_on: str = ""
    tui: dict[str, Any] = field(default_factory=dict)
    "Settings of the user interface, which knows what they mean."


def find(start: Path) -> Configuration:
    """The configuration that holds in a directory. Raises ConfigurationError."""
    for directory in (start, *start.parents):
        own = directory / OWN_FILE
        if own.is_file():
            return read(own)
        project = directory / PROJECT_FILE
        if project.is_file() and _mentions_us(project):
            return read(project)
    return Configuration()


def read(path: Path) -> Configuration:
    """The configuration in a file. Raises ConfigurationError."""
    import tomllib

    try:
        table: Any = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigurationError(f"{path}: {error}") from None
    if path.name == PROJECT_FILE:
        table = table.get("tool", {}).get(TABLE, {})
    if not isinstance(table, dict):
        raise ConfigurationError(f"{path}: tool.{TABLE} is no table")
    for key in table:
        if key not in KEYS:
            raise ConfigurationError(f"{path}: nothing is called {key}; there are {', '.join(KEYS)}")
    severity = table.get("severity", {})
    if not isinstance(severity, dict):
        raise ConfigurationError(f"{path}: severity is no table of rules")
    interface = table.get("tui", {})
    if not isinstance(interface, dict):
        raise ConfigurationError(f"{path}: tui is no table")
    return Configuration(
        path,
        _names(path, table, "select"),
        _names(path, table, "ignore"),
        {name: _word(path, f"severity of {name}", value, SEVERITIES) for name, value in severity.items()},
        _word(path, "profile", table.get("profile", AUTO), PROFILES),
        _word(path, "fail-on", table["fail-on"], SEVERITIES) if "fail-on" in table else "",
        interface,
    )


def _mentions_us(path: Path) -> bool:
    """Whether a project's file has a table of ours; what else is in it is no matter here."""
    try:
        return f"tool.{TABLE}" in path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False


def _names(path: Path, table: dict[str, Any], key: str) -> tuple[str, ...]:
    value = table.get(key, [])
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise ConfigurationError(f"{path}: {key} is no list of rules")
    return tuple(value)


def _word(path: Path, what: str, value: object, known: tuple[str, ...]) -> str:
    if not isinstance(value, str) or value not in known:
        raise ConfigurationError(f"{path}: {what} is {value!r}; there are {', '.join(known)}")
    return value
