"""Whether a connection is in the capture from its beginning on, without a hole. Asked by rules that conclude something
from what was not said.

Interpreted, stateless.
"""

from __future__ import annotations

from iscsi_analyzer.model.following import Follower
from iscsi_analyzer.streams.connection import Direction
from iscsi_analyzer.streams.serial import distance


def entire(follower: Follower) -> bool:
    """Whether everything that either side sent so far, and the other has acknowledged, was seen, from the SYNs on."""
    connection = follower.connection
    return not follower.losses and _from_its_syn(connection.first) and _from_its_syn(connection.second)


def _from_its_syn(direction: Direction) -> bool:
    if direction.isn < 0 or direction.next_seq < 0:
        return False
    # A FIN takes a number, too.
    return direction.acked < 0 or distance(direction.acked, direction.next_seq) <= int(direction.fin)
