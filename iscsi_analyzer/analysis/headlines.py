"""What the answers say in a few lines: the worst of them, for the top of a report."""

from __future__ import annotations

from typing import Final

import msgspec

from iscsi_analyzer.analysis.answers.dropped import LAST_PDUS, NO_REASON
from iscsi_analyzer.analysis.answers.line import BAD, LOOK, Line
from iscsi_analyzer.analysis.diagnosis import Section

MOST: Final = 6
MOST_OF_ONE: Final = 2
"Headlines of one question."
_DROPPED: Final = 1
_RECOVERY: Final = 11


class Headline(msgspec.Struct, kw_only=True):
    """The beginning of an answer that somebody should know first."""

    question: int
    "Number of the question that it answers; more stands there."
    severity: str
    "look or bad."
    text: str
    "The statement."


def headlines(sections: list[Section]) -> list[Headline]:
    """The lines that hurt, then those that are worth a look, in order of their questions; at most MOST."""
    told = any(section.question == _DROPPED for section in sections)
    found: list[Headline] = []
    for severity in (BAD, LOOK):
        for section in sections:
            if section.question == _RECOVERY and told and severity == LOOK:
                continue  # who came back is part of the story of the drop
            lines = [line for line in section.lines if line.severity == severity and not line.detail]
            if section.question == _DROPPED:  # without the line that counts those that are not told
                lines = [line for line in lines if line.session]
            before = sum(headline.question == section.question for headline in found)
            for line in lines[: max(0, MOST_OF_ONE - before)]:
                text = line.text + (_why(section, line) if section.question == _DROPPED else "")
                found.append(Headline(question=section.question, severity=severity, text=text))
    return found[:MOST]


def _why(section: Section, line: Line) -> str:
    """The reason that weighs most, for the end of a session: the first detail, if it is one."""
    place = section.lines.index(line) + 1
    if place == len(section.lines) or not section.lines[place].detail:
        return ""
    words = section.lines[place].text
    return "" if words.startswith((NO_REASON, LAST_PDUS)) else f": {words}"
