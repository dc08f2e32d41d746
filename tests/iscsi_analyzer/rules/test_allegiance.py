"""Until when a connection can be used for its tasks."""

from __future__ import annotations

import pytest

from iscsi_analyzer.rules.allegiance import alive, left_by, numbered, released
from tests.iscsi_analyzer.stores import store_of
from tests.support.talk import Talk


def two() -> tuple[Talk, Talk]:
    talk = Talk(max_connections=2, error_recovery_level=2).open()
    talk.ping()
    return talk, talk.join().open()


def first(talk: Talk) -> tuple[bool, bool]:
    """Whether the first connection of a conversation is alive, and whether it was released."""
    old = store_of(talk.frames).followers[0]
    assert numbered(store_of(talk.frames).followers[-1], 1).number == old.number
    return alive(old), released(old)


def test_a_connection_is_alive_until_something_ends_it() -> None:
    assert first(two()[0]) == (True, False)


def test_a_broken_connection_is_not_released_by_that() -> None:
    talk, _ = two()
    talk.rst()
    assert first(talk) == (False, False)


@pytest.mark.parametrize("reason", [0, 1, 2])
def test_a_logout_on_any_connection_releases_it(reason: int) -> None:
    talk, other = two()
    other.logout_response(tag=other.logout_request(reason, cid=0).word(16))
    assert first(talk) == (False, True)


def test_a_logout_that_is_refused_releases_nothing() -> None:
    talk, other = two()
    other.logout_response(2, tag=other.logout_request(2, cid=0).word(16))
    assert first(talk) == (True, False)


def test_another_connection_with_its_cid_takes_its_place() -> None:
    talk, _ = two()
    talk.join(cid=0).open()
    assert first(talk) == (False, True)


def test_the_times_of_a_logout_are_remembered() -> None:
    talk, other = two()
    other.logout_response(tag=other.logout_request(2, cid=0).word(16), time2wait=3, time2retain=7)
    left = left_by(store_of(talk.frames).followers[0])
    assert left is not None and (left.reason, left.response, left.wait, left.retain) == (2, 0, 3, 7)
