"""What the capture does not show. Told as such, before anything else: nobody on the wire is to blame for it."""

from __future__ import annotations

import numpy as np

from iscsi_analyzer.analysis.answers.line import INFO, LOOK, Line, count, listed
from iscsi_analyzer.analysis.study import Study
from iscsi_analyzer.model import task as model


def capture(study: Study) -> list[Line]:
    """What is missing, cut, doubled, or beyond the bounds of the analysis."""
    return [*_missing(study), *_without_requests(study), *_doubled(study), *_beyond(study)]


def _missing(study: Study) -> list[Line]:
    lines = []
    for session in study.sessions:
        for link in session.connections:
            if not link.lacks:
                continue
            ends = f"{link.initiator} -> {link.portal}"
            words = f"connection {link.connection} ({ends}): the capture lacks {listed(link.lacks)}"
            if session.assumed:
                words += "; the login was not seen, so names and negotiated values are not known"
            lines.append(Line(text=words, severity=LOOK, session=session.session, connection=link.connection))
        if session.assumed and not any(link.lacks for link in session.connections):
            text = f"session {session.session}: no login was seen, so names and negotiated values are not known"
            lines.append(Line(text=text, severity=LOOK, session=session.session))
    shown = {link.connection for session in study.sessions for link in session.connections}
    skipped = [loss for loss in study.facts.store.losses if loss.kind == "skipped" and loss.connection in shown]
    if skipped:
        total = sum(loss.length for loss in skipped)
        text = f"{total:,} captured bytes are no PDU that could be recognised ({count(len(skipped), 'run')} of them)"
        lines.append(Line(text=text, severity=LOOK, frames=[loss.frame for loss in skipped[:10]]))
    return lines


def _without_requests(study: Study) -> list[Line]:
    facts = study.facts
    orphans = np.flatnonzero(facts.wanted & (facts.task("outcome") == model.NO_REQUEST))
    if not len(orphans):
        return []
    pdus = facts.task("answer")[orphans[:10]]
    was = "was" if len(orphans) == 1 else "were"
    text = f"{count(len(orphans), 'answer')} {was} captured without the request; what was asked is not known"
    return [Line(text=text, severity=INFO, tasks=(orphans[:10] + 1).tolist(), pdus=pdus[pdus > 0].tolist())]


def _doubled(study: Study) -> list[Line]:
    twice = sum(side.duplicates_by_capture for health in study.tcp for side in health.sides)
    if not twice:
        return []
    text = f"the capture has {count(twice, 'segment')} twice (a mirror, or several interfaces); the copies do not count"
    return [Line(text=text, severity=INFO)]


def _beyond(study: Study) -> list[Line]:
    found, engine = study.facts.found, study.facts.engine
    words = []
    if found.losses_not_listed:
        words.append(f"{found.losses_not_listed:,} losses of bytes")
    if found.tcp_events_not_listed:
        words.append(f"{found.tcp_events_not_listed:,} TCP events")
    if found.kept_overflow:
        words.append(f"the data of {found.kept_overflow:,} PDUs (text and sense)")
    dropped = sum(session.overflows for session in found.sessions.sessions)
    if dropped:
        words.append(f"{dropped:,} tasks, as too many were open")
    keys = sum(follower.login.forgotten for follower in found.sessions.followers)
    if keys:
        words.append(f"{keys:,} keys of logins and texts")
    holes = sum(half.overflows for link in found.connections for half in (link.first, link.second))
    if holes:
        words.append(f"{count(holes, 'hole')} in streams, as too much waited for what was missing")
    if found.crowded:
        words.append(f"{count(int(found.crowded), 'connection')} of which too little was known when too many began")
    if engine.desk.unmarked:
        words.append(f"the findings of {count(int(engine.desk.unmarked), 'PDU')}")
    if engine.forgotten:
        words.append(f"{engine.forgotten:,} connections without iSCSI")
    return [Line(text=f"not looked at one by one: {listed(words, len(words))}", severity=LOOK)] if words else []
