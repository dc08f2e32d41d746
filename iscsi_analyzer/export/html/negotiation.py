"""What was negotiated: every key with its offer, its answer and what is in force; connections that agreed on the same
share a table."""

from __future__ import annotations

from typing import Final

from iscsi_analyzer.analysis.answers.line import listed
from iscsi_analyzer.analysis.answers.negotiated import in_force_words
from iscsi_analyzer.analysis.keys import ConnectionKeys
from iscsi_analyzer.export.html.markup import Markup, tag
from iscsi_analyzer.export.html.subject import Section, Subject
from iscsi_analyzer.export.html.table import Column, Row, more, table
from iscsi_analyzer.export.tables import clip
from iscsi_analyzer.model.negotiation import KeyState

MOST: Final = 10
"Different negotiations that are told."
MOST_KEYS: Final = 80
LONGEST: Final = 240
_KEYS: Final = (
    Column("key"), Column("by"), Column("offered"), Column("answered"), Column("in force"), Column("because"),
    Column("remark", wide=True), Column("PDUs"),
)  # fmt: skip


def negotiation(subject: Subject) -> Section | None:
    """The section; None if no key was seen."""
    wanted = subject.facts.wanted_sessions
    alike: dict[tuple[object, ...], list[ConnectionKeys]] = {}
    for keys in subject.study.keys:
        if keys.session in wanted and any(state.offered is not None for state in keys.states):
            alike.setdefault(tuple(_essence(state) for state in keys.states), []).append(keys)
    if not alike:
        return None
    groups = list(alike.values())
    body = tag(
        "div",
        tag("p", "Values as they were sent, without secrets.", class_="lead"),
        [_talk(group, opened=len(groups) == 1) for group in groups[:MOST]],
        more(sum(len(group) for group in groups[MOST:]), "connections that negotiated otherwise", "keys FILE"),
    )
    return Section("negotiation", "Negotiation", body)


def _essence(state: KeyState) -> tuple[object, ...]:
    """A key without the places where it was said."""
    return (state.key, state.offered_by, state.offered, state.answered, state.result, state.source, state.remark)


def _talk(group: list[ConnectionKeys], *, opened: bool) -> Markup:
    first = group[0]
    many = len(group) > 1
    links = listed([keys.connection for keys in group], 12)
    sessions = listed(list(dict.fromkeys(keys.session for keys in group)), 12)
    title = f"connection{'s' if many else ''} {links} (session{'s' if ' ' in sessions else ''} {sessions})"
    states = first.states
    return tag(
        "details",
        tag("summary", tag("b", title), " ", tag("span", in_force_words(first.in_force), class_="quiet")),
        table(f"Keys of {title}", _KEYS, [_key(state, many) for state in states[:MOST_KEYS]], quiet=True),
        more(len(states) - MOST_KEYS, "keys", "keys FILE"),
        open=opened,
    )


def _key(state: KeyState, many: bool) -> Row:
    """A row; where several connections share it, without the PDUs of the first of them."""
    pdus = [] if many else list(dict.fromkeys(pdu for pdu in (state.offered_pdu, state.answered_pdu) if pdu))
    result = state.result if state.result is not None else "not known" if state.source == "unknown" else ""
    changed = state.result is not None and state.default is not None and state.result != state.default
    return (
        tag("code", state.key),
        state.offered_by,
        clip(state.offered or "", LONGEST),
        clip(state.answered or "", LONGEST),
        tag("b" if changed else "span", clip(result, LONGEST)),
        state.source,
        state.remark,
        ", ".join(str(pdu) for pdu in pdus),
    )
