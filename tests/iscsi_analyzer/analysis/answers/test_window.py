"""8. The command window: told where it held commands back for a time that counts."""

from __future__ import annotations

import pytest

from tests.iscsi_analyzer.analysis.studies import lines, said, sample, study, worst
from tests.support.talk import Talk


def closing(times: int, seconds: float, busy: int = 0) -> Talk:
    """A session of depth 2 whose window is used up so many times for so long."""
    talk = Talk()
    talk.session.queue_depth = 2
    talk.open()
    talk.ping(b"")
    for _ in range(times):
        with talk.deaf("I2T"):
            tasks = [talk.command(), talk.command()]
        talk.wait(seconds)
        for task in tasks:
            talk.response(task)
    for _ in range(busy):
        talk.read(512)
    talk.close()
    return talk


def test_a_window_that_is_closed_for_long_is_told_with_its_time() -> None:
    found = study(closing(1, 1.5))
    first, second = lines(found, 8)
    assert first.text == "session 1: the command window was used up once, for 1.5 s in all"
    assert "for 1.5 s at most, at 0.000 s; up to 2 SCSI tasks were outstanding" in second.text
    assert worst(found, 8) == "bad"


def test_a_window_that_is_closed_often_is_told_with_its_share() -> None:
    text = said(study(closing(5, 0.010)), 8)
    assert "used up 5 times, for 50" in text and "of the time with commands)" in text


@pytest.mark.parametrize("name", ["k24", "k26", "k34", "u32", "f10"])
def test_a_window_that_was_closed_for_a_moment_is_not_told(name: str) -> None:
    assert lines(sample(name), 8) == []


def test_a_window_that_stays_closed_is_told() -> None:
    text = said(sample("k60_testcu_iSCSIcmdsn"), 8)
    assert "session 2: the command window was still used up at the end" in text
