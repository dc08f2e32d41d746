"""The catalogue is whole: every rule is declared, explained, and broken by its own example."""

from __future__ import annotations

import re
import string

import pytest

from iscsi_analyzer.rules.catalogue import HEADINGS, TOPICS, explanations, rules, sections
from iscsi_analyzer.rules.desk import CAPTURE, INITIATOR, NETWORK, TARGET
from iscsi_analyzer.rules.rule import SEVERITIES
from tests.iscsi_analyzer.rules.judging import example, found, sentence

WITHOUT_CONVERSATION = {"rule-crashed"}
"Rules that no conversation breaks."
NAMES = sorted(rules())


def test_no_name_is_taken_twice() -> None:
    assert len(rules()) == sum(len(topic.RULES) for topic in TOPICS)


@pytest.mark.parametrize("name", NAMES)
class TestEveryRule:
    def test_is_declared_with_known_words(self, name: str) -> None:
        """Severity, party and reference are words that readers of findings rely on."""
        rule = rules()[name]
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)+", rule.name)
        assert rule.severity in SEVERITIES
        assert rule.party in {INITIATOR, TARGET, CAPTURE, NETWORK, "either"}
        assert name in WITHOUT_CONVERSATION or re.search(r"(RFC \d+|SAM|SPC|SBC)", rule.reference)
        assert rule.message[0].isupper() or rule.message[0] == "{"
        assert not rule.message.endswith(".")

    def test_is_explained_under_every_heading(self, name: str) -> None:
        """`explain` prints one line about it, then the sections in their order, none of them empty."""
        assert [*sections(name)] == ["", *HEADINGS]
        assert all(sections(name).values())
        assert len(sections(name)[""].splitlines()) == 1
        assert explanations()[name].startswith(sections(name)[""])

    def test_is_broken_by_its_example(self, name: str) -> None:
        """The conversation in the explanation breaks this rule, on the side that may break it, and can be told."""
        if name in WITHOUT_CONVERSATION:
            return
        findings = [finding for finding in found(example(sections(name)["Example"])) if finding.rule == name]
        assert findings, "the example does not break the rule"
        finding, rule = findings[0], rules()[name]
        assert finding.party == rule.party or (rule.party == "either" and finding.party in (INITIATOR, TARGET))
        assert {field for _, field, _, _ in string.Formatter().parse(rule.message) if field} <= set(finding.facts)
        assert "{" not in sentence(finding)
