"""PDUs of one direction in two captures stand at the same place, or are told by what they say."""

from __future__ import annotations

from iscsi_analyzer.compare.pairs import pairs
from iscsi_analyzer.compare.streams import stream
from tests.support.talk import Talk
from tests.support.talk_load import mixture
from tests.support.two_sides import Two, renumbered


def test_a_capture_that_begins_later_is_put_on_the_scale_of_the_other() -> None:
    frames = mixture(seed=4, pdus=200).frames
    with Two(frames, frames[40:]) as sides:
        [pair] = pairs(*sides)
        for way in (True, False):
            found = stream(*sides, pair, way)
            assert found.shift is not None and found.shift < 0
            assert len(found.in_a) == len(found.b.numbers)
            assert len(found.only_a) > 0 == len(found.only_b) == len(found.changed)


def test_other_sequence_numbers_do_not_hide_what_is_the_same() -> None:
    frames = mixture(seed=4, pdus=100).frames
    with Two(frames, renumbered(frames)) as sides:
        [pair] = pairs(*sides)
        found = stream(*sides, pair, True)
        assert (found.shift, len(found.only_a), len(found.only_b)) == (0, 0, 0)


def test_streams_that_were_packed_anew_are_compared_pdu_by_pdu() -> None:
    """A device that ends TCP sends the same PDUs, with others between them, so that nothing has its old place."""
    ours, theirs = Talk().open(), Talk(initiator_seq=77).open()
    for lba in range(6):
        for talk in (ours, theirs):
            task = talk.command(read=512, lba=lba)
            talk.data_in(task, 512, status=0)
        theirs.nop_out(target_tag=lba)
    with Two(ours.frames, theirs.frames) as sides:
        [pair] = pairs(*sides)
        found = stream(*sides, pair, True)
        assert found.shift is None
        assert (len(found.only_a), len(found.only_b)) == (0, 6)
