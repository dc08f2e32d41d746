"""Rules on authentication by SRP and by Kerberos: the order of the steps, and their values (RFC 7143 sections 9.2.2,
12.1.1 and 12.1.2).

Interpreted: sees login PDUs. No finding repeats a value. The steps of SRP: the initiator names its user (SRP_U) and
says whether the target has to prove itself (TargetAuth), the target sends groups and salt (SRP_GROUP, SRP_s), the
initiator its group and key (SRP_GROUP, SRP_A), the target its key (SRP_B), the initiator its proof (SRP_M), and the
target, if it was asked to, its own (SRP_HM).
"""

from __future__ import annotations

from typing import Final

from dissectors.iscsi.keytable import KEYS
from dissectors.iscsi.values import RESERVED_ANSWERS, parse_binary, parse_list
from iscsi_analyzer.rules.desk import INITIATOR, TARGET
from iscsi_analyzer.rules.offers import STEP
from iscsi_analyzer.rules.rule import ERROR, WARNING, Rule
from iscsi_analyzer.rules.saying import SECURITY, Saying

SHOWN: Final = 80
ORDER: Final = (
    ("SRP_U", "TargetAuth"),
    ("SRP_GROUP", "SRP_s"),
    ("SRP_A", "SRP_GROUP"),
    ("SRP_B",),
    ("SRP_M",),
    ("SRP_HM",),
)
"The keys of each step; the initiator takes the first, third and fifth."
LOST: Final = -1
"The order was broken: of what follows nothing is said."
ALWAYS: Final = "SRP-1536"
"The group that every target offers."
_TEXT: Final = "the whole text"
_WHOLE: Final = "an unbroken view of the connection from its SYN on"

RULES = (
    Rule(
        "srp-step-order",
        ERROR,
        "either",
        "RFC 7143 section 12.1.2",
        "{given} where {expected} is due",
        _WHOLE,
        occasion='iscsi.keyvalue matches "^(SRP_|TargetAuth=)"',
    ),
    Rule(
        "srp-group-1536-missing",
        ERROR,
        TARGET,
        "RFC 7143 section 12.1.2",
        "SRP_GROUP={offered} does not offer SRP-1536",
        _WHOLE,
        occasion='iscsi.opcode == 0x23 && iscsi.keyvalue matches "^SRP_GROUP="',
    ),
    Rule(
        "srp-group-not-offered",
        ERROR,
        INITIATOR,
        "RFC 7143 section 12.1.2",
        "SRP_GROUP={value} is chosen out of {offered}",
        _WHOLE,
        occasion='iscsi.opcode == 0x03 && iscsi.keyvalue matches "^SRP_GROUP="',
    ),
    Rule(
        "srp-group-unknown",
        WARNING,
        "either",
        "RFC 7143 sections 9.2.2 and 12.1.2",
        "SRP_GROUP names {group}, which is no group of RFC 3723",
        _TEXT,
        occasion='iscsi.keyvalue matches "^SRP_GROUP="',
    ),
    Rule(
        "srp-value-too-long",
        ERROR,
        "either",
        "RFC 7143 section 12.1.2",
        "{key} has {length} bytes, at most 1024 are allowed",
        _TEXT,
        occasion='iscsi.keyvalue matches "^SRP_(s|A|B|M|HM)="',
    ),
    Rule(
        "srp-hm-missing",
        ERROR,
        TARGET,
        "RFC 7143 section 12.1.2",
        "The target ends the security stage without SRP_HM although the initiator asked for it (TargetAuth=Yes)",
        _WHOLE,
        occasion='iscsi.opcode == 0x03 && iscsi.keyvalue matches "^SRP_M="',
    ),
    Rule(
        "krb-step-order",
        ERROR,
        "either",
        "RFC 7143 section 12.1.1",
        "{key} {fault}",
        _WHOLE,
        occasion='iscsi.keyvalue matches "^KRB_AP_RE[QP]="',
    ),
    Rule(
        "krb-value-too-long",
        ERROR,
        "either",
        "RFC 7143 section 12.1.1",
        "{key} has {length} bytes, at most 65536 are allowed",
        _TEXT,
        occasion='iscsi.keyvalue matches "^KRB_AP_RE[QP]="',
    ),
)


