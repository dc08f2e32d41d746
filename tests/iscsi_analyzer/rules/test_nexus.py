"""What takes the place of what: sessions and connections that a later login replaces."""

from __future__ import annotations

import pytest

from iscsi_analyzer.rules import nexus
from tests.iscsi_analyzer.rules.judging import check_example, check_losses, findings_of, names, near_miss
from tests.support.talk import Session, Talk

LATER = "login-reinstated-session-active", "isid-parallel-nexus", "discovery-unnamed-reinstatement", "login-cid-active"


def again(talk: Talk, tsih: int = 2, **settings: str) -> Talk:
    """Another session with the same ISID, in the same capture."""
    return talk.beside(session=Session(isid=talk.session.isid, tsih=tsih), **settings)


@pytest.mark.parametrize("name", names(nexus))
class TestEachRule:
    def test_is_broken_by_its_example_alone(self, name: str) -> None:
        check_example(name)

    def test_accuses_nobody_of_what_the_capture_lacks(self, name: str) -> None:
        check_losses(name)


@near_miss("login-session-reinstatement")
@pytest.mark.parametrize("end", ["close", "reset", "silence", "announcement"])
def test_a_session_that_is_over_may_be_reinstated(end: str) -> None:
    talk = Talk().open()
    talk.read()
    if end == "close":
        talk.close()
    elif end == "reset":
        talk.rst("I2T")
    elif end == "silence":
        talk.wait(2)
    else:
        talk.async_message(3, parameter2=2, parameter3=2)
    again(talk).open().close()
    assert [rule for rule in findings_of(talk) if rule in ("login-session-reinstatement", *LATER)] == []


@near_miss(*LATER)
@pytest.mark.parametrize("seconds", [0, 4])
def test_what_crossed_the_login_is_no_use_of_the_old_session(seconds: float) -> None:
    """Connections reach the capture in any order; and what was under way may still arrive."""
    for discovery in (False, True):
        talk = Talk().open(discovery=discovery)
        talk.wait(60)
        again(talk).open(discovery=discovery)
        talk.wait(seconds)
        if discovery:
            talk.discover()
        else:
            talk.ping()
        assert findings_of(talk) == []


@near_miss("isid-parallel-nexus", "login-reinstated-session-active")
@pytest.mark.parametrize(
    "other", [{"initiator_name": "iqn.2005-03.com.example:b"}, {"target_name": "iqn.2005-03.com.example:c"}]
)
def test_other_names_make_another_nexus(other: dict[str, str]) -> None:
    talk = Talk().open()
    beside = again(talk, **other).open()
    talk.wait(10)
    for each in (talk, beside):
        each.test_unit_ready()
    assert findings_of(talk) == []


def test_another_isid_or_portal_group_makes_another_nexus() -> None:
    talk = Talk().open()
    others = [talk.beside().open(), again(talk).open(answer={"TargetPortalGroupTag": "2"}, security=False)]
    talk.wait(10)
    for each in (talk, *others):
        each.test_unit_ready()
    assert findings_of(talk) == []


def test_two_sessions_of_one_port_are_found_on_both_sides() -> None:
    """Each side is told once, for the connection that should be over."""
    talk = Talk().open()
    second = again(talk).open()
    talk.wait(10)
    for _ in range(3):
        talk.test_unit_ready()
        second.test_unit_ready()
    assert sorted(findings_of(talk)) == sorted(
        ["login-session-reinstatement", "isid-parallel-nexus", "login-reinstated-session-active"]
    )


def test_a_conversation_that_the_capture_shows_twice_is_one() -> None:
    """Behind a router that changes addresses, the same bytes come once more."""
    talk = Talk().open()
    mirror = talk.beside(
        session=Session(isid=talk.session.isid, tsih=talk.session.tsih), initiator="198.51.100.1"
    ).open()
    talk.wait(10)
    for each in (talk, mirror):
        each.test_unit_ready()
    assert findings_of(talk) == []


@near_miss("login-cid-active")
def test_another_cid_replaces_nothing() -> None:
    talk = Talk(max_connections=2).open()
    second = talk.join().open()
    talk.wait(10)
    talk.test_unit_ready()
    second.test_unit_ready()
    assert findings_of(talk) == []


@near_miss("discovery-unnamed-reinstatement")
def test_discovery_at_another_portal_is_independent() -> None:
    talk = Talk().open(discovery=True)
    other = again(talk, target="192.0.2.77").open(discovery=True)
    talk.wait(10)
    for each in (talk, other):
        each.discover()
    assert findings_of(talk) == []
