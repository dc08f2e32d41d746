"""The jumps of the screen of PDUs: along a task, to findings and stalls, to what is searched for, to a number; and out
of it to tasks, ladders and files."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import numpy as np

from iscsi_analyzer.query import QueryError, compile_filter
from iscsi_analyzer.query.scope import Level, Moment
from tui.pdus.cells import PduCells
from tui.pdus.items import pdu_of
from tui.pdus.jumps import Jump, Numbers, next_of, pdu_of_frame, reads_so
from tui.pdus.writing import FORMATS, pieces
from tui.screens.exporting import Exporting
from tui.screens.jumping import Jumping
from tui.screens.prompt import Prompt
from tui.widgets.big_list import BigList

if TYPE_CHECKING:
    from iscsi_analyzer.analysis.study import Study


class PduJumps(Exporting, Jumping):
    """What a screen with a list of PDUs can do without knowing what else is on it."""

    rows: BigList
    cells: PduCells
    _found = ""
    EXPORTED = "pdus.jsonl"
    FORMATS = FORMATS

    @property
    def pdu(self) -> int | None:
        """The number of the PDU under the cursor."""
        item = self.rows.item
        return None if item is None else pdu_of(item)

    def show_pdu(self, number: int) -> None:
        """Puts the cursor on a PDU. If the filter hides it, it says so and stands on the next one that is shown."""
        self.rows.go_to_item(number - 1)
        if self.rows.item != number - 1:
            self.notify(f"the filter hides PDU {number} (/ and an empty filter shows it)", severity="warning")

    def _nearest(self) -> int:
        """The PDU under the cursor, or the one before it if the cursor is on a loss."""
        at = self.rows.cursor
        while at >= 0:
            item = self.rows.item_at(at)
            if item is not None and item >= 0:
                return item + 1
            at -= 1
        return 0

    def _jump(self, what: str, jump: Jump, *, forwards: bool, nothing: str) -> None:
        """Goes to the next PDU of those that `jump` finds, of those that the list shows."""
        pdu = self._nearest()
        items = self.rows.items

        def question(study: Study) -> int | None:
            numbers = jump(study, pdu)
            if items is not None:
                numbers = np.intersect1d(numbers, items + 1)
            return next_of(numbers, pdu, forwards=forwards)

        def then(number: int | None) -> None:
            if number is None:
                self.notify(nothing, timeout=2)
            else:
                self.rows.go_to_item(number - 1)

        self.ask(f"jump {what}", question, then, instead=True)

    def action_request(self) -> None:
        """The PDU that this one answers or belongs to."""
        pdu = self.pdu
        request = self.cells.row(pdu).request if pdu is not None else 0
        if request:
            self.show_pdu(request)
        else:
            self.notify("it answers no PDU that is in the capture", timeout=2)

    # --- to other screens ---

    def action_task(self) -> None:
        """The task, among all tasks."""
        self._with_task(self.analyzer.go_to_task)

    def action_ladder(self) -> None:
        """The ladder of the task."""
        self._with_task(lambda task: self.analyzer.show_ladder(task=task))

    def _with_task(self, then: Callable[[int], None]) -> None:
        pdu = self._nearest()

        def question(study: Study) -> int:
            if not pdu:
                return 0
            moment = Moment(study.facts.store)
            every = moment.belonging(moment.all(Level.PDU), Level.TASK)
            return int(every[pdu - 1]) + 1 if pdu <= len(every) else 0

        def show(task: int) -> None:
            if task:
                then(task)
            else:
                self.notify("it belongs to no task, or to one that is still open", timeout=3)

        self.ask("task of pdu", question, show, instead=True)

    # --- find and go to ---

    def action_find(self) -> None:
        """Asks what to look for."""

        def take(text: str | None) -> None:
            if text:
                self._found = text
                self._find(forwards=True)

        hint = "INQUIRY, or a filter: scsi.lun == 1"
        self.app.push_screen(Prompt("Find a text, or PDUs that pass a filter", value=self._found, hint=hint), take)

    def action_next_found(self) -> None:
        """The next one that was found."""
        self._find_again(forwards=True)

    def action_previous_found(self) -> None:
        """The previous one that was found."""
        self._find_again(forwards=False)

    def _find_again(self, *, forwards: bool) -> None:
        if self._found:
            self._find(forwards=forwards)
        else:
            self.action_find()

    def _find(self, *, forwards: bool) -> None:
        text = self._found
        nothing = f"{text!r} is not found {'below' if forwards else 'above'}"
        if is_filter(text):
            self._jump("found", passing(text), forwards=forwards, nothing=nothing)
            return
        at, count, items = self.rows.cursor, self.rows.count, self.rows.items
        places = range(at + 1, count) if forwards else range(at - 1, -1, -1)
        # A store may be read from this worker and from the thread that paints at once, but not by the same cells.
        line = PduCells(self.document.store).summary
        candidates = (place if items is None else int(items[place]) for place in places)
        numbers = (item + 1 for item in candidates if item >= 0)

        def stop() -> bool:
            return self._found != text or not self.is_current

        def then(number: int | None) -> None:
            if number is None:
                self.notify(nothing, timeout=2)
            else:
                self.rows.go_to_item(number - 1)

        self.fetch("find", lambda: reads_so(text, line, numbers, stop), then)

    def action_go_to(self) -> None:
        """Asks where to go."""

        def take(text: str | None) -> None:
            if text is None:
                return
            if text.lower().startswith("f"):
                self._go_to_frame(int(text[1:]))
            else:
                self.show_pdu(int(text))

        prompt = Prompt("Go to PDU, or to frame with f in front", hint="1234 or f5678", check=self._no_place)
        self.app.push_screen(prompt, take)

    def _no_place(self, text: str) -> str:
        digits = text[1:] if text.lower().startswith("f") else text
        if not (digits.isascii() and digits.isdecimal()) or len(digits) > 12:
            return "a number is wanted, or f and a number"
        if digits == text and not 1 <= int(digits) <= len(self.document.store):
            return f"there are PDUs 1 to {len(self.document.store)}"
        return ""

    def _go_to_frame(self, frame: int) -> None:
        def question(study: Study) -> int | None:
            return pdu_of_frame(study.facts.frame_last, frame)

        def then(number: int | None) -> None:
            if number is None:
                self.notify(f"no PDU was complete in frame {frame} or later", severity="warning")
            else:
                self.show_pdu(number)

        self.ask("frame", question, then, instead=True)

    # --- to a file ---

    def pieces(self, study: Study, suffix: str) -> Iterable[bytes]:
        """The PDUs that are shown, in their order."""
        items = self.rows.items
        store = study.facts.store
        numbers = range(1, len(store) + 1) if items is None else (items[items >= 0] + 1).tolist()
        return pieces(store, numbers, suffix)


def is_filter(text: str) -> bool:
    """Whether a text that is searched for is a display filter: it can be understood as one, and names a field with a
    dot."""
    try:
        return any("." in name for name in compile_filter(text).fields)
    except QueryError:
        return False


def passing(text: str) -> Jump:
    """Jumps to the PDUs that pass a filter."""

    def find(study: Study, pdu: int) -> Numbers:
        return np.flatnonzero(compile_filter(text).pdus(study.facts.store)) + 1

    return find
