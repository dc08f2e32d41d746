"""Rules on who speaks when: a connection begins with a login, which is a strict alternation of requests and responses
(RFC 7143 sections 4.2.4 and 6.3).

Interpreted: sees PDUs until a login is over.
"""

from __future__ import annotations

from typing import Final

from dissectors.iscsi import words
from iscsi_analyzer.rules.desk import INITIATOR, TARGET
from iscsi_analyzer.rules.rule import ERROR, Rule
from iscsi_analyzer.rules.saying import Saying

_WHOLE: Final = "an unbroken view of the connection from its SYN on"

RULES = (
    Rule(
        "login-not-first-pdu",
        ERROR,
        INITIATOR,
        "RFC 7143 sections 4.2.4 and 11.12",
        "The connection begins with {pdu} instead of a Login Request",
        _WHOLE,
        occasion="iscsi.pdu.first && iscsi.pdu.direction == I2T",
    ),
    Rule(
        "target-answers-before-login",
        ERROR,
        TARGET,
        "RFC 7143 section 4.2.4",
        "The target goes on with {pdu} although the connection did not begin with a Login Request",
        _WHOLE,
        occasion="iscsi.pdu.first && iscsi.pdu.direction == I2T && iscsi.opcode != login_request",
    ),
    Rule(
        "target-speaks-first",
        ERROR,
        TARGET,
        "RFC 7143 sections 4.2.4 and 6.3",
        "The target sends {pdu} before the initiator has said anything",
        _WHOLE,
        occasion="iscsi.pdu.first && iscsi.pdu.direction == T2I",
    ),
    Rule(
        "initiator-nonlogin-during-login",
        ERROR,
        INITIATOR,
        "RFC 7143 sections 4.2.4 and 6.3",
        "The initiator sends {pdu} while the login is going on",
        _WHOLE,
        occasion="iscsi.opcode == login_request",
    ),
    Rule(
        "ffp-pdu-before-login-response",
        ERROR,
        INITIATOR,
        "RFC 7143 sections 4.2.4, 6.3 and 11.13.5",
        "The initiator sends {pdu} without waiting for the response to its last Login Request",
        _WHOLE,
        occasion="iscsi.opcode == login_request && iscsi.login.T == 1 && iscsi.login.nsg == 3",
    ),
    Rule(
        "target-nonlogin-during-login",
        ERROR,
        TARGET,
        "RFC 7143 section 4.2.4",
        "The target sends {pdu} while the login is going on",
        _WHOLE,
        occasion="iscsi.opcode == login_request",
    ),
    Rule(
        "login-after-ffp",
        ERROR,
        INITIATOR,
        "RFC 7143 section 4.2.4",
        "A Login Request on a connection that is in the full feature phase",
        _WHOLE,
        occasion="iscsi.pdu.status_class == 0 && iscsi.login.T == 1 && iscsi.login.nsg == 3",
    ),
    Rule(
        "login-outstanding-multiple",
        ERROR,
        INITIATOR,
        "RFC 7143 section 6.3",
        "A Login Request while the one before has no response yet",
        _WHOLE,
        occasion="iscsi.opcode == login_request",
    ),
    Rule(
        "login-response-unsolicited",
        ERROR,
        TARGET,
        "RFC 7143 section 6.3",
        "A Login Response that answers no Login Request",
        _WHOLE,
        occasion="iscsi.opcode == login_response",
    ),
)


def see(say: Saying) -> None:
    """Runs the rules of this topic on one login PDU."""
    talk = say.talk
    if not say.whole or talk.rejected:
        return
    if say.to_target:
        if talk.full_feature:
            login_after_ffp(say)
        elif talk.outstanding:
            login_outstanding_multiple(say)
    elif talk.requests == 0:
        target_speaks_first(say)
    elif talk.outstanding == 0 and not (say.refuses and talk.stray):
        login_response_unsolicited(say)


def see_other(say: Saying) -> None:
    """Runs the rules of this topic on one PDU that is no login PDU, until the login has succeeded."""
    talk = say.talk
    if not say.whole or talk.full_feature or talk.rejected:
        return
    if talk.requests:
        if say.to_target:
            if talk.outstanding and talk.request[1] & 0x83 == 0x83:
                ffp_pdu_before_login_response(say)
            else:
                initiator_nonlogin_during_login(say)
        else:
            target_nonlogin_during_login(say)
    elif say.to_target:
        login_not_first_pdu(say)
    elif talk.not_login:
        target_answers_before_login(say)
    else:
        target_speaks_first(say)


def login_not_first_pdu(say: Saying) -> None:
    """A connection does not begin with a Login Request.

    ## What it means
    The first thing that an initiator sends on a new TCP connection is a Login Request. Here it is another PDU.

    ## Why it matters
    The target does not know who speaks and has to drop the connection. Typical causes are an initiator that takes a
    new connection for an old one, and a port scanner.

    ## Example
        talk.handshake()
        talk.command()

    ## When it is silent
    When the capture lacks the beginning of the connection.

    ## Reference
    RFC 7143 sections 4.2.4 and 11.12
    """
    if not say.talk.not_login:
        say.found("login-not-first-pdu", {"pdu": words.OPCODES(say.opcode)})


