"""Charts draw what they are given, at places that are shares of their width, and say in words what they show."""

from __future__ import annotations

import pytest

from iscsi_analyzer.analysis.stats import Bucket
from iscsi_analyzer.export.html import charts
from iscsi_analyzer.export.html.axis import LogScale, time_ticks
from iscsi_analyzer.export.html.charts import Mark, Series
from tests.iscsi_analyzer.export.html.pages import Node, read

SCALE = LogScale(1000, 1_000_000)
BUCKETS = [Bucket(1000, 10_000, 3), Bucket(10_000, 100_000, 0), Bucket(100_000, 1_000_000, 6)]


def number(node: Node, name: str) -> float:
    return float(node.attributes[name].removesuffix("%"))


def bars(node: Node, shade: str) -> list[Node]:
    """Those of the chart, not of its legend."""
    return [bar for bar in node.all("rect", class_=shade) if "x" in bar.attributes]


def test_a_chart_is_a_picture_with_words() -> None:
    (svg,) = read(charts.chart("what it shows", 40)).all("svg")
    assert svg.attributes == {"class": "chart", "width": "100%", "height": "40", "role": "img"}
    assert next(svg.all("title")).text == "what it shows"


def test_columns_stand_on_each_other_and_none_leaves_the_chart() -> None:
    series = [Series("read", "read", [1, 0, 2]), Series("written", "write", [1, 4, 0])]
    drawn = read(charts.over_time("Data", series, time_ticks(3_000_000_000), ["a", "b", "c"], " MB/s"))
    reads, writes = bars(drawn, "read"), bars(drawn, "write")
    assert [number(bar, "x") for bar in reads] == pytest.approx([0, 66.67])
    assert [number(bar, "x") for bar in writes] == pytest.approx([0, 33.33])
    assert number(writes[0], "y") + number(writes[0], "height") == pytest.approx(number(reads[0], "y"))
    assert all(number(bar, "y") >= 0 and number(bar, "y") + number(bar, "height") <= 96 for bar in reads + writes)
    assert number(writes[1], "height") == pytest.approx(4 * number(reads[0], "height"), abs=0.1)
    assert [next(bar.all("title")).text for bar in bars(drawn, "hover")] == ["a", "b", "c"]
    assert "at most 4 MB/s" in next(drawn.all("title")).text


def test_nothing_at_all_is_drawn_as_nothing() -> None:
    drawn = read(charts.over_time("Data", [Series("read", "bar", [0, 0])], time_ticks(0), ["a", "b"], ""))
    assert not bars(drawn, "bar")


def test_a_histogram_has_a_bar_for_each_bucket_and_a_pointer_for_each_mark() -> None:
    drawn = read(charts.histogram("words", BUCKETS, SCALE, [Mark("p50", 10_000)]))
    first, empty, last = bars(drawn, "bar")
    assert number(last, "height") == pytest.approx(2 * number(first, "height"))
    assert number(empty, "height") == 0
    assert [next(bar.all("title")).text for bar in (first, last)] == [
        "1 us to 10 us: 3 tasks",
        "100 us to 1 ms: 6 tasks",
    ]
    (pointer,) = drawn.all("line", class_="pointer")
    assert number(pointer, "x1") == pytest.approx(33.33)
    assert "p50 10 us" in drawn.text


def test_a_small_histogram_leaves_out_what_is_empty() -> None:
    drawn = read(charts.spark(BUCKETS, SCALE))
    assert [number(bar, "x") for bar in bars(drawn, "bar")] == pytest.approx([0, 66.67])


def test_shares_fill_the_width() -> None:
    drawn = read(charts.shares([("a", "phase0", 0.25), ("b", "phase1", 0), ("c", "phase2", 0.75)], "words"))
    found = list(drawn.all("rect"))
    assert [(number(bar, "x"), number(bar, "width")) for bar in found] == [(0, 25), (25, 75)]


def test_colours_are_named() -> None:
    assert read(charts.legend([("read", "read"), ("written", "write")])).text == "readwritten"


def test_letters_near_an_edge_stay_inside() -> None:
    ticks = time_ticks(10_000_000_000)
    anchors = [
        node.attributes["text-anchor"] for node in read(charts.chart("", 9, charts.axis(ticks, 0, 9))).all("text")
    ]
    assert anchors[0] == "start" and anchors[-1] == "end" and set(anchors[1:-1]) == {"middle"}
