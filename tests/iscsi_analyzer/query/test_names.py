"""Names of values: as the standard writes them, as people do."""

from __future__ import annotations

import pytest

from dissectors.fields import Words
from dissectors.iscsi import words
from iscsi_analyzer.query.names import OPCODE_ALIASES, STATUS_ALIASES, Names, plain

STATUS = Names(words.SCSI_STATUS, STATUS_ALIASES, 0xFF)
OPCODES = Names(words.OPCODES, OPCODE_ALIASES, 0x3F)


@pytest.mark.parametrize("text", ["CHECK CONDITION", "check condition", "check_condition", "Check-Condition", "check"])
def test_case_and_punctuation_do_not_matter(text: str) -> None:
    assert STATUS.values(text) == {2}


def test_every_name_of_a_table_is_understood_and_given_back() -> None:
    for table in (words.SCSI_STATUS, words.OPCODES, words.LOGIN_STATUS, words.TMF_FUNCTIONS, words.REJECT_REASONS):
        names = Names(table)
        for code, name in table.codes.items():
            found = names.values(name)
            assert found is not None and code in found
            assert names(code) == name


def test_a_name_may_stand_for_several_values() -> None:
    assert OPCODES.values("login") == {0x03, 0x23}
    assert OPCODES.values("SCSI Data In") == {0x25}
    assert OPCODES.values("vendor-specific") == {*range(0x1C, 0x1F), *range(0x3C, 0x3F)}


def test_the_aliases_of_opcodes_are_assigned_opcodes() -> None:
    assert {code for codes in OPCODE_ALIASES.values() for code in codes} <= set(words.OPCODES.codes)
    assert all(words.SCSI_STATUS.known(code) for codes in STATUS_ALIASES.values() for code in codes)


def test_what_is_no_name_names_nothing() -> None:
    assert STATUS.values("CHEK") is None
    assert STATUS.values("") is None
    assert Names({0: ""}).values("") == {0}


def test_near_misses_are_suggested() -> None:
    assert STATUS.like("CHEK CONDITION")[0] == "CHECK CONDITION"
    assert STATUS.like("xyzzy") == []


def test_ranges_are_cut_at_the_largest_value() -> None:
    table = Words({1: "one"}, ((2, 1 << 40, "many"),))
    assert Names(table).values("many") is None
    assert Names(table, None, 4).values("many") == {2, 3, 4}


def test_plain_names_have_letters_and_digits_only() -> None:
    assert plain("I_T Nexus (reset)!") == "itnexusreset"
