"""`export --format text-ladder`: the conversation as ladders of text, one for each session, task or finding."""

from __future__ import annotations

from collections.abc import Iterator

from iscsi_analyzer.analysis.facts import Facts
from iscsi_analyzer.export.formats import Part
from iscsi_analyzer.export.ladder import Ladder, ladder_of_pdus, ladder_of_sessions, ladder_of_task
from iscsi_analyzer.export.ladder_text import ladder_text
from iscsi_analyzer.export.part import findings_of, tasks_of
from iscsi_analyzer.run import Analysis


def pieces(analysis: Analysis, part: Part) -> Iterator[bytes]:
    """The ladders, line by line, an empty line between two of them. See `formats.Maker`."""
    ladders = list(_ladders(analysis, part))
    for place, ladder in enumerate(ladders):
        if place:
            yield b"\n"
        for line in ladder_text(ladder, part.width):
            yield f"{line}\n".encode("utf-8", "backslashreplace")


def _ladders(analysis: Analysis, part: Part) -> Iterator[Ladder]:
    facts = Facts(analysis.store, part.focus)
    if part.tasks:
        for number in tasks_of(facts, Part(tasks=part.tasks)):
            yield ladder_of_task(facts, number)
    for record in findings_of(analysis.store, part):
        title = f"finding {record.number}, {record.rule}: {record.message}"
        yield ladder_of_pdus(facts, [*record.related, *record.pdus], title)
    if not part.numbered:
        among = None if part.focus is None else part.focus.pdus()
        chosen = None if part.focus is None else part.focus.sessions()
        for session in facts.sessions:
            if chosen is None or session.number in chosen:
                yield ladder_of_sessions(facts, [int(session.number)], among=among)
