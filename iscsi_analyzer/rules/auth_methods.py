"""Rules on the list of authentication methods, and on what a target chooses from it in one login and the next (RFC 7143
sections 9, 9.2, 12.1 and 14).

Interpreted: sees login PDUs. Whether the choice was offered at all is in `auth`.
"""

from __future__ import annotations

import re
from typing import Final

from dissectors.iscsi.keys import MAX_KEY_LENGTH
from dissectors.iscsi.keytable import KEYS
from dissectors.iscsi.values import NONE, RESERVED_ANSWERS, parse_list, parse_number
from iscsi_analyzer.rules.acquaintances import acquaintances, fits, remember, sender
from iscsi_analyzer.rules.desk import INITIATOR, TARGET
from iscsi_analyzer.rules.notes import of_session
from iscsi_analyzer.rules.offers import ANSWER, OFFER, Move, Statement
from iscsi_analyzer.rules.rule import NOTE, WARNING, Rule
from iscsi_analyzer.rules.saying import Saying

SHOWN: Final = 80
EXTENSIONS: Final = ("X-", "Y-", "Z-", "X#", "Y#", "Z#")
"How names that are not those of a standard begin; which of them belong where is in `keys_names`."
OBSOLETE: Final = ("SPKM1", "SPKM2")
"Methods of RFC 3720 that RFC 7143 has taken out."
LABEL: Final = re.compile(r"[A-Za-z0-9.+@_\-]+")
"What a name may consist of (section 6.1, standard-label)."
_TEXT: Final = "the whole text"
_WHOLE: Final = "an unbroken view of the connection from its SYN on"
_OFFERED: Final = "iscsi.login.auth_method"
_CHOSEN: Final = "iscsi.opcode == 0x23 && iscsi.login.auth_method"
_EXTENDED: Final = 'iscsi.login.auth_method matches "(^|,)Z-"'

RULES = (
    Rule(
        "auth-method-unknown",
        WARNING,
        "either",
        "RFC 7143 sections 12.1, 14 and 15",
        "AuthMethod names {method}, which no standard knows{obsolete}",
        _TEXT,
        occasion=_OFFERED,
    ),
    Rule(
        "auth-private-default-offer",
        NOTE,
        "either",
        "RFC 7143 section 12.1",
        "AuthMethod={offered} offers a method of a vendor {fault}",
        _TEXT,
        occasion=_EXTENDED,
    ),
    Rule(
        "auth-ext-name-format",
        NOTE,
        "either",
        "RFC 7143 sections 12.1 and 6.1",
        "The authentication method {method!r} is not named as methods are",
        _TEXT,
        occasion=_EXTENDED,
    ),
    Rule(
        "auth-none-offered",
        NOTE,
        "either",
        "RFC 7143 section 9",
        "None is chosen out of AuthMethod={offered}: the session runs without authentication",
        _WHOLE,
        occasion=_CHOSEN,
    ),
    Rule(
        "auth-method-not-first",
        NOTE,
        TARGET,
        "RFC 7143 sections 6.2.1 and 6.3.2",
        "The target chooses {method} out of {offered}; before, it has taken {earlier} from the same initiator",
        "an earlier login of the same initiator and target",
        occasion=f'{_CHOSEN} && !(iscsi.login.auth_method == "Reject")',
    ),
    Rule(
        "auth-varies-in-session",
        WARNING,
        "either",
        "RFC 7143 section 9.2",
        "This connection of the session is authenticated by {method}, the first by {first}",
        "the logins of both connections, unbroken from their SYNs on",
        occasion="iscsi.opcode == 0x03 && iscsi.login.T && iscsi.login.nsg == 3 && iscsi.tsih != 0",
    ),
)


def see(say: Saying) -> None:
    """Runs the rules of this topic on one login PDU."""
    for move in say.moves:
        if move.pair.key != "AuthMethod" or move.pair.value in RESERVED_ANSWERS:
            continue
        unknown = next((method for method in methods(move.pair.value) if _unknown(method)), "")
        if unknown:
            auth_method_unknown(say, unknown, "")
        if move.kind == OFFER:
            auth_private_default_offer(say, move)
            auth_ext_name_format(say, move)
        elif move.kind == ANSWER and move.to is not None and say.whole:
            offered = methods(move.to.value)
            auth_none_offered(say, move, offered)
            if not say.to_target:
                auth_method_not_first(say, move, offered)
    if say.whole and say.ends_login and say.text is not None:
        auth_varies_in_session(say)
        _obsolete(say)


