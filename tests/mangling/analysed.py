"""An analysis of frames that a test made, and what it found in words that do not depend on frames and their order.

Frames lie in one buffer with rubbish between them, as they do in a chunk of a capture file, so reading beyond a frame
is noticed. `Seen` is a PDU as the store tells it, `Told` a task; PDUs are named by connection, direction and place in
it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from iscsi_analyzer.engine import Engine
from iscsi_analyzer.model.task import KINDS, OUTCOMES, TASK_SIZE
from iscsi_analyzer.options import Options
from iscsi_analyzer.plain import new_engine
from iscsi_analyzer.store import rows
from iscsi_analyzer.store.store import Row, Store
from tests.support.talk import Talk
from tests.support.talk_capture import Frame
from tests.support.talk_pdu import I2T, T2I, Pdu

BETWEEN = b"\xa5\x5a\x03\x25\xff\x00\x23\x43\x00\x00\x00\x01\x40\x05\x20\x21"
"Rubbish between two frames."
DAMAGED = rows.FLAG_CUT | rows.FLAG_UNFINISHED

Name = tuple[int, str, int]
"Of a PDU: line of the talk (from 0), direction, place in it (from 0)."


class Seen(NamedTuple):
    """One PDU as the store tells it."""

    number: int
    row: Row
    direction: str
    raw: bytes

    @property
    def damaged(self) -> bool:
        """Bytes are missing from it, as its row says."""
        return bool(self.row.flags & DAMAGED)

    @property
    def odd(self) -> bool:
        return bool(self.row.flags & rows.FLAG_ODD)


class Told(NamedTuple):
    """A task of the index of tasks."""

    kind: str
    outcome: str
    request: int
    answer: int
    by: int
    connection: int
    session: int
    tag: int
    length: int
    lun: int
    data_in: int
    data_out: int
    residual: int
    pdus: int
    status: int
    response: int
    operation: int
    flags: int
    residual_flags: int
    r2ts: int
    first_r2t: int
    last_r2t: int
    first_data_out: int
    last_data_out: int
    first_data_in: int
    last_data_in: int


class Analysed:
    """Frames went through an engine."""

    def __init__(
        self, frames: Iterable[Frame], options: Options | None = None, *, finish: bool = True, between: bytes = BETWEEN
    ) -> None:
        self.frames = list(frames)
        self.engine = new_engine(options or Options())
        places: list[int] = []
        parts: list[bytes] = []
        at = 0
        for frame in self.frames:
            parts += [between, frame.data]
            places.append(at + len(between))
            at += len(between) + len(frame.data)
        self.buffer = b"".join([*parts, between])
        self.engine.listener.read_span = self.read_span
        for frame, place in zip(self.frames, places, strict=True):
            self.engine.frame(
                self.buffer, place, len(frame.data), frame.orig_len, frame.ts_ns, frame.linktype, place, 0
            )
        if finish:
            self.engine.finish()
        self.store = Store(self.engine, self.read_span)

    def read_span(self, position: int, length: int) -> bytes:
        return self.buffer[position : position + length]

    @property
    def seen(self) -> list[Seen]:
        """Every PDU, in the order of the index."""
        return [
            Seen(number, row, I2T if row.to_target else T2I, self.store.raw(row))
            for number, row in enumerate(self.store.rows(), 1)
        ]

    @property
    def tasks(self) -> list[Told]:
        """Every task that is over, in the order of their end."""
        return tasks_of(self.engine)

    def lines(self, talk: Talk) -> list[int]:
        """For each connection of the analysis (in its order) the number of the talk's line that it is, or -1."""
        waiting = list(talk.wire.lines)
        found = []
        for connection in self.store.connections:
            sender = connection.to_target
            assert sender is not None
            ends = sender.source, sender.destination
            line = next((line for line in waiting if _ends(line) == ends), None)
            found.append(-1 if line is None else line.number)
            if line is not None:
                waiting.remove(line)
        return found

    def by_stream(self, talk: Talk) -> dict[tuple[int, str], list[Seen]]:
        """The PDUs of each direction of each line."""
        lines = self.lines(talk)
        found: dict[tuple[int, str], list[Seen]] = {}
        for seen in self.seen:
            found.setdefault((lines[seen.row.connection - 1], seen.direction), []).append(seen)
        return found

    def names(self, talk: Talk) -> dict[int, Name]:
        """What each PDU is called, by its number; 0 is called (-1, "", -1)."""
        names: dict[int, Name] = {0: (-1, "", -1)}
        for (line, direction), found in self.by_stream(talk).items():
            names.update({seen.number: (line, direction, place) for place, seen in enumerate(found)})
        return names

    def named_tasks(self, talk: Talk) -> list[tuple[object, ...]]:
        """The tasks with names instead of numbers of PDUs and connections, sorted."""
        names, lines = self.names(talk), self.lines(talk)
        numbers = {"request", "answer", "by"} | {
            f"{edge}_{what}" for edge in ("first", "last") for what in ("r2t", "data_out", "data_in")
        }
        out: list[tuple[object, ...]] = []
        for task in self.tasks:
            values = dict(task._asdict())
            values.update({field: names[values[field]] for field in numbers})
            values["connection"] = lines[task.connection - 1]
            out.append(tuple(values.values()))
        return sorted(out, key=repr)


def _ends(line: object) -> tuple[bytes, bytes]:
    sides = line.initiator, line.target  # type: ignore[attr-defined]
    first, second = (side.address + side.port.to_bytes(2, "big") for side in sides)
    return first, second


def truth_by_stream(talk: Talk) -> dict[tuple[int, str], list[Pdu]]:
    """The PDUs of each direction of each line as they were said."""
    said: dict[tuple[int, str], list[Pdu]] = {}
    for pdu in talk.pdus:
        said.setdefault((pdu.connection, pdu.direction), []).append(pdu)
    return said


def tasks_of(engine: Engine) -> list[Told]:
    """The rows of an engine's index of tasks, read by their documented layout."""
    writer = engine.listener.sessions.tasks
    data = b"".join([*writer.blocks, writer.tail()])
    assert len(data) == writer.count * TASK_SIZE
    return [_told(data[at : at + TASK_SIZE]) for at in range(0, len(data), TASK_SIZE)]


def _told(row: bytes) -> Told:
    def number(at: int, size: int = 4) -> int:
        return int.from_bytes(row[at : at + size], "little")

    return Told(
        kind=KINDS[row[72]],
        outcome=OUTCOMES[row[73]],
        request=number(0),
        answer=number(4),
        by=number(80),
        connection=number(32),
        session=number(36),
        tag=number(40),
        length=number(44),
        lun=number(48, 8),
        data_in=number(56),
        data_out=number(60),
        residual=number(64),
        pdus=number(68),
        status=row[74],
        response=row[75],
        operation=row[76],
        flags=row[77],
        residual_flags=row[78],
        r2ts=row[79],
        first_r2t=number(8),
        last_r2t=number(12),
        first_data_out=number(16),
        last_data_out=number(20),
        first_data_in=number(24),
        last_data_in=number(28),
    )
