"""Rules on how keys and values are written (RFC 7143 section 6.1).

Interpreted: sees the texts of login and text PDUs. What the values mean is in `keys_values`.
"""

from __future__ import annotations

import re
from typing import Final

from dissectors.fields import Problem
from dissectors.iscsi import keytable
from dissectors.iscsi.keys import MAX_KEY_LENGTH, Pair
from dissectors.iscsi.keytable import KEYS, Key
from dissectors.iscsi.values import RESERVED_ANSWERS, parse_boolean, parse_list
from iscsi_analyzer.rules.occasions import BOOLEANS, LISTS, NUMBERS, TEXTS, said
from iscsi_analyzer.rules.offers import ANSWER, Move
from iscsi_analyzer.rules.rule import ERROR, WARNING, Rule
from iscsi_analyzer.rules.saying import Saying

MAX_SIMPLE: Final = 255
"Bytes of a value, unless its key says otherwise."
SHOWN: Final = 60

_NUMBER: Final = re.compile(r"0|[1-9][0-9]{0,19}|0[xX][0-9a-fA-F]{1,16}")
_LOWER: Final = {name.lower(): name for name in KEYS}
_SIMPLE: Final = (keytable.TEXT, keytable.LIST, keytable.CHOICE, keytable.NUMBER, keytable.BOOLEAN)
_TEXT: Final = "the whole text"
_REFERENCE: Final = "RFC 7143 section 6.1"


def _rule(name: str, severity: str, message: str, occasion: str = TEXTS) -> Rule:
    return Rule(name, severity, "either", _REFERENCE, message, _TEXT, occasion=occasion)


RULES = (
    _rule("text-pair-not-terminated", ERROR, "The text ends without a zero byte after {key}"),
    _rule("text-no-equals", ERROR, "{item!r} is no key=value pair"),
    _rule("text-keyname-too-long", ERROR, "A key of {length} characters, at most 63 fit"),
    _rule("text-keyname-charset", WARNING, "{key!r} has characters that no key may have"),
    _rule("text-key-case", ERROR, "{key} is not the key {meant}: case matters"),
    _rule("text-value-not-utf8", ERROR, "The value of {key} is not valid UTF-8"),
    _rule("text-value-too-long", ERROR, "{key} has {length} bytes, at most 255 are allowed"),
    _rule("text-boolean-invalid", ERROR, "{key}={value}: only Yes and No are possible", said(BOOLEANS)),
    _rule("text-number-format", WARNING, "{key}={value} is not written as a number", said(NUMBERS)),
    Rule(
        "text-range-misused",
        ERROR,
        "either",
        "RFC 7143 sections 6.1 and 6.2",
        "{key}={value} is a range",
        _TEXT,
        occasion=said(NUMBERS),
    ),
    _rule("text-list-malformed", WARNING, "{key}={value}: an element is empty or blank", said(LISTS)),
)


def see(say: Saying) -> None:
    """Runs the rules of this topic on one login or text PDU."""
    if say.text is None:
        return
    problems: dict[int, list[Problem]] = {}
    for problem in say.text.problems:
        problems.setdefault(problem.offset, []).append(problem)
    for move in say.moves:
        pair = move.pair
        wrong = [problem.name for problem in problems.get(pair.offset, ())]
        if wrong:
            _broken(say, move, wrong)
        if move.key is None:
            if move.kind != ANSWER:
                text_key_case(say, pair)
        elif "key-no-equals" not in wrong and "key-not-utf8" not in wrong and pair.value not in RESERVED_ANSWERS:
            _value(say, pair, move.key)


def _broken(say: Saying, move: Move, wrong: list[str]) -> None:
    pair = move.pair
    if "key-unterminated" in wrong:
        text_pair_not_terminated(say, pair)
    if "key-no-equals" in wrong:
        text_no_equals(say, pair)
    elif move.kind != ANSWER:  # an answer repeats the key as it was said
        if "key-too-long" in wrong:
            text_keyname_too_long(say, pair)
        if "key-characters" in wrong:
            text_keyname_charset(say, pair)
    if "key-not-utf8" in wrong:
        text_value_not_utf8(say, pair)


