"""Load over time: nothing is counted twice, and outstanding means between command and status."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from iscsi_analyzer.analysis.load import MOST_BUCKETS, _bucket, _most, area, steps
from tests.iscsi_analyzer.analysis.studies import MS, S, sample, study
from tests.support.talk import Talk
from tests.support.talk_load import mixture

SPANS = st.lists(st.tuples(st.integers(0, 90), st.integers(0, 30)), max_size=30)


@given(SPANS)
@example([(0, 20), (0, 20)])
def test_outstanding_tasks_agree_with_counting_at_every_moment(spans: list[tuple[int, int]]) -> None:
    begins = np.array([begin for begin, _ in spans], dtype=np.int64)
    ends = begins + np.array([length for _, length in spans], dtype=np.int64)
    edges = np.arange(0, 141, 20, dtype=np.int64)
    times, open_tasks = steps(begins, ends)
    waited = np.diff(area(begins, ends, edges))
    most = _most(times, open_tasks, edges)
    for place, (start, stop) in enumerate(zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True)):
        at = [sum(begin <= moment < begin + length for begin, length in spans) for moment in range(start, stop)]
        assert waited[place] == pytest.approx(sum(at))
        # A task that takes no time is open only between its own two events.
        assert max(at) <= most[place] <= max(at) + sum(length == 0 and start <= begin < stop for begin, length in spans)


@pytest.mark.parametrize("duration", [0, 1, 999, 10**6, 10**9, 3 * 10**9, 86_400 * 10**9, 10**17])
def test_a_capture_has_at_most_a_hundred_moments_of_round_length(duration: int) -> None:
    bucket = _bucket(duration)
    assert duration // bucket < MOST_BUCKETS
    assert str(bucket).rstrip("0") in ("1", "2", "5")


def test_moments_hold_every_task_and_byte_once() -> None:
    found = study(mixture(7, pdus=600, connections=2)).load
    assert sum(moment.completed for moment in found.moments) == sum(load.tasks for load in found.sessions)
    assert sum(moment.read_bytes for moment in found.moments) == sum(load.read_bytes for load in found.sessions)
    assert sum(moment.write_bytes for moment in found.moments) == sum(load.write_bytes for load in found.sessions)
    assert max(moment.outstanding_max for moment in found.moments) == found.sessions[0].outstanding_max


def test_a_task_without_an_answer_is_outstanding_to_the_end() -> None:
    talk = Talk().open()
    talk.command(read=4096)
    talk.wait(1)
    talk.ping(b"")
    (load,) = study(talk).load.sessions
    assert load.outstanding_max == 1
    assert load.outstanding_mean == pytest.approx(1, abs=0.01)
    assert load.last_ns - load.first_ns == pytest.approx(S, rel=0.01)


def test_a_closed_command_window_is_timed() -> None:
    talk = Talk()
    talk.session.queue_depth = 2
    talk.open()
    talk.ping(b"")
    with talk.deaf("I2T"):
        tasks = [talk.command(), talk.command()]
    talk.wait(0.5)
    for task in tasks:
        talk.response(task)
    talk.close()
    (load,) = study(talk).load.sessions
    assert (load.closures, load.closed_at_end) == (1, False)
    assert load.closed_ns == load.longest_closure_ns == pytest.approx(500 * MS, rel=0.05)
    assert load.longest_closure_at_ns > 0


def test_the_gap_of_a_real_stall_is_seen() -> None:
    found = sample("k24").load
    idle = [moment for moment in found.moments if not moment.completed]
    assert len(idle) * found.bucket_ns > 25 * S
    assert all(moment.outstanding_max == 2 for moment in found.moments[4:50])


def test_an_empty_capture_has_no_load() -> None:
    found = study([]).load
    assert (found.moments, found.sessions) == ([], [])
