"""Counts, capture by capture, how often each party had an occasion to break each rule, and what came of it.

Of a capture that was counted nothing is kept but these numbers and a few places: memory grows with rules and parties.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from iscsi_analyzer.conformance.evidence import NAMES, Evidence
from iscsi_analyzer.conformance.needs import need_of
from iscsi_analyzer.conformance.parties import (
    ANALYZER,
    INITIATOR,
    NETWORK,
    TARGET,
    Party,
    addresses,
    initiator_of,
    target_of,
)
from iscsi_analyzer.conformance.record import CaptureOfSet, Place
from iscsi_analyzer.query import QueryError, compile_filter
from iscsi_analyzer.query.filter import Filter
from iscsi_analyzer.rules.desk import CAPTURE
from iscsi_analyzer.rules.rule import Rule
from iscsi_analyzer.rules.verdicts import Verdict
from iscsi_analyzer.store.columns import Array
from iscsi_analyzer.store.store import Store

Rows = NDArray[np.int64]
_NONE: Final[Rows] = np.zeros(0, dtype=np.int64)

MAX_PLACES: Final = 10
"Places that are kept of one rule and party."
MAX_ADDRESSES: Final = 16


@cache
def _understood(occasion: str) -> Filter | None:
    """The filter, which serves for all captures; None if it cannot be understood."""
    try:
        return compile_filter(occasion) if occasion else None
    except QueryError:
        return None


class Count:
    """How one party kept one rule."""

    __slots__ = ("broken", "held", "places", "undecidable")

    def __init__(self) -> None:
        self.held = 0
        self.broken = 0
        self.undecidable: Counter[str] = Counter()
        self.places: list[Place] = []


class Present:
    """What is known of a party."""

    __slots__ = ("addresses", "connections", "pdus")

    def __init__(self) -> None:
        self.addresses: dict[str, None] = {}
        self.connections = 0
        self.pdus = 0


class Tally:
    """The numbers of all captures so far."""

    def __init__(self) -> None:
        self.captures: list[CaptureOfSet] = []
        self.rules: dict[str, tuple[Rule, str]] = {}
        "Every rule that counts, with its severity."
        self.counts: dict[str, dict[Party, Count]] = {}
        "By rule and party, where there was an occasion or a breach."
        self.parties: dict[Party, Present] = {}

    def add(self, store: Store, files: Sequence[str], problems: Iterable[str] = ()) -> None:
        """Counts one capture, which was read to its end."""
        verdicts = store.verdicts
        for name, rule in verdicts.rules.items():
            if verdicts.selection.chooses(name):
                self.rules.setdefault(name, (rule, verdicts.selection.severity_of(rule)))
        self.captures.append(
            CaptureOfSet(
                files=list(files),
                connections=len(store.connections),
                sessions=len(store.sessions),
                pdus=len(store),
                problems=list(problems),
            )
        )
        _OneCapture(self, store, list(files)).count()

    def count(self, rule: str, party: Party) -> Count:
        """The numbers of a rule and a party."""
        return self.counts.setdefault(rule, {}).setdefault(party, Count())


class _OneCapture:
    """The counting of one capture."""

    def __init__(self, tally: Tally, store: Store, files: list[str]) -> None:
        self.tally = tally
        self.store = store
        self.files = files
        self.evidence = Evidence(store)
        self.initiators = [initiator_of(follower) for follower in store.followers]
        self.targets = [target_of(follower) for follower in store.followers]
        self.sides: list[Party] = list(dict.fromkeys([*self.initiators, *self.targets, NETWORK]))
        places = {party: place for place, party in enumerate(self.sides)}
        connections = self.evidence.connections
        self.initiator_of = np.array([places[party] for party in self.initiators], dtype=np.int64)[connections]
        self.target_of = np.array([places[party] for party in self.targets], dtype=np.int64)[connections]
        self.sender_of = np.where(self.evidence.to_target, self.initiator_of, self.target_of)
        self.nobody = np.full(self.evidence.count, places[NETWORK], dtype=np.int64)

    def count(self) -> None:
        """Everybody, every occasion, every finding."""
        self._present()
        found: dict[str, list[Verdict]] = {}
        for verdict in self.store.verdicts:
            found.setdefault(verdict.rule.name, []).append(verdict)
        marked = self._marked()
        sharing: dict[str, list[Rule]] = {}
        for rule, _ in self.tally.rules.values():
            sharing.setdefault(rule.occasion, []).append(rule)
        for occasion, rules in sharing.items():  # so that one column of occasions is there at a time
            rows = self._occasions(occasion)
            for rule in rules:
                self._rule(rule, rows, found.pop(rule.name, []), marked.get(rule.name))
        for name, verdicts in found.items():  # of rules that a plug-in did not declare
            self.tally.rules[name] = (verdicts[0].rule, verdicts[0].severity)
            self._rule(verdicts[0].rule, self._occasions(""), verdicts, None)

    def _present(self) -> None:
        sent = np.bincount(self.sender_of, minlength=len(self.sides)).tolist()
        for place, party in enumerate(self.sides):
            if party != NETWORK:
                self.tally.parties.setdefault(party, Present()).pdus += sent[place]
        for follower, *sides in zip(self.store.followers, self.initiators, self.targets, strict=True):
            for party, address in zip(sides, addresses(follower), strict=True):
                present = self.tally.parties[party]
                present.connections += 1
                if len(present.addresses) < MAX_ADDRESSES:
                    present.addresses.setdefault(address)

    def _marked(self) -> Mapping[str, Rows]:
        """The rows of the PDUs that show each rule broken."""
        findings = self.store.engine.desk.findings
        shown: dict[str, list[int]] = {}
        for pdu, places in self.store.marks.items():
            for place in places:
                shown.setdefault(findings[place].rule, []).append(pdu - 1)
        return {rule: np.array(rows, dtype=np.int64) for rule, rows in shown.items()}

    def _occasions(self, occasion: str) -> Rows:
        """The rows of the PDUs that an occasion chooses; none if a rule of a plug-in tells none, or not well."""
        understood = _understood(occasion)
        return _NONE if understood is None else np.flatnonzero(understood.pdus(self.store))

    def _rule(self, rule: Rule, rows: Rows, verdicts: list[Verdict], marked: Rows | None) -> None:
        shown = self._occasions_of(rule, rows, marked) if len(rows) else Counter()
        broken: Counter[Party] = Counter()
        for verdict in verdicts:
            party = self._guilty(verdict)
            broken[party] += int(verdict.finding.count)
            count = self.tally.count(rule.name, party)
            count.broken += int(verdict.finding.count)
            if len(count.places) < MAX_PLACES:
                count.places.append(self._place(verdict))
        for party, times in broken.items():
            # Where something else than the occasion shows the breach, one of the occasions is not held.
            count = self.tally.count(rule.name, party)
            count.held = max(0, count.held - max(0, times - shown[party]))

    def _occasions_of(self, rule: Rule, rows: Rows, marked: Rows | None) -> Counter[Party]:
        """Counts the occasions of a rule; returns how many of them show it broken."""
        bound = self._bound(rule)
        if not bound.all():
            rows = rows[bound[self.evidence.connections[rows]]]
        sides = self._sides(rule)
        shown: Counter[Party] = Counter()
        if marked is not None and len(marked):
            guilty = np.isin(rows, marked)
            shown = self._by_party(sides[rows[guilty]])
            rows = rows[~guilty]
        why = self.evidence.reasons(need_of(rule.needs))[rows]
        for party, times in self._by_party(sides[rows[why == 0]]).items():
            self.tally.count(rule.name, party).held += times
        for code in np.unique(why[why > 0]).tolist():
            for party, times in self._by_party(sides[rows[why == code]]).items():
                self.tally.count(rule.name, party).undecidable[NAMES[code]] += times
        return shown

    def _by_party(self, sides: Array) -> Counter[Party]:
        numbers = np.bincount(sides, minlength=len(self.sides)).tolist()
        return Counter({party: times for party, times in zip(self.sides, numbers, strict=True) if times})

    def _sides(self, rule: Rule) -> Array:
        """For each PDU who could break the rule with it."""
        if rule.party == INITIATOR:
            return self.initiator_of
        if rule.party == TARGET:
            return self.target_of
        return self.sender_of if rule.party == "either" else self.nobody

    def _bound(self, rule: Rule) -> NDArray[np.bool_]:
        """For each connection whether its peers know the standard that has the rule."""
        verdicts = self.store.verdicts
        numbers = range(1, len(self.store.followers) + 1)
        return np.array([verdicts.selection.applies(rule, verdicts.generation(number)) for number in numbers])

    def _guilty(self, verdict: Verdict) -> Party:
        finding = verdict.finding
        if finding.party == CAPTURE:
            return ANALYZER
        if 1 <= finding.connection <= len(self.initiators):
            if finding.party == INITIATOR:
                return self.initiators[finding.connection - 1]
            if finding.party == TARGET:
                return self.targets[finding.connection - 1]
        return NETWORK

    def _place(self, verdict: Verdict) -> Place:
        finding = verdict.finding
        row = self.store.row(finding.pdu) if 0 < finding.pdu <= len(self.store) else None
        return Place(
            files=self.files,
            connection=int(finding.connection),
            message=verdict.message,
            times=int(finding.count),
            pdu=int(finding.pdu) or None,
            frame=None if row is None else row.frame_last,
        )
