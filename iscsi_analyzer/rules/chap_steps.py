"""Rules on the order of a CHAP exchange, and on what each step has to contain (RFC 7143 section 12.1.3).

Interpreted: sees login PDUs. The four steps: the initiator offers algorithms (CHAP_A), the target challenges (CHAP_A,
CHAP_I, CHAP_C), the initiator responds (CHAP_N, CHAP_R) and may challenge the target (CHAP_I, CHAP_C), which then
responds (CHAP_N, CHAP_R). Values are judged in `chap`.
"""

from __future__ import annotations

from typing import Final

from dissectors.iscsi.values import RESERVED_ANSWERS, parse_binary, parse_list
from iscsi_analyzer.rules.desk import INITIATOR, TARGET
from iscsi_analyzer.rules.rule import ERROR, Rule
from iscsi_analyzer.rules.saying import SECURITY, Saying

_WHOLE: Final = "an unbroken view of the connection from its SYN on"
_REFERENCE: Final = "RFC 7143 section 12.1.3"
_RESPONSE: Final = ("CHAP_N", "CHAP_R", "CHAP_I", "CHAP_C")
_CHALLENGE: Final = ("CHAP_A", "CHAP_I", "CHAP_C")

RULES = (
    Rule(
        "chap-step-order",
        ERROR,
        INITIATOR,
        "RFC 7143 sections 12.1.3 and 9.2",
        "The initiator sends {key} {when}",
        _WHOLE,
        occasion='iscsi.pdu.direction == I2T && iscsi.keyvalue matches "^CHAP_"',
    ),
    Rule(
        "chap-challenge-incomplete",
        ERROR,
        TARGET,
        _REFERENCE,
        "The target's challenge lacks {missing}",
        _WHOLE,
        occasion='iscsi.pdu.direction == T2I && iscsi.keyvalue matches "^CHAP_[AIC]="',
    ),
    Rule(
        "chap-response-incomplete",
        ERROR,
        INITIATOR,
        "RFC 7143 sections 12.1.3 and 9.2",
        "The initiator's response lacks {missing}",
        _WHOLE,
        occasion='iscsi.pdu.direction == I2T && iscsi.keyvalue matches "^CHAP_[NR]="',
    ),
    Rule(
        "chap-mutual-missing",
        ERROR,
        TARGET,
        _REFERENCE,
        "The target goes on without answering the initiator's challenge: {missing} is missing",
        _WHOLE,
        occasion='iscsi.pdu.direction == I2T && iscsi.keyvalue matches "^CHAP_C="',
    ),
    Rule(
        "chap-mutual-unsolicited",
        ERROR,
        TARGET,
        _REFERENCE,
        "The target sends {key} although the initiator did not challenge it",
        _WHOLE,
        occasion='iscsi.pdu.direction == I2T && iscsi.keyvalue matches "^CHAP_R="',
    ),
    Rule(
        "chap-skipped",
        ERROR,
        TARGET,
        "RFC 7143 sections 12.1 and 6.3.2",
        "The target ends the security stage although CHAP was chosen and is not complete",
        _WHOLE,
        occasion='iscsi.pdu.direction == T2I && iscsi.keyvalue matches "^AuthMethod=CHAP"',
    ),
)


def see(say: Saying) -> None:
    """Runs the rules of this topic on one login PDU."""
    if say.text is None or not say.whole or say.talk.method != "CHAP" or say.csg != SECURITY or say.refuses:
        return
    chap = say.talk.chap
    if say.to_target:
        given = [key for key in _RESPONSE if key in say.values]
        if not given:
            return
        if not chap.challenged:
            chap_step_order(say, given[0], "before the target has sent its challenge")
        elif not chap.answered:
            chap_response_incomplete(say)
        elif not chap.back and "CHAP_C" in given and say.number != chap.answered:
            chap_step_order(say, "CHAP_C", "after its response, not with it")
        return
    if chap.asked and not chap.challenged:
        if any(key in say.values for key in _CHALLENGE):
            chap_challenge_incomplete(say)
    elif chap.answered and chap.back and not chap.proved:
        chap_mutual_missing(say)
    if not chap.back:
        chap_mutual_unsolicited(say)
    if say.accepts and not chap.answered:
        chap_skipped(say)


