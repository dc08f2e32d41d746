"""Rules on iSCSIProtocolLevel, by which both sides say which standards they know (RFC 7143 section 13.24, RFC 7144
section 7.1.1).

Interpreted: sees login PDUs, and task management. What a session may not do in which the level was settled otherwise is
judged where it is done.
"""

from __future__ import annotations

from typing import Final

from dissectors.iscsi import layout as at
from dissectors.iscsi.keytable import KEYS
from dissectors.iscsi.values import RESERVED_ANSWERS, parse_number
from iscsi_analyzer.model.following import Follower
from iscsi_analyzer.model.limits import UNKNOWN
from iscsi_analyzer.model.watch import Look
from iscsi_analyzer.rules.conversation import Conversation
from iscsi_analyzer.rules.desk import INITIATOR, Desk
from iscsi_analyzer.rules.keys_values import offered_in, outside
from iscsi_analyzer.rules.notes import of_connection
from iscsi_analyzer.rules.occasions import said
from iscsi_analyzer.rules.offers import OFFER, Move
from iscsi_analyzer.rules.rule import ERROR, NOTE, Rule
from iscsi_analyzer.rules.saying import Saying
from iscsi_analyzer.rules.task_management import LAST_FUNCTION, QUERY_TASK, function_name

SHOWN: Final = 60
LEVEL: Final = "iSCSIProtocolLevel"
_TEXT: Final = "the whole text"
_WHOLE: Final = "an unbroken view of the connection from its SYN on"

RULES = (
    Rule(
        "key-protocollevel-range",
        ERROR,
        "either",
        "RFC 7144 section 7.1.1",
        "{key}={value}: the range is 0 to 31",
        _TEXT,
        occasion=said((LEVEL,)),
    ),
    Rule(
        "key-protocollevel-in-discovery",
        NOTE,
        "either",
        "RFC 7144 section 7.1.1",
        "{key}={value} in a discovery session, where it has no meaning",
        _WHOLE,
        occasion=f"iscsi.session.discovery && {said((LEVEL,))}",
    ),
    Rule(
        "plevel-wrong-for-7143",
        NOTE,
        "either",
        "RFC 7143 section 13.24",
        "{key}=0 claims no standard at all; RFC 7143 alone is 1",
        _TEXT,
        occasion=said((LEVEL,)),
    ),
    Rule(
        "plevel-unclaimed-feature",
        ERROR,
        INITIATOR,
        "RFC 7144 section 7.1.1",
        "{function} is asked for although the target has never answered {key}",
        _WHOLE,
        occasion="iscsi.taskmanfun.function in {9..12}",
    ),
)


def see(say: Saying) -> None:
    """Runs the rules of this topic on one login or text PDU."""
    for move in say.moves:
        if move.pair.key == LEVEL and move.pair.value not in RESERVED_ANSWERS:
            _level(say, move)
    if say.whole and say.ends_login and not say.joins:
        offer = say.talk.offers.open.get(LEVEL)
        say.talk.level_open = offer.pdu if offer is not None and offer.to_target else 0


def see_management(follower: Follower, look: Look, desk: Desk) -> None:
    """Runs the rules of this topic on one Task Management Function Request."""
    talk = of_connection(follower).talk
    if not isinstance(talk, Conversation) or not talk.level_open or follower.limits.protocol_level != UNKNOWN:
        return
    if QUERY_TASK <= look.flags & at.FUNCTION_MASK <= LAST_FUNCTION:
        plevel_unclaimed_feature(follower, look, desk, talk.level_open)


def _level(say: Saying, move: Move) -> None:
    level = parse_number(move.pair.value)
    if level is None:
        return
    key_protocollevel_range(say, move, level)
    plevel_wrong_for_7143(say, move, level)
    if move.kind == OFFER and say.whole and say.discovery:
        key_protocollevel_in_discovery(say, move)


def key_protocollevel_range(say: Saying, move: Move, level: int) -> None:
    """A protocol level is out of range.

    ## What it means
    iSCSIProtocolLevel lies between 0 and 31.

    ## Why it matters
    There is no such level: the other side refuses the key, or ends the login.

    ## Example
        talk.handshake()
        keys = {"InitiatorName": talk.initiator_name, "TargetName": talk.target_name}
        talk.login_request({**keys, "iSCSIProtocolLevel": "40"})

    ## When it is silent
    For values that are no numbers, and when a part of the text is not in the capture.

    ## Reference
    RFC 7144 section 7.1.1
    """
    if outside(KEYS[LEVEL], level):
        say.found("key-protocollevel-range", {"key": LEVEL, "value": move.pair.value[:SHOWN]}, offered_in(move))


def key_protocollevel_in_discovery(say: Saying, move: Move) -> None:
    """A discovery session negotiates a protocol level.

    ## What it means
    iSCSIProtocolLevel is about commands and task management, and has no meaning in discovery sessions.

    ## Why it matters
    The key is answered Irrelevant or passed over, and does nothing.

    ## Example
        talk.open(discovery=True, offer={"iSCSIProtocolLevel": "2"}, answer={"iSCSIProtocolLevel": "Irrelevant"})

    ## When it is silent
    For answers, and when the capture lacks any byte of the connection.

    ## Reference
    RFC 7144 section 7.1.1
    """
    say.found("key-protocollevel-in-discovery", {"key": LEVEL, "value": move.pair.value[:SHOWN]})


def plevel_wrong_for_7143(say: Saying, move: Move, level: int) -> None:
    """A node claims protocol level 0.

    ## What it means
    An implementation of RFC 7143 says 1, one of RFC 7144 says 2. Level 0 claims neither.

    ## Why it matters
    The session gets along with what both RFCs share; a node that knows the key knows RFC 7143, and should say so.

    ## Example
        talk.open(offer={"iSCSIProtocolLevel": "0"}, answer={"iSCSIProtocolLevel": "0"})

    ## When it is silent
    For the answer 0 to an offer of 0, which cannot be another, and when a part of the text is not in the capture.

    ## Reference
    RFC 7143 section 13.24
    """
    if level == 0 and not (move.to is not None and parse_number(move.to.value) == 0):
        say.found("plevel-wrong-for-7143", {"key": LEVEL})


def plevel_unclaimed_feature(follower: Follower, look: Look, desk: Desk, offer: int) -> None:
    """A function of RFC 7144 is used although the other side has not said that it knows that RFC.

    ## What it means
    The initiator offered iSCSIProtocolLevel=2, and the target passed over that in silence. So nothing of RFC 7144 may
    be used; the initiator asks for one of its task management functions nevertheless.

    ## Why it matters
    The target rejects the request, or takes it for something else. Error handling that relies on it hangs or escalates.

    ## Example
        talk.open(offer={"iSCSIProtocolLevel": "2"})
        talk.tmf(9, talk.command(read=4096), response=5)

    ## When it is silent
    If the key was answered (the functions have a rule of their own then), for priorities and status qualifiers, on
    further connections of a session, and when the capture lacks any byte of the connection.

    ## Reference
    RFC 7144 section 7.1.1
    """
    facts: dict[str, object] = {"function": function_name(look), "key": LEVEL}
    desk.report("plevel-unclaimed-feature", INITIATOR, follower, look, facts, offer)
