"""Pings without answers, and answers without pings."""

from __future__ import annotations

import pytest

from iscsi_analyzer.rules import nop_answers
from tests.iscsi_analyzer.rules.judging import accused, check_example, check_losses, check_near, findings_of, names
from tests.support.mangle_loss import one_direction
from tests.support.talk import I2T, T2I, Talk

ALSO = {"nopout-ping-unanswered": ("conn-closed-in-ffp",), "nopin-ping-unanswered": ("conn-closed-in-ffp",)}
"What cannot be kept by whoever breaks the rule."

NEAR = {
    "nopout-ttt-unexpected": """
        talk.open()
        for _ in range(3):
            ping = talk.nop_in(target_tag=7)
            talk.nop_out(target_tag=7)
        """,
    "nopout-answered-twice": """
        talk.open()
        for number in (7, 8, 7):
            ping = talk.nop_in(target_tag=number)
            talk.nop_out(target_tag=number)
        """,
    "nopin-itt-unknown": """
        talk.open()
        pings = [talk.nop_out(tag=number) for number in (7, 8)]
        talk.nop_in(tag=8)
        talk.nop_in(tag=7)
        """,
    "nopout-ping-unanswered": """
        talk.open()
        talk.test_unit_ready()
        talk.nop_out()
        talk.wait(4)
        talk.ack("T2I")
        """,
    "nopin-ping-unanswered": """
        talk.open()
        talk.nop_in(target_tag=0xFFFFFFFF)
        talk.nop_in()
        talk.wait(4)
        """,
}
"What nearly breaks each rule."


@pytest.mark.parametrize("name", names(nop_answers))
class TestEachRule:
    def test_is_broken_by_its_example_alone(self, name: str) -> None:
        check_example(name, ALSO)

    def test_is_kept_by_what_nearly_breaks_it(self, name: str) -> None:
        check_near(NEAR, name)

    def test_accuses_nobody_of_what_the_capture_lacks(self, name: str) -> None:
        check_losses(name)


def test_a_ping_that_never_arrived_needs_no_answer() -> None:
    """The other host is gone: TCP sends the ping again and again, and nobody acknowledges it."""
    talk = Talk().open()
    talk.test_unit_ready()
    talk.ack(I2T)
    with talk.deaf(T2I):
        talk.nop_out()
        talk.wait(30)
        talk.nop_out()
    assert findings_of(talk) == []


def test_an_answer_in_the_last_moment_is_an_answer() -> None:
    talk = Talk().open()
    request = talk.nop_out()
    talk.wait(30)
    talk.nop_in(tag=request.word(16))
    assert findings_of(talk) == []


def test_with_one_direction_nothing_is_said_about_answers() -> None:
    talk = Talk().open()
    talk.ping()
    talk.target_ping()
    talk.wait(10)
    talk.ping()
    for direction in (I2T, T2I):
        assert accused(one_direction(talk.frames, direction)) == []
