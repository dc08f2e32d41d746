"""How well TCP served each connection, as rows of a list: a line for each direction with its time line, and what it did
to tasks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from iscsi_analyzer.analysis.facts import INITIATOR, Facts
from iscsi_analyzer.analysis.tcp import DelayedAck, Health, Hurt, Side, hurting
from iscsi_analyzer.export.tables import plural, size
from iscsi_analyzer.export.time_text import span
from tui.drawing.timeline import timeline
from tui.screens.jumps import Target, ToFrame, ToLadder, ToTasks
from tui.widgets.columns import RIGHT
from tui.widgets.row_list import Row, Title

EVENT_WORDS: Final = {
    "loss": ("loss", "losses"),
    "retransmission": ("retransmission",),
    "out of order": ("segment out of order", "segments out of order"),
    "zero window": ("zero window",),
    "conflict": ("segment sent differently", "segments sent differently"),
}
"One and several of each event."

Event = tuple[int, str, int]
"Time, what happened, and the frame."

TITLES: Final = (
    Title("by", "sent by", 11),
    Title("segments", "segments", 9, RIGHT),
    Title("lost", "lost", 5, RIGHT),
    Title("again", "again", 5, RIGHT),
    Title("reordered", "order", 5, RIGHT),
    Title("zero", "zero", 5, RIGHT),
    Title("rtt", "RTT p99", 9, RIGHT),
    Title("line", "time line of the capture", 0),
)
BEFORE_LINE: Final = sum(title.width + 1 for title in TITLES)


class Course(NamedTuple):
    """One connection: its health, and what happened when."""

    health: Health
    to_target: list[Event]
    to_initiator: list[Event]
    start: int
    end: int
    "First and last frame of the capture."


class About(NamedTuple):
    """What a row is about."""

    course: Course
    side: Side | None
    target: Target | None
    words: str = ""


def courses(facts: Facts, healths: list[Health]) -> list[Course]:
    """All connections with their events."""
    found = []
    for health in healths:
        sides: dict[bool, list[Event]] = {True: [], False: []}
        for event in hurting(facts, facts.connection(health.connection)):
            sides[event.to_target].append((event.ts, event.what, event.frame))
        for loss in facts.store.losses:
            if loss.connection == health.connection:
                sides[loss.to_target].append((loss.ts, loss.kind, loss.frame))
        found.append(Course(health, sorted(sides[True]), sorted(sides[False]), facts.start, facts.end))
    return found


def rows_of(found: list[Course], room: int) -> Iterator[Row]:
    """The rows; time lines have `room` columns."""
    for course in found:
        health = course.health
        title = f"connection {health.connection}, session {health.session}: {health.initiator} → {health.portal}"
        ladder = ToLadder(sessions=(health.session,))
        yield Row((title,), "strong", About(course, None, ladder))
        for side in health.sides:
            yield _side(course, side, room)
        for hurt in health.hurt:
            yield _said("", hurt_words(hurt), "warning", course, _of_hurt(hurt))
        for ack in health.delayed_acks:
            yield _said("", ack_words(ack), "warning", course, _of_ack(ack))
        if health.mtu_hint:
            yield _said("", health.mtu_hint, "error", course, ladder)
        if health.syn_again:
            yield _said("", f"{plural(health.syn_again, 'SYN')} sent again", "warning", course, ladder)


def _side(course: Course, side: Side, room: int) -> Row:
    events = course.to_target if side.by == INITIATOR else course.to_initiator
    drawn = timeline([(time, what) for time, what, _ in events], course.start, course.end, room)
    trips = side.round_trips
    counts = (side.lost, side.retransmitted, side.reordered, side.zero_windows)
    cells = (
        f"  {side.by}",
        f"{side.segments:,}",
        *(f"{count:,}" if count else "-" for count in counts),
        span(trips.p99_at_most) if trips.count else "",
        drawn,
    )
    style = "warning" if any(counts) or side.conflicts else ""
    first = events[0][2] if events else 0
    target = ToFrame(first, course.health.connection) if first else ToLadder(sessions=(course.health.session,))
    return Row(cells, style, About(course, side, target))


def _said(label: str, words: str, style: str, course: Course, target: Target | None) -> Row:
    return Row((f"  {label}{words}",), style, About(course, None, target, words))


def hurt_words(hurt: Hurt) -> str:
    """What events did to tasks."""
    words = f"{plural(hurt.events, *EVENT_WORDS[hurt.event])} from the {hurt.by}: "
    words += f"{plural(hurt.tasks, 'task')} under way, median {span(hurt.p50_ns)}"
    if hurt.others:
        words += f", others like them {span(hurt.others_p50_ns)}"
    return f"{words}, longest {span(hurt.max_ns)}"


def ack_words(ack: DelayedAck) -> str:
    """Waits that look like a delayed acknowledgement."""
    return f"{ack.count:,} of {ack.of:,} {ack.what} by the {ack.by} waited {ack.wait}: delayed acknowledgements?"


def _of_hurt(hurt: Hurt) -> Target | None:
    return _tasks(hurt.examples) if hurt.examples else ToFrame(hurt.frames[0]) if hurt.frames else None


def _of_ack(ack: DelayedAck) -> Target | None:
    if ack.what == "tasks":
        return _tasks(ack.examples)
    return ToLadder(pdus=tuple(ack.examples), title=f"{ack.what} that waited {ack.wait}")


def _tasks(numbers: list[int]) -> Target:
    return ToTasks(f"iscsi.task.number in {{{', '.join(map(str, numbers))}}}")


def details(side: Side) -> Iterator[str]:
    """Everything that is known of one direction, in short phrases."""
    trips = side.round_trips
    yield f"{side.frames:,} frames, {side.segments:,} with data, {size(side.bytes)}"
    if trips.count:
        ranges = f"min {span(trips.min)}, mean {span(trips.mean)}, p50 <= {span(trips.p50_at_most)}"
        yield f"round trips: {ranges}, p99 <= {span(trips.p99_at_most)}, max {span(trips.max)} ({trips.count:,})"
    yield f"MSS {side.mss}" if side.mss >= 0 else "MSS unknown, the SYN was not seen"
    yield f"largest segment {side.largest_segment:,}"
    for count, words in (
        (side.lost, "lost before they came to the capture and sent again"),
        (side.retransmitted, "captured twice: lost behind the capture, or sent again without need"),
        (side.out_of_order, "out of order"),
        (side.reordered, "holes filled by what had been overtaken"),
        (side.conflicts, "sent again with other content"),
        (side.duplicates_by_capture, "duplicates made by the capture"),
        (side.gaps, f"gaps in the capture ({size(side.gap_bytes)})"),
        (side.zero_windows, f"zero windows ({span(side.zero_window_ns)} in all)"),
        (side.zero_window_probes, "zero window probes"),
        (side.keep_alives, "keep-alives"),
    ):
        if count:
            yield f"{count:,} {words}"
    if side.cut_bytes:
        yield f"{size(side.cut_bytes)} cut off by the snap length"
    if side.longest_hole_ns:
        yield f"longest hole {span(side.longest_hole_ns)}"
