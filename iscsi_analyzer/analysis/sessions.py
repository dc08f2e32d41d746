"""The sessions of a capture: who with whom, over which connections, from when to when, how they ended, and which
session came after which.

A session ends with its last connection. A session comes back when the same initiator logs in to the same target again:
with the same ISID, or, where initiators draw their ISIDs at random, in place of one that had ended.
"""

from __future__ import annotations

from typing import Final

import msgspec
import numpy as np

from iscsi_analyzer.analysis.addresses import initiator_half, initiator_of, portal_of
from iscsi_analyzer.analysis.ending import LOGIN_FAILED, LOGOUT, OPEN, REPLACED, SILENT, Ending, Reason
from iscsi_analyzer.analysis.facts import Facts, Numbers
from iscsi_analyzer.analysis.keys import ConnectionKeys, InForce
from iscsi_analyzer.analysis.logins import COMPLETE, NOT_SEEN, LoginReport
from iscsi_analyzer.model.session import Session
from iscsi_analyzer.store.rows import FLAG_TO_TARGET

NORMAL: Final = "Normal"
DISCOVERY: Final = "Discovery"
UNKNOWN_TYPE: Final = "unknown"

TAKES_OVER_NS: Final = 600_000_000_000
"A login so long after the end of a session, with another ISID, is not a return."


class ConnectionSummary(msgspec.Struct, kw_only=True):
    """One connection."""

    connection: int
    session: int
    cid: int
    initiator: str
    "Address and port."
    portal: str
    begin_ns: int
    end_ns: int
    "First FIN or RST, else the last frame."
    frames: int
    pdus_to_target: int
    pdus_to_initiator: int
    bytes_to_target: int
    bytes_to_initiator: int
    vlan: int
    "-1 without."
    login: LoginReport
    in_force: InForce
    ending: Ending
    lacks: list[str]
    "What the capture lacks of it."


class SessionSummary(msgspec.Struct, kw_only=True):
    """One session."""

    session: int
    type: str
    "Normal, Discovery, or unknown if the login was not seen."
    assumed: bool
    "The login was not seen: one session is assumed for each connection."
    initiator_name: str
    target_name: str
    isid: str
    "Twelve hexadecimal digits; empty if unknown."
    tsih: int
    portal_group_tag: int
    "-1 if the target did not say."
    initiators: list[str]
    "Addresses of the initiator, without ports."
    portals: list[str]
    connections: list[ConnectionSummary]
    begin_ns: int
    logged_in_ns: int
    "When the login of the first connection was complete; 0 if it was not, or not seen."
    end_ns: int
    tasks: int
    "SCSI tasks."
    last_answer_ns: int
    "Last status of a SCSI task; 0 without any."
    first_answer_ns: int
    ending: Ending
    "That of the connection that ended last."
    how: str
    by: str
    follows: int
    "The session that this one takes the place of; 0 if it is the first."
    followed_by: int
    away_ns: int
    "From the end of the session before to the end of the login of this one; -1 if there was no break, or none before."
    io_gap_ns: int
    "From the last status of the session before to the first one of this; -1 if not known."

    @property
    def failed(self) -> bool:
        """It never reached the full feature phase, as far as that can be told."""
        return self.connections[0].login.outcome not in (COMPLETE, NOT_SEEN)

    @property
    def reasons(self) -> list[Reason]:
        """What may explain the end."""
        return self.ending.reasons


def session_summaries(
    facts: Facts, keys: list[ConnectionKeys], logins: list[LoginReport], ends: list[Ending]
) -> list[SessionSummary]:
    """Every session, in order of its number."""
    scsi = np.flatnonzero(facts.scsi)
    counts = np.bincount(facts.task("session")[scsi], minlength=len(facts.found.sessions.sessions) + 1)
    first, last = _answers(facts)
    found = []
    for session in facts.sessions:
        links = [_connection(facts, number, keys, logins, ends) for number in session.connections]
        number = int(session.number)
        found.append(_summary(session, links, keys, int(counts[number]), first[number], last[number]))
    _link(found)
    return found


def _answers(facts: Facts) -> tuple[list[int], list[int]]:
    """When the first and last status of each session came; 0 without."""
    count = len(facts.found.sessions.sessions) + 1
    index = np.flatnonzero(facts.scsi & (facts.task("answer") > 0))
    session, times = facts.task("session")[index], facts.answered[index]
    highest = np.iinfo(np.int64).max
    first: Numbers = np.full(count, highest, dtype=np.int64)
    last: Numbers = np.zeros(count, dtype=np.int64)
    if count == 2 and len(index):
        first[1], last[1] = times.min(), times.max()
    else:
        np.minimum.at(first, session, times)
        np.maximum.at(last, session, times)
    first[first == highest] = 0
    return first.tolist(), last.tolist()


