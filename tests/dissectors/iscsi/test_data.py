"""Data-Out, Data-In and R2T (RFC 7143 sections 11.7 and 11.8)."""

from __future__ import annotations

import pytest

from tests.dissectors.iscsi.headers import find, made, names


def test_unsolicited_data_says_so() -> None:
    pdu = made("SCSI Data-Out", bytes(512), initiator_task_tag=5, final=1)
    assert pdu.summary() == "SCSI Data-Out unsolicited ITT 0x5 DataSN 0 offset 0 len 512 F"
    assert "not meaningful" in find(pdu.tree(), "scsi.lun").text


def test_solicited_data_names_the_request_that_it_answers() -> None:
    pdu = made("SCSI Data-Out", bytes(8), initiator_task_tag=5, target_transfer_tag=1, data_sn=2, buffer_offset=4096)
    assert pdu.summary() == "SCSI Data-Out ITT 0x5 DataSN 2 offset 4096 len 8 TTT 0x1"
    assert "not meaningful" not in find(pdu.tree(), "scsi.lun").text
    assert names(pdu) == []


def test_data_without_status_has_no_status_to_show() -> None:
    pdu = made("SCSI Data-In", bytes(8), initiator_task_tag=5, final=1, status=8, stat_sn=3)
    assert pdu.summary() == "SCSI Data-In ITT 0x5 DataSN 0 offset 0 len 8 F"
    for name in ("iscsi.scsiresponse.status", "iscsi.statsn", "iscsi.scsidata.readresidualcount", "iscsi.scsidata.U"):
        assert "not meaningful" in find(pdu.tree(), name).text, name


def test_data_with_status_ends_its_command() -> None:
    pdu = made(
        "SCSI Data-In", bytes(8), initiator_task_tag=5, final=1, has_status=1, stat_sn=3, residual_underflow=1,
        residual_count=12,
    )  # fmt: skip
    assert pdu.summary() == "SCSI Data-In ITT 0x5 DataSN 0 offset 0 len 8 F S GOOD StatSN 3 underflow 12"
    assert "not meaningful" not in find(pdu.tree(), "iscsi.statsn").text


@pytest.mark.parametrize("acknowledge", [0, 1])
def test_a_wish_for_acknowledgement_comes_with_a_tag_and_a_lun(acknowledge: int) -> None:
    pdu = made("SCSI Data-In", acknowledge=acknowledge, target_transfer_tag=9)
    assert ("TTT 0x9" in pdu.summary()) is bool(acknowledge)
    for name in ("scsi.lun", "iscsi.targettransfertag"):
        assert ("not meaningful" in find(pdu.tree(), name).text) is not acknowledge


def test_a_request_for_data_says_which() -> None:
    pdu = made(
        "R2T", lun=2 << 48, initiator_task_tag=5, target_transfer_tag=1, r2t_sn=3, buffer_offset=8192,
        desired_data_transfer_length=65536,
    )  # fmt: skip
    assert pdu.summary() == "R2T LUN 2 ITT 0x5 TTT 0x1 R2TSN 3 offset 8192 len 65536"
    assert find(pdu.tree(), "iscsi.desireddatalength").value == 65536
