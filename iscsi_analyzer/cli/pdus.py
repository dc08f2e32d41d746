"""Every PDU of the captures, in the order in which they were completed."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Protocol

from iscsi_analyzer.cli.exits import Stop
from iscsi_analyzer.cli.inputs import add_input_arguments, add_output_arguments, batches, conclude, opened
from iscsi_analyzer.cli.layouts import columns_of, layout_of
from iscsi_analyzer.cli.output import Output, can_print, colour, encoding
from iscsi_analyzer.cli.part import add_part_arguments, check_sessions, filter_of, focus_of

if TYPE_CHECKING:
    from iscsi_analyzer.analysis.focus import Focus
    from iscsi_analyzer.export.columns import Column
    from iscsi_analyzer.export.pdu_view import Views
    from iscsi_analyzer.store.store import Store

FORMATS = ("text", "json", "jsonl", "csv", "fields")
TIMES = ("r", "a", "ad", "d", "dd", "e", "u", "ud")
ARROWS = ("→", "←")
PLAIN_ARROWS = (">", "<")


class Writer(Protocol):
    """Makes the output, piece by piece."""

    def more(self) -> bytes:
        """What is new since the last call."""

    def end(self) -> bytes:
        """What stands at the end."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `pdus`."""
    add_input_arguments(parser)
    add_output_arguments(parser, FORMATS)
    add_part_arguments(parser)
    group = parser.add_argument_group("PDUs")
    group.add_argument(
        "-e", dest="fields", metavar="FIELD", action="append", default=[], help="a field of -T fields|csv"
    )
    group.add_argument("-E", dest="layout", metavar="OPTION=VALUE", action="append", default=[], help="as in tshark")
    group.add_argument(
        "-t", dest="time", choices=TIMES, default="r",
        help="times of -T text: r since the first frame, d since the PDU before, e since 1970, a time of day, "
        "ad with date, u time of day in UTC, ud with date",
    )  # fmt: skip
    group.add_argument("-V", dest="tree", action="store_true", help="with -T text, the fields of each PDU")
    group.add_argument("-x", dest="dump", action="store_true", help="with -T text, the bytes of each PDU")
    group.add_argument("--show-secrets", action="store_true", help="show challenges and responses of the login")
    group.add_argument("--follow", action="store_true", help="wait for more when the file ends, until interrupted")


def run(arguments: argparse.Namespace) -> int:
    """Prints the PDUs while the capture is read."""
    columns = _columns(arguments)
    wanted = filter_of(arguments)
    output = Output()
    from_capture = arguments.tree or arguments.dump or any(column.from_capture for column in columns)
    with opened(arguments, follow=arguments.follow, random_access=from_capture) as analysis:
        focus = focus_of(arguments, analysis.store, wanted)
        if focus is None and any(column.looks_ahead for column in columns):
            from iscsi_analyzer.analysis.focus import Focus

            focus = Focus(analysis.store)  # of everything, but in portions
        writer = _writer(arguments, analysis.store, columns, focus)
        # What a filter asks of tasks is known when they are over: it is asked at the end, unless there is none.
        ahead = wanted is not None or arguments.sessions or any(column.looks_ahead for column in columns)
        at_end = ahead and not arguments.follow
        for _ in batches(analysis, arguments.quiet, follow=arguments.follow):
            if not at_end:
                output.write(writer.more())
                output.flush()
        output.code = conclude(analysis, arguments.quiet)
        check_sessions(arguments, analysis.store)
        while text := writer.more() if focus is not None else b"":
            output.write(text)
        output.write(writer.end())
        output.flush()
        return output.code


def _columns(arguments: argparse.Namespace) -> list[Column]:
    """The fields that were asked for, if the format has columns. Raises Stop where options do not go together."""
    if arguments.format not in ("fields", "csv"):
        if arguments.fields:
            raise Stop(f"-e chooses the fields of -T fields and -T csv, not of -T {arguments.format}")
        if arguments.layout:
            raise Stop(f"-E is for -T fields, not for -T {arguments.format}")
    if arguments.format != "text" and (arguments.tree or arguments.dump):
        raise Stop(f"-V and -x are for -T text; -T {arguments.format} says everything on its own")
    if arguments.format == "fields" and not arguments.fields:
        raise Stop("-T fields needs -e FIELD, once for each field\n(iscsi-analyzer fields lists them)")
    if arguments.format == "csv" and not arguments.fields:
        from iscsi_analyzer.export.tabular import CSV_COLUMNS

        return columns_of(CSV_COLUMNS)
    return columns_of(arguments.fields)


def _writer(arguments: argparse.Namespace, store: Store, columns: list[Column], focus: Focus | None) -> Writer:
    """What makes the output in the format that was asked for, of the PDUs that were asked for."""
    chosen = None
    if focus is not None:
        from iscsi_analyzer.export.chosen import Chosen

        chosen = Chosen(focus)
    secrets = arguments.show_secrets
    if arguments.format in ("json", "jsonl"):
        from iscsi_analyzer.export.json_lines import JsonArray, JsonLines

        kind = JsonArray if arguments.format == "json" else JsonLines
        lines = kind(store, secrets=secrets)
        if chosen is not None:
            lines.choose(chosen)
        return lines
    from iscsi_analyzer.export.pdu_view import Views

    views = Views(store, secrets=secrets, bytes_too=arguments.tree or any(column.from_capture for column in columns))
    views.chosen = chosen
    if arguments.format == "text":
        return _text(arguments, views)
    from iscsi_analyzer.export.tabular import CsvLines, FieldLines, Rows

    if arguments.format == "fields":
        return Rows(views, FieldLines(columns, layout_of(arguments.layout)))
    from iscsi_analyzer.export.quick_csv import QuickCsv, quickly

    return QuickCsv(views, columns) if quickly(columns) else Rows(views, CsvLines(columns))


def _text(arguments: argparse.Namespace, views: Views) -> Writer:
    from iscsi_analyzer.export.clocks import clock
    from iscsi_analyzer.export.pdu_text import TextLines
    from iscsi_analyzer.export.tables import Style

    return TextLines(
        views,
        clock(arguments.time, views.store),
        tree=arguments.tree,
        dump=arguments.dump,
        arrows=ARROWS if can_print("".join(ARROWS)) else PLAIN_ARROWS,
        style=Style(colour(arguments.color)),
        encoding=encoding(),
    )
