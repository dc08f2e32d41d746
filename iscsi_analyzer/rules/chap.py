"""Rules on the values of a CHAP exchange: algorithms, identifiers, challenges, responses (RFC 7143 sections 9.2.1 and
12.1.3, RFC 1994).

Interpreted: sees login PDUs. No finding repeats a challenge or a response. The order of the steps is in `chap_steps`.
"""

from __future__ import annotations

from typing import Final

from dissectors.iscsi.keytable import CHAP_ALGORITHMS
from dissectors.iscsi.values import RESERVED_ANSWERS, parse_binary, parse_list, parse_number
from iscsi_analyzer.rules.desk import INITIATOR, TARGET
from iscsi_analyzer.rules.rule import ERROR, NOTE, Rule
from iscsi_analyzer.rules.saying import Saying

MAX_BINARY: Final = 1024
"Bytes of a challenge or response."
SHOWN: Final = 40
EMPTY: Final = ("", "0x", "0X", "0b", "0B")
"Binary values without a byte."
_DIGESTS: Final = {5: 16, 6: 20, 7: 32, 8: 32}
_TEXT: Final = "the whole text"
_WHOLE: Final = "an unbroken view of the connection from its SYN on"

RULES = (
    Rule(
        "chap-md5-not-offered",
        NOTE,
        INITIATOR,
        "RFC 7143 section 12.1.3",
        "CHAP_A={offered} does not offer MD5 (5), which the standard makes mandatory",
        _TEXT,
        occasion='iscsi.pdu.direction == I2T && iscsi.keyvalue matches "^CHAP_A="',
    ),
    Rule(
        "chap-a-answer-not-offered",
        ERROR,
        TARGET,
        "RFC 7143 section 12.1.3",
        "CHAP_A={value} is chosen out of {offered}",
        _WHOLE,
        occasion='iscsi.pdu.direction == T2I && iscsi.keyvalue matches "^CHAP_A="',
    ),
    Rule(
        "chap-response-length",
        ERROR,
        "either",
        "RFC 7143 section 12.1.3 and RFC 1994 section 4.1",
        "CHAP_R has {length} bytes; {algorithm} makes {expected}",
        _WHOLE,
        occasion='iscsi.keyvalue matches "^CHAP_R="',
    ),
    Rule(
        "chap-value-too-long",
        ERROR,
        "either",
        "RFC 7143 section 12.1.3",
        "{key} has {length} bytes, at most 1024 are allowed",
        _TEXT,
        occasion='iscsi.keyvalue matches "^CHAP_[CNR]="',
    ),
    Rule(
        "chap-i-range",
        ERROR,
        "either",
        "RFC 7143 section 12.1.3 and RFC 1994 section 4.1",
        "CHAP_I={value} is no number of one byte",
        _TEXT,
        occasion='iscsi.keyvalue matches "^CHAP_I="',
    ),
    Rule(
        "chap-encoding-invalid",
        ERROR,
        "either",
        "RFC 7143 sections 6.1 and 12.1.3",
        "{key} is no binary value: neither 0x with hexadecimal digits nor 0b with base64",
        _TEXT,
        occasion='iscsi.keyvalue matches "^CHAP_[CR]="',
    ),
    Rule(
        "chap-challenge-reflected",
        ERROR,
        INITIATOR,
        "RFC 7143 section 9.2.1",
        "The initiator challenges the target with the target's own challenge",
        _WHOLE,
        occasion='iscsi.pdu.direction == I2T && iscsi.keyvalue matches "^CHAP_C="',
    ),
    Rule(
        "chap-reflection-accepted",
        ERROR,
        TARGET,
        "RFC 7143 section 9.2.1",
        "The target goes on after its own challenge was sent back to it",
        _WHOLE,
        occasion='iscsi.finding.rule == "chap-challenge-reflected"',
    ),
)


def see(say: Saying) -> None:
    """Runs the rules of this topic on one login PDU."""
    if say.text is None or say.refuses:
        return
    values = say.values
    if "CHAP_I" in values:
        chap_i_range(say, values["CHAP_I"])
    for key in ("CHAP_C", "CHAP_R"):
        if key in values and values[key] not in RESERVED_ANSWERS and not (key == "CHAP_C" and values[key] in EMPTY):
            chap_encoding_invalid(say, key, values[key])
            chap_value_too_long(say, key, values[key])
    if "CHAP_A" in values:
        if say.to_target:
            chap_md5_not_offered(say, values["CHAP_A"])
        elif say.whole and say.talk.chap.algorithms:
            chap_a_answer_not_offered(say, values["CHAP_A"])
    if say.whole and say.talk.chap.challenged:
        if "CHAP_R" in values:
            chap_response_length(say, values["CHAP_R"])
        if say.to_target and "CHAP_C" in values:
            chap_challenge_reflected(say, values["CHAP_C"])
        elif not say.to_target and say.talk.chap.reflected:
            chap_reflection_accepted(say)


