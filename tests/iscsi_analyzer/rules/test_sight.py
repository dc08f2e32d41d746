"""A connection is entire when nothing of it can be missing, as far as the capture itself shows."""

from __future__ import annotations

import pytest

from iscsi_analyzer.engine import Engine
from iscsi_analyzer.model.following import Follower
from iscsi_analyzer.options import Options
from iscsi_analyzer.rules.sight import entire, entire_session, heard_since, settled
from tests.iscsi_analyzer.rules.judging import Heard, each_lost, frames_of, without
from tests.support.mangle_loss import one_direction
from tests.support.talk import I2T, T2I, Talk


def followers(heard: Heard) -> list[Follower]:
    """The connections, once everything was seen."""
    engine = Engine(Options())
    for frame in frames_of(heard):
        engine.frame(frame.data, 0, len(frame.data), frame.orig_len, frame.ts_ns, frame.linktype, 0, 0)
    engine.finish()
    return engine.listener.sessions.followers


def seen_entire(heard: Heard) -> bool:
    """Of the first connection."""
    return entire(followers(heard)[0])


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


def session_entire(heard: Heard) -> bool:
    """Of the last connection, once everything was seen."""
    return entire_session(followers(heard)[-1])


def test_a_session_is_entire_with_all_connections_that_it_may_have() -> None:
    talk = Talk(max_connections=2).open()
    assert not session_entire(talk)
    talk.join().open()
    assert session_entire(talk)
    assert not any(map(session_entire, each_lost(talk)[:2]))


def test_a_connection_is_settled_unless_segments_wait() -> None:
    """What waits at the end of the capture is delivered, with the hole before it."""
    talk = Talk().open()
    talk.read(65536)
    assert all(settled(followers(frames)[0]) for frames in (talk.frames, without(talk, -4)))


def test_the_initiator_is_heard_until_its_last_segment() -> None:
    talk = conversation()
    begin = talk.frames[-1].ts_ns
    talk.wait(5)
    talk.ack("I2T")
    assert heard_since(followers(talk)[0], begin) >= 5_000_000_000
    assert heard_since(followers(talk.frames[3:])[0], begin) == 0
