"""Sessions and connections stand in tables, and their course is drawn."""

from __future__ import annotations

import pytest

from iscsi_analyzer.analysis.stalls import stalls as analysis_stalls
from iscsi_analyzer.export.html import sessions as module
from iscsi_analyzer.export.html.sessions import sessions
from tests.iscsi_analyzer.export.html.pages import heads, read, rows, subject


@pytest.mark.parametrize("name", ["k20", "k24", "k34", "b01", "f10"])
def test_every_session_and_connection_has_a_row(name: str) -> None:
    found = subject(name)
    body = read(sessions(found))
    assert [row[0] for row in rows(body, "Sessions")] == [str(each.session) for each in found.study.sessions]
    assert len(rows(body, "Connections")) == len(found.report.connections)


def test_a_session_says_who_it_was_how_it_ended_and_what_it_replaced() -> None:
    body = read(sessions(subject("k24")))
    first, second = rows(body, "Sessions")
    assert "iqn.2026-01.lab.client:kernel→ iqn.2003-01.org.linux-iscsi.labvm:io" in first
    assert first[heads(body, "Sessions").index("end")] == "closed by the initiator"
    assert second[heads(body, "Sessions").index("follows")] == "1"


def test_silences_and_ends_without_a_logout_are_drawn() -> None:
    found = subject("k24")
    (course,) = read(sessions(found)).all("svg", class_="chart courses")
    bars = list(course.all("rect", class_="course"))
    stalls = list(course.all("rect", class_="stall"))
    assert len(bars) == 2
    silent = len(analysis_stalls(found.facts, module.QUIET_NS))
    assert len(stalls) == silent > 0
    assert all("although tasks were waiting" in each.text for each in stalls)
    assert len(list(course.all("path", class_="cross"))) == 1


def test_what_the_capture_lacks_is_told() -> None:
    assert any("its beginning" in row[-1] for row in rows(read(sessions(subject("f10"))), "Connections"))


def test_long_tables_are_cut_and_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST", 5)
    body = read(sessions(subject("b01")))
    assert len(rows(body, "Sessions")) == len(rows(body, "Connections")) == 5
    assert "31 more sessions: iscsi-analyzer sessions FILE" in body.text
    assert "31 more connections: iscsi-analyzer connections FILE" in body.text
    assert f"the first {module.MOST_BARS} of 36" in body.text
