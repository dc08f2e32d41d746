"""A ladder: the PDUs of a task, of sessions, or of a finding's evidence, in the order in which they were complete, each
between the two ends of its connection; and between them what happened at TCP level and what the capture lacks.

Reads the store. A rung is made when it is asked for, so a session of millions of PDUs costs no more than their numbers.
How a ladder is drawn is the business of `ladder_text`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from iscsi_analyzer.analysis.addresses import initiator_of, portal_of
from iscsi_analyzer.analysis.answers.line import sessions_named
from iscsi_analyzer.analysis.facts import Facts
from iscsi_analyzer.analysis.tcp import hurting
from iscsi_analyzer.export.pdu_text import marks, name_and_rest
from iscsi_analyzer.export.pdu_view import PduView, Views
from iscsi_analyzer.export.tables import size
from iscsi_analyzer.model import task as model
from iscsi_analyzer.rules.rule import SEVERITIES
from iscsi_analyzer.store.tasks import TaskRow, task_row

Numbers = NDArray[np.int64]
Mask = NDArray[np.bool_]

PDU: Final = "PDU"
GAP: Final = "gap"
SKIPPED: Final = "skipped"
OPENED: Final = "opened"
FIN: Final = "FIN"
RST: Final = "RST"
WORDS: Final = {
    GAP: ("gap in the capture", "{length} missing"),
    SKIPPED: ("not a PDU", "{length} in which no PDU could be found"),
    "retransmission": ("retransmission", "{length} came again"),
    "loss": ("lost, sent again", "{length} that were lost on the way came again"),
    "out of order": ("out of order", "{length}"),
    "conflict": ("sent differently", "{length} came again with other content"),
    "zero window": ("zero window", "the receiver has no room left"),
    OPENED: ("connection opened", "SYN"),
    FIN: ("closed", "FIN"),
    RST: ("reset", "RST"),
}
"""What can stand between PDUs: a name, and what else is to be said. Frames that the capture holds twice and keep-alives
are left out, as they say nothing of the conversation."""

_EVER: Final = 1 << 62


class Lane(NamedTuple):
    """One connection, with its two ends."""

    connection: int
    session: int
    initiator: str
    target: str


class Happening(NamedTuple):
    """Something that is no PDU."""

    what: str
    "A key of WORDS."
    connection: int
    to_target: bool
    length: int
    ts: int
    frame: int


@dataclass(slots=True)
class Rung:
    """One line of a ladder."""

    what: str
    "PDU, or a key of WORDS."
    lane: int
    "Index into the lanes."
    to_target: bool
    pdu: int
    "0 if it is none."
    frame: int
    "The frame that completed it."
    time_ns: int
    "When its last byte was captured, since the epoch."
    since_ns: int
    "Since the rung above; 0 for the first."
    name: str
    "Name of the PDU, or what happened."
    rest: str = ""
    "What else one line can say of the PDU."
    data: bool = False
    "It carries data of a task."
    marks: list[str] = field(default_factory=list)
    "What a reader must not miss: bad digests, bytes that the capture lacks."
    findings: list[tuple[str, str]] = field(default_factory=list)
    "Severity and name of the rules that it breaks, the worst first."


class Ladder:
    """The rungs, in order, counted from 0."""

    def __init__(
        self, facts: Facts, title: str, pdus: Numbers, connections: Iterable[int], happenings: Sequence[Happening] = ()
    ) -> None:
        self.title = title
        self.start = facts.start
        "Time of the first frame of the capture."
        self.lanes = [_lane(facts, number) for number in sorted(connections)]
        self._lane_of = {lane.connection: place for place, lane in enumerate(self.lanes)}
        self._store = facts.store
        self._views = Views(facts.store)
        self._happenings = sorted(happenings, key=lambda each: each.frame)
        self._places = self._merged(facts, pdus)

    def _merged(self, facts: Facts, pdus: Numbers) -> Numbers:
        """The numbers of the PDUs, and between them those of happenings, counted down from -1."""
        if not self._happenings:
            return pdus
        frames = np.maximum.accumulate(facts.frame_last[pdus - 1]) if len(pdus) else pdus
        at = np.searchsorted(frames, np.array([each.frame for each in self._happenings], dtype=np.int64))
        return np.insert(pdus, at, -1 - np.arange(len(at)))

    def __len__(self) -> int:
        return len(self._places)

    @property
    def pdus(self) -> int:
        """How many of the rungs are PDUs."""
        return len(self._places) - len(self._happenings)

    @property
    def numbers(self) -> Numbers:
        """The numbers of its PDUs, in ascending order."""
        found: Numbers = self._places[self._places > 0]
        return found

    @property
    def highest(self) -> int:
        """The highest number of a PDU in it; 0 if there is none."""
        return int(self._places.max(initial=0))

    @property
    def last_ns(self) -> int:
        """The time of the last rung; that of the capture's first frame if there is none."""
        return self._time(len(self) - 1) if len(self) else self.start

    def place_of(self, pdu: int) -> int:
        """The rung that is PDU `pdu`; -1 if it is not in the ladder."""
        found = np.flatnonzero(self._places == pdu)
        return int(found[0]) if len(found) else -1

    def pdu_at(self, place: int) -> int:
        """The PDU of a rung; 0 if it is none."""
        return max(0, int(self._places[place]))

    def _time(self, place: int) -> int:
        number = int(self._places[place])
        return self._store.row(number).time_last if number > 0 else self._happenings[-1 - number].ts

    def rung(self, place: int) -> Rung:
        """The rung at `place`. Raises IndexError if there is none."""
        if not 0 <= place < len(self):
            raise IndexError(f"no rung {place}; there are {len(self)}")
        number = int(self._places[place])
        rung = self._of_pdu(number) if number > 0 else self._of_happening(self._happenings[-1 - number])
        if place:
            rung.since_ns = rung.time_ns - self._time(place - 1)
        return rung

    def _of_pdu(self, number: int) -> Rung:
        view = PduView(self._views, number, self._store.row(number))
        row = view.row
        name, rest = name_and_rest(view)
        return Rung(
            what=PDU,
            lane=self._lane_of[row.connection],
            to_target=row.to_target,
            pdu=number,
            frame=row.frame_last,
            time_ns=row.time_last,
            since_ns=0,
            name=name,
            rest=rest.strip(),
            data=row.data_segment_length > 0,
            marks=[words for words, _ in marks(view)],
            findings=self._findings(number),
        )

    def _findings(self, number: int) -> list[tuple[str, str]]:
        """The worst first; a rule that is broken several times stands once."""
        found = {(verdict.severity, verdict.rule.name): None for verdict in self._store.verdicts.of_pdu(number)}
        return sorted(found, key=lambda finding: -SEVERITIES.index(finding[0]))

    def _of_happening(self, happening: Happening) -> Rung:
        name, rest = WORDS[happening.what]
        return Rung(
            what=happening.what,
            lane=self._lane_of[happening.connection],
            to_target=happening.to_target,
            pdu=0,
            frame=happening.frame,
            time_ns=happening.ts,
            since_ns=0,
            name=name,
            rest=f"{rest.format(length=size(happening.length))}, frame {happening.frame}",
        )


