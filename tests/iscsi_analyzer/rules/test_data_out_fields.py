"""Fields of Data-Outs that have no meaning there, and Data-Outs that come too late."""

from __future__ import annotations

import pytest

from iscsi_analyzer.rules import data_out_fields
from tests.iscsi_analyzer.rules.judging import check_example, check_losses, check_near, names

NEAR = {
    "dataout-lun-reserved": """
        talk = Talk(initial_r2t=False, immediate_data=False).open()
        write = talk.command(write=4096, final=False, lun=1)
        talk.data_out(write, 4096, lun=1)
        talk.response(write)
        talk.write(4096, lun=2)
        """,
    "dataout-cmdsn-field": """
        talk.open()
        write = talk.command(write=4096)
        talk.data_out(write, 4096, burst=talk.r2t(write), patch={24: bytes(4)})
        talk.response(write)
        """,
    "dataout-after-status": """
        talk = Talk(max_outstanding_r2t=2).open()
        write = talk.command(write=8192)
        talk.solicit(write)
        exp_stat_sn = talk.exp_stat_sn
        talk.response(write, 2, sense=bytes((0x70, 0, 5, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0x24, 0, 0, 0, 0, 0)))
        talk.data_out(write, 512, offset=0, exp_stat_sn=exp_stat_sn)
        """,
}
"What nearly breaks each rule."


@pytest.mark.parametrize("name", names(data_out_fields))
class TestEachRule:
    def test_is_broken_by_its_example_alone(self, name: str) -> None:
        check_example(name)

    def test_is_kept_by_what_nearly_breaks_it(self, name: str) -> None:
        check_near(NEAR, name)

    def test_accuses_nobody_of_what_the_capture_lacks(self, name: str) -> None:
        check_losses(name)
