"""Rules on what login PDUs carry where it means nothing: reserved bits and fields, and text in a refusal (RFC 7143
sections 11.12 and 11.13).

Interpreted: sees login PDUs.
"""

from __future__ import annotations

from typing import Final

from iscsi_analyzer.rules.desk import INITIATOR, TARGET
from iscsi_analyzer.rules.rule import NOTE, Rule
from iscsi_analyzer.rules.saying import STAGES, Saying

RESERVED_A: Final = (1, 2)
"Types of an ISID whose field A means nothing: enterprise number and random."
REDIRECTION: Final = 1
SHOWN: Final = 40

RULES = (
    Rule(
        "login-nsg-with-t0",
        NOTE,
        "either",
        "RFC 7143 sections 11.12.3 and 11",
        "A login PDU that does not end its stage names {nsg} as the next one",
        occasion="iscsi.opcode in {0x03, 0x23} && iscsi.login.T == 0",
    ),
    Rule(
        "isid-a-field-reserved",
        NOTE,
        INITIATOR,
        "RFC 7143 sections 11.12.5 and 11",
        "ISID {isid} has 0x{a:02x} in field A, which means nothing for its type",
        occasion="iscsi.opcode == 0x03 && iscsi.isid.t in {1, 2}",
    ),
    Rule(
        "login-textual-response-to-reject",
        NOTE,
        TARGET,
        "RFC 7143 section 11.13.5",
        "A Login Response with status 0x{status:04x} says {key}",
        "the whole text of the response",
        occasion="iscsi.opcode == 0x23 && iscsi.login.status >= 0x100",
    ),
)


def see(say: Saying) -> None:
    """Runs the rules of this topic on one login PDU."""
    if say.refuses:
        if say.text is not None:
            login_textual_response_to_reject(say)
        return
    if not say.final and say.nsg:
        login_nsg_with_t0(say)
    if say.to_target:
        isid_a_field_reserved(say)


def login_nsg_with_t0(say: Saying) -> None:
    """A login PDU that stays in its stage names a next one.

    ## What it means
    NSG says to which stage a login moves when T is set. Without T it is reserved, and so 0.

    ## Why it matters
    Implementations that look at NSG alone take the PDU for a transition and answer as if the stage had ended.

    ## Example
        talk.handshake()
        keys = {"InitiatorName": talk.initiator_name, "TargetName": talk.target_name}
        talk.login_request(keys, transit=False, patch={1: b"\x07"})

    ## When it is silent
    For refusals, whose bits mean nothing.

    ## Reference
    RFC 7143 sections 11.12.3 and 11
    """
    say.found("login-nsg-with-t0", {"nsg": STAGES[say.nsg]})


def isid_a_field_reserved(say: Saying) -> None:
    """An ISID has bits set that mean nothing for its type.

    ## What it means
    The six bits after the type of an ISID belong to the OUI where an OUI is its authority. For an enterprise number or
    a random number they are reserved.

    ## Why it matters
    Targets compare the whole ISID; tools that print it by its parts show two ISIDs that differ here as the same.

    ## Example
        talk.handshake()
        keys = {"InitiatorName": talk.initiator_name, "TargetName": talk.target_name}
        talk.login_request(keys, isid=bytes.fromhex("810000000001"))

    ## When it is silent
    For the other types of ISIDs.

    ## Reference
    RFC 7143 sections 11.12.5 and 11
    """
    first = say.header[8]
    if first >> 6 in RESERVED_A and first & 0x3F:
        say.found("isid-a-field-reserved", {"isid": say.header[8:14].hex(), "a": first & 0x3F})


def login_textual_response_to_reject(say: Saying) -> None:
    """A refusal goes on to negotiate.

    ## What it means
    A status other than success ends the negotiation. The only key that has a meaning then is the TargetAddress of a
    redirection.

    ## Why it matters
    The initiator throws the text away. What was meant by it is never heard.

    ## Example
        talk.handshake()
        talk.login_request({"InitiatorName": talk.initiator_name, "TargetName": talk.target_name})
        talk.login_response({"AuthMethod": "None"}, status=0x0201)

    ## When it is silent
    For TargetPortalGroupTag, which belongs into the first response whatever it says, and for a text that is not whole.

    ## Reference
    RFC 7143 section 11.13.5
    """
    kept = ["TargetPortalGroupTag"]
    if say.status >> 8 == REDIRECTION:
        kept.append("TargetAddress")
    for pair in say.pairs:
        if pair.key not in kept:
            say.found("login-textual-response-to-reject", {"status": say.status, "key": pair.key[:SHOWN]})
            return
