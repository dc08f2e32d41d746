"""Rules on answers that are due, and on answers that mean the same for every key (RFC 7143 section 6.2).

Interpreted: sees login PDUs. A stage of a login is one negotiation: when it ends, nothing may be left open.
"""

from __future__ import annotations

from typing import Final

from dissectors.iscsi import keytable
from dissectors.iscsi.keytable import Key, find_key
from dissectors.iscsi.values import IRRELEVANT, NOT_UNDERSTOOD, REJECT
from iscsi_analyzer.rules.desk import INITIATOR, TARGET
from iscsi_analyzer.rules.keys_values import offered_in, void
from iscsi_analyzer.rules.occasions import I2T, NEGOTIATED, T2I, said
from iscsi_analyzer.rules.offers import ANSWER, Move, Statement
from iscsi_analyzer.rules.rule import ERROR, WARNING, Rule
from iscsi_analyzer.rules.saying import Saying

SHOWN: Final = 60

YOUNGER: Final = ("TaskReporting", "iSCSIProtocolLevel", "X#NodeArchitecture", "RDMAExtensions")
"Keys that RFC 3720 did not have: an implementation of that may answer NotUnderstood."

_BOTH: Final = "the offer and the answer"
_WHOLE: Final = "an unbroken view of the connection from its SYN on"

RULES = (
    Rule(
        "key-answer-missing",
        ERROR,
        "either",
        "RFC 7143 sections 6.2, 6.2.1 and 6.2.2",
        "{key}={value} was offered and never answered",
        _WHOLE,
        occasion=said(NEGOTIATED, I2T),
    ),
    Rule(
        "key-unknown-unanswered",
        WARNING,
        TARGET,
        "RFC 7143 section 6.2",
        "{key}, which the target does not seem to know, was not answered NotUnderstood",
        _WHOLE,
        occasion='iscsi.pdu.direction == I2T && iscsi.keyvalue matches "^(X|Y|Z)[-#]|=NotUnderstood$"',
    ),
    Rule(
        "login-t-with-open-proposals",
        ERROR,
        TARGET,
        "RFC 7143 sections 6.3 and 11.13.6",
        "The target ends the stage with an offer of its own: {key}={value}",
        _WHOLE,
        occasion="iscsi.opcode == login_response && iscsi.login.T == 1",
    ),
    Rule(
        "login-negotiation-failure-not-terminated",
        WARNING,
        TARGET,
        "RFC 7143 section 7.12",
        "The target lets the login succeed although {key} was rejected",
        _WHOLE,
        occasion='iscsi.opcode == login && iscsi.keyvalue matches "=Reject$"',
    ),
    Rule(
        "key-notunderstood-standard",
        ERROR,
        "either",
        "RFC 7143 sections 6.2 and 13.25",
        "{key} is answered NotUnderstood; every implementation has to know it",
        _BOTH,
        occasion=said(NEGOTIATED, T2I),
    ),
    Rule(
        "key-irrelevant-answer-unjustified",
        WARNING,
        "either",
        "RFC 7143 section 6.2",
        "{key} is answered Irrelevant in a session where it matters",
        _BOTH,
        occasion='iscsi.keyvalue matches "=Irrelevant$"',
    ),
)


def see(say: Saying) -> None:
    """Runs the rules of this topic on one login PDU."""
    if not say.whole:
        return
    for move in say.moves:
        if move.kind == ANSWER and move.key is not None and not void(say, move.key):
            if move.pair.value == NOT_UNDERSTOOD:
                key_notunderstood_standard(say, move, move.key)
            elif move.pair.value == IRRELEVANT:
                key_irrelevant_answer_unjustified(say, move, move.key)
            elif move.pair.value == REJECT:
                _refused(say, move, move.key)
    if say.accepts and say.text is not None:
        _end_of_stage(say)
    if say.ends_login and say.talk.failed:
        login_negotiation_failure_not_terminated(say)


def _end_of_stage(say: Saying) -> None:
    for offer in say.talk.offers.open.values():
        if offer.to_target:
            if find_key(offer.key) is None or offer.key.startswith("X-"):
                key_unknown_unanswered(say, offer)
            elif due(say, offer):
                key_answer_missing(say, offer, TARGET)
        elif due(say, offer):
            if offer.pdu == say.number:
                login_t_with_open_proposals(say, offer)
            else:
                key_answer_missing(say, offer, INITIATOR)


def due(say: Saying, offer: Statement) -> bool:
    """Whether an offer has to be answered."""
    key = find_key(offer.key)
    if offer.again:
        return False
    if key is None or key.kind != keytable.NEGOTIATED or key.status != "current" or void(say, key):
        return False
    if key.silent_answer is not None and offer.value == key.silent_answer:
        return False  # the offer alone decides (section 6.2.2)
    if key.name == "FirstBurstLength":
        results = say.talk.offers
        return results.result("InitialR2T") == "No" or results.result("ImmediateData") == "Yes"
    return True


