"""Load over time is drawn from the pieces of the report, and closed windows from the times when they were closed."""

from __future__ import annotations

from iscsi_analyzer.export.html.load import load
from tests.iscsi_analyzer.export.html.pages import Node, heads, read, rows, subject


def charts(body: Node) -> dict[str, Node]:
    return {next(each.all("figcaption")).text.split(" read")[0].split(" mean")[0]: each for each in body.all("figure")}


def test_every_piece_of_time_with_something_in_it_has_a_column() -> None:
    found = subject("k24")
    record = found.report.load
    assert record is not None
    drawn = charts(read(load(found)))
    (tasks, data, outstanding) = drawn.values()
    assert len(list(tasks.all("rect", class_="bar"))) == sum(m.completed > 0 for m in record.moments)
    assert len(list(data.all("rect", class_="hover"))) == len(record.moments)
    assert "outstanding" in next(outstanding.all("figcaption")).text


def test_a_window_that_was_used_up_for_long_is_drawn() -> None:
    body = read(load(subject("b01")))
    assert any("Command window used up" in name for name in charts(body))
    closed = list(body.all("rect", class_="closed"))
    assert closed and max(float(bar.attributes["height"]) for bar in closed) > 30


def test_a_window_that_was_hardly_used_up_is_told() -> None:
    assert "The command window was used up 2 times, for 967 us at most." in read(load(subject("k24"))).text


def test_a_window_that_was_never_used_up_is_told() -> None:
    body = read(load(subject("u32")))
    assert "The command window was never used up" in body.text


def test_every_session_has_its_row() -> None:
    found = subject("b01")
    record = found.report.load
    assert record is not None
    body = read(load(found))
    told = rows(body, "Load and command window by session")
    assert [row[0] for row in told] == [str(each.session) for each in record.sessions]
    at = heads(body, "Load and command window by session").index("at the end")
    assert [row[at] == "used up" for row in told] == [each.closed_at_end for each in record.sessions]


def test_without_commands_there_is_no_section() -> None:
    assert load(subject("k06")) is None
