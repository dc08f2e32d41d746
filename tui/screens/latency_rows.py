"""Latency as rows of lists: percentiles by session, unit, operation and size, and the histogram of one such group; each
row knows the display filter of the tasks behind it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from iscsi_analyzer.analysis.latency import Group, Latency
from iscsi_analyzer.analysis.load import Load, SessionLoad
from iscsi_analyzer.analysis.operations import SIZE_WORDS, SIZES, WAYS
from iscsi_analyzer.analysis.stats import Bucket
from iscsi_analyzer.export.tables import plural
from iscsi_analyzer.export.time_text import span
from tui.drawing.plots import bar
from tui.screens.jumps import ToTasks
from tui.widgets.columns import RIGHT
from tui.widgets.row_list import Row, Title

MEASURED: Final = "iscsi.task.kind == scsi && iscsi.task.outcome == answered"
BUCKET_CELLS: Final = 10 + 10 + 9 + 5 + 4
"What the histogram's columns in front of the bar take, with the blanks between them."

GROUP_TITLES: Final = (
    Title("group", "tasks", 30),
    Title("count", "count", 9, RIGHT, sortable=True),
    Title("p50", "p50", 8, RIGHT, sortable=True),
    Title("p95", "p95", 8, RIGHT, sortable=True),
    Title("p99", "p99", 8, RIGHT, sortable=True),
    Title("max", "max", 8, RIGHT, sortable=True),
    Title("phase", "mostly", 0),
)
NARROW_GROUP_TITLES: Final = (Title("group", "tasks", 20), *GROUP_TITLES[1:])
BUCKET_TITLES: Final = (
    Title("low", "from", 10, RIGHT),
    Title("high", "below", 10, RIGHT),
    Title("count", "tasks", 9, RIGHT),
    Title("share", "%", 5, RIGHT),
    Title("bar", "", 0),
)


def group_rows(found: Latency) -> Iterator[Row]:
    """A row for each group of tasks; its target is the group with its filter."""
    yield _group_row("all SCSI tasks", found.total, MEASURED, "strong")
    if len(found.sessions) > 1:
        yield from (
            _group_row(f"session {each.session}", each, f"{MEASURED} && iscsi.session.number == {each.session}")
            for each in found.sessions
        )
    for each in found.units:
        name = f"LUN {each.lun}" + (f", session {each.session}" if len(found.sessions) > 1 else "")
        yield _group_row(name, each, unit_filter(each))
    for each in found.operations:
        yield _group_row(each.operation, each, f'{MEASURED} && iscsi.task.operation == "{each.operation}"')
    for each in found.sizes:
        yield _group_row(f"{each.way}s, {each.size}", each, size_filter(each))
    if found.not_measured:
        words = "without command or status in the capture"
        cells = ("not measured", f"{found.not_measured:,}", "", "", "", "", words)
        yield Row(cells, "dim", (None, ToTasks("iscsi.task.kind == scsi && !iscsi.task.latency")))
    if found.backwards:
        yield Row(("clock stepped back", f"{found.backwards:,}"), "warning")
    if found.groups_not_listed:
        yield Row((f"{plural(found.groups_not_listed, 'more group')}",), "dim")


def sorted_groups(rows: list[Row], key: str, descending: bool) -> list[Row]:
    """The rows by a field of their groups' latencies: all tasks first, then the groups, then what is no group."""
    groups = [row for row in rows[1:] if row.target is not None and row.target[0] is not None]
    rest = [row for row in rows[1:] if row.target is None or row.target[0] is None]
    groups.sort(key=lambda row: getattr(row.target[0].latency, key), reverse=descending)
    return [*rows[:1], *groups, *rest]


def _group_row(name: str, group: Group, text: str, style: str = "") -> Row:
    spread = group.latency
    worst = max(group.phases, key=lambda phase: phase.share, default=None)
    words = "" if worst is None else f"{worst.phase} {worst.share * 100:.0f} %"
    times = (spread.p50, spread.p95, spread.p99, spread.max)
    cells = (name, f"{spread.count:,}", *(span(time) if spread.count else "" for time in times), words)
    return Row(cells, style, (group, ToTasks(text)))


def unit_filter(group: Group) -> str:
    """The tasks of a logical unit: by its number if it has one, else by the session alone."""
    lun = f" && iscsi.task.lun == {group.lun}" if group.lun.isdecimal() else ""
    return f"{MEASURED} && iscsi.session.number == {group.session}{lun}"


def size_filter(group: Group) -> str:
    """The tasks that read or write so much."""
    place = SIZE_WORDS.index(group.size)
    way = WAYS.index(group.way)
    parts = [MEASURED, f"iscsi.task.read == {way & 1}", f"iscsi.task.write == {way >> 1}"]
    if place:
        parts.append(f"iscsi.task.edtl > {SIZES[place - 1]}")
    if place < len(SIZES):
        parts.append(f"iscsi.task.edtl <= {SIZES[place]}")
    return " && ".join(parts)


def bucket_rows(buckets: Sequence[Bucket], text: str, room: int) -> Iterator[Row]:
    """A row for each bar of a histogram; `text` is the filter of the group, `room` the width of the largest bar."""
    top = max((bucket.count for bucket in buckets), default=0)
    total = sum(bucket.count for bucket in buckets)
    for bucket in buckets:
        cells = (
            span(bucket.low),
            span(bucket.high),
            f"{bucket.count:,}",
            f"{bucket.count * 100 / total:.0f}",
            bar(bucket.count, top, room),
        )
        limits = f"iscsi.task.latency >= {bucket.low}ns && iscsi.task.latency < {bucket.high}ns"
        target = ToTasks(f"{text} && {limits}") if bucket.count else None
        yield Row(cells, "" if bucket.count else "dim", target, ("", "", "", "", "initiator"))


def longest_closure(load: Load) -> SessionLoad | None:
    """The session whose command window was closed for the longest time at once; None if none was."""
    closed = [each for each in load.sessions if each.closures]
    return max(closed, key=lambda each: each.longest_closure_ns, default=None)


def window_words(load: Load) -> str:
    """Whether the command window was closed: in one line."""
    worst = longest_closure(load)
    if worst is None:
        return "command window: never closed"
    closed = [each for each in load.sessions if each.closures]
    times = sum(each.closures for each in closed)
    total = span(sum(each.closed_ns for each in closed))
    longest = f"longest {span(worst.longest_closure_ns)} (session {worst.session})"
    return f"command window: closed {plural(times, 'time')}, {total} in all, {longest}" + (
        ", still closed at the end" if any(each.closed_at_end for each in closed) else ""
    )
