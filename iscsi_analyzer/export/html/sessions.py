"""Who was connected with whom: the course of the sessions over time, a table of them, and one of their connections."""

from __future__ import annotations

from typing import Final

from iscsi_analyzer.analysis.ending import LOGIN_FAILED, LOGOUT, OPEN
from iscsi_analyzer.analysis.logins import COMPLETE
from iscsi_analyzer.analysis.sessions import ConnectionSummary, SessionSummary
from iscsi_analyzer.analysis.stalls import stalls
from iscsi_analyzer.export.html.axis import percent, time_ticks
from iscsi_analyzer.export.html.charts import FOOT, axis, chart, legend
from iscsi_analyzer.export.html.markup import Child, Markup, tag
from iscsi_analyzer.export.html.subject import Section, Subject
from iscsi_analyzer.export.html.table import Cell, Column, Row, count, more, table
from iscsi_analyzer.export.tables import clip, size
from iscsi_analyzer.export.time_text import span

MOST: Final = 200
"Rows of a table."
MOST_BARS: Final = 24
MOST_STALLS: Final = 50
QUIET_NS: Final = 1_000_000_000
"A silence of so long is drawn."
LONGEST: Final = 240
"Letters of a name."
_LINE: Final = 36
_SESSIONS: Final = (
    Column("#", numeric=True), Column("type"), Column("initiator and target", wide=True), Column("portals"),
    Column("ISID"), Column("TSIH", numeric=True), Column("begins, s", numeric=True), Column("lasts", numeric=True),
    Column("SCSI tasks", numeric=True), Column("login"), Column("end"), Column("follows", numeric=True),
)  # fmt: skip
_CONNECTIONS: Final = (
    Column("#", numeric=True), Column("session", numeric=True), Column("initiator"), Column("portal"),
    Column("CID", numeric=True), Column("digests"), Column("PDUs sent", numeric=True), Column("received", numeric=True),
    Column("bytes sent", numeric=True), Column("received", numeric=True), Column("lasts", numeric=True), Column("end"),
    Column("not in the capture", wide=True),
)  # fmt: skip


def sessions(subject: Subject) -> Section | None:
    """The section; None without sessions."""
    found = subject.study.sessions
    if not found:
        return None
    links = [link for session in found for link in session.connections]
    body = tag(
        "div",
        _course(subject, found),
        table("Sessions", _SESSIONS, [_session(subject, each) for each in found[:MOST]]),
        more(len(found) - MOST, "sessions", "sessions FILE"),
        table("Connections", _CONNECTIONS, [_connection(each) for each in links[:MOST]]),
        more(len(links) - MOST, "connections", "connections FILE"),
    )
    return Section("sessions", "Sessions and connections", body)


def ended(link: ConnectionSummary) -> str:
    """How a connection ended, in words."""
    end = link.ending
    by = f" by the {end.by}" if end.by else ""
    return f"{end.how}{by}" + (f" ({end.with_})" if end.with_ else "")


def _session(subject: Subject, session: SessionSummary) -> Row:
    login = session.connections[0].login
    by = f" by the {session.by}" if session.by and session.how != OPEN else ""
    follows: Child | Cell = count(session.follows) if session.follows else None
    return (
        count(session.session),
        session.type,
        [tag("span", name, class_="line") for name in _names(session)],
        clip(", ".join(session.portals), LONGEST),
        session.isid,
        Cell(session.tsih, session.tsih) if session.logged_in_ns else None,
        Cell(session.begin_ns, subject.clock(session.begin_ns)),
        Cell(session.end_ns - session.begin_ns, span(session.end_ns - session.begin_ns)),
        count(session.tasks),
        login.outcome if login.outcome == COMPLETE or login.status < 0 else f"{login.outcome}: {login.status_words}",
        f"{session.how}{by}",
        follows,
    )


def _names(session: SessionSummary) -> list[str]:
    """Who the initiator and the target are, as far as that is known."""
    initiator = clip(session.initiator_name or ", ".join(session.initiators), LONGEST)
    return [initiator, f"→ {clip(session.target_name, LONGEST)}"] if session.target_name else [initiator]