def note(say: Saying) -> None:
    """Takes note of the steps in a login PDU that the rules have seen."""
    values, chap, number = say.values, say.talk.chap, say.number
    if say.to_target:
        if "CHAP_A" in values and not chap.asked:
            chap.asked = number
            chap.algorithms = [item.strip() for item in parse_list(values["CHAP_A"])]
        if "CHAP_R" in values and not chap.answered:
            chap.answered = number
        if "CHAP_C" in values and not chap.back:
            chap.back = number
            challenge = parse_binary(values["CHAP_C"])
            if challenge and challenge == chap.challenge:
                chap.reflected = number
        return
    if "CHAP_C" in values and not chap.challenged:
        chap.challenged = number
        chap.algorithm = values.get("CHAP_A", "")
        chap.challenge = parse_binary(values["CHAP_C"]) or b""
    if "CHAP_R" in values:
        chap.proved = number


def _missing(say: Saying, keys: tuple[str, ...]) -> str:
    """Those of the keys that the text lacks, for people."""
    return " and ".join(key for key in keys if key not in say.values)


def chap_step_order(say: Saying, key: str, when: str) -> None:
    """A step of CHAP comes at the wrong time.

    ## What it means
    CHAP has an order: algorithms, challenge, response, and if wanted the challenge of the target with that response.

    ## Why it matters
    A response to no challenge proves nothing. The target has to refuse the login.

    ## Example
        talk.handshake()
        keys = {"InitiatorName": talk.initiator_name, "TargetName": talk.target_name, "AuthMethod": "CHAP"}
        talk.login_request(keys, csg=0, nsg=1, transit=False)
        talk.login_response({"TargetPortalGroupTag": "1", "AuthMethod": "CHAP"})
        talk.login_request({"CHAP_N": "alice", "CHAP_R": "0x" + "ab" * 16}, csg=0, nsg=1)

    ## When it is silent
    When the capture lacks any byte of the connection.

    ## Reference
    RFC 7143 sections 12.1.3 and 9.2
    """
    say.found("chap-step-order", {"key": key, "when": when}, say.talk.chap.answered)


def chap_challenge_incomplete(say: Saying) -> None:
    """The target's challenge is not complete.

    ## What it means
    The target answers the offer of algorithms with the chosen one (CHAP_A), an identifier (CHAP_I) and a challenge
    (CHAP_C), all together.

    ## Why it matters
    The initiator cannot compute a response and has to drop the connection.

    ## Example
        talk.handshake()
        keys = {"InitiatorName": talk.initiator_name, "TargetName": talk.target_name, "AuthMethod": "CHAP"}
        talk.login_request(keys, csg=0, nsg=1, transit=False)
        talk.login_response({"TargetPortalGroupTag": "1", "AuthMethod": "CHAP"})
        talk.login_request({"CHAP_A": "5"}, csg=0, nsg=1, transit=False)
        talk.login_response({"CHAP_A": "5", "CHAP_C": "0x" + "ab" * 16})

    ## When it is silent
    If the target rejects the algorithms, and when the capture lacks any byte of the connection.

    ## Reference
    RFC 7143 section 12.1.3
    """
    missing = _missing(say, _CHALLENGE)
    if missing and say.values.get("CHAP_A") not in RESERVED_ANSWERS:
        say.found("chap-challenge-incomplete", {"missing": missing}, say.talk.chap.asked)


def chap_response_incomplete(say: Saying) -> None:
    """The initiator's response is not complete.

    ## What it means
    A response consists of CHAP_N and CHAP_R. If the target shall prove itself, CHAP_I and CHAP_C come with it, both of
    them.

    ## Why it matters
    The target has to refuse the login.

    ## Example
        talk.handshake()
        keys = {"InitiatorName": talk.initiator_name, "TargetName": talk.target_name, "AuthMethod": "CHAP"}
        talk.login_request(keys, csg=0, nsg=1, transit=False)
        talk.login_response({"TargetPortalGroupTag": "1", "AuthMethod": "CHAP"})
        talk.login_request({"CHAP_A": "5"}, csg=0, nsg=1, transit=False)
        talk.login_response({"CHAP_A": "5", "CHAP_I": "1", "CHAP_C": "0x" + "ab" * 16})
        talk.login_request({"CHAP_N": "alice"}, csg=0, nsg=1)

    ## When it is silent
    When the capture lacks any byte of the connection.

    ## Reference
    RFC 7143 sections 12.1.3 and 9.2
    """
    missing = _missing(say, ("CHAP_N", "CHAP_R"))
    if not missing and ("CHAP_I" in say.values) != ("CHAP_C" in say.values):
        missing = _missing(say, ("CHAP_I", "CHAP_C"))
    if missing:
        say.found("chap-response-incomplete", {"missing": missing}, say.talk.chap.challenged)


