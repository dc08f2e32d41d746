"""What the sections of the page tell of: one capture, or a part of it, with everything that the analyses say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from iscsi_analyzer.analysis.study import Study
from iscsi_analyzer.export.formats import Part
from iscsi_analyzer.export.html.markup import Child, Markup, joined, tag
from iscsi_analyzer.export.report import report
from iscsi_analyzer.export.tables import number
from iscsi_analyzer.export.time_text import decimal
from iscsi_analyzer.run import Analysis

MOST_PROOFS = 6
"PDUs, frames or tasks that are named as evidence for one statement."


class Section(NamedTuple):
    """One section of the page."""

    anchor: str
    "Its id."
    title: str
    body: Markup


class Subject:
    """A finished analysis, and the part of it that the page is about."""

    def __init__(self, analysis: Analysis, part: Part) -> None:
        self.part = part
        self.store = analysis.store
        self.plugins = analysis.options.plugins or ()
        self.study = Study(self.store, part.focus)
        self.facts = self.study.facts
        self.report = report(analysis, part.focus, limits=part.limits, study=self.study)
        self.drawn: set[int] = set()
        "Tasks that have a ladder on the page."
        digits = 6 if self.facts.duration < 1_000_000_000 else 3
        self._digits = digits

    def clock(self, ns: int) -> str:
        """A point in time: seconds since the first frame."""
        return decimal(max(0, ns - self.facts.start), self._digits)

    def proof(self, pdus: Sequence[int] = (), frames: Sequence[int] = (), tasks: Sequence[int] = ()) -> Markup | None:
        """The numbers that prove a statement, those of PDUs with their frames; None without any."""
        there = [pdu for pdu in pdus if 0 < pdu <= self.facts.pdu_count]
        parts: list[Child] = []
        if there:
            shown: list[Child] = [
                tag("span", f"{number(pdu)} (frame {number(self.facts.frame(pdu))})") for pdu in there[:MOST_PROOFS]
            ]
            parts.append(_named("PDU", shown, len(there)))
        if frames:
            parts.append(_named("frame", [number(each) for each in frames[:MOST_PROOFS]], len(frames)))
        if tasks:
            parts.append(_named("task", [self.task(each) for each in tasks[:MOST_PROOFS]], len(tasks)))
        return tag("span", _between(parts, " · "), class_="proof") if parts else None

    def task(self, task: int) -> Child:
        """The number of a task, which leads to its ladder if there is one."""
        return tag("a", number(task), href=f"#task-{task}") if task in self.drawn else number(task)


def _named(what: str, words: Sequence[Child], count: int) -> Markup:
    more = ", …" if count > len(words) else ""  # how many prove it is not known: evidence is a choice of them
    return joined(f"{what}{'s' if count > 1 else ''} ", _between(words, ", "), more)


def _between(children: Sequence[Child], text: str) -> list[Child]:
    """The children with a text between each two."""
    found: list[Child] = []
    for child in children:
        found += [text, child] if found else [child]
    return found
