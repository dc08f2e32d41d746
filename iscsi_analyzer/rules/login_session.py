"""Rules on what names the session and the connection of a login: ISID, TSIH, CID and the target portal group (RFC 7143
sections 6.3.1, 11.12 and 11.13.3).

Interpreted: sees login PDUs.
"""

from __future__ import annotations

from typing import Final

from dissectors.iscsi.values import parse_number
from iscsi_analyzer.rules.desk import INITIATOR, TARGET
from iscsi_analyzer.rules.notes import of_session
from iscsi_analyzer.rules.rule import ERROR, WARNING, Rule
from iscsi_analyzer.rules.saying import Saying

_WHOLE: Final = "an unbroken view of the connection from its SYN on"

RULES = (
    Rule(
        "login-tsih-changed",
        ERROR,
        INITIATOR,
        "RFC 7143 section 11.12.6",
        "The TSIH of the Login Requests changes from {first} to {tsih}",
        _WHOLE,
        occasion="iscsi.opcode == login_request && !iscsi.pdu.first",
    ),
    Rule(
        "login-cid-changed",
        ERROR,
        INITIATOR,
        "RFC 7143 section 11.12.7",
        "The CID changes from {first} to {cid} within one login",
        _WHOLE,
        occasion="iscsi.opcode == login_request && !iscsi.pdu.first",
    ),
    Rule(
        "isid-type-reserved",
        WARNING,
        INITIATOR,
        "RFC 7143 sections 11.12.5 and 11",
        "ISID {isid} has the reserved type 3",
        occasion="iscsi.opcode == login_request",
    ),
    Rule(
        "login-tsih-early",
        WARNING,
        TARGET,
        "RFC 7143 section 11.13.3",
        "The target names the new session (TSIH {tsih}) before the last Login Response",
        _WHOLE,
        occasion="iscsi.pdu.status_class == 0 && !(iscsi.login.T == 1 && iscsi.login.nsg == 3)",
    ),
    Rule(
        "login-final-tsih-zero",
        ERROR,
        TARGET,
        "RFC 7143 sections 11.13.3, 4.4.3 and 6.3.2",
        "The Login Response that opens the session has TSIH 0",
        _WHOLE,
        occasion="iscsi.pdu.status_class == 0 && iscsi.login.T == 1 && iscsi.login.nsg == 3",
    ),
    Rule(
        "login-tsih-mismatch",
        ERROR,
        TARGET,
        "RFC 7143 sections 4.4.3 and 11.13.3",
        "The login asks for the session with TSIH {requested}; the target answers with TSIH {tsih}",
        _WHOLE,
        occasion="iscsi.opcode == login_request && iscsi.tsih != 0",
    ),
    Rule(
        "login-discovery-second-connection",
        ERROR,
        TARGET,
        "RFC 7143 section 13.21",
        "A second connection is accepted into a discovery session",
        "the logins of all its connections",
        occasion="iscsi.session.discovery && iscsi.opcode == login_request && iscsi.tsih != 0",
    ),
    Rule(
        "login-tpgt-missing",
        ERROR,
        TARGET,
        "RFC 7143 sections 6.3.1 and 13.9",
        "The login to {target} succeeds without TargetPortalGroupTag",
        _WHOLE,
        occasion=(
            "iscsi.pdu.status_class == 0 && iscsi.login.T == 1 && iscsi.login.nsg == 3 && !iscsi.session.discovery"
        ),
    ),
    Rule(
        "login-tpgt-late",
        WARNING,
        TARGET,
        "RFC 7143 section 6.3.1",
        "TargetPortalGroupTag comes in a later Login Response than the first",
        _WHOLE,
        occasion="iscsi.opcode == login_response && iscsi.login.target_portal_group_tag",
    ),
    Rule(
        "login-tpgt-changed",
        ERROR,
        TARGET,
        "RFC 7143 sections 6.3.1, 4.4.1 and appendix C",
        "A connection of the session is in portal group {group}, the others are in {first}",
        "the logins of at least two of its connections",
        occasion=(
            "iscsi.opcode == login_response && iscsi.session.connections > 1 && iscsi.login.target_portal_group_tag"
        ),
    ),
)


