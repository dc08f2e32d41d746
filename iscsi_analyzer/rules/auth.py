"""Rules on how an authentication method is chosen, and where its keys may stand (RFC 7143 sections 9.2 and 12.1).

Interpreted: sees login and text PDUs. The steps of CHAP are in `chap`.
"""

from __future__ import annotations

from typing import Final

from dissectors.iscsi.keytable import AUTHENTICATION
from dissectors.iscsi.values import RESERVED_ANSWERS, parse_list
from iscsi_analyzer.rules.desk import INITIATOR, TARGET
from iscsi_analyzer.rules.offers import ANSWER, STEP, Move, Statement
from iscsi_analyzer.rules.rule import ERROR, WARNING, Rule
from iscsi_analyzer.rules.saying import SECURITY, Saying

SHOWN: Final = 80
_WHOLE: Final = "an unbroken view of the connection from its SYN on"
_METHODS: Final = {"CHAP_": "CHAP", "SRP_": "SRP", "KRB_": "KRB5", "SPKM_": "SPKM", "TargetAuth": "SRP"}

RULES = (
    Rule(
        "auth-method-not-offered",
        ERROR,
        "either",
        "RFC 7143 sections 6.2.1, 6.3.2 and 12.1",
        "AuthMethod={method} is chosen out of {offered}",
        _WHOLE,
        occasion='iscsi.pdu.direction == T2I && iscsi.keyvalue matches "^(AuthMethod)="',
    ),
    Rule(
        "auth-target-leads",
        ERROR,
        TARGET,
        "RFC 7143 section 12.1",
        "The target sends {key} before the initiator has begun to authenticate",
        _WHOLE,
        occasion="iscsi.opcode == login_response && iscsi.login.csg == 0",
    ),
    Rule(
        "auth-key-other-method",
        ERROR,
        "either",
        "RFC 7143 sections 12.1 and 9.2",
        "{key} does not belong to the method of this login: {method}",
        _WHOLE,
        occasion='iscsi.keyvalue matches "^(CHAP|SRP|KRB|SPKM)_"',
    ),
    Rule(
        "auth-key-in-operational-stage",
        ERROR,
        "either",
        "RFC 7143 sections 12 and 6.3",
        "{key} outside of the security stage",
        "the whole text",
        occasion="iscsi.opcode in {login, text} && !(iscsi.login.csg == 0) && iscsi.keyvalue",
    ),
    Rule(
        "auth-key-repeated",
        ERROR,
        "either",
        "RFC 7143 sections 12.1.3 and 6.3",
        "{key} is sent once more in the same login",
        _WHOLE,
        occasion='iscsi.keyvalue matches "^(AuthMethod=|(CHAP|SRP|KRB|SPKM)_)"',
    ),
    Rule(
        "auth-first-step-late",
        WARNING,
        INITIATOR,
        "RFC 7143 section 12.1",
        "The request after the choice of {method} does not begin with it",
        _WHOLE,
        occasion='iscsi.opcode == 0x23 && iscsi.login.auth_method matches "^(CHAP|SRP|KRB5)$"',
    ),
)


def see(say: Saying) -> None:
    """Runs the rules of this topic on one login or text PDU."""
    steps: list[Move] = []
    for move in say.moves:
        if move.pair.key == "AuthMethod" or move.kind == STEP or is_step(move):
            if say.opcode & 0x1F == 0x04 or say.csg != SECURITY:
                if not say.refuses and move.pair.value not in RESERVED_ANSWERS:
                    auth_key_in_operational_stage(say, move)
            elif move.kind == ANSWER and move.pair.key == "AuthMethod" and move.to is not None and say.whole:
                auth_method_not_offered(say, move, move.to)
            elif move.kind == STEP:
                steps.append(move)
    if say.whole and steps:
        _steps(say, steps)
    elif say.whole and say.to_target and say.text is not None and say.csg == SECURITY:
        auth_first_step_late(say)


def method_of(key: str) -> str:
    """The method that an authentication key belongs to; empty if it is none of the known ones."""
    return next((method for prefix, method in _METHODS.items() if key.startswith(prefix)), "")


def is_step(move: Move) -> bool:
    """Whether a pair is a key of an authentication method."""
    return move.key is not None and move.key.kind == AUTHENTICATION


def _steps(say: Saying, steps: list[Move]) -> None:
    for move in steps:
        if move.again:
            auth_key_repeated(say, move)
        elif method_of(move.pair.key) not in _chosen(say):
            auth_key_other_method(say, move)
            return
    if not say.to_target and not any(
        say.talk.offers.said(key, True) is not None for key in ("CHAP_A", "SRP_U", "KRB_AP_REQ", "SPKM_REQ")
    ):
        auth_target_leads(say, steps[0])


def _chosen(say: Saying) -> tuple[str, ...]:
    """The methods whose keys may stand here: the chosen one, or the only one that was offered."""
    method = say.talk.method or say.talk.offers.result("AuthMethod") or ""
    if not method:
        offered = say.talk.methods or [item.strip() for item in parse_list(say.values.get("AuthMethod", ""))]
        if len(offered) == 1:
            method = offered[0]
    return ("SPKM",) if method.startswith("SPKM") else (method,) if method else ()


