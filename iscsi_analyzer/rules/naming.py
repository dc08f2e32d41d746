"""Rules on how iSCSI names are written (RFC 7143 section 4.2.7, RFC 3722).

Interpreted: sees the texts of login and text PDUs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from dissectors.iscsi.keys import Pair
from dissectors.iscsi.values import MAX_NAME_LENGTH, RESERVED_ANSWERS
from iscsi_analyzer.rules.rule import ERROR, WARNING, Rule
from iscsi_analyzer.rules.saying import Saying

NAMES: Final = ("InitiatorName", "TargetName")
"The keys whose values are names."
SHOWN: Final = 80
"Characters of a name that a finding repeats."

_IQN: Final = re.compile(r"iqn\.\d{4}-(0[1-9]|1[0-2])(\..*)?", re.IGNORECASE | re.DOTALL)
_AUTHORITY: Final = re.compile(r"\.[^.:]+(\.[^.:]+)*(:.*)?", re.DOTALL)
_EUI: Final = re.compile(r"[0-9A-Fa-f]{16}")
_NAA: Final = re.compile(r"[0-9A-Fa-f]{16}|[0-9A-Fa-f]{32}")

_TEXT: Final = "the whole text"

RULES = (
    Rule(
        "name-too-long",
        ERROR,
        "either",
        "RFC 7143 section 4.2.7.2",
        "{key} has {length} bytes; a name has at most 223",
        _TEXT,
        occasion='iscsi.keyvalue matches "^(InitiatorName|TargetName)="',
    ),
    Rule(
        "name-empty",
        ERROR,
        "either",
        "RFC 7143 sections 4.2.7.3 and 6.1",
        "{key} is empty",
        _TEXT,
        occasion='iscsi.keyvalue matches "^(InitiatorName|TargetName)="',
    ),
    Rule(
        "name-type-unknown",
        ERROR,
        "either",
        "RFC 7143 section 4.2.7.3",
        "{key}={name} does not begin with iqn., eui. or naa., as names do",
        _TEXT,
        occasion='iscsi.keyvalue matches "^(InitiatorName|TargetName)="',
    ),
    Rule(
        "name-iqn-date",
        ERROR,
        "either",
        "RFC 7143 section 4.2.7.4",
        "{key}={name}: iqn. is followed by a year and a month",
        _TEXT,
        occasion='iscsi.keyvalue matches "^(InitiatorName|TargetName)=iqn[.]"',
    ),
    Rule(
        "name-iqn-authority",
        WARNING,
        "either",
        "RFC 7143 section 4.2.7.4",
        "{key}={name}: the date is followed by a reversed domain name",
        _TEXT,
        occasion='iscsi.keyvalue matches "^(InitiatorName|TargetName)=iqn[.]"',
    ),
    Rule(
        "name-eui-format",
        ERROR,
        "either",
        "RFC 7143 section 4.2.7.5",
        "{key}={name}: eui. is followed by 16 hexadecimal digits",
        _TEXT,
        occasion='iscsi.keyvalue matches "^(InitiatorName|TargetName)=eui[.]"',
    ),
    Rule(
        "name-naa-format",
        ERROR,
        "either",
        "RFC 7143 section 4.2.7.6",
        "{key}={name}: naa. is followed by 16 or 32 hexadecimal digits",
        _TEXT,
        occasion='iscsi.keyvalue matches "^(InitiatorName|TargetName)=naa[.]"',
    ),
    Rule(
        "name-uppercase",
        WARNING,
        "either",
        "RFC 7143 sections 4.2.7.1 and 4.2.7.2, RFC 3722 section 4",
        "{key}={name}: names have no upper-case letters",
        _TEXT,
        occasion='iscsi.keyvalue matches "^(InitiatorName|TargetName)=iqn[.]"',
    ),
    Rule(
        "name-not-utf8",
        ERROR,
        "either",
        "RFC 7143 section 4.2.7.2",
        "{key} is not valid UTF-8",
        _TEXT,
        occasion='iscsi.keyvalue matches "^(InitiatorName|TargetName)="',
    ),
)


def see(say: Saying) -> None:
    """Runs the rules of this topic on one login or text PDU."""
    for pair in say.pairs:
        if pair.key in NAMES and pair.value not in RESERVED_ANSWERS:
            if _garbled(say, pair):
                name_not_utf8(say, pair.key)
            elif not pair.value and pair.length > len(pair.key):  # otherwise there is no value at all
                name_empty(say, pair.key)
    for key, name in spelled(say):
        _written(say, key, name)


def spelled(say: Saying) -> Iterator[tuple[str, str]]:
    """The names in a text that can be read, each with its key."""
    for pair in say.pairs:
        if pair.key in NAMES and pair.value and pair.value not in RESERVED_ANSWERS and not _garbled(say, pair):
            yield pair.key, pair.value


def _garbled(say: Saying, pair: Pair) -> bool:
    problems = say.text.problems if say.text is not None else []
    return any(problem.name == "key-not-utf8" and problem.offset == pair.offset for problem in problems)


def _written(say: Saying, key: str, name: str) -> None:
    """Runs the rules on the parts of a name."""
    name_too_long(say, key, name)
    kind = name[:4].lower()
    if kind == "eui.":
        name_eui_format(say, key, name)
    elif kind == "naa.":
        name_naa_format(say, key, name)
    elif kind == "iqn.":
        name_uppercase(say, key, name)
        if _IQN.fullmatch(name):
            name_iqn_authority(say, key, name)
        else:
            name_iqn_date(say, key, name)
    else:
        name_type_unknown(say, key, name)


def name_too_long(say: Saying, key: str, name: str) -> None:
    """A name is too long.

    ## What it means
    An iSCSI name has at most 223 bytes of UTF-8.

    ## Why it matters
    Implementations cut the name off or refuse it; a name that was cut may be the same as another one.

    ## Example
        talk.handshake()
        talk.login_request({"InitiatorName": "iqn.2005-03.com.example:" + "a" * 200, "TargetName": talk.target_name})

    ## When it is silent
    When the text was cut by the capture.

    ## Reference
    RFC 7143 section 4.2.7.2
    """
    length = len(name.encode(errors="replace"))
    if length > MAX_NAME_LENGTH:
        say.found("name-too-long", {"key": key, "length": length})


def name_empty(say: Saying, key: str) -> None:
    """A name is empty.

    ## What it means
    A name has a type (iqn., eui. or naa.) and something that follows it.

    ## Why it matters
    Nobody can be told from anybody else by it.

    ## Example
        talk.handshake()
        talk.login_request({"InitiatorName": "", "TargetName": talk.target_name})

    ## When it is silent
    When the text was cut by the capture.

    ## Reference
    RFC 7143 sections 4.2.7.3 and 6.1
    """
    say.found("name-empty", {"key": key})


def name_type_unknown(say: Saying, key: str, name: str) -> None:
    """A name has none of the known types.

    ## What it means
    Names begin with iqn., eui. or naa., which tells how the rest is made unique.

    ## Why it matters
    Other implementations refuse the name, and nothing keeps somebody else from using it.

    ## Example
        talk.handshake()
        talk.login_request({"InitiatorName": "host1", "TargetName": talk.target_name})

    ## When it is silent
    When the text was cut by the capture.

    ## Reference
    RFC 7143 section 4.2.7.3
    """
    say.found("name-type-unknown", {"key": key, "name": name[:SHOWN]})


def name_iqn_date(say: Saying, key: str, name: str) -> None:
    """An iqn. name has no proper date.

    ## What it means
    After iqn. come the year and the month in which the naming authority owned its domain, as in iqn.2001-04.

    ## Why it matters
    Without the date the name is not unique for ever: domains change hands.

    ## Example
        talk.handshake()
        talk.login_request({"InitiatorName": "iqn.2001-13.com.example", "TargetName": talk.target_name})

    ## When it is silent
    When the text was cut by the capture.

    ## Reference
    RFC 7143 section 4.2.7.4
    """
    say.found("name-iqn-date", {"key": key, "name": name[:SHOWN]})


def name_iqn_authority(say: Saying, key: str, name: str) -> None:
    """An iqn. name does not say who gave it.

    ## What it means
    The date is followed by a dot and the reversed domain name of the naming authority, and by a colon and more if
    the authority likes.

    ## Why it matters
    Two administrators may give the same name.

    ## Example
        talk.handshake()
        talk.login_request({"InitiatorName": "iqn.2001-04.:disk1", "TargetName": talk.target_name})

    ## When it is silent
    When the text was cut by the capture.

    ## Reference
    RFC 7143 section 4.2.7.4
    """
    if not _AUTHORITY.fullmatch(name[11:]):
        say.found("name-iqn-authority", {"key": key, "name": name[:SHOWN]})


def name_eui_format(say: Saying, key: str, name: str) -> None:
    """An eui. name is not one EUI-64.

    ## What it means
    eui. is followed by exactly 16 hexadecimal digits.

    ## Why it matters
    Implementations that store the number refuse the name.

    ## Example
        talk.handshake()
        talk.login_request({"InitiatorName": "eui.02004567A425678", "TargetName": talk.target_name})

    ## When it is silent
    When the text was cut by the capture.

    ## Reference
    RFC 7143 section 4.2.7.5
    """
    if not _EUI.fullmatch(name[4:]):
        say.found("name-eui-format", {"key": key, "name": name[:SHOWN]})


def name_naa_format(say: Saying, key: str, name: str) -> None:
    """A naa. name is not one NAA identifier.

    ## What it means
    naa. is followed by 16 or 32 hexadecimal digits.

    ## Why it matters
    Implementations that store the number refuse the name.

    ## Example
        talk.handshake()
        talk.login_request({"InitiatorName": "naa.52004567BA64678", "TargetName": talk.target_name})

    ## When it is silent
    When the text was cut by the capture.

    ## Reference
    RFC 7143 section 4.2.7.6
    """
    if not _NAA.fullmatch(name[4:]):
        say.found("name-naa-format", {"key": key, "name": name[:SHOWN]})


def name_uppercase(say: Saying, key: str, name: str) -> None:
    """A name has upper-case letters.

    ## What it means
    Names are compared byte for byte, so they are prepared before they are sent: letters become lower-case.

    ## Why it matters
    Access lists do not match, although the names look the same to people.

    ## Example
        talk.handshake()
        talk.login_request({"InitiatorName": "iqn.2001-04.com.Example:Host", "TargetName": talk.target_name})

    ## When it is silent
    For the digits of eui. and naa. names, and when the text was cut by the capture.

    ## Reference
    RFC 7143 sections 4.2.7.1 and 4.2.7.2, RFC 3722 section 4
    """
    if any("A" <= letter <= "Z" for letter in name):
        say.found("name-uppercase", {"key": key, "name": name[:SHOWN]})


def name_not_utf8(say: Saying, key: str) -> None:
    """A name is not valid UTF-8.

    ## What it means
    Names are UTF-8.

    ## Why it matters
    No other implementation can show or compare the name.

    ## Example
        talk.handshake()
        talk.login_request(b"InitiatorName=iqn.2001-04.com.example:\\xff\\0TargetName=iqn.2001-04.com.example:t\\0")

    ## When it is silent
    When the text was cut by the capture.

    ## Reference
    RFC 7143 section 4.2.7.2
    """
    say.found("name-not-utf8", {"key": key})
