"""Rules on the letters of iSCSI names and on what is written where a number or a date is due (RFC 7143 section 4.2.7,
RFC 3722). Whether a name has the right form at all is judged in `naming`.

Interpreted: sees the texts of login and text PDUs.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Final

from iscsi_analyzer.rules.naming import SHOWN, spelled
from iscsi_analyzer.rules.rule import ERROR, NOTE, WARNING, Rule
from iscsi_analyzer.rules.saying import Saying

_TEXT: Final = "the whole text"
_IQN: Final = 'iscsi.keyvalue matches "^(InitiatorName|TargetName)=iqn[.]"'
_NAA: Final = 'iscsi.keyvalue matches "^(InitiatorName|TargetName)=naa[.]"'

FIRST_YEAR: Final = 1985
"The first domain of those that names are made of was registered in March 1985."
FIRST_CAPTURE: Final = 2004
"When RFC 3720 was published: a capture that claims to be older has a clock that was never set."
LONG_TYPE: Final = "6"
"NAA identifiers of this type have 128 bits."
SHORT_TYPES: Final = "235"
"NAA identifiers of these types have 64 bits."

_DATE: Final = re.compile(r"iqn\.(\d{4})-(0[1-9]|1[0-2])\.", re.IGNORECASE)
_DIGITS: Final = re.compile(r"[0-9A-Fa-f]+")
_PROHIBITED: Final = re.compile(r"[\x00-\x2c\x2f\x3b-\x40\x5b-\x60\x7b-\x7f\u3002]")
"ASCII other than letters, digits, dash, dot and colon; and a full stop that is none (RFC 3722 section 6)."

RULES = (
    Rule(
        "name-iqn-date-implausible",
        NOTE,
        "either",
        "RFC 7143 section 4.2.7.4",
        "{key}={name}: {date} is no date on which somebody can have owned the domain",
        _TEXT,
        occasion=_IQN,
    ),
    Rule(
        "name-naa-type",
        WARNING,
        "either",
        "RFC 7143 section 4.2.7.6",
        "{key}={name}: an NAA identifier of type {type} does not have {digits} digits",
        _TEXT,
        occasion=_NAA,
    ),
    Rule(
        "name-prohibited-char",
        ERROR,
        "either",
        "RFC 7143 section 4.2.7.2, RFC 3722 section 6",
        "{key}={name} has {letter}, which no name may have",
        _TEXT,
        occasion=_IQN,
    ),
    Rule(
        "name-not-normalized",
        WARNING,
        "either",
        "RFC 7143 section 4.2.7.2, RFC 3722 section 5",
        "{key}={name} is not normalized: {letter} is not written so",
        _TEXT,
        occasion=_IQN,
    ),
    Rule(
        "name-bidi-or-unassigned",
        WARNING,
        "either",
        "RFC 7143 section 4.2.7.2, RFC 3722 sections 6 to 8",
        "{key}={name} has {letter}, which no name may have",
        _TEXT,
        occasion=_IQN,
    ),
)


def see(say: Saying) -> None:
    """Runs the rules of this topic on one login or text PDU."""
    for key, name in spelled(say):
        kind = name[:4].lower()
        if kind == "iqn.":
            name_iqn_date_implausible(say, key, name)
            name_prohibited_char(say, key, name)
            if not name.isascii():
                name_not_normalized(say, key, name)
                name_bidi_or_unassigned(say, key, name)
        elif kind == "naa.":
            name_naa_type(say, key, name)


def _called(letter: str) -> str:
    """A character in words that show in every terminal."""
    return f"U+{ord(letter):04X}" if not letter.isascii() or not letter.isprintable() else repr(letter)


def name_iqn_date_implausible(say: Saying, key: str, name: str) -> None:
    """The date in a name is in the future, or older than the domain names.

    ## What it means
    After iqn. comes a month in which the naming authority owned its domain for the whole month. This one is later than
    the capture, or before there were domains of this kind.

    ## Why it matters
    The date is what keeps names apart when a domain changes hands. One that was made up may be made up by somebody
    else, too.

    ## Example
        talk.handshake()
        talk.login_request({"InitiatorName": "iqn.2199-01.com.example:host", "TargetName": talk.target_name})

    ## When it is silent
    When the clock of the capture was not set, and when the text was cut by the capture.

    ## Reference
    RFC 7143 section 4.2.7.4
    """
    found = _DATE.match(name)
    if found is None:
        return
    year, month = int(found[1]), int(found[2])
    now = datetime.fromtimestamp(max(0, int(say.look.ts)) // 1_000_000_000, UTC)
    if year < FIRST_YEAR or (now.year >= FIRST_CAPTURE and (year, month) > (now.year, now.month)):
        say.found("name-iqn-date-implausible", {"key": key, "name": name[:SHOWN], "date": f"{year:04}-{month:02}"})


def name_naa_type(say: Saying, key: str, name: str) -> None:
    """A naa. name has more or fewer digits than its type.

    ## What it means
    The first digit of an NAA identifier is its type. The types 2, 3 and 5 have 64 bits, which are 16 digits; type 6 has
    128 bits, which are 32.

    ## Why it matters
    A part of the number is missing, or does not belong to it: it is not unique any more.

    ## Example
        talk.handshake()
        talk.login_request({"InitiatorName": "naa.62004567ba64678d", "TargetName": talk.target_name})

    ## When it is silent
    For other types, for names of another length, which have a rule of their own, and when the text was cut by the
    capture.

    ## Reference
    RFC 7143 section 4.2.7.6
    """
    digits = name[4:]
    if not _DIGITS.fullmatch(digits):
        return
    kind, length = digits[0], len(digits)
    if (kind in SHORT_TYPES and length == 32) or (kind == LONG_TYPE and length == 16):
        say.found("name-naa-type", {"key": key, "name": name[:SHOWN], "type": kind, "digits": length})


def name_prohibited_char(say: Saying, key: str, name: str) -> None:
    """A name has a character that no name may have.

    ## What it means
    Of ASCII, an iqn. name has lower-case letters, digits, dashes, dots and colons, and nothing else: no blank, no
    underscore, no slash.

    ## Why it matters
    Implementations that check names refuse it, and those that use names in paths or files do something else than was
    meant.

    ## Example
        talk.handshake()
        talk.login_request({"InitiatorName": talk.initiator_name, "TargetName": "iqn.2001-04.com.example:disk_1"})

    ## When it is silent
    For upper-case letters, which have a rule of their own, and when the text was cut by the capture.

    ## Reference
    RFC 7143 section 4.2.7.2, RFC 3722 section 6
    """
    found = _PROHIBITED.search(name)
    if found is not None:
        say.found("name-prohibited-char", {"key": key, "name": name[:SHOWN], "letter": _called(found[0])})


def name_not_normalized(say: Saying, key: str, name: str) -> None:
    """A name has characters that are written in another way in names.

    ## What it means
    Many letters can be written in several ways, as one character or as a letter with an accent behind it. Names are
    normalized before they are sent, so that each has one way; characters that show nothing are left out.

    ## Why it matters
    Names are compared byte for byte: this one differs from one that looks the same.

    ## Example
        talk.handshake()
        talk.login_request({"InitiatorName": "iqn.2001-04.example:caf\\u0065\\u0301", "TargetName": talk.target_name})

    ## When it is silent
    For names in ASCII, and when the text was cut by the capture.

    ## Reference
    RFC 7143 section 4.2.7.2, RFC 3722 section 5
    """
    import stringprep  # slow to load, and rarely needed
    import unicodedata

    normal = unicodedata.normalize("NFC", name)
    odd = next((letter for letter in name if stringprep.in_table_b1(letter)), "")
    if not odd and normal != name:
        odd = next((letter for letter, other in zip(name, normal, strict=False) if letter != other), name[-1])
    if odd:
        say.found("name-not-normalized", {"key": key, "name": ascii(name)[1:-1][:SHOWN], "letter": _called(odd)})


def name_bidi_or_unassigned(say: Saying, key: str, name: str) -> None:
    """A name has a character that the standard did not know, or that changes the direction of writing.

    ## What it means
    Names have no control characters, no marks that turn the direction of writing, no blanks of other scripts, nothing
    that Unicode 3.2 did not have, and not both directions of writing within one name.

    ## Why it matters
    The name looks like another one on the screen, and implementations with other tables treat it in another way.

    ## Example
        talk.handshake()
        talk.login_request({"InitiatorName": "iqn.2001-04.com.example:a\\u200f", "TargetName": talk.target_name})

    ## When it is silent
    For names in ASCII, and when the text was cut by the capture.

    ## Reference
    RFC 7143 section 4.2.7.2, RFC 3722 sections 6 to 8
    """
    import stringprep  # slow to load, and rarely needed

    tables = (
        stringprep.in_table_a1,
        stringprep.in_table_c12,
        stringprep.in_table_c22,
        stringprep.in_table_c3,
        stringprep.in_table_c4,
        stringprep.in_table_c5,
        stringprep.in_table_c6,
        stringprep.in_table_c7,
        stringprep.in_table_c8,
        stringprep.in_table_c9,
    )
    odd = next((letter for letter in name if any(table(letter) for table in tables)), "")
    if not odd:
        odd = next((letter for letter in name if stringprep.in_table_d1(letter)), "")  # written from right to left
        if odd and not any(stringprep.in_table_d2(letter) for letter in name):
            odd = ""
    if odd:
        facts: dict[str, object] = {"key": key, "name": ascii(name)[1:-1][:SHOWN], "letter": _called(odd)}
        say.found("name-bidi-or-unassigned", facts)
