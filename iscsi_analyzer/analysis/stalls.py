"""Where traffic stood still although something was asked: silences of connections with tasks outstanding."""

from __future__ import annotations

from typing import Final

import numpy as np

from iscsi_analyzer.analysis.facts import Facts, Numbers
from iscsi_analyzer.store.tasks import NO_TIME

STALL_NS: Final = 100_000_000
"A silence of this length with a task outstanding is a stall: disks take milliseconds, and delayed ACKs 40."


def stalls(facts: Facts, least_ns: int = STALL_NS) -> Numbers:
    """The numbers of the PDUs that ended a stall, in ascending order: on their connection nothing came for `least_ns`
    before them, while a task was open there."""
    found: list[Numbers] = []
    for number in range(1, len(facts.followers) + 1):
        pdus = facts.of_connection(number)
        last = facts.time_last[pdus[:-1]]
        silent = np.flatnonzero(facts.time_first[pdus[1:]] - last >= least_ns)
        if not len(silent):
            continue
        tasks = facts.tasks_of(number)
        tasks = tasks[facts.asked[tasks] != NO_TIME]
        begun = np.sort(facts.asked_last[tasks])
        done = np.sort(facts.over[tasks])
        since = last[silent]
        outstanding = np.searchsorted(begun, since, "right") - np.searchsorted(done, since, "right")
        found.append(pdus[silent[outstanding > 0] + 1] + 1)
    return np.sort(np.concatenate(found)) if found else np.zeros(0, dtype=np.int64)
