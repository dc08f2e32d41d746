"""Sense data: that it is there, fits, and can be read."""

from __future__ import annotations

import pytest

from tests.iscsi_analyzer.rules.judging import near_miss
from tests.iscsi_analyzer.rules.scsi_talks import SENSE, blamed, broken
from tests.support import mangle_loss
from tests.support.talk import Talk


def failed(data: bytes, status: int = 2) -> Talk:
    """A response with this data segment."""
    talk = Talk().open()
    talk.response(talk.command(), status, data=data)
    return talk


@pytest.mark.parametrize("data", [b"", b"\0\0", b"\0\0" + bytes(18)])
def test_check_condition_comes_with_sense_data(data: bytes) -> None:
    assert broken(failed(data)) == ["rsp-check-condition-without-sense"]


@near_miss("rsp-check-condition-without-sense", "rsp-sense-length-invalid", "rsp-sense-format")
@pytest.mark.parametrize("code", [0x70, 0x71, 0x72, 0x73, 0x7F, 0xF0, 0xF1])
@pytest.mark.parametrize("length", [1, 8, 18, 252])
def test_sense_data_may_have_any_length_and_format(code: int, length: int) -> None:
    assert broken(failed(length.to_bytes(2, "big") + bytes([code]) + bytes(length - 1))) == []


@near_miss("rsp-check-condition-without-sense", "rsp-sense-format")
@pytest.mark.parametrize("status", [0x00, 0x08])
def test_other_statuses_need_none(status: int) -> None:
    assert broken(failed(b"", status)) == []
    assert broken(failed(b"\0\4" + bytes(4), status)) == []


@pytest.mark.parametrize("status", [0x00, 0x02])
@pytest.mark.parametrize("data", [b"\0", b"\0\x13" + SENSE, b"\xff\xff" + SENSE, b"\0\1"])
def test_sense_data_fits_its_data_segment(data: bytes, status: int) -> None:
    assert blamed(failed(data, status), "rsp-sense-length-invalid").facts["length"] == len(data)


@near_miss("rsp-sense-length-invalid")
def test_response_data_may_follow() -> None:
    assert broken(failed(b"\0\x12" + SENSE + bytes(10))) == []


@pytest.mark.parametrize("code", [0x00, 0x6F, 0x74, 0x7E])
def test_sense_data_has_a_known_format(code: int) -> None:
    assert blamed(failed(b"\0\x12" + bytes([code]) + bytes(17)), "rsp-sense-format").facts == {"code": code}


@near_miss("rsp-check-condition-without-sense", "rsp-sense-length-invalid", "rsp-sense-format")
@pytest.mark.parametrize("captured", range(114, 137))
def test_sense_data_that_the_capture_cut_is_sense_data(captured: int) -> None:
    """Frames keep 48 bytes of header (from byte 66 on) and some of the data."""
    assert broken(mangle_loss.snap(failed(b"\0\x12" + SENSE).frames, captured)) == []
