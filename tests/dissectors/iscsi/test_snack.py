"""SNACK Request (RFC 7143 section 11.16)."""

from __future__ import annotations

import pytest

from tests.dissectors.iscsi.headers import find, made


@pytest.mark.parametrize(
    ("values", "summary"),
    [
        ({"snack_type": 0, "initiator_task_tag": 5, "beg_run": 2, "run_length": 3},
         "Data/R2T SNACK ITT 0x5 BegRun 2 RunLength 3 ExpStatSN 0"),
        ({"snack_type": 1, "initiator_task_tag": 0xFFFFFFFF, "run_length": 1},
         "Status SNACK BegRun 0 RunLength 1 ExpStatSN 0"),
        ({"snack_type": 2, "initiator_task_tag": 0xFFFFFFFF, "target_transfer_tag": 9, "beg_run": 4},
         "DataACK TTT 0x9 BegRun 4 RunLength 0 ExpStatSN 0"),
        ({"snack_type": 3, "initiator_task_tag": 5, "target_transfer_tag": 9},
         "R-Data SNACK ITT 0x5 SNACK Tag 0x9 BegRun 0 RunLength 0 ExpStatSN 0"),
        ({"snack_type": 15}, "reserved (0x0f) ITT 0x0 BegRun 0 RunLength 0 ExpStatSN 0"),
    ],
)  # fmt: skip
def test_each_type_says_what_it_asks_for(values: dict[str, int], summary: str) -> None:
    assert made("SNACK Request", **values).summary() == f"SNACK Request {summary}"


@pytest.mark.parametrize(("snack_type", "meaningful"), [(0, False), (1, False), (2, True), (3, False)])
def test_only_an_acknowledgement_has_a_lun(snack_type: int, meaningful: bool) -> None:
    node = find(made("SNACK Request", snack_type=snack_type).tree(), "scsi.lun")
    assert ("not meaningful" not in node.text) is meaningful
