"""What the logins of an analysis have told of initiators and targets, for rules that compare a login with earlier ones.

Interpreted: asked by the rules on login PDUs. Bounded: of more than MAX_KNOWN of a kind the oldest are forgotten, and
what is longer than it may be is not remembered.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, TypeVar

from dissectors.iscsi.values import MAX_NAME_LENGTH
from iscsi_analyzer.rules.saying import Saying

MAX_KNOWN: Final = 4096

_Key = TypeVar("_Key")
_Value = TypeVar("_Value")


@dataclass(slots=True)
class Challenge:
    """A CHAP challenge that was sent before."""

    pdu: int
    ts: int


@dataclass(slots=True)
class Identifiers:
    """The CHAP identifiers of one sender: the latest, and how many challenges in a row had it."""

    latest: int
    row: int = 1


@dataclass(slots=True)
class Acquaintances:
    """Nodes by what their logins showed."""

    methods: dict[tuple[str, str], dict[str, int]] = field(default_factory=dict)
    "Initiator and target by name -> methods that the target has chosen for it, other than None, and the latest PDU."
    challenges: dict[tuple[bytes, bytes], Challenge] = field(default_factory=dict)
    "`sender`, challenge -> when it was sent first."
    identifiers: dict[bytes, Identifiers] = field(default_factory=dict)
    "By `sender`."
    aliases: dict[tuple[bool, str], int] = field(default_factory=dict)
    "Nodes (True: initiators) by name that have sent an alias at login -> PDU."


def acquaintances(say: Saying) -> Acquaintances:
    """Those of the analysis, made when they are first asked for."""
    known = say.desk.acquaintances
    if known is None:
        known = Acquaintances()
        say.desk.acquaintances = known
    assert isinstance(known, Acquaintances)
    return known


def fits(*names: str) -> bool:
    """Whether names are short enough to be remembered."""
    return all(len(name) <= MAX_NAME_LENGTH for name in names)


def remember(known: dict[_Key, _Value], key: _Key, value: _Value) -> None:
    """Adds an entry; the oldest goes if there are too many."""
    known[key] = value
    if len(known) > MAX_KNOWN:
        del known[next(iter(known))]


def sender(say: Saying) -> bytes:
    """The sender by its part and its address, without the port."""
    to_target = say.follower.connection.to_target
    if to_target is None:
        return b""
    return b"I" + to_target.source[:-2] if say.to_target else b"T" + to_target.peer.source[:-2]