def see(say: Saying) -> None:
    """Runs the rules of this topic on one login PDU."""
    if say.text is None or say.csg != SECURITY or say.refuses:
        return
    method = say.talk.method or say.talk.offers.result("AuthMethod")
    for key, value in say.values.items():
        if value in RESERVED_ANSWERS:
            continue
        if key in ("SRP_s", "SRP_A", "SRP_B", "SRP_M", "SRP_HM"):
            srp_value_too_long(say, key, value)
        elif key == "SRP_GROUP":
            srp_group_unknown(say, value)
            if say.whole and say.talk.srp_steps > 0:
                _group(say, value)
        elif key in ("KRB_AP_REQ", "KRB_AP_REP"):
            krb_value_too_long(say, key, value)
            if say.whole and method == "KRB5":
                krb_step_order(say, key)
    if say.whole and method == "SRP" and say.talk.srp_steps != LOST:
        _steps(say)


def _group(say: Saying, value: str) -> None:
    if not say.to_target:
        srp_group_1536_missing(say, value)
    else:
        srp_group_not_offered(say, value)


def _steps(say: Saying) -> None:
    talk = say.talk
    given = [
        move.pair.key
        for move in say.moves
        if move.kind == STEP and (move.pair.key.startswith("SRP_") or move.pair.key == "TargetAuth")
    ]
    if not given:
        if say.accepts and talk.srp_steps == 5 and talk.offers.said("TargetAuth", True) == "Yes":
            srp_hm_missing(say)
        return
    if not say.to_target and not talk.srp_steps:
        talk.srp_steps = LOST  # the target begins, which has a rule of its own
        return
    asked = talk.srp_steps < 5 or talk.offers.said("TargetAuth", True) == "Yes"
    expected = ORDER[talk.srp_steps] if talk.srp_steps < len(ORDER) and asked else ()
    turn = talk.srp_steps % 2 == 0
    if sorted(given) == sorted(expected) and turn == say.to_target:
        talk.srp_steps += 1
    else:
        srp_step_order(say, given, expected, turn)
        talk.srp_steps = LOST


def srp_step_order(say: Saying, given: list[str], expected: tuple[str, ...], turn: bool) -> None:
    """A step of SRP comes at the wrong time, or is not complete.

    ## What it means
    SRP has an order: user and TargetAuth, groups and salt, group and A, B, M, and HM if TargetAuth was Yes. The keys of
    one step come together, and each side takes its own steps.

    ## Why it matters
    Neither side can compute the common key. Whoever notices has to end the login.

    ## Example
        talk.handshake()
        keys = {"InitiatorName": talk.initiator_name, "TargetName": talk.target_name, "AuthMethod": "SRP"}
        talk.login_request(keys, csg=0, nsg=1, transit=False)
        talk.login_response({"TargetPortalGroupTag": "1", "AuthMethod": "SRP"})
        talk.login_request({"SRP_U": "alice", "TargetAuth": "No"}, csg=0, nsg=1, transit=False)
        talk.login_response({"SRP_B": "0x" + "ab" * 192})

    ## When it is silent
    After the first step that is wrong, if the target takes the first step (which has a rule of its own), and when the
    capture lacks any byte of the connection.

    ## Reference
    RFC 7143 section 12.1.2
    """
    due = " with ".join(expected) or "nothing more"
    if expected and turn != say.to_target:
        due += f" of the {INITIATOR if turn else TARGET}"
    say.found("srp-step-order", {"given": " with ".join(given)[:SHOWN], "expected": due})


def srp_group_1536_missing(say: Saying, value: str) -> None:
    """A target does not offer the SRP group that everybody has.

    ## What it means
    The list of groups always contains SRP-1536, so that any two implementations find one in common.

    ## Why it matters
    Initiators that know only that one cannot log in.

    ## Example
        talk.handshake()
        keys = {"InitiatorName": talk.initiator_name, "TargetName": talk.target_name, "AuthMethod": "SRP"}
        talk.login_request(keys, csg=0, nsg=1, transit=False)
        talk.login_response({"TargetPortalGroupTag": "1", "AuthMethod": "SRP"})
        talk.login_request({"SRP_U": "alice", "TargetAuth": "No"}, csg=0, nsg=1, transit=False)
        talk.login_response({"SRP_GROUP": "SRP-768,SRP-2048", "SRP_s": "0x" + "12" * 16})

    ## When it is silent
    When the capture lacks any byte of the connection.

    ## Reference
    RFC 7143 section 12.1.2
    """
    if ALWAYS not in _groups(value):
        say.found("srp-group-1536-missing", {"offered": value[:SHOWN]})


