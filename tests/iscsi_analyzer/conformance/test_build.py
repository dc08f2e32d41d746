"""Numbers become a record: states of rules, requirements, chapters and parties that agree with each other."""

from __future__ import annotations

import pytest

from iscsi_analyzer.conformance.build import conformance, parties_called, state_of, together
from iscsi_analyzer.conformance.record import Counts, State
from iscsi_analyzer.conformance.requirements import requirements
from iscsi_analyzer.rules.catalogue import rules
from tests.iscsi_analyzer.conformance.tallied import faulty_record, recorded, standing, tallied
from tests.iscsi_analyzer.export.faulty import conversation
from tests.support.talk import Talk


@pytest.mark.parametrize(
    ("numbers", "state"),
    [
        ((5, 1, 2), "broken"),
        ((5, 0, 2), "held"),
        ((0, 0, 2), "undecidable"),
        ((0, 0, 0), "not-exercised"),
    ],
)
def test_a_breach_counts_more_than_anything_and_a_look_more_than_none(
    numbers: tuple[int, int, int], state: State
) -> None:
    assert state_of(*numbers) == state


def test_every_rule_and_requirement_is_in_it() -> None:
    record = faulty_record()
    assert [each.rule for each in record.rules] == [name for name in rules() if name != "rule-crashed"]
    assert [each.requirement for each in record.requirements] == [each.name for each in requirements()]


def test_rules_are_the_sum_of_their_parties() -> None:
    for rule in faulty_record().rules:
        for what in ("held", "broken", "undecidable"):
            assert getattr(rule, what) == sum(getattr(each, what) for each in rule.parties)
        assert rule.state == state_of(rule.held, rule.broken, rule.undecidable)


def test_what_was_broken_is_said_of_rule_requirement_chapter_and_party() -> None:
    record = faulty_record()
    rule = standing(record, "tmf-refcmdsn-wrong")
    assert (rule.state, rule.broken, [each.party.role for each in rule.parties]) == ("broken", 1, ["initiator"])
    asked = [each for each in record.requirements if "tmf-refcmdsn-wrong" in each.rules]
    assert asked and all(each.state == "broken" for each in asked)
    (chapter,) = [each for each in record.sections if (each.standard, each.section) == ("RFC 7143", "11.5")]
    assert chapter.broken == 3
    assert chapter.rules == chapter.held + chapter.broken + chapter.undecidable + chapter.not_exercised
    assert [each.broken for each in record.parties if each.party.role == "initiator"] == [4]


def test_several_rules_of_one_requirement_have_mostly_the_same_occasions() -> None:
    held, broken = Counts(state="held", held=7), Counts(state="broken", held=3, broken=2)
    assert together([held, broken]) == Counts(state="broken", held=7, broken=2)
    assert together([]) == Counts(state="not-exercised")


def test_what_nobody_can_tell_says_why() -> None:
    record = recorded(Talk().open())
    unwatched = [each for each in record.requirements if not each.rules]
    assert unwatched and all(each.why and each.state == "not-exercised" for each in unwatched)


def test_a_record_can_be_limited_to_a_party() -> None:
    tally = tallied(conversation())
    name = Talk().target_name
    found = parties_called(tally, name)
    assert [party.name for party in found] == [name]
    assert parties_called(tally, "EXAMPLE:Target") == found
    assert parties_called(tally, "nobody-at-all") == []
    record = conformance(tally, party=name, chosen=found)
    assert [each.party.name for each in record.parties] == [name]
    assert {rules()[each.rule].party for each in record.rules} == {"target", "either"}
    assert not any("tmf-refcmdsn-wrong" in each.rules for each in record.requirements)
    assert 0 < len(record.requirements) < len(requirements())
    assert {each.party.name for rule in record.rules for each in rule.parties} == {name}
