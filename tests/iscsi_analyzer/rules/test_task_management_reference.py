"""The task that a task management request names."""

from __future__ import annotations

import pytest

from iscsi_analyzer.rules import task_management_reference
from tests.iscsi_analyzer.rules.judging import (
    check_example,
    check_losses,
    check_near,
    finding_of,
    findings_of,
    names,
    near_miss,
)
from tests.support.talk import Talk

NEAR = {
    "tmf-rtt-unknown": """
        talk.open()
        task = talk.test_unit_ready()
        talk.tmf(1, task, response=1)
        """,
    "tmf-abort-other-connection": """
        talk = Talk(max_connections=2).open()
        task = talk.command(read=4096)
        talk.rst()
        talk.wait(3)
        other = talk.join().open()
        other.tmf(1, task, response=1)
        """,
    "tmf-abort-response-wrong": """
        talk.open()
        task = talk.command(read=4096)
        talk.tmf(1, task, response=1)
        talk.wait(1)
        talk.serve(task)
        talk.wait(20)
        talk.ping()
        """,
}
"What nearly breaks each rule."


@pytest.mark.parametrize("name", names(task_management_reference))
class TestEachRule:
    def test_is_broken_by_its_example_alone(self, name: str) -> None:
        check_example(name)

    def test_is_kept_by_what_nearly_breaks_it(self, name: str) -> None:
        check_near(NEAR, name)

    def test_accuses_nobody_of_what_the_capture_lacks(self, name: str) -> None:
        check_losses(name)


def test_a_task_whose_status_was_sent_cannot_be_aborted_any_more() -> None:
    talk = Talk().open()
    talk.tmf(1, talk.test_unit_ready(), response=0)
    assert finding_of(talk, "tmf-abort-response-wrong").facts["why"] == "its status was sent before the request"


@near_miss("tmf-abort-response-wrong")
def test_a_status_that_crosses_the_abort_may_be_followed_by_either_answer() -> None:
    for response in (0, 1):
        talk = Talk().open()
        task = talk.command()
        request = talk.tmf_request(1, task)
        talk.response(task)
        talk.tmf_response(response, tag=request.word(16))
        assert findings_of(talk) == []


@pytest.mark.parametrize("ending", ["rst", "logout", "instead"])
def test_once_its_connection_is_gone_a_task_is_aborted_from_another(ending: str) -> None:
    talk = Talk(max_connections=2, error_recovery_level=2).open()
    task = talk.command(read=4096)
    if ending == "rst":
        talk.rst()
    talk.wait(3)
    other = talk.join(cid=0 if ending == "instead" else 1).open()
    if ending == "logout":
        other.logout_response(tag=other.logout_request(2, cid=0).word(16))
    other.tmf(1, task, response=1)
    assert findings_of(talk) == []