def target_answers_before_login(say: Saying) -> None:
    """A target serves a connection that did not log in.

    ## What it means
    If the first PDU of a connection is no Login Request, the target has to close the connection at once. This target
    sent something instead.

    ## Why it matters
    Whoever can reach the port gets at the storage without a name and without authentication.

    ## Example
        talk.handshake()
        talk.ping()

    ## When it is silent
    When the capture lacks the beginning of the connection; for a Reject or a Login Response that refuses.

    ## Reference
    RFC 7143 section 4.2.4
    """
    if say.opcode != 0x3F:
        say.found("target-answers-before-login", {"pdu": words.OPCODES(say.opcode)}, say.talk.not_login)


def target_speaks_first(say: Saying) -> None:
    """A target sends the first PDU of a connection.

    ## What it means
    A target speaks when a Login Request has been sent, not before.

    ## Why it matters
    An initiator takes the PDU for a broken answer and drops the connection.

    ## Example
        talk.handshake()
        talk.async_message(1)

    ## When it is silent
    When the capture lacks the beginning of the connection or bytes of the initiator.

    ## Reference
    RFC 7143 sections 4.2.4 and 6.3
    """
    if not say.talk.early and not say.talk.not_login:
        say.found("target-speaks-first", {"pdu": words.OPCODES(say.opcode)})


def initiator_nonlogin_during_login(say: Saying) -> None:
    """The initiator sends something else while it logs in.

    ## What it means
    Until the login is over, an initiator sends Login Requests and nothing else.

    ## Why it matters
    The target has to refuse the login with status 0x020b and close the connection.

    ## Example
        talk.handshake()
        talk.login_request({"InitiatorName": "iqn.2005-03.com.example:a", "SessionType": "Discovery"}, transit=False)
        talk.login_response()
        talk.text_request({"SendTargets": "All"})

    ## When it is silent
    When the capture lacks any byte of the connection so far.

    ## Reference
    RFC 7143 sections 4.2.4 and 6.3
    """
    say.found("initiator-nonlogin-during-login", {"pdu": words.OPCODES(say.opcode)}, say.talk.request_pdu)


def ffp_pdu_before_login_response(say: Saying) -> None:
    """The initiator goes on before its login is accepted.

    ## What it means
    The last Login Request asks for the full feature phase; commands may follow when the target has agreed. This
    initiator did not wait for the response.

    ## Why it matters
    The target is still logging in and takes the PDU for an error: status 0x020b, and the connection is closed.

    ## Example
        talk.handshake()
        talk.login_request({"InitiatorName": "iqn.2005-03.com.example:a", "SessionType": "Discovery"})
        talk.text_request({"SendTargets": "All"})

    ## When it is silent
    When the capture lacks any byte of the connection, also one that is only known because it was acknowledged.

    ## Reference
    RFC 7143 sections 4.2.4, 6.3 and 11.13.5
    """
    say.found("ffp-pdu-before-login-response", {"pdu": words.OPCODES(say.opcode)}, say.talk.request_pdu)


def target_nonlogin_during_login(say: Saying) -> None:
    """The target sends something else while the initiator logs in.

    ## What it means
    Until the login is over, a target sends Login Responses and nothing else: a faulty Login Request is refused with
    a status, not with a Reject.

    ## Why it matters
    The initiator has to close the connection.

    ## Example
        talk.handshake()
        request = talk.login_request({"InitiatorName": "iqn.2005-03.com.example:a", "SessionType": "Discovery"})
        talk.reject(request)

    ## When it is silent
    When the capture lacks any byte of the connection so far.

    ## Reference
    RFC 7143 section 4.2.4
    """
    say.found("target-nonlogin-during-login", {"pdu": words.OPCODES(say.opcode)}, say.talk.request_pdu)


def login_after_ffp(say: Saying) -> None:
    """A connection logs in for the second time.

    ## What it means
    A connection has one login phase. Once it is in the full feature phase, no Login Request may be sent on it.

    ## Why it matters
    The target treats it as a protocol error, which ends the session.

    ## Example
        talk.open()
        talk.login_request({"InitiatorName": talk.initiator_name, "TargetName": talk.target_name})

    ## When it is silent
    When the capture lacks any byte of the connection so far.

    ## Reference
    RFC 7143 section 4.2.4
    """
    say.found("login-after-ffp", {}, say.talk.full_feature)


def login_outstanding_multiple(say: Saying) -> None:
    """A second Login Request is sent before the first is answered.

    ## What it means
    A login is a strict alternation: after each Login Request the initiator waits for its response.

    ## Why it matters
    The target may take the second request for the next step of the negotiation and fail the login.

    ## Example
        talk.handshake()
        keys = {"InitiatorName": talk.initiator_name, "TargetName": talk.target_name}
        talk.login_request(keys, transit=False)
        talk.login_request()

    ## When it is silent
    When the capture lacks any byte of the connection, also one that is only known because it was acknowledged.

    ## Reference
    RFC 7143 section 6.3
    """
    say.found("login-outstanding-multiple", {}, say.talk.request_pdu)


def login_response_unsolicited(say: Saying) -> None:
    """A Login Response answers nothing.

    ## What it means
    Each Login Request has exactly one response. This one is surplus.

    ## Why it matters
    The initiator takes it for the answer to its next request, and both sides disagree about the state of the login.

    ## Example
        talk.handshake()
        talk.login_request({"InitiatorName": "iqn.2005-03.com.example:a", "SessionType": "Discovery"}, transit=False)
        talk.login_response()
        talk.login_response()

    ## When it is silent
    For a refusal of something that must not come during a login, and when the capture lacks any byte of the connection
    so far.

    ## Reference
    RFC 7143 section 6.3
    """
    say.found("login-response-unsolicited", {}, say.talk.response_pdu)