def ladder_of_task(facts: Facts, number: int) -> Ladder:
    """Task `number` (counted from 1): its PDUs, and the task management that concerns it. Raises IndexError if there is
    no such task."""
    task = task_row(facts.store, number)
    pdus = pdus_of_task(facts, task)
    first = facts.frame(int(pdus[0])) if len(pdus) else 0
    last = facts.frame(int(pdus[-1])) if len(pdus) and (task.answer or task.by) else _EVER
    connections = {task.connection, *(int(each) for each in facts.pdu_connection[pdus - 1])}
    title = f"task {number}, session {task.session}"
    return Ladder(facts, title, pdus, connections, _happenings(facts, connections, first, last))


def ladder_of_sessions(facts: Facts, sessions: Sequence[int], since: int = 0, among: Mask | None = None) -> Ladder:
    """Everything on the connections of these sessions. `since` leaves out what is before that PDU, `among` the PDUs
    that it does not have, and what is before and after those that it has. ValueError for a session that does not
    exist."""
    known = {int(session.number): session for session in facts.sessions}
    for session in sessions:
        if session not in known:
            raise ValueError(f"there is no session {session}")
    connections = [int(each) for number in sessions for each in known[number].connections]
    parts = [facts.of_connection(number) for number in connections if number <= len(facts.followers)]
    pdus = np.sort(np.concatenate(parts)).astype(np.int64) + 1 if parts else np.zeros(0, dtype=np.int64)
    pdus = pdus[np.searchsorted(pdus, since) :]
    first, last = facts.frame(since) if since else 0, _EVER
    if among is not None and not among[pdus - 1].all():
        pdus = pdus[among[pdus - 1]]
        first, last = (facts.frame(int(pdus[0])), facts.frame(int(pdus[-1]))) if len(pdus) else (_EVER, _EVER)
    return Ladder(facts, sessions_named(sessions), pdus, connections, _happenings(facts, connections, first, last))


