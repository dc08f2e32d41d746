"""A study computes each part once, and only what is asked for."""

from __future__ import annotations

from tests.iscsi_analyzer.analysis.studies import sample, study
from tests.iscsi_analyzer.stores import every_kind


def test_parts_are_computed_once() -> None:
    found = study(every_kind())
    for name in (
        "keys",
        "logins",
        "endings",
        "sessions",
        "paths",
        "latency",
        "load",
        "tcp",
        "outcomes",
        "counters",
        "remarks",
    ):
        assert getattr(found, name) is getattr(found, name)


def test_sessions_can_be_had_by_number() -> None:
    found = sample("k34")
    assert {number: session.session for number, session in found.session.items()} == {1: 1, 2: 2, 3: 3}


def test_loops_are_known_by_their_first_session() -> None:
    assert set(sample("u31").loop_of.values()) == {1}
    assert sample("k24").loop_of == {}


def test_what_is_not_asked_for_is_not_computed() -> None:
    found = study(every_kind())
    assert found.logins
    assert "latency" not in vars(found) and "sessions" not in vars(found)


def test_task_management_beyond_what_is_listed_is_counted() -> None:
    assert (len(sample("m59").aborts), sample("m59").aborts_not_listed) == (4, 0)
