"""SCSI Response: codes and flags, and when a task may be answered."""

from __future__ import annotations

import pytest

from tests.iscsi_analyzer.rules.judging import near_miss, without
from tests.iscsi_analyzer.rules.scsi_talks import SENSE, blamed, broken, with_keys
from tests.support.talk import T2I, Talk


def answered(status: int = 0, *, read: int = 0, level: str = "", **fields: object) -> Talk:
    """A command and its response."""
    talk = with_keys(iSCSIProtocolLevel=level)
    task = talk.command(read=read)
    if read:
        talk.data_in(task, read, final=True)
    talk.response(task, status, **fields)
    return talk


@pytest.mark.parametrize("response", [0x02, 0x7F])
def test_response_codes_between_are_reserved(response: int) -> None:
    assert blamed(answered(response=response), "rsp-response-reserved").facts == {"response": response}


@near_miss("rsp-response-reserved", "rsp-flags-on-failure")
@pytest.mark.parametrize("response", [0x00, 0x01, 0x80, 0xFF])
def test_response_codes_of_vendors_are_not(response: int) -> None:
    assert broken(answered(response=response)) == []


@pytest.mark.parametrize("flags", [0x86, 0x98, 0x9E])
def test_too_much_and_too_little_exclude_each_other(flags: int) -> None:
    fields = {"residual_count": 512, "bidirectional_read_residual_count": 512}
    rules = broken(answered(read=4096, flags=flags, **fields))
    assert rules[0] == "rsp-flags-exclusive"


@near_miss("rsp-flags-exclusive", "rsp-bidi-flags-unidir", "rsp-residual-zero-with-flag")
@pytest.mark.parametrize("flags", [0x82, 0x84, 0x8A, 0x94])
def test_both_ways_have_their_own_flags(flags: int) -> None:
    talk = Talk().open()
    length = bytes((0, 5, 2, 0, 0, 0, 2, 0))
    both = talk.command(bytes((0x53,)) + bytes(9), write=512, flags=0xE1, data=bytes(512), ahs=length)
    talk.data_in(both, 512, offset=0, final=True)
    talk.response(both, flags=flags, residual_count=100, bidirectional_read_residual_count=100)
    assert broken(talk) == []


@pytest.mark.parametrize("flags", [0x82, 0x84, 0x88, 0x90])
def test_a_failure_has_no_residuals(flags: int) -> None:
    assert "rsp-flags-on-failure" in broken(answered(response=1, flags=flags, residual_count=4))


@near_miss("rsp-flags-on-failure")
def test_an_error_may_have_residuals() -> None:
    talk = Talk().open()
    talk.response(talk.command(read=4096), 2, sense=SENSE, underflow=4096)
    assert broken(talk) == []


@pytest.mark.parametrize("flags", [0x88, 0x90])
def test_only_bidirectional_commands_have_their_flags(flags: int) -> None:
    talk = answered(read=4096, flags=flags, bidirectional_read_residual_count=4)
    assert blamed(talk, "rsp-bidi-flags-unidir").facts == {"flags": flags & 0x18}


@near_miss("rsp-bidi-flags-unidir")
def test_a_command_that_the_capture_lacks_may_have_been_bidirectional() -> None:
    talk = Talk().open()
    start = len(talk.frames) + 1
    talk.response(talk.command(), flags=0x88, bidirectional_read_residual_count=4)
    talk.test_unit_ready()
    assert broken(talk.frames[start:]) == []


@pytest.mark.parametrize("status", [0x01, 0x03, 0x05, 0x20, 0x41, 0xFF])
def test_statuses_are_those_of_sam(status: int) -> None:
    assert blamed(answered(status), "rsp-status-invalid").facts == {"status": status}


@near_miss("rsp-status-invalid")
@pytest.mark.parametrize("status", [0x00, 0x04, 0x08, 0x10, 0x14, 0x18, 0x22, 0x28, 0x30, 0x40])
def test_every_status_of_sam_is_known(status: int) -> None:
    assert broken(answered(status)) == []


@near_miss("rsp-status-invalid", "rsp-check-condition-without-sense")
@pytest.mark.parametrize("status", [0x02, 0x05])
def test_the_status_of_a_failure_means_nothing(status: int) -> None:
    assert broken(answered(status, response=1)) == []


@pytest.mark.parametrize("level", ["", "1"])
def test_a_status_qualifier_needs_level_2(level: str) -> None:
    talk = answered(8, level=level, status_qualifier=0x4001)
    assert blamed(talk, "rsp-status-qualifier-without-level2").facts == {"qualifier": 0x4001, "level": 1}


@near_miss("rsp-status-qualifier-without-level2")
def test_level_2_has_status_qualifiers() -> None:
    assert broken(answered(8, level="2", status_qualifier=0x4001)) == []


