"""What the two sides of a connection negotiated: for each key who offered what, what was answered, what follows from it
by the key's own function, and from which PDU on that holds.

Reads what `Login` collected and knows nothing of captures. RFC 7143 sections 6.2 (negotiation), 6.3 (login) and 13
(the keys); no opinions: `remark` says what the table of keys does not allow, and nobody is judged.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from dissectors.iscsi import keytable
from dissectors.iscsi.keys import redact
from dissectors.iscsi.keytable import (
    AUTHENTICATION,
    DECLARATIVE,
    KEYS,
    LEADING_ONLY,
    NEGOTIATED,
    REQUEST,
    Key,
    find_key,
)
from dissectors.iscsi.values import NOT_UNDERSTOOD, RESERVED_ANSWERS
from iscsi_analyzer.model.agreement import agree, value_problem
from iscsi_analyzer.model.login import Login, Said

INITIATOR: Final = "initiator"
TARGET: Final = "target"

# Where a result comes from.
AGREED: Final = "agreed"
OFFER_DECIDES: Final = "offer decides"
DECLARED: Final = "declared"
DEFAULT: Final = "default"
REFUSED: Final = "refused"
INHERITED: Final = "inherited"
OPEN: Final = "open"
SETTLED: Final = "settled before"
SAID: Final = "said"
UNKNOWN: Final = "unknown"
SOURCES: Final = {
    AGREED: "offered by one side and answered by the other",
    OFFER_DECIDES: "the offer alone settles it; an answer may be left out (RFC 7143 section 6.2.2)",
    DECLARED: "one side states it, nobody answers",
    DEFAULT: "nobody mentioned the key: its default holds",
    REFUSED: "answered with Reject, NotUnderstood or Irrelevant: what held before holds on",
    INHERITED: "settled by the session's leading login",
    OPEN: "offered, and not answered before the exchange ended",
    SETTLED: "offered once more, which was not answered and says nothing new: the result of before holds on",
    SAID: "a step of the authentication, a request, or a key that no standard knows",
    UNKNOWN: "the capture lacks what would tell",
}

MORE_THAN_ONCE: Final = "declared more than once"


@dataclass(slots=True)
class KeyState:
    """One key of one connection: one negotiation of it, or one declaration by one side. PDU numbers are 0 where there
    is none; values are as sent, without secrets."""

    key: str
    kind: str
    "The kind that the standard gives it (`keytable`), or empty if no standard knows the key."
    scope: str
    "`session`, `connection`, or empty."
    source: str
    "Where the result comes from: one of SOURCES."
    offered_by: str = ""
    "INITIATOR or TARGET: who offered, declared or asked first."
    offered: str | None = None
    offered_pdu: int = 0
    answered: str | None = None
    answered_pdu: int = 0
    result: str | None = None
    "What is in force; None if nothing is, or it is not known."
    default: str | None = None
    in_force_after: int = 0
    "The PDU that brought it into force: the last Login Response, or the answer of a later text exchange."
    full_feature: bool = False
    "Said after the login."
    irrelevant: bool = False
    "Other results make the key meaningless."
    remark: str = ""
    "What the table of keys does not allow, or what else is worth knowing; empty for nearly all."

    def add_remark(self, words: str) -> None:
        """One more remark."""
        if words and words not in self.remark:
            self.remark = f"{self.remark}; {words}" if self.remark else words


@dataclass(slots=True)
class Negotiation:
    """All keys of one connection, in the order in which they were first said; those that nobody mentioned follow."""

    complete: bool
    "The login reached the full feature phase within the capture."
    whole: bool
    "Every login and text PDU is in the capture, so what was not said was not said."
    joined: bool
    "The connection joined a session: leading-only keys are those of the session's first login."
    states: list[KeyState] = field(default_factory=list)

    def state(self, key: str, by: str = "") -> KeyState | None:
        """The latest state of a key; for declarations `by` names the side."""
        for state in reversed(self.states):
            if state.key == key and (not by or state.offered_by == by or not state.offered_by):
                return state
        return None

    def result(self, key: str, by: str = "") -> str | None:
        """What is in force for a key; None if that is not known."""
        for state in reversed(self.states):
            if state.key == key and state.result is not None and (not by or state.offered_by in (by, "")):
                return state.result
        return None


def negotiate(login: Login, full_feature_pdu: int = 0, leading: Negotiation | None = None) -> Negotiation:
    """The negotiation of one connection.

    `full_feature_pdu` is the Login Response that ended the login (0 if none did); `leading` is the negotiation of the
    session's first connection if this one joined it.
    """
    whole = not login.hole and login.requests > 0
    found = Negotiation(login.complete, whole, leading is not None)
    talk = _Talk(found, full_feature_pdu)
    for said in login.said:
        talk.take(said)
    talk.end(login.complete)
    if leading is not None:
        _inherit(found, leading)
    _add_defaults(found, full_feature_pdu, leading)
    _look_across(found)
    return found


class _Talk:
    """The negotiation while it is read, pair by pair."""

    def __init__(self, found: Negotiation, full_feature_pdu: int) -> None:
        self._found = found
        self._full_feature_pdu = full_feature_pdu
        self._open: dict[str, KeyState] = {}

    def take(self, said: Said) -> None:
        """One key=value pair."""
        side = INITIATOR if said.to_target else TARGET
        key = find_key(said.key)
        kind = key.kind if key is not None else ""
        before = self._open.get(said.key)
        if before is not None and before.offered_by != side and (kind != DECLARATIVE or said.value in RESERVED_ANSWERS):
            del self._open[said.key]
            self._answer(before, key, said)
            return
        state = self._begin(key, said, side, kind)
        settled = any(other.key == said.key and other.source == AGREED for other in self._found.states)
        self._found.states.append(state)
        if kind in (AUTHENTICATION, REQUEST):
            return
        if kind == DECLARATIVE:
            self._declare(state, key)
        elif before is not None:
            state.add_remark("offered again without an answer")
        elif settled and not state.full_feature:
            state.add_remark("offered again after it was settled")
        self._open[said.key] = state

    def _begin(self, key: Key | None, said: Said, side: str, kind: str) -> KeyState:
        scope = {keytable.SESSION: "session", keytable.CONNECTION: "connection"}.get(key.scope if key else "", "")
        late = 0 < self._full_feature_pdu < said.pdu
        state = KeyState(said.key, kind, scope, SAID, side, redact(said.key, said.value), said.pdu, full_feature=late)
        if key is not None:
            state.default = key.default
            if kind not in (AUTHENTICATION, REQUEST):
                state.add_remark(value_problem(key, said.value))
        return state

    def _declare(self, state: KeyState, key: Key | None) -> None:
        """A declaration needs no answer; it holds from the end of the exchange on."""
        assert key is not None
        for other in self._found.states[:-1]:
            if other.key == state.key and other.offered_by == state.offered_by and not key.repeats:
                if other.full_feature == state.full_feature and not state.full_feature:
                    state.add_remark(MORE_THAN_ONCE)
        state.source = DECLARED
        state.result = state.offered
        state.in_force_after = state.offered_pdu if state.full_feature else self._full_feature_pdu

    def _answer(self, state: KeyState, key: Key | None, said: Said) -> None:
        state.answered, state.answered_pdu = redact(said.key, said.value), said.pdu
        state.in_force_after = said.pdu if state.full_feature else self._full_feature_pdu
        if said.value in RESERVED_ANSWERS:
            if state.kind != DECLARATIVE:
                state.source, state.result = REFUSED, self._held_before(state)
            if said.value != NOT_UNDERSTOOD or key is not None:
                state.add_remark(f"answered {said.value}")
            return
        if key is None or state.kind != NEGOTIATED or state.offered is None:
            state.result = said.value
            return
        state.source = AGREED
        state.result, remark = agree(key, state.offered, said.value)
        state.add_remark(value_problem(key, said.value))
        state.add_remark(remark)

    def _held_before(self, state: KeyState) -> str | None:
        """What holds for a key whose negotiation came to nothing."""
        for other in reversed(self._found.states):
            if other is not state and other.key == state.key and other.result is not None:
                return other.result
        return state.default

    def end(self, complete: bool) -> None:
        """Nothing more will be said: offers without an answer."""
        for state in self._open.values():
            key = find_key(state.key)
            if key is None or key.kind != NEGOTIATED or state.offered is None:
                continue
            if key.silent_answer is not None and key.silent_answer == state.offered:
                state.source, state.result = OFFER_DECIDES, state.offered
                state.in_force_after = self._full_feature_pdu
            elif not self._found.whole:
                state.source = UNKNOWN
            else:
                state.source = SETTLED if self._says_nothing_new(state) else OPEN
                if complete:
                    state.result = self._held_before(state)
                    state.add_remark("not answered" if state.source == OPEN else "")

    def _says_nothing_new(self, state: KeyState) -> bool:
        """Whether an offer that was not answered only states again what the same side had offered and what was settled
        then, so that it could not lead to another result (RFC 7143 section 6.2: nothing is negotiated twice)."""
        for other in reversed(self._found.states):
            if other is not state and other.key == state.key and other.source == AGREED:
                same = state.offered in (other.result, other.offered) and state.offered_by == other.offered_by
                return same and not other.remark and state.full_feature == other.full_feature
        return False


def _inherit(found: Negotiation, leading: Negotiation) -> None:
    """Keys that only a leading login may negotiate: whatever this login said about them, the leading one decides."""
    for state in found.states:
        key = find_key(state.key)
        if key is not None and key.use == LEADING_ONLY:
            state.source = INHERITED
            state.result = leading.result(state.key)
            state.remark = ""
            if state.answered == NOT_UNDERSTOOD:
                state.remark = "a key of the leading login, answered NotUnderstood"


def _add_defaults(found: Negotiation, full_feature_pdu: int, leading: Negotiation | None) -> None:
    """Keys that nobody mentioned: what the leading login settled, else the default, if nothing of the login is
    missing."""
    mentioned = {state.key for state in found.states if state.kind != DECLARATIVE}
    declared = {(state.key, state.offered_by) for state in found.states if state.kind == DECLARATIVE}
    for key in KEYS.values():
        if key.status != "current" or key.default is None or key.name in mentioned:
            continue
        if key.kind == DECLARATIVE and key.form == keytable.LIST:
            continue  # a description; that it is absent says nothing
        scope = "session" if key.scope == keytable.SESSION else "connection"
        sides: tuple[str, ...] = ("",)
        if key.kind == DECLARATIVE:
            sides = (INITIATOR, TARGET) if key.scope == keytable.CONNECTION else (INITIATOR,)
        for side in sides:
            if (key.name, side) in declared:
                continue
            state = KeyState(key.name, key.kind, scope, UNKNOWN, side, default=key.default)
            if leading is not None and key.use == LEADING_ONLY:
                state.source, state.result = INHERITED, leading.result(key.name)
            elif found.whole and (found.complete or key.kind == DECLARATIVE):
                state.source, state.result = DEFAULT, key.default
            state.in_force_after = full_feature_pdu if state.result is not None else 0
            found.states.append(state)


def _look_across(found: Negotiation) -> None:
    """What only several keys together tell."""
    results = {state.key: state.result for state in found.states if state.result is not None}
    for state in found.states:
        key = find_key(state.key)
        if key is not None and state.kind != AUTHENTICATION:
            state.irrelevant = any(
                all(results.get(name) == value for name, value in condition) for condition in key.irrelevant
            )
    first, most = results.get("FirstBurstLength", ""), results.get("MaxBurstLength", "")
    if first.isdecimal() and most.isdecimal() and int(first) > int(most):
        for state in found.states:
            if state.key == "FirstBurstLength" and state.source == AGREED and not state.irrelevant:
                state.add_remark(f"larger than MaxBurstLength, which is {most}")
