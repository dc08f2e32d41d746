"""Who can be blamed for a task: not those whose task was disturbed, or not seen from its beginning to its end."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.iscsi_analyzer.rules.scsi_talks import SENSE, broken
from tests.support.talk import Talk


def short_answer(talk: Talk, before: Callable[[Talk], object]) -> Talk:
    """A write whose R2T is answered with too little, after something else happened."""
    write = talk.command(write=8192)
    talk.r2t(write)
    before(talk)
    talk.data_out(write, 4096, final=True)
    return talk


DISTURBANCES: dict[str, Callable[[Talk], object]] = {
    "task management": lambda talk: talk.tmf_request(5),
    "a SNACK": lambda talk: talk.snack(1),
    "a logout": lambda talk: talk.logout_request(),
    "a Reject": lambda talk: talk.reject(talk.pdus[-1]),
    "an asynchronous message": lambda talk: talk.async_message(0, data=b"\0\x12" + SENSE),
    "a tag that is used again": lambda talk: [talk.command(tag=0x777), talk.command(tag=0x777)],
}


@pytest.mark.parametrize("name", DISTURBANCES)
def test_a_task_that_was_disturbed_is_not_judged(name: str) -> None:
    assert broken(short_answer(Talk().open(), DISTURBANCES[name])) == []


@pytest.mark.parametrize("name", DISTURBANCES)
def test_a_task_that_began_later_is_judged(name: str) -> None:
    talk = Talk().open()
    DISTURBANCES[name](talk)
    assert broken(short_answer(talk, Talk.test_unit_ready)) == ["dataout-short-final"]


def test_a_task_is_judged_on_its_own_connection() -> None:
    """What comes on another one is judged by other rules."""
    talk = Talk(max_connections=2).open()
    other = talk.join()
    other.open()
    write = talk.command(write=8192)
    burst = talk.r2t(write)
    other.data_out(write, 4096, burst=burst, final=True)
    assert broken(talk) == []
