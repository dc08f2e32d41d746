"""CmdSN of commands."""

from __future__ import annotations

import pytest

from iscsi_analyzer.rules import numbering
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
from tests.support.talk import I2T, NONE, Session, Talk

NEAR = {
    "cmdsn-gap": """
        talk.open()
        talk.session.cmd_sn = talk.session.exp_cmd_sn = 0xFFFFFFFE
        first = Talk(session=talk.session).open()
        for _ in range(4):
            first.test_unit_ready()
        talk = first
        """,
    "cmdsn-duplicate": """
        talk = Talk(error_recovery_level=1).open()
        task = talk.command(read=4096)
        talk.command(read=4096, tag=task.tag, cmd_sn=task.cmd_sn)
        talk.serve(task)
        """,
    "cmdsn-advanced-by-immediate": """
        talk.open()
        talk.test_unit_ready()
        for _ in range(3):
            talk.nop_in(tag=talk.nop_out(immediate=True).word(16))
            talk.test_unit_ready()
        """,
    "cmdsn-immediate-not-current": """
        talk.open()
        talk.nop_in(tag=talk.nop_out(immediate=True).word(16))
        talk.test_unit_ready()
        talk.tmf(5)
        talk.target_ping()
        """,
    "cmdsn-outside-window": """
        from tests.support.talk import Session
        talk = Talk(session=Session(queue_depth=2)).open()
        talk.test_unit_ready()
        tasks = [talk.command(), talk.command()]
        for task in tasks:
            talk.response(task)
        """,
}
"What nearly breaks each rule."


@pytest.mark.parametrize("name", names(numbering))
class TestEachRule:
    def test_is_broken_by_its_example_alone(self, name: str) -> None:
        check_example(name)

    def test_is_kept_by_what_nearly_breaks_it(self, name: str) -> None:
        check_near(NEAR, name)

    def test_accuses_nobody_of_what_the_capture_lacks(self, name: str) -> None:
        check_losses(name)


def test_with_several_connections_numbers_come_in_any_order() -> None:
    """The capture may show the commands of two connections in another order than they were sent."""
    first = Talk(max_connections=2).open()
    second = first.join().open()
    for talk, number in ((first, 2), (second, 1), (second, 4), (first, 3)):
        talk.response(talk.command(cmd_sn=number))
    assert [rule for rule in findings_of(first) if rule.startswith("cmdsn")] == []


def test_a_session_that_may_have_more_connections_is_not_judged() -> None:
    """The other connection may have taken another way."""
    talk = Talk(max_connections=2).open()
    talk.test_unit_ready()
    talk.session.cmd_sn += 1
    talk.command()
    assert findings_of(talk) == []


def test_a_rejected_command_may_give_its_number_to_another_pdu() -> None:
    """Section 7.3: the hole that a Reject leaves is filled by another PDU with the same CmdSN."""
    talk = Talk().open()
    talk.test_unit_ready()
    task = talk.command(read=4096)
    talk.reject(talk.pdus[-1], reason=5, exp_cmd_sn=2, max_cmd_sn=129)
    reject = talk.pdus[-1].spans[0][0]
    talk.nop_out(cmd_sn=task.cmd_sn)
    assert findings_of(talk) == findings_of(without(talk, reject)) == []
    talk.test_unit_ready()
    assert "cmdsn-duplicate" not in findings_of(without(talk, reject)), "the Reject is not in the capture"


def test_the_evidence_is_both_commands() -> None:
    talk = example(sections("cmdsn-duplicate")["Example"])
    finding = finding_of(talk, "cmdsn-duplicate")
    assert (finding.related, finding.facts) == ([5], {"cmd_sn": 1, "earlier_tag": 1, "expected": 2})


def test_a_number_below_the_first_of_the_session_is_outside_the_window() -> None:
    talk = Talk().open()
    talk.test_unit_ready()
    talk.command(cmd_sn=0xFFFFFFF0)
    assert findings_of(talk) == ["cmdsn-outside-window"]


def test_a_window_that_the_capture_lacks_is_not_held_against_the_initiator() -> None:
    """The PDU that opened the window was not captured, but acknowledged by TCP."""
    talk = Talk(session=Session(queue_depth=1)).open()
    talk.test_unit_ready()
    talk.session.queue_depth = 8
    opened = talk.nop_in(target_tag=NONE)
    talk.ack(I2T)
    for _ in range(4):
        talk.command()
    assert findings_of(talk) == []
    assert findings_of(without(talk, opened.spans[0][0])) == []


def test_the_window_is_known_again_with_the_next_pdu_of_the_target() -> None:
    talk = Talk(session=Session(queue_depth=2)).open()
    lost = talk.test_unit_ready()
    talk.test_unit_ready()
    talk.command(cmd_sn=talk.session.max_cmd_sn + 1)
    frame = next(pdu.spans[0][0] for pdu in talk.pdus if pdu.opcode == 0x21 and pdu.word(16) == lost.tag)
    assert findings_of(without(talk, frame)) == ["cmdsn-outside-window"]


def test_after_a_loss_a_repeated_command_is_not_taken_for_the_latest() -> None:
    """ErrorRecoveryLevel 1: a command is repeated. Where it was sent first, and the one after it, the capture has a
    hole; what both sides say of the later one is true all the same."""
    talk = Talk(error_recovery_level=1).open()
    talk.test_unit_ready()
    first, second = talk.command(read=4096), talk.command(read=4096)
    lost = [pdu.spans[0][0] for pdu in talk.pdus[-2:]]
    talk.serve(talk.command(read=4096, tag=first.tag, cmd_sn=first.cmd_sn))
    talk.serve(second)
    talk.nop_in(tag=talk.nop_out(immediate=True).word(16))
    talk.test_unit_ready()
    assert findings_of(talk) == findings_of(without(talk, *lost)) == []


@pytest.mark.parametrize("commands", [1, 5])
def test_after_a_loss_numbers_are_followed_again_once_none_can_be_a_repetition(commands: int) -> None:
    """That is when they are above everything that the target had granted at the time of the loss."""
    talk = Talk(session=Session(queue_depth=3)).open()
    talk.test_unit_ready()
    lost = talk.pdus[-2].spans[0][0]
    for _ in range(commands):
        talk.test_unit_ready()
    talk.session.cmd_sn += 1
    talk.command()
    assert findings_of(talk) == ["cmdsn-gap"]
    assert findings_of(without(talk, lost)) == (["cmdsn-gap"] if commands == 5 else [])
