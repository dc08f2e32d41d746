"""How much was moved against what the status says: with the data, and after it."""

from __future__ import annotations

import pytest

from tests.iscsi_analyzer.rules.judging import near_miss
from tests.iscsi_analyzer.rules.scsi_talks import SENSE, blamed, broken
from tests.support.talk import Talk

LONG = bytes((0x28, 0, 0, 0, 0, 0, 0, 0, 1, 0))
"A CDB whose own length is not looked at."


def read(sent: int, *, phase: bool, residual: int = 0, flags: int = 0, status: int = 0, expected: int = 1024) -> Talk:
    """A read of 1024 bytes that got `sent`; its status comes with the data or after it."""
    talk = Talk().open()
    task = talk.command(LONG, read=expected)
    if phase:
        talk.data_in(task, sent, status=status, flags=0x81 | flags, residual_count=residual)
        return talk
    if sent:
        talk.data_in(task, sent, final=True)
    talk.response(task, status, flags=0x80 | flags, residual_count=residual, sense=SENSE if status == 2 else b"")
    return talk


both = pytest.mark.parametrize("phase", [True, False])


@both
@pytest.mark.parametrize("flag", [0x02, 0x04])
def test_a_flag_goes_with_a_count(flag: int, phase: bool) -> None:
    assert broken(read(1024, phase=phase, flags=flag)) == ["rsp-residual-zero-with-flag"]


@near_miss(
    "rsp-residual-zero-with-flag", "rsp-underflow-missing", "rsp-underflow-mismatch", "rsp-underflow-exceeds-edtl"
)
@both
@pytest.mark.parametrize(("sent", "flag", "residual"), [(1024, 0, 0), (1024, 4, 512), (1000, 2, 24), (0, 2, 1024)])
def test_a_right_residual_is_right(sent: int, flag: int, residual: int, phase: bool) -> None:
    assert broken(read(sent, phase=phase, flags=flag, residual=residual)) == []


@both
@pytest.mark.parametrize("status", [0x00, 0x04])
def test_no_more_is_missing_than_was_expected(status: int, phase: bool) -> None:
    talk = read(0, phase=phase, flags=2, residual=1025, status=status)
    assert blamed(talk, "rsp-underflow-exceeds-edtl").facts == {"residual": 1025, "expected": 1024}


def test_no_more_is_missing_of_a_write_than_was_expected() -> None:
    talk = Talk().open()
    talk.response(talk.command(write=1024, data=bytes(1024)), underflow=2048)
    assert broken(talk) == ["rsp-underflow-exceeds-edtl"]


@both
@pytest.mark.parametrize("sent", [0, 1, 1023])
def test_what_is_missing_is_told(sent: int, phase: bool) -> None:
    talk = read(sent, phase=phase)
    assert blamed(talk, "rsp-underflow-missing").facts == {"delivered": sent, "expected": 1024}


@near_miss("rsp-underflow-missing", "rsp-underflow-mismatch")
@pytest.mark.parametrize(("status", "flags", "residual"), [(2, 0, 0), (2, 2, 4), (8, 0, 0), (0x18, 2, 1024), (4, 0, 0)])
def test_only_success_is_held_to_it(status: int, flags: int, residual: int) -> None:
    assert broken(read(512, phase=False, status=status, flags=flags, residual=residual)) == []


@both
@pytest.mark.parametrize(("sent", "residual"), [(1024, 24), (1000, 23), (1000, 25), (0, 1000)])
def test_what_is_missing_is_told_rightly(sent: int, residual: int, phase: bool) -> None:
    talk = read(sent, phase=phase, flags=2, residual=residual)
    assert blamed(talk, "rsp-underflow-mismatch").facts["delivered"] == sent


def written(sent: int, **fields: int) -> Talk:
    """A write of 8192 bytes of which `sent` were sent."""
    talk = Talk().open()
    task = talk.command(write=8192, data=bytes(min(sent, 4096)))
    if sent > 4096:
        talk.r2t(task, sent - 4096)
        talk.data_out(task, sent - 4096)
    talk.response(task, **fields)
    return talk


@pytest.mark.parametrize("sent", [1, 4096, 8191])
def test_what_is_missing_of_a_write_is_told(sent: int) -> None:
    assert blamed(written(sent), "rsp-write-underflow-mismatch").facts == {"delivered": sent, "expected": 8192}


def test_nothing_is_written_without_data() -> None:
    assert broken(written(0)) == ["write-good-without-data"]


@near_miss("rsp-write-underflow-mismatch", "write-good-without-data")
@pytest.mark.parametrize(("sent", "underflow"), [(8192, 0), (8192, 4096), (4096, 4096), (0, 8192)])
def test_a_write_may_take_less(sent: int, underflow: int) -> None:
    """A target may have got more than the device wanted."""
    assert broken(written(sent, underflow=underflow)) == []


@near_miss("write-good-without-data")
def test_a_write_of_nothing_needs_no_data() -> None:
    talk = Talk().open()
    talk.response(talk.command(flags=0xA1))
    assert broken(talk) == []


def test_a_read_has_no_hole() -> None:
    talk = Talk().open()
    task = talk.command(read=24576)
    talk.data_in(task, 8192, final=True)
    talk.data_in(task, 8192, offset=16384, final=True)
    talk.response(task)
    assert blamed(talk, "datain-hole").facts == {"missing": 8192, "expected": 24576}


@near_miss("datain-hole")
def test_sequences_may_fill_each_other() -> None:
    talk = Talk().open(offer={"DataSequenceInOrder": "No"}, answer={"DataSequenceInOrder": "No"})
    task = talk.command(read=24576)
    for offset in (0, 16384, 8192):
        talk.data_in(task, 8192, offset=offset, final=True)
    talk.response(task)
    assert broken(talk) == []
