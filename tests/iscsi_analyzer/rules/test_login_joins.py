"""Logins that add a connection to a session."""

from __future__ import annotations

import pytest

from iscsi_analyzer.rules import login_joins
from tests.iscsi_analyzer.rules.judging import check_example, check_losses, finding_of, findings_of, names, near_miss
from tests.support.talk import Session, Talk


@pytest.mark.parametrize("name", names(login_joins))
class TestEachRule:
    def test_is_broken_by_its_example_alone(self, name: str) -> None:
        check_example(name)

    def test_accuses_nobody_of_what_the_capture_lacks(self, name: str) -> None:
        check_losses(name)


def several(**settings: object) -> Talk:
    """A session that may have two connections."""
    return Talk(max_connections=2, **settings).open()


@near_miss("login-nonexistent-session-accepted")
def test_a_session_that_was_not_logged_out_may_be_joined() -> None:
    """One connection of it may be gone."""
    talk = several()
    talk.logout(1)
    talk.fin()
    talk.join().open()
    assert findings_of(talk) == []


def asked(talk: Talk, status: int = 0x020A, **fields: int) -> Talk:
    """A login that asks for the session and is refused."""
    other = talk.join()
    other.handshake()
    other.login_request({"InitiatorName": talk.initiator_name, "TargetName": talk.target_name}, **fields)
    other.login_response(status=status)
    other.fin()
    return talk


@near_miss("login-existing-session-refused")
@pytest.mark.parametrize("end", ["close", "silence", "logout"])
def test_a_session_that_may_be_over_may_be_refused(end: str) -> None:
    talk = several()
    if end == "close":
        talk.close()
    elif end == "silence":
        talk.wait(3)
    else:
        talk.logout_request()
    assert "login-existing-session-refused" not in findings_of(asked(talk))


@near_miss("login-existing-session-refused")
@pytest.mark.parametrize("fields", [{"tsih": 77}, {"cid": 0}])
def test_another_session_or_a_known_connection_may_be_refused(fields: dict[str, int]) -> None:
    assert findings_of(asked(several(), **fields)) == []


@near_miss("login-existing-session-refused")
def test_there_may_be_other_reasons_to_refuse() -> None:
    assert findings_of(asked(several(), status=0x0206)) == []


@near_miss("login-cmdsn-nonleading")
@pytest.mark.parametrize("ahead", [-3, 0, 5])
def test_a_login_may_carry_any_number_of_its_session(ahead: int) -> None:
    """What was sent on the other connection meanwhile may be captured before or after."""
    talk = several()
    for _ in range(4):
        talk.test_unit_ready()
    assert findings_of(asked(talk, status=0x0206, cmd_sn=talk.session.cmd_sn + ahead)) == []


@pytest.mark.parametrize("cmd_sn", [0, 1 + 128 + 1, 0x80000000, 0xFFFFFFFF])
def test_a_login_has_no_number_from_outside_its_session(cmd_sn: int) -> None:
    """The target had granted 1 to 128."""
    found = finding_of(asked(several(), status=0x0206, cmd_sn=cmd_sn), "login-cmdsn-nonleading")
    assert found.facts == {"cmd_sn": cmd_sn, "first": 1, "last": 129}


@near_miss("login-maxconnections-exceeded")
def test_a_connection_may_take_the_place_of_another() -> None:
    """As many at the same time as were agreed on, with the same CID or after another one is gone."""
    talk = Talk().open()
    talk.join(cid=talk.cid).open()
    assert findings_of(talk) == []
    talk = several()
    second = talk.join().open()
    second.logout(1)
    second.fin()
    talk.ping()
    talk.join(cid=5).open()
    assert findings_of(talk) == []


def test_the_third_of_two_connections_is_too_many() -> None:
    talk = several()
    talk.join().open()
    talk.join(cid=7).open()
    assert finding_of(talk, "login-maxconnections-exceeded").facts == {"connections": 3, "limit": 2}


@near_miss("login-conn-before-session")
def test_a_connection_that_asked_for_an_older_session_is_no_guess() -> None:
    """It had come before the login that got the same TSIH later."""
    talk = Talk()
    other = talk.join()
    other.handshake()
    other.login_request({"InitiatorName": talk.initiator_name, "TargetName": talk.target_name})
    other.login_response(status=0x020A)
    other.fin()
    talk.open()
    assert findings_of(talk) == []


@near_miss("login-name-mismatch-in-session")
@pytest.mark.parametrize(
    "settings", [{"initiator": "192.0.2.9"}, {"target": "192.0.2.8"}, {"target_name": "iqn.2005-03.com.example:c"}]
)
def test_another_host_may_have_the_same_numbers(settings: dict[str, str]) -> None:
    """Its session may be older than the capture."""
    talk = several()
    talk.join(initiator_name="iqn.2005-03.com.example:other", **settings).open()
    assert findings_of(talk) == []


@near_miss("session-portal-group-span")
@pytest.mark.parametrize("second", ["192.0.2.3:3260,1", "192.0.2.4:3260,2", "storage.example:3260,2"])
def test_portals_of_one_group_may_share_a_session(second: str) -> None:
    """Of portals that discovery does not name by address nothing is known."""
    talk = Talk(max_connections=2).open(discovery=True)
    talk.discover((talk.target_name, "192.0.2.2:3260,1"), (talk.target_name, second))
    talk.close()
    first = talk.beside(session=Session(tsih=9)).open()
    first.join(target="192.0.2.3").open()
    assert findings_of(talk) == []
