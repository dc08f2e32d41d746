"""Who knows all sessions, as a single connection sees it.

Compiled. `model.sessions` does what is only said here; a connection that is followed by itself has this one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mypy_extensions import i64

from iscsi_analyzer.model.watch import Look, Watcher

if TYPE_CHECKING:
    from iscsi_analyzer.model.following import Follower


class SessionFinder:
    """Finds the session that a login joins."""

    def __init__(self) -> None:
        self.watcher: Watcher | None = None
        self.look: Look = Look()

    def login(self, follower: Follower, header: bytes, data: bytes) -> None:
        """A Login Request was seen, with as much of its keys as was captured: settles which session the connection
        belongs to."""

    def text(self, follower: Follower, number: i64, header: bytes, data: bytes, whole: bool) -> None:
        """A login or text PDU, for whoever reads keys."""
