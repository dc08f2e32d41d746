"""R2T: that there is something to ask for, and how often a target may ask."""

from __future__ import annotations

import pytest

from tests.iscsi_analyzer.rules.judging import near_miss
from tests.iscsi_analyzer.rules.scsi_talks import blamed, broken, with_keys
from tests.support.talk import I2T, T2I, Talk


def asked(length: int, offset: int = 0, talk: Talk | None = None) -> Talk:
    """A write of 8192 bytes, and an R2T."""
    talk = talk or Talk().open()
    write = talk.command(write=8192)
    talk.r2t(write, length, offset=offset)
    return talk


def test_an_r2t_asks_for_something() -> None:
    assert broken(asked(0)) == ["r2t-zero-length"]


@near_miss("r2t-zero-length", "r2t-beyond-edtl")
@pytest.mark.parametrize(("length", "offset"), [(1, 0), (8192, 0), (1, 8191)])
def test_an_r2t_may_ask_for_any_part(length: int, offset: int) -> None:
    assert broken(asked(length, offset)) == []


def test_an_r2t_asks_for_no_more_than_a_burst() -> None:
    talk = with_keys(MaxBurstLength="4096", FirstBurstLength="4096")
    assert blamed(asked(4097, talk=talk), "r2t-exceeds-maxburst").facts == {"desired": 4097, "max_burst": 4096}


@near_miss("r2t-exceeds-maxburst")
def test_an_r2t_may_ask_for_a_burst() -> None:
    assert broken(asked(4096, talk=with_keys(MaxBurstLength="4096", FirstBurstLength="4096"))) == []


@near_miss("r2t-exceeds-maxburst")
def test_nobody_is_held_to_a_login_that_was_not_seen() -> None:
    talk = with_keys(MaxBurstLength="4096", FirstBurstLength="4096")
    login = len(talk.frames)
    talk.test_unit_ready()
    asked(8192, talk=talk)
    assert broken(talk.frames[login:]) == []


def test_a_task_that_is_over_needs_no_data() -> None:
    talk = Talk().open()
    write = talk.write(4096)
    talk.r2t(write, 4096, offset=0)
    assert blamed(talk, "r2t-after-status").facts == {"tag": write.tag}


@near_miss("r2t-after-status")
def test_the_next_task_with_the_tag_may_need_data() -> None:
    talk = Talk().open()
    talk.test_unit_ready(tag=9)
    write = talk.command(write=4096, tag=9)
    talk.r2t(write, 4096)
    assert broken(talk) == []


def test_a_read_needs_no_data() -> None:
    talk = Talk().open()
    read = talk.command(read=4096)
    talk.r2t(read, 4096)
    assert broken(talk) == ["r2t-for-nonwrite"]


@near_miss("r2t-for-nonwrite")
def test_a_command_that_the_capture_lacks_may_have_been_a_write() -> None:
    talk = Talk().open()
    read = talk.command(read=4096)
    start = len(talk.frames)
    talk.r2t(read, 4096)
    talk.test_unit_ready()
    assert broken(talk.frames[start:]) == []


def test_an_r2t_is_for_the_logical_unit_of_its_command() -> None:
    talk = Talk().open()
    write = talk.command(write=4096, lun=3)
    talk.r2t(write, lun=2)
    assert blamed(talk, "r2t-lun-mismatch").facts == {"lun": 2 << 48, "expected": 3 << 48}


def test_an_r2t_ends_with_the_transfer() -> None:
    assert blamed(asked(8193), "r2t-beyond-edtl").facts == {"end": 8193, "expected": 8192}


@pytest.mark.parametrize("most", [1, 2, 4])
def test_no_more_r2ts_wait_than_was_negotiated(most: int) -> None:
    talk = with_keys(MaxOutstandingR2T=str(most))
    write = talk.command(write=8192)
    for _ in range(most + 1):
        talk.r2t(write, 512)
    assert blamed(talk, "r2t-outstanding-exceeded").facts == {"outstanding": most + 1, "most": most}


@near_miss("r2t-outstanding-exceeded")
@pytest.mark.parametrize("most", [1, 2, 4])
def test_as_many_r2ts_may_wait_as_was_negotiated(most: int) -> None:
    talk = with_keys(MaxOutstandingR2T=str(most))
    write = talk.command(write=8192)
    waiting = [talk.r2t(write, 512) for _ in range(most)]
    while waiting:
        talk.data_out(write, 512, burst=waiting.pop(0))
        if write.written < 8192:
            waiting.append(talk.r2t(write, 512))
    talk.response(write)
    assert broken(talk) == []


@near_miss("r2t-outstanding-exceeded")
def test_r2ts_are_counted_by_task() -> None:
    talk = Talk().open()
    for _ in range(3):
        talk.r2t(talk.command(write=8192), 512)
    assert broken(talk) == []


@near_miss("r2t-outstanding-exceeded")
def test_what_crossed_an_r2t_is_not_held_against_the_target() -> None:
    """The answer is in the capture before the next R2T, and the target says that it has it."""
    talk = Talk().open()
    write = talk.command(write=8192)
    talk.r2t(write, 4096)
    with talk.deaf(I2T):
        talk.data_out(write, 4096)
        talk.r2t(write, 4096)
    with talk.deaf(T2I):
        talk.data_out(write, 4096)
        talk.response(write)
    assert broken(talk) == []


@near_miss("r2t-outstanding-exceeded")
def test_an_abandoned_r2t_does_not_count_where_data_can_be_recovered() -> None:
    talk = with_keys(ErrorRecoveryLevel="1")
    write = talk.command(write=8192)
    for _ in range(2):
        talk.r2t(write, 512, offset=0)
    assert broken(talk) == []


def test_too_many_r2ts_to_follow_make_nobody_guilty() -> None:
    talk = with_keys(MaxOutstandingR2T="65535")
    write = talk.command(write=1 << 18)
    bursts = [talk.r2t(write, 512) for _ in range(400)]
    for burst in bursts:
        talk.data_out(write, 512, burst=burst)
    talk.response(write)
    assert broken(talk) == []
