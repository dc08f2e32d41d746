"""The terminal user interface over captures, or over an interface, shown while they are read."""

from __future__ import annotations

import argparse
import os
import sys
from importlib import import_module
from typing import Any

from iscsi_analyzer.cli.exits import Stop
from iscsi_analyzer.cli.inputs import add_input_arguments, conclude, opened
from iscsi_analyzer.cli.live_options import add_capture_arguments, live_analysis
from iscsi_analyzer.cli.part import add_filter_argument, filter_of
from iscsi_analyzer.cli.rule_options import configuration_of

TERMINAL = "/dev/tty"
MOST_MEMORY = 2_000_000_000
"Bytes: a live capture whose analysis needs more ends, and says so."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `tui`."""
    add_capture_arguments(parser)
    add_input_arguments(parser)
    group = parser.add_argument_group("user interface")
    add_filter_argument(group)
    group.add_argument("--follow", action="store_true", help="the files grow: show what comes")
    group.add_argument("--theme", metavar="NAME", help="colours; the command palette previews them")
    parser.set_defaults(quiet=False)


def run(arguments: argparse.Namespace) -> int:
    """Shows the captures until the user leaves."""
    files = [*arguments.more, *arguments.files]
    if files and arguments.interfaces:
        raise Stop("either an interface (-i) or captures, not both")
    if not sys.stdout.isatty():
        raise Stop("the terminal interface needs a terminal; `iscsi-analyzer FILE` prints a report")
    filter_of(arguments)  # whether it can be understood
    # Only who asks for the user interface pays for it, and nothing below it may depend on it.
    door: Any = import_module("tui.run")
    try:
        settings = {
            "chosen": door.settings(configuration_of(arguments).tui),
            "theme": arguments.theme or "",
            "filter_text": arguments.filter or "",
        }
        if arguments.interfaces:
            with live_analysis(arguments, max_memory=MOST_MEMORY) as live:
                code: int = door.run(live, title=f"live: {live.source.title}", follow=True, **settings)
                return code or conclude(live, quiet=True)
        if "-" in files:
            _keys_from_terminal()
        with opened(arguments, follow=arguments.follow, random_access=True) as analysis:
            code = door.run(analysis, follow=arguments.follow, **settings)
            return code or conclude(analysis, quiet=True)
    except door.SettingsError as error:
        raise Stop(str(error)) from None


def _keys_from_terminal() -> None:
    """The capture comes in on the standard input: read it from a copy, and keys from the terminal itself."""
    try:
        terminal = os.open(TERMINAL, os.O_RDWR)
    except OSError as error:
        raise Stop(f"there is no terminal to read keys from: {error.strerror}") from None
    sys.stdin = os.fdopen(os.dup(0), "r")
    os.dup2(terminal, 0)
    os.close(terminal)
