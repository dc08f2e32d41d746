"""Ladders as lines of text: time, time since the line above, an arrow between the two ends of a connection, what the
PDU says, and the rules that it breaks.

A line is a list of pieces: text, and the role that it plays, which the user interface shows as a colour. Without the
roles it is the plain text that goes into a ticket.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from iscsi_analyzer.export.ladder import PDU, Ladder, Lane, Rung
from iscsi_analyzer.export.tables import clip, plural
from iscsi_analyzer.export.time_text import decimal, span

LEAST: Final = 60
"Columns that a ladder is drawn for at least; a narrower window sees its left part."
NARROWEST: Final = 12
"Columns of a lane, its two ends included."
WIDEST: Final = 46
LANES_SHARE: Final = 0.45
"Part of the room beside the times that the lanes take."
_DELTA: Final = 10

TIME, DELTA, END, REQUEST, ANSWER, HAPPENING = "time", "delta", "end", "request", "answer", "happening"
FACTS, MARK, HEADING = "facts", "mark", "heading"
FINDING: Final = "finding-"
"In front of a severity: the role of the name of a broken rule."

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


class Piece(NamedTuple):
    """A part of a line."""

    text: str
    role: str


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
    """How the rungs of one ladder look in a given number of columns."""

    def __init__(self, ladder: Ladder, width: int, *, ascii_only: bool = False) -> None:
        self.ladder = ladder
        self.width = max(LEAST, width)
        self._strokes = ASCII if ascii_only else UNICODE
        self._signs = ASCII_SIGNS if ascii_only else SIGNS
        self._pdu = max(3, len(str(ladder.highest)))
        self._time = len(decimal(max(0, ladder.last_ns - ladder.start), 6))
        lanes = max(1, len(ladder.lanes))
        self._lanes_at = self._pdu + self._time + _DELTA + 3
        room = self.width - self._lanes_at
        each = int(room * LANES_SHARE) // lanes
        self.together = each < NARROWEST
        "There are so many lanes that all share one; a number in front tells the connection."
        self._lanes = 1 if self.together else lanes
        lane = int(room * LANES_SHARE) if self.together else each
        self.lane = min(lane, WIDEST)
        self._number = len(str(max((each.connection for each in ladder.lanes), default=0))) + 1 if self.together else 0
        self._facts_at = self._lanes_at + self._lanes * (self.lane + 1) + self._number

    # --- the head ---

    def head(self) -> list[list[Piece]]:
        """What stands above the rungs: two lines."""
        words = f"{'PDU':>{self._pdu}} {'time':>{self._time}} {'since':>{_DELTA}} "
        above, ends = [Piece(words, TIME)], [Piece(" " * self._lanes_at, TIME)]
        if self.together:
            words = f"{len(self.ladder.lanes)} connections"
            above.append(Piece(" " * self._number + words.ljust(self.lane + 1), HEADING))
            ends.append(Piece(" " * self._number + _apart("initiator", "target", self.lane) + " ", END))
        else:
            for lane in self.ladder.lanes:
                above.append(Piece(clip(self._name(lane), self.lane).center(self.lane) + " ", HEADING))
                ends.append(Piece(_ends(lane, self.lane) + " ", END))
        return [above, ends]

    def _name(self, lane: Lane) -> str:
        several = len({each.session for each in self.ladder.lanes}) > 1
        name = f"connection {lane.connection}" + (f", session {lane.session}" if several else "")
        return name if len(name) <= self.lane else f"c{lane.connection} s{lane.session}"

    # --- rungs ---

    def line(self, rung: Rung) -> list[Piece]:
        """A rung in one line: what does not fit is cut off, findings last."""
        pieces = self._arrow(rung)
        findings = self._findings(rung)
        wanted = sum(len(piece.text) + 1 for piece in findings)
        room = self.width - self._facts_at
        room_for_facts = max(room - wanted, min(room, 12))
        text = _facts(rung)
        pieces.append(Piece(self._cut(text, room_for_facts), _role_of_facts(rung)))
        left = room - len(pieces[-1].text)
        for piece in findings:
            if left < 3:
                break
            pieces.append(Piece(" " + self._cut(piece.text, left - 1), piece.role))
            left -= len(pieces[-1].text)
        return pieces

    def lines(self, rung: Rung) -> list[list[Piece]]:
        """A rung with all that there is to say, in as many lines as that takes."""
        first = self._arrow(rung)
        room = max(12, self.width - self._facts_at)
        parts = [Piece(part, _role_of_facts(rung)) for part in _wrapped(_facts(rung), room)]
        parts += [Piece(part, piece.role) for piece in self._findings(rung) for part in _wrapped(piece.text, room)]
        found = [[*first, *parts[:1]]]
        blank = [Piece(" " * self._lanes_at, TIME), *self._empty()]
        found += [[*blank, part] for part in parts[1:]]
        return found

    def _findings(self, rung: Rung) -> list[Piece]:
        return [Piece(f"{self._signs[severity]} {rule}", FINDING + severity) for severity, rule in rung.findings]

    def _arrow(self, rung: Rung) -> list[Piece]:
        """The part of the line up to the facts."""
        time = decimal(rung.time_ns - self.ladder.start, 6).rjust(self._time)
        since = ("" if not rung.since_ns else ("+" if rung.since_ns > 0 else "") + span(rung.since_ns)).rjust(_DELTA)
        number = f"{rung.pdu or '':>{self._pdu}}"
        pieces = [Piece(f"{number} {time} ", TIME), Piece(f"{since} ", DELTA)]
        for place in range(self._lanes):
            if self.together or place == rung.lane:
                if self.together:
                    connection = self.ladder.lanes[rung.lane].connection
                    pieces.append(Piece(f"{connection:>{self._number - 1}} ", END))
                pieces += self._shaft(rung)
            else:
                pieces += self._idle()
        return pieces

    def _shaft(self, rung: Rung) -> list[Piece]:
        """The arrow between two ends."""
        strokes = self._strokes
        room = self.lane - 3
        if rung.what == PDU:
            stroke, role = strokes.data if rung.data else strokes.plain, REQUEST if rung.to_target else ANSWER
        else:
            stroke, role = strokes.broken, HAPPENING
        name = rung.name
        if len(name) > room - 2:
            name = SHORT.get(name, name)
        label = self._cut(name, room)
        stem = (f" {label} " if len(label) < room - 1 else label).center(room, stroke)
        shaft = stem + strokes.right if rung.to_target else strokes.left + stem
        return [Piece(strokes.end, END), Piece(shaft, role), Piece(f"{strokes.end} ", END)]

    def _cut(self, text: str, room: int) -> str:
        """The text, its end replaced by a sign if it is longer than the room."""
        return text if len(text) <= room else text[: max(0, room - 1)] + self._strokes.cut * min(1, room)

    def _idle(self) -> list[Piece]:
        return [Piece(self._strokes.end + " " * (self.lane - 2) + self._strokes.end + " ", END)]

    def _empty(self) -> list[Piece]:
        return [Piece(" " * self._number, END), *(piece for _ in range(self._lanes) for piece in self._idle())]


def ladder_text(ladder: Ladder, width: int = 100, *, ascii_only: bool = False) -> Iterator[str]:
    """The ladder as plain text, for a ticket: a heading, who talks to whom, and every rung in full."""
    drawing = Drawing(ladder, width, ascii_only=ascii_only)
    yield f"{ladder.title}: {plural(ladder.pdus, 'PDU')}"
    for lane in ladder.lanes:
        yield f"connection {lane.connection}, session {lane.session}: {lane.initiator} -> {lane.target}"
    yield ""
    for head in drawing.head():
        yield plain(head)
    for place in range(len(ladder)):
        for line in drawing.lines(ladder.rung(place)):
            yield plain(line)


def plain(line: list[Piece]) -> str:
    """The text of a line."""
    return "".join(piece.text for piece in line).rstrip()


def _facts(rung: Rung) -> str:
    return " ".join([*([rung.rest] if rung.rest else []), *(f"[{mark}]" for mark in rung.marks)])


def _role_of_facts(rung: Rung) -> str:
    return MARK if rung.marks else FACTS


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
