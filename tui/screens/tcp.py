"""TCP: how well it served each connection in each direction, when something went wrong, and what that did to tasks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from textual import events, on
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from iscsi_analyzer.analysis.study import Study
from iscsi_analyzer.export.record_json import json_pieces
from iscsi_analyzer.export.time_text import span
from tui.drawing.timeline import legend
from tui.screens.exporting import Exporting
from tui.screens.jumps import ToFrame, ToLadder, jump, pdu_of_frame
from tui.screens.row_finding import RowFinding
from tui.screens.tcp_rows import BEFORE_LINE, TITLES, About, Course, courses, details, rows_of
from tui.widgets.big_list import GUTTER, BigList
from tui.widgets.row_list import RowList


class TcpScreen(RowFinding, Exporting):
    """The health of the connections."""

    NAME = "tcp"
    KEY = "8"
    TITLE_WORD = "TCP"
    ABOUT = "losses, reordering, closed windows and round trips of each connection, with a time line"
    CSS_PATH: ClassVar = "tcp.tcss"
    EXPORTED = "tcp.jsonl"
    FORMATS = (".jsonl", ".json")

    def body(self) -> Iterator[Widget]:
        self._found: list[Course] = []
        self._list = RowList(TITLES, empty="no iSCSI connection yet", id="tcp")
        self.main_list = self._list
        self._about = Static(id="side")
        yield self._list
        yield self._about

    def grown(self) -> None:
        self.ask("tcp", _courses, self._show)

    def _show(self, found: list[Course]) -> None:
        self._found = found
        self._fill()

    def _fill(self) -> None:
        room = max(8, self.size.width - GUTTER - 1 - BEFORE_LINE)
        self._list.set_rows(list(rows_of(self._found, room)))
        self._tell()

    def on_resize(self, event: events.Resize) -> None:
        self._fill()

    def pieces(self, study: Study, suffix: str) -> Iterator[bytes]:
        """The health of each connection."""
        return json_pieces(study.tcp, array=suffix == ".json")

    @property
    def _row(self) -> About | None:
        row = self._list.row
        return None if row is None else row.target

    @on(BigList.Moved)
    def _moved(self) -> None:
        self._tell()

    def _tell(self) -> None:
        about = self._row
        if about is None:
            self._about.update("")
            return
        health = about.course.health
        if about.words:
            parts = [(about.words, "bold")]
        elif about.side is not None:
            parts = [(f"{about.side.by} {about.side.address}  ", "bold"), ("; ".join(details(about.side)), "")]
        else:
            shake = (
                f"handshake {span(health.handshake_ns)}" if health.handshake_ns >= 0 else "no handshake in the capture"
            )
            state = "nothing happened that delays tasks" if health.clean else "something happened that may delay tasks"
            parts = [(f"{health.initiator} → {health.portal}  ", "bold"), (f"{shake}; {state}", "")]
        letters = legend(row.cells[-1] for row in self._list.rows if len(row.cells) == len(TITLES))
        parts.append((f"\n{letters}" if letters else "", "$text-muted"))
        self._about.update(Content.assemble(*parts))

    @on(BigList.Chosen)
    def _chosen(self) -> None:
        about = self._row
        if about is not None:
            jump(self.analyzer, about.target)

    def action_ladder(self) -> None:
        """The ladder of the session, where it happened."""
        about = self._row
        if about is None:
            return
        target = about.target
        at = pdu_of_frame(self.analyzer, target) if isinstance(target, ToFrame) else 0
        jump(self.analyzer, ToLadder(sessions=(about.course.health.session,), at=at))


def _courses(study: Study) -> list[Course]:
    return courses(study.facts, study.tcp)
