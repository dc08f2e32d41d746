"""A connection that is followed by itself belongs to nobody else's session, and nobody judges it."""

from __future__ import annotations

from iscsi_analyzer.listener import Listener
from iscsi_analyzer.model.finder import SessionFinder
from iscsi_analyzer.model.following import Follower
from iscsi_analyzer.model.login import Login
from iscsi_analyzer.model.session import Session
from iscsi_analyzer.model.task import TaskWriter
from iscsi_analyzer.options import Options
from iscsi_analyzer.streams.connection import Connection
from tests.support.talk_pdu import LOGIN_REQUEST, header


def test_a_login_moves_nothing() -> None:
    listener = Listener(Options())
    connection = Connection(listener, listener.rows, b"", b"", b"", b"")
    finder = SessionFinder()
    session = Session(1, TaskWriter())
    follower = Follower(connection, session, TaskWriter(), Login(), finder)
    head = header(LOGIN_REQUEST, 0x87, isid=b"\x40\0\0\0\0\0", tsih=7)
    finder.login(follower, head, b"")
    finder.text(follower, 1, head, b"InitiatorName=a\0", True)
    assert follower.session is session and follower.login.requests == 0
    assert finder.watcher is None and follower.watcher is None
