"""Rules on answers that come late, or refuse what they cannot refuse (RFC 7143 sections 6.2, 6.2.1 and 6.2.2).

Interpreted: sees login PDUs.
"""

from __future__ import annotations

from typing import Final

from dissectors.iscsi import keytable
from dissectors.iscsi.keytable import Key
from dissectors.iscsi.values import NONE, REJECT, parse_boolean, parse_number
from iscsi_analyzer.rules.keys_answers import YOUNGER
from iscsi_analyzer.rules.keys_values import offered_in, outside, void
from iscsi_analyzer.rules.occasions import BOOLEANS, NEGOTIATED, NUMBERS, T2I, said
from iscsi_analyzer.rules.offers import ANSWER, Move, Statement
from iscsi_analyzer.rules.rule import ERROR, NOTE, Rule
from iscsi_analyzer.rules.saying import Saying

SHOWN: Final = 60
_WHOLE: Final = "an unbroken view of the connection from its SYN on"

RULES = (
    Rule(
        "key-answer-late",
        NOTE,
        "either",
        "RFC 7143 sections 6 and 6.2",
        "{key} is answered one PDU too late: the PDU before should have done so",
        _WHOLE,
        occasion=said(NEGOTIATED),
    ),
    Rule(
        "key-none-misused",
        ERROR,
        "either",
        "RFC 7143 sections 6.2 and 6.2.1",
        "{key} is answered None, which only lists can be",
        _WHOLE,
        occasion=said((*NUMBERS, *BOOLEANS), T2I),
    ),
    Rule(
        "key-reject-unjustified",
        NOTE,
        "either",
        "RFC 7143 section 6.2.2",
        "{key}={value} is answered Reject although it is a possible offer",
        _WHOLE,
        occasion=said((*NUMBERS, *BOOLEANS), T2I),
    ),
)


def see(say: Saying) -> None:
    """Runs the rules of this topic on one login PDU."""
    if not say.whole:
        return
    for move in say.moves:
        key, to = move.key, move.to
        if move.kind != ANSWER or key is None or to is None or key.kind != keytable.NEGOTIATED:
            continue
        key_answer_late(say, move, to)
        if key.form in (keytable.NUMBER, keytable.BOOLEAN) and not void(say, key):
            if move.pair.value == NONE:
                key_none_misused(say, move)
            elif move.pair.value == REJECT and key.status == "current" and key.name not in YOUNGER:
                key_reject_unjustified(say, key, to)


def key_answer_late(say: Saying, move: Move, to: Statement) -> None:
    """An offer is not answered at once.

    ## What it means
    The answer to an offer stands in the next PDU of the other side, or where its text ends if that goes on over
    several. Here that side has sent another whole text in between.

    ## Why it matters
    The offering side may already have taken the key for unanswered.

    ## Example
        talk.handshake()
        keys = {"InitiatorName": talk.initiator_name, "TargetName": talk.target_name, "MaxBurstLength": "65536"}
        talk.login_request(keys, transit=False)
        talk.login_response({"TargetPortalGroupTag": "1"})
        talk.login_request(transit=False)
        talk.login_response({"MaxBurstLength": "65536"})

    ## When it is silent
    When the capture lacks any byte of the connection.

    ## Reference
    RFC 7143 sections 6 and 6.2
    """
    if to.pdu < say.talk.last_text[say.to_target] < say.number:
        say.found("key-answer-late", {"key": move.pair.key}, to.pdu)


def key_none_misused(say: Saying, move: Move) -> None:
    """None answers an offer that is no list.

    ## What it means
    None stands for the absence of a function in lists, as that of digests, and is chosen only where it is offered.
    Numbers and booleans have no such value.

    ## Why it matters
    The offering side does not know which value holds.

    ## Example
        talk.open(answer={"MaxOutstandingR2T": "None"})

    ## When it is silent
    For lists, of which a choice that was not offered has rules of its own; for keys without meaning in this login; and
    when the capture lacks any byte of the connection.

    ## Reference
    RFC 7143 sections 6.2 and 6.2.1
    """
    say.found("key-none-misused", {"key": move.pair.key}, offered_in(move))


def key_reject_unjustified(say: Saying, key: Key, to: Statement) -> None:
    """An offer is rejected although nothing is wrong with it.

    ## What it means
    Reject is for values that are not possible and for lists of which nothing can be accepted. To a possible number, and
    to Yes or No, there is always an answer: the own value, from which the result follows.

    ## Why it matters
    The negotiation has failed for no reason; a login has to be ended for that.

    ## Example
        talk.handshake()
        keys = {"InitiatorName": talk.initiator_name, "TargetName": talk.target_name, "MaxBurstLength": "262144"}
        talk.login_request(keys, transit=False)
        talk.login_response({"TargetPortalGroupTag": "1", "MaxBurstLength": "Reject"})

    ## When it is silent
    For lists, for keys younger than RFC 3720 and obsolete ones, for keys without meaning in this login, and when the
    capture lacks any byte of the connection.

    ## Reference
    RFC 7143 section 6.2.2
    """
    number = parse_number(to.value)
    possible = not outside(key, number) if key.form == keytable.NUMBER and number is not None else False
    if possible or (key.form == keytable.BOOLEAN and parse_boolean(to.value) is not None):
        say.found("key-reject-unjustified", {"key": key.name, "value": to.value[:SHOWN]}, to.pdu)