def _connection(
    facts: Facts, number: int, keys: list[ConnectionKeys], logins: list[LoginReport], ends: list[Ending]
) -> ConnectionSummary:
    link = facts.connection(number)
    half = initiator_half(link)
    peer = link.second if half is link.first else link.first
    pdus = facts.of_connection(number)
    sent = int(np.count_nonzero(facts.pdu_flags[pdus] & FLAG_TO_TARGET))
    return ConnectionSummary(
        connection=number,
        session=int(facts.session_of[number]),
        cid=facts.followers[number - 1].login.cid,
        initiator=initiator_of(link),
        portal=portal_of(link),
        begin_ns=link.first_ts,
        end_ns=link.closed_ts if link.closed else link.last_ts,
        frames=link.first.frames + link.second.frames,
        pdus_to_target=sent,
        pdus_to_initiator=len(pdus) - sent,
        bytes_to_target=half.data_bytes,
        bytes_to_initiator=peer.data_bytes,
        vlan=link.vlan,
        login=logins[number - 1],
        in_force=keys[number - 1].in_force,
        ending=ends[number - 1],
        lacks=facts.lacks(number),
    )


def _summary(
    session: Session, links: list[ConnectionSummary], keys: list[ConnectionKeys], tasks: int, first: int, last: int
) -> SessionSummary:
    leading = links[0]
    login = leading.login
    tag = keys[leading.connection - 1].negotiation.result("TargetPortalGroupTag")
    ended = max(links, key=lambda link: link.end_ns)
    logged_in = login.began_ns + login.took_ns if login.outcome == COMPLETE else 0
    logout = next((link.ending for link in links if link.ending.how == LOGOUT), None)
    ending = logout if logout is not None and ended.ending.how != LOGIN_FAILED else ended.ending
    kind = DISCOVERY if session.discovery else NORMAL
    return SessionSummary(
        session=int(session.number),
        type=UNKNOWN_TYPE if session.assumed and not session.discovery else kind,
        assumed=session.assumed,
        initiator_name=session.initiator_name,
        target_name=session.target_name,
        isid=session.isid.hex(),
        tsih=session.tsih,
        portal_group_tag=int(tag) if tag is not None and tag.isdecimal() else -1,
        initiators=sorted({_host(link.initiator) for link in links}),
        portals=sorted({link.portal for link in links}),
        connections=links,
        begin_ns=leading.begin_ns,
        logged_in_ns=logged_in,
        end_ns=ended.end_ns,
        tasks=tasks,
        first_answer_ns=first,
        last_answer_ns=last,
        ending=ending,
        how=ending.how,
        by=ending.by,
        follows=0,
        followed_by=0,
        away_ns=-1,
        io_gap_ns=-1,
    )


def _host(endpoint: str) -> str:
    return endpoint.rpartition(":")[0].strip("[]")


def _link(sessions: list[SessionSummary]) -> None:
    """Finds which session came in the place of which."""
    waiting: dict[tuple[str, str], list[SessionSummary]] = {}
    for session in sorted(sessions, key=lambda each: each.begin_ns):
        if not session.initiator_name or session.type == DISCOVERY:
            continue
        before = waiting.setdefault((session.initiator_name, session.target_name), [])
        earlier = _place_of(session, before)
        if earlier is not None:
            before.remove(earlier)
            _follow(earlier, session)
        before.append(session)


def _place_of(session: SessionSummary, before: list[SessionSummary]) -> SessionSummary | None:
    """The session whose place this one takes: with the same ISID, or one that had ended, best at the same portal."""
    same = [each for each in before if each.isid == session.isid]
    if same:
        return same[-1]
    ended = [
        each
        for each in before
        if each.how not in (OPEN, SILENT) and 0 <= session.begin_ns - each.end_ns < TAKES_OVER_NS
    ]
    at_portal = [each for each in ended if each.portals == session.portals]
    candidates = at_portal or ended
    return max(candidates, key=lambda each: each.end_ns) if candidates else None


def _follow(earlier: SessionSummary, later: SessionSummary) -> None:
    later.follows, earlier.followed_by = earlier.session, later.session
    back = later.logged_in_ns
    if earlier.how in (OPEN, SILENT) and earlier.end_ns <= (back or later.end_ns):
        # The login that took its place ended it (RFC 7143 section 6.3.5).
        earlier.how, earlier.by = REPLACED, later.connections[0].login.by or "initiator"
    if back and earlier.end_ns <= back:
        later.away_ns = back - earlier.end_ns
    if earlier.last_answer_ns and later.first_answer_ns > earlier.last_answer_ns:
        later.io_gap_ns = later.first_answer_ns - earlier.last_answer_ns
