"""Rules on the stages of a login and on the bits that move it on: T, C, CSG and NSG (RFC 7143 sections 6.2, 6.3, 11.12
and 11.13).

Interpreted: sees login PDUs.
"""

from __future__ import annotations

from typing import Final

from iscsi_analyzer.rules.desk import INITIATOR, TARGET
from iscsi_analyzer.rules.rule import ERROR, Rule
from iscsi_analyzer.rules.saying import FULL_FEATURE, OPERATIONAL, SECURITY, STAGES, Saying

RESERVED_STAGE: Final = 2
_WHOLE: Final = "an unbroken view of the connection from its SYN on"

RULES = (
    Rule(
        "login-t-and-c-set",
        ERROR,
        "either",
        "RFC 7143 sections 6.2, 11.12.2 and 11.13.7",
        "A login PDU has T and C set: it ends a stage in the middle of a text",
        occasion="iscsi.opcode == login",
    ),
    Rule(
        "login-csg-reserved",
        ERROR,
        "either",
        "RFC 7143 sections 11.12.3 and 11",
        "A login PDU names the reserved stage 2 (CSG {csg}, NSG {nsg})",
        occasion="iscsi.opcode == login",
    ),
    Rule(
        "login-csg-ffp",
        ERROR,
        "either",
        "RFC 7143 sections 6.3 and 11.12.3",
        "A login PDU claims to be in the full feature phase (CSG 3)",
        occasion="iscsi.opcode == login",
    ),
    Rule(
        "login-stage-transition-illegal",
        ERROR,
        "either",
        "RFC 7143 section 6.3",
        "A login PDU moves from {csg} to {nsg}",
        occasion="iscsi.login.T == 1",
    ),
    Rule(
        "login-stage-skew",
        ERROR,
        "either",
        "RFC 7143 section 6.3",
        "A login PDU is in {csg} while the login is in {agreed}",
        _WHOLE,
        occasion="iscsi.opcode == login",
    ),
    Rule(
        "login-security-after-operational",
        ERROR,
        INITIATOR,
        "RFC 7143 section 6.3",
        "The initiator returns to SecurityNegotiation after LoginOperationalNegotiation has begun",
        _WHOLE,
        occasion="iscsi.opcode == login_request && !iscsi.pdu.first",
    ),
    Rule(
        "login-nsg-exceeds-requested",
        ERROR,
        TARGET,
        "RFC 7143 section 6.3",
        "The target moves to {nsg}; the initiator asked for {requested}",
        _WHOLE,
        occasion="iscsi.opcode == login_response && iscsi.login.T == 1",
    ),
    Rule(
        "login-t-unsolicited",
        ERROR,
        TARGET,
        "RFC 7143 sections 11.13.6 and 6.3",
        "The target moves to {nsg} although the request did not ask for another stage",
        _WHOLE,
        occasion="iscsi.opcode == login_request && iscsi.login.T == 0",
    ),
    Rule(
        "login-c-answer-nonempty",
        ERROR,
        "either",
        "RFC 7143 section 6.2",
        "{length} bytes of text answer a PDU whose text goes on",
        _WHOLE,
        occasion="iscsi.login.C == 1",
    ),
)


def see(say: Saying) -> None:
    """Runs the rules of this topic on one login PDU."""
    if say.refuses:
        return  # T, CSG and NSG mean nothing (section 6.3.1)
    if say.final and say.more:
        login_t_and_c_set(say)
    if say.csg == RESERVED_STAGE or (say.final and say.nsg == RESERVED_STAGE):
        login_csg_reserved(say)
    elif say.csg == FULL_FEATURE:
        login_csg_ffp(say)
    elif say.final and say.nsg <= say.csg:
        login_stage_transition_illegal(say)
    elif say.whole:
        _see_stages(say)
    if say.whole:
        login_c_answer_nonempty(say)