def _connection(link: ConnectionSummary) -> Row:
    rules = link.in_force
    digests = ", ".join(f"{name} {value}" for name, value in
                        (("header", rules.header_digest), ("data", rules.data_digest)) if value != "None")  # fmt: skip
    digests = digests.replace(" None", " unknown") or "none"
    return (
        count(link.connection),
        count(link.session),
        link.initiator,
        link.portal,
        link.cid if link.cid >= 0 else None,
        digests,
        count(link.pdus_to_target),
        count(link.pdus_to_initiator),
        Cell(link.bytes_to_target, size(link.bytes_to_target)),
        Cell(link.bytes_to_initiator, size(link.bytes_to_initiator)),
        Cell(link.end_ns - link.begin_ns, span(link.end_ns - link.begin_ns)),
        ended(link),
        ", ".join(link.lacks),
    )


def _course(subject: Subject, found: list[SessionSummary]) -> Markup | None:
    """The sessions as bars over time, their ends marked, silences with tasks outstanding drawn in."""
    facts = subject.facts
    if facts.duration <= 0:
        return None
    shown = found[:MOST_BARS]
    quiet = _quiet(subject)
    drawn: list[Markup] = []
    for line, session in enumerate(shown):
        top = line * _LINE
        left, right = _at(subject, session.begin_ns), _at(subject, session.end_ns)
        good = session.how in (LOGOUT, OPEN)
        words = f"session {session.session}, {session.how}" + (f" by the {session.by}" if session.by else "")
        anchor, x = ("end", right) if left > 0.5 else ("start", left)
        drawn.append(tag("text", words, x=percent(x), y=top + 13, text_anchor=anchor))
        shade = "course failed" if session.how == LOGIN_FAILED else "course"
        drawn.append(tag("rect", x=percent(left), width=percent(max(right - left, 0.001)), y=top + 18, height=10,
                         class_=shade))  # fmt: skip
        for begin, end in quiet.get(session.session, ())[:MOST_STALLS]:
            tip = f"{span(end - begin)} without a PDU although tasks were waiting"
            drawn.append(tag("rect", tag("title", tip), x=percent(_at(subject, begin)), y=top + 18, height=10,
                             width=percent(_at(subject, end) - _at(subject, begin)), class_="stall"))  # fmt: skip
        if not good:
            cross = tag("path", d="M-4 -4L4 4M-4 4L4 -4", class_="cross")
            drawn.append(tag("svg", cross, x=percent(right), y=top + 23, class_="loose"))
    height = len(shown) * _LINE
    words = f"the course of {len(shown)} sessions over {span(facts.duration)}"
    entries = [("session", "course"), ("silence with tasks waiting", "stall")]
    return tag(
        "figure",
        tag("figcaption", "Course of the sessions ", legend(entries), tag("span", " ✕ ended without a logout"),
            f"; the first {MOST_BARS} of {len(found)}" if len(found) > MOST_BARS else None),
        chart(words, height + FOOT, axis(time_ticks(facts.duration), 0, height), drawn, name="chart courses"),
    )  # fmt: skip


def _at(subject: Subject, ns: int) -> float:
    return min(1.0, max(0.0, (ns - subject.facts.start) / subject.facts.duration))


def _quiet(subject: Subject) -> dict[int, list[tuple[int, int]]]:
    """Silences of connections, by session: from when to when."""
    facts = subject.facts
    found: dict[int, list[tuple[int, int]]] = {}
    for pdu in stalls(facts, QUIET_NS).tolist():
        mine = facts.of_connection(int(facts.pdu_connection[pdu - 1]))
        before = int(mine[mine.searchsorted(pdu - 1) - 1])
        session = int(facts.session_of[facts.pdu_connection[pdu - 1]])
        found.setdefault(session, []).append((int(facts.time_last[before]), int(facts.time_first[pdu - 1])))
    return found
