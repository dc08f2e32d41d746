"""Each key follows its own function: who offered, what was answered, what holds from when on, and what is not known."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dissectors.iscsi.keytable import KEYS
from iscsi_analyzer.model import negotiation as n
from iscsi_analyzer.model.login import Login
from tests.iscsi_analyzer.model.logins import BACK, SENT, login

LAST = 4
"The Login Response that ends the login in these tests."


def one(key: str, offered: str, answered: str | None) -> n.KeyState:
    """What becomes of one offer and its answer."""
    said = [(3, SENT, key, offered)] + ([(LAST, BACK, key, answered)] if answered is not None else [])
    state = n.negotiate(login(*said), LAST).state(key)
    assert state is not None
    return state


@pytest.mark.parametrize(
    ("key", "offered", "answered", "result"),
    [
        ("MaxBurstLength", "262144", "16384", "16384"),
        ("MaxBurstLength", "0x4000", "16384", "16384"),
        ("DefaultTime2Wait", "2", "5", "5"),
        ("DefaultTime2Retain", "20", "0", "0"),
        ("InitialR2T", "No", "Yes", "Yes"),
        ("InitialR2T", "No", "No", "No"),
        ("ImmediateData", "Yes", "No", "No"),
        ("ImmediateData", "Yes", "Yes", "Yes"),
        ("HeaderDigest", "CRC32C,None", "CRC32C", "CRC32C"),
        ("TaskReporting", "ResponseFence,RFC3720", "RFC3720", "RFC3720"),
        ("IFMarkInt", "1024~8192", "2048", "2048"),
    ],
)
def test_the_result_follows_from_offer_and_answer_by_the_function_of_the_key(
    key: str, offered: str, answered: str, result: str
) -> None:
    state = one(key, offered, answered)
    assert (state.result, state.source, state.remark) == (result, n.AGREED, "")
    assert (state.offered_by, state.offered_pdu, state.answered_pdu, state.in_force_after) == (n.INITIATOR, 3, 4, LAST)


@pytest.mark.parametrize(
    ("key", "offered", "answered", "result", "remark"),
    [
        ("MaxBurstLength", "16384", "262144", "16384", "the answer is larger than the offer"),
        ("DefaultTime2Wait", "5", "2", "5", "the answer is smaller than the offer"),
        ("InitialR2T", "Yes", "No", "Yes", "the answer should be Yes"),
        ("ImmediateData", "No", "Yes", "No", "the answer should be No"),
        ("HeaderDigest", "None", "CRC32C", "CRC32C", "CRC32C was not offered"),
        ("IFMarkInt", "1024~2048", "4096", "4096", "the answer is outside of 1024~2048"),
        ("MaxBurstLength", "16384", "12", "12", "12 is outside of 512 to 16777215"),
        ("MaxBurstLength", "16384", "many", None, "'many' is no number"),
        ("InitialR2T", "Maybe", "Yes", "Yes", "'Maybe' is neither Yes nor No"),
    ],
)
def test_an_answer_that_the_offer_does_not_allow_is_remarked_upon(
    key: str, offered: str, answered: str, result: str | None, remark: str
) -> None:
    state = one(key, offered, answered)
    assert (state.result, state.remark) == (result, remark)


@pytest.mark.parametrize("answer", ["Reject", "Irrelevant", "NotUnderstood"])
def test_a_refused_key_keeps_its_default(answer: str) -> None:
    state = one("MaxBurstLength", "16384", answer)
    assert (state.result, state.source, state.remark) == ("262144", n.REFUSED, f"answered {answer}")


def test_an_offer_that_settles_the_matter_needs_no_answer_and_any_other_does() -> None:
    assert (one("InitialR2T", "Yes", None).source, one("InitialR2T", "Yes", None).result) == (n.OFFER_DECIDES, "Yes")
    state = one("InitialR2T", "No", None)
    assert (state.source, state.result, state.remark) == (n.OPEN, "Yes", "not answered")


def test_each_side_declares_its_own_segment_length_and_silence_means_8192() -> None:
    found = n.negotiate(login((3, SENT, "MaxRecvDataSegmentLength", "262144")), LAST)
    assert found.result("MaxRecvDataSegmentLength", n.INITIATOR) == "262144"
    assert found.result("MaxRecvDataSegmentLength", n.TARGET) == "8192"


def test_a_declaration_after_the_login_holds_from_its_own_pdu_on() -> None:
    key = "MaxRecvDataSegmentLength"
    found = n.negotiate(login((3, SENT, key, "8192"), (9, SENT, key, "65536")), LAST)
    state = found.state(key, n.INITIATOR)
    assert state is not None
    assert (state.result, state.in_force_after, state.full_feature, state.remark) == ("65536", 9, True, "")


def test_saying_it_twice_in_one_login_is_remarked_upon() -> None:
    key = "MaxRecvDataSegmentLength"
    found = n.negotiate(login((1, SENT, key, "8192"), (3, SENT, key, "65536")), LAST)
    assert [state.remark for state in found.states if state.key == key] == ["", n.MORE_THAN_ONCE, ""]
    again = n.negotiate(
        login((1, SENT, "InitialR2T", "No"), (2, BACK, "InitialR2T", "Yes"), (3, SENT, "InitialR2T", "No")), LAST
    )
    assert [state.result for state in again.states if state.key == "InitialR2T"] == ["Yes", "Yes"]
    assert "offered again after it was settled" in again.states[1].remark


@pytest.mark.parametrize(
    ("again", "source"),
    [("16384", n.SETTLED), ("262144", n.SETTLED), ("8192", n.OPEN)],
    ids=["the result", "the same offer", "another offer"],
)
def test_an_offer_that_is_stated_again_unsettles_nothing(again: str, source: str) -> None:
    key = "MaxBurstLength"
    made = login((1, SENT, key, "262144"), (2, BACK, key, "16384"), (3, SENT, key, again))
    state = n.negotiate(made, LAST).state(key)
    assert state is not None
    assert (state.source, state.result) == (source, "16384")
    assert "offered again after it was settled" in state.remark


def test_the_other_side_does_not_state_again_what_was_settled() -> None:
    key = "MaxBurstLength"
    made = login((1, SENT, key, "262144"), (2, BACK, key, "16384"), (4, BACK, key, "16384"))
    state = n.negotiate(made, LAST).state(key)
    assert state is not None and state.source == n.OPEN


def test_the_target_may_offer_and_the_initiator_answer() -> None:
    found = n.negotiate(login((2, BACK, "MaxConnections", "8"), (3, SENT, "MaxConnections", "2")), LAST)
    state = found.state("MaxConnections")
    assert state is not None
    assert (state.offered_by, state.result, state.answered_pdu) == (n.TARGET, "2", 3)


def test_what_nobody_mentioned_has_its_default_only_if_nothing_of_the_login_is_missing() -> None:
    assert n.negotiate(login(), LAST).result("MaxBurstLength") == "262144"
    for made in (login(hole=True), login(complete=False), Login()):
        found = n.negotiate(made, LAST)
        assert found.result("MaxBurstLength") is None
        assert {state.source for state in found.states if state.key == "MaxBurstLength"} == {n.UNKNOWN}


def test_an_offer_whose_answer_the_capture_may_lack_is_unknown_not_unanswered() -> None:
    found = n.negotiate(login((3, SENT, "MaxBurstLength", "16384"), hole=True), LAST)
    state = found.state("MaxBurstLength")
    assert state is not None
    assert (state.source, state.result, state.remark) == (n.UNKNOWN, None, "")


def test_a_connection_that_joins_has_the_leading_keys_of_the_first_one() -> None:
    first = n.negotiate(login((1, SENT, "MaxBurstLength", "65536"), (2, BACK, "MaxBurstLength", "32768")), 2)
    said = (
        (3, SENT, "MaxBurstLength", "65536"),
        (4, BACK, "MaxBurstLength", "NotUnderstood"),
        (3, SENT, "DataDigest", "None"),
    )
    found = n.negotiate(login(*said), LAST, first)
    assert found.joined
    assert found.result("MaxBurstLength") == "32768"
    assert found.result("InitialR2T") == "Yes"
    burst, digest = found.state("MaxBurstLength"), found.state("DataDigest")
    assert burst is not None and burst.source == n.INHERITED and "leading login" in burst.remark
    assert digest is not None and digest.source == n.OPEN


def test_keys_that_other_results_make_meaningless_say_so() -> None:
    said = (
        (3, SENT, "InitialR2T", "Yes"),
        (4, BACK, "InitialR2T", "Yes"),
        (3, SENT, "ImmediateData", "No"),
        (4, BACK, "ImmediateData", "No"),
        (3, SENT, "FirstBurstLength", "65536"),
        (4, BACK, "FirstBurstLength", "65536"),
    )
    found = n.negotiate(login(*said), LAST)
    assert [state.key for state in found.states if state.irrelevant] == ["FirstBurstLength"]
    discovery = n.negotiate(login((3, SENT, "SessionType", "Discovery")), LAST)
    assert {state.key for state in discovery.states if state.irrelevant} >= {"MaxConnections", "InitialR2T"}


def test_a_first_burst_beyond_the_whole_burst_is_remarked_upon() -> None:
    said = [(pdu, side, key, value)
            for key, value in (("InitialR2T", "No"), ("MaxBurstLength", "16384"), ("FirstBurstLength", "65536"))
            for pdu, side in ((3, SENT), (4, BACK))]  # fmt: skip
    state = n.negotiate(login(*said), LAST).state("FirstBurstLength")
    assert state is not None
    assert state.remark == "larger than MaxBurstLength, which is 16384"


def test_keys_that_no_standard_knows_are_kept_and_not_judged() -> None:
    found = n.negotiate(
        login(
            (3, SENT, "Nonsense", "1"),
            (4, BACK, "Nonsense", "NotUnderstood"),
            (3, SENT, "X-com.example.a", "1"),
            (4, BACK, "X-com.example.a", "2"),
        ),
        LAST,
    )
    assert [(state.key, state.result, state.remark) for state in found.states[:2]] == [
        ("Nonsense", None, ""),
        ("X-com.example.a", "2", ""),
    ]


@given(
    st.lists(
        st.tuples(
            st.integers(1, 9),
            st.booleans(),
            st.sampled_from([*KEYS, "X-a.b", "Nonsense", ""]),
            st.one_of(st.sampled_from(["Yes", "No", "Reject", "NotUnderstood", "5", "1~2", "CRC32C,None"]), st.text()),
        ),
        max_size=30,
    ),
    st.booleans(),
    st.booleans(),
)
def test_nothing_that_is_said_raises(said: list[tuple[int, bool, str, str]], complete: bool, hole: bool) -> None:
    made = login(*sorted(said, key=lambda pair: pair[0]), complete=complete, hole=hole)
    first = n.negotiate(made, LAST)
    n.negotiate(made, LAST, first)
