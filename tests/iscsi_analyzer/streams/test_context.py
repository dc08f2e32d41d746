"""Digest settings: what the user says, else what the login settled, else what the bytes show by vote."""

from __future__ import annotations

import pytest

from iscsi_analyzer.streams.context import OFF, ON, UNKNOWN, VOTES_FOR_NONE, FramingContext


def test_one_digest_that_matches_settles_it() -> None:
    """By chance that happens once in four thousand million."""
    context = FramingContext(1, UNKNOWN, UNKNOWN)
    context.saw_header_digest(True)
    assert (context.header_digest, context.data_digest, context.inferred) == (ON, UNKNOWN, True)
    context.saw_data_digest(True)
    assert (context.header_digest, context.data_digest) == (ON, ON)


def test_several_that_do_not_match_settle_the_opposite() -> None:
    """One alone may be the digest that was spoiled."""
    context = FramingContext(1, UNKNOWN, UNKNOWN)
    for _ in range(VOTES_FOR_NONE - 1):
        context.saw_header_digest(False)
        context.saw_data_digest(False)
    assert (context.header_digest, context.data_digest, context.inferred) == (UNKNOWN, UNKNOWN, False)
    context.saw_header_digest(False)
    assert (context.header_digest, context.data_digest, context.inferred) == (OFF, UNKNOWN, True)
    context.saw_data_digest(False)
    assert context.data_digest == OFF


def test_a_match_outvotes_any_number() -> None:
    context = FramingContext(1, UNKNOWN, UNKNOWN)
    context.saw_data_digest(False)
    context.saw_data_digest(True)
    for _ in range(10):
        context.saw_data_digest(False)
    assert context.data_digest == ON


@pytest.mark.parametrize("before", [(UNKNOWN, UNKNOWN)])
@pytest.mark.parametrize("settled", [(OFF, OFF), (ON, OFF), (OFF, ON), (ON, ON)])
def test_the_login_settles_both(before: tuple[int, int], settled: tuple[int, int]) -> None:
    context = FramingContext(1, *before)
    context.negotiated(*settled)
    assert (context.header_digest, context.data_digest) == settled and not context.inferred


@pytest.mark.parametrize("word", [(OFF, OFF), (ON, OFF), (OFF, ON), (ON, ON)])
def test_the_users_word_stands(word: tuple[int, int]) -> None:
    context = FramingContext(1, *word)
    context.negotiated(ON if word[0] == OFF else OFF, ON if word[1] == OFF else OFF)
    assert (context.header_digest, context.data_digest) == word and context.forced


def test_nobody_knows_tasks_where_nobody_follows() -> None:
    context = FramingContext(1, OFF, OFF)
    assert not context.knows(1) and not context.wants_data(1)
