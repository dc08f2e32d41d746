"""How much was asked of the target over time: I/O operations, bytes, tasks outstanding; and how often the command
window was closed, so that the initiator could send no further command.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from iscsi_analyzer.analysis.facts import Facts, Numbers
from iscsi_analyzer.store.tasks import NO_TIME

MOST_BUCKETS: Final = 100
_DATA_IN: Final = 0x25
_CARRIES_WRITES: Final = (0x01, 0x05)


class Moment(msgspec.Struct, kw_only=True):
    """A piece of time."""

    start_ns: int
    "Since the epoch."
    completed: int
    "SCSI tasks that were answered in it."
    read_bytes: int
    "Bytes of Data-In PDUs that were complete in it."
    write_bytes: int
    "Bytes of immediate data and of Data-Out PDUs."
    outstanding_max: int
    "Most SCSI tasks that were open at the same time in it."
    outstanding_mean: float
    "SCSI tasks that were open in it, on average."


class SessionLoad(msgspec.Struct, kw_only=True):
    """The SCSI tasks of one session, and its command window."""

    session: int
    "Number of the session."
    tasks: int
    "SCSI tasks."
    first_ns: int
    "First byte of its first command; 0 without any."
    last_ns: int
    "Last byte of its last status."
    read_bytes: int
    "Bytes in Data-In PDUs."
    write_bytes: int
    "Bytes of immediate data and in Data-Out PDUs."
    outstanding_max: int
    "Most SCSI tasks that were open at the same time."
    outstanding_mean: float
    "Over the time from the first command to the last status."
    closures: int
    "How often MaxCmdSN was used up by commands on their way (RFC 7143 section 4.2.2.1)."
    closed_ns: int
    "How long in all."
    longest_closure_ns: int
    "The longest of those times."
    longest_closure_at_ns: int
    "When it began; 0 if there was none."
    closed_at_end: bool
    "It was still closed when the capture, or the session, ended."


class Load(msgspec.Struct, kw_only=True):
    """The load of all sessions."""

    bucket_ns: int
    "Length of each piece of time."
    moments: list[Moment]
    "The pieces of time, from the first frame to the last."
    sessions: list[SessionLoad]
    "By session."

    def iops(self, moment: Moment) -> float:
        """Tasks per second in one piece of time."""
        return moment.completed * 1e9 / self.bucket_ns if self.bucket_ns else 0.0


def load(facts: Facts) -> Load:
    """The load from the first frame to the last."""
    scsi = np.flatnonzero(facts.wanted_scsi & (facts.asked != NO_TIME))
    begins, ends = facts.asked[scsi], facts.over[scsi]
    bucket = _bucket(facts.duration)
    return Load(
        bucket_ns=bucket,
        moments=_moments(facts, begins, ends, bucket) if facts.start >= 0 else [],
        sessions=_sessions(facts, scsi, begins, ends),
    )


def _bucket(duration: int) -> int:
    """A round length of time that divides the capture into at most MOST_BUCKETS pieces."""
    unit = 1000
    while True:
        for factor in (1, 2, 5):
            if duration < factor * unit * MOST_BUCKETS:
                return factor * unit
        unit *= 10


def _moments(facts: Facts, begins: Numbers, ends: Numbers, bucket: int) -> list[Moment]:
    count = facts.duration // bucket + 1
    edges = facts.start + bucket * np.arange(count + 1, dtype=np.int64)
    completed = _counted(facts, facts.answered[facts.measured], None, bucket, count)
    data_in = np.flatnonzero(facts.wanted_pdus & (facts.opcode == _DATA_IN))
    data_out = np.flatnonzero(facts.wanted_pdus & np.isin(facts.opcode, _CARRIES_WRITES) & (facts.data_length > 0))
    read = _counted(facts, facts.time_last[data_in], facts.data_length[data_in], bucket, count)
    written = _counted(facts, facts.time_last[data_out], facts.data_length[data_out], bucket, count)
    times, open_tasks = steps(begins, ends)
    most = _most(times, open_tasks, edges)
    mean = np.diff(area(begins, ends, edges)) / bucket
    return [
        Moment(
            start_ns=int(edges[place]),
            completed=int(completed[place]),
            read_bytes=int(read[place]),
            write_bytes=int(written[place]),
            outstanding_max=int(most[place]),
            outstanding_mean=round(float(mean[place]), 3),
        )
        for place in range(count)
    ]


def _counted(facts: Facts, times: Numbers, weights: NDArray[Any] | None, bucket: int, count: int) -> NDArray[Any]:
    places = np.clip((times - facts.start) // bucket, 0, count - 1)
    return np.bincount(places, weights=weights, minlength=count)


def steps(begins: Numbers, ends: Numbers) -> tuple[Numbers, Numbers]:
    """When the number of outstanding tasks changed, each time once, and to what."""
    times = np.concatenate((ends, begins))
    changes = np.ones(len(times), dtype=np.int64)
    changes[: len(ends)] = -1
    order = np.argsort(times, kind="stable")
    times = times[order]
    last = np.ones(len(times), dtype=np.bool_)
    last[:-1] = times[1:] != times[:-1]
    return times[last], np.cumsum(changes[order])[last]


def _most(times: Numbers, open_tasks: Numbers, edges: Numbers) -> Numbers:
    """The most that were outstanding at any time between two edges."""
    places = np.searchsorted(times, edges)
    after = np.searchsorted(times, edges, side="right")
    at_edge = np.where(after > 0, open_tasks[np.maximum(after - 1, 0)] if len(times) else 0, 0)
    most: Numbers = at_edge[:-1].copy()
    busy = np.flatnonzero(places[1:] > places[:-1])
    if len(busy):
        # reduceat takes from one place to the next; between busy pieces nothing lies.
        most[busy] = np.maximum(most[busy], np.maximum.reduceat(open_tasks, places[busy]))
    return most


def area(begins: Numbers, ends: Numbers, edges: Numbers) -> NDArray[np.float64]:
    """The time that tasks were outstanding before each edge, summed over tasks, in nanoseconds."""
    return _before(begins, edges) - _before(ends, edges)


def _before(times: Numbers, edges: Numbers) -> NDArray[np.float64]:
    times = np.sort(times, kind="stable")
    offset = int(edges[0])
    sums = np.concatenate((np.zeros(1), np.cumsum((times - offset).astype(np.float64))))
    places = np.searchsorted(times, edges)
    area: NDArray[np.float64] = places * (edges - offset).astype(np.float64) - sums[places]
    return area


def _sessions(facts: Facts, scsi: Numbers, begins: Numbers, ends: Numbers) -> list[SessionLoad]:
    session = facts.task("session")[scsi].astype(np.int64)
    found = []
    for each in facts.sessions:
        if each.number not in facts.wanted_sessions:
            continue
        mine = slice(None) if len(facts.sessions) == 1 else np.flatnonzero(session == each.number)
        first, last = begins[mine], ends[mine]
        tasks = len(first)
        span = int(last.max() - first.min()) if tasks else 0
        _, open_tasks = steps(first, last)
        columns = scsi[mine]
        found.append(
            SessionLoad(
                session=int(each.number),
                tasks=tasks,
                first_ns=int(first.min()) if tasks else 0,
                last_ns=int(last.max()) if tasks else 0,
                read_bytes=int(facts.task("data_in")[columns].sum(dtype=np.int64)),
                write_bytes=int(facts.task("data_out")[columns].sum(dtype=np.int64)),
                outstanding_max=int(open_tasks.max()) if tasks else 0,
                outstanding_mean=round(float((last - first).sum()) / span, 3) if span > 0 else 0.0,
                closures=int(each.closures),
                closed_ns=int(each.closed_ns),
                longest_closure_ns=int(each.longest_closure),
                longest_closure_at_ns=max(0, int(each.longest_closure_ts)),
                closed_at_end=each.closed_since >= 0,
            )
        )
    return found