def ladder_of_pdus(facts: Facts, numbers: Iterable[int], title: str) -> Ladder:
    """These PDUs and nothing else: the evidence of a finding, say. Numbers without a PDU are left out."""
    there = sorted({number for number in numbers if 0 < number <= facts.pdu_count})
    pdus = np.array(there, dtype=np.int64)
    return Ladder(facts, title, pdus, {int(each) for each in facts.pdu_connection[pdus - 1]})


def pdus_of_task(facts: Facts, task: TaskRow) -> Numbers:
    """The numbers of the PDUs of a task, in ascending order: request, data, answer, what aborted or rejected it, and
    the abort that was asked for."""
    found = {task.request, task.answer, task.by}
    if task.by:
        found.add(facts.store.row(task.by).request)
    for management in _aborts_of(facts, task):
        found |= {management.request, management.answer}
    numbers = np.array(sorted(found - {0}), dtype=np.int64)
    if not task.request:
        return numbers
    mine = np.flatnonzero(facts.pdu_request[task.request :] == task.request) + task.request + 1
    return np.union1d(numbers, mine).astype(np.int64)


def _aborts_of(facts: Facts, task: TaskRow) -> list[TaskRow]:
    """The ABORT TASK functions that name a task while it is open."""
    if not task.request or task.kind == model.KIND_TMF:
        return []
    named = (facts.task("kind") == model.KIND_TMF) & (facts.task("session") == task.session)
    named &= (facts.task("length") == task.tag) & (facts.task("operation") == model.ABORT_TASK)
    named &= facts.task("request") > task.request
    if task.answer:
        named &= facts.task("request") < task.answer
    return [task_row(facts.store, index + 1) for index in np.flatnonzero(named).tolist()]


def _lane(facts: Facts, connection: int) -> Lane:
    link = facts.connection(connection)
    return Lane(connection, int(facts.session_of[connection]), initiator_of(link), portal_of(link))


def _happenings(facts: Facts, connections: Iterable[int], first: int, last: int) -> list[Happening]:
    """What happened on these connections from frame `first` to frame `last`."""
    wanted = set(connections)
    found = [
        Happening(loss.kind, loss.connection, loss.to_target, loss.length, loss.ts, loss.frame)
        for loss in facts.store.losses
        if loss.connection in wanted
    ]
    for number in wanted:
        link = facts.connection(number)
        found += [
            Happening(event.what, number, event.to_target, event.length, event.ts, event.frame)
            for event in hurting(facts, link)
        ]
        if link.syn:
            found.append(Happening(OPENED, number, True, 0, link.first_ts, link.first_frame))
        if link.closed and link.closed_with in WORDS:
            by_initiator = link.closed_by is (link.to_target or link.first)
            found.append(Happening(link.closed_with, number, by_initiator, 0, link.closed_ts, link.closed_frame))
    return [each for each in found if first <= each.frame <= last]
