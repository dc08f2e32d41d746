"""Where jumps in the list of PDUs lead: the next PDU of the same task, with a finding, after a stall, or that reads so.

Look at many PDUs at once: for workers, within `Document.reading`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from iscsi_analyzer.analysis.stalls import stalls
from iscsi_analyzer.query.scope import Level, Moment

if TYPE_CHECKING:
    from iscsi_analyzer.analysis.study import Study

Numbers = NDArray[np.int64]
Jump = Callable[["Study", int], Numbers]
"Gives the numbers of the PDUs that can be jumped to, in ascending order, from the PDU at the cursor."


def same_task(study: Study, pdu: int) -> Numbers:
    """The PDUs of the task that a PDU belongs to."""
    moment = Moment(study.facts.store)
    every = moment.belonging(moment.all(Level.PDU), Level.TASK)
    if not 1 <= pdu <= len(every):
        return np.zeros(0, dtype=np.int64)
    task = every[pdu - 1]
    if task >= 0:
        return np.flatnonzero(every == task) + 1
    # A task that is still open is known by its request alone.
    facts = study.facts
    request = int(facts.pdu_request[pdu - 1]) or pdu
    return np.union1d(np.flatnonzero(facts.pdu_request == request) + 1, np.array([request]))


def with_findings(severity: str) -> Jump:
    """The PDUs that show a finding of that severity."""

    def find(study: Study, pdu: int) -> Numbers:
        store = study.facts.store
        wanted = {verdict.finding.number - 1 for verdict in store.verdicts if verdict.severity == severity}
        numbers = [number for number, places in store.marks.items() if not wanted.isdisjoint(places)]
        return np.sort(np.array(numbers, dtype=np.int64))

    return find


def after_stalls(study: Study, pdu: int) -> Numbers:
    """The PDUs that ended a stall."""
    return stalls(study.facts)


def next_of(numbers: Numbers, pdu: int, *, forwards: bool) -> int | None:
    """The next of `numbers` after a PDU, or before it; None if there is none on that side."""
    if forwards:
        place = int(np.searchsorted(numbers, pdu, "right"))
        return int(numbers[place]) if place < len(numbers) else None
    place = int(np.searchsorted(numbers, pdu, "left"))
    return int(numbers[place - 1]) if place else None


WINDOW: Final = 4096
"PDUs that are looked at before somebody may say that enough is enough."


def reads_so(text: str, line: Callable[[int], str], candidates: Iterable[int], stop: Callable[[], bool]) -> int | None:
    """The first of the PDUs whose line contains a text, whatever the case; None if none does, or `stop` says so."""
    wanted = text.casefold()
    for looked, number in enumerate(candidates):
        if looked % WINDOW == 0 and stop():
            return None
        if wanted in line(number).casefold():
            return number
    return None


def pdu_of_frame(frames: Numbers, frame: int) -> int | None:
    """The first PDU that was complete in a frame or after it, given the frames that completed PDUs; None beyond the
    last."""
    later = np.flatnonzero(frames >= frame)
    return int(later[0]) + 1 if len(later) else None
