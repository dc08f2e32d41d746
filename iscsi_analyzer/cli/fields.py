"""The fields that -Y and -e take: Wireshark's names, our own, and for -e those of the JSON of a PDU."""

from __future__ import annotations

import argparse

from iscsi_analyzer.cli.exits import USAGE
from iscsi_analyzer.cli.output import Output


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `fields`."""
    parser.add_argument("words", nargs="*", metavar="WORD", help="only fields with these words in name or description")
    parser.add_argument("-q", "--quiet", action="store_true", help=argparse.SUPPRESS)


def run(arguments: argparse.Namespace) -> int:
    """Prints name, type and description of every field."""
    from iscsi_analyzer.export.columns import described_fields
    from iscsi_analyzer.export.tables import columns

    words = [word.lower() for word in arguments.words]
    rows = [
        row for row in described_fields() if all(word in row[0].lower() or word in row[2].lower() for word in words)
    ]
    output = Output()
    for line in columns(rows, "lll", indent=0):
        output.text(line + "\n")
    output.flush()
    return 0 if rows else USAGE
