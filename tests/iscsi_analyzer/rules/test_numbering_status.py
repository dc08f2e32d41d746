"""StatSN and ExpStatSN."""

from __future__ import annotations

import pytest

from iscsi_analyzer.rules import numbering_status
from iscsi_analyzer.rules.catalogue import sections
from tests.iscsi_analyzer.rules.judging import (
    check_example,
    check_losses,
    check_near,
    example,
    finding_of,
    findings_of,
    names,
    near_miss,
    without,
)
from tests.support.talk import I2T, Talk

NEAR = {
    "statsn-gap": """
        talk = Talk(stat_sn=0xFFFFFFFD).open()
        for _ in range(4):
            talk.read(4096, phase=False)
        talk.target_ping()
        """,
    "statsn-duplicate": """
        talk = Talk(error_recovery_level=1).open()
        talk.test_unit_ready()
        task = talk.command()
        talk.response(task)
        talk.snack(1, begin=talk.stat_sn - 1, run=1, exp_stat_sn=talk.stat_sn - 1)
        talk.response(task, stat_sn=talk.stat_sn - 1)
        """,
    "statsn-advanced-by-uncounted": """
        talk.open()
        talk.test_unit_ready()
        talk.target_ping()
        talk.write(300000)
        talk.test_unit_ready()
        """,
    "statsn-next-mismatch": """
        talk.open()
        talk.write(300000)
        talk.target_ping()
        talk.test_unit_ready()
        """,
    "expstatsn-ahead": """
        talk.open()
        talk.test_unit_ready()
        talk.command(exp_stat_sn=talk.stat_sn)
        """,
    "expstatsn-counts-shown": """
        talk.open()
        talk.test_unit_ready()
        talk.write(300000)
        talk.target_ping()
        """,
    "expstatsn-regress": """
        talk.open()
        with talk.deaf("I2T"):
            talk.test_unit_ready()
            talk.test_unit_ready()
        talk.command()
        """,
}
"What nearly breaks each rule."


@pytest.mark.parametrize("name", names(numbering_status))
class TestEachRule:
    def test_is_broken_by_its_example_alone(self, name: str) -> None:
        check_example(name)

    def test_is_kept_by_what_nearly_breaks_it(self, name: str) -> None:
        check_near(NEAR, name)

    def test_accuses_nobody_of_what_the_capture_lacks(self, name: str) -> None:
        check_losses(name)


def test_a_status_that_the_capture_lacks_may_have_been_acknowledged() -> None:
    talk = Talk().open()
    task = talk.test_unit_ready()
    talk.ack(I2T)
    talk.test_unit_ready()
    frame = next(pdu.spans[0][0] for pdu in talk.pdus if pdu.opcode == 0x21 and pdu.word(16) == task.tag)
    assert findings_of(without(talk, frame)) == []


def test_each_connection_counts_for_itself() -> None:
    first = Talk(max_connections=2, stat_sn=10).open()
    second = first.join(stat_sn=5000).open()
    for talk in (first, second, second, first):
        talk.test_unit_ready()
    assert findings_of(first) == []


def test_a_number_far_from_any_in_use_is_a_gap_and_no_duplicate() -> None:
    talk = Talk(stat_sn=1000).open()
    talk.test_unit_ready()
    talk.response(talk.command(), stat_sn=3)
    assert findings_of(talk) == ["statsn-gap"]


def test_an_r2t_that_was_counted_is_told_apart_from_a_lost_status() -> None:
    """The initiator is one ahead, and an R2T showed this very number."""
    talk = example(sections("expstatsn-counts-shown")["Example"])
    finding = finding_of(talk, "expstatsn-counts-shown")
    assert finding.facts == {"exp_stat_sn": 4, "next_stat_sn": 3}


def test_after_a_loss_a_response_that_is_sent_again_is_not_taken_for_the_latest() -> None:
    """ErrorRecoveryLevel 1: where two responses were sent first, the capture has a hole. Then the older one comes
    again, and what follows is ahead of it."""
    talk = Talk(error_recovery_level=1).open()
    talk.test_unit_ready()
    first, second = talk.command(), talk.command()
    stat_sn = talk.stat_sn
    with talk.deaf("T2I"):
        talk.response(first)
        talk.response(second)
    lost = [pdu.spans[0][0] for pdu in talk.pdus[-2:]]
    talk.snack(1, begin=stat_sn, run=1, exp_stat_sn=stat_sn)
    again = talk.response(first, stat_sn=stat_sn)
    assert again.word(24) == stat_sn
    talk.ping()
    talk.write(4096)
    accusations = {rule for rule in findings_of(without(talk, *lost)) if "statsn" in rule}
    assert accusations == set()


@near_miss("expstatsn-ahead", "expstatsn-regress")
def test_a_logout_of_another_connection_has_the_number_of_that_one() -> None:
    """RFC 7143 section 11.14.4; the connection itself goes on with its own number."""
    for ahead in (5000, 1):
        talk = Talk(max_connections=2, stat_sn=ahead).open()
        talk.test_unit_ready()
        other = talk.join(stat_sn=2500).open()
        other.test_unit_ready()
        other.logout_response(tag=other.logout_request(1, cid=0).word(16))
        other.test_unit_ready()
        assert findings_of(talk) == []
