"""Connections are recognised by addresses, sequence numbers and content, and what is doubtful is not claimed."""

from __future__ import annotations

from iscsi_analyzer.compare.pairs import Pair, pairs
from tests.support.talk_load import mixture
from tests.support.two_sides import Two, translated


def test_every_connection_of_a_session_finds_its_own() -> None:
    frames = mixture(seed=2, pdus=200, connections=3).frames
    with Two(frames, frames) as sides:
        found = pairs(*sides)
    assert [(pair.a, pair.b) for pair in found] == [(1, 1), (2, 2), (3, 3)]
    assert {pair.how for pair in found} == {"addresses and initial sequence numbers"}


def test_connections_of_several_sessions_are_told_apart_behind_translation() -> None:
    talk = mixture(seed=2, pdus=100)
    other = translated(talk.frames)
    with Two(other, talk.frames) as sides:
        assert [(pair.a, pair.b, pair.how) for pair in pairs(*sides)] == [(1, 1, "initial sequence numbers")]


def test_connections_that_share_only_addresses_are_not_one() -> None:
    """The same ports are used again by another conversation."""
    with Two(mixture(seed=1, pdus=60).frames, mixture(seed=2, pdus=60, data_digest=True).frames) as sides:
        assert all(pair.sequence for pair in pairs(*sides))


def test_what_a_pair_has_in_common_is_said_in_words() -> None:
    assert Pair(1, 1, True, None, 3).how == "addresses"
    assert Pair(1, 2, False, None, 3).how == "content"