def methods(value: str) -> list[str]:
    """The methods of a list, without blanks."""
    return [item.strip() for item in parse_list(value)]


def _unknown(method: str) -> bool:
    return bool(method) and method not in (*KEYS["AuthMethod"].choices, *OBSOLETE) and not method.startswith(EXTENSIONS)


def _obsolete(say: Saying) -> None:
    """A method that RFC 7143 does not have any more, in a login of two sides that both know that RFC."""
    offer = say.talk.offers.settled.get("AuthMethod")
    level = parse_number(say.talk.offers.result("iSCSIProtocolLevel") or "")
    if offer is not None and level:
        method = next((method for method in methods(offer.value) if method in OBSOLETE), "")
        if method:
            auth_method_unknown(say, method, " any more", offer)


def auth_method_unknown(say: Saying, method: str, obsolete: str, offer: Statement | None = None) -> None:
    """An authentication method that no standard knows.

    ## What it means
    Methods are KRB5, SRP, CHAP and None, or begin with Z- and belong to a vendor. SPKM1 and SPKM2 are obsolete for
    nodes that know RFC 7143.

    ## Why it matters
    The other side skips the method, and may be left with none, or with a weaker one.

    ## Example
        talk.handshake()
        keys = {"InitiatorName": talk.initiator_name, "TargetName": talk.target_name, "AuthMethod": "CHAPS,CHAP"}
        talk.login_request(keys, csg=0, nsg=1, transit=False)

    ## When it is silent
    For names that begin like those of extensions, for SPKM1 and SPKM2 unless iSCSIProtocolLevel shows that both sides
    know RFC 7143, and when a part of the text is not in the capture.

    ## Reference
    RFC 7143 sections 12.1, 14 and 15
    """
    facts: dict[str, object] = {"method": method[:SHOWN], "obsolete": obsolete}
    if offer is None:
        say.found("auth-method-unknown", facts)
    else:
        say.found("auth-method-unknown", facts, offer.pdu, INITIATOR if offer.to_target else TARGET)


def auth_private_default_offer(say: Saying, move: Move) -> None:
    """A vendor's authentication method is offered without CHAP, or together with None.

    ## What it means
    Whoever offers a method of its own offers CHAP as well, and not None, unless an administrator wants it otherwise.

    ## Why it matters
    Without CHAP other implementations cannot log in; with None they come in unauthenticated.

    ## Example
        talk.handshake()
        keys = {"InitiatorName": talk.initiator_name, "TargetName": talk.target_name}
        talk.login_request({**keys, "AuthMethod": "Z-com.example.x,None"}, csg=0, nsg=1, transit=False)

    ## When it is silent
    For lists without a vendor's method, and when a part of the text is not in the capture.

    ## Reference
    RFC 7143 section 12.1
    """
    offered = methods(move.pair.value)
    if not any(method.startswith("Z-") for method in offered):
        return
    faults = [*(["without CHAP"] if "CHAP" not in offered else []), *(["with None"] if NONE in offered else [])]
    if faults:
        facts: dict[str, object] = {"offered": move.pair.value[:SHOWN], "fault": " and ".join(faults)}
        say.found("auth-private-default-offer", facts)


def auth_ext_name_format(say: Saying, move: Move) -> None:
    """A vendor's authentication method has a name that methods may not have.

    ## What it means
    Behind Z- follow letters, digits, and the characters - + . @ and _; the whole name has at most 63 characters.

    ## Why it matters
    The other side may cut the name, or take the list apart in the wrong place.

    ## Example
        talk.handshake()
        keys = {"InitiatorName": talk.initiator_name, "TargetName": talk.target_name}
        talk.login_request({**keys, "AuthMethod": "Z-com example,CHAP"}, csg=0, nsg=1, transit=False)

    ## When it is silent
    For answers, which repeat what was offered, and when a part of the text is not in the capture.

    ## Reference
    RFC 7143 sections 12.1 and 6.1
    """
    for method in methods(move.pair.value):
        if method.startswith("Z-") and (len(method) > MAX_KEY_LENGTH or not LABEL.fullmatch(method[2:])):
            say.found("auth-ext-name-format", {"method": method[:SHOWN]})
            return


