"""Rules on what must not come during a login, as far as somebody goes on in spite of it (RFC 7143 sections 4.2.4 and
6.3). That it came at all is judged in `login_order`.

Interpreted: sees PDUs until a login is over, and the end of the connection.
"""

from __future__ import annotations

from typing import Final

from dissectors.iscsi import words
from iscsi_analyzer.model.following import Follower
from iscsi_analyzer.rules.conversation import Conversation, unbroken
from iscsi_analyzer.rules.desk import INITIATOR, TARGET, Desk
from iscsi_analyzer.rules.login_refused import CLOSING_TIME
from iscsi_analyzer.rules.rule import ERROR, WARNING, Rule
from iscsi_analyzer.rules.saying import Saying
from iscsi_analyzer.streams.serial import distance

_WHOLE: Final = "an unbroken view of the connection from its SYN on"
_SERVED: Final = (0x20, 0x21, 0x22, 0x24, 0x25, 0x26, 0x31)

RULES = (
    Rule(
        "login-invalid-request-not-rejected",
        WARNING,
        TARGET,
        "RFC 7143 section 4.2.4",
        "The target goes on with the login although the initiator had sent {pdu} in it",
        _WHOLE,
        occasion="iscsi.pdu.direction == I2T && iscsi.opcode != 0x03 && !iscsi.connection.login_complete",
    ),
    Rule(
        "initiator-continues-after-nonlogin",
        WARNING,
        INITIATOR,
        "RFC 7143 section 4.2.4",
        "The initiator goes on with {pdu} although the target had sent {stray} in the login",
        _WHOLE,
        occasion="iscsi.pdu.direction == T2I && iscsi.opcode != 0x23 && !iscsi.connection.login_complete",
    ),
    Rule(
        "login-final-not-ffp",
        ERROR,
        TARGET,
        "RFC 7143 section 6.3",
        "The target answers with {pdu} as in the full feature phase, which the login has not reached",
        _WHOLE,
        occasion="iscsi.pdu.direction == I2T && iscsi.opcode != 0x03 && !iscsi.connection.login_complete",
    ),
)


def see(say: Saying) -> None:
    """Runs the rules of this topic on one PDU, until the login has succeeded."""
    talk = say.talk
    if say.whole and not talk.full_feature and not talk.rejected:
        if say.to_target:
            if talk.target_stray:
                initiator_continues_after_nonlogin(say, talk)
        elif talk.stray:
            if say.opcode != 0x23:
                login_final_not_ffp(say, talk)
            elif talk.request_pdu > talk.stray and not say.refuses:
                login_invalid_request_not_rejected(say, talk)


def note(say: Saying) -> None:
    """Takes note of a PDU that no login should have."""
    talk = say.talk
    if talk.requests and not talk.full_feature and not talk.rejected:
        if say.to_target:
            if not talk.stray:
                talk.stray, talk.stray_opcode, talk.stray_ts = say.number, say.opcode, say.look.ts
        elif not talk.target_stray:
            talk.target_stray, talk.target_stray_opcode = say.number, say.opcode
            talk.target_stray_end = _heard_end(say)


def closed(talk: Conversation, follower: Follower, desk: Desk) -> None:
    """Runs the rules of this topic on a connection of which nothing more will be seen."""
    if talk.stray and not talk.muddled and not talk.full_feature and not talk.rejected:
        late = follower.connection.last_ts - talk.stray_ts
        if late >= CLOSING_TIME and not follower.connection.closed and unbroken(follower):
            _ignored(talk, follower, desk)


def _ignored(talk: Conversation, follower: Follower, desk: Desk) -> None:
    facts: dict[str, object] = {"pdu": words.OPCODES(talk.stray_opcode)}
    session = follower.session.number
    desk.found("login-invalid-request-not-rejected", TARGET, session, follower.number, talk.stray, facts)


def _heard_end(say: Saying) -> int:
    """Sequence number of the byte behind what the target has sent so far."""
    to_target = say.follower.connection.to_target
    return 0 if to_target is None else int(to_target.peer.next_seq)


def login_invalid_request_not_rejected(say: Saying, talk: Conversation) -> None:
    """A target passes over a PDU that must not come during a login.

    ## What it means
    A PDU other than a Login Request before the login is over has to be refused with status 0x020b, and the connection
    closed. This target went on: it answered a later Login Request, or did nothing for half a minute.

    ## Why it matters
    The initiator believes that its request is being served.

    ## Example
        talk.handshake()
        keys = {"InitiatorName": talk.initiator_name, "TargetName": talk.target_name}
        talk.login_request(keys, transit=False)
        talk.login_response({"TargetPortalGroupTag": "1"})
        talk.nop_out(immediate=True)
        talk.login_request(transit=False)
        talk.login_response()

    ## When it is silent
    When the target refuses or closes the connection, in whichever way, and when the capture lacks any byte of it.

    ## Reference
    RFC 7143 section 4.2.4
    """
    facts: dict[str, object] = {"pdu": words.OPCODES(talk.stray_opcode)}
    say.found("login-invalid-request-not-rejected", facts, talk.stray)


def initiator_continues_after_nonlogin(say: Saying, talk: Conversation) -> None:
    """An initiator passes over a PDU that must not come during a login.

    ## What it means
    An initiator that gets anything but a Login Response before the login is over has to close the connection. This one
    had acknowledged such a PDU and went on.

    ## Why it matters
    The two sides do not agree on the state of the connection; what is negotiated after that is worth nothing.

    ## Example
        talk.handshake()
        keys = {"InitiatorName": talk.initiator_name, "TargetName": talk.target_name}
        talk.login_request(keys, transit=False)
        talk.login_response({"TargetPortalGroupTag": "1"})
        talk.nop_in()
        talk.login_request()

    ## When it is silent
    Until the initiator has acknowledged the PDU, and when the capture lacks any byte of the connection.

    ## Reference
    RFC 7143 section 4.2.4
    """
    to_target = say.follower.connection.to_target
    if to_target is None or distance(to_target.peer.acked, talk.target_stray_end) < 0:
        return
    facts: dict[str, object] = {"pdu": words.OPCODES(say.opcode), "stray": words.OPCODES(talk.target_stray_opcode)}
    say.found("initiator-continues-after-nonlogin", facts, talk.target_stray)


def login_final_not_ffp(say: Saying, talk: Conversation) -> None:
    """Both sides begin the full feature phase although the login has not ended.

    ## What it means
    A login ends with a request and a response that have T set and name the full feature phase. Here the initiator sent
    another request without that, and the target served it.

    ## Why it matters
    A target that serves whoever has not finished the login may serve those that have not authenticated, too.

    ## Example
        talk.handshake()
        keys = {"InitiatorName": talk.initiator_name, "TargetName": talk.target_name, "AuthMethod": "None"}
        talk.login_request(keys, csg=0, nsg=1)
        talk.login_response({"TargetPortalGroupTag": "1", "AuthMethod": "None"})
        talk.ping()

    ## When it is silent
    Until the target serves a request, and when the capture lacks any byte of the connection.

    ## Reference
    RFC 7143 section 6.3
    """
    task = say.look.task
    if say.opcode in _SERVED and task is not None and task.connection == say.follower.number:
        if task.request >= talk.stray and talk.response:
            say.found("login-final-not-ffp", {"pdu": words.OPCODES(say.opcode)}, task.request)
