"""Findings as rows of a list, below each rule or below each session; the worst come first."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from iscsi_analyzer.export.findings import FindingRecord
from iscsi_analyzer.export.findings_text import worst_first
from iscsi_analyzer.export.ladder_text import SIGNS
from iscsi_analyzer.export.tables import plural
from tui.widgets.columns import RIGHT
from tui.widgets.row_list import Row, Title

BY_RULE: Final = "rule"
BY_SESSION: Final = "session"

NameOf = Callable[[int], str]
"What to call a session, by its number; 0 is the whole capture."


@dataclass(frozen=True, slots=True)
class Group:
    """What a row of the list is about."""

    findings: tuple[FindingRecord, ...]
    "All of one rule, all of one session, or one."

    @property
    def rule(self) -> str:
        """The rule of the first and worst."""
        return self.findings[0].rule

    @property
    def pdus(self) -> list[int]:
        """The evidence: the PDUs that show the findings, and those that they must be read with, in order."""
        found: set[int] = set()
        for finding in self.findings:
            found.update(finding.pdus, finding.related, [finding.pdu or 0])
        return sorted(found - {0})

    @property
    def first(self) -> int:
        """The PDU to begin with; 0 if something that did not come shows the finding."""
        pdus = self.pdus
        return next((finding.pdu for finding in self.findings if finding.pdu), pdus[0] if pdus else 0)


def titles(width: int) -> list[Title]:
    """The columns of the list, for a screen of that width."""
    rule = 28 if width < 100 else 38 if width < 160 else 50
    return [
        Title("severity", "", 9),
        Title("rule", "rule", rule),
        Title("count", "times", 6, RIGHT),
        Title("party", "who", 9),
        Title("message", "what was found", 0),
    ]


def rows_by_rule(findings: Sequence[FindingRecord]) -> Iterator[Row]:
    """A row for each rule; below it, where there are several, a row for each finding."""
    rules: dict[tuple[str, str], list[FindingRecord]] = {}
    for finding in worst_first(findings):
        rules.setdefault((finding.severity, finding.rule), []).append(finding)
    for (severity, rule), found in rules.items():
        times = sum(finding.count for finding in found)
        parties = sorted({finding.party for finding in found})
        party = parties[0] if len(parties) == 1 else "several"
        words = found[0].message if len(found) == 1 else f"on {plural(len(found), 'connection')}: {found[0].message}"
        cells = (f"{SIGNS[severity]} {severity}", rule, f"{times:,}", party, words)
        yield Row(cells, severity, Group(tuple(found)))
        if len(found) > 1:
            yield from (_below(finding, f"  {_where(finding)}") for finding in found)


def rows_by_session(findings: Sequence[FindingRecord], name_of: NameOf) -> Iterator[Row]:
    """A row for each session, and below it one for each of its findings."""
    sessions: dict[int, list[FindingRecord]] = {}
    for finding in sorted(findings, key=lambda finding: finding.session or 0):
        sessions.setdefault(finding.session or 0, []).append(finding)
    for session, found in sessions.items():
        group = Group(tuple(worst_first(found)))
        times = sum(finding.count for finding in found)
        label = f"session {session}" if session else "the capture"
        yield Row((label, "", f"{times:,}", "", name_of(session)), "strong", group)
        for finding in group.findings:
            yield _below(finding, f"  {finding.rule}", severity=True)


def _below(finding: FindingRecord, label: str, *, severity: bool = False) -> Row:
    mark = f"{SIGNS[finding.severity]} {finding.severity}" if severity else ""
    styles = (finding.severity, finding.severity if severity else "dim") if severity else ("", "dim", "", "dim", "")
    return Row((mark, label, f"{finding.count:,}", finding.party, finding.message), "", Group((finding,)), styles)


def _where(finding: FindingRecord) -> str:
    return f"session {finding.session}, conn. {finding.connection}" if finding.connection else "the capture"