def srp_group_not_offered(say: Saying, value: str) -> None:
    """The initiator chooses an SRP group that was not offered.

    ## What it means
    The initiator answers the target's list of groups with exactly one of them.

    ## Why it matters
    The two sides compute in different groups, and the login fails as if the password were wrong.

    ## Example
        talk.handshake()
        keys = {"InitiatorName": talk.initiator_name, "TargetName": talk.target_name, "AuthMethod": "SRP"}
        talk.login_request(keys, csg=0, nsg=1, transit=False)
        talk.login_response({"TargetPortalGroupTag": "1", "AuthMethod": "SRP"})
        talk.login_request({"SRP_U": "alice", "TargetAuth": "No"}, csg=0, nsg=1, transit=False)
        talk.login_response({"SRP_GROUP": "SRP-1536", "SRP_s": "0x" + "12" * 16})
        talk.login_request({"SRP_A": "0x" + "ab" * 256, "SRP_GROUP": "SRP-2048"}, csg=0, nsg=1, transit=False)

    ## When it is silent
    When the capture lacks any byte of the connection.

    ## Reference
    RFC 7143 section 12.1.2
    """
    offered = say.talk.offers.said("SRP_GROUP", False)
    if offered is not None and value.strip() not in _groups(offered):
        say.found("srp-group-not-offered", {"value": value[:SHOWN], "offered": offered[:SHOWN]})


def _groups(value: str) -> list[str]:
    return [item.strip() for item in parse_list(value)]


def srp_group_unknown(say: Saying, value: str) -> None:
    """An SRP group that the standard does not have.

    ## What it means
    Groups are those of RFC 3723, from SRP-768 to MODP-8192. Smaller ones than 768 bits are not allowed.

    ## Why it matters
    The other side cannot choose it; if both know it, and it is small, the password can be computed from what was sent.

    ## Example
        talk.handshake()
        keys = {"InitiatorName": talk.initiator_name, "TargetName": talk.target_name, "AuthMethod": "SRP"}
        talk.login_request(keys, csg=0, nsg=1, transit=False)
        talk.login_response({"TargetPortalGroupTag": "1", "AuthMethod": "SRP"})
        talk.login_request({"SRP_U": "alice", "TargetAuth": "No"}, csg=0, nsg=1, transit=False)
        talk.login_response({"SRP_GROUP": "SRP-1536,SRP-512", "SRP_s": "0x" + "12" * 16})

    ## When it is silent
    When a part of the text is not in the capture.

    ## Reference
    RFC 7143 sections 9.2.2 and 12.1.2
    """
    for group in _groups(value):
        if group not in KEYS["SRP_GROUP"].choices:
            say.found("srp-group-unknown", {"group": group[:SHOWN]})
            return


def srp_value_too_long(say: Saying, key: str, value: str) -> None:
    """A value of SRP is too long.

    ## What it means
    Salt, keys and proofs (SRP_s, SRP_A, SRP_B, SRP_M, SRP_HM) have at most 1024 bytes.

    ## Why it matters
    Receivers have no room for more and refuse the login.

    ## Example
        talk.handshake()
        keys = {"InitiatorName": talk.initiator_name, "TargetName": talk.target_name, "AuthMethod": "SRP"}
        talk.login_request(keys, csg=0, nsg=1, transit=False)
        talk.login_response({"TargetPortalGroupTag": "1", "AuthMethod": "SRP"})
        talk.login_request({"SRP_U": "alice", "TargetAuth": "No"}, csg=0, nsg=1, transit=False)
        talk.login_response({"SRP_GROUP": "SRP-1536", "SRP_s": "0x" + "12" * 1025})

    ## When it is silent
    For values that cannot be read, and when a part of the text is not in the capture.

    ## Reference
    RFC 7143 section 12.1.2
    """
    raw = parse_binary(value)
    if raw is not None and len(raw) > KEYS[key].high:
        say.found("srp-value-too-long", {"key": key, "length": len(raw)})