def auth_method_not_offered(say: Saying, move: Move, to: Statement) -> None:
    """An authentication method is chosen that was not offered.

    ## What it means
    The answer to AuthMethod is exactly one of the offered methods, or Reject. None counts as a method, too.

    ## Why it matters
    A target that chooses None unasked switches off the authentication; one that chooses something else cannot be
    logged in to.

    ## Example
        talk.handshake()
        keys = {"InitiatorName": talk.initiator_name, "TargetName": talk.target_name, "AuthMethod": "CHAP"}
        talk.login_request(keys, csg=0, nsg=1, transit=False)
        talk.login_response({"TargetPortalGroupTag": "1", "AuthMethod": "None"})

    ## When it is silent
    When the capture lacks any byte of the connection.

    ## Reference
    RFC 7143 sections 6.2.1, 6.3.2 and 12.1
    """
    method = move.pair.value
    if method not in RESERVED_ANSWERS and method not in [item.strip() for item in parse_list(to.value)]:
        say.found("auth-method-not-offered", {"method": method[:SHOWN], "offered": to.value[:SHOWN]}, to.pdu)


def auth_target_leads(say: Saying, move: Move) -> None:
    """The target takes the first step of the authentication.

    ## What it means
    In every method the initiator begins: with CHAP_A, SRP_U or KRB_AP_REQ.

    ## Why it matters
    For CHAP: the challenge uses an algorithm that the initiator was not asked about.

    ## Example
        talk.handshake()
        keys = {"InitiatorName": talk.initiator_name, "TargetName": talk.target_name, "AuthMethod": "CHAP"}
        talk.login_request(keys, csg=0, nsg=1, transit=False)
        chosen = {"TargetPortalGroupTag": "1", "AuthMethod": "CHAP"}
        talk.login_response({**chosen, "CHAP_A": "5", "CHAP_I": "1", "CHAP_C": "0x" + "ab" * 16})

    ## When it is silent
    When the capture lacks any byte of the connection.

    ## Reference
    RFC 7143 section 12.1
    """
    say.found("auth-target-leads", {"key": move.pair.key})


def auth_key_other_method(say: Saying, move: Move) -> None:
    """A key of another authentication method.

    ## What it means
    Once a method is chosen only its own keys are used; before that, none.

    ## Why it matters
    The other side cannot make sense of the step and ends the login.

    ## Example
        talk.handshake()
        keys = {"InitiatorName": talk.initiator_name, "TargetName": talk.target_name, "AuthMethod": "CHAP,SRP"}
        talk.login_request(keys, csg=0, nsg=1, transit=False)
        talk.login_response({"TargetPortalGroupTag": "1", "AuthMethod": "CHAP"})
        talk.login_request({"SRP_U": "alice"}, csg=0, nsg=1, transit=False)

    ## When it is silent
    When the capture lacks any byte of the connection.

    ## Reference
    RFC 7143 sections 12.1 and 9.2
    """
    say.found("auth-key-other-method", {"key": move.pair.key, "method": say.talk.method[:SHOWN] or "none is chosen"})


def auth_key_in_operational_stage(say: Saying, move: Move) -> None:
    """A key of the authentication outside of the security stage.

    ## What it means
    AuthMethod and the keys of the methods are exchanged in the security stage of a login, and nowhere else.

    ## Why it matters
    Authentication that takes place after the security stage protects nothing.

    ## Example
        talk.open(offer={"AuthMethod": "CHAP"}, answer={"AuthMethod": "Reject"}, security=False)

    ## When it is silent
    When a part of the text is not in the capture.

    ## Reference
    RFC 7143 sections 12 and 6.3
    """
    say.found("auth-key-in-operational-stage", {"key": move.pair.key})


def auth_key_repeated(say: Saying, move: Move) -> None:
    """A step of the authentication is repeated.

    ## What it means
    Each side sends each key of a method once in a login. Whoever fails has to log in anew, on another connection.

    ## Why it matters
    A second try within one login makes guessing of secrets cheap.

    ## Example
        talk.handshake()
        keys = {"InitiatorName": talk.initiator_name, "TargetName": talk.target_name, "AuthMethod": "CHAP"}
        talk.login_request(keys, csg=0, nsg=1, transit=False)
        talk.login_response({"TargetPortalGroupTag": "1", "AuthMethod": "CHAP"})
        talk.login_request({"CHAP_A": "5"}, csg=0, nsg=1, transit=False)
        talk.login_response({"CHAP_A": "5", "CHAP_I": "1", "CHAP_C": "0x" + "ab" * 16})
        talk.login_request({"CHAP_A": "5"}, csg=0, nsg=1, transit=False)

    ## When it is silent
    When the capture lacks any byte of the connection.

    ## Reference
    RFC 7143 sections 12.1.3 and 6.3
    """
    say.found("auth-key-repeated", {"key": move.pair.key}, move.again)


def auth_first_step_late(say: Saying) -> None:
    """The authentication does not begin although its method is chosen.

    ## What it means
    As soon as a method is selected the initiator sends its first step: CHAP_A, SRP_U with TargetAuth, or KRB_AP_REQ.
    The request after the selection has none.

    ## Why it matters
    Targets that wait for the step refuse the login, or take the request for the end of the security stage.

    ## Example
        talk.handshake()
        keys = {"InitiatorName": talk.initiator_name, "TargetName": talk.target_name, "AuthMethod": "CHAP"}
        talk.login_request(keys, csg=0, nsg=1, transit=False)
        talk.login_response({"TargetPortalGroupTag": "1", "AuthMethod": "CHAP"})
        talk.login_request(csg=0, nsg=1, transit=False)

    ## When it is silent
    If the request has a step of any method, for methods of vendors, and when the capture lacks any byte of the
    connection.

    ## Reference
    RFC 7143 section 12.1
    """
    chosen = say.talk.offers.settled.get("AuthMethod")
    if chosen is None or not chosen.to_target or chosen.answer not in ("CHAP", "SRP", "KRB5"):
        return
    if chosen.answer_pdu == say.talk.response_pdu:
        say.found("auth-first-step-late", {"method": chosen.answer}, chosen.answer_pdu)