def _see_stages(say: Saying) -> None:
    talk = say.talk
    if say.to_target:
        if say.csg == SECURITY and talk.operational:
            login_security_after_operational(say)
        elif talk.outstanding == 0 and talk.agreed in (SECURITY, OPERATIONAL) and say.csg != talk.agreed:
            login_stage_skew(say)
    elif talk.outstanding == 1:
        asked = bool(talk.request[1] & 0x80)
        if say.csg != (talk.request[1] >> 2) & 0x03:
            login_stage_skew(say)
        elif say.final and not asked:
            login_t_unsolicited(say)
        elif say.final and say.nsg > talk.request[1] & 0x03:
            login_nsg_exceeds_requested(say)


def login_t_and_c_set(say: Saying) -> None:
    """A login PDU wants to end the stage although its text is not complete.

    ## What it means
    C says that the text goes on in the next PDU, T that the stage ends with this one. Both together contradict each
    other.

    ## Why it matters
    The other side loses the rest of the keys, or refuses the login.

    ## Example
        talk.handshake()
        keys = {"InitiatorName": talk.initiator_name, "TargetName": talk.target_name}
        talk.login_request(keys, more=True)

    ## When it is silent
    For refusals, whose bits mean nothing.

    ## Reference
    RFC 7143 sections 6.2, 11.12.2 and 11.13.7
    """
    say.found("login-t-and-c-set", {})


def login_csg_reserved(say: Saying) -> None:
    """A login PDU names a stage that does not exist.

    ## What it means
    The stages of a login are 0 (security), 1 (operational) and 3 (full feature phase); 2 is reserved.

    ## Why it matters
    The other side cannot know what is being negotiated, and ends the login.

    ## Example
        talk.handshake()
        keys = {"InitiatorName": talk.initiator_name, "TargetName": talk.target_name}
        talk.login_request(keys, csg=2, nsg=3)
        talk.login_response(status=0x0200, csg=0)

    ## When it is silent
    For refusals, whose bits mean nothing, and for NSG while T is 0.

    ## Reference
    RFC 7143 sections 11.12.3 and 11
    """
    say.found("login-csg-reserved", {"csg": say.csg, "nsg": say.nsg})


def login_csg_ffp(say: Saying) -> None:
    """A login PDU claims to be sent in the full feature phase.

    ## What it means
    CSG is the stage in which the PDU is sent: security or operational. The full feature phase has no login PDUs.

    ## Why it matters
    The other side is still logging in and ends the connection.

    ## Example
        talk.handshake()
        keys = {"InitiatorName": talk.initiator_name, "TargetName": talk.target_name}
        talk.login_request(keys, csg=3, transit=False)

    ## When it is silent
    For refusals, whose bits mean nothing.

    ## Reference
    RFC 7143 sections 6.3 and 11.12.3
    """
    say.found("login-csg-ffp", {})


def login_stage_transition_illegal(say: Saying) -> None:
    """A login PDU moves backwards, or nowhere.

    ## What it means
    A login moves from security to operational or to the full feature phase, or from operational to the full feature
    phase. Nothing else is a transition.

    ## Why it matters
    The two sides end up in different stages, and the login fails.

    ## Example
        talk.handshake()
        keys = {"InitiatorName": talk.initiator_name, "TargetName": talk.target_name}
        talk.login_request(keys, csg=1, nsg=0)
        talk.login_response(status=0x0200)

    ## When it is silent
    For refusals, whose bits mean nothing.

    ## Reference
    RFC 7143 section 6.3
    """
    say.found("login-stage-transition-illegal", {"csg": STAGES[say.csg], "nsg": STAGES[say.nsg]})


def login_stage_skew(say: Saying) -> None:
    """A login PDU belongs to another stage than the login is in.

    ## What it means
    The stage changes only when both sides set T. Until then requests and responses name the same stage.

    ## Why it matters
    Keys are read under the rules of the wrong stage, or the login fails.

    ## Example
        talk.handshake()
        keys = {"InitiatorName": talk.initiator_name, "TargetName": talk.target_name, "AuthMethod": "None"}
        talk.login_request(keys, csg=0, nsg=1, transit=False)
        talk.login_response({"TargetPortalGroupTag": "1", "AuthMethod": "None"})
        talk.login_request(csg=1, nsg=3)

    ## When it is silent
    For refusals, and when the capture lacks any byte of the connection.

    ## Reference
    RFC 7143 section 6.3
    """
    talk = say.talk
    agreed = talk.agreed if say.to_target else (talk.request[1] >> 2) & 0x03
    facts: dict[str, object] = {"csg": STAGES[say.csg], "agreed": STAGES[agreed]}
    say.found("login-stage-skew", facts, talk.response_pdu if say.to_target else talk.request_pdu)


