"""What a portal says of itself, and what it then does."""

from __future__ import annotations

import pytest

from iscsi_analyzer.rules import discovered
from tests.iscsi_analyzer.rules.judging import check_example, check_losses, finding_of, findings_of, names, near_miss
from tests.support.talk import Talk


def refused(talk: Talk, status: int, **settings: str) -> Talk:
    """Another connection whose login is refused."""
    login = talk.beside(**settings)
    login.handshake()
    login.login_request({"InitiatorName": talk.initiator_name, "TargetName": login.target_name})
    login.login_response(status=status)
    login.fin()
    return login


def redirected(talk: Talk, here: str, there: str) -> None:
    """A login at one portal that is sent to another one."""
    login = talk.beside(target=here)
    login.handshake()
    login.login_request({"InitiatorName": talk.initiator_name, "TargetName": talk.target_name})
    login.login_response({"TargetAddress": there}, status=0x0101)
    login.fin()


@pytest.mark.parametrize("name", names(discovered))
class TestEachRule:
    def test_is_broken_by_its_example_alone(self, name: str) -> None:
        check_example(name)

    def test_accuses_nobody_of_what_the_capture_lacks(self, name: str) -> None:
        check_losses(name)


@near_miss("name-target-not-found")
@pytest.mark.parametrize("settings", [{"target": "192.0.2.3"}, {"target_name": "iqn.2005-03.com.example:none"}])
def test_what_no_discovery_named_may_be_unknown(settings: dict[str, str]) -> None:
    talk = Talk().open(discovery=True)
    talk.discover()
    talk.close()
    refused(talk, 0x0203, **settings)
    assert findings_of(talk) == []


@near_miss("name-target-not-found")
def test_a_target_may_refuse_for_other_reasons() -> None:
    talk = Talk().open(discovery=True)
    talk.discover()
    talk.close()
    refused(talk, 0x0202)
    assert findings_of(talk) == []


def test_a_target_without_addresses_is_at_the_portal_that_named_it() -> None:
    """And at that one only if no address follows."""
    talk = Talk().open(discovery=True)
    talk.text({"SendTargets": "All"}, {"TargetName": talk.target_name})
    talk.close()
    refused(talk, 0x0203)
    assert findings_of(talk) == ["name-target-not-found"]
    talk = Talk().open(discovery=True)
    talk.discover((talk.target_name, "192.0.2.3:3260,1"))
    talk.close()
    refused(talk, 0x0203)
    assert findings_of(talk) == []
    refused(talk, 0x0203, target="192.0.2.3")
    assert findings_of(talk) == ["name-target-not-found"]


@near_miss("login-redirect-loop")
def test_a_chain_that_ends_is_no_loop() -> None:
    talk = Talk()
    for here, there in (("192.0.2.2", "192.0.2.3"), ("192.0.2.3", "192.0.2.4"), ("192.0.2.2", "192.0.2.3")):
        redirected(talk, here, f"{there}:3260")
    redirected(talk, "192.0.2.4", "storage.example:3260")
    redirected(talk, "192.0.2.5", "192.0.2.5:3261")
    assert findings_of(talk) == []


@near_miss("login-redirect-loop")
def test_a_target_that_moves_back_is_no_loop() -> None:
    """In between the initiator was logged in where it had been sent."""
    talk = Talk()
    redirected(talk, "192.0.2.2", "192.0.2.3")
    talk.beside(target="192.0.2.3").open().close()
    redirected(talk, "192.0.2.3", "192.0.2.2")
    assert findings_of(talk) == []


def test_a_long_way_round_is_a_loop() -> None:
    talk = Talk()
    for here, there in (("192.0.2.2", "192.0.2.3"), ("192.0.2.3", "192.0.2.4"), ("192.0.2.4", "192.0.2.2")):
        redirected(talk, here, there)
    found = finding_of(talk, "login-redirect-loop")
    assert found.facts == {"portal": "192.0.2.4:3260", "address": "192.0.2.2:3260"}


@near_miss("login-unauthenticated-ffp")
def test_a_target_that_asks_nobody_is_no_finding() -> None:
    talk = Talk().open()
    talk.beside().open()
    assert findings_of(talk) == []


@near_miss("tcp-port-860")
def test_any_other_port_is_as_good_as_the_usual_one() -> None:
    assert findings_of(Talk(target_port=8860).open()) == []
