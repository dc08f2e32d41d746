"""Rules on how values are spelt: the letters of lists, numbers that are too large, hexadecimal and base64; and on where
a text begins, ends and how much of it there may be (RFC 7143 section 6.1).

Interpreted: sees the texts of login and text PDUs. No finding repeats a value that may be a secret. The other rules on
spelling are in `keys_syntax`.
"""

from __future__ import annotations

import re
from typing import Final

from dissectors.iscsi import keytable
from dissectors.iscsi.keys import Pair
from dissectors.iscsi.keytable import Key, find_key
from dissectors.iscsi.values import MAX_NUMBER, RESERVED_ANSWERS, parse_binary, parse_list
from iscsi_analyzer.rules.auth_methods import EXTENSIONS
from iscsi_analyzer.rules.keys_syntax import misspelt
from iscsi_analyzer.rules.occasions import NUMBERS, TEXTS, said
from iscsi_analyzer.rules.offers import ANSWER, Move
from iscsi_analyzer.rules.rule import ERROR, NOTE, WARNING, Rule
from iscsi_analyzer.rules.saying import Saying

SHOWN: Final = 60
ENOUGH: Final = 8192
"Bytes of text that every receiver takes in one negotiation."
ENOUGH_FOR_TICKETS: Final = 65536
"The same where an authentication method with long items was offered."
SMALL_FIRST: Final = ("iSCSIProtocolLevel", "iSERHelloRequired")
"Keys of the standards that begin with a small letter."
CHAP: Final = ("CHAP_C", "CHAP_R")
"Binary keys whose spelling has a rule of its own."

_LETTERS: Final = re.compile(r"[A-Za-z0-9.\-+@_/\[\]:]*")
_DIGITS: Final = re.compile(r"[0-9]+")
_HEX: Final = re.compile(r"0[xX][0-9a-fA-F]+")
_BASE64: Final = re.compile(r"0[bB](?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")
_LISTS: Final = tuple(
    key.name
    for key in keytable.KEYS.values()
    if key.form in (keytable.LIST, keytable.CHOICE) and key.name not in ("CHAP_A", "X#NodeArchitecture")
)
_BINARY: Final = tuple(key.name for key in keytable.KEYS.values() if key.form == keytable.BINARY)
_OTHERS: Final = tuple(key for key in _BINARY if key not in CHAP)
_TEXT: Final = "the whole text"
_WHOLE: Final = "an unbroken view of the connection from its SYN on"
_REFERENCE: Final = "RFC 7143 section 6.1"


def _begins(keys: tuple[str, ...], start: str) -> str:
    """The occasion of a rule on values of these keys that begin so."""
    return f'iscsi.keyvalue matches "^({"|".join(keys)})={start}"'


RULES = (
    Rule(
        "text-extra-nul",
        WARNING,
        "either",
        _REFERENCE,
        "{count} zero bytes {place} the pairs that belong to none of them",
        _TEXT,
        occasion=TEXTS,
    ),
    Rule(
        "text-c-missing",
        ERROR,
        "either",
        "RFC 7143 sections 6.1 and 6.2",
        "The text goes on with {item!r} although the PDU before did not say so (C=0)",
        _WHOLE,
        occasion="iscsi.keyvalue",
    ),
    Rule(
        "text-keyname-initial",
        WARNING,
        "either",
        _REFERENCE,
        "The key {key} does not begin with a capital letter",
        _TEXT,
        occasion="iscsi.keyvalue",
    ),
    Rule(
        "text-value-charset",
        WARNING,
        "either",
        _REFERENCE,
        "{key}={value} has characters that no such value may have",
        _TEXT,
        occasion=said(_LISTS),
    ),
    Rule(
        "text-decimal-binary",
        ERROR,
        "either",
        _REFERENCE,
        "{key} is written in decimal, with {digits} digits: beyond 64 bits only hexadecimal and base64 are possible",
        _TEXT,
        occasion=_begins((*_OTHERS, *NUMBERS), "[0-9]"),
    ),
    Rule(
        "text-hex-invalid",
        ERROR,
        "either",
        _REFERENCE,
        "{key} begins with 0x, and what follows is not hexadecimal",
        _TEXT,
        occasion=_begins(_OTHERS, "0x"),
    ),
    Rule(
        "text-base64-invalid",
        ERROR,
        "either",
        _REFERENCE,
        "{key} begins with 0b, and what follows is not base64",
        _TEXT,
        occasion=_begins(_BINARY, "0b"),
    ),
    Rule(
        "text-negotiation-too-large",
        NOTE,
        "either",
        _REFERENCE,
        "More than {limit} bytes of text in one login: not every receiver takes that",
        _WHOLE,
        occasion="iscsi.opcode == login && iscsi.datasegmentlength > 0",
    ),
)