def chap_mutual_missing(say: Saying) -> None:
    """The target does not prove itself although the initiator asked for it.

    ## What it means
    An initiator that sends CHAP_I and CHAP_C challenges the target, which answers with CHAP_N and CHAP_R or refuses
    the login.

    ## Why it matters
    The initiator must not go on: it may be talking to somebody else's storage.

    ## Example
        talk.handshake()
        keys = {"InitiatorName": talk.initiator_name, "TargetName": talk.target_name, "AuthMethod": "CHAP"}
        talk.login_request(keys, csg=0, nsg=1, transit=False)
        talk.login_response({"TargetPortalGroupTag": "1", "AuthMethod": "CHAP"})
        talk.login_request({"CHAP_A": "5"}, csg=0, nsg=1, transit=False)
        talk.login_response({"CHAP_A": "5", "CHAP_I": "1", "CHAP_C": "0x" + "ab" * 16})
        answer = {"CHAP_N": "alice", "CHAP_R": "0x" + "cd" * 16, "CHAP_I": "2", "CHAP_C": "0x" + "ef" * 16}
        talk.login_request(answer, csg=0, nsg=1)
        talk.login_response()

    ## When it is silent
    When the capture lacks any byte of the connection.

    ## Reference
    RFC 7143 section 12.1.3
    """
    missing = _missing(say, ("CHAP_N", "CHAP_R"))
    if missing:
        say.found("chap-mutual-missing", {"missing": missing}, say.talk.chap.back)


def chap_mutual_unsolicited(say: Saying) -> None:
    """The target proves itself although nobody asked.

    ## What it means
    CHAP_N and CHAP_R of the target answer a challenge of the initiator. There was none.

    ## Why it matters
    The initiator cannot check the response and has to drop the connection.

    ## Example
        talk.handshake()
        keys = {"InitiatorName": talk.initiator_name, "TargetName": talk.target_name, "AuthMethod": "CHAP"}
        talk.login_request(keys, csg=0, nsg=1, transit=False)
        talk.login_response({"TargetPortalGroupTag": "1", "AuthMethod": "CHAP"})
        talk.login_request({"CHAP_A": "5"}, csg=0, nsg=1, transit=False)
        talk.login_response({"CHAP_A": "5", "CHAP_I": "1", "CHAP_C": "0x" + "ab" * 16})
        talk.login_request({"CHAP_N": "alice", "CHAP_R": "0x" + "cd" * 16}, csg=0, nsg=1)
        talk.login_response({"CHAP_N": "target", "CHAP_R": "0x" + "ef" * 16})

    ## When it is silent
    When the capture lacks any byte of the connection.

    ## Reference
    RFC 7143 section 12.1.3
    """
    key = next((key for key in ("CHAP_R", "CHAP_N") if key in say.values), "")
    if key:
        say.found("chap-mutual-unsolicited", {"key": key}, say.talk.chap.answered)


def chap_skipped(say: Saying) -> None:
    """The security stage ends before the initiator has proved itself.

    ## What it means
    CHAP was chosen; the stage may end when the exchange is complete. The target ends it without a response of the
    initiator.

    ## Why it matters
    Anybody can log in who leaves the password out.

    ## Example
        talk.handshake()
        keys = {"InitiatorName": talk.initiator_name, "TargetName": talk.target_name, "AuthMethod": "CHAP"}
        talk.login_request(keys, csg=0, nsg=1, transit=False)
        talk.login_response({"TargetPortalGroupTag": "1", "AuthMethod": "CHAP"})
        talk.login_request(csg=0, nsg=1)
        talk.login_response()

    ## When it is silent
    When the capture lacks any byte of the connection.

    ## Reference
    RFC 7143 sections 12.1 and 6.3.2
    """
    say.found("chap-skipped", {}, say.talk.request_pdu)
