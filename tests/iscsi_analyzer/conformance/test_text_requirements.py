"""Requirements are told in the words of what was seen."""

from __future__ import annotations

from typing import Any

import pytest

from iscsi_analyzer.conformance.record import RequirementStanding
from iscsi_analyzer.conformance.text_requirements import fared, requirement_lines
from iscsi_analyzer.export.tables import Style


def requirement(**more: Any) -> RequirementStanding:
    facts: dict[str, Any] = {"rules": ["some-rule"], "state": "not-exercised", **more}
    return RequirementStanding(
        requirement="4.3/1", standard="RFC 7143", section="4.3", kind="MUST", times=2, asks="Something.", **facts
    )


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"state": "held", "held": 3}, "[no breach in 3 occasions]"),
        ({"state": "held", "held": 1, "partly": True}, "[no breach in 1 occasion, as far as can be seen]"),
        ({"state": "broken", "broken": 2, "held": 3}, "[broken 2 times: some-rule]"),
        ({"state": "undecidable", "undecidable": 3}, "[not decidable in 3 occasions]"),
        ({}, "[not exercised]"),
        ({"rules": [], "why": "Nobody sees it."}, "[Nobody sees it.]"),
    ],
)
def test_what_is_said_of_a_requirement(facts: dict[str, Any], said: str) -> None:
    assert fared(requirement(**facts)) == said


def test_requirements_stand_below_their_sections() -> None:
    lines = list(requirement_lines([requirement(), requirement()], Style(False)))
    assert lines[1:] == ["  4.3", *["    Something. (MUST, 2 times) [not exercised]"] * 2]