def see(say: Saying) -> None:
    """Runs the rules of this topic on one login PDU."""
    if say.to_target:
        if say.header[8] >> 6 == 3:
            isid_type_reserved(say)
        if say.whole and say.talk.first:
            login_tsih_changed(say)
            login_cid_changed(say)
    elif say.whole and say.talk.outstanding == 1 and not say.refuses:
        if say.talk.first[14:16] == b"\0\0":
            login_tsih_early(say)
            login_final_tsih_zero(say)
        else:
            login_tsih_mismatch(say)
            login_discovery_second_connection(say)
        login_tpgt_late(say)
        login_tpgt_changed(say)
        login_tpgt_missing(say)


def login_tsih_changed(say: Saying) -> None:
    """The TSIH of the requests changes within one login.

    ## What it means
    An initiator states in the first request whether it opens a session (TSIH 0) or adds a connection to one, and
    repeats that in every request.

    ## Why it matters
    The target cannot tell which session is meant.

    ## Example
        talk.handshake()
        keys = {"InitiatorName": talk.initiator_name, "TargetName": talk.target_name}
        talk.login_request(keys, transit=False)
        talk.login_response({"TargetPortalGroupTag": "1"})
        talk.login_request(tsih=5)

    ## When it is silent
    When the capture lacks any byte of the connection.

    ## Reference
    RFC 7143 section 11.12.6
    """
    first, tsih = int.from_bytes(say.talk.first[14:16], "big"), say.half(14)
    if tsih != first:
        say.found("login-tsih-changed", {"tsih": tsih, "first": first}, say.talk.first_pdu)


def login_cid_changed(say: Saying) -> None:
    """The CID changes within one login.

    ## What it means
    The CID numbers the connection within its session. All Login Requests of the connection have the same.

    ## Why it matters
    Later a logout or a task reassignment names connections by their CID; here nobody knows which it is.

    ## Example
        talk.handshake()
        keys = {"InitiatorName": talk.initiator_name, "TargetName": talk.target_name}
        talk.login_request(keys, transit=False)
        talk.login_response({"TargetPortalGroupTag": "1"})
        talk.login_request(cid=1)

    ## When it is silent
    When the capture lacks any byte of the connection.

    ## Reference
    RFC 7143 section 11.12.7
    """
    first, cid = int.from_bytes(say.talk.first[20:22], "big"), say.half(20)
    if cid != first:
        say.found("login-cid-changed", {"cid": cid, "first": first}, say.talk.first_pdu)


def isid_type_reserved(say: Saying) -> None:
    """The ISID has a type that does not exist.

    ## What it means
    The first two bits of an ISID tell who made it: 0 a vendor with an OUI, 1 one with an enterprise number, 2 chance.
    The value 3 is reserved.

    ## Why it matters
    Nothing guarantees that the name is unique; two initiators with the same one throw each other out.

    ## Example
        talk.handshake()
        keys = {"InitiatorName": talk.initiator_name, "TargetName": talk.target_name}
        talk.login_request(keys, isid=bytes.fromhex("c00000000001"))

    ## When it is silent
    Never: the header alone shows it.

    ## Reference
    RFC 7143 sections 11.12.5 and 11
    """
    say.found("isid-type-reserved", {"isid": say.header[8:14].hex()})


def login_tsih_early(say: Saying) -> None:
    """A target names a new session before it exists.

    ## What it means
    In the login that opens a session the responses carry TSIH 0 until the last one, which has the new TSIH.

    ## Why it matters
    An initiator that takes the value over changes the TSIH in its next request, which is an error.

    ## Example
        talk.handshake()
        keys = {"InitiatorName": talk.initiator_name, "TargetName": talk.target_name}
        talk.login_request(keys, transit=False)
        talk.login_response({"TargetPortalGroupTag": "1"}, tsih=7)

    ## When it is silent
    For refusals, and when the capture lacks any byte of the connection.

    ## Reference
    RFC 7143 section 11.13.3
    """
    if not say.ends_login and say.half(14):
        say.found("login-tsih-early", {"tsih": say.half(14)})


def login_final_tsih_zero(say: Saying) -> None:
    """A session is opened without a name.

    ## What it means
    The last Login Response gives the new session its TSIH, which is not 0.

    ## Why it matters
    No connection can be added to the session, nor can one of its connections be recovered.

    ## Example
        talk.handshake()
        talk.login_request({"InitiatorName": talk.initiator_name, "TargetName": talk.target_name})
        talk.login_response({"TargetPortalGroupTag": "1"}, tsih=0)

    ## When it is silent
    For refusals, and when the capture lacks any byte of the connection.

    ## Reference
    RFC 7143 sections 11.13.3, 4.4.3 and 6.3.2
    """
    if say.ends_login and not say.half(14):
        say.found("login-final-tsih-zero", {})


