"""Task tags and Target Transfer Tags."""

from __future__ import annotations

import pytest

from iscsi_analyzer.rules import numbering_tags
from iscsi_analyzer.rules.catalogue import sections
from tests.iscsi_analyzer.rules.judging import (
    check_example,
    check_losses,
    check_near,
    example,
    finding_of,
    findings_of,
    names,
    without,
)
from tests.support.talk import I2T, Talk

NEAR = {
    "itt-reuse-active": """
        talk.open()
        for _ in range(3):
            talk.response(talk.command(tag=7))
            talk.nop_in(tag=talk.nop_out(tag=7).word(16))
        """,
    "itt-reserved-used": """
        talk.open()
        talk.nop_out(tag=0xFFFFFFFF, immediate=True)
        talk.response(talk.command(tag=0xFFFFFFFE))
        """,
    "itt-unknown-in-response": """
        talk.open()
        tasks = [talk.command(read=4096), talk.command(), talk.command(write=4096)]
        talk.data_out(tasks[2], 4096, burst=talk.r2t(tasks[2]))
        for task in reversed(tasks[1:]):
            talk.response(task)
        talk.serve(tasks[0])
        """,
    "response-type-mismatch": """
        talk.open()
        talk.nop_in(tag=talk.nop_out().word(16))
        talk.tmf(5)
        talk.text({"X-com.example.a": "1"}, {"X-com.example.a": "NotUnderstood"})
        talk.close()
        """,
    "ttt-reserved-in-r2t": """
        talk.open()
        task = talk.command(write=4096)
        talk.data_out(task, 4096, burst=talk.r2t(task, target_transfer_tag=0xFFFFFFFE))
        talk.response(task)
        """,
}
"What nearly breaks each rule."


@pytest.mark.parametrize("name", names(numbering_tags))
class TestEachRule:
    def test_is_broken_by_its_example_alone(self, name: str) -> None:
        check_example(name)

    def test_is_kept_by_what_nearly_breaks_it(self, name: str) -> None:
        check_near(NEAR, name)

    def test_accuses_nobody_of_what_the_capture_lacks(self, name: str) -> None:
        check_losses(name)


def test_a_tag_may_be_used_again_as_soon_as_its_answer_was_sent() -> None:
    """The initiator may have the answer although its TCP acknowledgement says nothing of it yet."""
    talk = Talk().open()
    talk.response(talk.command(tag=9))
    with talk.deaf(I2T):
        talk.response(talk.command(tag=9))
    assert findings_of(talk) == []


def test_after_task_management_a_tag_is_free() -> None:
    """TASK DOES NOT EXIST says that the task is over, whatever else was seen of it."""
    talk = Talk().open()
    task = talk.command(read=4096)
    talk.tmf(1, task, response=1)
    talk.command(tag=task.tag)
    assert findings_of(talk) == []


def test_an_answer_whose_request_the_capture_lacks_is_nobodys_fault() -> None:
    talk = Talk().open()
    talk.test_unit_ready()
    task = talk.test_unit_ready()
    talk.test_unit_ready()
    frame = next(pdu.spans[0][0] for pdu in talk.pdus if pdu.opcode == 0x01 and pdu.word(16) == task.tag)
    assert findings_of(without(talk, frame)) == []


def test_the_task_that_has_the_tag_is_the_evidence() -> None:
    finding = finding_of(example(sections("itt-reuse-active")["Example"]), "itt-reuse-active")
    assert (finding.related, finding.tag) == ([5], 1)
