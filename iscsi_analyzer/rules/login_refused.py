"""Rules on how a login is refused or redirected: status codes, the address of a redirection, and the end of the
connection (RFC 7143 section 11.13.5).

Interpreted: sees login PDUs, and whatever comes after a refusal.
"""

from __future__ import annotations

from typing import Final

from dissectors.iscsi import words
from dissectors.iscsi.values import parse_address
from iscsi_analyzer.model.following import Follower
from iscsi_analyzer.rules.conversation import Conversation, unbroken
from iscsi_analyzer.rules.desk import INITIATOR, TARGET, Desk
from iscsi_analyzer.rules.rule import ERROR, WARNING, Rule
from iscsi_analyzer.rules.saying import Saying
from iscsi_analyzer.streams.serial import distance

CLOSING_TIME: Final = 30_000_000_000
"Nanoseconds that both sides have to close a connection whose login was refused."

RULES = (
    Rule(
        "login-status-class-unknown",
        ERROR,
        TARGET,
        "RFC 7143 sections 11.13.5 and 11",
        "Login Response with Status-Class {status_class}, which does not exist",
        occasion="iscsi.opcode == login_response",
    ),
    Rule(
        "login-status-detail-unknown",
        WARNING,
        TARGET,
        "RFC 7143 section 11.13.5",
        "Login Response with status 0x{status:04x}, which does not exist",
        occasion="iscsi.pdu.status_class != 0",
    ),
    Rule(
        "login-success-with-detail",
        WARNING,
        TARGET,
        "RFC 7143 section 11.13.5",
        "Login Response with status 0x{status:04x}: success has no detail but 0",
        occasion="iscsi.pdu.status_class == 0",
    ),
    Rule(
        "login-redirect-no-address",
        ERROR,
        TARGET,
        "RFC 7143 section 11.13.5",
        "A redirection (status 0x{status:04x}) without TargetAddress",
        "the whole text of the response",
        occasion="iscsi.pdu.status_class == 1",
    ),
    Rule(
        "login-redirect-with-tpgt",
        ERROR,
        TARGET,
        "RFC 7143 section 13.8",
        "A redirection to {address}: the portal group tag does not belong there",
        "the whole text of the response",
        occasion="iscsi.pdu.status_class == 1",
    ),
    Rule(
        "login-pdu-after-reject",
        ERROR,
        INITIATOR,
        "RFC 7143 sections 11.13.5 and 6.3.1",
        "The initiator sends {pdu} on a connection whose login was refused with status 0x{status:04x}",
        "an unbroken view of the connection from its SYN on",
        occasion="iscsi.pdu.status_class != 0",
    ),
    Rule(
        "login-error-not-closed",
        WARNING,
        TARGET,
        "RFC 7143 section 11.13.5",
        "The connection is still open {seconds} s after its login was refused with status 0x{status:04x}",
        "the connection beyond the refusal",
        occasion="iscsi.pdu.status_class != 0",
    ),
)


def see(say: Saying) -> None:
    """Runs the rules of this topic on one login PDU."""
    if say.to_target:
        if say.whole and say.talk.rejected:
            login_pdu_after_reject(say)
        return
    status_class = say.status >> 8
    if status_class > 3:
        login_status_class_unknown(say)
    elif not words.LOGIN_STATUS.known(say.status):
        if status_class:
            login_status_detail_unknown(say)
        else:
            login_success_with_detail(say)


def see_redirection(say: Saying) -> None:
    """Runs the rules of this topic on the text of a Login Response that redirects."""
    if say.text is not None:
        login_redirect_no_address(say)
        login_redirect_with_tpgt(say)


def see_other(say: Saying) -> None:
    """Runs the rules of this topic on one PDU that is no login PDU, until the login has succeeded."""
    if say.to_target and say.whole and say.talk.rejected:
        login_pdu_after_reject(say)


def closed(talk: Conversation, follower: Follower, desk: Desk) -> None:
    """Runs the rules of this topic on a connection of which nothing more will be seen."""
    if talk.rejected and not talk.muddled:
        login_error_not_closed(talk, follower, desk)


def login_status_class_unknown(say: Saying) -> None:
    """A Login Response has a Status-Class that does not exist.

    ## What it means
    Status-Class is 0 for success, 1 for a redirection, 2 for an error of the initiator and 3 for one of the target.

    ## Why it matters
    The initiator cannot tell whether to try again, elsewhere, or not at all.

    ## Example
        talk.handshake()
        talk.login_request({"InitiatorName": talk.initiator_name, "TargetName": talk.target_name})
        talk.login_response(status=0x0400)

    ## When it is silent
    When the header was cut by the capture.

    ## Reference
    RFC 7143 sections 11.13.5 and 11
    """
    say.found("login-status-class-unknown", {"status_class": say.status >> 8, "status": say.status})


