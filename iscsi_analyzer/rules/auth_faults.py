"""Rules on what a side does after a step of the authentication: it has to refuse a wrong one for the right reason, or
to drop the connection (RFC 7143 sections 9.2 and 9.2.1).

Interpreted: called by `login_faults`, which remembers what was wrong.
"""

from __future__ import annotations

from typing import Final

from dissectors.iscsi.values import parse_binary
from iscsi_analyzer.rules.auth import is_step
from iscsi_analyzer.rules.conversation import Faults
from iscsi_analyzer.rules.desk import INITIATOR, TARGET
from iscsi_analyzer.rules.rule import ERROR, NOTE, WARNING, Rule, broken_by
from iscsi_analyzer.rules.saying import Saying

AUTHENTICATION_FAILURE: Final = 0x0201
WRONG_REASONS: Final = (0x0200, 0x0207)
"Statuses that blame the form of a login: initiator error, missing parameter."

STEPS: Final = frozenset(
    (
        "auth-key-other-method", "auth-key-repeated", "chap-encoding-invalid", "chap-i-range",
        "chap-response-incomplete", "chap-response-length", "chap-step-order", "chap-value-too-long",
        "krb-step-order", "krb-value-too-long",
        "srp-group-not-offered", "srp-step-order", "srp-value-too-long",
    )
)  # fmt: skip
"Rules that an initiator breaks by a step of the authentication."
ANSWERS: Final = frozenset(
    (
        "auth-key-other-method", "auth-key-repeated", "auth-target-leads", "chap-a-answer-not-offered",
        "chap-challenge-incomplete", "chap-encoding-invalid", "chap-i-range", "chap-mutual-missing",
        "chap-mutual-unsolicited", "chap-response-length", "chap-value-too-long", "krb-step-order",
        "krb-value-too-long", "srp-hm-missing", "srp-step-order", "srp-value-too-long",
    )
)  # fmt: skip
"Rules that a target breaks by a step of the authentication."
_WHOLE: Final = "an unbroken view of the connection from its SYN on"

RULES = (
    Rule(
        "auth-bad-step-accepted",
        ERROR,
        TARGET,
        "RFC 7143 section 9.2",
        "The target lets the login go on after a wrong step of the authentication ({rule})",
        _WHOLE,
        occasion=broken_by(0x03, STEPS),
    ),
    Rule(
        "auth-bad-step-wrong-status",
        NOTE,
        TARGET,
        "RFC 7143 section 9.2",
        "A wrong step of the authentication ({rule}) is refused as if a secret were wrong (status 0x0201)",
        _WHOLE,
        occasion=broken_by(0x03, STEPS),
    ),
    Rule(
        "auth-failure-wrong-status",
        WARNING,
        TARGET,
        "RFC 7143 sections 9.2 and 12.1.3",
        "{key} is refused with status 0x{status:04x}; a wrong secret has status 0x0201",
        _WHOLE,
        occasion="iscsi.opcode == 0x23 && iscsi.login.status in {0x0200, 0x0201, 0x0207}",
    ),
    Rule(
        "auth-bad-step-not-aborted",
        WARNING,
        INITIATOR,
        "RFC 7143 section 9.2",
        "The initiator goes on after a wrong step of the target's authentication ({rule})",
        _WHOLE,
        occasion=broken_by(0x23, ANSWERS),
    ),
    Rule(
        "chap-response-equal-both-ways",
        ERROR,
        INITIATOR,
        "RFC 7143 section 9.2.1",
        "The initiator goes on although the target's response (CHAP_R) is its own",
        _WHOLE,
        occasion="iscsi.opcode == 0x23 && iscsi.login.chap_r",
    ),
)


def answered(say: Saying, faults: Faults) -> None:
    """Runs the rules of this topic on a Login Response, after what the initiator did with its request."""
    wrong = faults.first(STEPS)
    if not say.refuses:
        if wrong:
            auth_bad_step_accepted(say, wrong, faults)
    elif wrong and say.status == AUTHENTICATION_FAILURE:
        auth_bad_step_wrong_status(say, wrong, faults)
    elif faults.proof and say.status in WRONG_REASONS:
        auth_failure_wrong_status(say, faults)


