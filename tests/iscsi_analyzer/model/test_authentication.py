"""Who proved what to whom, step by step, without any secret."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from iscsi_analyzer.model.authentication import (
    ALGORITHMS_OFFERED,
    CHALLENGED,
    METHOD_CHOSEN,
    MUTUAL_RESPONDED,
    NOT_BEGUN,
    RESPONDED,
    authentication,
)
from iscsi_analyzer.model.negotiation import negotiate
from tests.iscsi_analyzer.model.logins import BACK, SENT, login

CHAP = (
    (1, SENT, "AuthMethod", "CHAP,None"),
    (2, BACK, "AuthMethod", "CHAP"),
    (3, SENT, "CHAP_A", "7,5"),
    (4, BACK, "CHAP_A", "5"),
    (4, BACK, "CHAP_I", "65"),
    (4, BACK, "CHAP_C", "0x" + "ab" * 16),
    (5, SENT, "CHAP_N", "alice"),
    (5, SENT, "CHAP_R", "0x" + "cd" * 16),
)
MUTUAL = (
    (5, SENT, "CHAP_I", "1"),
    (5, SENT, "CHAP_C", "0b" + "QUJD"),
    (6, BACK, "CHAP_N", "bob"),
    (6, BACK, "CHAP_R", "0x01"),
)


def test_the_steps_of_chap_have_names_and_no_secrets() -> None:
    found = authentication(login(*CHAP))
    assert (found.methods_offered, found.method, found.algorithms_offered, found.algorithm) == (
        ["CHAP", "None"],
        "CHAP",
        ["SHA-256", "MD5"],
        "MD5",
    )
    assert (found.initiator_name, found.mutual, found.reached) == ("alice", False, RESPONDED)
    assert [step.words for step in found.steps] == [
        "offers CHAP, None",
        "chooses CHAP",
        "offers SHA-256, MD5",
        "chooses MD5; a challenge of 16 bytes",
        "answers as 'alice' with 16 bytes",
    ]


def test_mutual_chap_is_told_by_the_challenge_of_the_initiator() -> None:
    found = authentication(login(*CHAP, *MUTUAL))
    assert (found.mutual, found.reached, found.target_name) == (True, MUTUAL_RESPONDED, "bob")
    assert found.steps[-2].words.endswith("wants the target to prove itself, too: a challenge of 3 bytes")


def test_secrets_do_not_appear_anywhere() -> None:
    made = login(*CHAP, *MUTUAL)
    text = repr(negotiate(made, 0)) + repr(authentication(made))
    assert "abab" not in text and "cdcd" not in text and "QUJD" not in text


def test_each_step_is_reached_in_turn() -> None:
    ends = {0: NOT_BEGUN, 1: NOT_BEGUN, 2: METHOD_CHOSEN, 3: ALGORITHMS_OFFERED, 6: CHALLENGED, 8: RESPONDED}
    assert {count: authentication(login(*CHAP[:count])).reached for count in ends} == ends


def test_a_refused_offer_is_no_choice() -> None:
    found = authentication(login((1, SENT, "AuthMethod", "KRB5"), (2, BACK, "AuthMethod", "Reject")))
    assert [step.words for step in found.steps] == ["offers KRB5", "answers Reject"]


def test_other_methods_are_named_by_their_keys() -> None:
    said = ((1, SENT, "AuthMethod", "SRP"), (2, BACK, "AuthMethod", "SRP"), (3, SENT, "SRP_U", "carol"))
    found = authentication(login(*said, (3, SENT, "TargetAuth", "Yes")))
    assert (found.method, found.initiator_name) == ("SRP", "carol")
    assert found.steps[-1].words == "SRP_U, TargetAuth"


def test_a_login_without_authentication_has_no_steps() -> None:
    assert authentication(login((1, SENT, "InitiatorName", "iqn.a"))).steps == []


KEYS = ("AuthMethod", "CHAP_A", "CHAP_I", "CHAP_C", "CHAP_N", "CHAP_R", "SRP_U", "SRP_M", "KRB_AP_REQ")


@given(st.lists(st.tuples(st.integers(1, 9), st.booleans(), st.sampled_from(KEYS), st.text(max_size=30)), max_size=20))
def test_nothing_that_is_said_raises(said: list[tuple[int, bool, str, str]]) -> None:
    authentication(login(*sorted(said, key=lambda pair: pair[0])))
