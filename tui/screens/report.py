"""The report: the questions that a capture is opened for, answered; each line leads to its evidence."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from textual import events, on
from textual.widget import Widget

from iscsi_analyzer.analysis.answers.line import BAD, LOOK, Line
from iscsi_analyzer.analysis.diagnosis import Section, diagnose
from iscsi_analyzer.analysis.study import Study
from iscsi_analyzer.analysis.text import section_lines
from iscsi_analyzer.export.record_json import json_pieces
from tui.screens.exporting import Exporting
from tui.screens.jumps import Target, jump
from tui.screens.report_rows import TITLES, ladder_of, rows_of, target_of, tasks_of
from tui.screens.row_finding import RowFinding
from tui.widgets.big_list import GUTTER, BigList
from tui.widgets.evidence import EvidenceList
from tui.widgets.row_list import RowList

NO_EVIDENCE = "no PDU proves this line"

LEAST_WIDTH = 20
"Cells for the lines, however narrow the terminal is."


class ReportScreen(RowFinding, Exporting):
    """Answers with their evidence."""

    NAME = "report"
    KEY = "9"
    TITLE_WORD = "Report"
    ABOUT = "who dropped the session, why does login fail, what is slow ... answered, with the evidence"
    CSS_PATH: ClassVar = "report.tcss"
    EXPORTED = "report.txt"
    FORMATS = (".txt", ".json")

    def body(self) -> Iterator[Widget]:
        self._sections: list[Section] = []
        self._list = RowList(TITLES, empty="nothing to say yet", id="answers")
        self.main_list = self._list
        self._pdus = EvidenceList(self.document.store, empty=NO_EVIDENCE, id="evidence")
        yield self._list
        yield self._pdus

    def grown(self) -> None:
        self.ask("report", diagnose, self._show)

    def _show(self, sections: list[Section]) -> None:
        self._sections = sections
        self._fill()

    def _fill(self) -> None:
        width = max(LEAST_WIDTH, self.size.width - GUTTER - 1)
        self._list.set_rows(list(rows_of(self._sections, width)))
        self._tell()

    def on_resize(self, event: events.Resize) -> None:
        self._fill()

    @property
    def _line(self) -> Line | None:
        row = self._list.row
        return None if row is None else row.target

    @on(BigList.Moved, "#answers")
    def _moved(self) -> None:
        self._tell()

    def _tell(self) -> None:
        line = self._line
        pdus = [] if line is None else line.pdus
        if pdus != self._pdus.pdus:
            self._pdus.set_pdus(pdus, pdus)

    def pieces(self, study: Study, suffix: str) -> Iterator[bytes]:
        """The answers, as text for a ticket or as JSON."""
        sections = diagnose(study)
        if suffix == ".json":
            return json_pieces(sections, array=True)
        return (f"{line}\n".encode("utf-8", "backslashreplace") for line in section_lines(sections))

    # --- jumps ---

    @on(BigList.Chosen, "#answers")
    def _chosen(self) -> None:
        self._jump(None if self._line is None else target_of(self._line))

    @on(BigList.Chosen, "#evidence")
    def _chosen_pdu(self) -> None:
        self.analyzer.go_to_pdu(self._pdus.pdu)

    def action_tasks(self) -> None:
        """The tasks behind the line."""
        self._jump(None if self._line is None else tasks_of(self._line))

    def action_ladder(self) -> None:
        """The evidence as a ladder."""
        self._jump(None if self._line is None else ladder_of(self._line))

    def _jump(self, target: Target | None) -> None:
        if target is None:
            self.notify("this line has no such evidence")
        else:
            jump(self.analyzer, target)

    def action_next_trouble(self) -> None:
        """The next answer that hurts or deserves a look."""
        self._step(1)

    def action_previous_trouble(self) -> None:
        """The one before."""
        self._step(-1)

    def _step(self, by: int) -> None:
        rows, here = self._list.rows, self._list.cursor
        places = [
            place
            for place, row in enumerate(rows)
            if row.target is not None and row.target.severity in (LOOK, BAD)
            if not place or rows[place - 1].target is not row.target
        ]
        beyond = [place for place in places if (place - here) * by > 0]
        if places:
            self._list.go_to_place((beyond or places)[0 if by > 0 else -1])
        else:
            self.notify("nothing hurts")
