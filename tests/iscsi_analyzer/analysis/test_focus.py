"""A part of a capture has what is asked for and nothing else; what is known of it comes from the whole."""

from __future__ import annotations

import numpy as np

from iscsi_analyzer.analysis.facts import Facts
from iscsi_analyzer.analysis.focus import Focus
from iscsi_analyzer.analysis.study import Study
from iscsi_analyzer.query import compile_filter
from tests.iscsi_analyzer.analysis.studies import S, said, sample
from tests.iscsi_analyzer.stores import store_of
from tests.support.talk import Talk

STALL = sample("k24").facts.store
TWO = sample("k34").facts.store


def test_without_a_wish_everything_belongs_to_it() -> None:
    focus, whole = Focus(STALL), Facts(STALL)
    assert focus.pdus().all() and len(focus.pdus()) == len(STALL)
    assert focus.tasks(whole).all()
    assert focus.connections() == [1, 2]
    assert focus.sessions() == whole.wanted_sessions == {1, 2}


def test_what_was_over_before_does_not_belong_to_it() -> None:
    since = STALL.first_ts + 10 * S
    focus = Focus(STALL, since=lambda first: first + 10 * S)
    assert [number for number, belongs in enumerate(focus.pdus(), 1) if belongs] == [
        number for number, row in enumerate(STALL.rows(), 1) if row.time_last >= since
    ]
    facts = Facts(STALL, focus)
    waiting = facts.wanted & (facts.asked < since)
    # Two commands had been asked before and were never answered: they were waiting all the time.
    assert sorted(facts.task("request")[waiting].tolist()) == [181, 182]
    assert np.all(facts.over[facts.wanted] >= since)
    assert Focus(STALL, since=lambda first: first + 28 * S).connections() == [2]
    assert Focus(STALL, since=lambda first: first + 28 * S).sessions() == {2}


def test_sessions_are_chosen_by_number() -> None:
    focus = Focus(TWO, sessions=[2])
    assert focus.sessions() == {2}
    (connection,) = focus.connections()
    assert TWO.followers[connection - 1].session.number == 2
    assert {row.connection for row, belongs in zip(TWO.rows(), focus.pdus(), strict=True) if belongs} == {connection}
    assert set(Facts(TWO, focus).task("session")[Facts(TWO, focus).wanted].tolist()) == {2}


def test_a_filter_says_what_passes_on_every_level() -> None:
    wanted = compile_filter("iscsi.task.latency > 10ms")
    focus = Focus(STALL, wanted=wanted)
    assert np.array_equal(focus.tasks(Facts(STALL)), wanted.tasks(STALL))
    assert np.array_equal(focus.pdus(), wanted.pdus(STALL))
    both = Focus(STALL, wanted=wanted, since=lambda first: first + 20 * S, sessions=[1])
    assert not both.pdus().any() and both.sessions() == {1}


def test_pdus_are_told_from_any_number_on() -> None:
    focus = Focus(STALL, since=lambda first: first + S, sessions=[1], wanted=compile_filter("iscsi.opcode == 1"))
    whole = focus.pdus()
    assert np.array_equal(whole[99:], focus.pdus(100))
    assert len(focus.pdus(len(STALL) + 1)) == 0


def test_nothing_belongs_to_a_part_of_nothing() -> None:
    store = store_of([])
    focus = Focus(store, since=lambda first: first, sessions=[1])
    assert (len(focus.pdus()), len(focus.tasks(Facts(store))), focus.connections(), focus.sessions()) == (
        0,
        0,
        [],
        frozenset(),
    )


def test_answers_are_about_the_part_and_know_the_whole() -> None:
    later = Study(STALL, Focus(STALL, sessions=[2]))
    assert "session 2 took the place of session 1" in said(later, 11)
    assert said(later, 1) == said(later, 5) == ""
    assert later.latency.measured < sample("k24").latency.measured
    assert [load.session for load in later.load.sessions] == [2]


def test_as_many_slow_tasks_are_named_as_are_asked_for() -> None:
    talk = Talk().open()
    for _ in range(9):
        talk.read(4096)
    store = store_of(talk.frames)
    assert said(Study(store), 3).count("task ") == 0
    assert said(Study(store, slowest=5), 3).count("task ") == 5
