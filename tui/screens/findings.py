"""The findings: which rules were broken, by whom, what that means, and every PDU of the evidence."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any, ClassVar

from textual import events, on
from textual.containers import Container, VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from iscsi_analyzer.analysis.study import Study
from iscsi_analyzer.cli.explain import lines_about
from iscsi_analyzer.export.findings import FindingRecord, finding_records
from iscsi_analyzer.export.findings_text import summary
from iscsi_analyzer.export.tables import Style, visible
from iscsi_analyzer.rules.plugin import chosen
from tui.screens.exporting import Exporting, record_pieces
from tui.screens.finding_rows import BY_RULE, BY_SESSION, Group, rows_by_rule, rows_by_session, titles
from tui.screens.jumps import ToLadder, ToPdu, jump
from tui.screens.row_finding import RowFinding
from tui.widgets.big_list import BigList
from tui.widgets.evidence import EvidenceList
from tui.widgets.row_list import RowList

NOT_THERE = "no PDU shows it: it is about something that did not come, or about TCP"


class FindingsScreen(RowFinding, Exporting):
    """The rules that were broken."""

    NAME = "findings"
    KEY = "5"
    TITLE_WORD = "Findings"
    ABOUT = "rules that were broken, what they mean, and the evidence"
    CSS_PATH: ClassVar = "findings.tcss"
    EXPORTED = "findings.jsonl"

    def body(self) -> Iterator[Widget]:
        self._found: list[FindingRecord] = []
        self._names: dict[int, str] = {}
        self._by = BY_RULE
        self._evidence_of: Group | None = None
        self._plugins = chosen(self.document.analysis.options.plugins)
        self._about = lru_cache(maxsize=64)(self._lines_about)
        self._summary = Static("no finding yet", id="summary")
        self._list = RowList(titles(80), empty="no rule was broken, as far as the capture shows", id="findings")
        self.main_list = self._list
        self._pdus = EvidenceList(self.document.store, empty=NOT_THERE, id="evidence")
        self._text = Static(id="explanation")
        yield self._summary
        yield self._list
        with Container(id="below"):
            yield self._pdus
            with VerticalScroll(id="about"):
                yield self._text

    # --- what is shown ---

    def grown(self) -> None:
        self.ask("findings", _found, self._show)

    def _show(self, answer: tuple[list[FindingRecord], dict[int, str], int]) -> None:
        self._found, self._names, dropped = answer
        self._summary.update(summary(self._found, dropped))
        self._fill()

    def _fill(self) -> None:
        if self._by == BY_RULE:
            self._list.set_rows(list(rows_by_rule(self._found)))
        else:
            self._list.set_rows(list(rows_by_session(self._found, lambda number: self._names.get(number, ""))))
        self._tell()

    def on_resize(self, event: events.Resize) -> None:
        self._list.set_titles(titles(event.size.width))
        self.call_after_refresh(self._tell_rule)

    def arrive(self, target: Any) -> None:
        """A rule, by its name."""
        for place, row in enumerate(self._list.rows):
            if row.target.rule == target:
                self._list.go_to_place(place)
                return

    def action_regroup(self) -> None:
        """Below each session, or below each rule."""
        self._by = BY_SESSION if self._by == BY_RULE else BY_RULE
        self._fill()
        self._list.go_to_place(0)

    # --- the finding under the cursor ---

    @property
    def _group(self) -> Group | None:
        row = self._list.row
        return row.target if row is not None else None

    @on(BigList.Moved, "#findings")
    def _moved(self) -> None:
        self._tell()

    def _tell(self) -> None:
        group = self._group
        if group == self._evidence_of:
            return
        self._evidence_of = group
        shown = set() if group is None else {pdu for each in group.findings for pdu in (each.pdu or 0, *each.pdus)}
        self._pdus.set_pdus([] if group is None else group.pdus, shown)
        self._tell_rule()

    def _tell_rule(self) -> None:
        group = self._group
        if group is None:
            self._text.update("")
            return
        width = max(30, self._text.size.width)
        found = group.findings[0]
        head = f"{found.rule}: {visible(found.message)} ({found.reference})" if found.reference else found.message
        self._text.update(
            Content.assemble((head + "\n\n", "bold"), *((f"{line}\n", "") for line in self._about(group.rule, width)))
        )

    def _lines_about(self, name: str, width: int) -> list[str]:
        rule = self.document.store.verdicts.rules.get(name)
        return [] if rule is None else list(lines_about(rule, self._plugins, Style(False), width))[1:]

    def pieces(self, study: Study, suffix: str) -> Iterator[bytes]:
        """All findings."""
        return record_pieces(finding_records(study.facts.store), FindingRecord, suffix)

    # --- jumps ---

    @on(BigList.Chosen, "#findings")
    def _chosen(self) -> None:
        group = self._group
        if group is not None and group.first:
            jump(self.analyzer, ToPdu(group.first))
        else:
            self.notify(NOT_THERE)

    @on(BigList.Chosen, "#evidence")
    def _chosen_pdu(self) -> None:
        jump(self.analyzer, ToPdu(self._pdus.pdu))

    def action_ladder(self) -> None:
        """The evidence as a ladder."""
        group = self._group
        if group is not None and group.pdus:
            jump(self.analyzer, ToLadder(pdus=tuple(group.pdus), title=f"evidence of {group.rule}", at=group.first))
        else:
            self.notify(NOT_THERE)

    def action_next_error(self) -> None:
        """The next error."""
        self._step("error", 1)

    def action_previous_error(self) -> None:
        """The error before."""
        self._step("error", -1)

    def action_next_warning(self) -> None:
        """The next warning."""
        self._step("warning", 1)

    def action_previous_warning(self) -> None:
        """The warning before."""
        self._step("warning", -1)

    def _step(self, severity: str, by: int) -> None:
        rows, here = self._list.rows, self._list.cursor
        places = [place for place, row in enumerate(rows) if row.target.findings[0].severity == severity]
        if not places:
            self.notify(f"there is no {severity}")
            return
        beyond = [place for place in places if (place - here) * by > 0]
        self._list.go_to_place((beyond or places)[0 if by > 0 else -1])


def _found(study: Study) -> tuple[list[FindingRecord], dict[int, str], int]:
    """The findings, names of the sessions, and how many findings were not kept."""
    store = study.facts.store
    names = {
        session.session: f"{session.initiator_name or '?'} → {session.target_name or session.type}"
        for session in study.sessions
    }
    return list(finding_records(store)), names, store.verdicts.dropped
