"""Whether a connection is in the capture from its beginning on, without a hole. Asked by rules that conclude something
from what was not said.

Interpreted, stateless.
"""

from __future__ import annotations

from typing import Final

from iscsi_analyzer.model.following import Follower
from iscsi_analyzer.rules.logout import connections_of
from iscsi_analyzer.streams.connection import Direction
from iscsi_analyzer.streams.serial import distance

MOST_CONNECTIONS: Final = 64
"Connections of a session that are looked at together; more only come from captures made to take time."


def entire(follower: Follower) -> bool:
    """Whether everything that either side sent so far, and the other has acknowledged, was seen, from the SYNs on."""
    connection = follower.connection
    return not follower.losses and _from_its_syn(connection.first) and _from_its_syn(connection.second)


def entire_session(follower: Follower) -> bool:
    """Whether all connections of the session were seen so, and it may have no other."""
    session = follower.session
    most = follower.limits.max_connections
    count = len(session.connections)
    if session.assumed or session.overflows or not 0 < most <= count or count > MOST_CONNECTIONS:
        return False
    return all(entire(each) and (each is follower or settled(each)) for each in connections_of(follower))


def settled(other: Follower) -> bool:
    """Whether nothing of a connection that is not at hand waits for bytes that have not come."""
    connection = other.connection
    return not (connection.ahead or connection.first.waiting or connection.second.waiting)


def reached(follower: Follower, to_target: bool) -> bool:
    """Whether the receiver of one direction has acknowledged everything that was sent to it so far."""
    direction = follower.connection.to_target
    if direction is None:
        return False
    if not to_target:
        direction = direction.peer
    return direction.acked >= 0 and direction.next_seq >= 0 and distance(direction.acked, direction.next_seq) >= 0


def heard_since(follower: Follower, ts: int) -> int:
    """How long (ns) after `ts` the initiator still acknowledged what it received, if nothing that it received is
    missing: what the target sent until then was seen. Else 0."""
    direction = follower.connection.to_target
    if direction is None or not entire(follower):
        return 0
    return max(direction.last_ts, direction.heard_ts) - ts


def _from_its_syn(direction: Direction) -> bool:
    if direction.isn < 0 or direction.next_seq < 0:
        return False
    # A FIN takes a number, too.
    return direction.acked < 0 or distance(direction.acked, direction.next_seq) <= int(direction.fin)
