"""Rules on which names a login has to carry, and where (RFC 7143 sections 4.2.7.1, 6.3, 13.4 and 13.5).

Interpreted: sees login PDUs. How names are written is in `naming`.
"""

from __future__ import annotations

from typing import Final

from iscsi_analyzer.rules.desk import INITIATOR, TARGET
from iscsi_analyzer.rules.offers import DECLARATION
from iscsi_analyzer.rules.rule import ERROR, WARNING, Rule
from iscsi_analyzer.rules.saying import Saying

NAMES: Final = ("InitiatorName", "TargetName")
_WHOLE: Final = "an unbroken view of the connection from its SYN on"

RULES = (
    Rule(
        "login-initiatorname-missing",
        ERROR,
        INITIATOR,
        "RFC 7143 sections 6.3, 4.2.7.1 and 13.5",
        "The first Login Request of the connection has no InitiatorName",
        _WHOLE,
        occasion="iscsi.opcode == login_request && iscsi.pdu.first",
    ),
    Rule(
        "login-targetname-missing",
        ERROR,
        INITIATOR,
        "RFC 7143 sections 6.3, 4.2.7.1 and 13.4",
        "The first Login Request of a normal session has no TargetName",
        _WHOLE,
        occasion="iscsi.opcode == login_request && iscsi.pdu.first && !iscsi.session.discovery",
    ),
    Rule(
        "login-name-late",
        ERROR,
        INITIATOR,
        "RFC 7143 sections 13.4 and 13.5",
        "{key} comes in a later Login Request than the first",
        _WHOLE,
        occasion="iscsi.opcode == login_request",
    ),
    Rule(
        "login-missing-param-accepted",
        WARNING,
        TARGET,
        "RFC 7143 sections 11.13.5 and 4.2.7.1",
        "The target accepts a login without {key}",
        _WHOLE,
        occasion=(
            "iscsi.opcode == login_request && iscsi.pdu.first && (!iscsi.login.initiator_name "
            "|| !(iscsi.session.discovery || iscsi.login.target_name))"
        ),
    ),
    Rule(
        "key-name-redeclared",
        ERROR,
        INITIATOR,
        "RFC 7143 sections 13.4 and 13.5",
        "{key} is declared once more within one login",
        _WHOLE,
        occasion="iscsi.opcode == login_request && !iscsi.pdu.first",
    ),
    Rule(
        "key-targetname-by-target",
        ERROR,
        TARGET,
        "RFC 7143 section 13.4",
        "A Login Response with TargetName={name}",
        "the whole text of the response",
        occasion="iscsi.opcode == login_response && iscsi.datasegmentlength > 0",
    ),
)


def see(say: Saying) -> None:
    """Runs the rules of this topic on one login PDU."""
    if not say.whole:
        return
    if not say.to_target:
        if say.ends_login and say.talk.name_missing:
            login_missing_param_accepted(say)
        if "TargetName" in say.values:
            key_targetname_by_target(say)
    elif say.text is None:
        return
    elif say.talk.texts[True] == 0:
        login_initiatorname_missing(say)
        login_targetname_missing(say)
        key_name_redeclared(say)
    else:
        login_name_late(say)
        key_name_redeclared(say)


def missing_name(say: Saying) -> str:
    """The name that the first text of an initiator lacks; empty if it lacks none."""
    if "InitiatorName" not in say.values:
        return "InitiatorName"
    if "TargetName" not in say.values and say.values.get("SessionType") != "Discovery":
        return "TargetName"
    return ""


def login_initiatorname_missing(say: Saying) -> None:
    """An initiator logs in without its name.

    ## What it means
    The first Login Request of every connection names the initiator, also when the connection joins a session.

    ## Why it matters
    The target cannot tell whether the initiator may log in, and refuses with status 0x0207.

    ## Example
        talk.handshake()
        talk.login_request({"TargetName": talk.target_name})

    ## When it is silent
    When the capture lacks any byte of the connection.

    ## Reference
    RFC 7143 sections 6.3, 4.2.7.1 and 13.5
    """
    if "InitiatorName" not in say.values:
        say.found("login-initiatorname-missing", {})