def see(say: Saying) -> None:
    """Runs the rules of this topic on one login or text PDU."""
    if say.whole and say.opcode & 0x1F == 0x03:
        text_negotiation_too_large(say)
    text = say.text
    if text is None:
        return
    cut = False
    for problem in text.problems:
        if problem.name in ("key-empty-pair", "key-trailing-bytes"):
            text_extra_nul(say, problem.length, problem.name == "key-trailing-bytes")
        cut = cut or problem.name == "key-unterminated"
    if say.whole:
        if say.pairs and say.talk.cut[say.to_target]:
            text_c_missing(say, say.pairs[0])
        say.talk.cut[say.to_target] = say.number if cut else 0
    for move in say.moves:
        pair, key = move.pair, move.key
        if key is None:
            text_keyname_initial(say, move)
        elif pair.value not in RESERVED_ANSWERS:
            _value(say, pair, key)


def _value(say: Saying, pair: Pair, key: Key) -> None:
    if key.name in _LISTS:
        text_value_charset(say, pair)
    elif key.form == keytable.NUMBER:
        text_decimal_binary(say, pair)
    elif key.form == keytable.BINARY:
        if pair.key not in CHAP:
            text_decimal_binary(say, pair)
            text_hex_invalid(say, pair)
        if pair.key not in CHAP or parse_binary(pair.value) is not None:
            text_base64_invalid(say, pair)


def text_extra_nul(say: Saying, count: int, last: bool) -> None:
    """Zero bytes in a text that end no pair.

    ## What it means
    Exactly one zero byte follows each pair. Padding is not part of the text: DataSegmentLength does not count it.

    ## Why it matters
    A strict reader takes an empty piece for a malformed pair and ends the negotiation.

    ## Example
        talk.handshake()
        names = b"InitiatorName=iqn.2005-03.com.example:a\\0TargetName=iqn.2005-03.com.example:b\\0"
        talk.login_request(names + bytes(2))

    ## When it is silent
    When a part of the text is not in the capture.

    ## Reference
    RFC 7143 section 6.1
    """
    say.found("text-extra-nul", {"count": count, "place": "behind" if last else "between"})


def text_c_missing(say: Saying, pair: Pair) -> None:
    """A pair goes on in the next PDU although its first PDU said nothing of that.

    ## What it means
    A text that continues in the next PDU has the C bit set. Here a PDU without it ended within a pair, and the next PDU
    of the same side begins with what looks like the rest.

    ## Why it matters
    The receiver has taken both halves for pairs of their own: one value is cut, the other piece is nonsense.

    ## Example
        talk.handshake()
        names = b"InitiatorName=iqn.2005-03.com.example:a\\0TargetName=iqn.2005-03.com.example:b\\0"
        talk.login_request(names + b"InitiatorAlias=a long", transit=False)
        talk.login_response({"TargetPortalGroupTag": "1"})
        talk.login_request(b" name\\0")

    ## When it is silent
    If the second text begins with a key that is known, and when the capture lacks any byte of the connection.

    ## Reference
    RFC 7143 sections 6.1 and 6.2
    """
    if find_key(pair.key) is None:
        say.found("text-c-missing", {"item": pair.key[:SHOWN]}, say.talk.cut[say.to_target])


def text_keyname_initial(say: Saying, move: Move) -> None:
    """A key does not begin with a capital letter.

    ## What it means
    Keys begin with a capital letter; two keys of the standards themselves are the exceptions.

    ## Why it matters
    No standard and no vendor has such a key. It may be a misspelt one, whose value then has no effect.

    ## Example
        talk.open(offer={"maxConnection": "1"}, answer={"maxConnection": "NotUnderstood"})

    ## When it is silent
    For answers, for keys of the standard with the wrong case (which have a rule of their own), for pieces that are no
    pairs, and when a part of the text is not in the capture.

    ## Reference
    RFC 7143 section 6.1
    """
    key = move.pair.key
    if move.kind == ANSWER or move.pair.problem or not key or "A" <= key[0] <= "Z":
        return
    if key not in SMALL_FIRST and not misspelt(key) and move.pair.value not in RESERVED_ANSWERS:
        say.found("text-keyname-initial", {"key": key[:SHOWN]})


def text_value_charset(say: Saying, pair: Pair) -> None:
    """A value has characters that are not allowed.

    ## What it means
    Names in lists, and single names, consist of letters, digits and the characters . - + @ _ / [ ] and the colon.

    ## Why it matters
    It is none of the known values: the other side may choose none, or a weaker one.

    ## Example
        talk.open(offer={"HeaderDigest": "CRC*32C,None"}, answer={"HeaderDigest": "None"})

    ## When it is silent
    For blanks around an element, and names of extensions (both have rules of their own), for the description of a node,
    and when a part of the text is not in the capture.

    ## Reference
    RFC 7143 section 6.1
    """
    for item in parse_list(pair.value):
        if not item.startswith(EXTENSIONS) and not _LETTERS.fullmatch(item.strip()):
            say.found("text-value-charset", {"key": pair.key, "value": pair.value[:SHOWN]})
            return