def srp_hm_missing(say: Saying) -> None:
    """The target does not prove itself although the initiator asked for it.

    ## What it means
    After TargetAuth=Yes the target answers the initiator's proof with its own, SRP_HM, or refuses the login.

    ## Why it matters
    The initiator must not go on: it may be talking to somebody else's storage.

    ## Example
        talk.handshake()
        keys = {"InitiatorName": talk.initiator_name, "TargetName": talk.target_name, "AuthMethod": "SRP"}
        talk.login_request(keys, csg=0, nsg=1, transit=False)
        talk.login_response({"TargetPortalGroupTag": "1", "AuthMethod": "SRP"})
        talk.login_request({"SRP_U": "alice", "TargetAuth": "Yes"}, csg=0, nsg=1, transit=False)
        talk.login_response({"SRP_GROUP": "SRP-1536", "SRP_s": "0x" + "12" * 16})
        talk.login_request({"SRP_A": "0x" + "ab" * 192, "SRP_GROUP": "SRP-1536"}, csg=0, nsg=1, transit=False)
        talk.login_response({"SRP_B": "0x" + "cd" * 192})
        talk.login_request({"SRP_M": "0x" + "ef" * 20}, csg=0, nsg=1)
        talk.login_response()

    ## When it is silent
    If a step before was wrong, and when the capture lacks any byte of the connection.

    ## Reference
    RFC 7143 section 12.1.2
    """
    say.found("srp-hm-missing", {}, say.talk.request_pdu)


def krb_step_order(say: Saying, key: str) -> None:
    """A step of Kerberos comes from the wrong side, or at the wrong time.

    ## What it means
    The initiator begins with KRB_AP_REQ; the target answers that with KRB_AP_REP, if it has to prove itself.

    ## Why it matters
    An answer to nothing proves nothing, and ends the login.

    ## Example
        talk.handshake()
        keys = {"InitiatorName": talk.initiator_name, "TargetName": talk.target_name, "AuthMethod": "KRB5"}
        talk.login_request(keys, csg=0, nsg=1, transit=False)
        talk.login_response({"TargetPortalGroupTag": "1", "AuthMethod": "KRB5", "KRB_AP_REP": "0x1234"})

    ## When it is silent
    When the capture lacks any byte of the connection.

    ## Reference
    RFC 7143 section 12.1.1
    """
    if (key == "KRB_AP_REQ") != say.to_target:
        say.found("krb-step-order", {"key": key, "fault": f"is not the {say.sender}'s to send"})
    elif key == "KRB_AP_REP" and say.talk.offers.said("KRB_AP_REQ", True) is None:
        say.found("krb-step-order", {"key": key, "fault": "answers no KRB_AP_REQ"})


def krb_value_too_long(say: Saying, key: str, value: str) -> None:
    """A message of Kerberos is too long.

    ## What it means
    KRB_AP_REQ and KRB_AP_REP have at most 65536 bytes.

    ## Why it matters
    Receivers have no room for more and refuse the login.

    ## Example
        talk.handshake()
        keys = {"InitiatorName": talk.initiator_name, "TargetName": talk.target_name, "AuthMethod": "KRB5"}
        talk.login_request(keys, csg=0, nsg=1, transit=False)
        talk.login_response({"TargetPortalGroupTag": "1", "AuthMethod": "KRB5"})
        text = b"KRB_AP_REQ=0b" + b"AAAA" * 22000 + bytes(1)
        for at in range(0, 88000, 8000):
            talk.login_request(text[at:][:8000], csg=0, nsg=1, transit=False, more=True)
            talk.login_response()
        talk.login_request(text[88000:], csg=0, nsg=1, transit=False)

    ## When it is silent
    For values that cannot be read, and when a part of the text is not in the capture.

    ## Reference
    RFC 7143 section 12.1.1
    """
    raw = parse_binary(value)
    if raw is not None and len(raw) > KEYS[key].high:
        say.found("krb-value-too-long", {"key": key, "length": len(raw)})
