"""Rules on CHAP values that can be read but are no good, and on challenges that do not change from login to login (RFC
7143 section 12.1.3, RFC 1994).

Interpreted: sees login PDUs. No finding repeats a challenge or a response. Values that cannot be read are in `chap`.
"""

from __future__ import annotations

from typing import Final

from dissectors.iscsi.keytable import CHAP_ALGORITHMS
from dissectors.iscsi.values import RESERVED_ANSWERS, parse_binary, parse_list, parse_number
from iscsi_analyzer.rules.acquaintances import Challenge, Identifiers, acquaintances, remember, sender
from iscsi_analyzer.rules.chap import EMPTY, MAX_BINARY, SHOWN
from iscsi_analyzer.rules.rule import NOTE, WARNING, Rule
from iscsi_analyzer.rules.saying import Saying

MICROSOFT: Final = (128, 129)
"Algorithms that PPP has and that some vendor may use: MS-CHAP and its second version."
APART: Final = 1_000_000_000
"Nanoseconds between two challenges that are not the same one, captured in two places."
ROW: Final = 8
"Challenges in a row with the same identifier that are no chance."
_TEXT: Final = "the whole text"
_WHOLE: Final = "an unbroken view of the connection from its SYN on"

RULES = (
    Rule(
        "chap-algorithm-unknown",
        NOTE,
        "either",
        "RFC 7143 section 12.1.3",
        "CHAP_A={value} names an algorithm that is not known",
        _TEXT,
        occasion="iscsi.login.chap_a",
    ),
    Rule(
        "chap-challenge-empty",
        WARNING,
        "either",
        "RFC 1994 section 4.1",
        "The challenge (CHAP_C) is empty",
        _TEXT,
        occasion="iscsi.login.chap_c",
    ),
    Rule(
        "chap-name-empty",
        WARNING,
        "either",
        "RFC 7143 section 12.1.3",
        "CHAP_N is empty: nobody answers the challenge by name",
        _TEXT,
        occasion="iscsi.login.chap_n",
    ),
    Rule(
        "chap-challenge-repeated",
        WARNING,
        "either",
        "RFC 1994 sections 2.3 and 4.1",
        "The challenge is the same as {seconds} s before, in another login",
        _WHOLE,
        occasion="iscsi.login.chap_c",
    ),
    Rule(
        "chap-identifier-constant",
        NOTE,
        "either",
        "RFC 1994 section 4.1",
        "The last {count} challenges of this sender all have CHAP_I={identifier}",
        _WHOLE,
        occasion="iscsi.login.chap_c && iscsi.login.chap_i",
    ),
)


def see(say: Saying) -> None:
    """Runs the rules of this topic on one login PDU."""
    if say.text is None or say.refuses:
        return
    values = say.values
    if "CHAP_A" in values:
        chap_algorithm_unknown(say, values["CHAP_A"])
    if "CHAP_N" in values:
        chap_name_empty(say, values["CHAP_N"])
    if "CHAP_C" in values:
        chap_challenge_empty(say, values["CHAP_C"])
        challenge = parse_binary(values["CHAP_C"])
        if say.whole and challenge and len(challenge) <= MAX_BINARY:
            chap_challenge_repeated(say, challenge)
            chap_identifier_constant(say, parse_number(values.get("CHAP_I", "")))


def chap_algorithm_unknown(say: Saying, value: str) -> None:
    """A CHAP algorithm that is not known.

    ## What it means
    Algorithms are numbers from the list that PPP uses: 5 is MD5, 6 SHA-1, 7 SHA-256, 8 SHA3-256.

    ## Why it matters
    The other side can hardly choose it. It may be a slip in the configuration.

    ## Example
        talk.handshake()
        keys = {"InitiatorName": talk.initiator_name, "TargetName": talk.target_name, "AuthMethod": "CHAP"}
        talk.login_request(keys, csg=0, nsg=1, transit=False)
        talk.login_response({"TargetPortalGroupTag": "1", "AuthMethod": "CHAP"})
        talk.login_request({"CHAP_A": "99,5"}, csg=0, nsg=1, transit=False)

    ## When it is silent
    For the numbers of MS-CHAP, and when a part of the text is not in the capture.

    ## Reference
    RFC 7143 section 12.1.3
    """
    for item in parse_list(value) if value not in RESERVED_ANSWERS else ():
        number = parse_number(item.strip())
        if number is None or number not in (*CHAP_ALGORITHMS, *MICROSOFT):
            say.found("chap-algorithm-unknown", {"value": value[:SHOWN]})
            return


