"""Events as lines of text: when, what kind, of which session, and what happened."""

from __future__ import annotations

from collections.abc import Callable

from iscsi_analyzer.export.event import BAD, LOOK, Event
from iscsi_analyzer.export.tables import DIM, RED, YELLOW, Style, visible

_COLOURS = {BAD: RED, LOOK: YELLOW}
_KIND = len("retransmission")
_PLACE = len("session 99")


def event_line(event: Event, clock: Callable[[int], str], style: Style) -> str:
    """One line. `clock` makes the time column from nanoseconds since 1970."""
    place = f"session {event.session}" if event.session else f"conn. {event.connection}" if event.connection else ""
    kind = style(event.kind.ljust(_KIND), _COLOURS.get(event.severity, ""))
    return f"{clock(event.at_ns)} {kind} {style(place.ljust(_PLACE), DIM)} {visible(event.text)}".rstrip()
