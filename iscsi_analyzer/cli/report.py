"""What happened in the captures: connections and their logins, PDUs, statuses, digests, and what is missing."""

from __future__ import annotations

import argparse

from iscsi_analyzer.cli.inputs import add_input_arguments, add_output_arguments, batches, conclude, opened, positive
from iscsi_analyzer.cli.output import Output, colour
from iscsi_analyzer.cli.part import add_part_arguments, check_sessions, filter_of, focus_of, words


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `report`."""
    add_input_arguments(parser)
    add_output_arguments(parser, ("text", "json"))
    add_part_arguments(parser)
    group = parser.add_argument_group("report")
    group.add_argument(
        "--top", metavar="N", type=positive, help="name the N slowest tasks (default: outliers, 3 at most)"
    )
    group.add_argument("--all", action="store_true", help="leave no list of the text unfinished")


def run(arguments: argparse.Namespace) -> int:
    """Reads everything, then prints the report."""
    from iscsi_analyzer.export.report import report

    wanted = filter_of(arguments)
    output = Output()
    with opened(arguments) as analysis:
        for _ in batches(analysis, arguments.quiet):
            pass
        check_sessions(arguments, analysis.store)
        focus = focus_of(arguments, analysis.store, wanted)
        record = report(analysis, focus, limits=words(arguments), slowest=arguments.top)
        if arguments.format == "json":
            import msgspec

            output.write(msgspec.json.format(msgspec.json.encode(record), indent=2) + b"\n")
        else:
            from iscsi_analyzer.export.report_text import report_text

            for line in report_text(record, colour=colour(arguments.color), everything=arguments.all):
                output.text(line + "\n")
        output.code = conclude(analysis, arguments.quiet, told=arguments.format == "text")
        output.flush()
        return output.code
