"""What rules remember between two PDUs: the latest commands, and R2Ts that wait for data; never without bound."""

from __future__ import annotations

import pytest

from iscsi_analyzer.model.session import Session
from iscsi_analyzer.model.task import KIND_SCSI, Task, TaskWriter
from iscsi_analyzer.rules.notes import (
    MAX_CLOSED,
    RECENT,
    Burst,
    SessionNotes,
    TaskNotes,
    of_connection,
    of_session,
    of_task,
)
from tests.iscsi_analyzer.stores import store_of
from tests.support.talk import Talk
from tests.support.talk_pdu import COMMAND, header

M32 = 0xFFFFFFFF


def sent(notes: SessionNotes, cmd_sn: int, number: int) -> None:
    notes.sent(cmd_sn, number, header(COMMAND, 0x81, cmd_sn=cmd_sn, initiator_task_tag=number))


@pytest.mark.parametrize("start", [1, 0x7FFFFFF0, 0xFFFFFFF0])
def test_the_latest_commands_are_found_by_their_number(start: int) -> None:
    """Also around the wrap; those before them are forgotten."""
    notes = SessionNotes()
    assert notes.latest() == 0 and notes.command(start) is None
    for step in range(3 * RECENT):
        sent(notes, (start + step) & M32, 10 + step)
        assert notes.latest() == 10 + step
    known = [notes.command((start + step) & M32) for step in range(3 * RECENT)]
    assert [each is not None for each in known] == [False] * (2 * RECENT) + [True] * RECENT
    last = known[-1]
    assert last is not None and last.number == 9 + 3 * RECENT
    assert last.header[16:20] == (9 + 3 * RECENT).to_bytes(4, "big")


@pytest.mark.parametrize("start", [5, 0xFFFFFFFF])
def test_the_number_that_is_due_follows_the_latest_and_the_highest_stays(start: int) -> None:
    notes = SessionNotes()
    notes.from_login, notes.immediates = True, 3
    sent(notes, start, 1)
    assert (notes.next_cmd_sn, notes.sent_cmd_sn) == ((start + 1) & M32, (start + 1) & M32)
    assert (notes.from_login, notes.immediates) == (False, 0)
    sent(notes, (start + 7) & M32, 2)
    sent(notes, (start + 1) & M32, 3)
    assert notes.next_cmd_sn == (start + 2) & M32, "where the initiator goes on"
    assert notes.sent_cmd_sn == (start + 8) & M32


def test_of_r2ts_with_the_same_tag_the_latest_is_meant() -> None:
    notes = TaskNotes()
    first, second, other = Burst(7, 0, 512, 10), Burst(7, 512, 512, 11), Burst(8, 1024, 512, 12)
    for burst in (first, second, other):
        notes.remember(burst)
    assert notes.burst(7) is second and notes.burst(8) is other and notes.burst(9) is None
    notes.close(second)
    assert notes.burst(7) is first
    assert (notes.r2t_start, notes.r2t_end) == (1024, 1536)


def test_an_r2t_for_an_earlier_place_does_not_move_the_end() -> None:
    notes = TaskNotes()
    notes.remember(Burst(1, 4096, 4096, 10))
    notes.remember(Burst(2, 0, 4096, 11))
    assert (notes.r2t_start, notes.r2t_end) == (4096, 8192)


def test_bytes_that_r2ts_wait_for_are_those_that_have_not_come() -> None:
    """What came too much is no debt of another R2T."""
    notes = TaskNotes()
    for tag, got in ((1, 0), (2, 100), (3, 512), (4, 600)):
        burst = Burst(tag, tag * 512, 512, tag)
        burst.sent = got
        notes.remember(burst)
    assert (notes.outstanding(), notes.missing()) == (2, 512 + 412)


def test_of_answered_r2ts_the_latest_tags_are_remembered() -> None:
    notes = TaskNotes()
    assert notes.closed is None
    for tag in range(MAX_CLOSED + 5):
        burst = Burst(tag, 0, 1, tag)
        notes.remember(burst)
        notes.close(burst)
    assert notes.bursts == []
    assert notes.closed is not None and list(notes.closed) == list(range(5, MAX_CLOSED + 5))


def test_notes_are_made_once_and_for_what_they_are_about() -> None:
    task, session = Task(KIND_SCSI, 1, 1, 1), Session(1, TaskWriter())
    assert of_task(task) is of_task(task) is task.notes
    assert of_session(session) is of_session(session) is session.notes
    followers = store_of(Talk().open().frames).followers
    assert of_connection(followers[0]) is followers[0].notes
    assert of_task(task) is not of_task(Task(KIND_SCSI, 1, 1, 1))


def test_nothing_is_known_in_the_beginning() -> None:
    notes = SessionNotes()
    assert (notes.next_cmd_sn, notes.sent_cmd_sn, notes.first_cmd_sn, notes.portal_group) == (-1, -1, -1, -1)
    assert not notes.window_known and notes.outside == notes.rejected == notes.aborted == {}
