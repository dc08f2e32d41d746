"""Rules on single keys that are odd, obsolete or out of place: markers, X#NodeArchitecture, aliases and TargetAddress
(RFC 7143 sections 13.6 to 13.8, 13.25 and 13.26).

Interpreted: sees login and text PDUs.
"""

from __future__ import annotations

from typing import Final

from dissectors.iscsi.keytable import KEYS
from dissectors.iscsi.values import NOT_UNDERSTOOD, RESERVED_ANSWERS
from iscsi_analyzer.rules.acquaintances import acquaintances, fits, remember
from iscsi_analyzer.rules.desk import INITIATOR, TARGET
from iscsi_analyzer.rules.keys_values import offered_in
from iscsi_analyzer.rules.occasions import I2T, T2I, said
from iscsi_analyzer.rules.offers import ANSWER, DECLARATION, OFFER, Move
from iscsi_analyzer.rules.rule import ERROR, NOTE, RFC_7143, WARNING, Rule
from iscsi_analyzer.rules.saying import Saying

SHOWN: Final = 60
REDIRECTION: Final = 1
"Status-Class of a response that names another portal."
NODE: Final = "X#NodeArchitecture"
_SWITCHES: Final = ("IFMarker", "OFMarker")
_MARKERS: Final = (*_SWITCHES, "IFMarkInt", "OFMarkInt")
_TEXT: Final = "the whole text"
_BOTH: Final = "the offer and the answer"
_WHOLE: Final = "an unbroken view of the connection from its SYN on"

RULES = (
    Rule(
        "key-marker-offered",
        NOTE,
        "either",
        "RFC 7143 section 13.25",
        "{key}={value} asks for markers, which RFC 7143 has no more",
        _TEXT,
        RFC_7143,
        said(_MARKERS, I2T),
    ),
    Rule(
        "key-marker-answer",
        WARNING,
        "either",
        "RFC 7143 section 13.25",
        "{key} is answered NotUnderstood; it has to be known, and refused",
        _BOTH,
        occasion=said(_MARKERS, T2I),
    ),
    Rule(
        "key-marker-active",
        NOTE,
        "either",
        "RFC 7143 section 13.25",
        "{key}=Yes is agreed upon: from the login on, markers stand between the bytes of the PDUs",
        _BOTH,
        occasion=said(_SWITCHES, T2I),
    ),
    Rule(
        "key-nodearch-too-long",
        ERROR,
        "either",
        "RFC 7143 section 13.26.1",
        "X#NodeArchitecture has {length} bytes, at most 255 are allowed",
        _TEXT,
        occasion=said((NODE,)),
    ),
    Rule(
        "key-nodearch-redeclared",
        ERROR,
        "either",
        "RFC 7143 section 13.26.1",
        "X#NodeArchitecture is said once more in the same login",
        _WHOLE,
        occasion=said((NODE,)),
    ),
    Rule(
        "key-targetaddress-context",
        NOTE,
        TARGET,
        "RFC 7143 section 13.8 and appendix C",
        "TargetAddress={address} stands in {place}",
        _WHOLE,
        occasion="iscsi.pdu.direction == T2I && iscsi.login.target_address",
    ),
    Rule(
        "key-alias-not-sent",
        NOTE,
        "either",
        "RFC 7143 sections 13.6 and 13.7",
        "The {node} does not tell its alias, as it has in an earlier login",
        "the earlier login, and an unbroken view of this connection from its SYN on",
        occasion="iscsi.opcode == 0x23 && iscsi.login.T && iscsi.login.nsg == 3 && iscsi.login.status == 0",
    ),
)


def see(say: Saying) -> None:
    """Runs the rules of this topic on one login or text PDU."""
    login = say.opcode & 0x1F == 0x03
    for move in say.moves:
        key = move.pair.key
        if key in _MARKERS:
            _marker(say, move)
        elif key == NODE and move.kind == DECLARATION and move.pair.value not in RESERVED_ANSWERS:
            key_nodearch_too_long(say, move)
            if move.again and login and say.whole:
                key_nodearch_redeclared(say, move)
        elif key == "TargetAddress" and not say.to_target and say.whole:
            key_targetaddress_context(say, move, login)
    if login and say.whole and say.ends_login and not say.joins and not say.discovery:
        for by_initiator in (True, False):
            key_alias_not_sent(say, by_initiator)


def _marker(say: Saying, move: Move) -> None:
    if move.kind == OFFER:
        key_marker_offered(say, move)
    elif move.kind == ANSWER and say.whole:
        key_marker_answer(say, move)
        key_marker_active(say, move)


def key_marker_offered(say: Saying, move: Move) -> None:
    """Markers are asked for.

    ## What it means
    Markers were to help receivers find the next PDU in the middle of a stream. RFC 7143 has done away with them; a node
    that knows them answers No or Reject.

    ## Why it matters
    Whoever asks for them is older than RFC 7143, or tests how old the other side is.

    ## Example
        talk.open(offer={"IFMarker": "Yes"}, answer={"IFMarker": "No"})

    ## When it is silent
    For the offer No, which nearly every initiator makes, and when a part of the text is not in the capture.

    ## Reference
    RFC 7143 section 13.25
    """
    pair = move.pair
    if pair.value not in RESERVED_ANSWERS and (pair.key not in _SWITCHES or pair.value == "Yes"):
        say.found("key-marker-offered", {"key": pair.key, "value": pair.value[:SHOWN]})


