"""SNACKs compared with what their initiator said before."""

from __future__ import annotations

import pytest

from iscsi_analyzer.rules import recovery_asking
from tests.iscsi_analyzer.rules.judging import check_example, check_losses, check_near, findings_of, names, near_miss
from tests.support.talk import Talk

ALSO = {"dataack-before-hole-filled": ("datain-datasn-gap",)}

NEAR = {
    "snack-tag-reused": """
        talk = Talk(error_recovery_level=1).open()
        task, other = talk.command(read=8192), talk.command(read=8192)
        talk.data_in(task, 4096)
        talk.snack(3, task=task, target_transfer_tag=1)
        talk.snack(3, task=task, target_transfer_tag=2)
        talk.snack(3, task=other, target_transfer_tag=1)
        """,
    "snack-acked-data": """
        talk = Talk(error_recovery_level=1).open()
        task = talk.command(read=16384)
        talk.data_in(task, 4096)
        talk.data_in(task, 4096, flags=0x40, target_transfer_tag=5)
        talk.data_in(task, 4096)
        talk.snack(2, target_transfer_tag=5, begin=2)
        talk.snack(0, task=task, begin=2, run=1)
        talk.snack(0, task=task, begin=0, run=0)
        """,
    "dataack-begrun": """
        talk = Talk(error_recovery_level=1).open()
        task = talk.command(read=16384)
        talk.data_in(task, 4096)
        talk.data_in(task, 4096, flags=0x40, target_transfer_tag=5)
        talk.data_in(task, 4096)
        talk.snack(2, target_transfer_tag=5, begin=3)
        """,
    "dataack-before-hole-filled": """
        talk = Talk(error_recovery_level=1).open()
        task = talk.command(read=16384)
        talk.data_in(task, 4096)
        talk.data_in(task, 4096)
        talk.data_in(task, 4096, flags=0x40, target_transfer_tag=5)
        talk.snack(0, task=task, begin=1, run=1)
        talk.data_in(task, 4096, offset=4096, data_sn=1)
        talk.snack(2, target_transfer_tag=5, begin=3)
        """,
    "rdata-required": """
        talk = Talk(error_recovery_level=1).open()
        old = talk.command(read=16384)
        talk.data_in(old, 8192)
        talk.text({"MaxRecvDataSegmentLength": "4096"}, {})
        new = talk.command(read=8192)
        talk.data_in(new, 4096)
        talk.snack(3, task=old, target_transfer_tag=5)
        talk.snack(0, task=new, begin=0, run=1)
        """,
    "snack-r2t-timeout": """
        talk = Talk(error_recovery_level=1).open()
        task = talk.command(write=8192)
        talk.data_out(task, 4096, burst=talk.r2t(task, 4096))
        talk.r2t(task, 4096)
        talk.snack(0, task=task, begin=0, run=1)
        """,
}
"What nearly breaks each rule."


@pytest.mark.parametrize("name", names(recovery_asking))
class TestEachRule:
    def test_is_broken_by_its_example_alone(self, name: str) -> None:
        check_example(name, ALSO)

    def test_is_kept_by_what_nearly_breaks_it(self, name: str) -> None:
        check_near(NEAR, name)

    def test_accuses_nobody_of_what_the_capture_lacks(self, name: str) -> None:
        check_losses(name)


@pytest.mark.parametrize(("begin", "broken"), [(1, True), (2, True), (3, False), (4, True)])
def test_a_dataack_expects_what_comes_next(begin: int, broken: bool) -> None:
    talk = Talk(error_recovery_level=1).open()
    task = talk.command(read=16384)
    talk.data_in(task, 4096)
    talk.data_in(task, 4096)
    talk.data_in(task, 4096, flags=0x40, target_transfer_tag=5)
    talk.snack(2, target_transfer_tag=5, begin=begin)
    assert findings_of(talk) == (["dataack-begrun"] if broken else [])


@near_miss("rdata-required")
def test_a_length_that_stays_the_same_changes_nothing() -> None:
    talk = Talk(error_recovery_level=1).open()
    task = talk.command(read=16384)
    talk.data_in(task, 4096)
    talk.text({"MaxRecvDataSegmentLength": "65536"}, {})
    talk.snack(0, task=task, begin=0, run=1)
    assert findings_of(talk) == []


def test_what_a_reassignment_acknowledges_is_gone_too() -> None:
    talk = Talk(error_recovery_level=2, max_connections=2).open()
    task = talk.command(read=65536)
    for _ in range(4):
        talk.data_in(task, 4096)
    talk.rst()
    talk.wait(3)
    other = talk.join().open()
    other.logout_response(tag=other.logout_request(2, cid=0).word(16))
    other.tmf(8, task, ref_cmd_sn=0, exp_data_sn=4, lun=0)
    other.data_in(task, 4096)
    other.snack(0, task=task, begin=3, run=1)
    assert findings_of(talk) == ["snack-acked-data"]
