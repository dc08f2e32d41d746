"""The catalogue of rules: name, severity, who can break it, the standard's section, and what it is in a line."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import TYPE_CHECKING

from iscsi_analyzer.cli.inputs import add_output_arguments
from iscsi_analyzer.cli.output import Output
from iscsi_analyzer.cli.rule_options import add_plugin_argument, plugins_of

if TYPE_CHECKING:
    from iscsi_analyzer.export.rule_record import RuleRecord

FORMATS = ("text", "json", "jsonl", "csv")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `rules`."""
    parser.add_argument("words", nargs="*", metavar="WORD", help="only rules with these words in what is said of them")
    add_plugin_argument(parser)
    add_output_arguments(parser, FORMATS)


def run(arguments: argparse.Namespace) -> int:
    """Prints a line for each rule."""
    from iscsi_analyzer.export.rule_record import rule_records

    records = list(rule_records(plugins_of(arguments)))
    words = [word.lower() for word in arguments.words]
    found = [record for record in records if all(word in " ".join(_cells(record)).lower() for word in words)]
    output = Output()
    for piece in _pieces(arguments.format, found):
        output.write(piece.encode("utf-8", "backslashreplace"))
    output.flush()
    return 0 if found else 1


def _cells(record: RuleRecord) -> tuple[str, ...]:
    return record.name, record.severity, record.party, record.reference, record.summary


def _pieces(format: str, records: list[RuleRecord]) -> Iterator[str]:
    if format == "text":
        from iscsi_analyzer.export.tables import columns

        for line in columns([_cells(record) for record in records], "lllll", indent=0):
            yield f"{line}\n"
    elif format == "csv":
        from iscsi_analyzer.export.record_columns import names_known, table
        from iscsi_analyzer.export.rule_record import RuleRecord

        yield from table(records, names_known(RuleRecord), None)
    else:
        import msgspec

        lines = [msgspec.json.encode(record).decode() for record in records]
        if format == "jsonl":
            yield "".join(f"{line}\n" for line in lines)
        else:
            yield "[" + ",\n".join(lines) + ("\n]\n" if lines else "]\n")