@near_miss("rsp-status-qualifier-without-level2")
def test_a_lun_is_no_status_qualifier() -> None:
    """Reserved bytes that repeat the command are no use of a later feature."""
    talk = Talk().open()
    talk.response(talk.command(lun=3), status_qualifier=3)
    assert broken(talk) == []


@near_miss("rsp-status-qualifier-without-level2")
def test_nobody_is_held_to_a_login_that_was_not_seen() -> None:
    talk = Talk().open()
    login = len(talk.frames)
    for _ in range(3):
        talk.response(talk.command(), 8, status_qualifier=0x4001)
    assert broken(talk.frames[login:]) == []


def test_a_snack_tag_answers_a_snack() -> None:
    assert blamed(answered(snack_tag=7), "rsp-snack-tag-nonzero").facts == {"snack_tag": 7}


@near_miss("rsp-snack-tag-nonzero")
@pytest.mark.parametrize("tag", [0, 0xFFFFFFFF])
def test_no_snack_tag_is_no_snack_tag(tag: int) -> None:
    assert broken(answered(snack_tag=tag)) == []


@near_miss("rsp-snack-tag-nonzero")
def test_after_a_snack_there_is_a_snack_tag() -> None:
    talk = with_keys(ErrorRecoveryLevel="1")
    read = talk.command(read=4096)
    talk.data_in(read, 4096, final=True)
    talk.snack(3, task=read, target_transfer_tag=7)
    talk.data_in(read, 4096, offset=0, data_sn=0, final=True)
    talk.response(read, snack_tag=7)
    assert broken(talk) == []


@pytest.mark.parametrize("status", [0x00, 0x02])
@pytest.mark.parametrize("asked", [True, False])
def test_a_target_waits_for_the_last_data(status: int, asked: bool) -> None:
    talk = with_keys(InitialR2T="No", FirstBurstLength="8192")
    write = talk.command(write=16384, data=bytes(8192)) if asked else talk.command(write=8192, final=False)
    burst = talk.r2t(write, 8192) if asked else None
    talk.data_out(write, 4096, burst=burst, final=False)
    talk.response(write, status, sense=SENSE if status else b"", underflow=4096)
    assert blamed(talk, "rsp-before-final-data").facts == {"status": status, "missing": 4096}


@near_miss("rsp-before-final-data")
def test_a_target_that_waited_may_fail_the_command() -> None:
    talk = with_keys(InitialR2T="No", FirstBurstLength="8192")
    write = talk.command(write=16384, final=False)
    talk.data_out(write, 8192, final=True)
    talk.response(write, 2, sense=SENSE, underflow=16384)
    assert broken(talk) == []


@near_miss("rsp-before-final-data")
@pytest.mark.parametrize("status", [0x08, 0x28])
def test_a_busy_target_need_not_wait(status: int) -> None:
    talk = with_keys(InitialR2T="No", FirstBurstLength="8192")
    talk.response(talk.command(write=8192, final=False), status)
    assert broken(talk) == []


@near_miss("rsp-before-final-data", "rsp-write-underflow-mismatch", "write-good-without-data")
def test_the_last_data_may_be_missing_from_the_capture() -> None:
    talk = Talk().open()
    write = talk.command(write=8192)
    burst = talk.r2t(write)
    talk.data_out(write, 4096, burst=burst, final=False)
    before = len(talk.frames)
    talk.data_out(write, 4096, burst=burst, final=True)
    lost = range(before, len(talk.frames))
    talk.response(write)
    assert broken(without(talk, *lost)) == []
    talk.test_unit_ready()
    assert broken(without(talk, *lost)) == []


@near_miss("rsp-before-final-data")
def test_an_abort_ends_the_wait() -> None:
    talk = Talk().open()
    write = talk.command(write=8192)
    talk.r2t(write)
    talk.tmf_request(2)
    talk.response(write, 0)
    assert broken(talk) == []


def test_a_task_is_answered_once() -> None:
    talk = Talk().open()
    task = talk.test_unit_ready()
    talk.response(task)
    assert blamed(talk, "rsp-duplicate").facts == {"tag": task.tag}


@near_miss("rsp-duplicate")
def test_a_tag_may_be_used_again() -> None:
    talk = Talk().open()
    for _ in range(3):
        talk.response(talk.command(tag=5))
    assert broken(talk) == []


@near_miss("rsp-duplicate")
def test_a_response_that_was_asked_for_again_is_none_too_many() -> None:
    talk = with_keys(ErrorRecoveryLevel="1")
    task = talk.test_unit_ready()
    talk.snack(1, begin=talk.stat_sn - 1, run=1)
    talk.response(task, stat_sn=talk.stat_sn - 1)
    assert broken(talk) == []


@near_miss("rsp-duplicate")
def test_tags_of_the_target_are_its_own() -> None:
    talk = Talk().open()
    talk.test_unit_ready(tag=5)
    with talk.deaf(T2I):
        talk.response(talk.command(tag=5))
    assert broken(talk) == []
