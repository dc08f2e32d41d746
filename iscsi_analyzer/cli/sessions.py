"""The sessions of the captures: who with whom, over which connections, how they ended and what came after."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import TYPE_CHECKING

from iscsi_analyzer.cli.listing import add_listing_arguments, run_listing

if TYPE_CHECKING:
    from iscsi_analyzer.analysis.focus import Focus
    from iscsi_analyzer.export.session_record import SessionRecord
    from iscsi_analyzer.run import Analysis


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `sessions`."""
    add_listing_arguments(parser, "sessions")


def run(arguments: argparse.Namespace) -> int:
    """Reads everything, then prints the sessions."""
    from iscsi_analyzer.export.session_record import SessionRecord

    def records(analysis: Analysis, focus: Focus | None) -> Iterator[SessionRecord]:
        from iscsi_analyzer.export.record_tables import sessions

        return sessions(analysis.store, focus)

    return run_listing(arguments, SessionRecord, records, lambda found: _text(list(found)))


def _text(found: list[SessionRecord]) -> Iterator[str]:
    from iscsi_analyzer.export.tables import listed, number, plural, visible
    from iscsi_analyzer.export.time_text import span

    if not found:
        yield "no sessions"
    for place, session in enumerate(found):
        if place:
            yield ""
        who = f"{visible(session.initiator_name or '?')} -> "
        target = "discovery" if session.session_type == "Discovery" else visible(session.target_name or "?")
        yield f"session {session.number}: {who}{target}"
        facts = [session.session_type if not session.assumed else "assumed: its login is not in the capture"]
        facts += [f"ISID {session.isid}"] if session.isid else []
        facts += [f"TSIH {session.tsih}"] if session.tsih else []
        facts += [f"portal group {session.portal_group_tag}"] if session.portal_group_tag is not None else []
        yield f"  {', '.join(facts)}"
        where = listed(map(str, session.connections))
        yield f"  {plural(len(session.connections), 'connection')} ({where}) to {listed(session.portals)}"
        yield f"  {number(session.pdus)} PDUs, {plural(session.scsi_tasks, 'SCSI task')} in {span(session.duration_ns)}"
        by = f" by the {session.ended_by}" if session.ended_by else ""
        yield f"  ended: {session.ended}{by}"
        if session.follows:
            away = f", {span(session.away_ns)} later" if session.away_ns is not None else ""
            yield f"  took the place of session {session.follows}{away}"
        if session.followed_by:
            yield f"  session {session.followed_by} took its place"
