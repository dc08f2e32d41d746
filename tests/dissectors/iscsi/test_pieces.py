"""The laws of summary pieces: what was not captured is not said."""

from __future__ import annotations

from dissectors.iscsi import pieces, words
from dissectors.pdu import build, dissect
from tests.dissectors.iscsi.headers import made


def test_each_piece_says_one_field() -> None:
    pdu = made("SCSI Data-In", cmd := b"abc", initiator_task_tag=0x12, data_sn=3, has_status=1, status=8, lun=5 << 48)
    assert cmd == pdu.data
    assert pieces.number(pdu, "DataSN", "data_sn") == ["DataSN 3"]
    assert pieces.tag(pdu, "ITT", "initiator_task_tag") == ["ITT 0x12"]
    assert pieces.word(pdu, "status", words.SCSI_STATUS) == ["BUSY"]
    assert pieces.lun(pdu) == ["LUN 5"]
    assert pieces.length(pdu) == ["data 3"]
    assert pieces.flags(pdu, ("F", "final"), ("S", "has_status")) == ["S"]


def test_the_reserved_tag_and_empty_data_are_not_worth_a_word() -> None:
    pdu = made("NOP-Out", initiator_task_tag=0xFFFFFFFF)
    assert pieces.tag(pdu, "ITT", "initiator_task_tag") == []
    assert pieces.tag(made("NOP-Out"), "ITT", "initiator_task_tag") == ["ITT 0x0"]
    assert pieces.length(pdu) == []
    assert pieces.immediate(pdu) == []
    assert pieces.immediate(made("NOP-Out", immediate=1)) == ["immediate"]


def test_a_code_without_a_name_of_its_own_comes_with_its_number() -> None:
    assert pieces.word(made("Reject", reason=0x77), "reason", words.REJECT_REASONS) == ["unassigned (0x77)"]


def test_what_was_not_captured_is_not_said() -> None:
    pdu = dissect(build("SCSI Response", status=2), captured=2)
    assert pieces.number(pdu, "StatSN", "stat_sn") == []
    assert pieces.tag(pdu, "ITT", "initiator_task_tag") == []
    assert pieces.word(pdu, "status", words.SCSI_STATUS) == []
    assert pieces.lun(pdu) == []
    assert pieces.length(pdu) == []
    assert pieces.status_numbers(pdu) == []
    assert pieces.residual(pdu) == []


def test_residuals_are_said_for_both_halves_of_a_command() -> None:
    pdu = made(
        "SCSI Response",
        residual_overflow=1,
        residual_count=5,
        bidirectional_read_residual_underflow=1,
        bidirectional_read_residual_count=6,
    )
    assert pieces.residual(pdu) == ["overflow 5", "read underflow 6"]
    assert pieces.status_numbers(pdu) == ["StatSN 0", "ExpCmdSN 0", "MaxCmdSN 0"]
