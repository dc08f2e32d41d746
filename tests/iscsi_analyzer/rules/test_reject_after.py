"""What follows a Reject, and what must not."""

from __future__ import annotations

import pytest

from iscsi_analyzer.rules import reject_after
from tests.iscsi_analyzer.rules.judging import check_example, check_losses, check_near, findings_of, names, near_miss
from tests.support.talk import Talk

ALSO = {"reject-datasn-wrong": ("snack-unsent-range",), "reject-0b-not-fatal": ("reject-reason-0b",)}
TELLING = ALSO
"What else is found in what nearly breaks a rule."

NEAR = {
    "reject-datasn-wrong": """
        talk = Talk(error_recovery_level=1).open()
        task = talk.command(read=8192)
        talk.data_in(task, 4096)
        talk.reject(talk.snack(0, task=task, begin=7, run=1), reason=4, data_sn=1)
        """,
    "reject-acked-cmdsn": """
        talk.open()
        request = talk.nop_out()
        talk.reject(request, reason=5)
        talk.ping()
        talk.ping()
        """,
    "reject-terminates-task": """
        talk.open()
        task = talk.command(write=4096)
        data = talk.data_out(task, 4096, burst=talk.r2t(task))
        talk.reject(data, reason=4)
        talk.ping()
        talk.wait(20)
        talk.response(task, 8)
        talk.ping()
        """,
    "reject-wait-final-data": """
        talk.open()
        task = talk.command(write=8192)
        burst = talk.r2t(task)
        talk.reject(talk.data_out(task, 4096, burst=burst), reason=4)
        talk.data_out(task, 4096, burst=burst)
        talk.response(task, 8)
        """,
    "reject-resent-unchanged": """
        talk.open()
        talk.nop_out(immediate=True, tag=8)
        request = talk.nop_out(immediate=True, tag=9)
        talk.reject(request, reason=6)
        talk.nop_in(tag=8)
        talk.nop_out(immediate=True, tag=9)
        talk.nop_in(tag=9)
        """,
    "reject-0b-not-fatal": """
        talk.open()
        talk.reject(talk.text_request({"X-com.example.a": "b"}), reason=0x0B)
        talk.close()
        """,
}
"What nearly breaks each rule."


@pytest.mark.parametrize("name", names(reject_after))
class TestEachRule:
    def test_is_broken_by_its_example_alone(self, name: str) -> None:
        check_example(name, ALSO)

    def test_is_kept_by_what_nearly_breaks_it(self, name: str) -> None:
        check_near(NEAR, name, TELLING)

    def test_accuses_nobody_of_what_the_capture_lacks(self, name: str) -> None:
        check_losses(name)


def test_the_number_is_acknowledged_too_early_by_any_pdu() -> None:
    talk = Talk().open()
    request = talk.nop_out()
    talk.reject(request, reason=5, exp_cmd_sn=request.word(24))
    ping = talk.nop_out(immediate=True)
    talk.nop_in(tag=ping.word(16), exp_cmd_sn=request.word(24) + 1)
    assert findings_of(talk) == ["reject-acked-cmdsn"]


@near_miss("reject-acked-cmdsn", "reject-resent-unchanged")
def test_a_command_may_be_sent_again_to_fill_the_hole() -> None:
    """With the number that the Reject left."""
    talk = Talk().open()
    request = talk.nop_out(tag=9)
    talk.reject(request, reason=5)
    talk.nop_out(tag=9)
    talk.nop_in(tag=9)
    talk.ping()
    assert findings_of(talk) == []


@near_miss("reject-acked-cmdsn")
def test_an_abort_gives_the_number_up() -> None:
    talk = Talk().open()
    task = talk.command(read=4096)
    talk.reject(talk.pdus[-1], reason=9, exp_cmd_sn=task.cmd_sn)
    talk.tmf(1, task, response=0)
    assert findings_of(talk) == []


@near_miss("reject-acked-cmdsn")
def test_a_command_in_progress_was_received() -> None:
    talk = Talk().open()
    talk.command(read=4096)
    talk.reject(talk.pdus[-1], reason=7, exp_cmd_sn=2)
    assert findings_of(talk) == []


@near_miss("reject-wait-final-data")
def test_an_early_end_of_the_data_is_an_end() -> None:
    talk = Talk().open()
    task = talk.command(write=8192)
    burst = talk.r2t(task)
    talk.reject(talk.data_out(task, 4096, burst=burst, final=True), reason=4)
    talk.response(task, 8)
    assert "reject-wait-final-data" not in findings_of(talk)
