"""The jumps within a ladder: along a task, to findings, and to the ends of stalls."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tui.pdus.jumps import Jump, next_of
from tui.screens.jumping import Jumping
from tui.widgets.big_list import BigList

if TYPE_CHECKING:
    from iscsi_analyzer.analysis.study import Study
    from iscsi_analyzer.export.ladder import Ladder


class LadderJumps(Jumping):
    """What a screen with a list of rungs can do without knowing what else is on it."""

    rungs: BigList
    ladder: Ladder | None = None

    def pdu_here(self) -> int:
        """The PDU under the cursor, or the next one above it, or else below it; 0 if there is none."""
        ladder, item = self.ladder, self.rungs.item
        if ladder is None or item is None:
            return 0
        above = (ladder.pdu_at(place) for place in range(item, -1, -1))
        return next((pdu for pdu in above if pdu), ladder.pdu_at(min(item + 1, len(ladder) - 1)))

    def _jump(self, what: str, jump: Jump, *, forwards: bool, nothing: str) -> None:
        """Goes to the next PDU of the ladder among those that `jump` finds."""
        ladder, pdu = self.ladder, self.pdu_here()
        if ladder is None:
            return

        def question(study: Study) -> int:
            return next_of(np.intersect1d(jump(study, pdu), ladder.numbers), pdu, forwards=forwards) or 0

        def then(number: int) -> None:
            if not number:
                self.notify(nothing, timeout=2)
            elif self.ladder is not None:
                self.rungs.go_to_place(self.ladder.place_of(number))

        self.ask(f"jump {what}", question, then, instead=True)