def login_status_detail_unknown(say: Saying) -> None:
    """A refusal has a Status-Detail that does not exist.

    ## What it means
    The classes of refusals have details: 0x0201 is an authentication failure, 0x0203 a target that was not found.
    This one is not in the list.

    ## Why it matters
    Only the class can be acted upon; the reason is lost.

    ## Example
        talk.handshake()
        talk.login_request({"InitiatorName": talk.initiator_name, "TargetName": talk.target_name})
        talk.login_response(status=0x030F)

    ## When it is silent
    When the header was cut by the capture.

    ## Reference
    RFC 7143 section 11.13.5
    """
    say.found("login-status-detail-unknown", {"status": say.status})


def login_success_with_detail(say: Saying) -> None:
    """A successful Login Response has a Status-Detail.

    ## What it means
    Status-Class 0 is success, and its only detail is 0.

    ## Why it matters
    Initiators that compare both bytes with zero take the response for a refusal.

    ## Example
        talk.handshake()
        keys = {"InitiatorName": talk.initiator_name, "TargetName": talk.target_name}
        talk.login_request(keys)
        talk.login_response({"TargetPortalGroupTag": "1"}, status=0x0001, transit=True, tsih=1)

    ## When it is silent
    When the header was cut by the capture.

    ## Reference
    RFC 7143 section 11.13.5
    """
    say.found("login-success-with-detail", {"status": say.status})


def login_redirect_no_address(say: Saying) -> None:
    """A redirection does not say where to.

    ## What it means
    A response with Status-Class 1 sends the initiator to another portal and has to name it in a TargetAddress.

    ## Why it matters
    The initiator cannot log in anywhere.

    ## Example
        talk.handshake()
        talk.login_request({"InitiatorName": talk.initiator_name, "TargetName": talk.target_name})
        talk.login_response(status=0x0101)

    ## When it is silent
    When the capture lacks any byte of the connection.

    ## Reference
    RFC 7143 section 11.13.5
    """
    if "TargetAddress" not in say.values:
        say.found("login-redirect-no-address", {"status": say.status})


def login_redirect_with_tpgt(say: Saying) -> None:
    """The address of a redirection has a portal group tag.

    ## What it means
    The TargetAddress of a redirection is a name or address and a port; the portal group tag, which follows a comma
    in discovery, is left out.

    ## Why it matters
    Initiators that read the rest of the value as a port fail to connect.

    ## Example
        talk.handshake()
        talk.login_request({"InitiatorName": talk.initiator_name, "TargetName": talk.target_name})
        talk.login_response({"TargetAddress": "192.0.2.9:3260,1"}, status=0x0101)

    ## When it is silent
    When the capture lacks any byte of the connection.

    ## Reference
    RFC 7143 section 13.8
    """
    for pair in say.pairs:
        if pair.key == "TargetAddress" and parse_address(pair.value).tag is not None:
            say.found("login-redirect-with-tpgt", {"address": pair.value[:80]})
            return


def login_pdu_after_reject(say: Saying) -> None:
    """The initiator keeps using a connection whose login was refused or redirected.

    ## What it means
    A status other than success ends the connection: both sides close it, and a new attempt needs a new one.

    ## Why it matters
    The target has forgotten the connection; the initiator waits for an answer that cannot come.

    ## Example
        talk.handshake()
        talk.login_request({"InitiatorName": talk.initiator_name, "TargetName": "iqn.2005-03.com.example:none"})
        talk.login_response(status=0x0203)
        talk.login_request({"InitiatorName": talk.initiator_name, "TargetName": talk.target_name})

    ## When it is silent
    Until the initiator has acknowledged the refusal, and when the capture lacks any byte of the connection.

    ## Reference
    RFC 7143 sections 11.13.5 and 6.3.1
    """
    talk = say.talk
    to_target = say.follower.connection.to_target
    if to_target is None or distance(to_target.peer.acked, talk.rejected_end) < 0:
        return
    facts: dict[str, object] = {"pdu": words.OPCODES(say.opcode), "status": talk.status}
    say.found("login-pdu-after-reject", facts, talk.rejected)


def login_error_not_closed(talk: Conversation, follower: Follower, desk: Desk) -> None:
    """A connection stays open after its login was refused.

    ## What it means
    When a login ends with a status other than success, target and initiator close the TCP connection. Half a minute
    later neither has done so.

    ## Why it matters
    Refused connections that stay open use up what the target has for connections; it then refuses everybody.

    ## Example
        talk.handshake()
        talk.login_request({"InitiatorName": talk.initiator_name, "TargetName": "iqn.2005-03.com.example:none"})
        talk.login_response(status=0x0203)
        talk.wait(60)
        talk.ack("I2T")

    ## When it is silent
    When the last frame of the connection came less than half a minute after the refusal: the end may not be in the
    capture.

    ## Reference
    RFC 7143 section 11.13.5
    """
    connection = follower.connection
    span = connection.last_ts - talk.rejected_ts
    if connection.closed or span < CLOSING_TIME or not unbroken(follower):
        return
    facts: dict[str, object] = {"seconds": span // 1_000_000_000, "status": talk.status}
    session = follower.session.number
    desk.found("login-error-not-closed", TARGET, session, follower.number, talk.rejected, facts)
