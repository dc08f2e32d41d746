"""What the rules found in the captures: who broke which requirement, where, with the PDUs that show it."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import TYPE_CHECKING

from iscsi_analyzer.cli.listing import add_listing_arguments, run_listing
from iscsi_analyzer.cli.output import colour

if TYPE_CHECKING:
    from iscsi_analyzer.analysis.focus import Focus
    from iscsi_analyzer.export.findings import FindingRecord
    from iscsi_analyzer.run import Analysis
    from iscsi_analyzer.store.store import Store


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `findings`."""
    group = add_listing_arguments(parser, "findings")
    group.add_argument(
        "--by", choices=("rule", "connection"), default="rule", help="what the text is grouped by (default: rule)"
    )
    group.add_argument("--all", action="store_true", help="leave no list of the text unfinished")


def run(arguments: argparse.Namespace) -> int:
    """Reads everything, then prints the findings."""
    from iscsi_analyzer.export.findings import FindingRecord, finding_records

    stores: list[Store] = []

    def records(analysis: Analysis, focus: Focus | None) -> Iterator[FindingRecord]:
        stores.append(analysis.store)
        yield from finding_records(analysis.store, focus)

    return run_listing(
        arguments, FindingRecord, records, lambda found: _text(arguments, list(found), stores[0]), judge=True
    )


def _text(arguments: argparse.Namespace, found: list[FindingRecord], store: Store) -> Iterator[str]:
    from iscsi_analyzer.export.findings_text import by_connection, by_rule, summary
    from iscsi_analyzer.export.tables import Style

    style = Style(colour(arguments.color))
    if arguments.by == "rule":
        yield from by_rule(found, style, everything=arguments.all)
    else:
        yield from by_connection(found, style, lambda number: ends(store, number))
    if found:
        yield ""
    yield summary(found, store.verdicts.dropped)


def ends(store: Store, number: int) -> str:
    """The two ends of a connection: `192.0.2.1:40000 -> 192.0.2.2:3260`."""
    from dissectors.net.address import address_text

    connection = store.connections[number - 1]
    sender = connection.to_target or connection.first
    texts = []
    for end in (sender.source, sender.destination):
        address = address_text(end[:-2])
        port = int.from_bytes(end[-2:], "big")
        texts.append(f"[{address}]:{port}" if ":" in address else f"{address}:{port}")
    return " -> ".join(texts)
