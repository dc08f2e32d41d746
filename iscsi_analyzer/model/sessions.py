"""All sessions of an analysis: which connection belongs to which, by what the logins say.

Compiled. RFC 7143 sections 6.3.1 (TSIH 0 asks for a new session, another value joins one) and 6.3.5 (reinstatement).
"""

from __future__ import annotations

from mypy_extensions import i64

from iscsi_analyzer.model.following import Follower, SessionFinder
from iscsi_analyzer.model.in_force import fill, forget_session, widen
from iscsi_analyzer.model.login import MAX_KEYS, Login
from iscsi_analyzer.model.session import Session
from iscsi_analyzer.model.task import CLOSED, NO_REQUEST, OPEN_AT_END, TaskWriter
from iscsi_analyzer.streams.connection import Connection


class Sessions(SessionFinder):
    """The sessions, numbered from 1, and the followers of their connections."""

    def __init__(self) -> None:
        super().__init__()
        self.sessions: list[Session] = []
        self.followers: list[Follower] = []
        self.tasks: TaskWriter = TaskWriter()
        # Ports that target addresses named: iSCSI is to be expected there.
        self.new_ports: list[int] = []

    def follow(self, connection: Connection) -> Follower:
        """Begins to follow a connection, with a session of its own until the login says otherwise."""
        session = Session(len(self.sessions) + 1, self.tasks)
        session.connections.append(connection.number)
        session.first_ts = connection.first_ts
        self.sessions.append(session)
        follower = Follower(connection, session, self.tasks, Login(), self)
        self.followers.append(follower)
        return follower

    def login(self, follower: Follower, header: bytes) -> None:
        login = follower.login
        tsih = (header[14] << 8) | header[15]
        session = follower.session
        if login.requests:
            return
        session.isid = header[8:14]
        if tsih == 0:
            session.assumed = False
            return
        joined = self._existing(session, header[8:14], tsih)
        if joined is None:
            session.tsih = tsih
            return
        joined.connections.append(follower.number)
        joined.open.update(session.open)
        session.connections.clear()
        follower.session = joined
        if session is self.sessions[-1]:
            self.sessions.pop()

    def joins(self, follower: Follower, header: bytes) -> Session:
        """The session that a first Login Request asks for: an earlier one, or the one of its own connection."""
        tsih = (header[14] << 8) | header[15]
        if tsih == 0 or follower.login.requests:
            return follower.session
        joined = self._existing(follower.session, header[8:14], tsih)
        return follower.session if joined is None else joined

    def _existing(self, but: Session, isid: bytes, tsih: i64) -> Session | None:
        """The latest session with that ISID and TSIH."""
        index: i64 = len(self.sessions) - 1
        while index >= 0:
            session = self.sessions[index]
            if session is not but and session.isid == isid and session.tsih == tsih:
                return session
            index -= 1
        return None

    def text(self, follower: Follower, number: i64, header: bytes, data: bytes, whole: bool) -> None:
        login = follower.login
        login.pdu(number, header, data, _incomplete(follower.connection), whole)
        session = follower.session
        if login.news:
            login.news = False
            follower.negotiated(login.header_digest, login.data_digest)
            fill(follower.limits, login, number, self._leading(follower))
            if session.assumed:
                forget_session(follower.limits)
            if follower.watcher is not None:
                follower.watcher.full_feature(follower, number)
            if session.tsih == 0:
                session.tsih = login.tsih
        elif login.complete and b"MaxRecvDataSegmentLength" in data and len(login.said) < MAX_KEYS:
            widen(follower.limits, login, number)
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

    def finish(self, ts: i64) -> None:
        """The capture is over: what is open stays without an answer."""
        for follower in self.followers:
            if follower.watcher is not None:
                follower.watcher.closed(follower)
        for session in self.sessions:
            for task in session.open.values():
                connection = self.followers[task.connection - 1].connection
                outcome = CLOSED if connection.closed else OPEN_AT_END
                if task.request == 0:
                    outcome = NO_REQUEST
                self.tasks.add(task, 0, outcome, 0, session.number)
            session.open.clear()
            if session.closed_since >= 0:
                session.granted(session.exp_cmd_sn, session.max_cmd_sn, ts)


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
    )