def login_targetname_missing(say: Saying) -> None:
    """An initiator logs in and does not say to which target.

    ## What it means
    The first Login Request of a connection names the target, unless the session is for discovery.

    ## Why it matters
    Several targets share a portal; the target node cannot know which one is meant, and refuses with status 0x0207.

    ## Example
        talk.handshake()
        talk.login_request({"InitiatorName": talk.initiator_name})

    ## When it is silent
    With SessionType=Discovery, and when the capture lacks any byte of the connection.

    ## Reference
    RFC 7143 sections 6.3, 4.2.7.1 and 13.4
    """
    if "TargetName" not in say.values and say.values.get("SessionType") != "Discovery":
        say.found("login-targetname-missing", {})


def login_name_late(say: Saying) -> None:
    """A name comes after the first Login Request.

    ## What it means
    InitiatorName and TargetName belong into the first request of a connection.

    ## Why it matters
    The target has decided about the login, and often about the kind of authentication, without knowing the name.

    ## Example
        talk.handshake()
        talk.login_request({"InitiatorName": talk.initiator_name}, transit=False)
        talk.login_response()
        talk.login_request({"TargetName": talk.target_name})

    ## When it is silent
    In discovery sessions, and when the capture lacks any byte of the connection.

    ## Reference
    RFC 7143 sections 13.4 and 13.5
    """
    for key in NAMES:
        if key in say.values and say.talk.name_missing == key:
            say.found("login-name-late", {"key": key}, say.talk.first_pdu)


def login_missing_param_accepted(say: Saying) -> None:
    """A target accepts a login without a name that is mandatory.

    ## What it means
    The first request lacked InitiatorName or TargetName. A target has to refuse that with status 0x0207.

    ## Why it matters
    Access rules that go by name cannot have been applied.

    ## Example
        talk.handshake()
        talk.login_request({"TargetName": talk.target_name})
        talk.login_response({"TargetPortalGroupTag": "1"})

    ## When it is silent
    When the capture lacks any byte of the connection.

    ## Reference
    RFC 7143 sections 11.13.5 and 4.2.7.1
    """
    say.found("login-missing-param-accepted", {"key": say.talk.name_missing}, say.talk.first_pdu)


def key_name_redeclared(say: Saying) -> None:
    """A name is declared twice in one login.

    ## What it means
    InitiatorName and TargetName are declared once for each connection.

    ## Why it matters
    If the names differ, who has logged in depends on which of them the target looks at.

    ## Example
        talk.handshake()
        keys = {"InitiatorName": talk.initiator_name, "TargetName": talk.target_name}
        talk.login_request(keys, transit=False)
        talk.login_response({"TargetPortalGroupTag": "1"})
        talk.login_request({"TargetName": talk.target_name})

    ## When it is silent
    When the capture lacks any byte of the connection.

    ## Reference
    RFC 7143 sections 13.4 and 13.5
    """
    for move in say.moves:
        if move.kind == DECLARATION and move.again and move.pair.key in NAMES:
            say.found("key-name-redeclared", {"key": move.pair.key}, move.again)


def key_targetname_by_target(say: Saying) -> None:
    """A target declares a TargetName in the login.

    ## What it means
    The initiator says which target it wants. A target sends TargetName only in the answer to SendTargets.

    ## Why it matters
    If it is another name, the initiator may believe that it is connected to that one.

    ## Example
        talk.handshake()
        talk.login_request({"InitiatorName": talk.initiator_name, "TargetName": talk.target_name})
        talk.login_response({"TargetPortalGroupTag": "1", "TargetName": talk.target_name})

    ## When it is silent
    When the capture lacks any byte of the connection.

    ## Reference
    RFC 7143 section 13.4
    """
    say.found("key-targetname-by-target", {"name": say.values["TargetName"][:80]})
