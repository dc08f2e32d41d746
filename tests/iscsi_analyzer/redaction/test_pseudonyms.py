"""Pseudonyms keep length, form and equality, and give nothing away."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from dissectors.iscsi.values import parse_binary
from iscsi_analyzer.redaction.pseudonyms import Pseudonyms

TEXT = st.text(max_size=40)


@given(TEXT)
def test_words_keep_their_length_and_the_kind_of_every_character(text: str) -> None:
    other = Pseudonyms().words(text)
    assert len(other.encode()) == len(text.encode("utf-8", "replace"))
    for one, two in zip(text, other, strict=True):
        if one.isascii():
            assert (one.isdigit(), one.isupper(), one.islower()) == (two.isdigit(), two.isupper(), two.islower())
            assert one.isalnum() or one == two


@given(st.lists(st.text("abcdefgh0123456789", min_size=3, max_size=12), max_size=30))
def test_what_was_equal_stays_equal_and_what_differed_differs(words: list[str]) -> None:
    pseudonyms = Pseudonyms()
    others = [pseudonyms.words(word) for word in words]
    assert len(set(others)) == len(set(words))
    assert [pseudonyms.words(word) for word in words] == others
    assert not any(one == two for one, two in zip(words, others, strict=True))


def test_names_that_share_a_part_still_share_it() -> None:
    pseudonyms = Pseudonyms()
    one, two = (pseudonyms.name(f"iqn.2003-01.org.example.storage:disk{number}") for number in (1, 2))
    assert one.partition(":")[0] == two.partition(":")[0]
    assert one != two
    assert re.fullmatch(r"iqn\.2003-01\.[a-z]{3}\.[a-z]{7}\.[a-z]{7}:[a-z]{4}\d", one)
    assert "example" not in one


def test_names_by_number_stay_numbers() -> None:
    for name in ("eui.02004567A425678D", "naa.52004567BA64678D"):
        other = Pseudonyms().name(name)
        assert re.fullmatch(r"(eui\.|naa\.5)[0-9A-F]{15,16}", other)
        assert other != name


@given(st.binary(min_size=4, max_size=40))
def test_equal_secrets_stay_equal_in_every_spelling(value: bytes) -> None:
    import base64

    pseudonyms = Pseudonyms()
    spelled = (f"0x{value.hex()}", f"0X{value.hex().upper()}", f"0b{base64.b64encode(value).decode()}")
    others = [pseudonyms.secret(each) for each in spelled]
    assert [len(each) for each in others] == [len(each) for each in spelled]
    assert len({parse_binary(each) for each in others}) == 1
    assert parse_binary(others[0]) != value


def test_secrets_in_other_forms_are_replaced_as_words() -> None:
    assert re.fullmatch(r"[a-z]{4}-\d{4}", Pseudonyms().secret("what-1234"))
    assert re.fullmatch(r"0x[0-9a-f]{3}", Pseudonyms().secret("0xabc"))
    assert len(Pseudonyms().secret("0b!!")) == 4


def test_the_same_originals_in_the_same_order_give_the_same_words() -> None:
    first, second = Pseudonyms(), Pseudonyms()
    assert [first.words(word) for word in ("one", "two")] == [second.words(word) for word in ("one", "two")]
    assert len(first) == 2


def test_another_original_in_the_same_place_gets_the_same_word() -> None:
    """So the word says nothing of what it stands for."""
    assert Pseudonyms().words("alpha") == Pseudonyms().words("gamma")
    assert Pseudonyms().octets("x", b"1234") == Pseudonyms().octets("x", b"5678")


def test_more_originals_than_words_are_no_endless_search() -> None:
    pseudonyms = Pseudonyms()
    assert all(len(pseudonyms.words(str(digit))) == 1 for digit in range(10))
    assert len(pseudonyms.words("9")) == 1
