"""What the rules remember from one connection to the next: who logged in where, and what was said of where to log in.

Interpreted. Filled by the topics that judge across sessions; bounded, the oldest is forgotten. No opinions.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, TypeVar

from dissectors.iscsi.values import parse_number
from iscsi_analyzer.analysis.addresses import host, initiator_half
from iscsi_analyzer.model.following import Follower
from iscsi_analyzer.model.sessions import Sessions
from iscsi_analyzer.rules.conversation import unbroken
from iscsi_analyzer.rules.notes import of_connection
from iscsi_analyzer.rules.saying import Saying

MAX_REMEMBERED: Final = 4096
"Entries of each table."
LATER_NS: Final = 5_000_000_000
"So long after something on another connection, that the capture shows the two in another order is no excuse."
FRESH_NS: Final = 1_000_000_000
"A connection that was in use so short a time before has not failed as far as anybody can have noticed."

MOST_CONNECTIONS: Final = 256
"Connections of a session that are compared with each other; more only come from captures made to take time."

Key = TypeVar("Key")
Value = TypeVar("Value")


@dataclass(slots=True)
class Visit:
    """A login that succeeded."""

    follower: Follower
    initiator: str
    "InitiatorName."
    target: str
    "TargetName; empty for discovery without one."
    group: int
    "Portal group tag, -1 if the target did not say."
    discovery: bool
    isid: bytes
    tsih: int
    request: int
    "First Login Request."
    answer: int
    "Last Login Response."
    header: bytes
    "Its header."
    came_from: bytes = b""
    "Address of the host that had used the same names just before."

    @property
    def host(self) -> bytes:
        """Address of the initiator."""
        return initiator_half(self.follower.connection).source[:-2]

    @property
    def portal(self) -> bytes:
        """Address and port of the target."""
        return initiator_half(self.follower.connection).destination

    def in_use(self, ts: int) -> bool:
        """Whether its connection was open and in use a moment before `ts`."""
        return in_use(self.follower, ts)


@dataclass(slots=True)
class Record:
    """What a discovery said of a portal of a target."""

    pdu: int
    tag: int | None


@dataclass(slots=True)
class Early:
    """A login that asked for a session that nobody had seen."""

    follower: Follower
    pdu: int
    initiator: str


@dataclass(slots=True)
class Isids:
    """The ISIDs with which an initiator came to a portal group."""

    seen: set[bytes] = field(default_factory=set)
    latest: Visit | None = None


@dataclass(slots=True)
class History:
    """Of one analysis."""

    ports: dict[tuple[object, ...], Visit] = field(default_factory=dict)
    "Both ends of a nexus -> the latest login there."
    hosts: dict[tuple[object, ...], Visit] = field(default_factory=dict)
    "Initiator, target, portal group and ISID -> the latest login with them."
    handles: dict[tuple[object, ...], Visit] = field(default_factory=dict)
    "Initiator, target, portal group and TSIH -> the latest leading login that got it."
    numbered: dict[bytes, Visit] = field(default_factory=dict)
    "ISID and TSIH -> the latest leading login that got them."
    early: dict[bytes, Early] = field(default_factory=dict)
    "ISID and TSIH -> the latest login that asked for a session with them when there was none."
    discoveries: dict[tuple[object, ...], Visit] = field(default_factory=dict)
    "Initiator and portal -> the latest discovery session there."
    isids: dict[tuple[object, ...], Isids] = field(default_factory=dict)
    "Initiator, target and portal group -> its ISIDs."
    advertised: dict[tuple[str, str], Record] = field(default_factory=dict)
    "Target and portal -> what a discovery said."
    redirected: dict[tuple[str, str, str], tuple[str, int]] = field(default_factory=dict)
    "Initiator, target and portal -> the portal that it named instead, and the PDU."
    authenticated: dict[tuple[str, str], int] = field(default_factory=dict)
    "Target and portal -> a login that it let in after an authentication."
    arrivals: dict[str, int] = field(default_factory=dict)
    "InitiatorName -> when it last began a login."
    spelled: dict[tuple[str, str], tuple[str, int]] = field(default_factory=dict)
    "Key and name in lower case -> the name as it was written first, and the PDU."


def history_of(follower: Follower) -> History:
    """The history of the analysis that follows this connection, made when it is first asked for."""
    finder = follower.finder
    assert isinstance(finder, Sessions)
    history = finder.history
    if history is None:
        history = History()
        finder.history = history
    assert isinstance(history, History)
    return history


def few(follower: Follower) -> bool:
    """Whether the connections of the session can be compared with each other in no time."""
    return len(follower.session.connections) <= MOST_CONNECTIONS


def in_use(follower: Follower, ts: int) -> bool:
    """Whether a connection was open and in use a moment before `ts`, and nobody had wanted to end it."""
    connection, notes = follower.connection, of_connection(follower)
    if connection.closed or connection.replaced or notes.closing or notes.announced or not follower.login.complete:
        return False
    return last_pdu_ts(follower) >= ts - FRESH_NS and unbroken(follower)


def last_pdu_ts(follower: Follower) -> int:
    """When the latest PDU of a connection was complete; frames that only repeat what was seen do not count."""
    framers = [direction.framer for direction in (follower.connection.first, follower.connection.second)]
    return max((int(framer.time_last) for framer in framers if framer is not None), default=0)


def remember(table: dict[Key, Value], key: Key, value: Value) -> None:
    """Keeps an entry; the one that was written first is forgotten if there are too many."""
    table.pop(key, None)
    if len(table) >= MAX_REMEMBERED:
        del table[next(iter(table))]
    table[key] = value


def visit_of(say: Saying) -> Visit:
    """The login that ends with this Login Response."""
    talk = say.talk
    said = talk.portal_group if talk.portal_group is not None else say.values.get("TargetPortalGroupTag", "")
    group = parse_number(said)
    return Visit(
        follower=say.follower,
        initiator=talk.offers.said("InitiatorName", True) or "",
        target=talk.target_name,
        group=-1 if group is None or group > 0xFFFF else group,
        discovery=talk.discovery,
        isid=talk.first[8:14],
        tsih=say.half(14),
        request=talk.first_pdu,
        answer=say.number,
        header=say.header,
    )


def shown(raw: bytes) -> str:
    """An address without port, for a finding."""
    return host(raw + b"\0\0")
