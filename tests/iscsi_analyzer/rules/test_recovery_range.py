"""What SNACKs ask for and acknowledge."""

from __future__ import annotations

import pytest

from iscsi_analyzer.rules import recovery_range
from tests.iscsi_analyzer.rules.judging import check_example, check_losses, check_near, findings_of, names, without
from tests.support.talk import Talk

NEAR = {
    "snack-after-status-ack": """
        talk = Talk(error_recovery_level=1).open()
        talk.test_unit_ready()
        with talk.deaf("I2T"):
            talk.test_unit_ready()
            talk.snack(1, begin=talk.stat_sn - 1, run=1)
        """,
    "snack-unsent-range": """
        talk = Talk(error_recovery_level=1).open()
        task = talk.command(read=12288)
        talk.data_in(task, 4096)
        talk.data_in(task, 4096)
        talk.snack(0, task=task, begin=1, run=1)
        talk.snack(0, task=task, begin=1)
        talk.snack(1, begin=0)
        """,
    "dataack-without-a": """
        talk = Talk(error_recovery_level=1).open()
        task = talk.command(read=8192)
        talk.data_in(task, 4096, flags=0x40, target_transfer_tag=5)
        talk.snack(2, target_transfer_tag=5, begin=1)
        """,
    "snack-dataack-lun": """
        talk = Talk(error_recovery_level=1).open()
        task = talk.command(read=8192, lun=3)
        talk.data_in(task, 4096, flags=0x40, target_transfer_tag=5, lun=3)
        talk.snack(2, target_transfer_tag=5, begin=1, lun=3)
        """,
    "snack-type-unsupported": """
        talk = Talk(error_recovery_level=1).open()
        task = talk.command(read=8192)
        talk.data_in(task, 4096)
        talk.reject(talk.snack(0, task=task, begin=0, run=1), reason=3)
        """,
}
"What nearly breaks each rule."


@pytest.mark.parametrize("name", names(recovery_range))
class TestEachRule:
    def test_is_broken_by_its_example_alone(self, name: str) -> None:
        check_example(name)

    def test_is_kept_by_what_nearly_breaks_it(self, name: str) -> None:
        check_near(NEAR, name)

    def test_accuses_nobody_of_what_the_capture_lacks(self, name: str) -> None:
        check_losses(name)


def test_what_the_initiator_may_have_got_and_the_capture_not_may_be_asked_for() -> None:
    """The third Data-In was acknowledged by TCP, but the capture lacks it."""
    talk = Talk(error_recovery_level=1, initiator_max_recv_data_segment_length=512).open()
    task = talk.command(read=2048)
    for _ in range(3):
        talk.data_in(task, 512)
    talk.snack(0, task=task, begin=2, run=1)
    assert findings_of(talk) == []
    third = [pdu for pdu in talk.pdus if pdu.opcode == 0x25][2]
    assert findings_of(without(talk, third.spans[0][0])) == []
