"""What happened in the captures."""

from __future__ import annotations

import argparse

from iscsi_analyzer.cli.inputs import add_input_arguments, add_output_arguments, batches, conclude, opened
from iscsi_analyzer.cli.output import Output


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `report`."""
    add_input_arguments(parser)
    add_output_arguments(parser, ("text",))


def run(arguments: argparse.Namespace) -> int:
    """Reads everything, then prints the report."""
    output = Output()
    with opened(arguments) as analysis:
        for _ in batches(analysis, arguments.quiet):
            pass
        code = conclude(analysis, arguments.quiet)
        store = analysis.store
        output.text(f"{analysis.engine.frames} frames, {len(store.connections)} iSCSI connections, {len(store)} PDUs\n")
        output.flush()
        return code
