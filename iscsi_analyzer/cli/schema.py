"""The JSON Schema of all JSON records."""

from __future__ import annotations

import argparse
from importlib.resources import files

from iscsi_analyzer.cli.output import Output


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`schema` has no options."""
    parser.add_argument("-q", "--quiet", action="store_true", help=argparse.SUPPRESS)


def run(arguments: argparse.Namespace) -> int:
    """Prints the published schema."""
    output = Output()
    output.write(files("iscsi_analyzer.export").joinpath("schema.json").read_bytes())
    output.flush()
    return 0
