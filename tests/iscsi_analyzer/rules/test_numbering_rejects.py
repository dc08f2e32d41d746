"""Room for immediate commands, and the gap that a rejected command leaves."""

from __future__ import annotations

import pytest

from iscsi_analyzer.rules import numbering_rejects
from tests.iscsi_analyzer.rules.judging import check_example, check_losses, check_near, findings_of, names
from tests.support.talk import Talk

NEAR = {
    "immediate-command-refused-early": """
        talk.open()
        first, second = talk.nop_out(immediate=True), talk.nop_out(immediate=True)
        talk.reject(second, reason=6)
        talk.nop_in(tag=first.word(16))
        reset = talk.tmf_request(5)
        talk.reject(talk.tmf_request(5), reason=6)
        talk.tmf_response(tag=reset.word(16))
        """,
    "reject-gap-not-plugged": """
        talk.open()
        number = talk.session.cmd_sn
        refused = talk.command(bytes((0xC0,)) + bytes(9))
        talk.session.exp_cmd_sn = number
        talk.reject(talk.pdus[-1], reason=9)
        later = talk.command()
        again = talk.command(cmd_sn=number)
        talk.response(again)
        talk.response(later)
        talk.wait(10)
        talk.ping()
        talk.ack("I2T")
        """,
}
"What nearly breaks each rule."


@pytest.mark.parametrize("name", names(numbering_rejects))
class TestEachRule:
    def test_is_broken_by_its_example_alone(self, name: str) -> None:
        check_example(name)

    def test_is_kept_by_what_nearly_breaks_it(self, name: str) -> None:
        check_near(NEAR, name)

    def test_accuses_nobody_of_what_the_capture_lacks(self, name: str) -> None:
        check_losses(name)


def test_one_of_each_kind_has_to_find_room() -> None:
    """A ping under way is no reason to reject a task management request, nor the other way round."""
    talk = Talk().open()
    ping = talk.nop_out(immediate=True)
    talk.reject(talk.tmf_request(5), reason=6)
    talk.nop_in(tag=ping.word(16))
    assert findings_of(talk) == ["immediate-command-refused-early"]


def test_an_answer_that_wants_none_back_may_have_taken_the_room() -> None:
    talk = Talk().open()
    talk.target_ping()
    talk.reject(talk.nop_out(immediate=True), reason=6)
    assert findings_of(talk) == []


def test_a_target_that_counts_the_rejected_command_leaves_no_gap() -> None:
    talk = Talk().open()
    talk.command(bytes((0xC0,)) + bytes(9))
    talk.reject(talk.pdus[-1], reason=9)
    talk.test_unit_ready()
    talk.wait(10)
    talk.ping()
    talk.ack("I2T")
    assert findings_of(talk) == []
