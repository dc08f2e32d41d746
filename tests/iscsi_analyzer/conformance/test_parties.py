"""Parties are called by the names of their logins, else by their addresses."""

from __future__ import annotations

from iscsi_analyzer.conformance.parties import Party, addresses, initiator_of, target_of
from tests.iscsi_analyzer.rules.judging import frames_of
from tests.iscsi_analyzer.stores import store_of
from tests.support.mangle_loss import cut_start
from tests.support.talk import Talk


def test_names_of_the_login() -> None:
    talk = Talk().open()
    (follower,) = store_of(frames_of(talk)).followers
    assert initiator_of(follower) == Party("initiator", talk.initiator_name)
    assert target_of(follower) == Party("target", talk.target_name)


def test_addresses_where_no_login_was_seen() -> None:
    """An initiator's port means nothing; a target's is a part of where it is."""
    talk = Talk().open()
    count = len(talk.frames)
    for _ in range(4):
        talk.read(4096)
    (follower,) = store_of(cut_start(frames_of(talk), count)).followers
    initiator, target = addresses(follower)
    assert initiator_of(follower).name == initiator
    assert ":" not in initiator
    assert target_of(follower).name == target
    assert target.endswith(":3260")


def test_a_discovery_session_is_with_a_portal() -> None:
    talk = Talk().open(discovery=True)
    (follower,) = store_of(frames_of(talk)).followers
    assert target_of(follower).name == addresses(follower)[1]
    assert initiator_of(follower).name == talk.initiator_name
