"""How much of the latency of tasks is spent at the target, and how much on the way to it: network or array?

The same task has a latency at either place. What it takes longer at the initiator's side was spent between the two;
that needs no common clock. What each side was waiting for meanwhile tells the rest: the parts of a task add up to its
latency at the initiator's side.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from iscsi_analyzer.analysis.phases import COMMAND, DATA_IN, DATA_OUT, FIRST_DATA, FIRST_R2T, NEXT_R2T, STATUS
from iscsi_analyzer.compare.side import Side
from iscsi_analyzer.store.columns import Numbers

TARGET, NETWORK, TRANSFER, INITIATOR = range(4)
PARTS: Final = ("target", "network", "data", "initiator")
"""target: command there -> first data, R2T or status, and between data and status; network: between the two captures,
both ways, and what losses there cost; data: Data-In under way at the target's side; initiator: sending the command and
what R2Ts ask for."""


class Shares(NamedTuple):
    """Tasks that both captures have from request to answer."""

    near: Numbers
    "Tasks by index, in the capture that is nearer to the initiator ..."
    far: Numbers
    "... and in the other one."
    latency: Numbers
    "At the initiator's side, ns."
    at_target: Numbers
    "At the target's side, ns."
    parts: Numbers
    "Nanoseconds, a row for each of PARTS."


def shares(near: Side, far: Side, far_pdu: Numbers, lost: Numbers) -> Shares:
    """`far_pdu` has for each PDU number of the near side the number at the far side, 0 where it is not there. `lost`
    has for each request, by its number at the far side, how long segments of its Data-In were late as they were lost
    on the way (ns): TCP holds back what follows them, so that part of the time of the data is the network's."""
    index, other = _pairs(near, far, far_pdu)
    ours, theirs = near.study.phases, far.study.phases
    mine, others = ours.table[:, _places(ours.index, index)], theirs.table[:, _places(theirs.index, other)]
    latency, at_target = near.facts.latency[index], far.facts.latency[other]
    parts = np.zeros((len(PARTS), len(index)), dtype=np.int64)
    parts[INITIATOR] = np.minimum(mine[DATA_OUT], others[DATA_OUT]) + np.minimum(mine[COMMAND], others[COMMAND])
    parts[TARGET] = others[FIRST_R2T] + others[NEXT_R2T] + others[FIRST_DATA] + others[STATUS]
    parts[TRANSFER] = others[DATA_IN]
    parts[TRANSFER] -= np.minimum(parts[TRANSFER], lost[far.facts.task("request")[other]])
    parts[NETWORK] = latency - parts[INITIATOR] - parts[TARGET] - parts[TRANSFER]
    return Shares(index, other, latency, at_target, parts)


def _pairs(near: Side, far: Side, far_pdu: Numbers) -> tuple[Numbers, Numbers]:
    """The measured tasks of both whose request and answer are the same PDUs."""
    index = near.facts.measured
    task_of = np.full(far.facts.pdu_count + 1, -1, dtype=np.int64)
    measured = far.facts.measured
    task_of[far.facts.task("request")[measured]] = measured
    other = task_of[far_pdu[near.facts.task("request")[index]]]
    good = other >= 0
    good[good] = far.facts.task("answer")[other[good]] == far_pdu[near.facts.task("answer")[index[good]]]
    return index[good], other[good]


def _places(known: Numbers, wanted: Numbers) -> Numbers:
    """Where the wanted ones stand among those that are known, which ascend."""
    return np.searchsorted(known, wanted)
