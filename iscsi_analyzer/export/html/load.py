"""How much was asked of the targets over time, and when an initiator could not ask for more."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from iscsi_analyzer.analysis.closures import closures
from iscsi_analyzer.analysis.load import Load, SessionLoad, area
from iscsi_analyzer.export.html.axis import Tick, time_ticks
from iscsi_analyzer.export.html.charts import Series, over_time
from iscsi_analyzer.export.html.markup import Markup, tag
from iscsi_analyzer.export.html.subject import Section, Subject
from iscsi_analyzer.export.html.table import Cell, Column, Row, count, more, table
from iscsi_analyzer.export.tables import number, plural, size
from iscsi_analyzer.export.time_text import span

MOST: Final = 200
MOST_LOOKED_AT: Final = 200
"Sessions whose closed windows are drawn."
LEAST_SHARE: Final = 0.02
"Part of a piece of time; windows that were used up for less are told, not drawn."
_SESSIONS: Final = (
    Column("session", numeric=True), Column("SCSI tasks", numeric=True), Column("read", numeric=True),
    Column("written", numeric=True), Column("most outstanding", numeric=True), Column("mean", numeric=True),
    Column("window used up", numeric=True), Column("in all", numeric=True), Column("longest", numeric=True),
    Column("from, s", numeric=True), Column("at the end"),
)  # fmt: skip


def load(subject: Subject) -> Section | None:
    """The section; None if nothing was asked."""
    found = subject.report.load
    if found is None or not any(each.tasks for each in found.sessions):
        return None
    rows = [_session(subject, each) for each in found.sessions[:MOST]]
    body = tag(
        "div",
        tag("p", f"Pieces of {span(found.bucket_ns)}, counted from the first frame.", class_="lead"),
        _charts(subject, found),
        table("Load and command window by session", _SESSIONS, rows),
        more(len(found.sessions) - MOST, "sessions", "report -T json FILE"),
    )
    return Section("load", "Load over time", body)


def _charts(subject: Subject, found: Load) -> Markup:
    seconds = found.bucket_ns / 1e9
    moments = found.moments
    rates = [found.iops(each) for each in moments]
    reads = [each.read_bytes / seconds / 1e6 for each in moments]
    writes = [each.write_bytes / seconds / 1e6 for each in moments]
    mean = [each.outstanding_mean for each in moments]
    above = [max(0.0, each.outstanding_max - each.outstanding_mean) for each in moments]
    closed = _closed(subject, found)
    tips = [
        f"{subject.clock(each.start_ns)} s: {rates[place]:,.0f} tasks/s, read {reads[place]:.3g} MB/s, "
        f"write {writes[place]:.3g} MB/s, outstanding {each.outstanding_mean:.3g} (at most {each.outstanding_max})"
        for place, each in enumerate(moments)
    ]
    ticks = _ticks(found)
    panels = [
        over_time("SCSI tasks answered", [Series("tasks", "bar", rates)], ticks, tips, "/s"),
        over_time("Data", [Series("read", "read", reads), Series("written", "write", writes)], ticks, tips, " MB/s"),
        over_time("SCSI tasks outstanding", [Series("mean", "bar", mean), Series("most", "bar light", above)], ticks,
                  tips, ""),
    ]  # fmt: skip
    if closed.max(initial=0) >= LEAST_SHARE:
        shares = [Series("used up", "closed", (100 * closed).tolist())]
        panels.append(over_time("Command window used up, share of the time", shares, ticks, tips, " %", 64))
        still = None
    else:
        still = tag("p", _window_words(found), class_="lead")
    return tag("div", panels, still, class_="panels")


def _window_words(found: Load) -> str:
    """About windows that were not used up for so long that it could be drawn."""
    times = sum(each.closures for each in found.sessions)
    if not times:
        return "The command window was never used up: no initiator had to wait for MaxCmdSN."
    longest = max(each.longest_closure_ns for each in found.sessions)
    return f"The command window was used up {plural(times, 'time')}, for {span(longest)} at most."


def _ticks(found: Load) -> list[Tick]:
    return time_ticks(found.bucket_ns * len(found.moments))


def _closed(subject: Subject, found: Load) -> NDArray[np.float64]:
    """The share of each piece of time in which a command window was used up: the most over all sessions."""
    facts = subject.facts
    edges = facts.start + found.bucket_ns * np.arange(len(found.moments) + 1, dtype=np.int64)
    most = np.zeros(len(found.moments))
    for each in [session for session in found.sessions if session.closures][:MOST_LOOKED_AT]:
        begins, ends = closures(facts, each.session)
        most = np.maximum(most, np.diff(area(begins, ends, edges)) / found.bucket_ns)
    return np.clip(most, 0, 1)


def _session(subject: Subject, each: SessionLoad) -> Row:
    longest = subject.clock(each.longest_closure_at_ns) if each.closures else "–"
    return (
        count(each.session),
        count(each.tasks),
        Cell(each.read_bytes, size(each.read_bytes)),
        Cell(each.write_bytes, size(each.write_bytes)),
        count(each.outstanding_max),
        Cell(each.outstanding_mean, f"{each.outstanding_mean:.2f}"),
        Cell(each.closures, plural(each.closures, "time") if each.closures else number(0)),
        Cell(each.closed_ns, span(each.closed_ns) if each.closures else "–"),
        Cell(each.longest_closure_ns, span(each.longest_closure_ns) if each.closures else "–"),
        Cell(each.longest_closure_at_ns, longest),
        "used up" if each.closed_at_end else "open",
    )
