"""How a connection ended: what is told of it. Declares data only; `endings` finds it and `reasons` explains it."""

from __future__ import annotations

from typing import Final

import msgspec

# How a connection ended.
LOGOUT: Final = "logout"
CLOSED: Final = "closed"
RESET: Final = "reset"
LOGIN_FAILED: Final = "login failed"
REPLACED: Final = "replaced"
SILENT: Final = "silent"
OPEN: Final = "open"


class LastPdu(msgspec.Struct, frozen=True):
    """The last PDU of one side."""

    pdu: int
    frame: int
    what: str
    "Its name."
    at_ns: int


class Ping(msgspec.Struct, kw_only=True):
    """A ping: NOP-Out by the initiator or NOP-In by the target, with its answer if there is one."""

    by: str
    pdu: int
    asked_ns: int
    answer_pdu: int
    "0 if it was not answered."
    waited_ns: int
    "Until the answer, or until the end."
    heard_since: int
    "PDUs that the other side sent after an unanswered ping."


class Waiting(msgspec.Struct, kw_only=True):
    """A request that was waiting at the end."""

    task: int
    what: str
    lun: str
    length: int
    request_pdu: int
    waited_ns: int


class Logout(msgspec.Struct, kw_only=True):
    """A logout."""

    reason: str
    request_pdu: int
    answer_pdu: int
    "0 if it was not answered."
    response: str
    asked_by_target: bool
    "An Asynchronous Message of the target had asked for it."


class Reason(msgspec.Struct, kw_only=True):
    """Something that was seen and may explain the end; the first reason weighs most."""

    words: str
    pdus: list[int] = []
    tasks: list[int] = []


class Ending(msgspec.Struct, kw_only=True):
    """How one connection ended."""

    connection: int
    how: str
    "logout, closed (FIN), reset (RST), login failed, replaced (by another login), silent, or open."
    by: str
    "Who ended it: `initiator`, `target`, or empty while it is open."
    at_ns: int
    "When: the first FIN or RST, else its last frame."
    frame: int
    with_: str = msgspec.field(name="with")
    "`FIN` or `RST`: the first one; empty without."
    from_initiator: LastPdu | None
    from_target: LastPdu | None
    quiet_ns: int
    "From the last PDU of either side to the end of the connection, or of the capture."
    target_quiet_ns: int
    "From the last frame of the target, acknowledgements included, to the end."
    initiator_quiet_ns: int
    last_ping: Ping | None
    "The last one that was answered."
    unanswered_pings: list[Ping]
    waiting: list[Waiting]
    "SCSI tasks without an answer, the oldest first; some of them."
    waiting_count: int
    unacknowledged: int
    "Bytes of the initiator that the target's TCP had not acknowledged, as far as captured."
    logout: Logout | None
    reasons: list[Reason]
    lacks: list[str]
    "What the capture lacks of the connection."