def goes_on(say: Saying, faults: Faults) -> None:
    """Runs the rules of this topic on a PDU of the initiator, after what the target did with its response."""
    if faults.reflected:
        chap_response_equal_both_ways(say, faults)
    wrong = faults.first(ANSWERS)
    if wrong:
        auth_bad_step_not_aborted(say, wrong, faults)


def proof(say: Saying) -> str:
    """The key by which the initiator proves who it is, if the request has nothing else to say and breaks no rule."""
    if not say.to_target or say.broken or not say.moves or not all(map(is_step, say.moves)):
        return ""
    return next((key for key in ("CHAP_R", "SRP_M") if key in say.values), "")


def reflected(say: Saying) -> bool:
    """Whether the target proves itself with the response of the initiator."""
    if say.to_target or "CHAP_R" not in say.values:
        return False
    response = parse_binary(say.values["CHAP_R"])
    return bool(response) and response == parse_binary(say.talk.offers.said("CHAP_R", True) or "")


def auth_bad_step_accepted(say: Saying, rule: str, faults: Faults) -> None:
    """A target accepts a step of the authentication that is not as the method wants it.

    ## What it means
    A target refuses a login whose keys or values do not fit the step at hand. This one answered with success.

    ## Why it matters
    Whoever knows no secret may get in by leaving a part of the authentication out.

    ## Example
        talk.handshake()
        keys = {"InitiatorName": talk.initiator_name, "TargetName": talk.target_name, "AuthMethod": "CHAP"}
        talk.login_request(keys, csg=0, nsg=1, transit=False)
        talk.login_response({"TargetPortalGroupTag": "1", "AuthMethod": "CHAP"})
        talk.login_request({"CHAP_A": "5"}, csg=0, nsg=1, transit=False)
        talk.login_response({"CHAP_A": "5", "CHAP_I": "1", "CHAP_C": "0x" + "ab" * 16})
        talk.login_request({"CHAP_N": "alice", "CHAP_R": "0x" + "cd" * 15}, csg=0, nsg=1)
        talk.login_response()

    ## When it is silent
    When the capture lacks any byte of the connection.

    ## Reference
    RFC 7143 section 9.2
    """
    say.found("auth-bad-step-accepted", {"rule": rule}, faults.pdu)


def auth_bad_step_wrong_status(say: Saying, rule: str, faults: Faults) -> None:
    """A malformed step of the authentication is refused as a failed one.

    ## What it means
    Status 0x0201, Authentication Failure, is for values that do not prove what they should. A step that is malformed
    or incomplete is an error of the initiator (0x0200) or lacks a parameter (0x0207).

    ## Why it matters
    People look for a wrong password where the software is at fault.

    ## Example
        talk.handshake()
        keys = {"InitiatorName": talk.initiator_name, "TargetName": talk.target_name, "AuthMethod": "CHAP"}
        talk.login_request(keys, csg=0, nsg=1, transit=False)
        talk.login_response({"TargetPortalGroupTag": "1", "AuthMethod": "CHAP"})
        talk.login_request({"CHAP_A": "5"}, csg=0, nsg=1, transit=False)
        talk.login_response({"CHAP_A": "5", "CHAP_I": "1", "CHAP_C": "0x" + "ab" * 16})
        talk.login_request({"CHAP_N": "alice"}, csg=0, nsg=1)
        talk.login_response(status=0x0201)

    ## When it is silent
    When the capture lacks any byte of the connection.

    ## Reference
    RFC 7143 section 9.2
    """
    say.found("auth-bad-step-wrong-status", {"rule": rule}, faults.pdu)


