"""Fields of Data-Ins that mean nothing, and how often a target wants to be acknowledged."""

from __future__ import annotations

import pytest

from iscsi_analyzer.rules import data_in_fields
from tests.iscsi_analyzer.rules.judging import check_example, check_losses, check_near, names

NEAR = {
    "datain-statsn-without-s": """
        talk.open()
        read = talk.command(read=4096)
        talk.data_in(read, 1024, final=False, stat_sn=0xffffffff)
        talk.data_in(read, 1024, final=False, stat_sn=0)
        talk.data_in(read, 2048, status=0)
        """,
    "datain-status-without-s": """
        talk.open()
        read = talk.command(read=4096)
        talk.data_in(read, 1024, final=False)
        talk.data_in(read, 1024, status=0, residual_count=2048)
        """,
    "datain-ttt-without-a": """
        talk.open()
        for lun in (0, 1, b"\\xff" * 8):
            read = talk.command(read=4096, lun=1)
            talk.data_in(read, 4096, status=0, lun=lun, target_transfer_tag=0)
        """,
    "datain-a-too-often": """
        talk = Talk(error_recovery_level=1, max_burst_length=2048, first_burst_length=2048).open()
        read = talk.command(read=5120)
        for at in range(3):
            talk.data_in(read, 2048 if at < 2 else 1024, flags=0xC0, target_transfer_tag=at + 1)
            talk.snack(2, begin=at + 1, target_transfer_tag=at + 1)
        talk.response(read)
        """,
}
"What nearly breaks each rule."


@pytest.mark.parametrize("name", names(data_in_fields))
class TestEachRule:
    def test_is_broken_by_its_example_alone(self, name: str) -> None:
        check_example(name)

    def test_is_kept_by_what_nearly_breaks_it(self, name: str) -> None:
        check_near(NEAR, name)

    def test_accuses_nobody_of_what_the_capture_lacks(self, name: str) -> None:
        check_losses(name)
