"""What is remembered of a connection: texts over several PDUs, and whether anything is missing."""

from __future__ import annotations

import pytest

from dissectors.iscsi.keys import parse_text
from iscsi_analyzer.rules.conversation import MAX_TEXT, Conversation
from tests.iscsi_analyzer.rules.judging import findings_of
from tests.support.mangle_loss import snap
from tests.support.talk import Talk

TEXT = b"InitiatorName=iqn.2005-03.com.example:a\0SessionType=Discovery\0"


def keys(talk: Conversation, *pieces: bytes) -> list[str] | None:
    """The keys of a text that comes in these pieces."""
    found = None
    for number, piece in enumerate(pieces, 1):
        found = talk.text(True, piece, len(piece), number < len(pieces))
    return None if found is None else [pair.key for pair in found.pairs]


@pytest.mark.parametrize("cut", range(len(TEXT) + 1))
def test_a_text_is_the_same_wherever_it_is_cut_into_pdus(cut: int) -> None:
    assert keys(Conversation(), TEXT[:cut], TEXT[cut:]) == ["InitiatorName", "SessionType"]


def test_each_side_has_a_text_of_its_own() -> None:
    talk = Conversation()
    talk.text(True, b"A=", 2, True)
    other = talk.text(False, b"B=1\0", 4, False)
    assert other is not None
    assert [pair.key for pair in other.pairs] == ["B"]
    mine = talk.text(True, b"1\0", 2, False)
    assert mine is not None
    assert [(pair.key, pair.value) for pair in mine.pairs] == [("A", "1")]


def test_a_text_that_lacks_bytes_is_no_text_and_the_next_one_is() -> None:
    talk = Conversation()
    assert talk.text(True, b"A=1", 4, True) is None
    assert talk.text(True, b"2\0", 2, False) is None
    assert keys(talk, b"A=1\0") == ["A"]


def test_a_text_without_end_is_given_up() -> None:
    talk = Conversation()
    for _ in range(10):
        talk.text(True, bytes(MAX_TEXT // 4), MAX_TEXT // 4, True)
    assert talk.text(True, b"A=1\0", 4, False) is None
    assert keys(talk, b"A=1\0") == ["A"]


def test_a_login_that_is_over_takes_no_room_for_its_keys() -> None:
    talk = Conversation()
    talk.offers.read(parse_text(b"MaxBurstLength=8192\0HeaderDigest=None\0").pairs, True, 1)
    talk.methods = ["CHAP"]
    talk.forget_negotiation()
    assert (talk.offers.open, talk.methods, talk.chap.asked) == ({}, [], 0)


@pytest.mark.parametrize("length", [66, 80, 96, 114, 128, 150])
def test_a_login_that_the_snap_length_cuts_accuses_nobody(length: int) -> None:
    """Keys that the capture does not hold were not left out by anybody."""
    talk = Talk().open()
    talk.test_unit_ready()
    assert findings_of(snap(talk.frames, length)) == []