def auth_failure_wrong_status(say: Saying, faults: Faults) -> None:
    """A proof that is complete is refused for its form.

    ## What it means
    The request had nothing but the initiator's proof, complete and in order. If the proof is wrong the login is refused
    with status 0x0201, Authentication Failure; here it is called an error of the initiator, or said to lack something.

    ## Why it matters
    People look for a fault of the software where the password is wrong.

    ## Example
        talk.handshake()
        keys = {"InitiatorName": talk.initiator_name, "TargetName": talk.target_name, "AuthMethod": "CHAP"}
        talk.login_request(keys, csg=0, nsg=1, transit=False)
        talk.login_response({"TargetPortalGroupTag": "1", "AuthMethod": "CHAP"})
        talk.login_request({"CHAP_A": "5"}, csg=0, nsg=1, transit=False)
        talk.login_response({"CHAP_A": "5", "CHAP_I": "1", "CHAP_C": "0x" + "ab" * 16})
        talk.login_request({"CHAP_N": "alice", "CHAP_R": "0x" + "cd" * 16}, csg=0, nsg=1)
        talk.login_response(status=0x0200)

    ## When it is silent
    If the request breaks any rule or says anything else, for other statuses, and when the capture lacks any byte of the
    connection.

    ## Reference
    RFC 7143 sections 9.2 and 12.1.3
    """
    say.found("auth-failure-wrong-status", {"key": faults.proof, "status": say.status}, faults.pdu)


def auth_bad_step_not_aborted(say: Saying, rule: str, faults: Faults) -> None:
    """An initiator takes no offence at a wrong step of the target.

    ## What it means
    An initiator drops the connection when the target's part of the authentication is not as the method wants it. This
    one had got the response, and went on.

    ## Why it matters
    It may prove itself to somebody else's target, and trust its storage.

    ## Example
        talk.handshake()
        keys = {"InitiatorName": talk.initiator_name, "TargetName": talk.target_name, "AuthMethod": "CHAP"}
        talk.login_request(keys, csg=0, nsg=1, transit=False)
        talk.login_response({"TargetPortalGroupTag": "1", "AuthMethod": "CHAP"})
        talk.login_request({"CHAP_A": "5"}, csg=0, nsg=1, transit=False)
        talk.login_response({"CHAP_A": "5", "CHAP_C": "0x" + "ab" * 16})
        talk.login_request({"CHAP_N": "alice", "CHAP_R": "0x" + "cd" * 16}, csg=0, nsg=1)

    ## When it is silent
    For a logout, until the initiator has acknowledged the response, and when the capture lacks any byte of the
    connection.

    ## Reference
    RFC 7143 section 9.2
    """
    say.found("auth-bad-step-not-aborted", {"rule": rule}, faults.pdu)


def chap_response_equal_both_ways(say: Saying, faults: Faults) -> None:
    """The target proves itself with the initiator's own response.

    ## What it means
    A response that is the same as what the other side had sent proves nothing: it was only sent back. The initiator has
    to take it for a failure and to drop the connection; it went on.

    ## Why it matters
    Anybody can pass for the target: no secret is needed to repeat what was heard.

    ## Example
        talk.handshake()
        keys = {"InitiatorName": talk.initiator_name, "TargetName": talk.target_name, "AuthMethod": "CHAP"}
        talk.login_request(keys, csg=0, nsg=1, transit=False)
        talk.login_response({"TargetPortalGroupTag": "1", "AuthMethod": "CHAP"})
        talk.login_request({"CHAP_A": "5"}, csg=0, nsg=1, transit=False)
        talk.login_response({"CHAP_A": "5", "CHAP_I": "1", "CHAP_C": "0x" + "ab" * 16})
        answer = {"CHAP_N": "alice", "CHAP_R": "0x" + "cd" * 16, "CHAP_I": "2", "CHAP_C": "0x" + "ef" * 16}
        talk.login_request(answer, csg=0, nsg=1)
        talk.login_response({"CHAP_N": "target", "CHAP_R": "0x" + "CD" * 16})
        talk.login_request()

    ## When it is silent
    For a logout, until the initiator has acknowledged the response, and when the capture lacks any byte of the
    connection.

    ## Reference
    RFC 7143 section 9.2.1
    """
    say.found("chap-response-equal-both-ways", {}, faults.pdu)
