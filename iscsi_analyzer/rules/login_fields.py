"""Rules on the header fields that stay the same through a login: versions, the task tag, the ISID (RFC 7143 sections
11.12 and 11.13).

Interpreted: sees login PDUs.
"""

from __future__ import annotations

from typing import Final

from iscsi_analyzer.rules.desk import INITIATOR, TARGET
from iscsi_analyzer.rules.rule import ERROR, WARNING, Rule
from iscsi_analyzer.rules.saying import Saying

_WHOLE: Final = "an unbroken view of the connection from its SYN on"

RULES = (
    Rule(
        "login-i-bit-clear",
        WARNING,
        INITIATOR,
        "RFC 7143 section 11.12",
        "Login Request without the immediate bit",
        occasion="iscsi.opcode == login_request",
    ),
    Rule(
        "login-version-nonzero",
        ERROR,
        INITIATOR,
        "RFC 7143 section 11.12.4",
        "Login Request for versions {version_min} to {version_max}; the only version is 0",
        occasion="iscsi.opcode == login_request",
    ),
    Rule(
        "login-version-changed",
        ERROR,
        INITIATOR,
        "RFC 7143 sections 11.12.4.1 and 11.12.4.2",
        "Login Request for versions {version_min} to {version_max}, after {first_min} to {first_max}",
        _WHOLE,
        occasion="iscsi.opcode == login_request && !iscsi.pdu.first",
    ),
    Rule(
        "login-response-version-changed",
        ERROR,
        TARGET,
        "RFC 7143 sections 11.13.1 and 11.13.2",
        "Login Response with version {version_active} of at most {version_max}, after {first_active} of {first_max}",
        _WHOLE,
        occasion="iscsi.opcode == login_response && !iscsi.pdu.first",
    ),
    Rule(
        "login-version-active-invalid",
        ERROR,
        TARGET,
        "RFC 7143 sections 11.13.2 and 11.12.4",
        "The target chose version {version_active}; {version_min} to {version_max} were offered",
        _WHOLE,
        occasion="iscsi.pdu.status_class == 0",
    ),
    Rule(
        "login-itt-changed",
        ERROR,
        INITIATOR,
        "RFC 7143 sections 6.3 and 11.12",
        "The Initiator Task Tag of the login changes from 0x{first:08x} to 0x{tag:08x}",
        _WHOLE,
        occasion="iscsi.opcode == login_request && !iscsi.pdu.first",
    ),
    Rule(
        "login-response-itt-mismatch",
        ERROR,
        TARGET,
        "RFC 7143 sections 6.3 and 11.12",
        "Login Response with Initiator Task Tag 0x{tag:08x}; the request has 0x{requested:08x}",
        _WHOLE,
        occasion="iscsi.opcode == login_response",
    ),
    Rule(
        "login-isid-changed",
        ERROR,
        INITIATOR,
        "RFC 7143 sections 6.3.1 and 11.12.5",
        "The ISID changes from {first} to {isid} within one login",
        _WHOLE,
        occasion="iscsi.opcode == login_request && !iscsi.pdu.first",
    ),
    Rule(
        "login-response-isid-mismatch",
        WARNING,
        TARGET,
        "RFC 7143 section 11.13",
        "Login Response with ISID {isid}; the request has {requested}",
        _WHOLE,
        occasion="iscsi.opcode == login_response",
    ),
)


def see(say: Saying) -> None:
    """Runs the rules of this topic on one login PDU."""
    if say.to_target:
        if not say.header[0] & 0x40:
            login_i_bit_clear(say)
        if say.half(2):
            login_version_nonzero(say)
        if say.whole and say.talk.first:
            login_version_changed(say)
            login_itt_changed(say)
            login_isid_changed(say)
    elif say.whole and say.talk.outstanding == 1:
        login_response_itt_mismatch(say)
        if not say.refuses:
            login_version_active_invalid(say)
            login_response_version_changed(say)
            login_response_isid_mismatch(say)


