"""How well TCP served each connection: losses, reordering, closed windows, round trips; and which tasks were under way
when something went wrong, with their latency beside that of comparable tasks.

All of it as seen where the capture was made. A segment that the capture has twice, or lacks, is the capture's own doing
and kept apart.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import msgspec
import numpy as np

from dissectors.iscsi.layout import BHS_LENGTH
from iscsi_analyzer.analysis.addresses import initiator_half, initiator_of, portal_of, target_half
from iscsi_analyzer.analysis.facts import INITIATOR, TARGET, Facts, Flags, Numbers
from iscsi_analyzer.analysis.operations import Operations
from iscsi_analyzer.analysis.stats import rank
from iscsi_analyzer.listener import TcpEvent
from iscsi_analyzer.model import task as model
from iscsi_analyzer.streams.connection import Connection
from iscsi_analyzer.streams.tcp import Half

EXAMPLES: Final = 10
HURTING: Final = ("loss", "retransmission", "out of order", "zero window", "conflict")
"Events that may delay tasks."
DELAYED_ACK: Final = ((36_000_000, 46_000_000, "40 ms"), (190_000_000, 215_000_000, "200 ms"))
"What hosts wait before they acknowledge a lone segment: Linux 40 ms, others 200 ms (RFC 9293 allows 500 ms)."
ENOUGH: Final = 3
QUIET: Final = 8
"Frames during a wait, at most."
CLUSTER: Final = 4
"So many times as many in the window as in windows of the same width beside it make a pattern."
_ETHERNET_HEADERS: Final = 40


class RoundTrips(msgspec.Struct, kw_only=True):
    """From a segment to its acknowledgement, in nanoseconds, 0 if unknown; p50 and p99 are upper bounds (powers of
    two)."""

    count: int
    "How many were measured."
    min: int
    "The shortest."
    mean: int
    "Their mean."
    p50_at_most: int
    "Half of them are not longer; known to a factor of two."
    p99_at_most: int
    "99 of 100 are not longer; known to a factor of two."
    max: int
    "The longest."


class Side(msgspec.Struct, kw_only=True):
    """What one side of a connection sent."""

    by: str
    "`initiator` or `target`."
    address: str
    "Its address and port."
    frames: int
    "Frames of it."
    segments: int
    "With data."
    bytes: int
    "Of TCP payload that was captured, without what came again."
    lost: int
    "Segments that were sent again because they were lost before they came to where the capture was made."
    retransmitted: int
    "Segments that had been captured before: lost behind the capture, or sent again without need."
    out_of_order: int
    "Segments that overtook others, or came while others were missing."
    reordered: int
    "Holes that were filled by a segment which had only been overtaken."
    longest_hole_ns: int
    "How long the longest of them was open."
    duplicates_by_capture: int
    "Segments that the capture has twice."
    conflicts: int
    "Segments that came again with other content."
    gaps: int
    "Places where bytes of it are missing from the capture."
    gap_bytes: int
    "Acknowledged by the other side, so they arrived; the capture lacks them."
    cut_bytes: int
    "Cut off by the snap length."
    zero_windows: int
    "How often this side said that it has no room left."
    zero_window_ns: int
    "How long in all."
    zero_window_probes: int
    "By this side, against the window of the other."
    keep_alives: int
    "Segments that only ask whether the other side is there."
    mss: int
    "What this side said it accepts; -1 if its SYN was not seen."
    largest_segment: int
    "Most bytes in one segment."
    round_trips: RoundTrips
    "From its segments to the acknowledgements of the other side."


class Hurt(msgspec.Struct, kw_only=True):
    """Tasks that were under way when something happened, beside comparable ones (same operation and size) that were
    not."""

    event: str
    "One of HURTING."
    by: str
    "The sender of the segments."
    events: int
    "How many such events there were."
    tasks: int
    "How many tasks met one."
    p50_ns: int
    "Median latency of these tasks."
    others: int
    "Comparable tasks that met nothing."
    others_p50_ns: int
    "Their median latency."
    max_ns: int
    "The latency of the slowest that met one."
    examples: list[int]
    "The slowest of these tasks."
    frames: list[int]
    "Of the first events."


class DelayedAck(msgspec.Struct, kw_only=True):
    """Waits that look like a delayed acknowledgement: many of just that length, few a little shorter or longer."""

    by: str
    "Who sends the PDUs whose bytes wait, or `initiator` for commands whose answer waits."
    what: str
    "`PDUs` or `tasks`."
    wait: str
    "How long, in words."
    count: int
    "How many waited so long."
    of: int
    "Of how many."
    examples: list[int]
    "Numbers of the first of them."


class Health(msgspec.Struct, kw_only=True):
    """One connection."""

    connection: int
    "Number of the connection."
    session: int
    "Number of its session."
    initiator: str
    "Address and port of the initiator."
    portal: str
    "Address and port of the target."
    handshake_ns: int
    "From the first SYN to the SYN of the target; -1 if unknown."
    syn_again: int
    "SYNs of the initiator beyond the first."
    sides: list[Side]
    "The initiator's first."
    hurt: list[Hurt]
    "Tasks that were under way when something happened."
    delayed_acks: list[DelayedAck]
    "Waits for delayed acknowledgements."
    mtu_hint: str
    "What segment sizes and retransmissions tell about the path's MTU; mostly empty."

    @property
    def clean(self) -> bool:
        """Nothing happened that can delay a task."""
        return not any(
            side.lost or side.retransmitted or side.reordered or side.zero_windows or side.conflicts
            for side in self.sides
        )


def tcp_health(facts: Facts, operations: Operations) -> list[Health]:
    """The health of every iSCSI connection, in order."""
    return [_health(facts, operations, connection) for connection in facts.store.connections]


def _health(facts: Facts, operations: Operations, connection: Connection) -> Health:
    number = int(connection.number)
    sender, answerer = initiator_half(connection), target_half(connection)
    events = _Events(facts, connection)
    handshake = answerer.syn_ts - sender.syn_ts if sender.syn_ts >= 0 and answerer.syn_ts >= 0 else -1
    return Health(
        connection=number,
        session=int(facts.session_of[number]),
        initiator=initiator_of(connection),
        portal=portal_of(connection),
        handshake_ns=handshake,
        syn_again=max(0, sender.syns - 1),
        sides=[_side(sender, INITIATOR, initiator_of(connection)), _side(answerer, TARGET, portal_of(connection))],
        hurt=_hurt(facts, operations, connection, events),
        delayed_acks=_delayed_acks(facts, number, events.every),
        mtu_hint=_mtu_hint(facts, connection),
    )


def _side(half: Half, by: str, address: str) -> Side:
    return Side(
        by=by,
        address=address,
        frames=half.frames,
        segments=half.segments,
        bytes=half.data_bytes,
        lost=half.losses,
        retransmitted=half.retransmitted,
        out_of_order=half.out_of_order,
        reordered=half.holes - half.losses,
        longest_hole_ns=half.longest_hole,
        duplicates_by_capture=half.duplicates,
        conflicts=half.conflicts,
        gaps=half.gaps,
        gap_bytes=half.gap_bytes,
        cut_bytes=half.snaplen_bytes,
        zero_windows=half.zero_windows,
        zero_window_ns=half.zero_ns,
        zero_window_probes=half.zero_window_probes,
        keep_alives=half.keep_alives,
        mss=half.mss,
        largest_segment=half.largest,
        round_trips=_round_trips(half),
    )


def _round_trips(half: Half) -> RoundTrips:
    count = half.rtt_count
    return RoundTrips(
        count=count,
        min=max(0, half.rtt_min),
        mean=half.rtt_sum // count if count else 0,
        p50_at_most=_at_most(half, 50),
        p99_at_most=_at_most(half, 99),
        max=half.rtt_max,
    )


def _at_most(half: Half, share: int) -> int:
    """An upper bound of a percentile of the round trips."""
    if not half.rtt_count:
        return 0
    wanted = rank(share, half.rtt_count) + 1
    seen = 0
    for bits, count in enumerate(half.rtt_buckets):
        seen += count
        if seen >= wanted:
            return min(half.rtt_max, (1 << bits) - 1)
    return half.rtt_max


def hurting(facts: Facts, link: Connection) -> Iterator[TcpEvent]:
    """What may delay tasks, one by one as far as it was listed. Without segments that overtook nothing, but followed
    something that was lost, by the network or the capture."""
    for event in facts.tcp_events(int(link.number)):
        half = initiator_half(link) if event.to_target else target_half(link)
        if event.what in HURTING and not (event.what == "out of order" and half.holes == half.losses):
            yield event


class _Events:
    """What happened on one connection, by kind and sender (True: the initiator)."""

    def __init__(self, facts: Facts, link: Connection) -> None:
        self.times: dict[tuple[str, bool], list[int]] = {}
        self.frames: dict[tuple[str, bool], list[int]] = {}
        for event in hurting(facts, link):
            key = (event.what, event.to_target)
            self.times.setdefault(key, []).append(event.ts)
            self.frames.setdefault(key, []).append(event.frame)
        self.every = np.sort(np.array([ts for each in self.times.values() for ts in each], dtype=np.int64))


def _hurt(facts: Facts, operations: Operations, link: Connection, events: _Events) -> list[Hurt]:
    """For each kind of event and each sender the tasks that were under way."""
    if not events.times:
        return []
    index = _measured(facts, int(link.number))
    kind = operations.codes[index].astype(np.int64) << 8 | operations.sizes[index]
    untouched = _during(facts.asked[index], facts.answered[index], events.every) == 0
    found = []
    for key in sorted(events.times, key=lambda each: (HURTING.index(each[0]), not each[1])):
        times = np.sort(np.array(events.times[key], dtype=np.int64))
        hit = _during(facts.asked[index], facts.answered[index], times) > 0
        if np.any(hit):
            others = untouched & np.isin(kind, kind[hit])
            found.append(_compare(facts, index, hit, others, key, events.frames[key]))
    return found


def _measured(facts: Facts, connection: int) -> Numbers:
    """The tasks of a connection whose latency is known."""
    tasks = facts.tasks_of(connection)
    return tasks[facts.is_measured[tasks]]


def _during(begins: Numbers, ends: Numbers, times: Numbers) -> Numbers:
    """How many of these points in time, in ascending order, lie between each beginning and end."""
    return np.searchsorted(times, ends, side="right") - np.searchsorted(times, begins, side="left")


def _compare(
    facts: Facts,
    index: Numbers,
    hit: Flags,
    others: Flags,
    key: tuple[str, bool],
    frames: list[int],
) -> Hurt:
    latency = facts.latency[index]
    mine, rest = latency[hit], latency[others]
    worst = index[hit][np.argsort(-mine)[:EXAMPLES]]
    return Hurt(
        event=key[0],
        by=INITIATOR if key[1] else TARGET,
        events=len(frames),
        tasks=len(mine),
        p50_ns=int(np.median(mine)) if len(mine) else 0,
        others=len(rest),
        others_p50_ns=int(np.median(rest)) if len(rest) else 0,
        max_ns=int(mine.max()) if len(mine) else 0,
        examples=(worst + 1).tolist(),
        frames=frames[:EXAMPLES],
    )


def _delayed_acks(facts: Facts, connection: int, events: Numbers) -> list[DelayedAck]:
    """Waits of that length during which hardly any frame was captured, else there was work going on, and no event:
    a retransmission timeout may last as long."""
    pdus = facts.of_connection(connection)
    spans = facts.time_last[pdus] - facts.time_first[pdus]
    quiet = facts.frame_last[pdus] - facts.frame_first[pdus] <= QUIET
    quiet &= _during(facts.time_first[pdus], facts.time_last[pdus], events) == 0
    to_target = facts.pdu_flags[pdus] & 1 == 1
    tasks = _measured(facts, connection)
    answers, requests = facts.task("answer")[tasks] - 1, facts.task("request")[tasks] - 1
    calm = facts.frame_first[answers] - facts.frame_last[requests] <= QUIET
    calm &= _during(facts.asked[tasks], facts.answered[tasks], events) == 0
    found = []
    for numbers, values, mine, by, what in (
        (pdus, spans, quiet & to_target, INITIATOR, "PDUs"),
        (pdus, spans, quiet & ~to_target, TARGET, "PDUs"),
        (tasks, facts.latency[tasks], calm, INITIATOR, "tasks"),
    ):
        for low, high, wait in DELAYED_ACK:
            width = high - low
            inside = np.flatnonzero((values >= low) & (values < high) & mine)
            if len(inside) < ENOUGH:
                continue
            beside = np.count_nonzero((values >= low - width) & (values < high + width) & mine) - len(inside)
            if len(inside) * 2 >= CLUSTER * beside:
                examples = (numbers[inside[:EXAMPLES]] + 1).tolist()
                total = int(np.count_nonzero(mine))
                found.append(DelayedAck(by=by, what=what, wait=wait, count=len(inside), of=total, examples=examples))
    return found


def _mtu_hint(facts: Facts, connection: Connection) -> str:
    """A path that swallows large packets lets small ones through: only segments of full size are sent again, and none
    ever arrived, as far as can be told: no task moved as much as one holds that was followed by another request."""
    tasks = facts.tasks_of(int(connection.number))
    asked = facts.asked[tasks]
    done = tasks[(facts.task("outcome")[tasks] == model.ANSWERED) & (facts.over[tasks] < asked.max(initial=0))]
    for half, by in ((initiator_half(connection), INITIATOR), (target_half(connection), TARGET)):
        moved = facts.task("data_out" if by == INITIATOR else "data_in")[done]
        if int(moved.max(initial=0)) + BHS_LENGTH >= half.largest:
            continue
        again = [
            event.length
            for event in facts.tcp_events(int(connection.number))
            if event.what == "retransmission" and event.to_target == (by == INITIATOR)
        ]
        full = [length for length in again if length >= half.largest - 12]
        stuck = half.next_seq >= 0 and half.acked >= 0 and (half.next_seq - half.acked) & 0xFFFFFFFF >= half.largest
        if len(again) >= ENOUGH and len(full) == len(again) and stuck and half.largest > 1000:
            return (
                f"segments of {half.largest} bytes from the {by} were sent again {len(again)} times and the last of "
                f"them never acknowledged, smaller ones got through: a link on the path may not carry packets of "
                f"{half.largest + _ETHERNET_HEADERS} bytes"
            )
    return ""
