"""What the commands that list records have in common: their options, the filter, and every format but text."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from iscsi_analyzer.cli.exits import Stop
from iscsi_analyzer.cli.inputs import add_input_arguments, add_output_arguments, batches, conclude, opened
from iscsi_analyzer.cli.layouts import layout_of
from iscsi_analyzer.cli.output import Output
from iscsi_analyzer.cli.part import add_part_arguments, check_sessions, filter_of, focus_of

if TYPE_CHECKING:
    import msgspec

    from iscsi_analyzer.analysis.focus import Focus
    from iscsi_analyzer.run import Analysis

FINDING_FIELDS = "iscsi.finding"
"What the names of filter fields about findings begin with."
FORMATS = ("text", "json", "jsonl", "csv", "fields")


def add_listing_arguments(parser: argparse.ArgumentParser, title: str) -> Any:
    """The options of a command that lists records; returns the group for those of its own."""
    add_input_arguments(parser)
    add_output_arguments(parser, FORMATS)
    add_part_arguments(parser)
    group = parser.add_argument_group(title)
    group.add_argument(
        "-e", dest="fields", metavar="FIELD", action="append", default=[], help="a field of -T fields|csv"
    )
    group.add_argument("-E", dest="layout", metavar="OPTION=VALUE", action="append", default=[], help="as in tshark")
    return group


def run_listing(
    arguments: argparse.Namespace,
    kind: type[msgspec.Struct],
    records: Callable[[Analysis, Focus | None], Iterable[Any]],
    text: Callable[[Iterable[Any]], Iterable[str]],
    *,
    judge: bool = False,
) -> int:
    """Reads everything, then prints the records of one kind in the part that was asked for.

    Nothing is judged unless the records tell findings (`judge`) or the filter asks for them: rules take time."""
    from iscsi_analyzer.export.record_columns import names_known

    names = [part for given in arguments.fields for part in given.split(",")]
    for name in names:
        if name not in names_known(kind):
            raise Stop(f"-e {name}: there is no such field; there are {', '.join(names_known(kind))}")
    if arguments.format == "fields" and not names:
        raise Stop("-T fields needs -e FIELD, once for each field")
    if names and arguments.format not in ("fields", "csv"):
        raise Stop(f"-e chooses the fields of -T fields and -T csv, not of -T {arguments.format}")
    wanted = filter_of(arguments)
    output = Output()
    judge = judge or (wanted is not None and any(name.startswith(FINDING_FIELDS) for name in wanted.fields))
    with opened(arguments, judge=judge) as analysis:
        for _ in batches(analysis, arguments.quiet):
            pass
        output.code = conclude(analysis, arguments.quiet)
        check_sessions(arguments, analysis.store)
        focus = focus_of(arguments, analysis.store, wanted)
        for piece in _pieces(arguments, records(analysis, focus), names or list(names_known(kind)), text):
            output.write(piece)
        output.flush()
        return output.code


def _pieces(
    arguments: argparse.Namespace,
    records: Iterable[msgspec.Struct],
    names: list[str],
    text: Callable[[Iterable[Any]], Iterable[str]],
) -> Iterator[bytes]:
    if arguments.format in ("json", "jsonl"):
        from iscsi_analyzer.export.record_json import json_pieces

        yield from json_pieces(records, array=arguments.format == "json")
    elif arguments.format == "text":
        for line in text(records):
            yield (line + "\n").encode("utf-8", "backslashreplace")
    else:
        from iscsi_analyzer.export.record_columns import table

        layout = layout_of(arguments.layout) if arguments.format == "fields" else None
        for line in table(records, names, layout):
            yield line.encode("utf-8", "backslashreplace")