def chap_md5_not_offered(say: Saying, value: str) -> None:
    """The initiator does not offer MD5.

    ## What it means
    The list of algorithms always contains 5 (MD5), so that any two implementations find one in common.

    ## Why it matters
    Targets that know no other algorithm refuse the login. Where MD5 is switched off on purpose, that is wanted.

    ## Example
        talk.handshake()
        keys = {"InitiatorName": talk.initiator_name, "TargetName": talk.target_name, "AuthMethod": "CHAP"}
        talk.login_request(keys, csg=0, nsg=1, transit=False)
        talk.login_response({"TargetPortalGroupTag": "1", "AuthMethod": "CHAP"})
        talk.login_request({"CHAP_A": "7"}, csg=0, nsg=1, transit=False)

    ## When it is silent
    When a part of the text is not in the capture.

    ## Reference
    RFC 7143 section 12.1.3
    """
    if 5 not in [parse_number(item.strip()) for item in parse_list(value)]:
        say.found("chap-md5-not-offered", {"offered": value[:SHOWN]})


def chap_a_answer_not_offered(say: Saying, value: str) -> None:
    """The target chooses an algorithm that was not offered.

    ## What it means
    The target answers CHAP_A with exactly one of the numbers that the initiator offered.

    ## Why it matters
    The initiator cannot compute the response and has to drop the connection.

    ## Example
        talk.handshake()
        keys = {"InitiatorName": talk.initiator_name, "TargetName": talk.target_name, "AuthMethod": "CHAP"}
        talk.login_request(keys, csg=0, nsg=1, transit=False)
        talk.login_response({"TargetPortalGroupTag": "1", "AuthMethod": "CHAP"})
        talk.login_request({"CHAP_A": "5"}, csg=0, nsg=1, transit=False)
        talk.login_response({"CHAP_A": "7", "CHAP_I": "1", "CHAP_C": "0x" + "ab" * 16})

    ## When it is silent
    When the capture lacks any byte of the connection.

    ## Reference
    RFC 7143 section 12.1.3
    """
    chap = say.talk.chap
    offered = [parse_number(item) for item in chap.algorithms]
    if value not in RESERVED_ANSWERS and (parse_number(value) is None or parse_number(value) not in offered):
        facts: dict[str, object] = {"value": value[:SHOWN], "offered": ",".join(chap.algorithms)[:SHOWN]}
        say.found("chap-a-answer-not-offered", facts, chap.asked)


def chap_response_length(say: Saying, value: str) -> None:
    """A CHAP response has not the length that the algorithm makes.

    ## What it means
    The response is a digest: 16 bytes with MD5, 20 with SHA-1, 32 with SHA-256 and SHA3-256.

    ## Why it matters
    The response cannot be right, whatever the password.

    ## Example
        talk.handshake()
        keys = {"InitiatorName": talk.initiator_name, "TargetName": talk.target_name, "AuthMethod": "CHAP"}
        talk.login_request(keys, csg=0, nsg=1, transit=False)
        talk.login_response({"TargetPortalGroupTag": "1", "AuthMethod": "CHAP"})
        talk.login_request({"CHAP_A": "5"}, csg=0, nsg=1, transit=False)
        talk.login_response({"CHAP_A": "5", "CHAP_I": "1", "CHAP_C": "0x" + "ab" * 16})
        talk.login_request({"CHAP_N": "alice", "CHAP_R": "0x" + "cd" * 15}, csg=0, nsg=1)

    ## When it is silent
    For algorithms that are not known here, and when the capture lacks any byte of the connection.

    ## Reference
    RFC 7143 section 12.1.3 and RFC 1994 section 4.1
    """
    chap = say.talk.chap
    algorithm = parse_number(chap.algorithm)
    expected = _DIGESTS.get(-1 if algorithm is None else algorithm)
    response = parse_binary(value)
    if algorithm is not None and expected is not None and response is not None and len(response) != expected:
        facts: dict[str, object] = {"length": len(response), "algorithm": CHAP_ALGORITHMS[algorithm]}
        say.found("chap-response-length", {**facts, "expected": expected}, chap.challenged)


def chap_value_too_long(say: Saying, key: str, value: str) -> None:
    """A challenge or response is too long.

    ## What it means
    CHAP_C and CHAP_R have at most 1024 bytes.

    ## Why it matters
    Receivers have no room for more and refuse the login.

    ## Example
        talk.handshake()
        keys = {"InitiatorName": talk.initiator_name, "TargetName": talk.target_name, "AuthMethod": "CHAP"}
        talk.login_request(keys, csg=0, nsg=1, transit=False)
        talk.login_response({"TargetPortalGroupTag": "1", "AuthMethod": "CHAP"})
        talk.login_request({"CHAP_A": "5"}, csg=0, nsg=1, transit=False)
        talk.login_response({"CHAP_A": "5", "CHAP_I": "1", "CHAP_C": "0x" + "ab" * 1025})

    ## When it is silent
    When a part of the text is not in the capture.

    ## Reference
    RFC 7143 section 12.1.3
    """
    raw = parse_binary(value)
    if raw is not None and len(raw) > MAX_BINARY:
        say.found("chap-value-too-long", {"key": key, "length": len(raw)})


