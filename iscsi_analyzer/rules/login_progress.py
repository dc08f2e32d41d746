"""Rules on how a login goes on and comes to its end: who stays, who goes on, and who gives up without a word (RFC 7143
sections 4.2.4, 6.2 and 6.3).

Interpreted: sees PDUs until a login is over, and the end of the connection.
"""

from __future__ import annotations

from typing import Final

from dissectors.iscsi import words
from dissectors.iscsi.keytable import find_key
from iscsi_analyzer.model.following import Follower
from iscsi_analyzer.rules.conversation import Conversation
from iscsi_analyzer.rules.desk import INITIATOR, TARGET, Desk
from iscsi_analyzer.rules.keys_answers import due
from iscsi_analyzer.rules.rule import NOTE, WARNING, Rule
from iscsi_analyzer.rules.saying import Saying
from iscsi_analyzer.rules.sight import entire
from iscsi_analyzer.streams.serial import distance

SHOWN: Final = 60
_WHOLE: Final = "an unbroken view of the connection from its SYN on"
_REQUESTS: Final = "iscsi.opcode == 0x03"
_RESPONSES: Final = "iscsi.opcode == 0x23"

RULES = (
    Rule(
        "login-t-dropped",
        NOTE,
        INITIATOR,
        "RFC 7143 section 6.3.3",
        "A Login Request takes back the wish to end the stage, though the target had nothing to say",
        _WHOLE,
        occasion=f"{_RESPONSES} && iscsi.login.T == 0 && iscsi.datasegmentlength == 0",
    ),
    Rule(
        "login-empty-without-cause",
        NOTE,
        "either",
        "RFC 7143 section 6.2",
        "An empty login PDU while {key}={value} waits for an answer",
        _WHOLE,
        occasion="iscsi.opcode in {0x03, 0x23} && iscsi.datasegmentlength == 0",
    ),
    Rule(
        "login-sessiontype-late",
        WARNING,
        INITIATOR,
        "RFC 7143 section 13.21",
        "SessionType=Discovery comes in a later Login Request than the first",
        _WHOLE,
        occasion=f'{_REQUESTS} && iscsi.login.session_type == "Discovery"',
    ),
    Rule(
        "login-stage-left-unanswered",
        WARNING,
        INITIATOR,
        "RFC 7143 sections 6.2, 6.3 and 7.12",
        "The initiator goes on with {pdu} although its offer {key} was never answered",
        _WHOLE,
        occasion=f"{_RESPONSES} && iscsi.login.T == 1 && iscsi.login.status == 0",
    ),
    Rule(
        "login-response-missing",
        NOTE,
        TARGET,
        "RFC 7143 section 6.3",
        "The target closed the connection without an answer to the Login Request that it had received",
        _WHOLE,
        occasion=_REQUESTS,
    ),
)


def see(say: Saying) -> None:
    """Runs the rules of this topic on one login PDU."""
    talk = say.talk
    if not say.whole:
        return
    if say.to_target:
        login_sessiontype_late(say)
        if talk.outstanding == 0 and talk.response:
            login_t_dropped(say)
        see_request(say)
    if not say.refuses:
        login_empty_without_cause(say)


def see_request(say: Saying) -> None:
    """Runs the rules of this topic on any PDU of the initiator, until the first command after the login."""
    talk = say.talk
    if say.whole and not talk.rejected and talk.left_open:
        login_stage_left_unanswered(say, talk)


def note(say: Saying) -> None:
    """Takes note of an offer that its stage left without an answer."""
    talk = say.talk
    if say.to_target:
        talk.left_open = ""
    elif say.accepts and say.text is not None and say.whole:
        for offer in talk.offers.open.values():
            if offer.to_target and find_key(offer.key) is not None and due(say, offer):
                talk.left_open, talk.left_open_pdu = offer.key, offer.pdu
                return


def closed(talk: Conversation, follower: Follower, desk: Desk) -> None:
    """Runs the rules of this topic on a connection of which nothing more will be seen."""
    if talk.outstanding and not talk.muddled and not talk.full_feature and not talk.rejected:
        login_response_missing(talk, follower, desk)


def login_t_dropped(say: Saying) -> None:
    """An initiator that wanted to end a stage does not want to any more.

    ## What it means
    The initiator had set T, and the target answered without T and without a key. The initiator should repeat T until
    the target agrees, or says something that has to be answered first.

    ## Why it matters
    Both sides wait for the other one to move on: the login goes round in circles until somebody gives up.

    ## Example
        talk.handshake()
        keys = {"InitiatorName": talk.initiator_name, "TargetName": talk.target_name}
        talk.login_request(keys, transit=False)
        talk.login_response({"TargetPortalGroupTag": "1"})
        talk.login_request()
        talk.login_response(transit=False)
        talk.login_request(transit=False)

    ## When it is silent
    When the capture lacks any byte of the connection.

    ## Reference
    RFC 7143 section 6.3.3
    """
    talk = say.talk
    asked = talk.request[1] & 0x80
    agreed = talk.response[1] & 0x80
    if asked and not agreed and not any(talk.response[5:8]) and not say.final and not say.more:
        say.found("login-t-dropped", {}, talk.response_pdu)


