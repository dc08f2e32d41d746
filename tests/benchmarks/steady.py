"""A conversation in steady state, spoken by `tests.support.talk`: every period of it is like the one before, with
higher numbers.

`Steady` speaks one period at a time and can leap over many of them, so that somebody else (`replicate`) may write
those.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from random import Random
from typing import Any

from tests.support.talk import HEADER_APART, PARTS_APART, PER_PDU, STREAM, Segmentation, Session, Talk, Task
from tests.support.talk_session import BLOCK, payload

PERIOD_NS = 1_000_000
"Length of a period. Whole milliseconds, so that TCP timestamps move by the same step in every period."

SEGMENTATIONS: dict[str, tuple[Segmentation, Segmentation]] = {
    "pdu": (PER_PDU, PER_PDU),
    "stream": (STREAM, STREAM),
    "linux": (HEADER_APART, PARTS_APART),
}
"How (initiator, target) cut their streams: a segment begins with each PDU, anywhere, or as Linux and LIO do."


@dataclass(slots=True)
class Scenario:
    """What the conversation does, over and over."""

    write: bool = False
    length: int = 4096
    "Bytes of every task."
    depth: int = 32
    "Tasks open at a time on every connection."
    connections: int = 1
    "TCP connections, each a session of its own."
    period: int = 128
    "Tasks of each connection in a period."
    segmentation: str = "pdu"
    ack_every: tuple[int, int] = (2, 2)
    "Data segments that (initiator, target) receive before a bare acknowledgement; 0 for never."
    max_recv_data_segment_length: int = 65536
    max_burst_length: int = 262144
    status_in_data: bool = True
    "Whether the last Data-In carries the status (phase collapse)."
    immediate_data: bool = False
    initial_r2t: bool = True
    header_digest: bool = False
    data_digest: bool = False


class _Talker(Talk):
    """A talk whose disk repeats itself, so that equal periods carry equal data."""

    disk = 1 << 40
    "Bytes after which it repeats itself."

    def content(self, length: int, place: int) -> bytes:
        return payload(length, place % self.disk)


class Steady:
    """The conversation of a scenario."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        first = _Talker(
            segmentation=SEGMENTATIONS[scenario.segmentation],
            ack_every=scenario.ack_every,
            session=Session(queue_depth=scenario.depth),
            header_digest=scenario.header_digest,
            data_digest=scenario.data_digest,
            initiator_max_recv_data_segment_length=scenario.max_recv_data_segment_length,
            target_max_recv_data_segment_length=scenario.max_recv_data_segment_length,
            max_burst_length=scenario.max_burst_length,
            first_burst_length=min(65536, scenario.max_burst_length),
            immediate_data=scenario.immediate_data,
            initial_r2t=scenario.initial_r2t,
        )
        first.disk = scenario.period * scenario.length
        self.talks = [first]
        for number in range(1, scenario.connections):
            isid = first.session.isid[:4] + number.to_bytes(2, "big")
            session = Session(isid=isid, tsih=1 + number, queue_depth=scenario.depth)
            talk = first.beside(session=session)
            talk.disk = first.disk
            self.talks.append(talk)
        self.wire = first.wire
        self.open: list[deque[Task]] = [deque() for _ in self.talks]
        self.next_lba = [0] * len(self.talks)
        self.pauses = [0] * scenario.period

    def begin(self) -> None:
        """Log in, fill the queues, and speak two periods: one to learn how many frames it has, one to settle."""
        for talk in self.talks:
            talk.open()
        for index in range(len(self.talks)):
            for _ in range(self.scenario.depth):
                self._command(index)
        self._align()
        frames = len(self.wire.frames)
        self.period()
        frames = len(self.wire.frames) - frames
        # Half of a period goes by in equal steps, half in pauses of uneven length before each round of tasks.
        self.wire.gap = PERIOD_NS // 2 // frames
        random = Random(frames)
        weights = [random.expovariate(1) for _ in self.pauses]
        self.pauses = [int(PERIOD_NS * 0.49 * weight / sum(weights)) for weight in weights]
        self._align()
        # What is echoed from the period before moves by the same step from now on.
        self.period()

    def period(self) -> tuple[int, int, int, int]:
        """Speak one period; returns (first frame, end of frames, first PDU, end of PDUs)."""
        frame, pdu = len(self.wire.frames), len(self.wire.pdus)
        for pause in self.pauses:
            self.wire.now += pause
            for index, talk in enumerate(self.talks):
                self._finish(talk, self.open[index].popleft())
                self._command(index)
        for talk in self.talks:
            talk.flush()
        self._align()
        return frame, len(self.wire.frames), pdu, len(self.wire.pdus)

    def end(self) -> None:
        """Answer what is open and log out."""
        for talk, tasks in zip(self.talks, self.open, strict=True):
            while tasks:
                self._finish(talk, tasks.popleft())
        for talk in self.talks:
            talk.close()

    def _command(self, index: int) -> None:
        talk, scenario = self.talks[index], self.scenario
        lba = self.next_lba[index]
        self.next_lba[index] += scenario.length // BLOCK
        if scenario.write:
            task = talk.start_write(scenario.length, lba=lba)
        else:
            task = talk.command(read=scenario.length, lba=lba)
        self.open[index].append(task)

    def _finish(self, talk: Talk, task: Task) -> None:
        if not self.scenario.write:
            talk.serve(task, phase=self.scenario.status_in_data)
            return
        while task.written < task.length:
            talk.solicit(task)
        talk.response(task)

    def _align(self) -> None:
        """Go on to the next whole millisecond."""
        self.wire.now += -self.wire.now % PERIOD_NS

    # Leaping

    def state(self) -> list[int]:
        """Every number that grows from period to period, in a fixed order."""
        return [getattr(thing, name) for thing, name, _ in self._numbers()] + self.next_lba

    def leap(self, before: list[int], periods: int) -> None:
        """Go on as if `periods` more periods had been spoken; `before` is the state one period ago."""
        numbers = list(self._numbers())
        for (thing, name, bits), was in zip(numbers, before, strict=False):
            now = getattr(thing, name)
            value = now + (now - was) * periods
            setattr(thing, name, value & (1 << bits) - 1 if bits else value)
        for index, was in enumerate(before[len(numbers) :]):
            self.next_lba[index] += (self.next_lba[index] - was) * periods

    def _numbers(self) -> list[tuple[Any, str, int]]:
        """(object, attribute, bits at which it wraps or 0)."""
        found: list[tuple[Any, str, int]] = [(self.wire, "now", 0)]
        for talk, tasks in zip(self.talks, self.open, strict=True):
            for side in (talk.initiator, talk.target):
                found += [(side, name, 32) for name in ("seq", "received", "acked", "timestamp")]
                found += [(side, "ip_id", 16), (side, "sent", 0)]
            found += [(talk.session, name, 32) for name in ("cmd_sn", "exp_cmd_sn", "next_tag", "next_target_tag")]
            found += [(talk, "stat_sn", 32), (talk, "exp_stat_sn", 32)]
            for task in tasks:
                found += [(task, "tag", 32), (task, "cmd_sn", 32), (task, "lba", 32)]
        return found
