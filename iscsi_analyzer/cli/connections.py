"""The TCP connections of the captures that carry iSCSI: who, login, digests in force, course and end."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import TYPE_CHECKING

from iscsi_analyzer.cli.listing import add_listing_arguments, run_listing
from iscsi_analyzer.cli.output import colour
from iscsi_analyzer.cli.part import words

if TYPE_CHECKING:
    from iscsi_analyzer.analysis.focus import Focus
    from iscsi_analyzer.export.connection_record import ConnectionRecord
    from iscsi_analyzer.run import Analysis

IN_FULL = 20
"With more connections, the text is a table."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `connections`."""
    group = add_listing_arguments(parser, "connections")
    group.add_argument("--all", action="store_true", help="also those that carry something else")
    group.add_argument("-V", dest="blocks", action="store_true", help="with -T text, a block for each, however many")


def run(arguments: argparse.Namespace) -> int:
    """Reads everything, then prints the connections."""
    from iscsi_analyzer.export.connection_record import ConnectionRecord

    def records(analysis: Analysis, focus: Focus | None) -> Iterator[ConnectionRecord]:
        """Those that were asked for, in order of their beginning within each kind."""
        from iscsi_analyzer.export.connections import connection_records, other_connection

        yield from connection_records(analysis.store, focus)
        if arguments.all:
            yield from map(other_connection, analysis.engine.others)

    return run_listing(arguments, ConnectionRecord, records, lambda found: _text(arguments, list(found)))


def _text(arguments: argparse.Namespace, records: list[ConnectionRecord]) -> Iterator[str]:
    from iscsi_analyzer.export.connections_text import connection_block, connection_table, other_table
    from iscsi_analyzer.export.tables import Style

    style = Style(colour(arguments.color))
    found = [record for record in records if record.number is not None]
    others = [record for record in records if record.number is None]
    if not found:
        asked = words(arguments)
        none = f"no iSCSI connections in what was asked for ({', '.join(asked)})" if asked else "no iSCSI connections"
        yield none + ("" if arguments.all or asked else " (--all shows others)")
    elif len(found) > IN_FULL and not arguments.blocks:
        yield from connection_table(found, style)
    else:
        for place, record in enumerate(found):
            if place:
                yield ""
            yield from connection_block(record, style)
    if others:
        yield ""
        yield from other_table(others, style)
