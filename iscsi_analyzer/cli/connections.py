"""The TCP connections of the captures that carry iSCSI: who, login, digests in force, course and end."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import TYPE_CHECKING

from iscsi_analyzer.cli.exits import Stop
from iscsi_analyzer.cli.inputs import add_input_arguments, add_output_arguments, batches, conclude, opened
from iscsi_analyzer.cli.layouts import layout_of
from iscsi_analyzer.cli.output import Output, colour

if TYPE_CHECKING:
    from iscsi_analyzer.export.connection_record import ConnectionRecord
    from iscsi_analyzer.run import Analysis

FORMATS = ("text", "json", "jsonl", "csv", "fields")
IN_FULL = 20
"With more connections, the text is a table."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `connections`."""
    add_input_arguments(parser)
    add_output_arguments(parser, FORMATS)
    group = parser.add_argument_group("connections")
    group.add_argument("--all", action="store_true", help="also those that carry something else")
    group.add_argument("-V", dest="blocks", action="store_true", help="with -T text, a block for each, however many")
    group.add_argument(
        "-e", dest="fields", metavar="FIELD", action="append", default=[], help="a field of -T fields|csv"
    )
    group.add_argument("-E", dest="layout", metavar="OPTION=VALUE", action="append", default=[], help="as in tshark")


def run(arguments: argparse.Namespace) -> int:
    """Reads everything, then prints the connections."""
    from iscsi_analyzer.export.connection_columns import names_known

    names = [part for text in arguments.fields for part in text.split(",")]
    for name in names:
        if name not in names_known():
            raise Stop(f"-e {name}: connections have no such field; they have {', '.join(names_known())}")
    if arguments.format == "fields" and not names:
        raise Stop("-T fields needs -e FIELD, once for each field")
    if names and arguments.format not in ("fields", "csv"):
        raise Stop(f"-e chooses the fields of -T fields and -T csv, not of -T {arguments.format}")
    output = Output()
    with opened(arguments) as analysis:
        for _ in batches(analysis, arguments.quiet):
            pass
        output.code = conclude(analysis, arguments.quiet)
        for piece in _pieces(arguments, analysis, names):
            output.write(piece)
        output.flush()
        return output.code


def _records(arguments: argparse.Namespace, analysis: Analysis) -> Iterator[ConnectionRecord]:
    """The connections that were asked for, in order of their beginning within each kind."""
    from iscsi_analyzer.export.connections import connection_records, other_connection

    yield from connection_records(analysis.store)
    if arguments.all:
        yield from map(other_connection, analysis.engine.others)


def _pieces(arguments: argparse.Namespace, analysis: Analysis, names: list[str]) -> Iterator[bytes]:
    records = _records(arguments, analysis)
    if arguments.format in ("json", "jsonl"):
        import msgspec

        encode = msgspec.json.Encoder().encode
        if arguments.format == "jsonl":
            for record in records:
                yield encode(record) + b"\n"
        else:
            lines = b",\n".join(map(encode, records))
            yield b"[" + lines + (b"\n]\n" if lines else b"]\n")
    elif arguments.format == "text":
        for line in _text(arguments, list(records)):
            yield (line + "\n").encode()
    else:
        from iscsi_analyzer.export.connection_columns import table

        layout = layout_of(arguments.layout) if arguments.format == "fields" else None
        for text in table(records, names, layout):
            yield text.encode()


def _text(arguments: argparse.Namespace, records: list[ConnectionRecord]) -> Iterator[str]:
    from iscsi_analyzer.export.connections_text import connection_block, connection_table, other_table
    from iscsi_analyzer.export.tables import Style

    style = Style(colour(arguments.color))
    found = [record for record in records if record.number is not None]
    others = [record for record in records if record.number is None]
    if not found:
        yield "no iSCSI connections" + ("" if arguments.all else " (--all shows others)")
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
