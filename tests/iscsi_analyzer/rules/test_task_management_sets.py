"""What happens between a task management request for many tasks and its response."""

from __future__ import annotations

import pytest

from iscsi_analyzer.rules import task_management_sets
from tests.iscsi_analyzer.rules.judging import check_example, check_losses, check_near, findings_of, names, near_miss
from tests.support.talk import Talk

NEAR = {
    "tmf-set-response-early": """
        talk.open()
        task = talk.command(write=8192)
        burst = talk.r2t(task)
        request = talk.tmf_request(5)
        talk.data_out(task, 4096, burst=burst, final=True)
        talk.tmf_response(tag=request.word(16))
        """,
    "tmf-set-response-cmd-missing": """
        talk = Talk(max_connections=2).open()
        talk.command(read=4096)
        talk.tmf(2)
        """,
    "tmf-response-missing": """
        talk.open()
        request = talk.tmf_request(1, talk.command(read=4096))
        talk.wait(20)
        talk.tmf_response(tag=request.word(16))
        talk.ping()
        """,
    "tmf-ttt-abandoned": """
        talk.open()
        task = talk.command(write=8192)
        burst = talk.r2t(task)
        request = talk.tmf_request(5)
        talk.wait(20)
        talk.data_out(task, 512, burst=burst, final=True)
        talk.tmf_response(tag=request.word(16))
        talk.ping()
        talk.ack("I2T")
        """,
}
"What nearly breaks each rule."


@pytest.mark.parametrize("name", names(task_management_sets))
class TestEachRule:
    def test_is_broken_by_its_example_alone(self, name: str) -> None:
        check_example(name)

    def test_is_kept_by_what_nearly_breaks_it(self, name: str) -> None:
        check_near(NEAR, name)

    def test_accuses_nobody_of_what_the_capture_lacks(self, name: str) -> None:
        check_losses(name)


@near_miss("tmf-set-response-early", "tmf-ttt-abandoned")
def test_fast_abort_frees_both_sides_of_the_rest_of_the_data() -> None:
    keys = {"TaskReporting": "RFC3720,ResponseFence,FastAbort"}, {"TaskReporting": "FastAbort"}
    talk = Talk().open(offer=keys[0], answer=keys[1])
    talk.r2t(talk.command(write=8192))
    talk.tmf(5)
    talk.wait(20)
    talk.ping()
    assert findings_of(talk) == []


@near_miss("tmf-set-response-early")
def test_the_tasks_of_other_logical_units_go_on() -> None:
    talk = Talk().open()
    task = talk.command(write=8192, lun=1)
    burst = talk.r2t(task)
    talk.tmf(5, lun=2)
    talk.data_out(task, 8192, burst=burst)
    talk.response(task)
    assert findings_of(talk) == []


@near_miss("tmf-response-missing")
@pytest.mark.parametrize("function", [7, 11])
def test_a_reset_of_the_connections_needs_no_answer(function: int) -> None:
    talk = Talk().open(offer={"iSCSIProtocolLevel": "2"}, answer={"iSCSIProtocolLevel": "2"})
    talk.tmf_request(function)
    talk.wait(20)
    talk.ping()
    assert findings_of(talk) == []