def login_empty_without_cause(say: Saying) -> None:
    """A login PDU is empty although an answer is due.

    ## What it means
    Empty login PDUs are for where a rule asks for them: to let a text go on, or when there is nothing left to say. Here
    the other side has offered a key and waits for the answer.

    ## Why it matters
    Each empty PDU costs a round trip, and some implementations give a login up after a few of them.

    ## Example
        talk.handshake()
        keys = {"InitiatorName": talk.initiator_name, "TargetName": talk.target_name}
        talk.login_request(keys, transit=False)
        talk.login_response({"TargetPortalGroupTag": "1"})
        talk.login_request({"HeaderDigest": "CRC32C,None"}, transit=False)
        talk.login_response()

    ## When it is silent
    When the PDU ends the stage, which is judged as a missing answer; while a text goes on, and when the capture lacks
    any byte of the connection.

    ## Reference
    RFC 7143 section 6.2
    """
    talk = say.talk
    before = talk.response if say.to_target else talk.request
    if say.look.data_length or say.final or say.more or not before or before[1] & 0x40:
        return
    for offer in talk.offers.open.values():
        if offer.to_target != say.to_target and find_key(offer.key) is not None and due(say, offer):
            facts: dict[str, object] = {"key": offer.key, "value": offer.value[:SHOWN]}
            say.found("login-empty-without-cause", facts, offer.pdu)
            return


def login_sessiontype_late(say: Saying) -> None:
    """An initiator says late what the session is for.

    ## What it means
    A session is a normal one unless the first Login Request says that it is for discovery.

    ## Why it matters
    The target has begun a normal session by then: it may have asked for a target name, or have refused the login
    because there was none.

    ## Example
        talk.handshake()
        talk.login_request({"InitiatorName": talk.initiator_name, "TargetName": talk.target_name}, transit=False)
        talk.login_response({"TargetPortalGroupTag": "1"})
        talk.login_request({"SessionType": "Discovery"})

    ## When it is silent
    When the text of the first request goes on in the next one, and when the capture lacks any byte of the connection.

    ## Reference
    RFC 7143 section 13.21
    """
    if say.talk.texts[True] and not say.talk.discovery and say.values.get("SessionType") == "Discovery":
        say.found("login-sessiontype-late", {}, say.talk.first_pdu)


def login_stage_left_unanswered(say: Saying, talk: Conversation) -> None:
    """An initiator goes on although the target passed over one of its offers.

    ## What it means
    A stage of a login is one negotiation: it may not end while an offer waits for its answer. The target ended it so,
    and the initiator goes on as if the key had been settled instead of closing the connection.

    ## Why it matters
    Each side has its own opinion of the value: one may send digests that the other does not expect.

    ## Example
        talk.handshake()
        keys = {"InitiatorName": talk.initiator_name, "TargetName": talk.target_name, "MaxBurstLength": "65536"}
        talk.login_request(keys)
        talk.login_response({"TargetPortalGroupTag": "1"})
        talk.ping()

    ## When it is silent
    For keys that no standard knows, and when the capture lacks any byte of the connection.

    ## Reference
    RFC 7143 sections 6.2, 6.3 and 7.12
    """
    facts: dict[str, object] = {"pdu": words.OPCODES(say.opcode), "key": talk.left_open}
    say.found("login-stage-left-unanswered", facts, talk.left_open_pdu, INITIATOR)
    talk.left_open = ""


def login_response_missing(talk: Conversation, follower: Follower, desk: Desk) -> None:
    """A target closes the connection instead of answering a Login Request.

    ## What it means
    Every Login Request has a Login Response. The target had received this one, at TCP level, and ended the connection
    in good order (FIN) without a word.

    ## Why it matters
    A status would have told the initiator whether to try again, elsewhere or not at all. So it tries again, for ever.

    ## Example
        talk.handshake()
        talk.login_request({"InitiatorName": talk.initiator_name, "TargetName": talk.target_name})
        talk.ack("T2I")
        talk.fin("T2I")

    ## When it is silent
    When anything of the connection is missing from the capture, when the initiator closed it first, and when it was
    reset.

    ## Reference
    RFC 7143 section 6.3
    """
    connection = follower.connection
    sender = connection.to_target
    if sender is None or connection.closed_by is not sender.peer or connection.closed_with != "FIN":
        return
    if entire(follower) and sender.peer.finished and distance(sender.acked, sender.next_seq) >= 0:
        session = follower.session.number
        desk.found("login-response-missing", TARGET, session, follower.number, talk.request_pdu, {})
