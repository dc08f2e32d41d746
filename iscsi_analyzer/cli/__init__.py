"""The command line: arguments in, data on stdout, narration on stderr, exit codes.

Loads only what the command at hand needs: `--help` must be quick.
"""

from __future__ import annotations

from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command (by default that of the process's own arguments) and returns its exit code."""
    from iscsi_analyzer.cli.entry import run

    return run(arguments)
