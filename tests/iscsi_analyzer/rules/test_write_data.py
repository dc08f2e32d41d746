"""Data-Out: that it belongs to a write, and to an R2T of it."""

from __future__ import annotations

import pytest

from tests.iscsi_analyzer.rules.judging import near_miss, without
from tests.iscsi_analyzer.rules.scsi_talks import blamed, broken, with_keys
from tests.support.talk import I2T, T2I, Talk


def test_only_writes_get_data() -> None:
    talk = Talk().open()
    read = talk.command(read=4096)
    talk.data_out(read, 512, final=True)
    assert broken(talk) == ["dataout-for-nonwrite"]


@near_miss("dataout-for-nonwrite", "cmd-bidi-ahs-missing")
def test_bidirectional_commands_write() -> None:
    talk = Talk().open()
    both = talk.command(bytes((0x53,)) + bytes(9), write=512, flags=0xE1, ahs=bytes((0, 5, 2, 0, 0, 0, 2, 0)))
    talk.r2t(both, 512, offset=0)
    talk.data_out(both, 512)
    talk.data_in(both, 512, offset=0, final=True)
    talk.response(both)
    assert broken(talk) == []


def test_unsolicited_data_ends_with_the_transfer() -> None:
    talk = with_keys(InitialR2T="No")
    write = talk.command(write=4096, final=False)
    talk.data_out(write, 4097, final=True)
    assert blamed(talk, "dataout-beyond-edtl").facts == {"end": 4097, "expected": 4096}


@near_miss("dataout-beyond-edtl", "dataout-outside-r2t")
def test_data_may_reach_the_end_of_the_transfer() -> None:
    talk = with_keys(InitialR2T="No", FirstBurstLength="1024")
    talk.terms.initial_r2t, talk.terms.first_burst_length, talk.terms.immediate_data = False, 1024, False
    talk.write(4096)
    assert broken(talk) == []


def answered(lun: int, to: int, **fields: object) -> Talk:
    """A write for one logical unit, data for another."""
    talk = Talk().open()
    write = talk.command(write=4096, lun=lun)
    talk.r2t(write, **fields)
    talk.data_out(write, 4096, lun=to)
    talk.response(write)
    return talk


@pytest.mark.parametrize(("lun", "to"), [(1, 0), (0, 1), (300, 1)])
def test_data_is_for_the_logical_unit_of_its_command(lun: int, to: int) -> None:
    finding = blamed(answered(lun, to), "dataout-lun-mismatch")
    assert finding.facts["lun"] != finding.facts["expected"]


@near_miss("dataout-lun-mismatch", "r2t-lun-mismatch")
@pytest.mark.parametrize("lun", [0, 1, 255, 300, 16383])
def test_every_logical_unit_gets_its_data(lun: int) -> None:
    assert broken(answered(lun, lun)) == []


@near_miss("dataout-lun-mismatch")
@pytest.mark.parametrize("lun", [0, 7])
def test_unsolicited_data_need_not_name_its_logical_unit(lun: int) -> None:
    talk = with_keys(InitialR2T="No")
    write = talk.command(write=4096, lun=7, final=False)
    talk.data_out(write, 4096, lun=lun)
    assert broken(talk) == []


def test_data_answers_an_r2t_that_was_sent() -> None:
    talk = Talk().open()
    write = talk.command(write=4096)
    talk.r2t(write)
    talk.data_out(write, 4096, target_transfer_tag=0xABCDEF)
    assert blamed(talk, "dataout-ttt-unknown").facts == {"ttt": 0xABCDEF}