def _first(say: Saying, at: int, length: int) -> int:
    """A field of the first Login Request."""
    return int.from_bytes(say.talk.first[at : at + length], "big")


def login_i_bit_clear(say: Saying) -> None:
    """A Login Request is not immediate.

    ## What it means
    Login Requests are always sent for immediate delivery; the header has the I bit set.

    ## Why it matters
    Without it the request seems to take a CmdSN, and the two sides may count commands differently from then on.

    ## Example
        talk.handshake()
        talk.login_request({"InitiatorName": talk.initiator_name, "TargetName": talk.target_name}, immediate=False)

    ## When it is silent
    Never: the header alone shows it.

    ## Reference
    RFC 7143 section 11.12
    """
    say.found("login-i-bit-clear", {})


def login_version_nonzero(say: Saying) -> None:
    """A Login Request asks for a protocol version that does not exist.

    ## What it means
    Version-min and Version-max are 0: there is no other version of iSCSI.

    ## Why it matters
    The target refuses the login with status 0x0205.

    ## Example
        talk.handshake()
        keys = {"InitiatorName": talk.initiator_name, "TargetName": talk.target_name}
        talk.login_request(keys, version_max=2)
        talk.login_response(status=0x0205)

    ## When it is silent
    Never: the header alone shows it.

    ## Reference
    RFC 7143 section 11.12.4
    """
    say.found("login-version-nonzero", {"version_max": say.header[2], "version_min": say.header[3]})


def login_version_changed(say: Saying) -> None:
    """The versions that an initiator asks for change within one login.

    ## What it means
    All Login Requests of a connection state the same Version-max and Version-min.

    ## Why it matters
    The target chose a version by the first request; a change shows that the initiator lost track of the login.

    ## Example
        talk.handshake()
        keys = {"InitiatorName": talk.initiator_name, "TargetName": talk.target_name}
        talk.login_request(keys, transit=False)
        talk.login_response({"TargetPortalGroupTag": "1"})
        talk.login_request(version_max=1)

    ## When it is silent
    When the capture lacks any byte of the connection.

    ## Reference
    RFC 7143 sections 11.12.4.1 and 11.12.4.2
    """
    first = say.talk.first
    if first[2:4] != say.header[2:4]:
        facts: dict[str, object] = {"version_max": say.header[2], "version_min": say.header[3]}
        say.found("login-version-changed", {**facts, "first_max": first[2], "first_min": first[3]}, say.talk.first_pdu)


def login_response_version_changed(say: Saying) -> None:
    """The version that a target has chosen changes within one login.

    ## What it means
    All Login Responses of a connection state the same Version-max and Version-active.

    ## Why it matters
    Nobody knows which version is in force.

    ## Example
        talk.handshake()
        keys = {"InitiatorName": talk.initiator_name, "TargetName": talk.target_name}
        talk.login_request(keys, transit=False)
        talk.login_response({"TargetPortalGroupTag": "1"})
        talk.login_request()
        talk.login_response(version_max=1)

    ## When it is silent
    For refusals, and when the capture lacks any byte of the connection.

    ## Reference
    RFC 7143 sections 11.13.1 and 11.13.2
    """
    first = say.talk.versions
    if first and first != say.header[2:4]:
        facts: dict[str, object] = {"version_max": say.header[2], "version_active": say.header[3]}
        facts.update(first_max=first[0], first_active=first[1])
        say.found("login-response-version-changed", facts, say.talk.versions_pdu)


def login_version_active_invalid(say: Saying) -> None:
    """The target chose a version that was not offered.

    ## What it means
    Version-active lies between Version-min and Version-max of the request, unless the target refuses the login.

    ## Why it matters
    The two sides speak different versions of the protocol.

    ## Example
        talk.handshake()
        talk.login_request({"InitiatorName": talk.initiator_name, "TargetName": talk.target_name})
        talk.login_response({"TargetPortalGroupTag": "1"}, version_active=1)

    ## When it is silent
    For refusals, and when the capture lacks any byte of the connection.

    ## Reference
    RFC 7143 sections 11.13.2 and 11.12.4
    """
    request = say.talk.request
    active = say.header[3]
    if not request[3] <= active <= request[2]:
        facts: dict[str, object] = {"version_active": active, "version_min": request[3], "version_max": request[2]}
        say.found("login-version-active-invalid", facts, say.talk.request_pdu)


