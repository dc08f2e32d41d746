"""Our dissection beside Wireshark's: which PDUs both show, and every field in which they differ, with the reason if it
is a known one.

Needs tshark and pyshark (extra `wireshark`). Exit code 3 if there are differences that nothing explains.
"""

from __future__ import annotations

import argparse
import sys

from iscsi_analyzer.cli import exits
from iscsi_analyzer.cli.exits import Stop
from iscsi_analyzer.cli.inputs import add_input_arguments, add_output_arguments, batches, conclude, opened
from iscsi_analyzer.cli.output import Output, colour
from iscsi_analyzer.cli.part import add_part_arguments, check_sessions, filter_of, focus_of
from iscsi_analyzer.cli.progress import Progress, frames_line

FORMATS = ("text", "json")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `crosscheck`."""
    add_input_arguments(parser)
    add_output_arguments(parser, FORMATS)
    add_part_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Reads everything, lets Wireshark read it, too, and tells in what the two differ."""
    from iscsi_analyzer.crosscheck import wireshark
    from iscsi_analyzer.crosscheck.check import crosscheck

    try:
        wireshark.tshark()  # before anything is read
        wanted = filter_of(arguments)
        output = Output()
        with opened(arguments, random_access=True) as analysis:
            for _ in batches(analysis, arguments.quiet):
                pass
            output.code = conclude(analysis, arguments.quiet)
            check_sessions(arguments, analysis.store)
            progress = Progress(arguments.quiet, frames_line)
            found = crosscheck(analysis, focus_of(arguments, analysis.store, wanted), progress.tell)
            progress.clear()
    except (wireshark.Unavailable, wireshark.Failed) as error:
        raise Stop(str(error)) from None
    if found.complaint:
        output.code = exits.DAMAGED
    if found.unexpected:
        output.code = exits.FINDINGS
    if arguments.format == "json":
        import msgspec

        if found.complaint:
            print(f"iscsi-analyzer: tshark ended early: {found.complaint}", file=sys.stderr)
        output.write(msgspec.json.format(msgspec.json.encode(found), indent=1) + b"\n")
    else:
        from iscsi_analyzer.crosscheck.text import text
        from iscsi_analyzer.export.tables import Style

        for line in text(found, Style(colour(arguments.color))):
            output.text(line + "\n")
    output.flush()
    return output.code
