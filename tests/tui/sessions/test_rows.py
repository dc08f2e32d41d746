"""Rows of sessions agree with the report, and their story says why they ended."""

from __future__ import annotations

import pytest

from iscsi_analyzer.analysis.study import Study
from tests.tui.stores import store
from tui.sessions.rows import SessionRow, connection_text, kind_text, session_rows, state_text, story


def rows(name: str) -> list[SessionRow]:
    return session_rows(Study(store(name)))


@pytest.mark.parametrize("name", ["k34", "k20", "f10_mid", "k01"])
def test_rows_have_the_numbers_of_the_analyses(name: str) -> None:
    study = Study(store(name))
    found = session_rows(study)
    assert [row.number for row in found] == [session.session for session in study.sessions]
    assert sum(row.pdus for row in found) == len(store(name))
    for row in found:
        assert row.p99_ns == next(
            (group.latency.p99 for group in study.latency.sessions if group.session == row.number), -1
        )


def test_findings_are_counted_by_severity() -> None:
    (row,) = rows("k20")
    assert row.findings_text.endswith("E") == (row.worst == "error")
    assert sum(row.findings.values()) == len(list(store("k20").verdicts))


def test_the_story_of_a_session_that_was_given_up_names_the_reason() -> None:
    row = rows("k24")[0]
    told = "\n".join(story(row))
    assert "not answered" in told
    assert "ABORT TASK" in told
    assert state_text(row.summary) == "closed by initiator"
    assert "→ 127.0.0.1:3260" in connection_text(row.summary.connections[0])


def test_a_failed_login_and_a_lack_are_told() -> None:
    assert "login failed" in "\n".join(story(rows("k06")[0]))
    row = rows("f10_mid")[0]
    assert kind_text(row.summary) == "no login"
    assert "the capture lacks" in "\n".join(story(row))
