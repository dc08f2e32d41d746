"""What Logout Requests and Responses say."""

from __future__ import annotations

import pytest

from iscsi_analyzer.rules import logout
from tests.iscsi_analyzer.rules.judging import check_example, check_losses, finding_of, findings_of, names, near_miss
from tests.support.talk import Talk

ALSO = {"logout-reason2-response": ("logout-reason2-erl",)}
"What breaks a rule here cannot but break these, too."


@pytest.mark.parametrize("name", names(logout))
class TestEachRule:
    def test_is_broken_by_its_example_alone(self, name: str) -> None:
        check_example(name, ALSO)

    def test_accuses_nobody_of_what_the_capture_lacks(self, name: str) -> None:
        check_losses(name)


@pytest.mark.parametrize("reason", [3, 4, 0x7F])
def test_reasons_0_to_2_exist_and_no_others(reason: int) -> None:
    talk = Talk().open()
    talk.reject(talk.logout_request(reason, cid=0), reason=9)
    assert finding_of(talk, "logout-reason-reserved").facts == {"reason": reason}


@near_miss("logout-reason-reserved", "logout-reason2-erl", "logout-reason2-response", "logout-cid-unknown")
@pytest.mark.parametrize("reason", [0, 1, 2])
def test_every_reason_may_be_given_at_recovery_level_2(reason: int) -> None:
    talk = Talk(error_recovery_level=2, cid=5).open()
    talk.logout(reason)
    talk.fin()
    assert findings_of(talk) == []


@pytest.mark.parametrize("reason", [1, 2])
def test_a_discovery_session_ends_as_a_whole(reason: int) -> None:
    talk = Talk(error_recovery_level=2).open(discovery=True)
    talk.logout(reason)
    talk.fin()
    assert "logout-discovery-reason" in findings_of(talk)


@near_miss("logout-discovery-reason")
def test_reason_0_ends_a_discovery_session() -> None:
    talk = Talk().open(discovery=True)
    talk.discover()
    talk.close()
    assert findings_of(talk) == []


def test_a_logout_names_a_connection_of_the_session() -> None:
    talk = Talk().open()
    talk.logout_response(1, tag=talk.logout_request(1, cid=7).word(16))
    assert finding_of(talk, "logout-cid-unknown").facts == {"cid": 7, "known": "0"}


@near_miss("logout-cid-unknown")
def test_other_connections_need_not_be_in_the_capture() -> None:
    talk = Talk(max_connections=2).open()
    talk.logout_response(0, tag=talk.logout_request(1, cid=7).word(16))
    assert findings_of(talk) == []


@near_miss("logout-cid-unknown")
def test_without_its_login_no_connection_is_known() -> None:
    talk = Talk().open()
    login = len(talk.frames)
    talk.ping()
    talk.logout(1)
    talk.fin()
    assert findings_of(talk.frames[login:]) == []


def test_a_logout_of_the_session_names_no_connection() -> None:
    talk = Talk(cid=1).open()
    talk.logout_response(tag=talk.logout_request(0, cid=1).word(16))
    talk.fin()
    assert finding_of(talk, "logout-cid-reserved").facts == {"cid": 1}


@near_miss("logout-cid-reserved")
def test_a_logout_of_a_connection_names_it() -> None:
    talk = Talk(cid=1).open()
    talk.logout(1)
    talk.fin()
    assert findings_of(talk) == []


def test_logout_for_recovery_needs_recovery_level_2() -> None:
    talk = Talk(error_recovery_level=1).open()
    talk.logout_response(2, tag=talk.logout_request(2).word(16))
    talk.fin()
    assert finding_of(talk, "logout-reason2-erl").facts == {"level": 1}


def test_it_is_refused_below() -> None:
    talk = Talk(error_recovery_level=1).open()
    talk.logout_response(0, tag=talk.logout_request(2).word(16))
    talk.fin()
    assert findings_of(talk) == ["logout-reason2-erl", "logout-reason2-response"]


@pytest.mark.parametrize("response", [4, 255])
def test_responses_0_to_3_exist_and_no_others(response: int) -> None:
    talk = Talk().open()
    talk.logout_response(response, tag=talk.logout_request().word(16))
    assert finding_of(talk, "logout-response-reserved").facts == {"response": response}


@near_miss("logout-response-reserved")
@pytest.mark.parametrize("response", [0, 2, 3])
def test_every_other_response_may_be_given(response: int) -> None:
    talk = Talk().open()
    talk.logout_response(response, tag=talk.logout_request().word(16))
    talk.fin()
    assert findings_of(talk) == []


def test_a_target_finds_the_connection_that_speaks() -> None:
    talk = Talk(cid=3).open()
    talk.logout_response(1, tag=talk.logout_request(1).word(16))
    finding = finding_of(talk, "logout-cid-notfound-wrong")
    assert finding.party == "target" and finding.facts == {"cid": 3} and finding.related


@near_miss("logout-cid-notfound-wrong")
def test_another_connection_may_be_gone() -> None:
    talk = Talk(cid=3, max_connections=2).open()
    talk.logout_response(1, tag=talk.logout_request(1, cid=4).word(16))
    talk.close()
    assert findings_of(talk) == []
