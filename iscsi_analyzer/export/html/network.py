"""How well TCP served the connections: what was lost, came twice or out of order, closed windows, round trips, and the
tasks that paid for it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from iscsi_analyzer.analysis.tcp import Health, Side
from iscsi_analyzer.export.html.markup import Markup, tag
from iscsi_analyzer.export.html.subject import Section, Subject
from iscsi_analyzer.export.html.table import Cell, Column, Row, count, more, table
from iscsi_analyzer.export.tables import number, plural, size
from iscsi_analyzer.export.time_text import span

MOST: Final = 100
"Connections that are listed."
_SIDES: Final = (
    Column("connection", numeric=True), Column("sent by"), Column("address"), Column("segments", numeric=True),
    Column("bytes", numeric=True), Column("lost", numeric=True), Column("sent again", numeric=True),
    Column("overtaken", numeric=True), Column("window shut", numeric=True), Column("shut for", numeric=True),
    Column("not captured", numeric=True), Column("round trip", numeric=True), Column("p99 at most", numeric=True),
    Column("longest", numeric=True), Column("largest segment", numeric=True),
)  # fmt: skip
_HURT: Final = (
    Column("connection", numeric=True), Column("what"), Column("sent by"), Column("events", numeric=True),
    Column("tasks under way", numeric=True), Column("their median", numeric=True),
    Column("median of others", numeric=True), Column("slowest", numeric=True), Column("evidence", wide=True),
)  # fmt: skip


def network(subject: Subject) -> Section | None:
    """The section; None without connections."""
    found = subject.report.tcp
    if not found:
        return None
    hurt = [_hurt(subject, health, place) for health in found for place in range(len(health.hurt))]
    body = tag(
        "div",
        tag("p", _verdict(found), class_="lead"),
        tag("ul", [tag("li", each) for each in _hints(found)], class_="plain"),
        table("Tasks that were under way when something happened", _HURT, hurt[:MOST]) if hurt else None,
        more(len(hurt) - MOST, "rows", "report -T json FILE"),
        table("TCP by connection and sender", _SIDES,
              [_side(health, side) for health in found[:MOST] for side in health.sides]),
        more(len(found) - MOST, "connections", "report -T json FILE"),
    )  # fmt: skip
    return Section("network", "TCP health", body)


def _verdict(found: list[Health]) -> str:
    ill = [health.connection for health in found if not health.clean]
    if not ill:
        return "Nothing was lost, came again or was held up by a closed window: TCP is not to blame."
    return f"{plural(len(ill), 'connection')} of {number(len(found))} had something to repair."


def _hints(found: list[Health]) -> Iterator[Markup]:
    for health in found[:MOST]:
        for each in health.delayed_acks:
            words = (
                f"connection {health.connection}: {number(each.count)} of {number(each.of)} {each.what} waited "
                f"{each.wait}, which looks like a delayed acknowledgement ({each.by})"
            )
            yield tag("span", words)
        if health.mtu_hint:
            yield tag("span", f"connection {health.connection}: {health.mtu_hint}")


def _side(health: Health, side: Side) -> Row:
    trips = side.round_trips
    missing = side.gap_bytes + side.cut_bytes
    times: list[Cell] = [
        Cell(ns, span(ns)) if trips.count else Cell(-1, "–") for ns in (trips.mean, trips.p99_at_most, trips.max)
    ]
    return (
        count(health.connection),
        side.by,
        side.address,
        count(side.segments),
        Cell(side.bytes, size(side.bytes)),
        _odd(side.lost),
        _odd(side.retransmitted),
        _odd(side.reordered),
        _odd(side.zero_windows),
        Cell(side.zero_window_ns, span(side.zero_window_ns)) if side.zero_windows else None,
        Cell(missing, size(missing)) if missing else None,
        *times,
        count(side.largest_segment),
    )


def _odd(value: int) -> Cell:
    """A number that had better be zero."""
    return Cell(value, tag("b", number(value), class_="odd") if value else "0")


def _hurt(subject: Subject, health: Health, place: int) -> Row:
    hurt = health.hurt[place]
    return (
        count(health.connection),
        hurt.event,
        hurt.by,
        count(hurt.events),
        count(hurt.tasks),
        Cell(hurt.p50_ns, span(hurt.p50_ns)),
        Cell(hurt.others_p50_ns, span(hurt.others_p50_ns) if hurt.others else "–"),
        Cell(hurt.max_ns, span(hurt.max_ns)),
        subject.proof(frames=hurt.frames, tasks=hurt.examples),
    )
