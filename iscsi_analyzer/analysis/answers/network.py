"""6. Is the network to blame?"""

from __future__ import annotations

from typing import Final

from iscsi_analyzer.analysis.answers.line import BAD, LOOK, Line, count, detail
from iscsi_analyzer.analysis.study import Study
from iscsi_analyzer.analysis.tcp import Health, Hurt, Side
from iscsi_analyzer.export.time_text import span

HURTS: Final = 3.0
"Tasks that met an event took so many times as long as comparable ones: it hurt."
ZERO_WINDOW_NS: Final = 10_000_000
"Time without a receive window that is worth telling."
_WORDS: Final = {
    "loss": "lost segments",
    "retransmission": "segments that were sent again",
    "out of order": "segments out of order",
    "zero window": "a closed receive window",
    "conflict": "segments with other content",
}


def network(study: Study) -> list[Line]:
    """What TCP had to repair, and which tasks paid for it."""
    lines: list[Line] = []
    for health in study.tcp:
        events = _events(health)
        hurt = [detail(_hurt(each), tasks=each.examples, frames=each.frames) for each in _telling(health)]
        if events:
            bad = any(_ratio(each) >= HURTS for each in health.hurt)
            lines.append(
                Line(
                    text=f"connection {health.connection} ({health.initiator} -> {health.portal}): {'; '.join(events)}",
                    severity=BAD if bad else LOOK,
                    session=health.session,
                    connection=health.connection,
                )
            )
            lines += hurt
            if any(side.round_trips.count for side in health.sides):
                lines.append(detail(_round_trips(health)))
        lines += _others(health)
    return lines


def _events(health: Health) -> list[str]:
    words = []
    for side in health.sides:
        whose = f"of the {side.by}"
        if side.lost:
            was = "was" if side.lost == 1 else "were"
            words.append(f"{count(side.lost, 'segment')} {whose} {was} lost before the place of capture and sent again")
        if side.retransmitted:
            was = "was" if side.retransmitted == 1 else "were"
            words.append(
                f"{count(side.retransmitted, 'segment')} {whose} {was} sent again after having been seen there"
            )
        if side.reordered:
            was = "was" if side.reordered == 1 else "were"
            words.append(f"{count(side.reordered, 'segment')} {whose} {was} overtaken by others")
        if side.conflicts:
            words.append(f"{count(side.conflicts, 'segment')} {whose} came again with other content")
        if side.zero_window_ns >= ZERO_WINDOW_NS:
            words.append(_zero_window(side))
    return words


def _zero_window(side: Side) -> str:
    return f"the {side.by} took no more data {side.zero_windows:,} times, for {span(side.zero_window_ns)} in all"


def _telling(health: Health) -> list[Hurt]:
    """Tasks that were hit, the worst kind of event first; a zero window only if it lasted."""
    long = {side.by for side in health.sides if side.zero_window_ns >= ZERO_WINDOW_NS}
    found = [each for each in health.hurt if each.event != "zero window" or each.by in long]
    return sorted(found, key=lambda each: -_ratio(each))


def _ratio(hurt: Hurt) -> float:
    return hurt.p50_ns / hurt.others_p50_ns if hurt.others_p50_ns else 0.0


def _hurt(hurt: Hurt) -> str:
    words = f"{count(hurt.tasks, 'task')} met {_WORDS[hurt.event]} of the {hurt.by}: median {span(hurt.p50_ns)}"
    if hurt.others:
        words += f", beside {span(hurt.others_p50_ns)} of {hurt.others:,} comparable ones that met nothing"
    return f"{words}; the slowest took {span(hurt.max_ns)}"


def _round_trips(health: Health) -> str:
    parts = []
    for side in health.sides:
        trips = side.round_trips
        if trips.count:
            parts.append(
                f"the {side.by}'s segments after {span(trips.mean)} on average ({span(trips.min)} to {span(trips.max)})"
            )
    handshake = f"; SYN to SYN-ACK {span(health.handshake_ns)}" if health.handshake_ns >= 0 else ""
    return f"acknowledged: {', '.join(parts)}{handshake}"


def _others(health: Health) -> list[Line]:
    """Patterns that are no event."""
    lines = []
    for delayed in health.delayed_acks:
        what = f"{delayed.what} of the {delayed.by}" if delayed.what == "PDUs" else "tasks"
        lines.append(
            Line(
                text=(
                    f"connection {health.connection}: {delayed.count:,} of {delayed.of:,} {what} took {delayed.wait} "
                    f"with hardly a frame meanwhile: the wait for a delayed acknowledgement"
                ),
                severity=LOOK,
                connection=health.connection,
                session=health.session,
                tasks=delayed.examples if delayed.what == "tasks" else [],
                pdus=delayed.examples if delayed.what == "PDUs" else [],
            )
        )
    if health.mtu_hint:
        text = f"connection {health.connection}: {health.mtu_hint}"
        lines.append(Line(text=text, severity=BAD, connection=health.connection, session=health.session))
    if health.syn_again and not any(side.duplicates_by_capture for side in health.sides):
        text = f"connection {health.connection}: the SYN was sent {health.syn_again + 1} times before it was answered"
        lines.append(Line(text=text, severity=LOOK, connection=health.connection, session=health.session))
    return lines
