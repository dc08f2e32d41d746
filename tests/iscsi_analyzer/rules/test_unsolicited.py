"""Unsolicited Data-Out: whether it may come, how much of it, in which order."""

from __future__ import annotations

import pytest

from tests.iscsi_analyzer.rules.judging import near_miss, without
from tests.iscsi_analyzer.rules.scsi_talks import blamed, broken, with_keys
from tests.support.talk import Talk


def free(**keys: str) -> Talk:
    """A session in which data may come unasked, 4096 bytes of a command."""
    return with_keys(InitialR2T="No", FirstBurstLength="4096", **keys)


def test_nothing_comes_unasked_with_initialr2t_yes() -> None:
    talk = with_keys(InitialR2T="Yes")
    write = talk.command(write=4096)
    talk.data_out(write, 4096)
    assert blamed(talk, "unsolicited-not-allowed").related == [write_pdu(talk)]


def write_pdu(talk: Talk) -> int:
    """The number of the only write among the PDUs."""
    return next(number for number, pdu in enumerate(talk.pdus, 1) if pdu.opcode == 1)


@near_miss("unsolicited-not-allowed", "unsolicited-after-f1", "unsolicited-exceeds-firstburst", "unsolicited-not-full")
@pytest.mark.parametrize("length", [512, 4096, 16384])
@pytest.mark.parametrize("immediate", [0, 256])
def test_as_much_as_the_first_burst_comes_unasked(length: int, immediate: int) -> None:
    talk = free()
    write = talk.command(write=length, data=bytes(immediate), final=False)
    talk.data_out(write, min(length, 4096) - immediate, offset=immediate, final=True)
    assert broken(talk) == []


def test_nothing_comes_unasked_that_was_not_announced() -> None:
    talk = free()
    write = talk.command(write=4096, final=True)
    talk.data_out(write, 4096)
    assert broken(talk) == ["unsolicited-after-f1"]


@pytest.mark.parametrize("immediate", [0, 512])
def test_one_byte_more_than_the_first_burst_is_too_much(immediate: int) -> None:
    talk = free()
    write = talk.command(write=16384, data=bytes(immediate), final=False)
    talk.data_out(write, 4097 - immediate, offset=immediate, final=True)
    assert blamed(talk, "unsolicited-exceeds-firstburst").facts == {"length": 4097, "first_burst": 4096}


@pytest.mark.parametrize("length", [2048, 16384])
def test_less_than_all_that_may_come_is_too_little(length: int) -> None:
    talk = free()
    write = talk.command(write=length, final=False)
    talk.data_out(write, 1024, final=False)
    talk.data_out(write, 512, offset=1024, final=True)
    assert blamed(talk, "unsolicited-not-full").facts == {"length": 1536, "due": min(length, 4096)}


@near_miss("unsolicited-not-full")
def test_an_abort_lets_data_end_early() -> None:
    talk = free()
    write = talk.command(write=4096, final=False)
    talk.tmf(2, lun=0)
    talk.data_out(write, 1024, final=True)
    assert broken(talk) == []


def test_data_comes_in_the_order_of_its_commands() -> None:
    talk = free()
    first, second = (talk.command(write=4096, final=False) for _ in range(2))
    talk.data_out(second, 4096)
    talk.data_out(first, 4096)
    finding = blamed(talk, "unsolicited-interleaved-order")
    assert finding.facts == {"tag": second.tag, "earlier": first.tag}
    assert finding.count == 1


@near_miss("unsolicited-interleaved-order")
def test_data_may_come_after_all_commands() -> None:
    talk = free()
    writes = [talk.command(write=4096, final=False) for _ in range(3)]
    for write in writes:
        talk.data_out(write, 1024, final=False)
        talk.data_out(write, 3072, offset=1024, final=True)
    assert broken(talk) == []


@near_miss("unsolicited-interleaved-order")
def test_a_command_that_is_over_is_not_waited_for() -> None:
    talk = free()
    first, second = (talk.command(write=4096, final=False) for _ in range(2))
    talk.tmf(1, first)
    talk.data_out(second, 4096)
    third = talk.command(write=4096, final=False)
    talk.data_out(third, 4096)
    assert broken(talk) == []


@near_miss("unsolicited-interleaved-order")
def test_data_that_the_capture_lacks_is_not_waited_for() -> None:
    talk = free()
    first, second = (talk.command(write=4096, final=False) for _ in range(2))
    before = len(talk.frames)
    talk.data_out(first, 4096)
    after = len(talk.frames)
    talk.data_out(second, 4096)
    talk.response(first)
    talk.response(second)
    third = talk.command(write=4096, final=False)
    talk.data_out(third, 4096)
    assert broken(without(talk, *range(before, after))) == []


@pytest.mark.parametrize("offset", [0, 511, 513, 1024])
def test_data_begins_behind_immediate_data(offset: int) -> None:
    talk = free()
    write = talk.command(write=8192, data=bytes(512), final=False)
    talk.data_out(write, 3584, offset=offset, final=True)
    assert blamed(talk, "unsolicited-offset").facts == {"offset": offset, "expected": 512}


@near_miss("unsolicited-offset")
def test_data_may_come_in_any_order_if_that_was_negotiated() -> None:
    talk = free(DataPDUInOrder="No")
    write = talk.command(write=4096, final=False)
    talk.data_out(write, 2048, offset=2048, final=False)
    talk.data_out(write, 2048, offset=0, final=True)
    assert broken(talk) == []


@near_miss("unsolicited-offset")
def test_answers_to_an_r2t_do_not_count_as_unsolicited() -> None:
    """The target may ask for what lies behind the first burst before that has come."""
    talk = free()
    write = talk.command(write=8192, final=False)
    burst = talk.r2t(write, 4096, offset=4096)
    talk.data_out(write, 2048, target_transfer_tag=0xFFFFFFFF, offset=0, final=False, data_sn=0)
    talk.data_out(write, 4096, burst=burst)
    talk.data_out(write, 2048, target_transfer_tag=0xFFFFFFFF, offset=2048, final=True, data_sn=1)
    talk.response(write)
    assert broken(talk) == []
