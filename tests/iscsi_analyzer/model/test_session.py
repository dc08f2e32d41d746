"""A session counts its open tasks, its command window and the tasks that are over, also around the wrap of numbers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iscsi_analyzer.model import task as model
from iscsi_analyzer.model.session import MAX_OPEN, REMEMBERED, TARGET_TAG, Session
from iscsi_analyzer.model.task import Task, TaskWriter

M32 = 0xFFFFFFFF
STARTS = (1, 0x7FFFFFF0, 0xFFFFFFFE, 0)


def session() -> tuple[Session, TaskWriter]:
    writer = TaskWriter()
    return Session(1, writer), writer


def test_nothing_is_known_of_a_new_session() -> None:
    new, _ = session()
    assert new.assumed and (new.cmd_sn, new.exp_cmd_sn, new.max_cmd_sn) == (-1, -1, -1)
    assert new.open == {} and new.closed_since == -1 and new.longest_closure_ts == -1


@pytest.mark.parametrize("start", STARTS)
def test_the_window_is_closed_from_the_last_command_it_admits_to_the_next_grant(start: int) -> None:
    new, _ = session()
    new.granted(start, (start + 1) & M32, 100)
    new.sent(start, 110)
    assert new.closed_since == -1
    new.sent((start + 1) & M32, 120)
    assert new.closed_since == 120
    new.granted((start + 1) & M32, (start + 1) & M32, 150)
    assert new.closed_since == 120, "the command that was carried out gave no room"
    new.granted((start + 2) & M32, (start + 3) & M32, 170)
    assert (new.closed_since, new.closures, new.closed_ns, new.longest_closure) == (-1, 1, 50, 50)
    assert new.longest_closure_ts == 120


@pytest.mark.parametrize("start", STARTS)
def test_older_words_of_the_target_are_ignored(start: int) -> None:
    """Answers of other connections overtake each other (RFC 7143 section 4.2.2.1)."""
    new, _ = session()
    new.granted((start + 5) & M32, (start + 20) & M32, 1)
    new.granted((start + 3) & M32, (start + 18) & M32, 2)
    assert (new.exp_cmd_sn, new.max_cmd_sn) == ((start + 5) & M32, (start + 20) & M32)
    new.granted((start + 6) & M32, (start + 4) & M32, 3)
    assert (new.exp_cmd_sn, new.max_cmd_sn) == ((start + 5) & M32, (start + 20) & M32), "a window below ExpCmdSN - 1"
    new.granted((start + 21) & M32, (start + 20) & M32, 4)
    assert (new.exp_cmd_sn, new.max_cmd_sn) == ((start + 21) & M32, (start + 20) & M32), "a closed one is valid"


def test_a_window_that_stays_closed_counts_up_to_the_end() -> None:
    new, _ = session()
    new.granted(1, 1, 0)
    new.sent(1, 1000)
    new.over(61_000)
    assert (new.closures, new.closed_ns, new.longest_closure, new.longest_closure_ts) == (1, 60_000, 60_000, 1000)
    assert new.closed_since == 1000, "and is told as closed"


def test_a_window_that_was_open_at_the_end_adds_nothing() -> None:
    new, _ = session()
    new.granted(1, 9, 0)
    new.sent(1, 1000)
    new.over(61_000)
    assert (new.closures, new.closed_ns) == (0, 0)


def test_clocks_that_go_back_close_nothing() -> None:
    new, _ = session()
    new.granted(1, 1, 0)
    new.sent(1, 1000)
    new.granted(2, 5, 400)
    assert (new.closed_since, new.closures, new.closed_ns) == (-1, 0, 0)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 1 << 40)), max_size=60), st.sampled_from(STARTS))
def test_a_window_is_closed_exactly_while_its_last_number_is_used_up(steps: list[tuple[int, int]], start: int) -> None:
    new, _ = session()
    new.granted(start, (start + 2) & M32, 0)
    sent, most = 0, 2
    for now, (kind, _) in enumerate(steps, 1):
        if kind < 2 and sent <= most:
            new.sent((start + sent) & M32, now)
            sent += 1
        else:
            most = max(most, sent + kind - 2)
            new.granted((start + sent) & M32, (start + most) & M32, now)
        assert (new.closed_since >= 0) == (sent > most)
        assert new.cmd_sn in (-1, (start + sent) & M32)
    assert new.closed_ns <= len(steps)


def test_a_tag_names_the_task_that_had_it_last() -> None:
    new, _ = session()
    new.finished(7, 10)
    new.finished(7, 20)
    assert new.finished_request(7) == new.past_request(7) == 20
    new.ended(7, 30)
    assert new.past_request(7) == 30 and new.finished_request(7) == 0, "there was no answer"
    assert new.past_request(8) == new.finished_request(8) == 0


def test_so_many_tasks_that_are_over_are_remembered_and_at_most_twice_as_many() -> None:
    new, _ = session()
    for tag in range(1, 5 * REMEMBERED):
        new.finished(tag, tag)
        assert all(new.finished_request(tag - back) == tag - back for back in (0, REMEMBERED - 1) if tag > back)
    known = sum(new.finished_request(tag) != 0 for tag in range(1, 5 * REMEMBERED))
    assert REMEMBERED <= known <= 2 * REMEMBERED


def test_the_tags_of_both_sides_do_not_meet() -> None:
    """A ping of the target may have the number of a task."""
    new, _ = session()
    new.start(Task(model.KIND_SCSI, 5, 1, 1), 5)
    new.start(Task(model.KIND_PING, 5, 2, 1), 5 | TARGET_TAG)
    assert len(new.open) == new.most_open == 2


def test_too_many_open_tasks_push_out_the_oldest_which_are_told() -> None:
    new, writer = session()
    for tag in range(MAX_OPEN + 3):
        new.start(Task(model.KIND_SCSI, tag, tag + 1, 1), tag)
    assert len(new.open) == new.most_open == MAX_OPEN and new.overflows == 3
    rows = writer.tail()
    assert [rows[at * model.TASK_SIZE + 73] for at in range(3)] == [model.NOT_FOLLOWED] * 3
    assert min(new.open) == 3
