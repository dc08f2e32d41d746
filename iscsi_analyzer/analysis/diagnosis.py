"""What a capture says to the questions that it is opened for. Sections without anything to say are left out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import msgspec

from iscsi_analyzer.analysis.answers.capture import capture
from iscsi_analyzer.analysis.answers.discovery import discovery
from iscsi_analyzer.analysis.answers.dropped import dropped
from iscsi_analyzer.analysis.answers.line import Line, worst
from iscsi_analyzer.analysis.answers.login import login
from iscsi_analyzer.analysis.answers.negotiated import negotiated
from iscsi_analyzer.analysis.answers.network import network
from iscsi_analyzer.analysis.answers.recovery import recovery
from iscsi_analyzer.analysis.answers.rejected import rejected
from iscsi_analyzer.analysis.answers.slow import slow
from iscsi_analyzer.analysis.answers.statuses import statuses
from iscsi_analyzer.analysis.answers.unanswered import unanswered
from iscsi_analyzer.analysis.answers.window import window
from iscsi_analyzer.analysis.study import Study
from iscsi_analyzer.export.tables import visible

QUESTIONS: Final[tuple[tuple[int, str, Callable[[Study], list[Line]]], ...]] = (
    (0, "What the capture does not show", capture),
    (1, "Who dropped the session, and why?", dropped),
    (2, "Why does login fail?", login),
    (3, "Which commands are slow, and where is the time?", slow),
    (4, "What was negotiated, and does it hurt?", negotiated),
    (5, "Which commands were never answered or were aborted?", unanswered),
    (6, "Is the network to blame?", network),
    (7, "Discovery and paths", discovery),
    (8, "Was the command window closed?", window),
    (9, "Which statuses were not GOOD?", statuses),
    (10, "What was wrong with the PDU that was rejected?", rejected),
    (11, "Reinstatement and recovery", recovery),
)
"""Number, title, and who answers. The numbers are stable: scripts and keys of the user interface may use them; 0 is no
question but what the answers lack."""


class Section(msgspec.Struct, kw_only=True):
    """The answer to one question."""

    question: int
    "Number of the question; 0 for what the capture does not show."
    title: str
    "The question."
    severity: str
    "The highest of its lines: ok, info, look or bad."
    lines: list[Line]
    "The answer."


def diagnose(study: Study) -> list[Section]:
    """All sections that have something to say, in order of their numbers."""
    return [section for number, *_ in QUESTIONS if (section := answer(study, number)) is not None]


def answer(study: Study, question: int) -> Section | None:
    """The answer to one question; None if there is nothing to say. ValueError for a number that is no question."""
    for number, title, ask in QUESTIONS:
        if number == question:
            lines = ask(study)
            for line in lines:  # 0 stands for a PDU or task that is not in the capture: it proves nothing
                line.pdus = [pdu for pdu in line.pdus if pdu]
                line.tasks = [task for task in line.tasks if task]
                line.text = visible(line.text).strip()
            return Section(question=number, title=title, severity=worst(lines), lines=lines) if lines else None
    raise ValueError(f"there is no question {question}")
