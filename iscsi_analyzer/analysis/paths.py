"""What several sessions tell together: paths between one initiator and one target, redirections that were followed,
logins in a loop, names and ISIDs that are used twice; which portals were advertised, which were used, and which did not
answer.
"""

from __future__ import annotations

from typing import Final

import msgspec

from iscsi_analyzer.analysis.facts import Facts
from iscsi_analyzer.analysis.logins import REDIRECTED
from iscsi_analyzer.analysis.portals import Discovered, Portal, discovered, portal_named, portals
from iscsi_analyzer.analysis.sessions import DISCOVERY, SessionSummary

LOOP: Final = 3
"So many logins in place of each other, none of which lasted, are a loop."
SHORT_NS: Final = 60_000_000_000
"A session in a loop lasts no longer than this."


class Path(msgspec.Struct, kw_only=True):
    """One way from an initiator to a target: sessions that took each other's place, in order."""

    isid: str
    "Of the latest session."
    portals: list[str]
    initiators: list[str]
    sessions: list[int]


class Pair(msgspec.Struct, kw_only=True):
    """An initiator and a target by their names, and every way between them."""

    initiator_name: str
    target_name: str
    paths: list[Path]
    parallel: bool
    "Several sessions were logged in at the same time, with different ISIDs (not MC/S, which is within one session)."
    multipath: bool
    "And they went over different portals, or came from different addresses: multipathing."


class Redirect(msgspec.Struct, kw_only=True):
    """A login that was sent elsewhere."""

    session: int
    connection: int
    pdu: int
    portal: str
    "Where the initiator had asked."
    to: list[str]
    lasting: bool
    "For good, not only for now."
    followed_by: int
    "The session that went there; 0 if none did."
    followed_at: str
    "Its portal."
    after_ns: int


class Loop(msgspec.Struct, kw_only=True):
    """Logins, one after the other, of an initiator that does not stay."""

    initiator_name: str
    target_name: str
    sessions: list[int]
    longest_ns: int
    "The session that lasted longest."
    by_logout: int
    "How many of them ended with an orderly logout."


class SharedIsid(msgspec.Struct, kw_only=True):
    """Two sessions with the same initiator name, ISID and target at the same time, or the same name from several
    hosts."""

    initiator_name: str
    isid: str
    target_name: str
    sessions: list[int]
    addresses: list[str]
    at_the_same_time: bool


class Paths(msgspec.Struct, kw_only=True):
    """What several sessions tell together."""

    pairs: list[Pair]
    redirects: list[Redirect]
    loops: list[Loop]
    shared_isids: list[SharedIsid]
    discovered: list[Discovered]
    portals: list[Portal]


def paths(facts: Facts, sessions: list[SessionSummary]) -> Paths:
    """Looks at all sessions."""
    named = discovered(facts)
    return Paths(
        pairs=_pairs(sessions),
        redirects=_redirects(sessions),
        loops=_loops(sessions),
        shared_isids=_shared(sessions),
        discovered=named,
        portals=portals(facts, sessions, named),
    )


def _named(sessions: list[SessionSummary]) -> dict[tuple[str, str], list[SessionSummary]]:
    """Normal sessions by the names of both sides, in order of their beginning."""
    found: dict[tuple[str, str], list[SessionSummary]] = {}
    for session in sorted(sessions, key=lambda each: each.begin_ns):
        if session.initiator_name and session.target_name and session.type != DISCOVERY:
            found.setdefault((session.initiator_name, session.target_name), []).append(session)
    return found


def _chains(sessions: list[SessionSummary]) -> list[list[SessionSummary]]:
    """Sessions that took each other's place."""
    by_number = {session.session: session for session in sessions}
    found = []
    for session in sessions:
        if session.follows not in by_number:
            chain = [session]
            while chain[-1].followed_by in by_number:
                chain.append(by_number[chain[-1].followed_by])
            found.append(chain)
    return found


