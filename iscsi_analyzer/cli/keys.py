"""The text keys of the captures: what was offered, what was answered, what is in force."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import TYPE_CHECKING

from iscsi_analyzer.cli.listing import add_listing_arguments, run_listing

if TYPE_CHECKING:
    from iscsi_analyzer.analysis.focus import Focus
    from iscsi_analyzer.export.session_record import KeyRecord
    from iscsi_analyzer.run import Analysis

WIDTH = 160
"Columns of the text; remarks are cut where they go beyond."
_ALIGN = "llllllf"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `keys`."""
    add_listing_arguments(parser, "keys")


def run(arguments: argparse.Namespace) -> int:
    """Reads everything, then prints the keys of each connection."""
    from iscsi_analyzer.export.session_record import KeyRecord

    def records(analysis: Analysis, focus: Focus | None) -> Iterator[KeyRecord]:
        from iscsi_analyzer.export.record_tables import keys

        return keys(analysis.store, focus)

    return run_listing(arguments, KeyRecord, records, lambda found: _text(list(found)))


def _text(found: list[KeyRecord]) -> Iterator[str]:
    """A table for each connection. What a side declares stands as it is in force; offers have their answers."""
    from iscsi_analyzer.export.tables import columns, visible

    if not found:
        yield "no keys"
        return
    connection = 0
    rows: list[tuple[str, ...]] = []
    for key in found:
        if key.connection != connection:
            yield from columns(rows, _ALIGN, width=WIDTH)
            yield f"{'' if not connection else chr(10)}connection {key.connection}, session {key.session}"
            connection, rows = key.connection, [("key", "by", "offered", "answered", "in force", "because", "remark")]
        offered = "" if key.source == "declared" else visible(key.offered or "")
        because = key.source + (", irrelevant" if key.irrelevant else "")
        by = (key.offered_by or "")[:1].upper()
        rows.append(
            (key.key, by, offered, visible(key.answered or ""), visible(key.result or ""), because, key.remark or "")
        )
    yield from columns(rows, _ALIGN, width=WIDTH)
