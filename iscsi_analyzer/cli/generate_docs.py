"""Writes the page about the commands and their options: `commands.md` beside this file. Run by `make docs`."""

from __future__ import annotations

import argparse
from importlib import import_module
from pathlib import Path

from iscsi_analyzer.cli.commands import COMMANDS, Command
from iscsi_analyzer.cli.entry import Parser

HERE = Path(__file__).parent

_HEAD = """# Commands

Generated from the command line itself by `make docs`.

Data goes to standard output, everything else to standard error. Exit codes: 0 fine; 1 wrong usage or no permission; 2
the input cannot be read, or not all of it (what could be read is printed); 3 `check` found what it has to fail on; 130
interrupted.
"""


def page() -> str:
    """The content of commands.md."""
    return _HEAD + "".join(map(_section, COMMANDS))


def _section(command: Command) -> str:
    module = import_module(f"iscsi_analyzer.cli.{command.module}")
    parser = Parser(command, module.__doc__ or "")
    module.add_arguments(parser)
    rows = [_row(action) for action in parser._actions if action.help != argparse.SUPPRESS and action.dest != "help"]
    usage = f"iscsi-analyzer {command.name} {command.operands}".rstrip()
    lines = ["", f"## {command.name}", "", f"    {usage}", "", parser.description or "", ""]
    if rows:
        lines += ["| option | |", "|---|---|", *rows, ""]
    return "\n".join(lines)


def _row(action: argparse.Action) -> str:
    name = ", ".join(action.option_strings) or str(action.metavar)
    if action.option_strings and action.nargs != 0:
        name += f" {action.metavar or '|'.join(action.choices or [])}"
    cells = [f"`{name}`", action.help or ""]
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def main() -> None:
    """Writes the page."""
    HERE.joinpath("commands.md").write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
