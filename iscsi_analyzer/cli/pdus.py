"""Every PDU of the captures, in the order in which they were completed."""

from __future__ import annotations

import argparse

from iscsi_analyzer.cli.inputs import add_input_arguments, add_output_arguments, batches, conclude, opened
from iscsi_analyzer.cli.output import Output

FORMATS = ("jsonl",)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `pdus`."""
    add_input_arguments(parser)
    add_output_arguments(parser, FORMATS)
    group = parser.add_argument_group("PDUs")
    group.add_argument("--show-secrets", action="store_true", help="show challenges and responses of the login")
    group.add_argument("--follow", action="store_true", help="wait for more when the file ends, until interrupted")


def run(arguments: argparse.Namespace) -> int:
    """Prints the PDUs while the capture is read."""
    from iscsi_analyzer.export.json_lines import JsonLines

    output = Output()
    with opened(arguments, follow=arguments.follow) as analysis:
        writer = JsonLines(analysis.store, secrets=arguments.show_secrets)
        for _ in batches(analysis, arguments.quiet, follow=arguments.follow):
            output.write(writer.more())
            output.flush()
        return conclude(analysis, arguments.quiet)
