"""References are taken apart, and every section of a rule belongs to a chapter."""

from __future__ import annotations

import pytest

from iscsi_analyzer.conformance.requirements import requirements
from iscsi_analyzer.conformance.sections import CHAPTERS, RFC_7143, Section, chapter_of, order_of, sections_of
from iscsi_analyzer.rules.catalogue import rules


@pytest.mark.parametrize(
    ("reference", "found"),
    [
        ("RFC 7143 section 11.2.1.2", [(RFC_7143, "11.2.1.2")]),
        ("RFC 7143 sections 11, 11.7 and 11.16", [(RFC_7143, "11"), (RFC_7143, "11.7"), (RFC_7143, "11.16")]),
        ("RFC 7143 section 11.5.1, RFC 7144 section 9", [(RFC_7143, "11.5.1"), ("RFC 7144", "9")]),
        ("RFC 7143 appendix C and section 4.2.7", [(RFC_7143, "appendix C"), (RFC_7143, "4.2.7")]),
        ("RFC 7143 section 11.3.1, SPC, SBC", [(RFC_7143, "11.3.1"), ("SCSI", "")]),
        ("RFC 7143 sections 11.4 to 11.6", [(RFC_7143, "11.4"), (RFC_7143, "11.6")]),
        ("", []),
    ],
)
def test_a_reference_names_sections(reference: str, found: list[tuple[str, str]]) -> None:
    assert list(sections_of(reference)) == found


@pytest.mark.parametrize(
    ("number", "chapter"),
    [("4.2.2.3.2", "4.2.2"), ("11.16.5", "11.16"), ("11", "11"), ("13.8", "13"), ("appendix C", "appendix C")],
)
def test_a_section_belongs_to_the_longest_chapter_that_it_begins_with(number: str, chapter: str) -> None:
    assert chapter_of(Section(RFC_7143, number)) == (RFC_7143, chapter)


def test_every_section_of_rules_and_requirements_has_a_chapter() -> None:
    named = {section for rule in rules().values() for section in sections_of(rule.reference)}
    named |= {Section(RFC_7143, each.section) for each in requirements()}
    assert sorted(section for section in named if chapter_of(section) not in CHAPTERS) == []


def test_chapters_are_in_the_order_of_the_list() -> None:
    assert sorted(CHAPTERS, key=order_of) == list(CHAPTERS)
