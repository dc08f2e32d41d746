"""Where rules hand in what they found: findings, gathered so that a storm is one entry with a count.

Compiled. A finding is a rule, the party that broke it, the facts, and the PDUs that show it; the sentence for people is
made from the facts by the catalogue. One finding gathers all occurrences of a rule on one connection.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mypy_extensions import i64

from iscsi_analyzer.store.places import Places

if TYPE_CHECKING:
    from iscsi_analyzer.model.following import Follower
    from iscsi_analyzer.model.watch import Look

INITIATOR: Final = "initiator"
TARGET: Final = "target"
CAPTURE: Final = "capture"
NETWORK: Final = "network"

MAX_FINDINGS: Final = 1 << 14
MAX_PDUS: Final = 256
"PDUs listed for one finding; all occurrences are counted."
MAX_MARKS: Final = 1 << 20
"PDUs that can be marked with a finding, over all."


def sender(look: Look) -> str:
    """The party that sent the PDU."""
    return INITIATOR if look.to_target else TARGET


class Finding:
    """A rule that was broken on a connection, once or more often. `facts`, `task` and `related` are those of the
    first time."""

    def __init__(
        self, rule: str, party: str, number: i64, session: i64, connection: i64, pdu: i64, facts: dict[str, object]
    ) -> None:
        self.rule: str = rule
        self.party: str = party
        self.number: i64 = number
        self.session: i64 = session
        self.connection: i64 = connection
        self.pdu: i64 = pdu
        "The PDU that shows it; 0 if it is shown by something that did not come."
        self.facts: dict[str, object] = facts
        self.related: list[int] = []
        "Other PDUs that are needed to see it: the command, the earlier value ..."
        self.tag: i64 = -1
        "Initiator Task Tag of the task, -1 if it is about none."
        self.count: i64 = 1
        self.pdus: list[int] = [pdu] if pdu else []


class Desk:
    """The findings of one analysis, in the order in which they were first found."""

    def __init__(self, places: Places | None = None) -> None:
        """`places` tells where the rows of PDUs stand: findings name PDUs as the index does."""
        self._places: Places = places if places is not None else Places()
        self.findings: list[Finding] = []
        self.dropped: i64 = 0
        "Findings that were not kept: there were too many."
        # PDU -> indexes of its findings.
        self.marks: dict[int, list[int]] = {}
        self.unmarked: i64 = 0
        "Marks that were not made: there were too many."
        # What plug-ins remember.
        self.memory: dict[object, object] = {}
        self.acquaintances: object | None = None
        "What logins told of nodes, for the logins that come later."
        # Rule, party and connection -> finding.
        self._known: dict[str, Finding] = {}

    def report(
        self, rule: str, party: str, follower: Follower, look: Look, facts: dict[str, object], related: i64 = 0
    ) -> None:
        """The PDU at hand breaks a rule, together with PDU `related` (0: none)."""
        tag = look.tag if look.tag != 0xFFFFFFFF else -1
        self.found(rule, party, follower.session.number, follower.number, look.number, facts, related, tag)

    def found(
        self,
        rule: str,
        party: str,
        session: i64,
        connection: i64,
        pdu: i64,
        facts: dict[str, object],
        related: i64 = 0,
        tag: i64 = -1,
    ) -> None:
        """A rule was broken. PDU `pdu` of the capture shows it, together with `related` (0: none)."""
        places = self._places
        if places.looked_over:
            pdu = places.of(pdu)
            related = places.of(related)
        key = f"{rule} {party} {connection}"
        finding = self._known.get(key)
        if finding is None:
            if len(self.findings) >= MAX_FINDINGS:
                self.dropped += 1
                return
            finding = Finding(rule, party, len(self.findings) + 1, session, connection, pdu, facts)
            finding.tag = tag
            if related:
                finding.related.append(related)
            self._known[key] = finding
            self.findings.append(finding)
        else:
            finding.count += 1
            if pdu and len(finding.pdus) < MAX_PDUS and (not finding.pdus or finding.pdus[-1] != pdu):
                finding.pdus.append(pdu)
        if pdu:
            index: i64 = finding.number - 1
            marks = self.marks.get(pdu)
            if marks is not None:
                if index not in marks:
                    marks.append(index)
            elif len(self.marks) < MAX_MARKS:
                self.marks[pdu] = [index]
            else:
                self.unmarked += 1