def login_security_after_operational(say: Saying) -> None:
    """An initiator goes back to the security stage.

    ## What it means
    The security stage comes first or not at all.

    ## Why it matters
    Authentication after the operational keys protects nothing, and targets refuse it.

    ## Example
        talk.handshake()
        keys = {"InitiatorName": talk.initiator_name, "TargetName": talk.target_name}
        talk.login_request(keys, transit=False)
        talk.login_response({"TargetPortalGroupTag": "1"})
        talk.login_request({"AuthMethod": "None"}, csg=0, nsg=1)

    ## When it is silent
    When the capture lacks any byte of the connection.

    ## Reference
    RFC 7143 section 6.3
    """
    say.found("login-security-after-operational", {}, say.talk.operational)


def login_nsg_exceeds_requested(say: Saying) -> None:
    """The target moves further than the initiator asked for.

    ## What it means
    The target may agree to the stage that the initiator asks for, or to an earlier one; not to a later one.

    ## Why it matters
    The initiator still wants to negotiate; with the target in the full feature phase its next request is an error.

    ## Example
        talk.handshake()
        keys = {"InitiatorName": talk.initiator_name, "TargetName": talk.target_name, "AuthMethod": "None"}
        talk.login_request(keys, csg=0, nsg=1)
        talk.login_response({"TargetPortalGroupTag": "1", "AuthMethod": "None"}, nsg=3)

    ## When it is silent
    For refusals, and when the capture lacks any byte of the connection.

    ## Reference
    RFC 7143 section 6.3
    """
    requested = say.talk.request[1] & 0x03
    facts: dict[str, object] = {"nsg": STAGES[say.nsg], "requested": STAGES[requested]}
    say.found("login-nsg-exceeds-requested", facts, say.talk.request_pdu)


def login_t_unsolicited(say: Saying) -> None:
    """The target ends a stage that the initiator did not want to end.

    ## What it means
    The target sets T only in answer to a request with T.

    ## Why it matters
    The initiator still has keys to negotiate in this stage.

    ## Example
        talk.handshake()
        keys = {"InitiatorName": talk.initiator_name, "TargetName": talk.target_name}
        talk.login_request(keys, transit=False)
        talk.login_response({"TargetPortalGroupTag": "1"}, transit=True, nsg=3)

    ## When it is silent
    For refusals, and when the capture lacks any byte of the connection.

    ## Reference
    RFC 7143 sections 11.13.6 and 6.3
    """
    say.found("login-t-unsolicited", {"nsg": STAGES[say.nsg]}, say.talk.request_pdu)


def login_c_answer_nonempty(say: Saying) -> None:
    """A text that goes on is answered with text.

    ## What it means
    C says that the text is not complete. The other side answers with an empty login PDU, which asks for the rest.

    ## Why it matters
    Answers to half a text mix up the negotiation: keys are cut in two, or answered twice.

    ## Example
        talk.handshake()
        keys = {"InitiatorName": talk.initiator_name, "TargetName": talk.target_name}
        talk.login_request(keys, transit=False, more=True)
        talk.login_response({"TargetPortalGroupTag": "1"})

    ## When it is silent
    For refusals, and when the capture lacks any byte of the connection.

    ## Reference
    RFC 7143 section 6.2
    """
    talk = say.talk
    before = talk.response if say.to_target else talk.request
    if before and before[1] & 0x40 and say.look.data_length and talk.outstanding == (0 if say.to_target else 1):
        related = talk.response_pdu if say.to_target else talk.request_pdu
        say.found("login-c-answer-nonempty", {"length": say.look.data_length}, related)