def text_decimal_binary(say: Saying, pair: Pair) -> None:
    """A number beyond 64 bits is written in decimal.

    ## What it means
    Decimal is for values below 2 to the power of 64. Anything larger is written in hexadecimal or base64.

    ## Why it matters
    Receivers read such a number into 64 bits: it overflows, or the key is refused.

    ## Example
        talk.handshake()
        keys = {"InitiatorName": talk.initiator_name, "TargetName": talk.target_name}
        talk.login_request({**keys, "MaxBurstLength": "99999999999999999999"})

    ## When it is silent
    For CHAP, which has a rule of its own, and when a part of the text is not in the capture.

    ## Reference
    RFC 7143 section 6.1
    """
    value = pair.value
    if _DIGITS.fullmatch(value) and value.isascii() and (len(value) > 20 or int(value) > MAX_NUMBER):
        say.found("text-decimal-binary", {"key": pair.key, "digits": len(value)})


def text_hex_invalid(say: Saying, pair: Pair) -> None:
    """A hexadecimal value is none.

    ## What it means
    Behind 0x or 0X stand hexadecimal digits, at least one.

    ## Why it matters
    The receiver cannot read the value and ends the login.

    ## Example
        talk.handshake()
        keys = {"InitiatorName": talk.initiator_name, "TargetName": talk.target_name, "AuthMethod": "KRB5"}
        talk.login_request(keys, csg=0, nsg=1, transit=False)
        talk.login_response({"TargetPortalGroupTag": "1", "AuthMethod": "KRB5"})
        talk.login_request({"KRB_AP_REQ": "0x12 34"}, csg=0, nsg=1, transit=False)

    ## When it is silent
    For CHAP and for plain numbers, which have rules of their own, and when a part of the text is not in the capture.

    ## Reference
    RFC 7143 section 6.1
    """
    if pair.value[:2] in ("0x", "0X") and not _HEX.fullmatch(pair.value):
        say.found("text-hex-invalid", {"key": pair.key})


def text_base64_invalid(say: Saying, pair: Pair) -> None:
    """A base64 value is none.

    ## What it means
    Behind 0b or 0B stand letters of base64, in groups of four; the last group is filled up with equals signs.

    ## Why it matters
    The receiver cannot read the value, or reads another one, and ends the login.

    ## Example
        talk.handshake()
        keys = {"InitiatorName": talk.initiator_name, "TargetName": talk.target_name, "AuthMethod": "KRB5"}
        talk.login_request(keys, csg=0, nsg=1, transit=False)
        talk.login_response({"TargetPortalGroupTag": "1", "AuthMethod": "KRB5"})
        talk.login_request({"KRB_AP_REQ": "0bA"}, csg=0, nsg=1, transit=False)

    ## When it is silent
    For values of CHAP that cannot be read at all, which have a rule of their own, and when a part of the text is not in
    the capture.

    ## Reference
    RFC 7143 section 6.1
    """
    if pair.value[:2] in ("0b", "0B") and (len(pair.value) < 6 or not _BASE64.fullmatch(pair.value)):
        say.found("text-base64-invalid", {"key": pair.key})


def text_negotiation_too_large(say: Saying) -> None:
    """A side says more in a login than every receiver takes.

    ## What it means
    Receivers have to take 8192 bytes of keys and values from one side in a negotiation, and 65536 where Kerberos or
    another method with long items was offered. More may be too much.

    ## Why it matters
    Some implementations keep the whole negotiation in a buffer of that size and end the login when it is full.

    ## Example
        talk.handshake()
        keys = {"InitiatorName": talk.initiator_name, "TargetName": talk.target_name}
        talk.login_request(keys, transit=False)
        talk.login_response({"TargetPortalGroupTag": "1"})
        for number in range(2):
            more = {f"X-com.example.n{number}.{item}": "a" * 200 for item in range(25)}
            talk.login_request(more, transit=False)
            talk.login_response(dict.fromkeys(more, "NotUnderstood"))

    ## When it is silent
    For text after the login, where the answer to SendTargets may have any length, for a single PDU that is too long
    (which has a rule of its own), and when the capture lacks any byte of the connection.

    ## Reference
    RFC 7143 section 6.1
    """
    talk, length = say.talk, int(say.look.data_length)
    if length > ENOUGH:
        return
    before = talk.said_bytes[say.to_target]
    after = before + length
    talk.said_bytes[say.to_target] = after
    long_items = any(method.startswith(("KRB", "SPKM")) for method in talk.methods)
    limit = ENOUGH_FOR_TICKETS if long_items else ENOUGH
    if before <= limit < after:
        say.found("text-negotiation-too-large", {"limit": limit})