def key_marker_answer(say: Saying, move: Move) -> None:
    """An obsolete key of markers is not understood.

    ## What it means
    The keys of markers are known to everybody, so that older peers get an answer: No or Reject, never NotUnderstood.

    ## Why it matters
    Older peers may take the answer for a failure of the negotiation and drop the connection.

    ## Example
        talk.open(offer={"OFMarkInt": "1~1024"}, answer={"OFMarkInt": "NotUnderstood"})

    ## When it is silent
    For Irrelevant, which RFC 3720 allowed, and when the capture lacks any byte of the connection.

    ## Reference
    RFC 7143 section 13.25
    """
    if move.pair.value == NOT_UNDERSTOOD:
        say.found("key-marker-answer", {"key": move.pair.key}, offered_in(move))


def key_marker_active(say: Saying, move: Move) -> None:
    """Markers are agreed upon.

    ## What it means
    Both sides said Yes, as RFC 3720 allowed. After the login, eight bytes that belong to no PDU stand between the
    others at a fixed interval.

    ## Why it matters
    RFC 7143 knows nothing of it, and neither does this analysis: the PDUs after the login may not be found.

    ## Example
        talk.open(offer={"OFMarker": "Yes"}, answer={"OFMarker": "Yes"})

    ## When it is silent
    If one side says No, and when the capture lacks any byte of the connection.

    ## Reference
    RFC 7143 section 13.25
    """
    if move.pair.key in _SWITCHES and move.pair.value == "Yes" and move.to is not None and move.to.value == "Yes":
        say.found("key-marker-active", {"key": move.pair.key}, move.to.pdu)


def key_nodearch_too_long(say: Saying, move: Move) -> None:
    """The description of a node is too long.

    ## What it means
    X#NodeArchitecture has at most 255 bytes.

    ## Why it matters
    Receivers cut it, or end the login, although it is for people only.

    ## Example
        talk.open(offer={"X#NodeArchitecture": "a" * 300})

    ## When it is silent
    When a part of the text is not in the capture.

    ## Reference
    RFC 7143 section 13.26.1
    """
    length = len(move.pair.value.encode(errors="replace"))
    if length > KEYS[NODE].high:
        say.found("key-nodearch-too-long", {"length": length})


def key_nodearch_redeclared(say: Saying, move: Move) -> None:
    """A node describes itself twice in one login.

    ## What it means
    X#NodeArchitecture is declared once.

    ## Why it matters
    A key that is said again breaks the negotiation: the other side has to end the login.

    ## Example
        talk.handshake()
        keys = {"InitiatorName": talk.initiator_name, "TargetName": talk.target_name, "X#NodeArchitecture": "a"}
        talk.login_request(keys, transit=False)
        talk.login_response({"TargetPortalGroupTag": "1"})
        talk.login_request({"X#NodeArchitecture": "a"})

    ## When it is silent
    When the capture lacks any byte of the connection.

    ## Reference
    RFC 7143 section 13.26.1
    """
    say.found("key-nodearch-redeclared", {}, move.again)


def key_targetaddress_context(say: Saying, move: Move, login: bool) -> None:
    """A target tells an address where nobody needs it.

    ## What it means
    TargetAddress belongs into redirections and into answers to SendTargets.

    ## Why it matters
    The initiator is connected already and ignores it, or takes it for a redirection.

    ## Example
        talk.open(answer={"TargetAddress": "192.0.2.9:3260"})

    ## When it is silent
    When the capture lacks any byte of the connection.

    ## Reference
    RFC 7143 section 13.8 and appendix C
    """
    if login:
        place = "" if say.status >> 8 == REDIRECTION else "a Login Response that does not redirect"
    else:
        asked = say.talk.exchange is not None and say.talk.exchange.question is not None
        place = "" if asked else "a Text Response although nobody asked for targets"
    if place:
        say.found("key-targetaddress-context", {"address": move.pair.value[:SHOWN], "place": place})


def key_alias_not_sent(say: Saying, by_initiator: bool) -> None:
    """A node that has an alias does not tell it.

    ## What it means
    A node with an alias should send it at each login. This one did so in an earlier login, and does not any more.

    ## Why it matters
    People find the node by its name only. Mostly another program on the same host uses the same name.

    ## Example
        talk.open(offer={"InitiatorAlias": "host"})
        talk.close()
        talk.beside().open()

    ## When it is silent
    Until an alias was seen, after the first login without it, for discovery and for further connections of a session,
    and when the capture lacks any byte of the connection.

    ## Reference
    RFC 7143 sections 13.6 and 13.7
    """
    session = say.follower.session
    name = session.initiator_name if by_initiator else session.target_name
    alias = say.talk.offers.said("InitiatorAlias" if by_initiator else "TargetAlias", by_initiator)
    known = acquaintances(say).aliases
    if not name or not fits(name):
        return
    if alias is not None:
        remember(known, (by_initiator, name), say.number)
    elif (by_initiator, name) in known:
        party = INITIATOR if by_initiator else TARGET
        say.found("key-alias-not-sent", {"node": party}, known.pop((by_initiator, name)), party)
