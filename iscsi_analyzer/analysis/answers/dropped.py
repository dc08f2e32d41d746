"""1. Who dropped the session, and why?"""

from __future__ import annotations

from typing import Final

from iscsi_analyzer.analysis.answers.line import BAD, INFO, LOOK, Line, at, count, detail, listed, sessions_named, who
from iscsi_analyzer.analysis.ending import CLOSED, LOGIN_FAILED, LOGOUT, OPEN, REPLACED, RESET, SILENT, Ending
from iscsi_analyzer.analysis.reasons import LAST_WORD
from iscsi_analyzer.analysis.sessions import DISCOVERY, SessionSummary
from iscsi_analyzer.analysis.study import Study
from iscsi_analyzer.export.time_text import span

MOST_STORIES: Final = 12
WORTH_WAITING_NS: Final = 1_000_000_000
"Nobody comes back in less time."
MOST_OF_A_LOOP: Final = 3
NO_REASON: Final = "nothing in the capture tells why"
LAST_PDUS: Final = "last PDUs: "


def dropped(study: Study) -> list[Line]:
    """The story of every session that did not end with a logout; of a loop only the first ones."""
    lines: list[Line] = []
    quiet: dict[str, list[SessionSummary]] = {}
    told: dict[int, int] = {}
    left = 0
    for session in study.sessions:
        if session.how in (LOGOUT, LOGIN_FAILED, OPEN):
            continue
        uneventful = not session.reasons and not session.ending.waiting_count and not session.followed_by
        attempts = _attempts(study, session)
        if uneventful and session.by == "initiator" and not attempts:
            if session.type != DISCOVERY:
                quiet.setdefault(session.how, []).append(session)
            continue
        loop = study.loop_of.get(session.session, 0)
        most = MOST_OF_A_LOOP if loop else MOST_STORIES
        if sum(told.values()) < MOST_STORIES and told.get(loop, 0) < most:
            told[loop] = told.get(loop, 0) + 1
            lines += _story(study, session, attempts)
        else:
            left += 1
    if left:
        verb = "was" if left == 1 else "were"
        lines.append(Line(text=f"{count(left, 'more session')} {verb} dropped; see 11", severity=BAD))
    lines += [_uneventful(how, sessions) for how, sessions in quiet.items()]
    return lines


def _uneventful(how: str, sessions: list[SessionSummary]) -> Line:
    word = "reset" if how == RESET else "closed"
    numbers = [session.session for session in sessions]
    verb = "were" if len(sessions) > 1 else "was"
    return Line(
        text=f"{sessions_named(numbers)} {verb} {word} by the initiator without a logout; nothing was waiting",
        severity=INFO,
        frames=[session.ending.frame for session in sessions[:6]],
        session=numbers[0],
    )


def _story(study: Study, session: SessionSummary, attempts: str) -> list[Line]:
    """One session: what happened, why, what was lost, what came after."""
    ending = session.ending
    severity = BAD if ending.waiting_count or ending.reasons else LOOK
    if session.type == DISCOVERY or (session.how == SILENT and not ending.waiting_count):
        severity = LOOK
    if any(link.lacks for link in session.connections):
        severity = LOOK
    lines = [
        Line(
            text=f"{who(session)} {_what(study, session)}",
            severity=severity,
            frames=[ending.frame] if session.how in (CLOSED, RESET) else [],
            session=session.session,
            connection=ending.connection,
        )
    ]
    lines += [detail(reason.words, pdus=reason.pdus, tasks=reason.tasks) for reason in ending.reasons]
    if not ending.reasons:
        idle = not ending.waiting_count and not ending.unanswered_pings
        lines.append(detail(NO_REASON + ("; nothing was waiting for an answer" if idle else "")))
    if len(ending.reasons) != 1 or not ending.reasons[0].words.startswith(LAST_WORD):
        lines.append(_last(ending))
    told = any(reason.tasks for reason in ending.reasons)
    if ending.waiting_count and not told:
        lost = f"lost with it: {_waiting(ending)}"
        lines.append(detail(lost, tasks=[each.task for each in ending.waiting]))
    lines += _after(study, session, attempts)
    if ending.lacks:
        lines.append(detail(f"the capture lacks {listed(ending.lacks)} of this connection, which may tell more"))
    return lines


