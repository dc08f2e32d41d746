"""6. What TCP had to repair, and who paid for it."""

from __future__ import annotations

from random import Random

import pytest

from tests.iscsi_analyzer.analysis.studies import lines, said, sample, study, worst
from tests.support.mangle_whole import retransmit
from tests.support.talk import I2T, Talk
from tests.support.talk_load import mixture


def test_loss_is_told_with_the_tasks_that_it_hurt() -> None:
    text = said(sample("k46"), 6)
    assert "segments lost before the place of capture, and sent again: 12 of the initiator and 24 of the target" in text
    assert (
        "3 tasks met segments that the initiator sent again: median 214 ms, the length of a retransmission timeout"
        in text
    )
    assert "beside 3.01 ms of 46 comparable ones that met nothing" in text
    assert worst(sample("k46"), 6) == "bad"
    assert lines(sample("k46"), 6)[1].tasks == [64, 26, 10]


def test_reordering_is_not_loss() -> None:
    text = said(sample("k47"), 6)
    assert "overtaken by others: 118 of the initiator and 149 of the target" in text
    assert "sent again after having been captured: 47 of the initiator and 67 of the target" in text
    assert "lost before the place of capture" not in text


@pytest.mark.parametrize("name", ["k20", "k34", "u32", "f10", "f41", "f42", "f43", "f44"])
def test_a_network_that_did_its_work_is_not_blamed(name: str) -> None:
    assert lines(sample(name), 6) == []


def test_a_single_retransmission_is_worth_knowing_and_no_more() -> None:
    assert worst(sample("k02"), 6) == "info"


def test_many_harmless_retransmissions_are_worth_a_look() -> None:
    found = study(retransmit(mixture(5, pdus=400).frames, Random(1), share=0.05))
    assert worst(found, 6) == "look"


def test_a_receiver_without_room_is_named() -> None:
    talk = Talk().open()
    task = talk.command(read=4096)
    window, talk.initiator.window = talk.initiator.window, 0
    talk.ack(I2T)
    talk.wait(0.4)
    talk.initiator.window = window
    talk.ack(I2T)
    talk.data_in(task, 4096, status=0)
    text = said(study(talk), 6)
    assert "the initiator took no more data 1 times, for 400 ms in all" in text


def test_the_wait_for_a_delayed_acknowledgement_is_told() -> None:
    talk = Talk().open()
    for lba in range(8):
        task = talk.command(read=512, lba=lba)
        talk.wait(0.0405)
        talk.data_in(task, 512, status=0)
    assert "8 of 8 tasks took 40 ms with hardly a frame meanwhile" in said(study(talk), 6)
