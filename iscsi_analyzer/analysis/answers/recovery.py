"""11. Reinstatement and recovery: who came back, how long it took, who keeps coming back."""

from __future__ import annotations

from iscsi_analyzer.analysis.answers.line import BAD, INFO, LOOK, Line, at, count, listed, short
from iscsi_analyzer.analysis.ending import LOGIN_FAILED, LOGOUT, REPLACED
from iscsi_analyzer.analysis.logins import COMPLETE
from iscsi_analyzer.analysis.paths import Loop
from iscsi_analyzer.analysis.sessions import ConnectionSummary, SessionSummary
from iscsi_analyzer.analysis.study import Study
from iscsi_analyzer.export.time_text import span


def recovery(study: Study) -> list[Line]:
    """Sessions that took the place of others; loops as one line each."""
    looping = {number for loop in study.paths.loops for number in loop.sessions}
    lines = [_loop(study, loop) for loop in study.paths.loops]
    for session in study.sessions:
        before = study.session.get(session.follows)
        if before is not None and not {session.session, before.session} <= looping:
            lines += _return(study, before, session)
        lines += _same_cid(study, session)
    for session in study.sessions:
        logout = session.ending.logout
        if logout is not None and logout.asked_by_target:
            text = f"session {session.session}: the target asked for a logout, and the initiator logged out"
            lines.append(Line(text=text, severity=LOOK, session=session.session, pdus=[logout.request_pdu]))
    return lines


def _same_cid(study: Study, session: SessionSummary) -> list[Line]:
    """Connections that logged in with the CID of an earlier one of their session: the target has to end that one (RFC
    7143 section 6.3.4, connection reinstatement)."""
    lines: list[Line] = []
    before: dict[int, ConnectionSummary] = {}
    for link in session.connections:
        earlier = before.get(link.cid) if link.cid >= 0 else None
        before[link.cid] = link
        if earlier is None or not link.login.pdus:
            continue
        logged_in = link.login.began_ns + link.login.took_ns
        pdus = study.facts.of_connection(earlier.connection)
        later = pdus[study.facts.time_first[pdus] > logged_in] + 1
        text = f"session {session.session}: connection {link.connection} logged in with the CID of connection "
        text += f"{earlier.connection} ({link.cid}) {at(study.facts, link.login.began_ns)}"
        if len(later) and link.login.outcome == COMPLETE:
            text += f", which went on all the same: two connections claim one CID ({count(len(later), 'more PDU')})"
        else:
            text += " and took its place"
        lines.append(
            Line(
                text=text,
                severity=BAD if len(later) and link.login.outcome == COMPLETE else LOOK,
                session=session.session,
                connection=link.connection,
                pdus=[*link.login.pdus[:2], *later[:2].tolist()],
            )
        )
    return lines


def _loop(study: Study, loop: Loop) -> Line:
    names = f"{short(loop.initiator_name)} -> {short(loop.target_name)}"
    text = f"{names}: {len(loop.sessions)} sessions one after the other, none longer than {span(loop.longest_ns)}"
    if loop.by_logout == len(loop.sessions):
        return Line(text=f"{text}, each ended by a logout", severity=INFO, session=loop.sessions[0])
    ends: dict[str, int] = {}
    for number in loop.sessions:
        session = study.session[number]
        how = f"ended by a logout of the {session.by}" if session.how == LOGOUT else session.how
        how += f" by the {session.by}" if session.by and session.how != LOGOUT else ""
        ends[how] = ends.get(how, 0) + 1
    said = [f"{times} {how}" for how, times in sorted(ends.items(), key=lambda item: -item[1])]
    # Those who log out as they should and come back may want it so.
    severity = BAD if 2 * loop.by_logout < len(loop.sessions) else LOOK
    return Line(text=f"{text}: {listed(said, 5)}", severity=severity, session=loop.sessions[0])


def _return(study: Study, before: SessionSummary, session: SessionSummary) -> list[Line]:
    if before.how in (LOGIN_FAILED, LOGOUT) or before.connections[0].login.redirected_to:
        return []
    same = "with the same ISID" if before.isid == session.isid else "with another ISID"
    ended = "never ended on the wire" if before.how == REPLACED else "was dropped"
    when = "" if before.how == REPLACED else f" {at(study.facts, before.end_ns)}"
    text = f"session {session.session} took the place of session {before.session} ({same}), which {ended}{when}"
    words = []
    if session.away_ns >= 0:
        words.append(f"logged in again after {span(session.away_ns)}")
    if session.io_gap_ns >= 0:
        words.append(f"no status came for {span(session.io_gap_ns)}")
    if not session.logged_in_ns:
        words.append(f"its login is {session.connections[0].login.outcome}")
    if words:
        text += f": {', '.join(words)}"
    return [Line(text=text, severity=LOOK, session=session.session, pdus=session.connections[0].login.pdus[:2])]
