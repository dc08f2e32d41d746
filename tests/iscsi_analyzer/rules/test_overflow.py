"""Too much data: what a status may say of it, and what the command itself allowed."""

from __future__ import annotations

import pytest

from iscsi_analyzer.rules.overflow import allocation_length
from tests.iscsi_analyzer.rules.judging import near_miss
from tests.iscsi_analyzer.rules.scsi_talks import blamed, broken
from tests.support.talk import Talk

CDBS = {
    "REQUEST SENSE": ("03 00 00 00 20 00", 0x20),
    "INQUIRY": ("12 00 00 12 34 00", 0x1234),
    "INQUIRY, VPD": ("12 01 80 00 ff 00", 0xFF),
    "MODE SENSE(6)": ("1a 00 3f 00 fe 00", 0xFE),
    "LOG SENSE": ("4d 00 40 00 00 00 00 12 34 00", 0x1234),
    "MODE SENSE(10)": ("5a 00 3f 00 00 00 00 12 34 00", 0x1234),
    "PERSISTENT RESERVE IN": ("5e 00 00 00 00 00 00 12 34 00", 0x1234),
    "READ CAPACITY(16)": ("9e 10 00 00 00 00 00 00 00 00 12 34 56 78 00 00", 0x12345678),
    "GET LBA STATUS(16)": ("9e 12 00 00 00 00 00 00 00 00 12 34 56 78 00 00", 0x12345678),
    "READ LONG(16)": ("9e 11 00 00 00 00 00 00 00 00 12 34 56 78 00 00", 0),
    "REPORT LUNS": ("a0 00 00 00 00 00 12 34 56 78 00 00", 0x12345678),
    "REPORT TARGET PORT GROUPS": ("a3 0a 00 00 00 00 12 34 56 78 00 00", 0x12345678),
    "READ CAPACITY(10)": ("25 00 00 00 00 00 00 00 00 00", 0),
    "READ(10)": ("28 00 00 00 00 00 00 00 08 00", 0),
}


@pytest.mark.parametrize("name", CDBS)
def test_the_allocation_length_is_where_the_command_has_it(name: str) -> None:
    text, length = CDBS[name]
    assert allocation_length(bytes.fromhex(text).ljust(16, b"\0")) == length


@pytest.mark.parametrize("length", range(16))
def test_a_cdb_that_was_cut_has_no_allocation_length(length: int) -> None:
    assert allocation_length(bytes.fromhex(CDBS["READ CAPACITY(16)"][0])[:length]) == 0


def inquiry(allocation: int, expected: int, sent: int, *, phase: bool = True, **fields: int) -> Talk:
    """An INQUIRY with that allocation length and expected data transfer length, and what comes back."""
    talk = Talk().open()
    task = talk.command(bytes((0x12, 0, 0)) + allocation.to_bytes(2, "big") + b"\0", read=expected)
    if phase:
        talk.data_in(task, sent, status=0, **fields)
    else:
        talk.data_in(task, sent, final=True)
        talk.response(task, **fields)
    return talk


@pytest.mark.parametrize("phase", [True, False])
@pytest.mark.parametrize("extra", [1, 60])
def test_a_command_returns_what_it_allows(extra: int, phase: bool) -> None:
    talk = inquiry(36, 36 + extra, 36 + extra, phase=phase)
    assert blamed(talk, "cdb-alloc-exceeded").facts == {"delivered": 36 + extra, "allocation": 36}


@near_miss("cdb-alloc-exceeded", "rsp-overflow-despite-alloc")
@pytest.mark.parametrize("phase", [True, False])
def test_a_command_may_return_all_that_it_allows(phase: bool) -> None:
    assert broken(inquiry(36, 36, 36, phase=phase)) == []


@near_miss("cdb-alloc-exceeded")
def test_an_allocation_length_of_0_is_left_alone() -> None:
    """It meant four bytes of sense data once."""
    assert broken(inquiry(0, 36, 36)) == []


@pytest.mark.parametrize("expected", [36, 96])
def test_there_is_no_overflow_within_the_allocation_length(expected: int) -> None:
    talk = Talk().open()
    task = talk.command(bytes((0x12, 0, 0, 0, 36, 0)), read=expected)
    talk.data_in(task, 36, flags=0x85, status=0, residual_count=60)
    assert blamed(talk, "rsp-overflow-despite-alloc").facts == {"allocation": 36, "expected": expected}


@near_miss("rsp-overflow-despite-alloc", "rsp-overflow-with-short-data")
def test_there_may_be_an_overflow_beyond_the_expected_length() -> None:
    assert broken(inquiry(96, 36, 36, flags=0x85, residual_count=60)) == []


def test_what_overflows_is_full() -> None:
    talk = Talk().open()
    task = talk.command(read=1024)
    talk.data_in(task, 1023, flags=0x85, status=0, residual_count=512)
    assert blamed(talk, "rsp-overflow-with-short-data").facts == {"delivered": 1023, "expected": 1024}
