"""The tasks of both captures in the record: where their latency was spent, by operation, and the slowest ones."""

from __future__ import annotations

from typing import Final

import numpy as np

from iscsi_analyzer.analysis.stats import rank, sorted_spread
from iscsi_analyzer.compare.clocks import Clock
from iscsi_analyzer.compare.conversation import Conversation
from iscsi_analyzer.compare.losses import DATA, LOST, Missing
from iscsi_analyzer.compare.record import ComparedOperation, ComparedTask, ComparedTasks, TaskParts
from iscsi_analyzer.compare.shares import INITIATOR, NETWORK, TARGET, TRANSFER, Shares, shares
from iscsi_analyzer.compare.side import Side
from iscsi_analyzer.store.columns import Numbers

SLOWEST: Final = 20
"Tasks that are listed."
_SLOW_SHARE: Final = 20
"One of so many is slow."


def compared_tasks(
    a: Side, b: Side, talks: list[Conversation], clock: Clock | None, lost: list[list[Missing]]
) -> ComparedTasks | None:
    """None if there is nothing between the captures, or no task in both. `lost` is what is missing on the way to the
    initiator, conversation by conversation."""
    if clock is None or clock.a_first is None:
        return None
    near, far = (a, b) if clock.a_first else (b, a)
    pdus = _pdus(near, talks, a_is_near=clock.a_first)
    found = shares(near, far, pdus, _lost(far, talks, lost, a_is_far=not clock.a_first))
    if not len(found.near):
        return None
    order = np.argsort(-found.latency, kind="stable")
    slow = order[: max(1, len(order) // _SLOW_SHARE)]
    return ComparedTasks(
        count=len(order),
        latency=sorted_spread(np.sort(found.latency)),
        at_target=sorted_spread(np.sort(found.at_target)),
        network=sorted_spread(np.sort(np.maximum(found.parts[NETWORK], 0))),
        parts=_parts(found.parts.sum(axis=1)),
        slow_parts=_parts(found.parts[:, slow].sum(axis=1)),
        slow_count=len(slow),
        operations=_operations(near, found),
        slowest=[_task(near, far, found, int(place), clock.a_first) for place in order[:SLOWEST]],
    )


def _pdus(near: Side, talks: list[Conversation], *, a_is_near: bool) -> Numbers:
    """For each PDU of the near side its number at the far side; 0 if it is not there."""
    found = np.zeros(near.facts.pdu_count + 1, dtype=np.int64)
    for talk in talks:
        for each in talk.streams.values():
            ours, theirs = each.a.numbers[each.in_a], each.b.numbers[each.in_b]
            if a_is_near:
                found[ours] = theirs
            else:
                found[theirs] = ours
    return found


def _lost(far: Side, talks: list[Conversation], lost: list[list[Missing]], *, a_is_far: bool) -> Numbers:
    """For each request, by its number at the far side, how late the latest segment of its Data-In was that was lost on
    the way; 0 for most."""
    found = np.zeros(far.facts.pdu_count + 1, dtype=np.int64)
    for talk, missing in zip(talks, lost, strict=True):
        for each in missing:
            if each.fate == LOST and each.kind == DATA and each.in_a == a_is_far:
                pdus = talk.pdus_within(each.in_a, False, each.start, each.end)
                np.maximum.at(found, far.facts.pdu_request[pdus - 1], each.late_ns)
    found[0] = 0
    return found


def _operations(near: Side, found: Shares) -> list[ComparedOperation]:
    codes = near.study.operations.codes[found.near]
    names = near.study.operations.names
    records = []
    for code in np.unique(codes).tolist():
        members = np.flatnonzero(codes == code)
        latency, at_target = np.sort(found.latency[members]), np.sort(found.at_target[members])
        records.append(
            ComparedOperation(
                operation=names[code],
                count=len(members),
                latency_p50_ns=int(latency[rank(50, len(members))]),
                latency_p99_ns=int(latency[rank(99, len(members))]),
                target_p50_ns=int(at_target[rank(50, len(members))]),
                parts=_parts(found.parts[:, members].sum(axis=1)),
            )
        )
    return sorted(records, key=lambda each: -sum(values_of(each.parts)))


def values_of(parts: TaskParts) -> tuple[int, int, int, int]:
    """The parts in the order of `shares.PARTS`."""
    return parts.target, parts.network, parts.data, parts.initiator


def _task(near: Side, far: Side, found: Shares, place: int, a_is_near: bool) -> ComparedTask:
    mine, other = int(found.near[place]), int(found.far[place])
    tasks = (mine + 1, other + 1)
    requests = (int(near.facts.task("request")[mine]), int(far.facts.task("request")[other]))
    if not a_is_near:
        tasks, requests = tasks[::-1], requests[::-1]
    return ComparedTask(
        task_a=tasks[0],
        task_b=tasks[1],
        operation=near.study.operations.name(mine),
        request_a=requests[0],
        request_b=requests[1],
        latency_ns=int(found.latency[place]),
        parts=_parts(found.parts[:, place]),
    )


def _parts(values: Numbers) -> TaskParts:
    return TaskParts(
        target=int(values[TARGET]),
        network=int(values[NETWORK]),
        data=int(values[TRANSFER]),
        initiator=int(values[INITIATOR]),
    )
