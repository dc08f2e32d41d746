"""Latencies on the page are those of the report, by session, unit, operation and size."""

from __future__ import annotations

import pytest

from iscsi_analyzer.export.html import latency as module
from iscsi_analyzer.export.html.latency import latency
from iscsi_analyzer.export.time_text import span
from tests.iscsi_analyzer.export.html.pages import read, rows, subject


def test_every_group_has_its_percentiles() -> None:
    found = subject("k24")
    body = read(latency(found))
    record = found.report.latency
    assert record is not None
    told = {row[0]: row for row in rows(body, "Latency by operation")}
    for group in record.operations:
        assert told[group.operation][1:4] == [
            f"{group.latency.count:,}", span(group.latency.min), span(group.latency.p50)
        ]  # fmt: skip
    assert len(rows(body, "Latency by session and logical unit")) == len(record.units)
    assert len(rows(body, "Latency by direction and size of the data")) == len(record.sizes)


def test_few_tasks_have_no_high_percentiles() -> None:
    """Of three values none is the 99th percentile."""
    told = {row[0]: row for row in rows(read(latency(subject("k24"))), "Latency by operation")}
    assert told["READ CAPACITY(16)"][4:7] == ["–", "–", "–"]
    assert "–" not in told["READ(10)"]


def test_the_slowest_tasks_are_there_with_their_evidence() -> None:
    found = subject("k24")
    record = found.report.latency
    assert record is not None
    told = rows(read(latency(found)), "The slowest tasks")
    assert [row[0] for row in told] == [str(task.task) for task in record.slowest]
    assert told[0][-1] == "PDUs 77, 78 (frames 154, 156)"


def test_units_are_not_told_twice_as_sessions() -> None:
    """k24 has one logical unit in each session, k34 several."""
    captions = [
        {node.text for node in read(latency(subject(name))).all("caption")} for name in ("k24", "k34")
    ]  # fmt: skip
    assert ["Latency by session" in each for each in captions] == [False, True]


def test_long_tables_are_cut_and_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST", 2)
    body = read(latency(subject("k24")))
    assert len(rows(body, "Latency by operation")) == 2
    assert "7 more groups: iscsi-analyzer report -T json FILE" in body.text


def test_without_measured_tasks_there_is_no_section() -> None:
    assert latency(subject("k06")) is None


def test_phases_have_their_colours() -> None:
    assert module.shade("Data-In") == "phase5"
