"""How long SCSI tasks took, for whom, and where the time went.

The latency of a task is the time from the first byte of its SCSI Command to the last byte of its status (in a SCSI
Response or in the last Data-In), as seen where the capture was made. Only tasks whose command and status are both in
the capture count.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from iscsi_analyzer.analysis.facts import Facts, Numbers
from iscsi_analyzer.analysis.operations import READ, SIZE_WORDS, WAYS, WRITE, Operations, lun_text
from iscsi_analyzer.analysis.phases import PHASES, Phases
from iscsi_analyzer.analysis.stats import Spread, groups, sorted_spread

MAX_GROUPS: Final = 200
"Groups of one kind that are listed, those with most tasks."
SLOWEST: Final = 10

DEFINITION: Final = "first byte of the SCSI Command to last byte of its status"


class PhaseShare(msgspec.Struct, frozen=True):
    """One phase in a group of tasks: its share of all their time, and its mean over all of them."""

    phase: str
    "A name of `phases.PHASES`."
    share: float
    "Part of the time of all tasks of the group, 0 to 1."
    mean_ns: int
    "Mean over all tasks of the group, also those without this phase."


class Group(msgspec.Struct, kw_only=True, omit_defaults=True):
    """The latency of a group of tasks. What does not describe the group is 0 or empty."""

    session: int = 0
    "Number of the session."
    lun: str = ""
    "Logical unit number."
    operation: str = ""
    "Name of the SCSI command."
    way: str = ""
    "read, write, both or no data."
    size: str = ""
    "Class of the Expected Data Transfer Length, in words."
    latency: Spread
    "In nanoseconds."
    phases: list[PhaseShare]
    "Where the time went."


class PhaseTime(msgspec.Struct, frozen=True):
    """How long one phase of one task took."""

    phase: str
    "A name of `phases.PHASES`."
    ns: int
    "Nanoseconds."


class SlowTask(msgspec.Struct, kw_only=True):
    """One of the slowest tasks."""

    task: int
    "Number of the task."
    session: int
    "Number of its session."
    connection: int
    "Number of its connection."
    lun: str
    "Logical unit number."
    operation: str
    "Name of the SCSI command."
    length: int
    "Expected Data Transfer Length."
    status: int
    "SCSI status."
    r2ts: int
    "R2Ts, at most 255."
    request_pdu: int
    "PDU of the command."
    request_frame: int
    "Frame that completed it."
    answer_pdu: int
    "PDU with the status."
    answer_frame: int
    "Frame that completed it."
    asked_ns: int
    "When the first byte of the command was captured: nanoseconds since 1970 UTC."
    latency_ns: int
    "First byte of the command to last byte of the status."
    phases: list[PhaseTime]
    "Those that took any time."

    @property
    def worst(self) -> PhaseTime:
        """The longest phase."""
        return max(self.phases, key=lambda phase: phase.ns, default=PhaseTime(PHASES[0], 0))


class Latency(msgspec.Struct, kw_only=True):
    """The latency of everything that was measured."""

    definition: str
    "What latency means here."
    measured: int
    "SCSI tasks whose command and answer are both in the capture."
    not_measured: int
    "SCSI tasks for which one of them is missing."
    backwards: int
    "Tasks whose answer has an earlier time than their command: the clock of the capture stepped back. Not counted."
    total: Group
    "All of them."
    sessions: list[Group]
    "By session."
    units: list[Group]
    "By session and logical unit."
    operations: list[Group]
    "By SCSI command."
    sizes: list[Group]
    "Reads and writes by the size of their data."
    groups_not_listed: int
    "Groups that are left out, as there were too many."
    slowest: list[SlowTask]
    "The slowest tasks."


def latency(facts: Facts, operations: Operations, phases: Phases, slowest: int = SLOWEST) -> Latency:
    """Measures all SCSI tasks."""
    index = phases.index
    values = facts.latency[index]
    order = np.argsort(values)
    worker = _Grouping(facts, operations, phases, order, values[order])
    session = facts.task("session")[index].astype(np.int64)
    unit, luns = operations.units
    way = operations.ways[index].astype(np.int64)
    by_session = worker.by(session)
    by_unit = worker.by(session << 16 | unit[index])
    by_operation = worker.by(operations.codes[index])
    by_size = worker.by(way << 8 | operations.sizes[index])
    scsi = int(np.count_nonzero(facts.wanted_scsi))
    backwards = int(np.count_nonzero(facts.wanted_scsi & (facts.latency < 0) & (facts.latency > -(1 << 62))))
    return Latency(
        definition=DEFINITION,
        measured=len(index),
        not_measured=scsi - len(index) - backwards,
        backwards=backwards,
        total=worker.all(),
        sessions=[_with(group, session=int(key)) for key, group in by_session],
        units=[_with(group, session=int(key) >> 16, lun=lun_text(luns[int(key) & 0xFFFF])) for key, group in by_unit],
        operations=[_with(group, operation=operations.names[int(key)]) for key, group in by_operation],
        sizes=[
            _with(group, way=WAYS[int(key) >> 8], size=SIZE_WORDS[int(key) & 0xFF])
            for key, group in by_size
            if int(key) >> 8 in (READ, WRITE)
        ],
        groups_not_listed=worker.not_listed,
        slowest=slow_tasks(facts, operations, phases, order[::-1][:slowest]),
    )


def slow_tasks(facts: Facts, operations: Operations, phases: Phases, places: Numbers) -> list[SlowTask]:
    """The tasks at these places of `phases.index`, with their phases."""
    found = []
    table = phases.table
    for place in places.tolist():
        index = int(phases.index[place])
        row = {name: int(facts.task(name)[index]) for name in _FIELDS}
        times = [PhaseTime(name, ns) for name, ns in zip(PHASES, table[:, place].tolist(), strict=True) if ns]
        found.append(
            SlowTask(
                task=index + 1,
                session=row["session"],
                connection=row["connection"],
                lun=lun_text(row["lun"]),
                operation=operations.name(index),
                length=row["length"],
                status=row["status"],
                r2ts=row["r2ts"],
                request_pdu=row["request"],
                request_frame=facts.frame(row["request"]),
                answer_pdu=row["answer"],
                answer_frame=facts.frame(row["answer"]),
                asked_ns=int(facts.asked[index]),
                latency_ns=int(facts.latency[index]),
                phases=times,
            )
        )
    return found


_FIELDS: Final = ("session", "connection", "lun", "length", "status", "r2ts", "request", "answer")


def _with(group: Group, **words: Any) -> Group:
    for name, value in words.items():
        setattr(group, name, value)
    return group


class _Grouping:
    """Groups the measured tasks by several keys; they are sorted by latency only once."""

    def __init__(self, facts: Facts, operations: Operations, phases: Phases, order: Numbers, in_order: Numbers) -> None:
        self._phases = phases
        self._order = order
        self._in_order = in_order
        self.not_listed = 0

    def all(self) -> Group:
        """All tasks as one group."""
        count = len(self._in_order)
        sums = self._phases.table.sum(axis=1).tolist()
        return Group(latency=sorted_spread(self._in_order), phases=_shares(sums, count))

    def by(self, keys: NDArray[Any]) -> list[tuple[int, Group]]:
        """A group for each key that occurs, in ascending order of keys."""
        count = len(keys)
        if not count:
            return []
        if keys.min() == keys.max():
            return [(int(keys[0]), self.all())]
        used, small = _small(keys)
        table = self._phases.table
        sums = np.array([np.bincount(small, weights=row, minlength=len(used)) for row in table])
        counts = np.bincount(small, minlength=len(used))
        listed = set(np.argsort(-counts, kind="stable")[:MAX_GROUPS].tolist())
        self.not_listed += len(used) - len(listed)
        found = []
        for place, values in groups(small[self._order], self._in_order):
            if int(place) in listed:
                shares = _shares(sums[:, int(place)].tolist(), len(values))
                found.append((int(used[int(place)]), Group(latency=sorted_spread(values), phases=shares)))
        return found


def _small(keys: NDArray[Any]) -> tuple[Numbers, NDArray[np.uint16]]:
    """The keys that occur, in ascending order, and for each task the place of its key among them."""
    lowest, highest = int(keys.min()), int(keys.max())
    if highest - lowest < 1 << 20:
        used = np.flatnonzero(np.bincount(keys - lowest))
        table = np.zeros(highest - lowest + 1, dtype=np.int64)
        table[used] = np.arange(len(used))
        used, small = used + lowest, table[keys - lowest]
    else:
        used, small = np.unique(keys.astype(np.int64), return_inverse=True)
    return used, np.minimum(small, 0xFFFF).astype(np.uint16)


def _shares(sums: list[float], count: int) -> list[PhaseShare]:
    total = sum(sums)
    return [
        PhaseShare(name, round(time / total, 4), int(time / count))
        for name, time in zip(PHASES, sums, strict=True)
        if time and total
    ]
