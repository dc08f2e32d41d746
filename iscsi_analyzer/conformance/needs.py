"""What has to be in a capture for a rule to speak, told by the words of its `needs`.

The words are for people; here they become a few questions that can be asked of every PDU. Where they say nothing that
is known here, most is asked for: an occasion that could have been judged may then count as one that could not, never
the other way round.
"""

from __future__ import annotations

import re
from enum import Flag, auto
from functools import cache
from typing import Final


class Need(Flag):
    """Questions to the capture. Their order is that in which the first unanswered one is told."""

    NOTHING = 0
    "The header alone is enough."
    BOTH_WAYS = auto()
    "Both directions of the connection."
    LOGIN = auto()
    "What the login settled."
    START = auto()
    "The connection from its SYN on."
    ALONE = auto()
    "That the session has this connection only."
    SESSION = auto()
    "Every connection of the session that was captured, from its SYN on and unbroken."
    UNBROKEN = auto()
    "Everything on the connection before the PDU."
    TASK = auto()
    "Everything on the connection since the request of the task."
    AFTER = auto()
    "Everything on the connection behind the PDU: the fault is that something does not come."
    DATA = auto()
    "All bytes of the PDU."


_WORDS: Final = (
    (r"SYN|from its beginning|every byte", Need.START | Need.UNBROKEN | Need.BOTH_WAYS),
    (
        r"unbroken|everything that|all of the connection|all requests|all pings|whole connection|connection beyond",
        Need.UNBROKEN,
    ),
    (r"since(?! the command)|follows|long after|beyond|up to its end|arrived", Need.AFTER),
    (r"session with one connection|logins of all connections", Need.ALONE | Need.LOGIN),
    (r"view of all connections|all its connections|all of the connections", Need.SESSION | Need.LOGIN),
    (r"login|ErrorRecoveryLevel|negotiat|MaxRecv|digests of|its digests|the window", Need.LOGIN),
    (r"offer|exchange|negotiation|acknowledgement", Need.UNBROKEN | Need.BOTH_WAYS),
    (r"task|command|request|ping|(?<!of the )response|ExpStatSN|Data-In", Need.TASK | Need.BOTH_WAYS),
    (r"captured|text|data|PDU", Need.DATA),
)
_MOST: Final = Need.START | Need.UNBROKEN | Need.LOGIN | Need.BOTH_WAYS | Need.DATA


@cache
def need_of(needs: str) -> Need:
    """The questions behind `needs` of a rule."""
    if not needs:
        return Need.NOTHING
    found = Need.NOTHING
    for pattern, need in _WORDS:
        if re.search(pattern, needs):
            found |= need
    if Need.UNBROKEN in found:
        found &= ~Need.TASK
    return found or _MOST
