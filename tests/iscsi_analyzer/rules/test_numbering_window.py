"""ExpCmdSN and MaxCmdSN."""

from __future__ import annotations

import pytest

from iscsi_analyzer.rules import numbering_window
from tests.iscsi_analyzer.rules.judging import (
    check_example,
    check_losses,
    check_near,
    finding_of,
    findings_of,
    names,
    without,
)
from tests.support.talk import T2I, Session, Talk

ALSO = {"response-to-out-of-window-command": ("cmdsn-outside-window",)}
"What cannot be kept by whoever breaks the rule."

NEAR = {
    "maxcmdsn-below-expcmdsn": """
        talk.open()
        talk.response(talk.command(), exp_cmd_sn=2, max_cmd_sn=1)
        """,
    "expcmdsn-acks-unsent": """
        talk.open()
        ping = talk.nop_out(immediate=True)
        talk.nop_in(tag=ping.word(16))
        talk.test_unit_ready()
        """,
    "expcmdsn-regress": """
        talk = Talk(error_recovery_level=1).open()
        talk.test_unit_ready()
        talk.test_unit_ready()
        talk.nop_in(exp_cmd_sn=2)
        """,
    "maxcmdsn-regress": """
        talk.open()
        talk.test_unit_ready()
        talk.nop_in(max_cmd_sn=talk.session.max_cmd_sn)
        talk.nop_in(max_cmd_sn=talk.session.max_cmd_sn + 1)
        """,
    "status-precedes-cmd-ack": """
        talk.open()
        talk.response(talk.command(immediate=True), exp_cmd_sn=1)
        task = talk.command(read=4096)
        talk.data_in(task, 2048, exp_cmd_sn=1, max_cmd_sn=128)
        talk.data_in(task, 2048, status=0)
        """,
    "response-to-out-of-window-command": """
        from tests.support.talk import Session
        talk = Talk(session=Session(queue_depth=1)).open()
        talk.test_unit_ready()
        talk.test_unit_ready()
        """,
}
"What nearly breaks each rule."


@pytest.mark.parametrize("name", names(numbering_window))
class TestEachRule:
    def test_is_broken_by_its_example_alone(self, name: str) -> None:
        check_example(name, ALSO)

    def test_is_kept_by_what_nearly_breaks_it(self, name: str) -> None:
        check_near(NEAR, name)

    def test_accuses_nobody_of_what_the_capture_lacks(self, name: str) -> None:
        check_losses(name)


def test_a_window_that_stands_still_is_reported_once_for_each_change() -> None:
    """A wrong ExpCmdSN that is repeated in a hundred PDUs is one fault."""
    talk = Talk().open()
    talk.test_unit_ready()
    for _ in range(20):
        talk.nop_in(target_tag=0xFFFFFFFF, exp_cmd_sn=3, max_cmd_sn=130)
    finding = finding_of(talk, "expcmdsn-acks-unsent")
    assert (finding.count, finding.facts) == (1, {"exp_cmd_sn": 3, "next_cmd_sn": 2})


def test_commands_that_the_capture_lacks_may_have_been_acknowledged() -> None:
    """The target has acknowledged bytes that the capture has not shown: nobody knows what was in them."""
    talk = Talk().open()
    talk.test_unit_ready()
    task = talk.test_unit_ready()
    talk.nop_in()
    frame = next(pdu.spans[0][0] for pdu in talk.pdus if pdu.opcode == 0x01 and pdu.word(16) == task.tag)
    assert findings_of(without(talk, frame)) == []


def test_answers_that_cross_with_commands_are_right() -> None:
    """The target acknowledges what it has, while more is under way."""
    talk = Talk().open()
    first = talk.command()
    with talk.deaf(T2I):
        talk.command()
        talk.command()
        talk.response(first)
    assert findings_of(talk) == []


def test_numbers_pass_zero_without_a_finding() -> None:
    session = Session(cmd_sn=0xFFFFFFFD, queue_depth=4)
    talk = Talk(session=session).open()
    for _ in range(8):
        talk.read(4096)
    assert findings_of(talk) == []