def auth_none_offered(say: Saying, move: Move, offered: list[str]) -> None:
    """No authentication is chosen although the other side was ready for it.

    ## What it means
    One side offered a method, and None as well; the other one took None.

    ## Why it matters
    Sessions should not run without authentication. Here the credentials are there on one side, and the other does not
    ask for them: mostly an account that was never set up.

    ## Example
        talk.handshake()
        keys = {"InitiatorName": talk.initiator_name, "TargetName": talk.target_name, "AuthMethod": "CHAP,None"}
        talk.login_request(keys, csg=0, nsg=1)
        talk.login_response({"TargetPortalGroupTag": "1", "AuthMethod": "None"})

    ## When it is silent
    If nothing but None was offered, and when the capture lacks any byte of the connection.

    ## Reference
    RFC 7143 section 9
    """
    if move.pair.value == NONE and NONE in offered and any(method not in ("", NONE) for method in offered):
        say.found("auth-none-offered", {"offered": ",".join(offered)[:SHOWN]}, move.to.pdu if move.to else 0)


def auth_method_not_first(say: Saying, move: Move, offered: list[str]) -> None:
    """A target passes over a method that it has accepted from the same initiator before.

    ## What it means
    The answer to AuthMethod is the first method of the list that the target supports and may use with this initiator.
    In an earlier login it chose a method that stands further ahead in this list.

    ## Why it matters
    The initiator's order of preference does not count, and the weaker method is used. Somebody may also have changed
    the settings of the target in between.

    ## Example
        keys = {"InitiatorName": talk.initiator_name, "TargetName": talk.target_name, "AuthMethod": "CHAP,SRP"}
        chosen = {"TargetPortalGroupTag": "1"}
        talk.handshake()
        talk.login_request(keys, csg=0, nsg=1, transit=False)
        talk.login_response({**chosen, "AuthMethod": "CHAP"})
        talk.fin()
        again = talk.beside()
        again.handshake()
        again.login_request(keys, csg=0, nsg=1, transit=False)
        again.login_response({**chosen, "AuthMethod": "SRP"})

    ## When it is silent
    When the earlier login is not in the capture, and when the capture lacks any byte of the connection.

    ## Reference
    RFC 7143 sections 6.2.1 and 6.3.2
    """
    method = move.pair.value
    session = say.follower.session
    pair = (session.initiator_name, session.target_name or sender(say).hex())
    known = acquaintances(say).methods
    before = known.get(pair, {})
    for earlier in offered[: offered.index(method)] if method in offered else ():
        if earlier in before:
            facts: dict[str, object] = {"method": method[:SHOWN], "offered": ",".join(offered)[:SHOWN]}
            say.found("auth-method-not-first", {**facts, "earlier": earlier[:SHOWN]}, before[earlier])
            break
    if method != NONE and method in KEYS["AuthMethod"].choices and fits(*pair):
        before[method] = say.number
        remember(known, pair, before)


def auth_varies_in_session(say: Saying) -> None:
    """The connections of a session are not authenticated in the same way.

    ## What it means
    All connections of a session use the same method, under the same name. Connections with and without authentication
    do not belong into one session.

    ## Why it matters
    A session is as safe as its weakest connection: whoever gets in there can use the whole of it.

    ## Example
        talk.terms.max_connections = 2
        talk.handshake()
        keys = {"InitiatorName": talk.initiator_name, "TargetName": talk.target_name}
        talk.login_request({**keys, "AuthMethod": "CHAP"}, csg=0, nsg=1, transit=False)
        talk.login_response({"TargetPortalGroupTag": "1", "AuthMethod": "CHAP"})
        talk.login_request({"CHAP_A": "5"}, csg=0, nsg=1, transit=False)
        talk.login_response({"CHAP_A": "5", "CHAP_I": "1", "CHAP_C": "0x" + "ab" * 16})
        talk.login_request({"CHAP_N": "alice", "CHAP_R": "0x" + "cd" * 16}, csg=0, nsg=1)
        talk.login_response()
        talk.login_request({"MaxConnections": "2"})
        talk.login_response({"MaxConnections": "2"})
        talk.join().open()

    ## When it is silent
    When the first login of the session is not in the capture, and when the capture lacks any byte of a connection.

    ## Reference
    RFC 7143 section 9.2
    """
    offers = say.talk.offers
    method = say.talk.method or offers.result("AuthMethod") or NONE
    name = offers.said("CHAP_N", True) or offers.said("SRP_U", True) or ""
    here = f"{method} as {name[:SHOWN]}" if name else method
    notes = of_session(say.follower.session)
    if not notes.authentication:
        if not say.joins:
            notes.authentication, notes.authenticated = here, say.number
    elif say.joins and here != notes.authentication:
        facts: dict[str, object] = {"method": here, "first": notes.authentication}
        say.found("auth-varies-in-session", facts, notes.authenticated)
