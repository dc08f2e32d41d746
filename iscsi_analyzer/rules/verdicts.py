"""What was found, as the user wants to see it: each finding with its rule and severity, without those that do not
count."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from iscsi_analyzer.model.following import Follower
from iscsi_analyzer.rules.catalogue import message, rules_with
from iscsi_analyzer.rules.desk import Desk, Finding
from iscsi_analyzer.rules.plugin import Plugin
from iscsi_analyzer.rules.rule import RFC_3720, RFC_7143, RFC_7144, SEVERITIES, WARNING, Rule
from iscsi_analyzer.rules.selection import Selection

PROTOCOL_LEVEL = "iSCSIProtocolLevel"


@dataclass(frozen=True, slots=True)
class Verdict:
    """A finding that counts."""

    finding: Finding
    rule: Rule
    severity: str

    @property
    def message(self) -> str:
        """The finding in one sentence."""
        return message(self.rule, self.finding.facts)


class Verdicts:
    """The findings of an analysis that may still go on."""

    def __init__(
        self, desk: Desk, followers: Sequence[Follower], selection: Selection, plugins: Iterable[Plugin] = ()
    ) -> None:
        self.rules: Mapping[str, Rule] = rules_with(plugins)
        "Every rule there is, by name."
        self.selection = selection
        self._desk = desk
        self._followers = followers

    def __iter__(self) -> Iterator[Verdict]:
        """All of them, in the order in which they were first found."""
        for finding in list(self._desk.findings):
            verdict = self.of(finding)
            if verdict is not None:
                yield verdict

    def of(self, finding: Finding) -> Verdict | None:
        """What a finding comes to; None if it does not count."""
        selection = self.selection
        if not selection.chooses(finding.rule):
            return None
        rule = self.rules.get(finding.rule)
        if rule is None:  # a plug-in found what it had not declared
            rule = Rule(finding.rule, WARNING, finding.party, "", "A rule that nobody declared was broken")
        if not selection.applies(rule, self.generation(finding.connection)):
            return None
        return Verdict(finding, rule, selection.severity_of(rule))

    def of_pdu(self, number: int) -> list[Verdict]:
        """Those that PDU `number` shows."""
        marks = self._desk.marks.get(number)
        if marks is None:
            return []
        verdicts = [self.of(self._desk.findings[index]) for index in marks]
        return [verdict for verdict in verdicts if verdict is not None]

    def names(self, number: int) -> list[str]:
        """The rules that PDU `number` breaks."""
        return list(dict.fromkeys(verdict.rule.name for verdict in self.of_pdu(number)))

    @property
    def dropped(self) -> int:
        """Findings that were not kept, as there were too many."""
        return int(self._desk.dropped)

    def generation(self, connection: int) -> str:
        """The newest RFC that both sides of a connection are known to know, by what they said of the protocol level."""
        if not 1 <= connection <= len(self._followers):
            return RFC_7144  # it is about no peer
        follower = self._followers[connection - 1]
        if follower.limits.protocol_level == 2:
            return RFC_7144
        sides = {said.to_target for said in follower.login.said if said.key == PROTOCOL_LEVEL}
        return RFC_7143 if len(sides) == 2 else RFC_3720


def at_least(severity: str, level: str) -> bool:
    """Whether a severity is as bad as `level`, or worse."""
    return SEVERITIES.index(severity) >= SEVERITIES.index(level)
