"""An event is one line, whatever is in it."""

from __future__ import annotations

from iscsi_analyzer.export.event import BAD, LOOK, Event
from iscsi_analyzer.export.events_text import event_line
from iscsi_analyzer.export.tables import Style


def test_a_line_has_time_kind_place_and_text() -> None:
    event = Event(5, "login", 2, 1, "alice -> disk", LOOK)
    assert event_line(event, str, Style(False)) == "5 login          session 2  alice -> disk"


def test_without_a_session_the_connection_is_the_place() -> None:
    assert event_line(Event(5, "tcp", 0, 3, "x", LOOK), str, Style(False)).split() == ["5", "tcp", "conn.", "3", "x"]
    assert event_line(Event(5, "tcp", 0, 0, "x", LOOK), str, Style(False)).split() == ["5", "tcp", "x"]


def test_what_comes_from_the_wire_stays_within_its_line() -> None:
    line = event_line(Event(5, "end", 0, 0, "a\nb\x1b[31m", BAD), str, Style(False))
    assert line.isprintable()


def test_colours_are_there_only_if_they_are_wanted() -> None:
    assert "\x1b[31m" in event_line(Event(5, "end", 0, 0, "x", BAD), str, Style(True))