def chap_challenge_empty(say: Saying, value: str) -> None:
    """A CHAP challenge has no bytes.

    ## What it means
    A challenge has at least one byte; 16 or more are usual.

    ## Why it matters
    The response depends on the secret and on one byte of identifier only: whoever has seen it once can repeat it.

    ## Example
        talk.handshake()
        keys = {"InitiatorName": talk.initiator_name, "TargetName": talk.target_name, "AuthMethod": "CHAP"}
        talk.login_request(keys, csg=0, nsg=1, transit=False)
        talk.login_response({"TargetPortalGroupTag": "1", "AuthMethod": "CHAP"})
        talk.login_request({"CHAP_A": "5"}, csg=0, nsg=1, transit=False)
        talk.login_response({"CHAP_A": "5", "CHAP_I": "1", "CHAP_C": "0x"})

    ## When it is silent
    When a part of the text is not in the capture.

    ## Reference
    RFC 1994 section 4.1
    """
    if value in EMPTY:
        say.found("chap-challenge-empty", {})


def chap_name_empty(say: Saying, value: str) -> None:
    """A CHAP response comes without a name.

    ## What it means
    CHAP_N tells under which name the response was made; the other side looks up the secret by it.

    ## Why it matters
    There is no secret to be found. A target that lets the login succeed checks nothing.

    ## Example
        talk.handshake()
        keys = {"InitiatorName": talk.initiator_name, "TargetName": talk.target_name, "AuthMethod": "CHAP"}
        talk.login_request(keys, csg=0, nsg=1, transit=False)
        talk.login_response({"TargetPortalGroupTag": "1", "AuthMethod": "CHAP"})
        talk.login_request({"CHAP_A": "5"}, csg=0, nsg=1, transit=False)
        talk.login_response({"CHAP_A": "5", "CHAP_I": "1", "CHAP_C": "0x" + "ab" * 16})
        talk.login_request({"CHAP_N": "", "CHAP_R": "0x" + "cd" * 16}, csg=0, nsg=1)

    ## When it is silent
    When a part of the text is not in the capture.

    ## Reference
    RFC 7143 section 12.1.3
    """
    if not value:
        say.found("chap-name-empty", {})


def chap_challenge_repeated(say: Saying, challenge: bytes) -> None:
    """A challenge is used a second time.

    ## What it means
    Challenges are new and cannot be guessed. This sender has used the same one in an earlier login.

    ## Why it matters
    A response that somebody has overheard opens the door once more. Mostly the random numbers of the sender begin anew
    with each start.

    ## Example
        keys = {"InitiatorName": talk.initiator_name, "TargetName": talk.target_name, "AuthMethod": "CHAP"}
        for login in (talk, talk.beside()):
            login.handshake()
            login.login_request(keys, csg=0, nsg=1, transit=False)
            login.login_response({"TargetPortalGroupTag": "1", "AuthMethod": "CHAP"})
            login.login_request({"CHAP_A": "5"}, csg=0, nsg=1, transit=False)
            login.login_response({"CHAP_A": "5", "CHAP_I": "1", "CHAP_C": "0x" + "ab" * 16})
            login.wait(2)

    ## When it is silent
    For challenges within a second (one login may have been captured in two places), for those that are too long, and
    when the capture lacks any byte of the connection.

    ## Reference
    RFC 1994 sections 2.3 and 4.1
    """
    known = acquaintances(say).challenges
    key = (sender(say), challenge)
    before = known.get(key)
    now = int(say.look.ts)
    if before is None:
        remember(known, key, Challenge(say.number, now))
    elif now - before.ts >= APART:
        say.found("chap-challenge-repeated", {"seconds": (now - before.ts) // APART}, before.pdu)


def chap_identifier_constant(say: Saying, identifier: int | None) -> None:
    """All challenges of a sender have the same identifier.

    ## What it means
    CHAP_I changes with every challenge that is sent. This sender always uses the same.

    ## Why it matters
    The identifier is a part of what the response is computed from; one that stays makes overheard responses more
    useful.

    ## Example
        keys = {"InitiatorName": talk.initiator_name, "TargetName": talk.target_name, "AuthMethod": "CHAP"}
        for number in range(8):
            login = talk.beside()
            login.handshake()
            login.login_request(keys, csg=0, nsg=1, transit=False)
            login.login_response({"TargetPortalGroupTag": "1", "AuthMethod": "CHAP"})
            login.login_request({"CHAP_A": "5"}, csg=0, nsg=1, transit=False)
            login.login_response({"CHAP_A": "5", "CHAP_I": "1", "CHAP_C": f"0x{number:032x}"})

    ## When it is silent
    Until there were 8 challenges in a row, and when the capture lacks any byte of the connection.

    ## Reference
    RFC 1994 section 4.1
    """
    if identifier is None:
        return
    known = acquaintances(say).identifiers
    who = sender(say)
    before = known.get(who)
    if before is None or before.latest != identifier:
        remember(known, who, Identifiers(identifier))
        return
    before.row += 1
    if before.row >= ROW:
        say.found("chap-identifier-constant", {"count": before.row, "identifier": identifier})
