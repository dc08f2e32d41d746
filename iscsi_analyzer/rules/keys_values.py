"""Rules on the values of keys: their ranges, and the answers that an offer allows (RFC 7143 sections 6.2 and 13).

Interpreted: sees the texts of login and text PDUs. Each key has a result function; an answer that the function does not
allow leaves the two sides with different results.
"""

from __future__ import annotations

from typing import Final

from dissectors.iscsi import keytable
from dissectors.iscsi.keytable import Key
from dissectors.iscsi.values import RESERVED_ANSWERS, parse_boolean, parse_list, parse_number
from iscsi_analyzer.rules.occasions import AND, LISTS, MAXIMUM, MINIMUM, NUMBERS, OR, T2I, said
from iscsi_analyzer.rules.offers import ANSWER, DECLARATION, OFFER, Move, Statement
from iscsi_analyzer.rules.rule import ERROR, Rule
from iscsi_analyzer.rules.saying import Saying

SHOWN: Final = 60
APART: Final = ("TargetPortalGroupTag", "iSCSIProtocolLevel")
"Numbers whose range has a rule of its own."

_BOTH: Final = "the offer and the answer"
_TEXT: Final = "the whole text"

RULES = (
    Rule(
        "key-value-out-of-range",
        ERROR,
        "either",
        "RFC 7143 sections 6.2.2 and 13",
        "{key}={value}: the range is {low} to {high}",
        _TEXT,
        occasion=said(NUMBERS),
    ),
    Rule(
        "key-answer-inadmissible",
        ERROR,
        "either",
        "RFC 7143 section 6.2.2",
        "{key}={value} is no possible answer: the range is {low} to {high}",
        _BOTH,
        occasion=said((*MINIMUM, *MAXIMUM), T2I),
    ),
    Rule(
        "key-list-answer-not-offered",
        ERROR,
        "either",
        "RFC 7143 section 6.2.1",
        "{key}={value} answers {offered}, which does not contain it",
        _BOTH,
        occasion=said(LISTS, T2I),
    ),
    Rule(
        "key-min-violated",
        ERROR,
        "either",
        "RFC 7143 section 13",
        "{key}={value} answers the offer {offered}: the result is the smaller of the two",
        _BOTH,
        occasion=said(MINIMUM, T2I),
    ),
    Rule(
        "key-max-violated",
        ERROR,
        "either",
        "RFC 7143 section 13",
        "{key}={value} answers the offer {offered}: the result is the larger of the two",
        _BOTH,
        occasion=said(MAXIMUM, T2I),
    ),
    Rule(
        "key-and-violated",
        ERROR,
        "either",
        "RFC 7143 section 13",
        "{key}=Yes answers the offer No: the result is Yes only if both sides want it",
        _BOTH,
        occasion=said(AND, T2I),
    ),
    Rule(
        "key-or-violated",
        ERROR,
        "either",
        "RFC 7143 section 13",
        "{key}=No answers the offer Yes: the result is No only if both sides want it",
        _BOTH,
        occasion=said(OR, T2I),
    ),
    Rule(
        "key-reserved-value-offered",
        ERROR,
        "either",
        "RFC 7143 section 6.2",
        "{key}={value} is said of its own accord; that can only be an answer",
        "the whole negotiation",
        occasion="iscsi.keyvalue",
    ),
)


def see(say: Saying) -> None:
    """Runs the rules of this topic on one login or text PDU."""
    for move in say.moves:
        key = move.key
        if key is None:
            continue
        if move.kind == ANSWER and move.to is not None:
            if say.whole and not void(say, key):
                _answer(say, move, key, move.to)
        elif move.kind in (OFFER, DECLARATION):
            if move.pair.value in RESERVED_ANSWERS:
                if say.whole:
                    key_reserved_value_offered(say, move)
            elif key.form == keytable.NUMBER and key.name not in APART:
                number = parse_number(move.pair.value)
                if number is not None:
                    key_value_out_of_range(say, move, key, number)


def void(say: Saying, key: Key) -> bool:
    """The key has no meaning in this login, whatever is said: it belongs to leading logins, or not to discovery."""
    if key.use == keytable.LEADING_ONLY and say.joins:
        return True
    return say.discovery and irrelevant_in_discovery(key)


def irrelevant_in_discovery(key: Key) -> bool:
    """Whether the standard calls the key irrelevant in discovery sessions."""
    return any(condition == (("SessionType", "Discovery"),) for condition in key.irrelevant)


def _answer(say: Saying, move: Move, key: Key, to: Statement) -> None:
    value = move.pair.value
    if value in RESERVED_ANSWERS or key.kind != keytable.NEGOTIATED:
        return
    elif key.form == keytable.NUMBER:
        number, offered = parse_number(value), parse_number(to.value)
        if number is None:
            return
        if outside(key, number):
            if key.name not in APART:
                key_answer_inadmissible(say, move, key)
        elif offered is not None and not outside(key, offered):
            if key.result == keytable.MINIMUM:
                key_min_violated(say, move, number, offered)
            elif key.result == keytable.MAXIMUM:
                key_max_violated(say, move, number, offered)
    elif key.form == keytable.BOOLEAN:
        if key.result == keytable.AND:
            key_and_violated(say, move)
        else:
            key_or_violated(say, move)
    elif key.form == keytable.LIST and key.name != "AuthMethod":
        key_list_answer_not_offered(say, move, to)


def outside(key: Key, number: int) -> bool:
    """Whether a number is out of the range of the key."""
    return number < key.low or (key.high > 0 and number > key.high)


def _range(key: Key) -> dict[str, object]:
    return {"low": key.low, "high": key.high}


