"""The questions that captures are opened for, with what this one says to them and the evidence."""

from __future__ import annotations

from iscsi_analyzer.analysis.answers.line import Line
from iscsi_analyzer.analysis.diagnosis import Section as Answer
from iscsi_analyzer.analysis.text import kept_together
from iscsi_analyzer.export.html.markup import Markup, tag
from iscsi_analyzer.export.html.overview import sign
from iscsi_analyzer.export.html.subject import Section, Subject
from iscsi_analyzer.export.html.table import more
from iscsi_analyzer.export.tables import clip

MOST_LINES = 40
"Lines of one answer."
LONGEST = 1000
"Letters of one line."


def questions(subject: Subject) -> Section | None:
    """The section; None if there is nothing to say to any question."""
    answers = subject.report.answers
    if not answers:
        return None
    return Section("answers", "Questions and answers", tag("div", [_answer(subject, each) for each in answers]))


def _answer(subject: Subject, answer: Answer) -> Markup:
    groups: list[tuple[Line, list[Line]]] = []
    for line in answer.lines[:MOST_LINES]:
        if line.detail and groups:
            groups[-1][1].append(line)
        else:
            groups.append((line, []))
    number = f"{answer.question}. " if answer.question else ""
    return tag(
        "section",
        tag("h3", f"{number}{answer.title}", id=f"q{answer.question}"),
        tag("ul", [_said(subject, line, details) for line, details in groups], class_="answer"),
        more(len(answer.lines) - MOST_LINES, "lines", "report --all FILE"),
    )


def _said(subject: Subject, line: Line, details: list[Line]) -> Markup:
    """A statement with what belongs to it."""
    inner = tag("ul", [tag("li", _words(subject, each)) for each in details]) if details else None
    return tag("li", sign(line.severity), tag("div", _words(subject, line), inner))


def _words(subject: Subject, line: Line) -> Markup:
    return tag("span", kept_together(clip(line.text, LONGEST)), " ", subject.proof(line.pdus, line.frames, line.tasks))
