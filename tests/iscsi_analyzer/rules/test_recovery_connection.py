"""The recovery of connections: when, until when, and over which other one."""

from __future__ import annotations

import pytest

from iscsi_analyzer.rules import recovery_connection
from tests.iscsi_analyzer.rules.judging import check_example, check_losses, check_near, findings_of, names, near_miss
from tests.support.talk import Talk

NEAR = {
    "time2wait-violated": """
        talk = Talk(error_recovery_level=2, max_connections=2).open()
        talk.command(read=4096)
        talk.rst()
        talk.wait(2)
        other = talk.join().open()
        other.logout_response(tag=other.logout_request(2, cid=0).word(16))
        """,
    "time2retain-violated": """
        talk = Talk(error_recovery_level=2, max_connections=2)
        times = {"DefaultTime2Retain": "20"}
        talk.open(offer=times, answer=times)
        task = talk.command(read=4096)
        talk.rst()
        talk.wait(22)
        other = talk.join().open()
        other.logout_response(tag=other.logout_request(2, cid=0).word(16), time2wait=1, time2retain=30)
        other.wait(28)
        other.tmf(8, task, ref_cmd_sn=0, lun=0)
        """,
    "conn-reinstate-erl2-refused": """
        talk = Talk(error_recovery_level=2).open()
        talk.rst()
        talk.wait(3)
        other = talk.join(cid=1)
        other.handshake()
        other.login_request({"InitiatorName": talk.initiator_name, "TargetName": talk.target_name})
        other.login_response(status=0x0206)
        """,
    "retry-other-connection": """
        talk = Talk(max_connections=2, error_recovery_level=2).open()
        other = talk.join().open()
        task = talk.command(read=4096)
        other.logout_response(tag=other.logout_request(2, cid=0).word(16))
        other.command(read=4096, tag=task.tag, cmd_sn=task.cmd_sn)
        """,
}
"What nearly breaks each rule."


@pytest.mark.parametrize("name", names(recovery_connection))
class TestEachRule:
    def test_is_broken_by_its_example_alone(self, name: str) -> None:
        check_example(name)

    def test_is_kept_by_what_nearly_breaks_it(self, name: str) -> None:
        check_near(NEAR, name)

    def test_accuses_nobody_of_what_the_capture_lacks(self, name: str) -> None:
        check_losses(name)


def broken(announced: int | None = None) -> Talk:
    """A connection that broke; with `announced` seconds of Time2Wait that the target had told before."""
    talk = Talk(error_recovery_level=2, max_connections=2).open()
    other = talk.join().open()
    if announced is not None:
        other.async_message(2, parameter1=0, parameter2=announced, parameter3=30)
    talk.rst()
    return other


def test_what_the_target_announces_counts_more_than_what_was_agreed_on() -> None:
    """Shorter, or longer."""
    talk = broken(announced=0)
    talk.logout_response(tag=talk.logout_request(2, cid=0).word(16))
    assert findings_of(talk) == []
    talk = broken(announced=9)
    talk.wait(4)
    talk.logout_response(tag=talk.logout_request(2, cid=0).word(16))
    assert findings_of(talk) == ["time2wait-violated"]


def test_the_answer_to_the_logout_says_when_tasks_may_move() -> None:
    talk = Talk(error_recovery_level=2, max_connections=2).open()
    task = talk.command(read=4096)
    talk.rst()
    talk.wait(3)
    other = talk.join().open()
    other.logout_response(tag=other.logout_request(2, cid=0).word(16), time2wait=5, time2retain=60)
    other.wait(1)
    other.tmf(8, task, ref_cmd_sn=0, lun=0)
    assert findings_of(talk) == ["time2wait-violated"]


@near_miss("time2wait-violated")
def test_a_new_session_may_begin_at_any_time() -> None:
    """Its initiator may have been started anew."""
    talk = Talk(error_recovery_level=2).open()
    talk.rst()
    talk.beside().open()
    assert findings_of(talk) == []


def test_the_connection_that_takes_the_place_of_a_broken_one_waits_too() -> None:
    talk = Talk(error_recovery_level=2).open()
    talk.rst()
    talk.wait(1)
    talk.join(cid=0).open()
    assert findings_of(talk) == ["time2wait-violated"]
