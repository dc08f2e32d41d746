"""6. Is the network to blame?"""

from __future__ import annotations

from typing import Final

from iscsi_analyzer.analysis.answers.line import BAD, INFO, LOOK, Line, count, detail, listed
from iscsi_analyzer.analysis.study import Study
from iscsi_analyzer.analysis.tcp import Health, Hurt, Side
from iscsi_analyzer.export.time_text import span

HURTS: Final = 3.0
"Tasks that met an event took so many times as long as comparable ones: it hurt."
HURTS_NS: Final = 1_000_000
ENOUGH: Final = 3
ZERO_WINDOW_NS: Final = 10_000_000
"Time without a receive window that is worth telling."
TIMEOUT_NS: Final = (195_000_000, 235_000_000)
"The least that many hosts wait before they send again what was not acknowledged (Linux: 200 ms)."
_WORDS: Final = {
    "loss": "lost segments of the {}",
    "retransmission": "segments that the {} sent again",
    "out of order": "segments of the {} out of order",
    "zero window": "a closed receive window of the {}",
    "conflict": "segments that the {} sent again with other content",
}


def network(study: Study) -> list[Line]:
    """What TCP had to repair, and which tasks paid for it."""
    lines: list[Line] = []
    for health in study.tcp:
        events = _events(health)
        hurt = [detail(_hurt(each), tasks=each.examples, frames=each.frames) for each in _telling(health)]
        if events:
            ends = f"{health.initiator} -> {health.portal}"
            lines.append(
                Line(
                    text=f"connection {health.connection} ({ends}), segments {'; '.join(events)}",
                    severity=_severity(health),
                    session=health.session,
                    connection=health.connection,
                )
            )
            lines += hurt
            if any(side.round_trips.count for side in health.sides):
                lines.append(detail(_round_trips(health)))
        lines += _others(health)
    return lines


def _severity(health: Health) -> str:
    """A handful of events is no trouble; many are, and if tasks took much longer for them, they hurt."""
    events = sum(side.lost + side.retransmitted + side.reordered + side.conflicts for side in health.sides)
    if any(_hurts(each) for each in health.hurt):
        return BAD
    closed = any(side.zero_window_ns >= ZERO_WINDOW_NS for side in health.sides)
    return LOOK if events >= ENOUGH or closed or any(side.conflicts for side in health.sides) else INFO


def _hurts(hurt: Hurt) -> bool:
    """Enough tasks took much longer than comparable ones. Long tasks meet more events by chance, so a little is
    nothing."""
    enough = hurt.tasks >= ENOUGH and hurt.events >= ENOUGH
    return enough and _ratio(hurt) >= HURTS and hurt.p50_ns - hurt.others_p50_ns >= HURTS_NS


def _events(health: Health) -> list[str]:
    words = []
    for name, what in (
        ("lost", "lost before the place of capture, and sent again"),
        ("retransmitted", "sent again after having been captured"),
        ("reordered", "overtaken by others"),
        ("conflicts", "sent again with other content"),
    ):
        numbers = [(getattr(side, name), side.by) for side in health.sides if getattr(side, name)]
        if numbers:
            said = [f"{number:,} of the {by}" for number, by in numbers]
            words.append(f"{what}: {listed(said)}")
    words += [_zero_window(side) for side in health.sides if side.zero_window_ns >= ZERO_WINDOW_NS]
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
    words = f"{count(hurt.tasks, 'task')} met {_WORDS[hurt.event].format(hurt.by)}: median {span(hurt.p50_ns)}"
    if hurt.event == "retransmission" and TIMEOUT_NS[0] <= hurt.p50_ns <= TIMEOUT_NS[1]:
        words += ", the length of a retransmission timeout"
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
