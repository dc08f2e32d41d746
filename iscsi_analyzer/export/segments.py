"""The captured segments that hold the bytes of certain PDUs, told by where these lie in the capture.

Bytes that came twice count where they were taken from: a retransmission of what was there already holds none.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Sequence

import numpy as np

from iscsi_analyzer.analysis.facts import Facts
from iscsi_analyzer.analysis.focus import Focus
from iscsi_analyzer.export.ladder import pdus_of_task
from iscsi_analyzer.query.scope import Mask
from iscsi_analyzer.store.store import Store
from iscsi_analyzer.store.tasks import task_row
from iscsi_analyzer.streams.spans import GAP


class Segments:
    """Remembers 8 bytes for every captured piece of the PDUs."""

    def __init__(self, store: Store, pdus: Iterable[int]) -> None:
        found = array("q")
        for number in pdus:
            found.extend(position for position, _ in store.spans(store.row(number)) if position != GAP)
        self._places: Sequence[int] = array("q", sorted(found))

    def touch(self, position: int, length: int) -> bool:
        """Whether any piece begins in these captured bytes."""
        at = bisect_left(self._places, position)
        return at < len(self._places) and self._places[at] < position + length


def segments_of(
    store: Store, focus: Focus | None, tasks: Sequence[int] = (), findings: Sequence[int] = ()
) -> Segments | None:
    """The segments of the PDUs that belong to `focus`, to one of the tasks, and to the evidence of one of the findings
    (by numbers); None if nothing is asked for. Raises LookupError for what does not exist."""
    if focus is None and not tasks and not findings:
        return None
    mask = np.ones(len(store), dtype=np.bool_)
    if focus is not None:
        mask &= focus.pdus()[: len(mask)]
    if tasks:
        mask &= _mask(store, _pdus_of_tasks(store, tasks))
    if findings:
        mask &= _mask(store, _pdus_of_findings(store, findings))
    return Segments(store, (int(place) + 1 for place in np.flatnonzero(mask)))


def _mask(store: Store, pdus: Iterable[int]) -> Mask:
    mask = np.zeros(len(store), dtype=np.bool_)
    for number in pdus:
        if 0 < number <= len(store):
            mask[number - 1] = True
    return mask


def _pdus_of_tasks(store: Store, tasks: Sequence[int]) -> Iterable[int]:
    facts = Facts(store)
    for number in tasks:
        if not 0 < number <= facts.task_count:
            raise LookupError(f"--task {number}: there is no such task; there are {facts.task_count}")
        yield from (int(pdu) for pdu in pdus_of_task(facts, task_row(store, number)))


def _pdus_of_findings(store: Store, findings: Sequence[int]) -> Iterable[int]:
    """The PDUs that show the findings, and those that are needed to see them."""
    known = {int(verdict.finding.number): verdict.finding for verdict in store.verdicts}
    for number in findings:
        if number not in known:
            raise LookupError(f"--finding {number}: there is no such finding; the command findings lists them")
        yield from (*known[number].pdus, *known[number].related)
