"""What has to follow an Asynchronous Message, and connections that end without one."""

from __future__ import annotations

import pytest

from iscsi_analyzer.rules import async_message_after
from tests.iscsi_analyzer.rules.judging import (
    accused,
    check_example,
    check_losses,
    each_lost,
    finding_of,
    findings_of,
    names,
    near_miss,
)
from tests.support.mangle_loss import one_direction
from tests.support.talk import I2T, T2I, Talk


@pytest.mark.parametrize("name", names(async_message_after))
class TestEachRule:
    def test_is_broken_by_its_example_alone(self, name: str) -> None:
        check_example(name)

    def test_accuses_nobody_of_what_the_capture_lacks(self, name: str) -> None:
        check_losses(name)


def test_a_logout_that_was_asked_for_closes_something() -> None:
    talk = Talk(error_recovery_level=2).open()
    talk.async_message(1, parameter3=5)
    talk.logout(2)
    talk.fin()
    assert len(finding_of(talk, "async-logout-wrong-reason").related) == 1


@near_miss("async-logout-wrong-reason", "async-logout-not-honoured", "async-logout-new-commands")
@pytest.mark.parametrize("reason", [0, 1])
def test_it_may_be_the_session_or_the_connection(reason: int) -> None:
    """What was under way is finished first."""
    talk = Talk().open()
    task = talk.command(read=4096)
    talk.async_message(1, parameter3=5)
    talk.wait(4)
    talk.serve(task)
    talk.logout(reason)
    talk.fin()
    assert findings_of(talk) == []


@near_miss("async-logout-wrong-reason", "async-logout-new-commands")
def test_what_crosses_the_message_on_the_wire_is_no_answer_to_it() -> None:
    talk = Talk(error_recovery_level=2).open()
    with talk.deaf(I2T):
        talk.async_message(1, parameter3=5)
        task = talk.command(read=4096)
        logout = talk.logout_request(2)
    talk.serve(task)
    talk.logout_response(tag=logout.word(16))
    talk.fin()
    assert findings_of(talk) == []


def test_a_connection_that_is_to_be_closed_has_no_new_commands() -> None:
    talk = Talk().open()
    talk.async_message(1, parameter3=5)
    talk.read()
    talk.read()
    talk.close()
    finding = finding_of(talk, "async-logout-new-commands")
    assert finding.count == 2 and finding.party == "initiator"


@near_miss("async-logout-new-commands")
def test_pings_and_task_management_are_no_new_commands() -> None:
    talk = Talk().open()
    task = talk.command(read=4096)
    talk.async_message(1, parameter3=5)
    talk.ping()
    talk.tmf(1, task)
    talk.close()
    assert findings_of(talk) == []


@pytest.mark.parametrize(("event", "rule"), [(1, "async-logout-not-honoured"), (4, "async-negotiation-not-honoured")])
def test_what_the_target_asks_for_is_done_in_time(event: int, rule: str) -> None:
    talk = Talk().open()
    talk.async_message(event, parameter3=5)
    talk.wait(7)
    talk.ping()
    talk.ping()
    finding = finding_of(talk, rule)
    assert finding.facts == {"limit": 5, "seconds": 7} and finding.count == 1


@near_miss("async-logout-not-honoured", "async-negotiation-not-honoured")
@pytest.mark.parametrize("event", [1, 4])
def test_until_then_there_is_time(event: int) -> None:
    talk = Talk().open()
    talk.async_message(event, parameter3=5)
    talk.wait(5.5)
    talk.ping()
    assert findings_of(talk) == []


@near_miss("async-logout-not-honoured", "async-negotiation-not-honoured")
@pytest.mark.parametrize("event", [1, 4])
def test_an_initiator_that_has_not_heard_is_not_late(event: int) -> None:
    talk = Talk().open()
    with talk.deaf(I2T):
        talk.async_message(event, parameter3=5)
        talk.wait(20)
        talk.nop_out()
    assert findings_of(talk) == []


@near_miss("async-negotiation-not-honoured")
@pytest.mark.parametrize("what", ["text", "logout"])
def test_a_negotiation_is_begun_or_the_connection_left(what: str) -> None:
    talk = Talk().open()
    talk.async_message(4, parameter3=5)
    talk.wait(3)
    if what == "text":
        talk.text(b"", b"")
        talk.wait(10)
        talk.ping()
    talk.close()
    assert findings_of(talk) == []


@near_miss("async-logout-not-honoured")
def test_a_frame_that_is_missing_accuses_nobody() -> None:
    """Among others the one with the Logout, and the ones with the message."""
    talk = Talk().open()
    talk.async_message(1, parameter3=5)
    logout = talk.logout_request(1)
    talk.wait(20)
    talk.logout_response(3, tag=logout.word(16))
    talk.ping()
    talk.ping()
    talk.close()
    assert [accused(frames) for frames in each_lost(talk) if accused(frames)] == []


def in_use() -> Talk:
    talk = Talk().open()
    talk.read()
    return talk


def test_a_target_says_why_it_closes() -> None:
    talk = in_use()
    talk.fin(T2I)
    finding = finding_of(talk, "conn-closed-unannounced")
    assert finding.party == "target"


@near_miss("conn-closed-unannounced")
@pytest.mark.parametrize("event", [1, 2, 3])
def test_an_announced_end_is_in_order(event: int) -> None:
    talk = in_use()
    talk.async_message(event)
    talk.fin(T2I)
    assert findings_of(talk) == []


def test_an_initiator_logs_out_before_it_closes() -> None:
    talk = in_use()
    talk.fin()
    assert finding_of(talk, "conn-closed-in-ffp").party == "initiator"


@near_miss("conn-closed-in-ffp", "conn-closed-unannounced")
@pytest.mark.parametrize("direction", [I2T, T2I])
def test_after_a_logout_either_side_may_close(direction: str) -> None:
    talk = in_use()
    talk.logout()
    talk.fin(direction)
    assert findings_of(talk) == []


@near_miss("conn-closed-in-ffp", "conn-closed-unannounced")
@pytest.mark.parametrize("direction", [I2T, T2I])
def test_a_reset_is_no_choice_of_anybody(direction: str) -> None:
    talk = in_use()
    talk.rst(direction)
    assert findings_of(talk) == []


@near_miss("conn-closed-in-ffp", "conn-closed-unannounced")
@pytest.mark.parametrize("direction", [I2T, T2I])
def test_a_login_that_failed_may_be_closed_by_either_side(direction: str) -> None:
    talk = Talk()
    talk.handshake()
    talk.login_request({"InitiatorName": talk.initiator_name, "TargetName": talk.target_name})
    talk.login_response(status=0x0203)
    talk.fin(direction)
    assert not {"conn-closed-in-ffp", "conn-closed-unannounced"} & set(findings_of(talk))


@near_miss("conn-closed-in-ffp", "conn-closed-unannounced")
def test_what_the_capture_lacks_may_have_been_the_announcement() -> None:
    talk = in_use()
    talk.async_message(3)
    talk.ping()
    talk.fin(T2I)
    assert [accused(frames) for frames in each_lost(talk) if accused(frames)] == []
    talk = in_use()
    talk.close()
    assert [accused(frames) for frames in each_lost(talk) if accused(frames)] == []
    for direction in (I2T, T2I):
        assert findings_of(one_direction(talk.frames, direction)) == []
