"""The result of a negotiation is what both sides compute from what was said."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dissectors.iscsi.keytable import AND, KEYS, NEGOTIATED, OR, Key
from iscsi_analyzer.model.agreement import agree, value_problem

NUMBERS = [key for key in KEYS.values() if key.form == "number" and key.kind == NEGOTIATED]
BOOLEANS = [key for key in KEYS.values() if key.form == "boolean" and key.kind == NEGOTIATED]


@given(st.sampled_from(NUMBERS), st.integers(0, 1 << 24), st.integers(0, 1 << 24))
def test_numbers_follow_minimum_or_maximum(key: Key, offer: int, answer: int) -> None:
    result, remark = agree(key, str(offer), hex(answer))
    pick = max if key.result == "maximum" else min
    assert result == str(pick(offer, answer))
    assert (remark == "") == (pick(offer, answer) == answer)


@given(st.sampled_from(BOOLEANS), st.booleans(), st.booleans())
def test_booleans_follow_and_or_or(key: Key, offer: bool, answer: bool) -> None:
    words = {True: "Yes", False: "No"}
    result, remark = agree(key, words[offer], words[answer])
    expected = {AND: offer and answer, OR: offer or answer}[key.result]
    assert result == words[expected]
    assert (remark == "") == (expected == answer)


@given(st.lists(st.sampled_from(["CRC32C", "None", "Y-a.b"]), min_size=1, unique=True), st.data())
def test_a_list_is_answered_with_one_of_its_values(offers: list[str], data: st.DataObject) -> None:
    answer = data.draw(st.sampled_from([*offers, "MD5"]))
    result, remark = agree(KEYS["HeaderDigest"], ",".join(offers), answer)
    assert result == answer
    assert remark == ("" if answer in offers else f"{answer} was not offered")


@pytest.mark.parametrize(
    ("key", "value", "problem"),
    [
        ("MaxBurstLength", "512", ""),
        ("MaxBurstLength", "511", "511 is outside of 512 to 16777215"),
        ("MaxBurstLength", "0x1000000", "0x1000000 is outside of 512 to 16777215"),
        ("MaxBurstLength", "", "'' is no number"),
        ("InitialR2T", "yes", "'yes' is neither Yes nor No"),
        ("SessionType", "Other", "'Other' is none of Discovery, Normal"),
        ("SessionType", "Discovery", ""),
        ("MaxBurstLength", "Irrelevant", ""),
        ("HeaderDigest", "anything", ""),
    ],
)
def test_values_that_the_standard_does_not_allow_are_named(key: str, value: str, problem: str) -> None:
    assert value_problem(KEYS[key], value) == problem


@given(st.sampled_from(sorted(KEYS)), st.text(max_size=20), st.text(max_size=20))
def test_nothing_that_is_said_raises(name: str, offer: str, answer: str) -> None:
    agree(KEYS[name], offer, answer)
    value_problem(KEYS[name], offer)