def _value(say: Saying, pair: Pair, key: Key) -> None:
    if key.form == keytable.BOOLEAN:
        text_boolean_invalid(say, pair)
    elif key.form == keytable.NUMBER:
        if "~" in pair.value:
            text_range_misused(say, pair)
        else:
            text_number_format(say, pair)
    elif key.form == keytable.LIST:
        text_list_malformed(say, pair)
    if key.form in _SIMPLE and key.status != "private" and key.name != "X#NodeArchitecture":
        text_value_too_long(say, pair)


def misspelt(key: str) -> str:
    """The standard key that an unknown key is but for upper and lower case; empty if there is none."""
    return _LOWER.get(key.lower(), "")


def text_pair_not_terminated(say: Saying, pair: Pair) -> None:
    """The last pair of a text has no zero byte behind it.

    ## What it means
    Every key=value pair ends with one zero byte, the last one of a text, too. Padding is not part of the text.

    ## Why it matters
    A reader that looks for the zero byte runs into the padding or beyond it, or drops the key.

    ## Example
        talk.handshake()
        talk.login_request(b"InitiatorName=iqn.2005-03.com.example:a\\0TargetName=iqn.2005-03.com.example:b")

    ## When it is silent
    When a part of the text is not in the capture.

    ## Reference
    RFC 7143 section 6.1
    """
    say.found("text-pair-not-terminated", {"key": pair.key[:SHOWN]})


def text_no_equals(say: Saying, pair: Pair) -> None:
    """A piece of text is no pair.

    ## What it means
    Text consists of pairs: a key, an equals sign, and a value that may be empty.

    ## Why it matters
    The receiver has to guess, and usually ends the negotiation.

    ## Example
        talk.open(discovery=True)
        talk.text_request(b"SendTargets\\0")

    ## When it is silent
    When a part of the text is not in the capture.

    ## Reference
    RFC 7143 section 6.1
    """
    say.found("text-no-equals", {"item": pair.key[:SHOWN]})


def text_keyname_too_long(say: Saying, pair: Pair) -> None:
    """A key is too long.

    ## What it means
    A key has at most 63 characters.

    ## Why it matters
    Receivers keep keys in fields of that size.

    ## Example
        talk.open(offer={"X-com.example." + "a" * 60: "1"}, answer={"X-com.example." + "a" * 60: "NotUnderstood"})

    ## When it is silent
    When a part of the text is not in the capture.

    ## Reference
    RFC 7143 section 6.1
    """
    say.found("text-keyname-too-long", {"key": pair.key[:SHOWN], "length": len(pair.key), "most": MAX_KEY_LENGTH})


def text_keyname_charset(say: Saying, pair: Pair) -> None:
    """A key has characters that are not allowed.

    ## What it means
    Keys consist of letters, digits, and the characters - + . @ and _.

    ## Why it matters
    The receiver does not recognise the key.

    ## Example
        talk.open(offer={"Max Conn": "1"}, answer={"Max Conn": "NotUnderstood"})

    ## When it is silent
    When a part of the text is not in the capture.

    ## Reference
    RFC 7143 section 6.1
    """
    say.found("text-keyname-charset", {"key": pair.key[:SHOWN]})


def text_key_case(say: Saying, pair: Pair) -> None:
    """A key is written with the wrong case.

    ## What it means
    Keys are case-sensitive. This one is a key of the standard but for upper and lower case.

    ## Why it matters
    The receiver does not know it, answers NotUnderstood or ends the negotiation, and the value has no effect.

    ## Example
        talk.open(offer={"headerdigest": "None"}, answer={"headerdigest": "NotUnderstood"})

    ## When it is silent
    When a part of the text is not in the capture.

    ## Reference
    RFC 7143 section 6.1
    """
    meant = misspelt(pair.key)
    if meant and pair.value not in RESERVED_ANSWERS:
        say.found("text-key-case", {"key": pair.key, "meant": meant})


