"""PDUs that took long from one place of capture to the other, and why."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from iscsi_analyzer.compare.altered import described
from iscsi_analyzer.compare.conversation import Conversation
from iscsi_analyzer.compare.losses import DATA, LOST, Missing
from iscsi_analyzer.compare.record import LatePdu
from iscsi_analyzer.compare.side import Side
from iscsi_analyzer.store.columns import Numbers

MOST: Final = 1000
SENT_AGAIN: Final = "segment lost and sent again"
SLOW: Final = "slow on the way"


class Late(NamedTuple):
    """What is late, gathered over connections."""

    listed: list[LatePdu]
    counts: dict[bool, int]
    "To the target or not -> how many."
    delays: dict[bool, list[Numbers]]
    "The delays of all PDUs, by the same."

    def sorted(self) -> Late:
        """The latest first, of as many as are told."""
        return self._replace(listed=sorted(self.listed, key=lambda each: -each.delay_ns)[:MOST])


def late_pdus(
    found: Late, sides: tuple[Side, Side], talk: Conversation, to_target: bool, delays: Numbers, threshold: int,
    missing: list[Missing],
) -> None:  # fmt: skip
    """Adds the PDUs of one direction whose delay is above the threshold (ns)."""
    found.delays[to_target].append(delays)
    late = np.flatnonzero(delays > threshold)
    found.counts[to_target] += len(late)
    late = late[np.argsort(-delays[late], kind="stable")][:MOST]
    each = talk.streams[to_target]
    a, b = sides
    hurt = _hurt(talk, to_target, missing)
    for place in late.tolist():
        first, second = int(each.a.numbers[each.in_a[place]]), int(each.b.numbers[each.in_b[place]])
        found.listed.append(
            LatePdu(
                direction="I2T" if to_target else "T2I",
                pdu_a=first,
                pdu_b=second,
                what=described(a, first),
                frame_a=a.store.row(first).frame_last,
                frame_b=b.store.row(second).frame_last,
                delay_ns=int(delays[place]),
                cause=SENT_AGAIN if (True, first) in hurt or (False, second) in hurt else SLOW,
            )
        )


def _hurt(talk: Conversation, to_target: bool, missing: list[Missing]) -> set[tuple[bool, int]]:
    """The PDUs of which something was lost on the way: whether by their number in A, and that number."""
    found = set()
    for each in missing:
        if each.fate == LOST and each.kind == DATA:
            for number in talk.pdus_within(each.in_a, to_target, each.start, each.end).tolist():
                found.add((each.in_a, int(number)))
    return found