def _refused(say: Saying, move: Move, key: Key) -> None:
    """A login in which a key of the standard is rejected has failed."""
    negotiated = (
        key.kind == keytable.NEGOTIATED and key.status == "current" and key.name not in (*YOUNGER, "AuthMethod")
    )
    if negotiated and not say.talk.failed:
        say.talk.failed, say.talk.failed_pdu = key.name, say.number


def key_answer_missing(say: Saying, offer: Statement, party: str) -> None:
    """An offer is not answered.

    ## What it means
    Every key that is negotiated and offered gets an answer, if only Reject. The stage of the login ended without one.

    ## Why it matters
    The offering side does not know what holds, and may go on with other values than its peer.

    ## Example
        talk.open(offer={"MaxConnections": "4"}, answer={"MaxConnections": ""})

    ## When it is silent
    For booleans whose offer decides alone (InitialR2T=Yes), for obsolete keys and those of iSER, for keys without
    meaning in this login, and when the capture lacks any byte of the connection.

    ## Reference
    RFC 7143 sections 6.2, 6.2.1 and 6.2.2
    """
    say.found("key-answer-missing", {"key": offer.key, "value": offer.value[:SHOWN]}, offer.pdu, party)


def key_unknown_unanswered(say: Saying, offer: Statement) -> None:
    """An unknown key is passed over in silence.

    ## What it means
    A key that the target does not understand is answered with NotUnderstood.

    ## Why it matters
    The initiator cannot tell whether its extension is in use.

    ## Example
        talk.open(offer={"X-com.example.foo": "1"})

    ## When it is silent
    For keys of the standard, and when the capture lacks any byte of the connection.

    ## Reference
    RFC 7143 section 6.2
    """
    say.found("key-unknown-unanswered", {"key": offer.key[:SHOWN]}, offer.pdu)


def login_t_with_open_proposals(say: Saying, offer: Statement) -> None:
    """The target ends a stage with an offer that cannot be answered any more.

    ## What it means
    A Login Response with T carries nothing that the initiator would have to answer in this stage.

    ## Why it matters
    There is no place for the answer; the two sides go on with different values.

    ## Example
        talk.open(offer={"MaxBurstLength": ""})

    ## When it is silent
    For booleans whose offer decides alone, for obsolete keys and those of iSER, for keys without meaning in this login,
    and when the capture lacks any byte of the connection.

    ## Reference
    RFC 7143 sections 6.3 and 11.13.6
    """
    say.found("login-t-with-open-proposals", {"key": offer.key, "value": offer.value[:SHOWN]})


def login_negotiation_failure_not_terminated(say: Saying) -> None:
    """A login succeeds although a negotiation failed.

    ## What it means
    When a value is not acceptable to one of the sides and is answered with Reject, the negotiation has failed. In a
    login that means the end of the login and of the connection.

    ## Why it matters
    The side that made the offer may rely on a value that was never agreed upon.

    ## Example
        talk.open(offer={"HeaderDigest": "CRC32C"}, answer={"HeaderDigest": "Reject"})

    ## When it is silent
    For AuthMethod, keys younger than RFC 3720 and obsolete keys, for keys without meaning in this login, and when the
    capture lacks any byte of the connection.

    ## Reference
    RFC 7143 section 7.12
    """
    say.found("login-negotiation-failure-not-terminated", {"key": say.talk.failed}, say.talk.failed_pdu)


def key_notunderstood_standard(say: Saying, move: Move, key: Key) -> None:
    """A key of the standard is not understood.

    ## What it means
    Every implementation knows the keys of the standard, even if it supports only their defaults. NotUnderstood is for
    extensions.

    ## Why it matters
    The offering side falls back to the default, which may be far from what both could do.

    ## Example
        talk.open(answer={"MaxBurstLength": "NotUnderstood"})

    ## When it is silent
    For keys younger than RFC 3720, for obsolete keys, for keys of a leading login on another connection, for keys
    without meaning in discovery, and when the offer is not in the capture.

    ## Reference
    RFC 7143 sections 6.2 and 13.25
    """
    if key.status == "current" and key.name not in YOUNGER:
        say.found("key-notunderstood-standard", {"key": key.name}, offered_in(move))


def key_irrelevant_answer_unjustified(say: Saying, move: Move, key: Key) -> None:
    """A key is called irrelevant although it matters.

    ## What it means
    Irrelevant answers keys that other choices have made meaningless, such as burst lengths in a discovery session.
    Nothing like that was chosen here.

    ## Why it matters
    The offering side does not know which value holds.

    ## Example
        talk.open(answer={"MaxConnections": "Irrelevant"})

    ## When it is silent
    For keys that depend on other keys of the same login, in discovery sessions, with iSER, and when the offer is not in
    the capture.

    ## Reference
    RFC 7143 section 6.2
    """
    depends = any(
        name not in ("SessionType", "RDMAExtensions") for condition in key.irrelevant for name, _ in condition
    )
    iser = "RDMAExtensions" in say.talk.offers.open or "RDMAExtensions" in say.talk.offers.settled
    if key.status == "current" and key.kind == keytable.NEGOTIATED and not depends and not say.discovery and not iser:
        say.found("key-irrelevant-answer-unjustified", {"key": key.name}, offered_in(move))
