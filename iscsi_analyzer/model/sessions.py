"""All sessions of an analysis: which connection belongs to which, by what the logins say.

Compiled. RFC 7143 sections 6.3.1 (TSIH 0 asks for a new session, another value joins one) and 6.3.5 (reinstatement).
"""

from __future__ import annotations

from typing import Final

from mypy_extensions import i64

from dissectors.iscsi.keys import Pair, parse_text
from iscsi_analyzer.model.finder import SessionFinder
from iscsi_analyzer.model.following import Follower
from iscsi_analyzer.model.in_force import fill, forget_session, widen
from iscsi_analyzer.model.login import Login
from iscsi_analyzer.model.session import Session
from iscsi_analyzer.model.task import CLOSED, NO_REQUEST, OPEN_AT_END, Task, TaskWriter
from iscsi_analyzer.store.places import Places
from iscsi_analyzer.streams.connection import Connection, Direction
from iscsi_analyzer.streams.serial import distance

MAX_NAMESAKES: Final = 64
"Sessions with the same ISID and TSIH of which a login may mean each; more only come from captures made to take time."


class Sessions(SessionFinder):
    """The sessions, numbered from 1, and the followers of their connections."""

    def __init__(self, places: Places | None = None) -> None:
        """`places` tells where the rows of PDUs stand."""
        super().__init__()
        self._places: Places = places if places is not None else Places()
        self.sessions: list[Session] = []
        self.followers: list[Follower] = []
        self.tasks: TaskWriter = TaskWriter(self._places)
        # Ports that target addresses named: iSCSI is to be expected there.
        self.new_ports: list[int] = []
        # ISID and TSIH, as they stand in a Login Request -> the sessions that have or had them, the latest last.
        self._numbered: dict[bytes, list[Session]] = {}
        # What those who judge remember from one connection to the next.
        self.history: object | None = None

    def follow(self, connection: Connection) -> Follower:
        """Begins to follow a connection, with a session of its own until the login says otherwise."""
        session = Session(len(self.sessions) + 1, self.tasks)
        session.connections.append(connection.number)
        session.first_ts = connection.first_ts
        self.sessions.append(session)
        follower = Follower(connection, session, self.tasks, Login(), self)
        self.followers.append(follower)
        return follower

    def login(self, follower: Follower, header: bytes, data: bytes) -> None:
        login = follower.login
        tsih = (header[14] << 8) | header[15]
        session = follower.session
        if login.requests:
            return
        session.isid = header[8:14]
        if tsih == 0:
            session.assumed = False
            return
        joined = self._existing(session, header, data)
        if joined is None:
            self._is_numbered(session, tsih)
            return
        joined.connections.append(follower.number)
        joined.open.update(session.open)
        session.connections.clear()
        follower.session = joined
        if session is self.sessions[-1]:
            self.sessions.pop()

    def joins(self, follower: Follower, header: bytes, data: bytes) -> Session:
        """The session that a first Login Request asks for: an earlier one, or the one of its own connection."""
        tsih = (header[14] << 8) | header[15]
        if tsih == 0 or follower.login.requests:
            return follower.session
        joined = self._existing(follower.session, header, data)
        return follower.session if joined is None else joined

    def _existing(self, but: Session, header: bytes, data: bytes) -> Session | None:
        """The latest session with the ISID and TSIH of a Login Request, and with its names as far as both are known:
        hosts with the same software often use the same ISID, and every target counts its TSIHs from 1."""
        candidates = self._numbered.get(header[8:16])
        if candidates is None:
            return None
        pairs = parse_text(data, unfinished=len(data) < int.from_bytes(header[5:8], "big")).pairs
        for session in reversed(candidates[-MAX_NAMESAKES:]):
            if session is not but and _fits(session.initiator_name, "InitiatorName", pairs):
                if _fits(session.target_name, "TargetName", pairs):
                    return session
        return None

    def _is_numbered(self, session: Session, tsih: i64) -> None:
        """The target has given the session its TSIH."""
        session.tsih = tsih
        if tsih:
            number = session.isid + bytes((tsih >> 8, tsih & 0xFF))
            self._numbered.setdefault(number, []).append(session)

    def text(self, follower: Follower, number: i64, header: bytes, data: bytes, whole: bool) -> None:
        login = follower.login
        row = self._places.of(number)
        login.pdu(row, header, data, _incomplete(follower.connection), whole)
        session = follower.session
        if login.news:
            login.news = False
            follower.negotiated(login.header_digest, login.data_digest)
            fill(follower.limits, login, row, self._leading(follower))
            if session.assumed:
                forget_session(follower.limits)
            if follower.watcher is not None:
                follower.watcher.full_feature(follower, number)
            if session.tsih == 0:
                self._is_numbered(session, login.tsih)
        elif login.complete and b"MaxRecvDataSegmentLength" in data and not login.forgotten:
            widen(follower.limits, login, row)
        if header[0] & 0x1F == 0x03:  # the names in a text exchange are those of other targets
            if not session.initiator_name:
                session.initiator_name = login.value("InitiatorName") or ""
            if not session.target_name and not session.discovery:
                session.target_name = login.value("TargetName") or ""
                session.discovery = login.discovery
        self.new_ports.extend(login.take_ports())

    def _leading(self, follower: Follower) -> Login | None:
        """The login of the session's first connection, whose session-wide keys hold for the others (section 13)."""
        leading: i64 = follower.session.connections[0]
        if leading == follower.number:
            return None
        return self.followers[leading - 1].login

    def finish(self) -> None:
        """The capture is over: what is open stays without an answer."""
        for session in self.sessions:
            for task in session.open.values():
                follower = self.followers[task.connection - 1]
                if follower.watcher is not None:
                    follower.watcher.over(follower, task, _unanswered(follower, task), 0)
        for follower in self.followers:
            if follower.watcher is not None:
                follower.watcher.closed(follower)
        for session in self.sessions:
            for task in session.open.values():
                follower = self.followers[task.connection - 1]
                self.tasks.add(task, 0, _unanswered(follower, task), 0, session.number)
            session.open.clear()
            last: i64 = 0
            for number in session.connections:
                ts = self.followers[number - 1].connection.last_ts
                last = ts if ts > last else last
            session.over(last)


def _unanswered(follower: Follower, task: Task) -> i64:
    """How a task ended that is still open at the end of the capture."""
    if task.request == 0:
        return NO_REQUEST
    connection = follower.connection
    return CLOSED if connection.closed or connection.replaced else OPEN_AT_END


def _fits(known: str, key: str, pairs: list[Pair]) -> bool:
    """Whether what a login says for `key` may be the name that is known ("": none is)."""
    if known:
        for pair in pairs:
            if pair.key == key:
                return pair.value == known
    return True


def _incomplete(connection: Connection) -> bool:
    """Whether anything of the connection is missing from the capture so far."""
    first = connection.first
    second = connection.second
    return (
        first.isn < 0
        or second.isn < 0
        or first.gaps > 0
        or second.gaps > 0
        or first.snaplen_bytes > 0
        or second.snaplen_bytes > 0
        or _unseen(first)
        or _unseen(second)
    )


def _unseen(direction: Direction) -> bool:
    """Whether the receiver has acknowledged bytes that the capture has not shown."""
    if direction.acked < 0 or direction.fin:
        return False
    return direction.next_seq < 0 or distance(direction.acked, direction.next_seq) > 0
