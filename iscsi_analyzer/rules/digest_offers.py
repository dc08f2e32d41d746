"""Rules on digests other than CRC32C, which the standard leaves room for (RFC 7143 section 13.1).

Interpreted: sees what is said in login PDUs.
"""

from __future__ import annotations

from dissectors.iscsi.values import RESERVED_ANSWERS, parse_list
from iscsi_analyzer.rules.occasions import I2T, T2I, said
from iscsi_analyzer.rules.offers import ANSWER, OFFER, Move
from iscsi_analyzer.rules.rule import NOTE, Rule
from iscsi_analyzer.rules.saying import Saying

DIGESTS = ("HeaderDigest", "DataDigest")
CRC32C, NONE = "CRC32C", "None"
PRIVATE = "Y-"
"How the names of digests begin that are of somebody's own make."
SHOWN = 64
"Characters of a value that a finding shows."

RULES = (
    Rule(
        "digest-algorithm-unknown",
        NOTE,
        "either",
        "RFC 7143 section 13.1",
        "{key}={value} was agreed: such digests cannot be checked, and what follows may not be framed",
        occasion=said(DIGESTS, T2I),
    ),
    Rule(
        "digest-default-offer-weak",
        NOTE,
        "either",
        "RFC 7143 section 13.1",
        "{key}={value} offers a digest that is no standard, {fault}",
        occasion=said(DIGESTS, I2T),
    ),
)


def see(say: Saying) -> None:
    """Runs the rules of this topic on what one login PDU says."""
    for move in say.moves:
        if move.pair.key in DIGESTS and move.pair.value not in RESERVED_ANSWERS:
            if move.kind == ANSWER:
                digest_algorithm_unknown(say, move)
            elif move.kind == OFFER:
                digest_default_offer_weak(say, move)


def digest_algorithm_unknown(say: Saying, move: Move) -> None:
    """A digest was agreed that is no standard.

    ## What it means
    Besides CRC32C and None, digests may be of somebody's own make (their names begin with `Y-`). Both sides
    chose one.

    ## Why it matters
    Nobody else can check it. The analysis does not know how long it is, so PDUs after the login are found by what looks
    like a header.

    ## Example
        talk.handshake()
        talk.login_request({"InitiatorName": talk.initiator_name, "TargetName": talk.target_name,
                            "HeaderDigest": "Y-com.example.md5,CRC32C"}, transit=False)
        talk.login_response({"TargetPortalGroupTag": "1", "HeaderDigest": "Y-com.example.md5"})

    ## When it is silent
    When the answer was not captured.

    ## Reference
    RFC 7143 section 13.1
    """
    if move.pair.value not in (CRC32C, NONE) and move.to is not None and move.pair.value in parse_list(move.to.value):
        facts: dict[str, object] = {"key": move.pair.key, "value": move.pair.value[:SHOWN]}
        say.found("digest-algorithm-unknown", facts, move.to.pdu)


def digest_default_offer_weak(say: Saying, move: Move) -> None:
    """A digest of somebody's own make is offered without CRC32C beside it, or with None.

    ## What it means
    Who offers such a digest by default has to offer CRC32C as well, and not None: a peer that does not know the digest
    shall still protect the data. Here it cannot, or need not.

    ## Why it matters
    With most peers the connection ends up without any digest, which is not what somebody wanted who asked for a special
    one. If an administrator chose this list on purpose, nothing is wrong.

    ## Example
        talk.handshake()
        talk.login_request({"InitiatorName": talk.initiator_name, "TargetName": talk.target_name,
                            "HeaderDigest": "Y-com.example.foo,None"}, transit=False)
        talk.login_response({"TargetPortalGroupTag": "1", "HeaderDigest": "None"})

    ## When it is silent
    When the offer was not captured.

    ## Reference
    RFC 7143 section 13.1
    """
    offered = parse_list(move.pair.value)
    if not any(item.startswith(PRIVATE) for item in offered):
        return
    fault = "without CRC32C beside it" if CRC32C not in offered else "with None beside it" if NONE in offered else ""
    if fault:
        facts: dict[str, object] = {"key": move.pair.key, "value": move.pair.value[:SHOWN], "fault": fault}
        say.found("digest-default-offer-weak", facts)
