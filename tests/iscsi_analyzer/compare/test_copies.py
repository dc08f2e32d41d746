"""Segments are the same by place, length and identification; copies by the capture are none of anybody's."""

from __future__ import annotations

from random import Random

import numpy as np

from iscsi_analyzer.compare.conversation import Conversation
from iscsi_analyzer.compare.copies import key
from iscsi_analyzer.compare.pairs import pairs
from tests.support import mangle_whole
from tests.support.mangle_whole import Frames
from tests.support.talk_load import mixture
from tests.support.two_sides import Two, translated


def conversation(a: Frames, b: Frames) -> Conversation:
    with Two(a, b) as sides:
        [pair] = pairs(*sides)
        return Conversation(*sides, pair)


def test_the_same_segments_are_all_matched() -> None:
    frames = mixture(seed=4, pdus=150).frames
    talk = conversation(frames, frames)
    for each in talk.directions.values():
        assert np.array_equal(each.same.a, each.same.b)
        assert [len(some) for some in each.left] == [0, 0]
    assert not talk.resegmented


def test_copies_made_by_the_capture_are_left_out_and_counted() -> None:
    frames = mixture(seed=4, pdus=150).frames
    twice = mangle_whole.duplicate(frames, Random(3), share=0.3)
    talk = conversation(frames, twice)
    assert sum(each.b.copies for each in talk.directions.values()) == len(twice) - len(frames)
    assert all(len(some) == 0 for each in talk.directions.values() for some in each.left)


def test_another_identification_on_the_way_does_not_matter() -> None:
    frames = mixture(seed=4, pdus=150).frames
    talk = conversation(frames, translated(frames))
    assert all(len(some) == 0 for each in talk.directions.values() for some in each.left)


def test_segments_that_were_cut_otherwise_share_their_ends() -> None:
    frames = mixture(seed=4, pdus=150).frames
    talk = conversation(frames, mangle_whole.split(frames, Random(3), share=1.0))
    assert talk.resegmented
    assert len(talk.samples(True).a) > 10


def test_keys_tell_rows_apart() -> None:
    one, two = np.array([1, 1, 2]), np.array([2, 3, 2])
    assert len(set(key(one, two).tolist())) == 3
    assert key(one, two)[0] == key(one[:1], two[:1])[0]