def login_tsih_mismatch(say: Saying) -> None:
    """A login that asks for an existing session ends in another one.

    ## What it means
    A request with a TSIH adds a connection to that session, or replaces one. The responses carry the same TSIH; if the
    session does not exist, the target refuses with status 0x020a.

    ## Why it matters
    The initiator believes that its commands continue a session; the target has opened a new one without their state.

    ## Example
        talk.handshake()
        keys = {"InitiatorName": talk.initiator_name, "TargetName": talk.target_name}
        talk.login_request(keys, tsih=7)
        talk.login_response({"TargetPortalGroupTag": "1"}, tsih=8)

    ## When it is silent
    For refusals, and when the capture lacks any byte of the connection.

    ## Reference
    RFC 7143 sections 4.4.3 and 11.13.3
    """
    requested, tsih = int.from_bytes(say.talk.first[14:16], "big"), say.half(14)
    if tsih != requested:
        say.found("login-tsih-mismatch", {"tsih": tsih, "requested": requested}, say.talk.first_pdu)


def login_discovery_second_connection(say: Saying) -> None:
    """A discovery session gets a second connection.

    ## What it means
    A discovery session has exactly one connection. Here a login joins one, and the target accepts.

    ## Why it matters
    What may be sent on it is not defined; it only costs resources of the target.

    ## Example
        talk.open(discovery=True)
        talk.join().open(discovery=True)

    ## When it is silent
    For refusals, and when the login that opened the session is not in the capture.

    ## Reference
    RFC 7143 section 13.21
    """
    session = say.follower.session
    if say.ends_login and session.discovery and len(session.connections) > 1:
        say.found("login-discovery-second-connection", {}, say.talk.first_pdu)


def login_tpgt_late(say: Saying) -> None:
    """The portal group tag comes too late.

    ## What it means
    TargetPortalGroupTag belongs into the first Login Response, the one to the first request whose text is whole.

    ## Why it matters
    An initiator that compares it with what discovery said must do so before it authenticates.

    ## Example
        talk.handshake()
        keys = {"InitiatorName": talk.initiator_name, "TargetName": talk.target_name}
        talk.login_request(keys, transit=False)
        talk.login_response()
        talk.login_request()
        talk.login_response({"TargetPortalGroupTag": "1"})

    ## When it is silent
    For discovery sessions without a target name, and when the capture lacks any byte of the connection.

    ## Reference
    RFC 7143 section 6.3.1
    """
    talk = say.talk
    if "TargetPortalGroupTag" in say.values and talk.portal_group is None and talk.target_name and talk.portal_due:
        say.found("login-tpgt-late", {}, talk.portal_due)


def login_tpgt_changed(say: Saying) -> None:
    """The connections of one session lead to different portal groups.

    ## What it means
    A session is between one initiator port and one target portal group: all of its connections get the same
    TargetPortalGroupTag.

    ## Why it matters
    Portals of different groups share no session state, so commands on one connection are unknown on the other.

    ## Example
        talk.terms.max_connections = 2
        talk.open()
        talk.join().open(answer={"TargetPortalGroupTag": "2"}, security=False)

    ## When it is silent
    For the first connection, and when the login that opened the session is not in the capture.

    ## Reference
    RFC 7143 sections 6.3.1, 4.4.1 and appendix C
    """
    group = parse_number(say.values.get("TargetPortalGroupTag", ""))
    if group is None or group > 0xFFFF:
        return
    notes = of_session(say.follower.session)
    if notes.portal_group < 0:
        notes.portal_group = group
    elif notes.portal_group != group:
        say.found("login-tpgt-changed", {"group": group, "first": notes.portal_group})


def login_tpgt_missing(say: Saying) -> None:
    """A login succeeds and the target has not said which portal group it is.

    ## What it means
    A target returns TargetPortalGroupTag in its first Login Response of every login to a named target.

    ## Why it matters
    Initiators use it to tell paths from each other, and to check that a second connection reaches the same session.

    ## Example
        talk.open(answer={"TargetPortalGroupTag": ""}, security=False)

    ## When it is silent
    For discovery sessions without a target name (the RFC contradicts itself there), and when the capture lacks any
    byte of the connection.

    ## Reference
    RFC 7143 sections 6.3.1 and 13.9
    """
    talk = say.talk
    if say.ends_login and say.text is not None and talk.target_name and talk.portal_group is None:
        if "TargetPortalGroupTag" not in say.values:
            say.found("login-tpgt-missing", {"target": talk.target_name[:80]}, talk.first_pdu)
