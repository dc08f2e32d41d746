"""The rows of the screen of sessions: one for each session with what is measured of it, and the story of its end.

Looks at whole columns: for workers, within `Document.reading`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from iscsi_analyzer.analysis.ending import Ending
from iscsi_analyzer.analysis.sessions import ConnectionSummary, SessionSummary
from iscsi_analyzer.analysis.study import Study
from iscsi_analyzer.export.tables import plural, visible
from iscsi_analyzer.export.time_text import span
from iscsi_analyzer.rules.rule import ERROR, NOTE, WARNING

LETTERS = ((ERROR, "E"), (WARNING, "W"), (NOTE, "n"))


@dataclass(frozen=True, slots=True)
class SessionRow:
    """One session."""

    summary: SessionSummary
    bytes_per_second: float
    "Read and written, from the first command to the last status; 0 if nothing was."
    p99_ns: int
    "Of the latency of its SCSI tasks; -1 if none was measured."
    findings: dict[str, int]
    "Severity -> how many findings."

    @property
    def number(self) -> int:
        return self.summary.session

    @property
    def pdus(self) -> int:
        return sum(each.pdus_to_target + each.pdus_to_initiator for each in self.summary.connections)

    @property
    def worst(self) -> str:
        """The worst severity of its findings; empty without any."""
        return next((severity for severity, _ in LETTERS if self.findings.get(severity)), "")

    @property
    def findings_text(self) -> str:
        """`2E 1W`"""
        return " ".join(f"{self.findings[name]}{letter}" for name, letter in LETTERS if self.findings.get(name))


def session_rows(study: Study) -> list[SessionRow]:
    """Every session, in the order of its number."""
    load = {each.session: each for each in study.load.sessions}
    p99 = {group.session: group.latency.p99 for group in study.latency.sessions}
    findings: dict[int, Counter[str]] = {}
    for verdict in study.facts.store.verdicts:
        findings.setdefault(int(verdict.finding.session), Counter())[verdict.severity] += 1
    rows = []
    for summary in study.sessions:
        speed = 0.0
        found = load.get(summary.session)
        if found is not None and found.last_ns > found.first_ns:
            speed = (found.read_bytes + found.write_bytes) * 1e9 / (found.last_ns - found.first_ns)
        number = summary.session
        rows.append(SessionRow(summary, speed, p99.get(number, -1), dict(findings.get(number, {}))))
    return rows


def state_text(summary: SessionSummary) -> str:
    """How it ended and by whom: `logout`, `reset by target`, `open`."""
    return f"{summary.how} by {summary.by}" if summary.by and summary.how != "logout" else summary.how


def kind_text(summary: SessionSummary) -> str:
    """`Normal`, `Discovery`, or what is assumed."""
    return "no login" if summary.assumed else summary.type


def story(row: SessionRow) -> Iterator[str]:
    """What else is worth knowing of a session, a line each, the most important first."""
    summary = row.summary
    login = summary.connections[0].login
    if summary.failed:
        yield f"login failed: {visible(login.outcome)}"
    ended = _ended(summary.ending, summary)
    yield f"ended: {ended}"
    for reason in summary.reasons:
        yield f"  {visible(reason.words)}"
    if summary.follows:
        away = f", {span(summary.away_ns)} later" if summary.away_ns >= 0 else ""
        yield f"took the place of session {summary.follows}{away}"
    if summary.followed_by:
        yield f"session {summary.followed_by} took its place"
    for connection in summary.connections:
        if connection.lacks:
            yield f"the capture lacks of connection {connection.connection}: {'; '.join(connection.lacks)}"
    names = [f"initiator {visible(summary.initiator_name)}"] if summary.initiator_name else []
    names += [f"target {visible(summary.target_name)}"] if summary.target_name else []
    names += [f"ISID {summary.isid}"] if summary.isid else []
    names += [f"TSIH {summary.tsih}"] if summary.tsih else []
    if names:
        yield ", ".join(names)


def _ended(ending: Ending, summary: SessionSummary) -> str:
    words = state_text(summary)
    if ending.waiting_count:
        words += f", with {plural(ending.waiting_count, 'task')} not answered"
    if ending.quiet_ns > 1_000_000_000:
        words += f", after {span(ending.quiet_ns)} of silence"
    return words


def connection_text(connection: ConnectionSummary) -> str:
    """From where to where."""
    return f"{connection.initiator} → {connection.portal}"
