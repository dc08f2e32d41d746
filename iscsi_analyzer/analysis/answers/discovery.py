"""7. Discovery and paths: what was advertised, what was used, who was sent elsewhere."""

from __future__ import annotations

from iscsi_analyzer.analysis.answers.line import (
    BAD,
    INFO,
    LOOK,
    Line,
    at,
    count,
    detail,
    listed,
    sessions_named,
    short,
)
from iscsi_analyzer.analysis.paths import Pair, Redirect
from iscsi_analyzer.analysis.study import Study
from iscsi_analyzer.export.time_text import span

MOST_TARGETS = 8


def discovery(study: Study) -> list[Line]:
    """Discoveries, portals, redirections, paths, and names that are used twice."""
    return [
        *_discovered(study),
        *_portals(study),
        *(_redirect(study, redirect) for redirect in study.paths.redirects),
        *_paths(study),
        *_several_connections(study),
        *_shared(study),
    ]


def _discovered(study: Study) -> list[Line]:
    sessions: dict[int, list[int]] = {}
    for place, found in enumerate(study.paths.discovered):
        sessions.setdefault(found.connection, []).append(place)
    lines = []
    for connection, places in sessions.items():
        targets = [study.paths.discovered[place] for place in places]
        where = study.sessions and study.session[targets[0].session].portals[0]
        lines.append(
            Line(
                text=f"session {targets[0].session}: {where} named {count(len(targets), 'target')}",
                session=targets[0].session,
                connection=connection,
                pdus=sorted({target.pdu for target in targets}),
            )
        )
        for target in targets[:MOST_TARGETS]:
            lines.append(
                detail(f"{target.target_name or 'its own target'}: {listed(target.addresses, 8) or 'no address'}")
            )
            lines += [detail(f"TargetAddress {problem}") for problem in target.problems]
        if len(targets) > MOST_TARGETS:
            lines.append(detail(f"and {len(targets) - MOST_TARGETS} more"))
    return lines


def _portals(study: Study) -> list[Line]:
    lines = []
    portals = study.paths.portals
    used = [portal for portal in portals if portal.connections]
    unused = [portal.portal for portal in portals if portal.advertised_for and not _tried(portal)]
    if used and unused:
        lines.append(Line(text=f"advertised but not used in the capture: {listed(unused, 8)}", severity=INFO))
    for portal in portals:
        for number, words in (
            (portal.refused, "refused (RST in answer to the SYN): nobody listens there"),
            (portal.unanswered, "not answered: the portal cannot be reached"),
        ):
            if number:
                verb = "was" if number == 1 else "were"
                lines.append(
                    Line(
                        text=f"{portal.portal}: {count(number, 'TCP connection')} {verb} {words}",
                        severity=BAD,
                        frames=portal.frames,
                    )
                )
        if portal.connections and not portal.advertised_for and any(other.advertised_for for other in portals):
            lines.append(
                Line(text=f"{portal.portal} was used, but no discovery in the capture names it", severity=INFO)
            )
    return lines


def _tried(portal: object) -> bool:
    return any(getattr(portal, name) for name in ("connections", "redirected", "failed", "refused", "unanswered"))


def _redirect(study: Study, redirect: Redirect) -> Line:
    lasting = "for good" if redirect.lasting else "for now"
    where = listed(redirect.to) or "an address that it did not tell"
    words = f"session {redirect.session}: {redirect.portal} sent the initiator to {where} {lasting}"
    if redirect.followed_by:
        login = study.session[redirect.followed_by].connections[0].login
        words += (
            f"; it followed {span(redirect.after_ns)} later (session {redirect.followed_by}, login {login.outcome})"
        )
    else:
        words += "; it did not go there within the capture"
    return Line(
        text=words,
        severity=INFO if redirect.followed_by else LOOK,
        session=redirect.session,
        connection=redirect.connection,
        pdus=[redirect.pdu],
    )


def _paths(study: Study) -> list[Line]:
    lines: list[Line] = []
    for pair in study.paths.pairs:
        if pair.parallel:
            lines += _parallel(study, pair)
    return lines


def _parallel(study: Study, pair: Pair) -> list[Line]:
    names = f"{short(pair.initiator_name)} -> {short(pair.target_name)}"
    if pair.multipath:
        text = f"multipath: {names} over {len(pair.paths)} paths"
    else:
        text = f"{names}: {len(pair.paths)} sessions at the same time over one portal, with different ISIDs"
    lines = [Line(text=text, session=pair.paths[0].sessions[0])]
    for path in pair.paths:
        broken = [
            f"down from {at(study.facts, study.session[number].end_ns).removeprefix('at ')} for "
            f"{span(study.session[study.session[number].followed_by].away_ns)}"
            for number in path.sessions
            if study.session[number].followed_by and study.session[study.session[number].followed_by].away_ns >= 0
        ]
        gaps = f", {listed(broken)}" if broken else ""
        way = f"{listed(path.initiators)} -> {listed(path.portals)}"
        lines.append(detail(f"{way}, ISID {path.isid}: {sessions_named(path.sessions)}{gaps}"))
    return lines


def _several_connections(study: Study) -> list[Line]:
    """Sessions with more than one connection (MC/S)."""
    lines = []
    for session in study.sessions:
        if len({link.cid for link in session.connections}) > 1:
            links = [f"connection {link.connection} (CID {link.cid}, {link.portal})" for link in session.connections]
            text = f"session {session.session} is one session with {len(links)} connections (MC/S): {listed(links, 4)}"
            lines.append(Line(text=text, session=session.session))
    return lines


def _shared(study: Study) -> list[Line]:
    lines = []
    for shared in study.paths.shared_isids:
        when = "were logged in at the same time with" if shared.at_the_same_time else "have"
        where = f", from {listed(shared.addresses)}" if len(shared.addresses) > 1 else ""
        text = f"{sessions_named(shared.sessions)} {when} the same initiator name and ISID {shared.isid}{where}"
        if len(shared.addresses) > 1:
            text += ": two hosts may share one name, and push each other out"
        lines.append(Line(text=text, severity=BAD if shared.at_the_same_time else LOOK, session=shared.sessions[0]))
    return lines
