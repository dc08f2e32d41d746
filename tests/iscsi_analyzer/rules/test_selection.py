"""Users decide which rules count and how much; what was found stays what it is."""

from __future__ import annotations

import pytest

from iscsi_analyzer.rules.rule import ERROR, NOTE, WARNING, Rule
from iscsi_analyzer.rules.selection import PROFILES, Selection


def rule(name: str = "cmdsn-gap", since: str = "RFC 3720") -> Rule:
    return Rule(name, ERROR, "initiator", "RFC 7143", "Something", since=since)


def test_without_a_choice_every_rule_counts() -> None:
    selection = Selection()
    assert selection.chooses("anything")
    assert selection.severity_of(rule()) == ERROR


@pytest.mark.parametrize(
    ("select", "ignore", "chosen"),
    [
        (("cmdsn-gap",), (), True),
        (("cmdsn-*",), (), True),
        (("statsn-*", "cmdsn-g?p"), (), True),
        (("statsn-*",), (), False),
        ((), ("cmdsn-gap",), False),
        ((), ("cmdsn-*",), False),
        (("cmdsn-gap",), ("*",), False),
        ((), ("CMDSN-GAP",), True),
    ],
)
def test_rules_are_chosen_by_name_or_pattern(select: tuple[str, ...], ignore: tuple[str, ...], chosen: bool) -> None:
    """What is ignored is ignored, whatever was selected."""
    assert Selection(select, ignore).chooses("cmdsn-gap") is chosen


def test_a_severity_for_the_name_counts_more_than_one_for_a_pattern() -> None:
    assert Selection(severity={"cmdsn-gap": NOTE, "*": WARNING}).severity_of(rule()) == NOTE
    assert Selection(severity={"*": WARNING, "cmdsn-*": NOTE}).severity_of(rule()) == NOTE
    assert Selection(severity={"statsn-*": NOTE}).severity_of(rule()) == ERROR


@pytest.mark.parametrize(
    ("profile", "generation", "applies"),
    [
        ("auto", "RFC 3720", [True, False, False]),
        ("auto", "RFC 7143", [True, True, False]),
        ("auto", "RFC 7144", [True, True, True]),
        ("rfc3720", "RFC 7144", [True, False, False]),
        ("rfc7143", "RFC 3720", [True, True, False]),
        ("rfc7144", "RFC 3720", [True, True, True]),
    ],
)
def test_peers_are_held_to_what_they_can_know(profile: str, generation: str, applies: list[bool]) -> None:
    """The user's word counts more than what the login shows."""
    rules = [rule(since=since) for since in ("RFC 3720", "RFC 7143", "RFC 7144")]
    assert [Selection(profile=profile).applies(each, generation) for each in rules] == applies


def test_words_that_mean_nothing_are_refused() -> None:
    with pytest.raises(ValueError, match=r"rfc9999.*rfc3720"):
        Selection(profile="rfc9999")
    with pytest.raises(ValueError, match=r"fatal.*error"):
        Selection(severity={"cmdsn-gap": "fatal"})
    assert [Selection(profile=profile).profile for profile in PROFILES] == list(PROFILES)


def test_every_name_in_it_can_be_asked_for() -> None:
    assert Selection(("a",), ("b", "c"), {"d": NOTE}).names == ["a", "b", "c", "d"]