def login_itt_changed(say: Saying) -> None:
    """The Initiator Task Tag changes within one login.

    ## What it means
    The whole login is one task: all of its requests have the same Initiator Task Tag.

    ## Why it matters
    A target that tells logins apart by the tag starts anew or fails the login.

    ## Example
        talk.handshake()
        keys = {"InitiatorName": talk.initiator_name, "TargetName": talk.target_name}
        talk.login_request(keys, transit=False)
        talk.login_response({"TargetPortalGroupTag": "1"})
        talk.login_request(initiator_task_tag=1)

    ## When it is silent
    When the capture lacks any byte of the connection.

    ## Reference
    RFC 7143 sections 6.3 and 11.12
    """
    first, tag = _first(say, 16, 4), say.word(16)
    if tag != first:
        say.found("login-itt-changed", {"tag": tag, "first": first}, say.talk.first_pdu)


def login_response_itt_mismatch(say: Saying) -> None:
    """A Login Response has another Initiator Task Tag than its request.

    ## What it means
    A response returns the tag of the request that it answers.

    ## Why it matters
    The initiator cannot assign the response and drops the connection.

    ## Example
        talk.handshake()
        talk.login_request({"InitiatorName": talk.initiator_name, "TargetName": talk.target_name})
        talk.login_response({"TargetPortalGroupTag": "1"}, initiator_task_tag=5)

    ## When it is silent
    When the capture lacks any byte of the connection.

    ## Reference
    RFC 7143 sections 6.3 and 11.12
    """
    requested, tag = int.from_bytes(say.talk.request[16:20], "big"), say.word(16)
    if tag != requested:
        say.found("login-response-itt-mismatch", {"tag": tag, "requested": requested}, say.talk.request_pdu)


def login_isid_changed(say: Saying) -> None:
    """The ISID changes within one login.

    ## What it means
    The ISID is the initiator's part of the name of the session that is being opened; it cannot change on the way.

    ## Why it matters
    Which session the login opens is not defined any more, nor which reservations belong to it.

    ## Example
        talk.handshake()
        keys = {"InitiatorName": talk.initiator_name, "TargetName": talk.target_name}
        talk.login_request(keys, transit=False)
        talk.login_response({"TargetPortalGroupTag": "1"})
        talk.login_request(isid=bytes.fromhex("400001370009"))

    ## When it is silent
    When the capture lacks any byte of the connection.

    ## Reference
    RFC 7143 sections 6.3.1 and 11.12.5
    """
    first, isid = say.talk.first[8:14].hex(), say.header[8:14].hex()
    if isid != first:
        say.found("login-isid-changed", {"isid": isid, "first": first}, say.talk.first_pdu)


def login_response_isid_mismatch(say: Saying) -> None:
    """A Login Response has another ISID than its request.

    ## What it means
    A response that does not refuse the login returns the ISID of the request.

    ## Why it matters
    Initiators that check it drop the connection.

    ## Example
        talk.handshake()
        talk.login_request({"InitiatorName": talk.initiator_name, "TargetName": talk.target_name})
        talk.login_response({"TargetPortalGroupTag": "1"}, isid=bytes(6))

    ## When it is silent
    For refusals, which many targets send with zeros there, and when the capture lacks any byte of the connection.

    ## Reference
    RFC 7143 section 11.13
    """
    requested, isid = say.talk.request[8:14].hex(), say.header[8:14].hex()
    if isid != requested:
        say.found("login-response-isid-mismatch", {"isid": isid, "requested": requested}, say.talk.request_pdu)