def _pairs(sessions: list[SessionSummary]) -> list[Pair]:
    found = []
    for (initiator, target), mine in _named(sessions).items():
        chains = _chains(mine)
        parallel = _at_the_same_time([each for each in mine if each.logged_in_ns])
        ways = {(each.portals[0], each.initiators[0]) for each in mine if each.logged_in_ns}
        found.append(
            Pair(
                initiator_name=initiator,
                target_name=target,
                paths=[
                    Path(
                        isid=chain[-1].isid,
                        portals=sorted({portal for each in chain for portal in each.portals}),
                        initiators=sorted({address for each in chain for address in each.initiators}),
                        sessions=[each.session for each in chain],
                    )
                    for chain in chains
                ],
                parallel=parallel,
                multipath=parallel and len(ways) > 1,
            )
        )
    return found


def _at_the_same_time(sessions: list[SessionSummary]) -> bool:
    """Whether two of these sessions, with different ISIDs, were logged in at the same time."""
    latest: list[SessionSummary] = []
    for session in sessions:
        since = session.logged_in_ns or session.begin_ns
        latest = [each for each in latest if each.end_ns > since]
        if any(each.isid != session.isid for each in latest):
            return True
        latest.append(session)
    return False


def _together(sessions: list[SessionSummary]) -> list[SessionSummary]:
    """Those that were logged in while another of them was."""
    found: list[SessionSummary] = []
    latest: SessionSummary | None = None
    for session in sessions:
        if latest is not None and latest.end_ns > session.logged_in_ns:
            found += [each for each in (latest, session) if each not in found]
        if latest is None or session.end_ns > latest.end_ns:
            latest = session
    return found


def _redirects(sessions: list[SessionSummary]) -> list[Redirect]:
    found = []
    for session in sessions:
        link = session.connections[0]
        if link.login.outcome != REDIRECTED:
            continue
        goals = {portal_named(text) for text in link.login.redirected_to}
        after = [
            each
            for each in sessions
            if each.initiator_name == session.initiator_name
            and each.begin_ns >= link.login.began_ns
            and each is not session
            and goals & set(each.portals)
        ]
        next_one = min(after, key=lambda each: each.begin_ns) if after else None
        found.append(
            Redirect(
                session=session.session,
                connection=link.connection,
                pdu=link.login.pdus[-1],
                portal=link.portal,
                to=link.login.redirected_to,
                lasting=link.login.status == 0x0102,
                followed_by=next_one.session if next_one is not None else 0,
                followed_at=next_one.portals[0] if next_one is not None else "",
                after_ns=max(0, next_one.begin_ns - link.end_ns) if next_one is not None else 0,
            )
        )
    return found


def _loops(sessions: list[SessionSummary]) -> list[Loop]:
    found = []
    for (initiator, target), mine in _named(sessions).items():
        for chain in _chains(mine):
            short: list[SessionSummary] = []
            for session in [*chain, None]:
                if session is not None and session.end_ns - session.begin_ns < SHORT_NS:
                    short.append(session)
                    continue
                if len(short) >= LOOP:
                    found.append(
                        Loop(
                            initiator_name=initiator,
                            target_name=target,
                            sessions=[each.session for each in short],
                            longest_ns=max(each.end_ns - each.begin_ns for each in short),
                            by_logout=sum(each.how == "logout" for each in short),
                        )
                    )
                short = []
    return found


def _shared(sessions: list[SessionSummary]) -> list[SharedIsid]:
    found = []
    for (initiator, target), mine in _named(sessions).items():
        by_isid: dict[str, list[SessionSummary]] = {}
        for session in mine:
            by_isid.setdefault(session.isid, []).append(session)
        for isid, same in by_isid.items():
            together = _together([each for each in same if each.logged_in_ns])
            addresses = sorted({address for each in same for address in each.initiators})
            if len(same) > 1 and isid and (together or len(addresses) > 1):
                found.append(
                    SharedIsid(
                        initiator_name=initiator,
                        isid=isid,
                        target_name=target,
                        sessions=[each.session for each in together or same],
                        addresses=addresses,
                        at_the_same_time=bool(together),
                    )
                )
    return found