def key_value_out_of_range(say: Saying, move: Move, key: Key, number: int) -> None:
    """A number is outside of what its key allows.

    ## What it means
    The standard gives each numerical key a range. The value that is offered or declared here lies outside.

    ## Why it matters
    The other side answers Reject, ends the login, or takes the value and misbehaves.

    ## Example
        talk.open(offer={"MaxRecvDataSegmentLength": "256"})

    ## When it is silent
    When a part of the text is not in the capture.

    ## Reference
    RFC 7143 sections 6.2.2 and 13
    """
    if outside(key, number):
        say.found("key-value-out-of-range", {"key": key.name, "value": move.pair.value[:SHOWN], **_range(key)})


def key_answer_inadmissible(say: Saying, move: Move, key: Key) -> None:
    """An answer is outside of what its key allows.

    ## What it means
    A side answers an offer with a value that the key allows, or with Reject.

    ## Why it matters
    The negotiation of the key has failed; a login has to be ended for that.

    ## Example
        talk.open(answer={"ErrorRecoveryLevel": "3"})

    ## When it is silent
    When the offer is not in the capture.

    ## Reference
    RFC 7143 section 6.2.2
    """
    facts: dict[str, object] = {"key": key.name, "value": move.pair.value[:SHOWN], **_range(key)}
    say.found("key-answer-inadmissible", facts, offered_in(move))


def offered_in(move: Move) -> int:
    """The PDU of the offer that a move answers."""
    return move.to.pdu if move.to is not None else 0


def key_list_answer_not_offered(say: Saying, move: Move, to: Statement) -> None:
    """An answer chooses something that was not offered.

    ## What it means
    The answer to a list is one of its values, or Reject.

    ## Why it matters
    For digests: one side sends checksums and the other does not expect them, so nothing can be framed any more.

    ## Example
        talk.open(offer={"HeaderDigest": "None"}, answer={"HeaderDigest": "CRC32C"})

    ## When it is silent
    When the offer is not in the capture.

    ## Reference
    RFC 7143 section 6.2.1
    """
    value = move.pair.value
    if value not in [item.strip() for item in parse_list(to.value)]:
        facts: dict[str, object] = {"key": to.key, "value": value[:SHOWN], "offered": to.value[:SHOWN]}
        say.found("key-list-answer-not-offered", facts, to.pdu)


def key_min_violated(say: Saying, move: Move, number: int, offered: int) -> None:
    """An answer is larger than the offer although the smaller value holds.

    ## What it means
    The result of the key is the smaller of both wishes, so the answer is at most the offer.

    ## Why it matters
    The offering side cannot cope with more than it offered: too long bursts, too many connections.

    ## Example
        talk.open(answer={"MaxBurstLength": "524288"})

    ## When it is silent
    When the offer is not in the capture, and for keys without meaning in this login.

    ## Reference
    RFC 7143 section 13
    """
    if number > offered:
        facts: dict[str, object] = {"key": move.pair.key, "value": move.pair.value, "offered": offered}
        say.found("key-min-violated", facts, offered_in(move))


def key_max_violated(say: Saying, move: Move, number: int, offered: int) -> None:
    """An answer is smaller than the offer although the larger value holds.

    ## What it means
    The result of the key is the larger of both wishes, so the answer is at least the offer.

    ## Why it matters
    For DefaultTime2Wait: one side comes back before the other is ready for it.

    ## Example
        talk.open(answer={"DefaultTime2Wait": "1"})

    ## When it is silent
    When the offer is not in the capture, and for keys without meaning in this login.

    ## Reference
    RFC 7143 section 13
    """
    if number < offered:
        facts: dict[str, object] = {"key": move.pair.key, "value": move.pair.value, "offered": offered}
        say.found("key-max-violated", facts, offered_in(move))


def key_and_violated(say: Saying, move: Move) -> None:
    """An answer switches something on that the offer had ruled out.

    ## What it means
    The key is on only if both sides say Yes; after the offer No the answer cannot be Yes.

    ## Why it matters
    For ImmediateData: the target waits for data that the initiator does not send with its commands.

    ## Example
        talk.open(offer={"ImmediateData": "No"}, answer={"ImmediateData": "Yes"})

    ## When it is silent
    When the offer is not in the capture, and for keys without meaning in this login.

    ## Reference
    RFC 7143 section 13
    """
    if move.to is not None and parse_boolean(move.to.value) is False and parse_boolean(move.pair.value):
        say.found("key-and-violated", {"key": move.pair.key}, move.to.pdu)


def key_or_violated(say: Saying, move: Move) -> None:
    """An answer switches something off that the offer had fixed.

    ## What it means
    The key is off only if both sides say No; after the offer Yes the answer cannot be No.

    ## Why it matters
    For InitialR2T: one side waits for an R2T, the other for the data.

    ## Example
        talk.open(offer={"InitialR2T": "Yes"}, answer={"InitialR2T": "No"})

    ## When it is silent
    When the offer is not in the capture, and for keys without meaning in this login.

    ## Reference
    RFC 7143 section 13
    """
    if move.to is not None and parse_boolean(move.to.value) and parse_boolean(move.pair.value) is False:
        say.found("key-or-violated", {"key": move.pair.key}, move.to.pdu)


def key_reserved_value_offered(say: Saying, move: Move) -> None:
    """A word that only answers may use is offered.

    ## What it means
    Reject, Irrelevant and NotUnderstood answer what the other side said. Here nobody had said anything.

    ## Why it matters
    There is no answer to that; the key keeps its default at best.

    ## Example
        talk.open(offer={"MaxConnections": "Reject"}, answer={"MaxConnections": ""})

    ## When it is silent
    When the capture lacks any byte of the connection, and for keys that no standard knows.

    ## Reference
    RFC 7143 section 6.2
    """
    say.found("key-reserved-value-offered", {"key": move.pair.key, "value": move.pair.value})
