"""Latency and load: a chart over time, percentiles by kind of task, and the histogram of the kind under the cursor."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

import numpy as np
from textual import events, on
from textual.containers import Container
from textual.widget import Widget
from textual.widgets import Static

from iscsi_analyzer.analysis.latency import Latency
from iscsi_analyzer.analysis.load import Load, Moment
from iscsi_analyzer.analysis.study import Study
from iscsi_analyzer.export.record_json import json_pieces
from iscsi_analyzer.export.tables import size
from iscsi_analyzer.export.time_text import decimal, span
from tui.actions import CHART
from tui.screens.exporting import Exporting
from tui.screens.jumps import ToLadder, ToTasks, jump
from tui.screens.latency_rows import (
    BUCKET_CELLS,
    BUCKET_TITLES,
    GROUP_TITLES,
    MEASURED,
    NARROW_GROUP_TITLES,
    bucket_rows,
    group_rows,
    longest_closure,
    sorted_groups,
    window_words,
)
from tui.screens.row_finding import RowFinding
from tui.widgets.big_list import GUTTER, BigList
from tui.widgets.chart import Chart, Series
from tui.widgets.row_list import RowList

CHARTS = 4


class LatencyScreen(RowFinding, Exporting):
    """How long tasks took, and how much was asked of the target."""

    NAME = "latency"
    KEY = "7"
    ALSO = ((CHART, "On the charts"),)
    TITLE_WORD = "Latency"
    ABOUT = "latency and load: histogram, percentiles, tasks outstanding, IOPS and MB/s over time"
    CSS_PATH: ClassVar = "latency.tcss"
    EXPORTED = "latency.json"
    FORMATS = (".json",)
    AUTO_FOCUS = "#groups"

    def body(self) -> Iterator[Widget]:
        self._latency: Latency | None = None
        self._series: list[Series] = []
        self._first = 0
        self._start = 0
        self._closed_at = 0
        self._load: Load | None = None
        self._charts = [Chart(id=f"chart{place}") for place in range(CHARTS)]
        self._window = Static(id="window")
        self._groups = RowList(GROUP_TITLES, empty="no task was measured yet", id="groups")
        self.main_list = self._groups
        self._buckets = RowList(BUCKET_TITLES, empty="", id="histogram")
        with Container(id="charts"):
            yield from self._charts
        yield self._window
        with Container(id="lists"):
            yield self._groups
            yield self._buckets

    # --- what is shown ---

    def grown(self) -> None:
        self.ask("latency", _measured, self._show)

    def _show(self, answer: tuple[Latency, Load, int, int]) -> None:
        self._latency, self._load, self._start, self._closed_at = answer
        self._series = series_of(self._load, self._start)
        self._draw()
        self._window.update(window_words(self._load))
        self._fill()

    def _fill(self) -> None:
        if self._latency is not None:
            rows = list(group_rows(self._latency))
            sorted_by = self._groups.sorted_by
            self._groups.set_rows(sorted_groups(rows, *sorted_by) if sorted_by is not None else rows)
        self._tell()

    @on(BigList.SortWanted, "#groups")
    def _sort(self, event: BigList.SortWanted) -> None:
        # The largest first, unless the other way round is asked for.
        before = self._groups.sorted_by
        again = before is not None and before[0] == event.key
        self._groups.sorted_by = (event.key, event.descending if again else True) if event.key else None
        self._fill()

    def _draw(self) -> None:
        for place, chart in enumerate(self._charts):
            if self._series:
                chart.show(self._series[(self._first + place) % len(self._series)])

    def on_resize(self, event: events.Resize) -> None:
        self._groups.set_titles(GROUP_TITLES if event.size.width >= 110 else NARROW_GROUP_TITLES)
        self.call_after_refresh(self._tell)

    def action_next_series(self) -> None:
        """Another quantity in the chart."""
        self._first += 1
        self._draw()

    # --- the group under the cursor ---

    @on(BigList.Moved, "#groups")
    def _moved(self) -> None:
        self._tell()

    def _tell(self) -> None:
        row = self._groups.row
        if row is None or row.target is None or row.target[0] is None:
            self._buckets.set_rows([])
            return
        group, tasks = row.target
        room = max(4, self._buckets.size.width - GUTTER - 1 - BUCKET_CELLS)
        self._buckets.set_rows(list(bucket_rows(group.latency.histogram, tasks.filter, room)))

    def pieces(self, study: Study, suffix: str) -> Iterator[bytes]:
        """Latency and load."""
        return json_pieces([study.latency, study.load], array=True)

    # --- jumps ---

    @on(BigList.Chosen, "#groups")
    def _chosen_group(self) -> None:
        row = self._groups.row
        if row is not None and row.target is not None:
            jump(self.analyzer, row.target[1])

    @on(BigList.Chosen, "#histogram")
    def _chosen_bucket(self) -> None:
        row = self._buckets.row
        if row is not None:
            jump(self.analyzer, row.target)

    def action_window(self) -> None:
        """The ladder where the command window was closed for the longest time."""
        worst = longest_closure(self._load) if self._load is not None else None
        if worst is None:
            self.notify("the command window was never closed")
        else:
            jump(self.analyzer, ToLadder(sessions=(worst.session,), at=self._closed_at))

    @on(Chart.Chosen)
    def _chosen_moment(self, event: Chart.Chosen) -> None:
        load = self._load
        if load is not None and event.place < len(load.moments):
            jump(self.analyzer, ToTasks(moment_filter(load, load.moments[event.place], self._start)))


def _measured(study: Study) -> tuple[Latency, Load, int, int]:
    """Latency, load, the time of the first frame, and the PDU before the command window was closed longest."""
    facts, worst = study.facts, longest_closure(study.load)
    before = 0
    if worst is not None:
        mine = np.concatenate([facts.of_connection(int(each)) for each in facts.session(worst.session).connections])
        earlier = mine[facts.time_last[mine] <= worst.longest_closure_at_ns]
        before = int(earlier.max()) + 1 if len(earlier) else 0
    return study.latency, study.load, facts.start, before


def series_of(load: Load, start: int) -> list[Series]:
    """What can be charted over time."""
    seconds = load.bucket_ns / 1e9 or 1.0

    def when(place: int) -> str:
        return f"{decimal(place * load.bucket_ns, 6).rstrip('0').rstrip('.')} s"

    def series(title: str, values: list[float], unit: str) -> Series:
        words = _rate if unit == "B/s" else lambda value: f"{value:,.0f}{unit}"
        return Series(f"{title} (per {span(load.bucket_ns)})", values, words, when)

    moments = load.moments
    return [
        series("tasks outstanding", [float(moment.outstanding_max) for moment in moments], ""),
        series("tasks answered", [moment.completed / seconds for moment in moments], "/s"),
        series("read", [moment.read_bytes / seconds for moment in moments], "B/s"),
        series("written", [moment.write_bytes / seconds for moment in moments], "B/s"),
    ]


def _rate(value: float) -> str:
    return f"{size(round(value))}/s"


def moment_filter(load: Load, moment: Moment, start: int) -> str:
    """The tasks that were answered in a piece of time."""
    since = moment.start_ns - start
    first, after = decimal(since), decimal(since + load.bucket_ns)
    return f"{MEASURED} && frame.time_relative >= {first} && frame.time_relative < {after}"