@near_miss("dataout-ttt-unknown")
@pytest.mark.parametrize("back", [0, 20])
def test_an_r2t_that_the_capture_lacks_may_have_been_sent(back: int) -> None:
    """The initiator's acknowledgement tells that it has heard of something that was not captured."""
    talk = Talk().open()
    talk.test_unit_ready()
    write = talk.command(write=65536)
    before = len(talk.frames)
    burst = talk.r2t(write)
    talk.flush()
    lost = next(index for index in range(before, len(talk.frames)) if talk.pdus[-1].spans[0][0] == index)
    for _ in range(40):
        talk.data_out(write, 1024, burst=burst, final=False)
    for _ in range(back):
        talk.test_unit_ready()
    assert broken(without(talk, lost)) == []


def test_data_answers_an_r2t_of_its_own_task() -> None:
    talk = Talk().open()
    first, second = talk.command(write=4096), talk.command(write=4096)
    burst = talk.r2t(first)
    talk.data_out(second, 4096, burst=burst)
    finding = blamed(talk, "dataout-itt-mismatch")
    assert (finding.facts["tag"], finding.facts["other"]) == (second.tag, first.tag)


@near_miss("dataout-itt-mismatch", "dataout-ttt-unknown")
def test_two_tasks_may_have_r2ts_with_one_tag() -> None:
    talk = Talk().open()
    writes = [talk.command(write=4096) for _ in range(2)]
    bursts = [talk.r2t(write, target_transfer_tag=5) for write in writes]
    for write, burst in zip(writes, bursts, strict=True):
        talk.data_out(write, 4096, burst=burst)
    assert broken(talk) == []


def test_nothing_follows_the_end_of_a_sequence() -> None:
    talk = Talk().open()
    write = talk.command(write=8192)
    talk.r2t(write)
    talk.data_out(write, 8192)
    talk.data_out(write, 512, offset=0, final=True, data_sn=1)
    assert broken(talk) == ["dataout-after-final"]


def test_nothing_follows_the_end_of_the_unsolicited_burst() -> None:
    talk = with_keys(InitialR2T="No")
    write = talk.command(write=4096, final=False)
    talk.data_out(write, 4096)
    talk.data_out(write, 512, offset=0, final=True, data_sn=1)
    assert broken(talk) == ["dataout-after-final"]


@near_miss("dataout-after-final")
def test_a_tag_may_be_given_again_after_the_end_of_its_sequence() -> None:
    talk = Talk().open()
    write = talk.command(write=8192)
    for _ in range(2):
        talk.r2t(write, 4096, target_transfer_tag=5)
        talk.data_out(write, 4096)
    talk.response(write)
    assert broken(talk) == []


def queue(order: list[int], **keys: str) -> Talk:
    """Three R2Ts of a task at a time, answered in this order."""
    talk = with_keys(MaxOutstandingR2T="3", **keys)
    write = talk.command(write=12288)
    bursts = [talk.r2t(write, 4096) for _ in range(3)]
    for index in order:
        talk.data_out(write, 2048, burst=bursts[index], final=False)
        talk.data_out(write, 2048, burst=bursts[index], final=True)
    talk.response(write)
    return talk


@pytest.mark.parametrize("order", [[1, 0, 2], [2, 1, 0], [0, 2, 1]])
def test_r2ts_are_answered_in_their_order(order: list[int]) -> None:
    assert blamed(queue(order), "dataout-r2t-order").count < 3


@near_miss("dataout-r2t-order", "r2t-outstanding-exceeded")
def test_r2ts_may_wait_for_each_other() -> None:
    assert broken(queue([0, 1, 2])) == []


@near_miss("dataout-r2t-order")
def test_an_r2t_may_cross_the_answer_to_the_one_before() -> None:
    talk = with_keys(MaxOutstandingR2T="2")
    write = talk.command(write=12288)
    bursts = [talk.r2t(write, 4096)]
    with talk.deaf(T2I), talk.deaf(I2T):
        talk.data_out(write, 4096, burst=bursts[0])
        bursts.append(talk.r2t(write, 4096))
    talk.data_out(write, 4096, burst=bursts[1])
    burst = talk.r2t(write, 4096)
    talk.data_out(write, 4096, burst=burst)
    talk.response(write)
    assert broken(talk) == []
