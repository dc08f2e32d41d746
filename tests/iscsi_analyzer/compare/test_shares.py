"""The parts of a task add up to its latency at the initiator's side, and go to whom they belong."""

from __future__ import annotations

import numpy as np

from iscsi_analyzer.compare.conversation import Conversation
from iscsi_analyzer.compare.pairs import pairs
from iscsi_analyzer.compare.shares import INITIATOR, NETWORK, PARTS, TARGET, TRANSFER, shares
from iscsi_analyzer.compare.tasks import _pdus
from tests.support.talk_load import mixture
from tests.support.two_sides import MS, Two, far, shifted, slow


def test_parts_add_up_and_the_network_has_both_ways() -> None:
    frames = slow(mixture(seed=5, pdus=300).frames, 600)
    with Two(frames, shifted(far(frames, 2 * MS, MS), 5000 * MS)) as (near, distant):
        talks = [Conversation(near, distant, pair) for pair in pairs(near, distant)]
        none = np.zeros(distant.facts.pdu_count + 1, dtype=np.int64)
        found = shares(near, distant, _pdus(near, talks, a_is_near=True), none)
        late = shares(near, distant, _pdus(near, talks, a_is_near=True), none + 5 * MS)
    assert len(found.near) == len(near.facts.measured)
    assert found.parts.shape == (len(PARTS), len(found.near))
    assert found.parts.sum(axis=0).tolist() == found.latency.tolist()
    assert (found.latency - found.at_target).tolist() == [3 * MS] * len(found.near)
    assert int(found.parts[NETWORK].min()) >= 3 * MS
    assert found.parts[TARGET].min() >= 0
    assert late.parts.sum(axis=0).tolist() == found.latency.tolist()
    assert (late.parts[NETWORK] >= found.parts[NETWORK]).all()
    assert (late.parts[TRANSFER] == np.maximum(found.parts[TRANSFER] - 5 * MS, 0)).all()
    assert found.parts[INITIATOR].min() >= 0
