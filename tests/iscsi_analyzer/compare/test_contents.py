"""A byte that changes on the way is found, however the segments were cut; what is the same is never accused."""

from __future__ import annotations

from random import Random

import pytest

from iscsi_analyzer.compare.contents import changed
from tests.iscsi_analyzer.compare.test_copies import conversation
from tests.support import mangle_whole
from tests.support.mangle_loss import drop, flip
from tests.support.mangle_whole import packet_of
from tests.support.talk_load import mixture
from tests.support.two_sides import with_data


@pytest.mark.parametrize("seed", range(5))
def test_one_flipped_byte_is_within_the_only_stretch_that_differs(seed: int) -> None:
    frames = mixture(seed=4, pdus=150).frames
    random = Random(seed)
    place = random.choice(with_data(frames, least=90))
    spoiled = [*frames[:place], flip(frames[place], 0.9, 4), *frames[place + 1 :]]
    packet = packet_of(frames[place])
    assert packet is not None
    for other in (spoiled, mangle_whole.split(spoiled, Random(seed), share=0.5)):
        talk = conversation(frames, other)
        found = {way: changed(each.a, each.b, each.same) for way, each in talk.directions.items()}
        [(start, end)] = [each for some in found.values() for each in some]
        assert 0 < end - start <= len(packet.payload)


@pytest.mark.parametrize("step", ["split", "merge", "retransmit", "reorder", "duplicate"])
def test_what_is_the_same_does_not_differ(step: str) -> None:
    frames = mixture(seed=4, pdus=150).frames
    for other in (getattr(mangle_whole, step)(frames, Random(5)), drop(frames, Random(5), share=0.1)):
        for each in conversation(frames, other).directions.values():
            assert changed(each.a, each.b, each.same) == []
