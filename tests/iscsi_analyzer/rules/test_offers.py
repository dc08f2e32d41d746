"""What each pair of a text is in its negotiation: offer, answer, declaration, step or question."""

from __future__ import annotations

from dissectors.iscsi.keys import Pair
from iscsi_analyzer.rules.offers import ANSWER, DECLARATION, MAX_KEYS, OFFER, QUESTION, STEP, Move, Offers

ASKS, REPLIES = True, False
"Initiator and target."


def say(offers: Offers, by: bool, pdu: int, *pairs: tuple[str, str]) -> list[Move]:
    """One text with these pairs."""
    return offers.read([Pair(key, value, 0, 0, 0) for key, value in pairs], by, pdu)


def kinds(offers: Offers, by: bool, pdu: int, *pairs: tuple[str, str]) -> list[str]:
    return [move.kind for move in say(offers, by, pdu, *pairs)]


def test_a_negotiated_key_is_offered_by_one_side_and_answered_by_the_other() -> None:
    for first, second in ((ASKS, REPLIES), (REPLIES, ASKS)):
        offers = Offers()
        assert kinds(offers, first, 1, ("MaxBurstLength", "65536")) == [OFFER]
        assert [*offers.open] == ["MaxBurstLength"]
        (answer,) = say(offers, second, 2, ("MaxBurstLength", "8192"))
        assert answer.kind == ANSWER
        assert answer.to is not None
        assert (answer.to.value, answer.to.pdu, answer.to.answer, answer.to.answer_pdu) == ("65536", 1, "8192", 2)
        assert offers.open == {}
        assert offers.result("MaxBurstLength") == "8192"


def test_a_refused_key_has_no_result_and_may_be_offered_again() -> None:
    offers = Offers()
    say(offers, ASKS, 1, ("MaxBurstLength", "1"))
    say(offers, REPLIES, 2, ("MaxBurstLength", "Reject"))
    assert offers.result("MaxBurstLength") is None
    (again,) = say(offers, ASKS, 3, ("MaxBurstLength", "8192"))
    assert (again.kind, again.settled, again.again) == (OFFER, 0, 0)


def test_an_offer_of_what_is_settled_says_so_and_is_owed_no_answer() -> None:
    offers = Offers()
    say(offers, ASKS, 1, ("MaxBurstLength", "8192"))
    say(offers, REPLIES, 2, ("MaxBurstLength", "8192"))
    (again,) = say(offers, ASKS, 3, ("MaxBurstLength", "8192"))
    assert again.settled == 2
    assert offers.open["MaxBurstLength"].again


def test_both_sides_declare_and_nobody_answers() -> None:
    offers = Offers()
    assert kinds(offers, ASKS, 1, ("MaxRecvDataSegmentLength", "8192")) == [DECLARATION]
    assert kinds(offers, REPLIES, 2, ("MaxRecvDataSegmentLength", "4096")) == [DECLARATION]
    assert (offers.said("MaxRecvDataSegmentLength", ASKS), offers.said("MaxRecvDataSegmentLength", REPLIES)) == (
        "8192",
        "4096",
    )
    (again,) = say(offers, ASKS, 3, ("MaxRecvDataSegmentLength", "512"))
    assert (again.kind, again.again) == (DECLARATION, 1)


def test_a_declaration_may_be_answered_with_a_reserved_word() -> None:
    offers = Offers()
    say(offers, ASKS, 1, ("SessionType", "Normal"))
    (answer,) = say(offers, REPLIES, 2, ("SessionType", "NotUnderstood"))
    assert answer.kind == ANSWER


def test_steps_and_questions_are_told_apart() -> None:
    assert kinds(Offers(), ASKS, 1, ("CHAP_A", "5"), ("SendTargets", "All")) == [STEP, QUESTION]


def test_a_side_that_repeats_an_unanswered_offer_is_noticed() -> None:
    first, second = say(Offers(), ASKS, 4, ("MaxConnections", "1"), ("MaxConnections", "2"))
    assert (first.again, second.again) == (0, 4)


def test_an_answer_to_nothing_opens_no_negotiation() -> None:
    offers = Offers()
    assert kinds(offers, REPLIES, 1, ("Foo", "NotUnderstood")) == [OFFER]
    assert offers.open == {}


def test_a_flood_of_keys_is_followed_up_to_a_bound() -> None:
    offers = Offers()
    say(offers, ASKS, 1, *((f"X-{number}", "1") for number in range(MAX_KEYS + 100)))
    assert len(offers.open) == MAX_KEYS
