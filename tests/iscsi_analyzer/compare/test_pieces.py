"""Bytes that one capture has more copies of are told with the copy that they belong to, however they were cut."""

from __future__ import annotations

from random import Random

from iscsi_analyzer.compare.pieces import pieces
from tests.iscsi_analyzer.compare.test_copies import conversation
from tests.support import mangle_whole
from tests.support.talk_load import mixture
from tests.support.two_sides import MS, sent_again, slow, with_data


def test_segments_cut_otherwise_leave_nothing() -> None:
    frames = mixture(seed=4, pdus=150).frames
    talk = conversation(frames, mangle_whole.split(frames, Random(3), share=0.8))
    for each in talk.directions.values():
        assert pieces(each.a, each.b, each.left, None, True) == ([], 0)


def test_of_bytes_that_were_sent_twice_and_came_once_the_first_copy_is_the_one_that_is_left() -> None:
    frames = slow(mixture(seed=8, pdus=100, depth=1).frames, 600)
    index = with_data(frames, up=True)[0]
    mine, other = sent_again(frames, index, 300 * MS)
    for cut in (other, mangle_whole.split(other, Random(1), share=1.0)):
        talk = conversation(mine, cut)
        each = talk.directions[True]
        [piece], unread = pieces(each.a, each.b, each.left, None, True)
        assert (piece.in_a, unread) == (True, 0)
        assert int(each.a.table["frame"][piece.segment]) == index + 1
        assert piece.end - piece.start == int(each.a.table["length"][piece.segment])
