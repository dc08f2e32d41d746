"""Where the time of SCSI tasks went. The phases of a task follow each other without gaps and add up to its latency.

    command      first byte of the SCSI Command -> its last byte, with immediate data
    first R2T    -> last byte of the first R2T (unsolicited Data-Out may run meanwhile)
    Data-Out     each R2T -> last byte of the Data-Out that it asked for; without any R2T: unsolicited Data-Out
    next R2T     the rest of the time between the first R2T and the last Data-Out: waiting for further R2Ts
    first data   -> first byte of the first Data-In
    Data-In      -> last byte of the last Data-In
    status       last byte of the data (or of the command, if no data moved) -> last byte of the status

As seen where the capture was made: half a round trip is counted to the other side's phases.
"""

from __future__ import annotations

from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from iscsi_analyzer.analysis.facts import INITIATOR, TARGET, Facts, Numbers
from iscsi_analyzer.store.rows import HEADER_AT
from iscsi_analyzer.store.tasks import NO_TIME

PHASES: Final = ("command", "first R2T", "Data-Out", "next R2T", "first data", "Data-In", "status")
COMMAND, FIRST_R2T, DATA_OUT, NEXT_R2T, FIRST_DATA, DATA_IN, STATUS = range(len(PHASES))
WAITS_FOR: Final = (INITIATOR, TARGET, INITIATOR, TARGET, TARGET, "transfer", TARGET)
"Who (or what) has the next move in each phase."
WORDS: Final = (
    "sending the command",
    "waiting for the first R2T",
    "sending the data that an R2T asked for",
    "waiting for further R2Ts",
    "waiting for the first data",
    "receiving the data",
    "waiting for the status",
)

_R2T: Final = 0x31
_DATA_OUT: Final = 0x05


class Phases:
    """The phases of all measured tasks of one store; `index` says which tasks they are."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self.index = facts.measured

    def _time(self, name: str, last: bool = True) -> Numbers:
        """NO_TIME where the task had none of it."""
        return self._facts.of_task(name, last=last)[self.index]

    @cached_property
    def table(self) -> Numbers:
        """Nanoseconds, one row for each of PHASES, one column for each task of `index`; 0 for a phase that a task did
        not have."""
        facts = self._facts
        index = self.index
        found = np.zeros((len(PHASES), len(index)), dtype=np.int64)
        begin, end = facts.asked[index], facts.answered[index]
        command = np.clip(facts.asked_last[index], begin, end)
        found[COMMAND] = command - begin
        at = command
        if np.any(facts.task("first_r2t")) or np.any(facts.task("first_data_out")):
            at = self._writes(found, at, end)
        if np.any(facts.task("first_data_in")):
            first = self._time("first_data_in", last=False)
            has = first != NO_TIME
            first = np.where(has, np.clip(first, at, end), at)
            found[FIRST_DATA] = first - at
            at = np.where(has, np.clip(self._time("last_data_in"), first, end), first)
            found[DATA_IN] = at - first
        found[STATUS] = end - at
        return found

    def _writes(self, found: Numbers, at: Numbers, end: Numbers) -> Numbers:
        """The phases of tasks with R2Ts or Data-Out; returns when they end."""
        r2t, out = self._time("first_r2t"), self._time("last_data_out")
        asked = r2t != NO_TIME
        r2t = np.where(asked, np.clip(r2t, at, end), at)
        found[FIRST_R2T] = r2t - at
        last = np.where(out != NO_TIME, np.clip(out, r2t, end), r2t)
        span = last - r2t
        sending = np.where(asked, np.minimum(self.bursts[self.index], span), span)
        found[DATA_OUT] = sending
        found[NEXT_R2T] = span - sending
        return last

    @cached_property
    def bursts(self) -> Numbers:
        """For every task of the store the time from each R2T to the last Data-Out that answered it, summed."""
        facts = self._facts
        total = np.zeros(facts.task_count, dtype=np.int64)
        r2t, last = self._answered_r2ts()
        if len(r2t):
            spans = np.maximum(facts.time_last[last] - facts.time_last[r2t], 0)
            owner = np.zeros(facts.pdu_count + 1, dtype=np.int64)
            owner[facts.task("request")] = np.arange(facts.task_count)
            np.add.at(total, owner[facts.pdu_request[r2t]], spans)
        return total

    def _answered_r2ts(self) -> tuple[Numbers, Numbers]:
        """The R2Ts that were answered, and the last Data-Out for each, as indexes of PDUs."""
        facts = self._facts
        r2ts = np.flatnonzero((facts.opcode == _R2T) & (facts.pdu_request > 0))
        outs = np.flatnonzero((facts.opcode == _DATA_OUT) & (facts.pdu_request > 0))
        if not len(r2ts) or not len(outs):
            return r2ts[:0], outs[:0]
        # One number for each pair of request and target transfer tag. A target may use a tag again within a task:
        # data belong to the latest R2T before them.
        both = np.concatenate((self._pairs(r2ts), self._pairs(outs)))
        _, pair = np.unique(both, return_inverse=True)
        order = np.argsort(pair[: len(r2ts)] << 32 | r2ts)
        ordered = (pair[: len(r2ts)] << 32 | r2ts)[order]
        places = np.searchsorted(ordered, pair[len(r2ts) :] << 32 | outs) - 1
        good = places >= 0
        good[good] = (ordered[places[good]] >> 32) == pair[len(r2ts) :][good]
        last = np.full(len(r2ts), -1, dtype=np.int64)
        np.maximum.at(last, order[places[good]], outs[good])
        answered = last >= 0
        return r2ts[answered], last[answered]

    def _pairs(self, pdus: Numbers) -> NDArray[np.uint64]:
        tags = self._facts.pdus.gather(HEADER_AT + 20, ">u4", pdus).astype(np.uint64)
        return self._facts.pdu_request[pdus].astype(np.uint64) << np.uint64(32) | tags
