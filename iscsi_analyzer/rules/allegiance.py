"""Whether the connection that a task belongs to can still be used for it (RFC 7143 sections 4.2.5.1, 6.3.4, 7.2.2 and
11.14). And what logouts said of connections, which tells it.

Interpreted. Holds no rule.
"""

from __future__ import annotations

from dissectors.iscsi import layout as at
from iscsi_analyzer.model.following import Follower
from iscsi_analyzer.model.sessions import Sessions
from iscsi_analyzer.model.task import KIND_LOGOUT, Task
from iscsi_analyzer.model.watch import Look
from iscsi_analyzer.rules.header_fields import half
from iscsi_analyzer.rules.logout import CLOSE_SESSION
from iscsi_analyzer.rules.sight import MOST_CONNECTIONS
from iscsi_analyzer.rules.trouble import MOST, Left, of_session_trouble


def connection_of(follower: Follower, task: Task) -> Follower:
    """The connection that a task of the session was sent on."""
    return numbered(follower, task.connection)


def numbered(follower: Follower, connection: int) -> Follower:
    """The connection with that number."""
    finder = follower.finder
    assert isinstance(finder, Sessions)
    return finder.followers[connection - 1]


def kin(follower: Follower) -> list[Follower]:
    """The latest connections of the session, its own included if it is one of them."""
    finder = follower.finder
    assert isinstance(finder, Sessions)
    return [finder.followers[number - 1] for number in follower.session.connections[-MOST_CONNECTIONS:]]


def logout_asked(follower: Follower, look: Look) -> None:
    """Takes note of a Logout Request."""
    reason = look.flags & at.REASON_CODE_MASK
    trouble = of_session_trouble(follower.session)
    if len(trouble.left) >= MOST or len(trouble.leaving) >= MOST:
        return
    cids = [half(look, at.AT_CID)]
    if reason == CLOSE_SESSION:
        cids = [each.login.cid for each in kin(follower)]
    for cid in cids:
        trouble.left[cid] = Left(look.number, reason)
        trouble.leaving[look.tag] = cid


def logout_answered(follower: Follower, look: Look) -> None:
    """Takes note of a Logout Response."""
    trouble = of_session_trouble(follower.session)
    task = look.task
    left = trouble.left.get(trouble.leaving.pop(look.tag, -1))
    if left is None or task is None or task.kind != KIND_LOGOUT or task.request != left.request or not look.whole:
        return
    left.response = look.header[at.AT_RESPONSE]
    left.ts = look.ts
    left.wait = half(look, at.AT_TIME2WAIT)
    left.retain = half(look, at.AT_TIME2RETAIN)


def left_by(old: Follower) -> Left | None:
    """The Logout that named this connection, unless it was refused."""
    left = of_session_trouble(old.session).left.get(old.login.cid)
    return left if left is not None and left.response <= 0 else None


def released(old: Follower) -> bool:
    """Whether the tasks of a connection may move to another one: it was logged out, or another one took its place."""
    if left_by(old) is not None:
        return True
    cid = old.login.cid
    return any(each.number > old.number and each.login.requests and each.login.cid == cid for each in kin(old))


def alive(old: Follower) -> bool:
    """Whether a connection of which nothing is missing is neither closed nor given up."""
    return not (old.connection.closed or old.connection.replaced or released(old))
