"""DataSN, R2TSN and ExpDataSN."""

from __future__ import annotations

import pytest

from iscsi_analyzer.rules import numbering_data
from tests.iscsi_analyzer.rules.judging import check_example, check_losses, check_near, findings_of, names
from tests.support.talk import Talk

NEAR = {
    "datain-datasn-gap": """
        talk = Talk(initiator_max_recv_data_segment_length=4096).open()
        tasks = [talk.command(read=16384, lba=64 * number) for number in range(3)]
        for _ in range(3):
            for task in tasks:
                talk.data_in(task, 4096)
        for task in tasks:
            talk.data_in(task, 4096, status=0)
        """,
    "dataout-datasn-gap": """
        talk = Talk(target_max_recv_data_segment_length=512, max_burst_length=2048, first_burst_length=1024).open()
        talk.write(8192)
        """,
    "r2tsn-gap": """
        talk = Talk(max_burst_length=4096, first_burst_length=4096, max_outstanding_r2t=4).open()
        talk.write(65536)
        """,
    "expdatasn-mismatch": """
        talk = Talk(initiator_max_recv_data_segment_length=4096).open()
        talk.read(16384, phase=False)
        talk.response(talk.command(read=4096), 2, sense=bytes((0x70, 0, 5, 0, 0, 0, 0, 10)) + bytes(10), underflow=4096)
        """,
    "expdatasn-must-be-zero": """
        talk.open()
        task = talk.write(300000)
        """,
}
"What nearly breaks each rule."


@pytest.mark.parametrize("name", names(numbering_data))
class TestEachRule:
    def test_is_broken_by_its_example_alone(self, name: str) -> None:
        check_example(name)

    def test_is_kept_by_what_nearly_breaks_it(self, name: str) -> None:
        check_near(NEAR, name)

    def test_accuses_nobody_of_what_the_capture_lacks(self, name: str) -> None:
        check_losses(name)


def test_data_that_is_sent_again_is_no_gap() -> None:
    """Above ErrorRecoveryLevel 0 a Data-In may come again, with its number."""
    talk = Talk(error_recovery_level=1).open()
    task = talk.command(read=12288)
    for _ in range(3):
        talk.data_in(task, 4096)
    talk.snack(0, task=task, begin=1, run=1)
    talk.data_in(task, 4096, data_sn=1, offset=4096)
    talk.response(task, exp_data_sn=3)
    assert findings_of(talk) == []


def test_a_number_that_goes_back_is_a_fault_where_nothing_is_sent_again() -> None:
    talk = Talk().open()
    task = talk.command(read=8192)
    talk.data_in(task, 4096)
    talk.data_in(task, 4096, data_sn=0, status=0)
    assert findings_of(talk) == ["datain-datasn-gap"]


def test_every_sequence_of_a_write_begins_anew_even_with_the_same_tag() -> None:
    """A target may give all its R2Ts the same Target Transfer Tag, one after the other."""
    talk = Talk(target_max_recv_data_segment_length=1024).open()
    task = talk.command(write=8192)
    for _ in range(2):
        burst = talk.r2t(task, 4096, target_transfer_tag=7)
        for _ in range(4):
            talk.data_out(task, 1024, burst=burst)
    talk.response(task, exp_data_sn=0)
    assert findings_of(talk) == []


def test_bidirectional_commands_are_left_alone() -> None:
    """Section 11.7.5 counts Data-In and R2T together, appendix A.3.3 shows them counted apart."""
    talk = Talk().open()
    cdb = bytes((0x53, 0, 0, 0, 0, 0, 0, 0, 8, 0)) + bytes(6)
    task = talk.command(cdb, flags=0xE1, read=4096, write=4096, ahs=bytes((0, 5, 2, 0, 0, 0, 16, 0)))
    talk.data_out(task, 4096, burst=talk.r2t(task))
    talk.data_in(task, 4096, data_sn=0, final=True)
    talk.response(task, exp_data_sn=1)
    assert [rule for rule in findings_of(talk) if rule in names(numbering_data)] == []
