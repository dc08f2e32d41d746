"""From the words of the command line to a command and back to an exit code. Knows no command's details."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import import_module

from iscsi_analyzer.cli import exits
from iscsi_analyzer.cli.commands import BY_NAME, COMMANDS, DEFAULT, Command
from iscsi_analyzer.cli.mistakes import of_command, of_words
from iscsi_analyzer.cli.output import OutputLost, StdoutClosed

PROGRAM = "iscsi-analyzer"


def run(arguments: Sequence[str] | None = None) -> int:
    """Runs the command that `arguments` (or those of the process) name; never lets an expected failure out as a
    traceback."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        return _run(words)
    except exits.Stop as stop:
        for line in stop.message.splitlines():
            print(f"{PROGRAM}: {line}", file=sys.stderr)
        if isinstance(stop, OutputLost):
            _forget_stdout()
        return stop.code
    except StdoutClosed as closed:
        _forget_stdout()
        return closed.code
    except BrokenPipeError:
        _forget_stdout()
        return exits.FINE
    except KeyboardInterrupt:
        return exits.INTERRUPTED


def _run(words: list[str]) -> int:
    if not words or words[0] in ("--help", "-h", "help"):
        if len(words) == 2 and words[0] == "help" and words[1] in BY_NAME:
            words = [words[1], "--help"]
        else:
            print(overview(), end="")
            return exits.FINE if words else exits.USAGE
    if words[0] in ("--version", "-v"):
        from iscsi_analyzer import build_info

        print(f"{PROGRAM} {build_info.__version__}, {build_info.describe()}")
        return exits.FINE
    command, rest = _command(words)
    module = import_module(f"iscsi_analyzer.cli.{command.module}")
    parser = Parser(command, module.__doc__ or "")
    module.add_arguments(parser)
    found, surplus = parser.parse_known_args(rest)
    if surplus:
        raise exits.Stop(of_words(command.name, surplus))
    code: int = module.run(found)
    return code


def _command(words: list[str]) -> tuple[Command, list[str]]:
    """The command: the first word, or the first behind options without values; otherwise the report."""
    for place, word in enumerate(words):
        if word in BY_NAME and not (place and os.path.exists(word)):
            return BY_NAME[word], words[:place] + words[place + 1 :]
        if word not in ("-q", "--quiet", "-n"):
            break
    of_command(words[0])
    return DEFAULT, words


class Parser(argparse.ArgumentParser):
    """Options of one command. Mistakes end the program with the usage exit code and point to the help."""

    def __init__(self, command: Command, description: str) -> None:
        usage = f"{PROGRAM} {command.name} {command.operands}".rstrip()
        super().__init__(
            prog=f"{PROGRAM} {command.name}",
            usage=f"{usage} [options]" if command.operands.startswith("FILE") else usage,
            description=description.partition("\n\n")[0],
            allow_abbrev=False,
            formatter_class=lambda prog: argparse.HelpFormatter(prog, max_help_position=28, width=100),
        )

    def error(self, message: str) -> None:  # type: ignore[override]
        command = self.prog.partition(" ")[2]
        raise exits.Stop(f"{message}\n({self.prog} --help lists the options of {command})")


def overview() -> str:
    """What `--help` prints: the commands and the options that they share."""
    lines = [
        f"usage: {PROGRAM} FILE...                      the report",
        f"       {PROGRAM} COMMAND FILE... [options]",
        "",
        "Reads captures of iSCSI traffic (pcap, pcapng, compressed or not, - for the standard",
        "input) and tells what happened in them.",
        "",
        "commands:",
        *(f"  {command.name:<13}{command.help}" for command in COMMANDS),
        "",
        "options that most commands take:",
        "  -r FILE        a capture, as in tshark; the same as FILE",
        "  -T FORMAT      the form of the output",
        "  -c COUNT       read that many frames only",
        "  -Y FILTER      what passes that display filter only",
        "  --since T      what was not over at that time only; --until T ends the reading",
        "  --session N    that session only",
        "  --port N       iSCSI is expected on that TCP port, too",
        "  -q             no progress and no remarks",
        "  --help         all options of the command",
        "",
        "  --version      version, and whether the hot path is compiled",
        "",
        "exit codes: 0 fine; 1 wrong usage or no permission; 2 the input cannot be read, or not",
        "all of it (what could be read is printed); 3 check found something; 130 interrupted",
    ]
    return "\n".join(lines) + "\n"


def _forget_stdout() -> None:
    """Nobody reads what we write, or it cannot be written: make the interpreter's last flush harmless."""
    try:
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, 1)
        os.close(null)
    except OSError:
        pass
