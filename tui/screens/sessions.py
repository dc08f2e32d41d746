"""Who with whom: the sessions, and of the one under the cursor its connections and the story of its end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar, Final

from textual import on
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from iscsi_analyzer.analysis.ending import LOGIN_FAILED, RESET
from iscsi_analyzer.analysis.sessions import ConnectionSummary
from iscsi_analyzer.export.session_record import SessionRecord, session_record
from iscsi_analyzer.export.tables import number, size
from iscsi_analyzer.export.time_text import decimal, span
from tui.screens.exporting import Exporting, record_pieces
from tui.sessions.rows import SessionRow, connection_text, kind_text, session_rows, story
from tui.widgets.big_list import GUTTER, BigList
from tui.widgets.columns import RIGHT, Column, tail

if TYPE_CHECKING:
    from iscsi_analyzer.analysis.study import Study

LEAST_NAME: Final = 18
MOST_NAME: Final = 48
"Cells for the name of an initiator or target."
MEDIUM: Final = 110
ROOMY: Final = 150
"Cells from which on there are more columns."


class SessionsScreen(Exporting):
    """The sessions. Item n of the list is the n-th session, of the connections the n-th connection of it."""

    NAME = "sessions"
    KEY = "1"
    TITLE_WORD = "Sessions"
    ABOUT = "who with whom, over which connections, how it ended"
    CSS_PATH: ClassVar = "sessions.tcss"
    EXPORTED = "sessions.csv"

    def body(self) -> Iterator[Widget]:
        self._rows: list[SessionRow] = []
        self._target: int | None = None
        self._list = BigList([], row_style=self._style, empty="no session yet", id="session-list")
        self._connections = BigList([], empty="no connection", id="connection-list")
        self._story = Static(id="session-story")
        self.main_list = self._list
        yield self._list
        yield self._connections
        yield self._story

    def on_resize(self) -> None:
        self._list.set_columns(self._session_columns(self.size.width))
        self._connections.set_columns(self._connection_columns(self.size.width))

    # --- the lists ---

    def _session_columns(self, width: int) -> list[Column]:
        """As many columns as there is room for beside names that can be told apart."""

        def of(item: int) -> SessionRow:
            return self._rows[item]

        columns = [
            Column("session", "#", 3, lambda item: str(of(item).number), RIGHT),
            Column("state", "ended", 9, lambda item: of(item).summary.how, style=self._state_style),
            Column("tasks", "tasks", 7, lambda item: number(of(item).summary.tasks), RIGHT),
            Column("speed", "MB/s", 6, lambda item: _speed(of(item)), RIGHT),
            Column("p99", "p99", 7, lambda item: _p99(of(item)), RIGHT),
            Column("worst", "findings", 8, lambda item: of(item).findings_text),
        ]
        spare = width - GUTTER - sum(column.width + 1 for column in columns) - 1
        for column, place in (
            (Column("kind", "type", 9, lambda item: kind_text(of(item).summary)), 1),
            (Column("pdus", "PDUs", 9, lambda item: number(of(item).pdus), RIGHT), 3),
            (Column("portal", "portal", 21, lambda item: " ".join(of(item).summary.portals)), 1),
            (Column("links", "conn", 4, lambda item: str(len(self._links(item))), RIGHT), 4),
        ):
            if spare - column.width - 1 >= 2 * (LEAST_NAME + 1):
                columns.insert(place, column)
                spare -= column.width + 1
        name = min(MOST_NAME, (spare - 1) // 2)
        columns[1:1] = [
            Column("initiator", "initiator", name, lambda item: tail(_initiator(of(item)), name)),
            Column("target", "target", name, lambda item: tail(_target(of(item)), name)),
        ]
        return [replace(column, sortable=False) for column in columns]

    def _connection_columns(self, width: int) -> list[Column]:
        def of(item: int) -> ConnectionSummary:
            return self._links(self._list.item or 0)[item]

        columns = [
            Column("connection", "cn", 3, lambda item: str(of(item).connection), RIGHT),
            Column("ends", "connection", 40 if width < ROOMY else 46, lambda item: connection_text(of(item))),
            Column("how", "ended", 19, lambda item: _how(of(item)), style=self._how_style),
            Column("login", "login", 8, lambda item: of(item).login.outcome),
        ]
        if width >= MEDIUM:
            columns += [
                Column("pdus", "PDUs", 9, lambda item: number(_pdus(of(item))), RIGHT),
                Column("sent", "sent", 8, lambda item: size(of(item).bytes_to_target), RIGHT),
                Column("got", "received", 8, lambda item: size(of(item).bytes_to_initiator), RIGHT),
            ]
        if width >= ROOMY:
            columns += [
                Column("begin", "begins", 11, lambda item: self._time(of(item).begin_ns), RIGHT),
                Column("end", "ends", 11, lambda item: self._time(of(item).end_ns), RIGHT),
                Column("lacks", "the capture lacks", 0, lambda item: "; ".join(of(item).lacks), style=lambda _: "gap"),
            ]
        return [replace(column, sortable=False) for column in columns]

    def _how_style(self, item: int) -> str:
        how = self._links(self._list.item or 0)[item].ending.how
        return "error" if how in (RESET, LOGIN_FAILED) else ""

    def _links(self, item: int) -> list[ConnectionSummary]:
        return self._rows[item].summary.connections if item < len(self._rows) else []

    def _time(self, ts: int) -> str:
        return decimal(ts - self.document.store.first_ts, 6)

    def _style(self, item: int) -> str:
        worst = self._rows[item].worst
        return worst if worst in ("error", "warning") else ""

    def _state_style(self, item: int) -> str:
        summary = self._rows[item].summary
        return "error" if summary.failed or summary.how in (RESET, LOGIN_FAILED) else ""

    # --- what is new ---

    def grown(self) -> None:
        self.ask("sessions", session_rows, self._show)

    def _show(self, rows: list[SessionRow]) -> None:
        self._rows = rows
        self._list.changed()
        self._list.show(len(rows))
        if self._target is not None:
            self.arrive(self._target)
        self._show_session()

    def arrive(self, target: Any) -> None:
        """`target` is the number of a session."""
        places = [place for place, row in enumerate(self._rows) if row.number == target]
        self._target = None if places else target
        if places:
            self._list.go_to_place(places[0])

    @property
    def session(self) -> SessionRow | None:
        """The session under the cursor."""
        item = self._list.item
        return self._rows[item] if item is not None and item < len(self._rows) else None

    @on(BigList.Moved, "#session-list")
    def _show_session(self) -> None:
        row = self.session
        count = 0 if row is None else len(row.summary.connections)
        self._connections.styles.height = max(1, min(count, self.size.height // 4)) + 2
        self._connections.changed()
        self._connections.show(count)
        self._story.update(Content("\n".join(story(row)) if row is not None else ""))

    # --- keys ---

    @on(BigList.Chosen, "#session-list")
    def action_ladder(self) -> None:
        """The ladder of the session."""
        row = self.session
        if row is not None:
            self.analyzer.show_ladder(session=row.number)

    def action_pdus(self) -> None:
        """The PDUs of the session only."""
        row = self.session
        if row is not None:
            self.analyzer.set_filter(f"iscsi.session.number == {row.number}")
            self.analyzer.go("pdus")

    @on(BigList.Chosen, "#connection-list")
    def _pdus_of_connection(self, event: BigList.Chosen) -> None:
        row = self.session
        if row is not None:
            number_ = row.summary.connections[event.item].connection
            self.analyzer.set_filter(f"iscsi.connection.number == {number_}")
            self.analyzer.go("pdus")

    def pieces(self, study: Study, suffix: str) -> Iterable[bytes]:
        """All sessions."""
        return record_pieces(map(session_record, study.sessions), SessionRecord, suffix)

    def action_last_pdu(self) -> None:
        """The last PDU of the session: where its end begins."""
        row = self.session
        if row is None:
            return
        ending = row.summary.ending
        last = [each.pdu for each in (ending.from_initiator, ending.from_target) if each is not None]
        if last:
            self.analyzer.go_to_pdu(max(last))


def _initiator(row: SessionRow) -> str:
    return row.summary.initiator_name or ", ".join(row.summary.initiators)


def _target(row: SessionRow) -> str:
    if row.summary.type == "Discovery":
        return "(discovery)"
    return row.summary.target_name or ", ".join(row.summary.portals)


def _speed(row: SessionRow) -> str:
    return f"{row.bytes_per_second / 1e6:.1f}" if row.bytes_per_second else ""


def _p99(row: SessionRow) -> str:
    return span(row.p99_ns) if row.p99_ns >= 0 else ""


def _pdus(connection: ConnectionSummary) -> int:
    return connection.pdus_to_target + connection.pdus_to_initiator


def _how(connection: ConnectionSummary) -> str:
    ending = connection.ending
    return f"{ending.how} by {ending.by}" if ending.by else ending.how
