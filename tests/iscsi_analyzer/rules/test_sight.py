"""A connection is entire when nothing of it can be missing, as far as the capture itself shows."""

from __future__ import annotations

import pytest

from iscsi_analyzer.engine import Engine
from iscsi_analyzer.options import Options
from iscsi_analyzer.rules.sight import entire
from tests.iscsi_analyzer.rules.judging import Heard, each_lost, frames_of
from tests.support.mangle_loss import one_direction
from tests.support.talk import I2T, T2I, Talk


def seen_entire(heard: Heard) -> bool:
    """Of the first connection, once everything was seen."""
    engine = Engine(Options())
    for frame in frames_of(heard):
        engine.frame(frame.data, 0, len(frame.data), frame.orig_len, frame.ts_ns, frame.linktype, 0, 0)
    engine.finish()
    return entire(engine.listener.sessions.followers[0])


def conversation() -> Talk:
    talk = Talk().open()
    talk.read(8192)
    talk.ping()
    return talk


def test_from_the_syns_on_everything_is_there() -> None:
    assert seen_entire(conversation())


def test_a_fin_counts_as_one() -> None:
    talk = conversation()
    talk.close()
    assert seen_entire(talk)


@pytest.mark.parametrize("direction", [I2T, T2I])
def test_one_direction_is_half_of_it(direction: str) -> None:
    assert not seen_entire(one_direction(conversation().frames, direction))


def test_without_any_frame_that_carries_bytes_it_is_not() -> None:
    """A bare acknowledgement may be missing; a frame whose bytes were acknowledged later may not."""
    talk = conversation()
    talk.ping()
    frames = talk.frames
    last = len(frames) - 1
    for place, capture in enumerate(each_lost(frames)):
        carries = len(frames[place].data) > 66
        if place < 2 or (carries and place < last - 1):
            assert not seen_entire(capture), place
