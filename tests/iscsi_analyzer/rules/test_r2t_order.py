"""R2T: where the first one begins, and where the next goes on."""

from __future__ import annotations

import pytest

from tests.iscsi_analyzer.rules.judging import near_miss
from tests.iscsi_analyzer.rules.scsi_talks import blamed, broken, with_keys
from tests.support.talk import Talk


def test_data_that_came_is_not_asked_for() -> None:
    talk = Talk().open()
    write = talk.command(write=16384, data=bytes(4096))
    talk.r2t(write, 8192, offset=4092)
    assert blamed(talk, "r2t-covers-unsolicited").facts == {"offset": 4092, "unasked": 4096}


def test_data_that_is_announced_is_not_asked_for() -> None:
    talk = with_keys(InitialR2T="No", FirstBurstLength="4096")
    write = talk.command(write=16384, final=False)
    talk.r2t(write, 8192, offset=2048)
    assert blamed(talk, "r2t-covers-unsolicited").facts == {"offset": 2048, "unasked": 4096}


@near_miss("r2t-covers-unsolicited")
@pytest.mark.parametrize("initial", ["Yes", "No"])
def test_what_lies_behind_may_be_asked_for(initial: str) -> None:
    talk = with_keys(InitialR2T=initial, FirstBurstLength="4096")
    write = talk.command(write=16384, data=bytes(4096))
    talk.r2t(write, 8192, offset=4096)
    assert broken(talk) == []


@near_miss("r2t-covers-unsolicited")
def test_data_that_must_not_have_come_may_be_asked_for() -> None:
    talk = with_keys(ImmediateData="No")
    write = talk.command(write=16384, data=bytes(4096))
    talk.r2t(write, 8192, offset=0)
    assert broken(talk) == ["immediate-data-not-allowed"]


@near_miss("r2t-covers-unsolicited")
def test_damaged_data_may_be_asked_for_where_it_can_be_recovered() -> None:
    talk = with_keys(ErrorRecoveryLevel="1")
    write = talk.command(write=16384, data=bytes(4096))
    talk.r2t(write, 4096, offset=0)
    assert broken(talk) == []


def asked(*ranges: tuple[int, int], **keys: str) -> Talk:
    """R2Ts for these (offset, length), one after the other, each answered."""
    talk = with_keys(**keys)
    write = talk.command(write=32768)
    for offset, length in ranges:
        burst = talk.r2t(write, length, offset=offset)
        talk.data_out(write, length, burst=burst)
    return talk


@near_miss("r2t-sequence-order", "r2t-recovery-at-erl0")
def test_r2ts_follow_each_other() -> None:
    assert broken(asked((0, 8192), (8192, 512), (8704, 24064))) == []


@pytest.mark.parametrize("second", [(8704, 512), (16384, 8192), (4096, 8192)])
def test_r2ts_leave_nothing_out_and_do_not_overlap(second: tuple[int, int]) -> None:
    finding = blamed(asked((0, 8192), second), "r2t-sequence-order")
    assert finding.facts == {"offset": second[0], "expected": 8192}


@near_miss("r2t-sequence-order", "r2t-recovery-at-erl0", "r2t-recovery-not-last")
@pytest.mark.parametrize("level", ["0", "1"])
def test_r2ts_may_come_in_any_order_if_that_was_negotiated(level: str) -> None:
    keys = {"DataSequenceInOrder": "No", "ErrorRecoveryLevel": level}
    assert broken(asked((16384, 8192), (0, 8192), (8192, 8192), **keys)) == []


@pytest.mark.parametrize("again", [(0, 8192), (8192, 8192), (12288, 512)])
def test_data_is_not_asked_for_twice_without_recovery(again: tuple[int, int]) -> None:
    assert broken(asked((0, 8192), (8192, 8192), again)) == ["r2t-recovery-at-erl0"]


@near_miss("r2t-recovery-at-erl0", "r2t-recovery-not-last", "r2t-sequence-order")
@pytest.mark.parametrize("again", [(8192, 8192), (12288, 512)])
def test_the_last_sequence_may_be_asked_for_again_with_recovery(again: tuple[int, int]) -> None:
    talk = asked((0, 8192), (8192, 8192), again, (16384, 8192), ErrorRecoveryLevel="1")
    assert broken(talk) == []


def test_an_older_sequence_may_not() -> None:
    finding = blamed(asked((0, 8192), (8192, 8192), (0, 8192), ErrorRecoveryLevel="1"), "r2t-recovery-not-last")
    assert finding.facts == {"offset": 0, "last": 8192}


@near_miss("ttt-reused-outstanding")
def test_a_tag_may_come_again_once_its_data_is_there() -> None:
    talk = Talk(max_outstanding_r2t=2).open()
    write = talk.command(write=8192)
    for _ in range(2):
        talk.data_out(write, 4096, burst=talk.r2t(write, 4096, target_transfer_tag=5))
    talk.response(write)
    assert broken(talk) == []


@pytest.mark.parametrize("level", [0, 1])
def test_a_tag_of_two_r2ts_that_wait_is_told_unless_they_may_be_one(level: int) -> None:
    talk = Talk(max_outstanding_r2t=2, error_recovery_level=level).open()
    write = talk.command(write=8192)
    for _ in range(2):
        talk.r2t(write, 4096, target_transfer_tag=5)
    assert broken(talk) == ["ttt-reused-outstanding"] * (level == 0)
