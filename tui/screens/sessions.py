"""Who with whom: the sessions, and the connections of the one under the cursor."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual.widget import Widget

from tui.screens.base import View
from tui.widgets.big_list import BigList
from tui.widgets.columns import RIGHT, Column

if TYPE_CHECKING:
    from iscsi_analyzer.analysis.sessions import SessionSummary
    from iscsi_analyzer.analysis.study import Study


class SessionsScreen(View):
    """The sessions."""

    NAME = "sessions"
    KEY = "1"
    TITLE_WORD = "Sessions"
    ABOUT = "who with whom, over which connections, how it ended"
    CSS_PATH: ClassVar = "sessions.tcss"

    def body(self) -> Iterator[Widget]:
        self._found: list[SessionSummary] = []
        self._list = BigList(self._columns(), empty="no session yet", id="sessions")
        yield self._list

    def _columns(self) -> list[Column]:
        def of(item: int) -> SessionSummary:
            return self._found[item]

        return [
            Column("session", "#", 4, lambda item: str(of(item).session), RIGHT),
            Column("initiator", "initiator", 28, lambda item: of(item).initiator_name or "?"),
            Column("target", "target", 0, lambda item: of(item).target_name or "?"),
        ]

    def grown(self) -> None:
        self.ask("sessions", _sessions, self._show)

    def _show(self, found: list[SessionSummary]) -> None:
        self._found = found
        self._list.changed()
        self._list.show(len(found))

    def arrive(self, target: Any) -> None:
        places = [place for place, session in enumerate(self._found) if session.session == target]
        if places:
            self._list.go_to_place(places[0])

    @on(BigList.Chosen)
    def _chosen(self, event: BigList.Chosen) -> None:
        self.analyzer.show_ladder(session=self._found[event.item].session)


def _sessions(study: Study) -> list[SessionSummary]:
    return study.sessions
