"""2. Why does login fail?"""

from __future__ import annotations

from iscsi_analyzer.analysis.answers.line import BAD, LOOK, Line, at, detail, sessions_named, short
from iscsi_analyzer.analysis.ending import OPEN
from iscsi_analyzer.analysis.logins import COMPLETE, NOT_SEEN, REDIRECTED, UNFINISHED
from iscsi_analyzer.analysis.sessions import ConnectionSummary, SessionSummary
from iscsi_analyzer.analysis.study import Study
from iscsi_analyzer.export.time_text import span

MOST_STEPS = 8


def login(study: Study) -> list[Line]:
    """Every login that failed; equal ones together."""
    groups: dict[tuple[str, str, str], list[tuple[SessionSummary, ConnectionSummary]]] = {}
    for session in study.sessions:
        for link in session.connections:
            report = link.login
            if report.outcome not in (COMPLETE, NOT_SEEN, REDIRECTED):
                key = (session.initiator_name, session.target_name, report.words)
                groups.setdefault(key, []).append((session, link))
    lines: list[Line] = []
    for group in groups.values():
        lines += _failure(study, group)
    return lines


def _failure(study: Study, group: list[tuple[SessionSummary, ConnectionSummary]]) -> list[Line]:
    session, link = group[0]
    report = link.login
    times = f" ({len(group)} times)" if len(group) > 1 else ""
    names = sessions_named(sorted({each.session for each, _ in group}))
    parties = f"{short(session.initiator_name) or 'unknown'} -> {short(session.target_name) or session.type}"
    severity = LOOK if report.outcome == UNFINISHED or link.ending.how == OPEN else BAD
    lines = [
        Line(
            text=f"{names} ({parties} at {link.portal}) {at(study.facts, report.began_ns)}: {report.words}{times}",
            severity=severity,
            pdus=report.pdus[-2:],
            session=session.session,
            connection=link.connection,
        )
    ]
    if report.stage and report.status >= 0:
        took = span(report.took_ns)
        lines.append(detail(f"in stage {report.stage}, {took} after the first byte of its first Login Request"))
    steps = [f"{step.by} {step.words}" for step in report.authentication.steps[:MOST_STEPS]]
    if steps:
        pdus = [step.pdu for step in report.authentication.steps[:MOST_STEPS]]
        lines.append(detail(f"authentication: {'; '.join(steps)}", pdus=pdus))
    lines += [detail(hint) for hint in report.hints]
    after = [study.session[each.followed_by] for each, _ in group if each.followed_by in study.session]
    good = [each for each in after if each.logged_in_ns]
    if good:
        waited = good[-1].logged_in_ns - report.began_ns
        lines.append(
            detail(f"a later login succeeded: session {good[-1].session}, {span(waited)} after this one began")
        )
    return lines
