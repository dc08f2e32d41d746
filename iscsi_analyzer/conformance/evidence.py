"""Which PDUs of a capture can be judged, by what a rule needs, and why others cannot: holes, PDUs that are cut,
connections that began before the capture, and the like.

Reads the store as columns, one entry for each PDU.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from iscsi_analyzer.conformance.needs import Need
from iscsi_analyzer.model.following import Follower
from iscsi_analyzer.store import rows
from iscsi_analyzer.store.columns import Array, pdu_columns
from iscsi_analyzer.store.store import Store

Reasons = NDArray[np.uint8]
Question = Callable[[Follower], bool]

REASONS: Final = {
    "one-way": "one direction was captured",
    "no-login": "the login was not captured",
    "no-start": "it began before the capture",
    "more-connections": "there may be more connections",
    "gap": "bytes were not captured",
    "cut": "cut short in the capture",
}
"Why nobody can tell whether a requirement was kept, in the order in which they are told."

_CODE: Final = {reason: number for number, reason in enumerate(REASONS, 1)}
NAMES: Final = ("", *REASONS)
"Reason by its number; 0 stands for PDUs that can be judged."

_TIME, _CONNECTION, _FLAGS, _REQUEST = 8, 24, 28, 40
"Offsets in the rows of PDUs (`store.rows`)."


class Evidence:
    """What the capture behind a store can prove. Made when all of it was read."""

    def __init__(self, store: Store) -> None:
        columns = pdu_columns(store)
        self.count = columns.count
        self.connections: Array = columns.field(_CONNECTION, "<u4").astype(np.int64) - 1
        "Index of the connection of each PDU."
        flags = columns.field(_FLAGS, "<u4")
        self.to_target: NDArray[np.bool_] = flags & np.uint32(rows.FLAG_TO_TARGET) != 0
        self._times = columns.field(_TIME, "<i8")
        self._requests = columns.field(_REQUEST, "<u4").astype(np.int64)
        captured = flags >> np.uint32(rows.CAPTURED_SHIFT) & np.uint32(rows.CAPTURED_MASK)
        digest = flags >> np.uint32(rows.HEADER_DIGEST_SHIFT) & np.uint32(rows.DIGEST_MASK)
        self._cut = flags & np.uint32(rows.FLAG_CUT) != 0
        self._no_header = (captured < 48) | (digest == rows.DIGEST_BAD)
        self._followers = store.followers
        self._losses, self._all_losses = self._lost(store)
        self._known: dict[Need, Reasons] = {}

    def reasons(self, need: Need) -> Reasons:
        """For each PDU why it cannot be judged by a rule with this need: its number in NAMES, 0 if it can."""
        found = self._known.get(need)
        if found is None:
            found = self._known[need] = self._ask(need)
        return found

    def _ask(self, need: Need) -> Reasons:
        why = np.zeros(self.count, dtype=np.uint8)

        def tell(reason: str, where: NDArray[np.bool_]) -> None:
            why[where & (why == 0)] = _CODE[reason]

        if Need.BOTH_WAYS in need:
            tell("one-way", ~self._of_connections(_both_ways))
        if Need.LOGIN in need:
            tell("no-login", ~self._of_connections(_login_seen))
        if Need.START in need:
            tell("no-start", ~self._of_connections(_from_its_syn))
        if Need.ALONE in need:
            tell("more-connections", ~self._of_connections(_alone))
        if Need.SESSION in need:
            tell("no-start", ~self._of_connections(self._sessions_all(_from_its_syn)))
            tell("gap", ~self._of_connections(self._sessions_all(_unbroken)))
        if Need.UNBROKEN in need:
            tell("gap", self._losses > 0)
        if Need.TASK in need:
            asked = self._requests > 0
            then = self._losses[np.where(asked, self._requests - 1, np.arange(self.count))]
            tell("gap", then != self._losses)
        if Need.AFTER in need:
            tell("gap", self._losses < self._all_losses)
        if Need.DATA in need:
            tell("cut", self._cut)
        tell("cut", self._no_header)
        return why

    def _of_connections(self, ask: Question) -> NDArray[np.bool_]:
        answers = np.array([bool(ask(follower)) for follower in self._followers], dtype=np.bool_)
        return answers[self.connections] if len(answers) else np.zeros(self.count, dtype=np.bool_)

    def _sessions_all(self, ask: Question) -> Question:
        """Asks all connections of a connection's session."""
        known = self._followers
        return lambda follower: all(ask(known[number - 1]) for number in follower.session.connections)

    def _lost(self, store: Store) -> tuple[Array, Array]:
        """How often bytes of its connection had been lost before each PDU, and how often in all; a PDU that is cut is a
        loss, too."""
        times: dict[int, list[int]] = {}
        for loss in store.losses:
            times.setdefault(int(loss.connection) - 1, []).append(int(loss.ts))
        for row in np.flatnonzero(self._cut | self._no_header).tolist():
            times.setdefault(int(self.connections[row]), []).append(int(self._times[row]))
        lost, in_all = np.zeros(self.count, dtype=np.int64), np.zeros(self.count, dtype=np.int64)
        for connection, moments in times.items():
            mine = np.flatnonzero(self.connections == connection)
            lost[mine] = np.searchsorted(np.sort(moments), self._times[mine], "left")
            in_all[mine] = len(moments)
        if store.losses_not_listed:
            lost += 1  # some connection lost more than is known: nothing may lean on its being unbroken
        return lost, in_all


def _both_ways(follower: Follower) -> bool:
    connection = follower.connection
    return connection.first.next_seq >= 0 and connection.second.next_seq >= 0


def _unbroken(follower: Follower) -> bool:
    return not follower.losses


def _login_seen(follower: Follower) -> bool:
    return bool(follower.login.requests) and not follower.session.assumed


def _from_its_syn(follower: Follower) -> bool:
    connection = follower.connection
    return connection.first.isn >= 0 and connection.second.isn >= 0


def _alone(follower: Follower) -> bool:
    return follower.limits.max_connections == 1 and len(follower.session.connections) == 1
