"""What is said of one rule in JSON and to Python programs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from iscsi_analyzer.rules.catalogue import divided, explanation, rules_with
from iscsi_analyzer.rules.plugin import Plugin


class RuleRecord(msgspec.Struct, kw_only=True, tag_field="type", tag="rule"):
    """A rule of the catalogue."""

    name: str
    "Its name, which stays for ever."
    severity: str
    "How bad it is to break it: error, warning or note."
    party: str
    "Who can break it: initiator, target or either; capture: nobody on the wire."
    reference: str
    "RFC and section."
    since: str
    "The RFC that made it a fault."
    needs: str
    "What has to be known for the rule to speak; empty if the PDU alone is enough."
    occasion: str
    "Display filter of the PDUs that give an occasion to break it; empty if a plug-in does not tell."
    message: str
    "The sentence of a finding; names in braces stand for facts."
    summary: str
    "What it is in a line."


def rule_records(plugins: Iterable[Plugin] = ()) -> Iterator[RuleRecord]:
    """All rules, those of plug-ins last."""
    plugins = tuple(plugins)
    for name, rule in rules_with(plugins).items():
        yield RuleRecord(
            name=name,
            severity=rule.severity,
            party=rule.party,
            reference=rule.reference,
            since=rule.since,
            needs=rule.needs,
            occasion=rule.occasion,
            message=rule.message,
            summary=" ".join(divided(explanation(name, plugins))[""].split()),
        )
