"""Who takes part in the connections of a capture: initiators and targets by their names, or by their addresses where no
login told a name."""

from __future__ import annotations

from typing import Final, NamedTuple

from iscsi_analyzer.analysis.addresses import host, initiator_half, portal_of
from iscsi_analyzer.model.following import Follower

INITIATOR: Final = "initiator"
TARGET: Final = "target"
NOBODY: Final = "nobody"
ROLES: Final = (INITIATOR, TARGET, NOBODY)


class Party(NamedTuple):
    """One side of conversations, over all captures."""

    role: str
    "initiator, target, or nobody: the network between them, or the capture."
    name: str
    "iSCSI name, or address; a target's with its port, as it may have several names on others."


NETWORK: Final = Party(NOBODY, "network")
ANALYZER: Final = Party(NOBODY, "analyzer")
"To whom a rule that failed is put down."


def initiator_of(follower: Follower) -> Party:
    """Who began the connection."""
    return Party(INITIATOR, follower.session.initiator_name or addresses(follower)[0])


def target_of(follower: Follower) -> Party:
    """Who was asked. A discovery session is with a portal, not with a target of a name."""
    return Party(TARGET, follower.session.target_name or addresses(follower)[1])


def addresses(follower: Follower) -> tuple[str, str]:
    """Address of the initiator; address and port of the target."""
    return host(initiator_half(follower.connection).source), portal_of(follower.connection)
