"""Data-In: its flags, its status, and the read that it belongs to."""

from __future__ import annotations

import pytest

from tests.iscsi_analyzer.rules.judging import near_miss, without
from tests.iscsi_analyzer.rules.scsi_talks import SENSE, blamed, broken, with_keys
from tests.support.talk import Talk

BOTH_WAYS = bytes((0x53,)) + bytes(9)
READ_LENGTH = bytes((0, 5, 2, 0, 0, 0, 2, 0))


def one(level: str = "0", **fields: object) -> Talk:
    """A read of 4096 bytes, answered by one Data-In."""
    talk = with_keys(ErrorRecoveryLevel=level)
    talk.data_in(talk.command(read=4096), 4096, **fields)
    return talk


def test_status_comes_with_the_last_pdu() -> None:
    assert broken(one(status=0, final=False)) == ["datain-s-without-f"]


@near_miss("datain-s-without-f", "datain-f-missing", "datain-beyond-edtl", "datain-for-nonread")
@pytest.mark.parametrize("phase", [True, False])
def test_status_may_come_with_the_data_or_after_it(phase: bool) -> None:
    talk = Talk(initiator_max_recv_data_segment_length=1024).open()
    talk.read(4096, phase=phase)
    assert broken(talk) == []


@pytest.mark.parametrize("status", [0x02, 0x08, 0x18, 0x28, 0x40])
def test_failures_need_a_response(status: int) -> None:
    assert blamed(one(status=status), "datain-s-bad-status").facts == {"status": status}


@near_miss("datain-s-bad-status")
@pytest.mark.parametrize("status", [0x00, 0x04, 0x10, 0x14])
def test_success_needs_none(status: int) -> None:
    assert broken(one(status=status)) == []


def both_ways(**fields: object) -> Talk:
    """A command that reads and writes 512 bytes, and its Data-In."""
    talk = Talk().open()
    both = talk.command(BOTH_WAYS, write=512, flags=0xE1, data=bytes(512), ahs=READ_LENGTH)
    talk.data_in(both, 512, offset=0, **fields)
    return talk


def test_bidirectional_commands_need_a_response() -> None:
    assert broken(both_ways(status=0)) == ["datain-s-on-bidi"]


@near_miss("datain-s-on-bidi", "datain-for-nonread")
def test_bidirectional_commands_read() -> None:
    assert broken(both_ways(final=True)) == []


def late(**fields: object) -> Talk:
    """Data for a read that has its status."""
    talk = Talk().open()
    read = talk.read(4096)
    talk.data_in(read, 512, offset=0, data_sn=1, final=True, **fields)
    return talk


def test_nothing_comes_after_the_status() -> None:
    assert broken(late()) == ["datain-after-status"]


@near_miss("datain-after-status", "rsp-duplicate")
def test_what_was_asked_for_again_comes_after_the_status() -> None:
    talk = with_keys(ErrorRecoveryLevel="1")
    read = talk.read(8192)
    talk.snack(0, task=read, begin=0, run=1)
    talk.data_in(read, 8192, offset=0, data_sn=0, status=0, stat_sn=talk.stat_sn - 1)
    assert broken(talk) == []


@near_miss("datain-after-status", "rsp-duplicate", "r2t-after-status")
def test_the_next_task_with_the_tag_may_be_missing_from_the_capture() -> None:
    talk = Talk().open()
    talk.read(4096)
    tag = talk.session.next_tag - 1
    before = len(talk.frames)
    again = talk.command(read=4096, tag=tag)
    lost = range(before, len(talk.frames))
    talk.data_in(again, 4096, final=True)
    talk.response(again)
    write = talk.command(write=4096)
    talk.solicit(write)
    assert broken(without(talk, *lost)) == []


def test_only_reads_get_data() -> None:
    talk = Talk().open()
    write = talk.command(write=4096)
    talk.data_in(write, 512, final=True)
    assert broken(talk) == ["datain-for-nonread"]


def test_nobody_acknowledges_data_without_recovery() -> None:
    assert broken(one(flags=0xC1, status=0, target_transfer_tag=5)) == ["datain-a-at-erl0"]


@near_miss("datain-a-at-erl0", "datain-a-without-ttt")
@pytest.mark.parametrize("level", ["1", "2"])
def test_data_may_be_acknowledged_with_recovery(level: str) -> None:
    assert broken(one(level, flags=0xC1, status=0, target_transfer_tag=5)) == []


@near_miss("datain-a-at-erl0")
def test_nobody_is_held_to_a_login_that_was_not_seen() -> None:
    talk = Talk().open()
    login = len(talk.frames)
    for _ in range(3):
        talk.data_in(talk.command(read=4096), 4096, flags=0xC1, status=0, target_transfer_tag=5)
    assert broken(talk.frames[login:]) == []


def test_an_acknowledgement_needs_a_tag() -> None:
    assert broken(one("2", flags=0xC1, status=0)) == ["datain-a-without-ttt"]


def test_the_last_data_in_is_marked() -> None:
    talk = Talk(initiator_max_recv_data_segment_length=2048).open()
    read = talk.command(read=4096)
    for _ in range(2):
        talk.data_in(read, 2048, final=False)
    talk.response(read)
    assert broken(talk) == ["datain-f-missing"]


@near_miss("datain-f-missing")
def test_an_error_may_cut_a_read_short() -> None:
    talk = Talk().open()
    read = talk.command(read=4096)
    talk.data_in(read, 2048, final=False)
    talk.response(read, 2, sense=SENSE, underflow=2048)
    assert broken(talk) == []


@pytest.mark.parametrize(("offset", "length"), [(0, 4097), (4096, 1), (4095, 2)])
def test_data_ends_with_the_transfer(offset: int, length: int) -> None:
    talk = Talk().open()
    read = talk.command(read=4096)
    if offset:
        talk.data_in(read, offset, final=False)
    talk.data_in(read, length, status=0)
    assert blamed(talk, "datain-beyond-edtl").facts == {"end": offset + length, "expected": 4096}