def text_value_not_utf8(say: Saying, pair: Pair) -> None:
    """A value is not valid UTF-8.

    ## What it means
    Text is UTF-8, values as well as keys.

    ## Why it matters
    The receiver cannot show or compare the value, and may refuse the whole text.

    ## Example
        talk.handshake()
        names = b"InitiatorName=iqn.2005-03.com.example:a\\0TargetName=iqn.2005-03.com.example:b\\0"
        talk.login_request(names + b"InitiatorAlias=\\xff\\0")

    ## When it is silent
    When a part of the text is not in the capture, and for names, which have a rule of their own.

    ## Reference
    RFC 7143 section 6.1
    """
    if pair.key not in ("InitiatorName", "TargetName"):
        say.found("text-value-not-utf8", {"key": pair.key[:SHOWN]})


def text_value_too_long(say: Saying, pair: Pair) -> None:
    """A value is too long.

    ## What it means
    A value has at most 255 bytes, unless its key says otherwise.

    ## Why it matters
    Receivers keep values in fields of that size and cut off the rest.

    ## Example
        talk.open(offer={"InitiatorAlias": "a" * 300})

    ## When it is silent
    For keys with a length of their own (names, binary values, addresses, vendors' keys), and when a part of the text
    is not in the capture.

    ## Reference
    RFC 7143 section 6.1
    """
    length = len(pair.value.encode(errors="replace"))
    if length > MAX_SIMPLE:
        say.found("text-value-too-long", {"key": pair.key, "length": length})


def text_boolean_invalid(say: Saying, pair: Pair) -> None:
    """A boolean is neither Yes nor No.

    ## What it means
    Booleans are written Yes or No, in just this way.

    ## Why it matters
    The key is rejected or taken for its default; the two sides may understand different things.

    ## Example
        talk.open(offer={"ImmediateData": "yes"})

    ## When it is silent
    When a part of the text is not in the capture.

    ## Reference
    RFC 7143 section 6.1
    """
    if parse_boolean(pair.value) is None:
        say.found("text-boolean-invalid", {"key": pair.key, "value": pair.value[:SHOWN]})


def text_number_format(say: Saying, pair: Pair) -> None:
    """A number is not written like one.

    ## What it means
    Numbers are decimal, without sign and leading zeros, or hexadecimal after 0x, and fit 64 bits.

    ## Why it matters
    With a leading zero some receivers read an octal number; anything else is no number at all.

    ## Example
        talk.open(offer={"MaxBurstLength": "0262144"})

    ## When it is silent
    When a part of the text is not in the capture.

    ## Reference
    RFC 7143 section 6.1
    """
    if not _NUMBER.fullmatch(pair.value):
        say.found("text-number-format", {"key": pair.key, "value": pair.value[:SHOWN]})


def text_range_misused(say: Saying, pair: Pair) -> None:
    """A range is given where one number belongs.

    ## What it means
    Ranges like 1~4 are for keys that are defined so. This key takes a single number.

    ## Why it matters
    The receiver reads the first number only, or rejects the key.

    ## Example
        talk.open(offer={"MaxConnections": "1~4"})

    ## When it is silent
    When a part of the text is not in the capture.

    ## Reference
    RFC 7143 sections 6.1 and 6.2
    """
    say.found("text-range-misused", {"key": pair.key, "value": pair.value[:SHOWN]})


def text_list_malformed(say: Saying, pair: Pair) -> None:
    """A list has empty or blank elements.

    ## What it means
    The elements of a list are separated by single commas, without blanks.

    ## Why it matters
    An element with a blank is none of the known values: the other side may choose none, or a weaker one.

    ## Example
        talk.open(offer={"HeaderDigest": "CRC32C,,None"})

    ## When it is silent
    When a part of the text is not in the capture.

    ## Reference
    RFC 7143 section 6.1
    """
    if any(not item or item != item.strip() for item in parse_list(pair.value)):
        say.found("text-list-malformed", {"key": pair.key, "value": pair.value[:SHOWN]})
