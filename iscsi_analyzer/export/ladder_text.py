"""Ladders as lines of text: time, time since the line above, an arrow between the two ends of a connection, what the
PDU says, and the rules that it breaks. For a ticket; the user interface draws the same arrows.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from iscsi_analyzer.export.ladder import PDU, Ladder, Lane, Rung
from iscsi_analyzer.export.tables import plural
from iscsi_analyzer.export.time_text import decimal, span

LEAST: Final = 60
"Columns that a ladder is drawn for at least; a narrower window sees its left part."
NARROWEST: Final = 12
"Columns of a lane, its two ends included; with less, all connections share one."
WIDEST: Final = 36
LANES_SHARE: Final = 0.5
"Part of the room beside the times that the lanes take."
SINCE_WIDTH: Final = 10

SIGNS: Final = {"error": "✗", "warning": "▲", "note": "·"}
ASCII_SIGNS: Final = {"error": "E", "warning": "W", "note": "N"}

SHORT: Final = {
    "SCSI Command": "Command",
    "SCSI Response": "Response",
    "SCSI Data-In": "Data-In",
    "SCSI Data-Out": "Data-Out",
    "Login Request": "Login",
    "Login Response": "Login Rsp",
    "Text Request": "Text",
    "Text Response": "Text Rsp",
    "Logout Request": "Logout",
    "Logout Response": "Logout Rsp",
    "Task Management Function Request": "TMF",
    "Task Management Function Response": "TMF Rsp",
    "SNACK Request": "SNACK",
    "Asynchronous Message": "Async",
    "gap in the capture": "gap",
    "retransmission": "again",
    "lost, sent again": "lost",
    "sent differently": "differs",
    "out of order": "reordered",
    "connection opened": "opened",
}
"Names for narrow lanes."


class Strokes(NamedTuple):
    """What arrows are made of."""

    end: str
    plain: str
    data: str
    broken: str
    right: str
    left: str
    cut: str
    "At the end of what was cut off."


UNICODE: Final = Strokes("│", "─", "━", "╌", "▶", "◀", "…")
ASCII: Final = Strokes("|", "-", "=", ".", ">", "<", "~")


class Drawing:
    """How one ladder looks in a given number of columns."""

    def __init__(self, ladder: Ladder, width: int, *, ascii_only: bool = False) -> None:
        self.ladder = ladder
        self.width = max(LEAST, width)
        self.strokes = ASCII if ascii_only else UNICODE
        self._signs = ASCII_SIGNS if ascii_only else SIGNS
        self.number_width = max(3, len(str(ladder.highest)))
        self.time_width = max(4, len(decimal(max(0, ladder.last_ns - ladder.start), 6)))
        self._lanes_at = self.number_width + self.time_width + SINCE_WIDTH + 3
        room = int((self.width - self._lanes_at) * LANES_SHARE)
        each = room // max(1, len(ladder.lanes)) - 1
        self.together = each < NARROWEST
        "There are so many connections that all share one lane; a number in front of it tells them apart."
        self.lane_count = 1 if self.together else len(ladder.lanes)
        self.lane_width = min(room - 1 if self.together else each, WIDEST)
        highest = max((lane.connection for lane in ladder.lanes), default=0)
        self._prefix = len(str(highest)) + 1 if self.together else 0
        self._rest_at = self._lanes_at + self.lane_count * (self.lane_width + 1) + self._prefix

    # --- the head ---

    def titles(self) -> list[str]:
        """What stands above the lanes."""
        if self.together:
            return [" " * self._prefix + f"{len(self.ladder.lanes)} connections".center(self.lane_width)]
        several = len({lane.session for lane in self.ladder.lanes}) > 1
        found = []
        for lane in self.ladder.lanes:
            name = f"connection {lane.connection}" + (f", session {lane.session}" if several else "")
            found.append((name if len(name) <= self.lane_width else f"c{lane.connection}").center(self.lane_width))
        return found

    def ends(self) -> list[str]:
        """The two ends of each lane."""
        if self.together:
            return [" " * self._prefix + _apart("initiator", "target", self.lane_width)]
        return [_ends(lane, self.lane_width) for lane in self.ladder.lanes]

    # --- a rung ---

    def time(self, rung: Rung) -> str:
        """Seconds since the first frame of the capture."""
        return decimal(rung.time_ns - self.ladder.start, 6)

    def lane(self, rung: Rung, place: int) -> str:
        """What stands in one of the lanes."""
        if self.together:
            return f"{self.ladder.lanes[rung.lane].connection:>{self._prefix - 1}} {self._arrow(rung)}"
        return self._arrow(rung) if place == rung.lane else self._idle()

    def findings(self, rung: Rung) -> list[str]:
        """The rules that it breaks, each with a sign for its severity."""
        return [f"{self._signs[severity]} {rule}" for severity, rule in rung.findings]

    def lines(self, rung: Rung) -> list[str]:
        """Everything that there is to say, in as many lines as that takes."""
        lanes = " ".join(self.lane(rung, place) for place in range(self.lane_count))
        head = f"{self._left(str(rung.pdu or ''), self.time(rung), since(rung))}{lanes} "
        empty = " ".join(" " * self._prefix + self._idle() for _ in range(self.lane_count))
        blank = f"{' ' * self._lanes_at}{empty} "
        room = self.width - self._rest_at
        parts = [part for text in (said(rung), *self.findings(rung)) for part in _wrapped(text, room)]
        return [
            (start + part).rstrip() for start, part in zip([head, *[blank] * len(parts)], parts or [""], strict=False)
        ]

    def head(self) -> list[str]:
        """What stands above the first rung."""
        titles, ends = " ".join(self.titles()), " ".join(self.ends())
        return [f"{self._left('PDU', 'time', 'since')}{titles}".rstrip(), " " * self._lanes_at + ends]

    def _left(self, number: str, time: str, delta: str) -> str:
        return f"{number:>{self.number_width}} {time:>{self.time_width}} {delta:>{SINCE_WIDTH}} "

    def _arrow(self, rung: Rung) -> str:
        strokes = self.strokes
        room = self.lane_width - 3
        stroke = strokes.broken if rung.what != PDU else strokes.data if rung.data else strokes.plain
        name = rung.name if len(rung.name) <= room - 2 else SHORT.get(rung.name, rung.name)
        if len(name) > room:
            name = name[: room - 1] + strokes.cut
        stem = (f" {name} " if len(name) < room - 1 else name).center(room, stroke)
        shaft = stem + strokes.right if rung.to_target else strokes.left + stem
        return strokes.end + shaft + strokes.end

    def _idle(self) -> str:
        return self.strokes.end + " " * (self.lane_width - 2) + self.strokes.end


def since(rung: Rung) -> str:
    """The time since the rung above: `+15.1 s`."""
    return "" if not rung.since_ns else ("+" if rung.since_ns > 0 else "") + span(rung.since_ns)


def said(rung: Rung) -> str:
    """What there is to say of a rung, apart from its name and the rules that it breaks."""
    return " ".join([*([rung.rest] if rung.rest else []), *(f"[{mark}]" for mark in rung.marks)])


def ladder_text(ladder: Ladder, width: int = 100, *, ascii_only: bool = False) -> Iterator[str]:
    """The ladder as plain text, for a ticket: a heading, who talks to whom, and every rung in full."""
    drawing = Drawing(ladder, width, ascii_only=ascii_only)
    yield f"{ladder.title}: {plural(ladder.pdus, 'PDU')}"
    for lane in ladder.lanes:
        yield f"connection {lane.connection}, session {lane.session}: {lane.initiator} -> {lane.target}"
    yield ""
    yield from drawing.head()
    for place in range(len(ladder)):
        yield from drawing.lines(ladder.rung(place))


def _wrapped(text: str, room: int) -> list[str]:
    """The words of the text in lines of at most `room` columns; words that are longer are divided."""
    lines: list[str] = []
    for word in text.split():
        if lines and len(lines[-1]) + 1 + len(word) <= room:
            lines[-1] += " " + word
            continue
        lines += [word[at : at + room] for at in range(0, len(word), room)]
    return lines


def _ends(lane: Lane, width: int) -> str:
    """Both ends above their poles; ports alone where there is no room for more."""
    initiator, target = (end.rpartition(":")[2] for end in (lane.initiator, lane.target))
    for left, right in ((lane.initiator, lane.target), (f"I:{initiator}", f"T:{target}"), (initiator, target)):
        if len(left) + len(right) < width:
            return _apart(left, right, width)
    return _apart("I", "T", width)


def _apart(left: str, right: str, width: int) -> str:
    return left + " " * max(1, width - len(left) - len(right)) + right
