"""What the model knows of connections and sessions can be filtered on, and passes on to what belongs to them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from iscsi_analyzer.model.following import Follower
from iscsi_analyzer.model.session import Session
from iscsi_analyzer.query import compile_filter
from iscsi_analyzer.query.session_fields import IN_FORCE, connection_fields, session_fields
from tests.iscsi_analyzer.stores import found, found_tasks, varied

CONNECTIONS: dict[str, Callable[[Follower], Any]] = {
    "number": lambda c: int(c.number),
    "login_status": lambda c: c.login.status[0] << 8 | c.login.status[1] if c.login.status else None,
    "login_complete": lambda c: int(c.login.complete),
    "closed": lambda c: int(c.connection.closed),
    "data_digest": lambda c: int(c.data_digest),
    "gaps": lambda c: int(c.connection.first.gaps + c.connection.second.gaps),
}
SESSIONS: dict[str, Callable[[Session], Any]] = {
    "number": lambda s: int(s.number),
    "tsih": lambda s: int(s.tsih),
    "discovery": lambda s: int(s.discovery),
    "connections": lambda s: len(s.connections),
    "most_open": lambda s: int(s.most_open),
}


@pytest.mark.parametrize("name", CONNECTIONS)
def test_connections(name: str) -> None:
    values = [CONNECTIONS[name](follower) for follower in varied().followers]
    for value in set(values) - {None}:
        asked = compile_filter(f"iscsi.connection.{name} == {value}").connections(varied()).tolist()
        assert asked == [other == value for other in values]
        pdus = [number for number, row in enumerate(varied().rows(), 1) if values[row.connection - 1] == value]
        assert found(f"iscsi.connection.{name} == {value}", varied()) == pdus


@pytest.mark.parametrize("name", SESSIONS)
def test_sessions(name: str) -> None:
    values = [SESSIONS[name](session) for session in varied().sessions]
    for value in set(values):
        asked = compile_filter(f"iscsi.session.{name} == {value}").sessions(varied()).tolist()
        assert asked == [other == value for other in values]


def test_what_logins_settled() -> None:
    """Under the name of its key; nothing is there of what is not known."""
    for name, attribute, _ in IN_FORCE:
        values = [int(getattr(follower.limits, attribute)) for follower in varied().followers]
        for value in {*values} - {-1}:
            asked = compile_filter(f"iscsi.connection.{name} == {value}").connections(varied()).tolist()
            assert asked == [other == value for other in values]
        there = (
            compile_filter(f"iscsi.connection.{name} == 0 || iscsi.connection.{name} != 0")
            .connections(varied())
            .tolist()
        )
        assert there == [value >= 0 for value in values]
    assert compile_filter("iscsi.connection.initial_r2t").connections(varied()).any()


def test_flags_alone_mean_that_they_are_set() -> None:
    assert compile_filter("iscsi.session.discovery").sessions(varied()).tolist() == [
        bool(session.discovery) for session in varied().sessions
    ]
    complete = compile_filter("iscsi.connection.login_complete").connections(varied())
    assert complete.any() and not complete.all()
    assert (~compile_filter("!iscsi.connection.login_complete").connections(varied()) == complete).all()


def test_names_and_isids() -> None:
    name = next(session.target_name for session in varied().sessions if session.target_name)
    assert compile_filter(f'iscsi.session.target_name == "{name}"').sessions(varied()).any()
    assert compile_filter("iscsi.session.target_name").sessions(varied()).tolist() == [
        bool(session.target_name) for session in varied().sessions
    ]
    isid = varied().sessions[0].isid.hex(":")
    assert compile_filter(f"iscsi.session.isid == {isid}").sessions(varied()).tolist()[0] is True


def test_a_failed_login_is_found_by_its_status() -> None:
    failed = compile_filter("iscsi.connection.login_status == failed").connections(varied())
    assert failed.sum() == 1
    assert found("iscsi.connection.login_status == failed && iscsi.opcode == 0x23", varied()) != []
    assert found_tasks("iscsi.connection.login_status == failed", varied()) != []


def test_what_belongs_together_is_asked_together() -> None:
    """A session is found by what any of its connections, tasks or PDUs say."""
    for text in ("iscsi.connection.number == 2", "iscsi.task.outcome == aborted", "iscsi.scsiresponse.status == busy"):
        found_sessions = compile_filter(text).sessions(varied())
        assert found_sessions.sum() == 1
        assert compile_filter(text).connections(varied()).sum() == 1
    assert len(connection_fields()) + len(session_fields()) == len(
        {field.name for field in (*connection_fields(), *session_fields())}
    )
