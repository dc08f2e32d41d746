"""The options that say which rules count: --select, --ignore, --profile, --plugin, and the file that --config names."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from iscsi_analyzer.cli.exits import Stop

if TYPE_CHECKING:
    from iscsi_analyzer.configuration import Configuration
    from iscsi_analyzer.rules.plugin import Plugin
    from iscsi_analyzer.rules.selection import Selection

PROFILES = ("auto", "rfc3720", "rfc7143", "rfc7144")
NO_FILE = "none"


def add_rule_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of every command that reads captures."""
    group = parser.add_argument_group("rules")
    group.add_argument(
        "--select", metavar="RULE,...", action="append", default=[], help="only these rules; tmf-* names many"
    )
    group.add_argument("--ignore", metavar="RULE,...", action="append", default=[], help="without these rules")
    group.add_argument(
        "--profile",
        choices=PROFILES,
        help="the standard that peers are held to: that of their login (auto), or what you know",
    )
    add_plugin_argument(group)
    group.add_argument(
        "--config",
        metavar="FILE",
        help="settings, instead of iscsi-analyzer.toml or pyproject.toml here or above; none: no file",
    )


def add_plugin_argument(group: argparse._ActionsContainer) -> None:
    """--plugin FILE."""
    group.add_argument(
        "--plugin", dest="plugins", metavar="FILE", action="append", default=[], help="a Python file with more rules"
    )


def configuration_of(arguments: argparse.Namespace) -> Configuration:
    """The settings in the file that holds here. Raises Stop."""
    from iscsi_analyzer.configuration import Configuration, ConfigurationError, find, read

    named = arguments.config
    try:
        if named == NO_FILE:
            return Configuration()
        return read(Path(named)) if named else find(Path.cwd())
    except ConfigurationError as error:
        raise Stop(str(error)) from None
    except OSError:
        return Configuration()  # the current directory is gone


def plugins_of(arguments: argparse.Namespace) -> tuple[Plugin, ...]:
    """The plug-ins of installed packages, and those that were named. Raises Stop."""
    from iscsi_analyzer.rules.catalogue import rules
    from iscsi_analyzer.rules.plugin import PluginError, installed, load, together

    try:
        return together([*installed(), *map(load, arguments.plugins)], rules())
    except PluginError as error:
        raise Stop(f"--plugin: {error}" if arguments.plugins else str(error)) from None


def selection_of(arguments: argparse.Namespace, configuration: Configuration, plugins: Iterable[Plugin]) -> Selection:
    """The rules that count. What the command line selects replaces what the file selects; it ignores more. Raises
    Stop."""
    from iscsi_analyzer.rules.catalogue import rules_with
    from iscsi_analyzer.rules.selection import Selection

    known = list(rules_with(plugins))
    select, ignore = _names(arguments.select), _names(arguments.ignore)
    for option, names in (("--select", select), ("--ignore", ignore)):
        for name in names:
            if not fits(name, known):
                raise Stop(f"{option}: {unknown(name, known)}")
    selection = Selection(
        select or configuration.select,
        (*configuration.ignore, *ignore),
        configuration.severity,
        arguments.profile or configuration.profile,
    )
    if not getattr(arguments, "quiet", False):
        for name in dict.fromkeys([*configuration.select, *configuration.ignore, *configuration.severity]):
            if not fits(name, known):
                print(f"iscsi-analyzer: warning: {configuration.source}: {unknown(name, known)}", file=sys.stderr)
    return selection


def fits(name: str, known: Iterable[str]) -> bool:
    """Whether any rule has that name, or fits that pattern."""
    from iscsi_analyzer.rules.selection import matches

    return any(matches(rule, (name,)) for rule in known)


def unknown(name: str, known: Iterable[str]) -> str:
    """What to say of a name that no rule has."""
    from iscsi_analyzer.rules.catalogue import near

    meant = near(name, known)
    hint = f"; is {' or '.join(meant)} meant?" if meant else ""
    return f"no rule is called {name!r}{hint}\n(iscsi-analyzer rules lists them all)"


def _names(options: Iterable[str]) -> tuple[str, ...]:
    """The names of options with commas between them."""
    return tuple(name.strip() for option in options for name in option.split(",") if name.strip())