def chap_i_range(say: Saying, value: str) -> None:
    """A CHAP identifier is no number of one byte.

    ## What it means
    CHAP_I is a number from 0 to 255: one byte goes into the digest.

    ## Why it matters
    The two sides compute different responses.

    ## Example
        talk.handshake()
        keys = {"InitiatorName": talk.initiator_name, "TargetName": talk.target_name, "AuthMethod": "CHAP"}
        talk.login_request(keys, csg=0, nsg=1, transit=False)
        talk.login_response({"TargetPortalGroupTag": "1", "AuthMethod": "CHAP"})
        talk.login_request({"CHAP_A": "5"}, csg=0, nsg=1, transit=False)
        talk.login_response({"CHAP_A": "5", "CHAP_I": "256", "CHAP_C": "0x" + "ab" * 16})

    ## When it is silent
    When a part of the text is not in the capture.

    ## Reference
    RFC 7143 section 12.1.3 and RFC 1994 section 4.1
    """
    number = parse_number(value)
    if (number is None or number > 0xFF) and value not in RESERVED_ANSWERS:
        say.found("chap-i-range", {"value": value[:SHOWN]})


def chap_encoding_invalid(say: Saying, key: str, value: str) -> None:
    """A challenge or response is not written as a binary value.

    ## What it means
    Binary values are hexadecimal after 0x or base64 after 0b. A decimal number has at most 64 bits, so no
    response can be one.

    ## Why it matters
    The receiver cannot read the value and refuses the login.

    ## Example
        talk.handshake()
        keys = {"InitiatorName": talk.initiator_name, "TargetName": talk.target_name, "AuthMethod": "CHAP"}
        talk.login_request(keys, csg=0, nsg=1, transit=False)
        talk.login_response({"TargetPortalGroupTag": "1", "AuthMethod": "CHAP"})
        talk.login_request({"CHAP_A": "5"}, csg=0, nsg=1, transit=False)
        talk.login_response({"CHAP_A": "5", "CHAP_I": "1", "CHAP_C": "0x" + "zz" * 16})

    ## When it is silent
    For empty challenges, which have a rule of their own, and when a part of the text is not in the capture.

    ## Reference
    RFC 7143 sections 6.1 and 12.1.3
    """
    if parse_binary(value) is None or (key == "CHAP_R" and value[:2].lower() not in ("0x", "0b")):
        say.found("chap-encoding-invalid", {"key": key, "length": len(value)})


def chap_challenge_reflected(say: Saying, value: str) -> None:
    """The initiator sends the target's challenge back.

    ## What it means
    For mutual authentication the initiator makes a challenge of its own. This one is the challenge that the target had
    sent.

    ## Why it matters
    It is an attack: if the same secret serves both directions, the target computes the response that the initiator
    needs.

    ## Example
        talk.handshake()
        keys = {"InitiatorName": talk.initiator_name, "TargetName": talk.target_name, "AuthMethod": "CHAP"}
        talk.login_request(keys, csg=0, nsg=1, transit=False)
        talk.login_response({"TargetPortalGroupTag": "1", "AuthMethod": "CHAP"})
        talk.login_request({"CHAP_A": "5"}, csg=0, nsg=1, transit=False)
        talk.login_response({"CHAP_A": "5", "CHAP_I": "1", "CHAP_C": "0x" + "ab" * 16})
        answer = {"CHAP_N": "alice", "CHAP_R": "0x" + "cd" * 16, "CHAP_I": "1", "CHAP_C": "0x" + "AB" * 16}
        talk.login_request(answer, csg=0, nsg=1)

    ## When it is silent
    When the capture lacks any byte of the connection.

    ## Reference
    RFC 7143 section 9.2.1
    """
    challenge = parse_binary(value)
    if challenge and challenge == say.talk.chap.challenge:
        say.found("chap-challenge-reflected", {}, say.talk.chap.challenged)


def chap_reflection_accepted(say: Saying) -> None:
    """The target answers its own challenge.

    ## What it means
    A target that is sent its own challenge closes the connection. This one went on.

    ## Why it matters
    Whoever does not know the secret gets the right response from the target itself.

    ## Example
        talk.handshake()
        keys = {"InitiatorName": talk.initiator_name, "TargetName": talk.target_name, "AuthMethod": "CHAP"}
        talk.login_request(keys, csg=0, nsg=1, transit=False)
        talk.login_response({"TargetPortalGroupTag": "1", "AuthMethod": "CHAP"})
        talk.login_request({"CHAP_A": "5"}, csg=0, nsg=1, transit=False)
        talk.login_response({"CHAP_A": "5", "CHAP_I": "1", "CHAP_C": "0x" + "ab" * 16})
        answer = {"CHAP_N": "alice", "CHAP_R": "0x" + "cd" * 16, "CHAP_I": "1", "CHAP_C": "0x" + "ab" * 16}
        talk.login_request(answer, csg=0, nsg=1)
        talk.login_response({"CHAP_N": "target", "CHAP_R": "0x" + "ef" * 16})

    ## When it is silent
    For refusals, and when the capture lacks any byte of the connection.

    ## Reference
    RFC 7143 section 9.2.1
    """
    say.found("chap-reflection-accepted", {}, say.talk.chap.reflected)
