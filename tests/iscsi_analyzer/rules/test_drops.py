"""Connections that have to end."""

from __future__ import annotations

import pytest

from iscsi_analyzer.rules import drops
from tests.iscsi_analyzer.rules.judging import check_example, check_losses, check_near, findings_of, names, near_miss
from tests.support.talk import Talk

NEAR = {
    "tmf-cold-reset-connections-open": """
        talk.open()
        talk.tmf(7)
        talk.wait(3)
        talk.ping()
        talk.rst()
        """,
    "tmf-nexus-reset-connections-open": """
        talk.open(offer={"iSCSIProtocolLevel": "2"}, answer={"iSCSIProtocolLevel": "2"})
        talk.tmf(11, response=5)
        talk.wait(10)
        talk.ping()
        """,
    "async-drop-not-executed": """
        talk = Talk(max_connections=2).open()
        other = talk.join().open()
        talk.async_message(2, parameter1=1, parameter2=2, parameter3=0)
        talk.wait(60)
        talk.ping()
        """,
    "async-drop-task-response": """
        talk = Talk(error_recovery_level=2, max_connections=2).open()
        task = talk.command(read=4096)
        other = talk.join().open()
        other.async_message(2, parameter1=0, parameter2=0, parameter3=30)
        talk.rst()
        other.wait(1)
        other.logout_response(tag=other.logout_request(2, cid=0).word(16))
        other.tmf(8, task, ref_cmd_sn=0, lun=0)
        other.wait(20)
        other.serve(task)
        """,
    "async-logout-repeat": """
        talk.open()
        talk.async_message(4, parameter3=5)
        talk.async_message(1, parameter3=5)
        talk.close()
        """,
}
"What nearly breaks each rule."


@pytest.mark.parametrize("name", names(drops))
class TestEachRule:
    def test_is_broken_by_its_example_alone(self, name: str) -> None:
        check_example(name)

    def test_is_kept_by_what_nearly_breaks_it(self, name: str) -> None:
        check_near(NEAR, name)

    def test_accuses_nobody_of_what_the_capture_lacks(self, name: str) -> None:
        check_losses(name)


@near_miss("tmf-cold-reset-connections-open")
def test_a_reset_that_is_not_supported_closes_nothing() -> None:
    talk = Talk().open()
    talk.tmf(7, response=5)
    talk.wait(10)
    talk.ping()
    assert findings_of(talk) == []


def test_a_reset_ends_all_connections_of_the_session() -> None:
    talk = Talk(max_connections=2).open()
    other = talk.join().open()
    talk.tmf(7)
    talk.fin("T2I")
    other.wait(10)
    other.ping()
    assert findings_of(talk) == ["tmf-cold-reset-connections-open"]
