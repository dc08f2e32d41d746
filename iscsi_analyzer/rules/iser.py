"""Rules on logins that ask for iSER, iSCSI over RDMA (RFC 7145 section 6).

Interpreted: sees login PDUs, and the first PDU after a login. A connection that has changed over to RDMA is not
followed there: its PDUs do not travel as TCP any more.
"""

from __future__ import annotations

from typing import Final

from dissectors.iscsi.keytable import KEYS
from dissectors.iscsi.values import RESERVED_ANSWERS
from iscsi_analyzer.rules.digest_offers import CRC32C, DIGESTS
from iscsi_analyzer.rules.occasions import said
from iscsi_analyzer.rules.offers import DECLARATION, OFFER, Move
from iscsi_analyzer.rules.rule import NOTE, WARNING, Rule
from iscsi_analyzer.rules.saying import OPERATIONAL, Saying

RDMA: Final = "RDMAExtensions"
_OTHERS: Final = tuple(key.name for key in KEYS.values() if key.status == "iSER" and key.name != RDMA)
_WHOLE: Final = "an unbroken view of the connection from its SYN on"
_AGREED: Final = 'iscsi.opcode == 0x23 && iscsi.keyvalue == "RDMAExtensions=Yes"'

RULES = (
    Rule(
        "iser-rdmaextensions-late",
        WARNING,
        "either",
        "RFC 7145 section 6.3",
        "RDMAExtensions is offered after the first PDU of the operational stage",
        _WHOLE,
        occasion=said((RDMA,)),
    ),
    Rule(
        "iser-key-without-rdma",
        NOTE,
        "either",
        "RFC 7145 sections 6.4 to 6.10",
        "{key} is said although RDMAExtensions is {state}",
        _WHOLE,
        occasion=said(_OTHERS),
    ),
    Rule(
        "iser-digest-with-rdma",
        NOTE,
        "either",
        "RFC 7145 section 6.1",
        "{key}=CRC32C is agreed upon together with RDMAExtensions=Yes",
        _WHOLE,
        occasion=_AGREED,
    ),
    Rule(
        "iser-mode-on-tcp",
        NOTE,
        "either",
        "RFC 7145 sections 6.1 and 6.3",
        "RDMAExtensions=Yes was agreed upon, and PDUs go on in plain TCP",
        _WHOLE,
        occasion=_AGREED,
    ),
)


def see(say: Saying) -> None:
    """Runs the rules of this topic on one login PDU."""
    if not say.whole or say.text is None:
        return
    talk = say.talk
    for move in say.moves:
        if move.pair.key == RDMA and move.kind == OFFER and move.pair.value not in RESERVED_ANSWERS:
            if say.csg == OPERATIONAL and talk.operational_texts[say.to_target]:
                iser_rdmaextensions_late(say)
        elif move.pair.key in _OTHERS and move.kind in (OFFER, DECLARATION) and not say.joins:
            iser_key_without_rdma(say, move)
    if say.ends_login and talk.offers.result(RDMA) == "Yes":
        talk.rdma = say.number
        iser_digest_with_rdma(say)
    if say.csg == OPERATIONAL and (say.to_target or not talk.request[1] & 0x40):
        talk.operational_texts[say.to_target] += 1


def see_other(say: Saying) -> None:
    """Runs the rules of this topic on one PDU that is no login PDU."""
    if say.talk.rdma and say.whole:
        iser_mode_on_tcp(say)
    say.talk.rdma = 0


def iser_rdmaextensions_late(say: Saying) -> None:
    """iSER is offered too late.

    ## What it means
    Whoever wants iSER says so with its first PDU of the operational stage, as other keys depend on the result.

    ## Why it matters
    Keys that were answered before have another meaning with iSER; the other side may refuse.

    ## Example
        talk.handshake()
        keys = {"InitiatorName": talk.initiator_name, "TargetName": talk.target_name}
        talk.login_request(keys, transit=False)
        talk.login_response({"TargetPortalGroupTag": "1"})
        talk.login_request({"RDMAExtensions": "Yes"})
        talk.login_response({"RDMAExtensions": "No"})

    ## When it is silent
    When the capture lacks any byte of the connection.

    ## Reference
    RFC 7145 section 6.3
    """
    say.found("iser-rdmaextensions-late", {})


def iser_key_without_rdma(say: Saying, move: Move) -> None:
    """A key of iSER in a login without iSER.

    ## What it means
    The keys of iSER have a meaning only together with RDMAExtensions=Yes. Here that was not offered, or refused before.

    ## Why it matters
    The value has no effect, and implementations without iSER answer NotUnderstood.

    ## Example
        talk.open(offer={"MaxAHSLength": "512"})

    ## When it is silent
    For answers, if RDMAExtensions is offered in the same PDU or not answered yet, for further connections of a session,
    and when the capture lacks any byte of the connection.

    ## Reference
    RFC 7145 sections 6.4 to 6.10
    """
    offers = say.talk.offers
    settled = offers.settled.get(RDMA)
    refused = settled is not None and settled.answer != "Yes" and settled.answer_pdu < say.number
    if refused or (settled is None and RDMA not in offers.open):
        say.found("iser-key-without-rdma", {"key": move.pair.key, "state": "refused" if refused else "not offered"})


def iser_digest_with_rdma(say: Saying) -> None:
    """Digests are agreed upon together with iSER.

    ## What it means
    With iSER the layers below protect the data; HeaderDigest and DataDigest are None then.

    ## Why it matters
    One side may send digests where the other does not expect them.

    ## Example
        offer = {"RDMAExtensions": "Yes", "HeaderDigest": "CRC32C,None"}
        talk.open(offer=offer, answer={"RDMAExtensions": "Yes", "HeaderDigest": "CRC32C"})

    ## When it is silent
    When the capture lacks any byte of the connection.

    ## Reference
    RFC 7145 section 6.1
    """
    for key in DIGESTS:
        if say.talk.offers.result(key) == CRC32C:
            say.found("iser-digest-with-rdma", {"key": key}, say.talk.offers.settled[key].answer_pdu)
            return


def iser_mode_on_tcp(say: Saying) -> None:
    """A connection that should have changed over to RDMA goes on as before.

    ## What it means
    After RDMAExtensions=Yes the PDUs travel by RDMA. The capture shows them in plain TCP.

    ## Why it matters
    The two sides misunderstand each other, or the capture was made where RDMA is taken off. Lengths and digests may not
    be what the keys say.

    ## Example
        talk.open(offer={"RDMAExtensions": "Yes"}, answer={"RDMAExtensions": "Yes"})
        talk.test_unit_ready()

    ## When it is silent
    After the first such PDU, and when the capture lacks any byte of the connection.

    ## Reference
    RFC 7145 sections 6.1 and 6.3
    """
    say.found("iser-mode-on-tcp", {}, say.talk.rdma)
