"""The list of requirements is whole, in plain words, and names rules that there are."""

from __future__ import annotations

from iscsi_analyzer.conformance.requirements import MUST, MUST_NOT, requirements, standard, why_unwatched
from iscsi_analyzer.rules.catalogue import rules
from iscsi_analyzer.rules.left_out import LEFT_OUT


def test_it_counts_every_must_of_the_standard() -> None:
    """As often as they are said: 455 times MUST, 95 times MUST NOT."""
    said = {kind: sum(each.times for each in requirements() if each.kind == kind) for kind in (MUST, MUST_NOT)}
    assert said == {MUST: 455, MUST_NOT: 95}
    assert standard() == "RFC 7143"


def test_every_requirement_has_a_name_and_a_sentence_of_its_own() -> None:
    assert len({each.name for each in requirements()}) == len(requirements())
    assert [each.name for each in requirements() if not each.asks.endswith(".") or len(each.asks) > 120] == []
    assert requirements()[0].name == "4.2.1/1"


def test_the_rules_that_watch_it_exist_or_are_left_out_for_a_reason() -> None:
    known = {*rules(), *LEFT_OUT}
    assert [name for each in requirements() for name in each.rules if name not in known] == []


def test_what_no_rule_watches_has_a_reason() -> None:
    assert [each.name for each in requirements() if not each.rules and not each.unseen] == []
    assert [each.name for each in requirements() if each.rules and each.unseen] == []
    assert all(why_unwatched(each) for each in requirements())
    left_out = next(each for each in requirements() if "datasn-overflow" in each.rules)
    assert why_unwatched(left_out) == LEFT_OUT["datasn-overflow"]