def _what(study: Study, session: SessionSummary) -> str:
    ending = session.ending
    when = at(study.facts, ending.at_ns)
    if session.how == REPLACED and not session.followed_by:
        return "never ended on the wire, but its ports were used again"
    if session.how == REPLACED:
        return f"never ended on the wire: the login of session {session.followed_by} took its place"
    if session.how == SILENT:
        return f"is silent since its last frame {when}, {span(study.facts.end - ending.at_ns)} before the capture ends"
    if session.how == RESET:
        return f"was reset by the {session.by} {when}, without a logout"
    others = [link for link in session.connections if link.connection != ending.connection]
    of_all = f", the last of {len(others) + 1} connections" if others else ""
    link = study.facts.connection(ending.connection)
    half = link.closed_by
    then = " (FIN, then RST)" if half is not None and half.rst else ""
    return f"was closed by the {session.by} {when}{then}, without a logout{of_all}"


def _last(ending: Ending) -> Line:
    """The last PDU of each side, and the last ping."""
    words, pdus = [], []
    for side, last in (("target", ending.from_target), ("initiator", ending.from_initiator)):
        if last is None:
            words.append(f"nothing from the {side} was captured")
        else:
            words.append(f"{last.what} from the {side} {span(max(0, ending.at_ns - last.at_ns))} before the end")
            pdus.append(last.pdu)
    ping = ending.last_ping
    if ping is not None:
        words.append(f"the last ping that was answered took {span(ping.waited_ns)}")
        pdus += [ping.pdu, ping.answer_pdu]
    return detail(f"{LAST_PDUS}{'; '.join(words)}", pdus=sorted(set(pdus)))


def _waiting(ending: Ending) -> str:
    tasks = [f"{each.what} on LUN {each.lun}" for each in ending.waiting[:3]]
    return (
        f"{count(ending.waiting_count, 'SCSI task')} ({listed(tasks, 3)}{'' if ending.waiting_count <= 3 else ' ...'})"
    )


def _attempts(study: Study, session: SessionSummary) -> str:
    """Connections that the initiator tried in vain afterwards."""
    refused, unanswered = study.attempts.after(session.initiators, session.portals, session.end_ns)
    words = []
    if refused:
        words.append(f"{count(refused, 'attempt')} to connect again {'was' if refused == 1 else 'were'} refused")
    if unanswered:
        words.append(f"{count(unanswered, 'attempt')} to connect again had no answer")
    return ", ".join(words)


def _after(study: Study, session: SessionSummary, attempts: str) -> list[Line]:
    """Who came back, and when."""
    lines = []
    if attempts:
        lines.append(detail(f"then {attempts}"))
    later = study.session.get(session.followed_by)
    if later is None:
        # Of a session whose login was not seen nobody can tell who would be the one that comes back.
        if session.how in (CLOSED, RESET) and session.type != DISCOVERY and not session.assumed:
            left = study.facts.end - session.end_ns
            if left < WORTH_WAITING_NS:
                return lines
            lines.append(detail(f"nobody came back until the capture ended {span(left)} later"))
        return lines
    if later.away_ns >= 0:
        words = f"session {later.session} took its place: logged in {span(later.away_ns)} after the end"
        if later.io_gap_ns >= 0:
            words += f"; no status came for {span(later.io_gap_ns)}"
        lines.append(detail(words, pdus=later.connections[0].login.pdus[:2]))
    elif later.logged_in_ns:
        words = f"session {later.session} logged in with the same ISID {at(study.facts, later.logged_in_ns)}, "
        lines.append(detail(words + "while this one was still open", pdus=later.connections[0].login.pdus[:2]))
    elif session.how != REPLACED:
        lines.append(detail(f"session {later.session} tried to take its place: {_failure(later)}"))
    return lines


def _failure(session: SessionSummary) -> str:
    login = session.connections[0].login
    return login.words or f"its login is {login.outcome}"
