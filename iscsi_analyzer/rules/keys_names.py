"""Rules on the names that vendors give to keys, digests and authentication methods (RFC 7143 sections 6.2, 12.1, 13.1,
13.22 and 14): X- is for keys, Y- for digests, Z- for methods.

Interpreted: sees the texts of login and text PDUs. Names of methods have one more rule in `auth_methods`.
"""

from __future__ import annotations

from typing import Final

from dissectors.iscsi.keys import MAX_KEY_LENGTH
from dissectors.iscsi.values import RESERVED_ANSWERS, parse_list
from iscsi_analyzer.rules.auth_methods import LABEL
from iscsi_analyzer.rules.digest_offers import DIGESTS
from iscsi_analyzer.rules.offers import ANSWER, Move
from iscsi_analyzer.rules.rule import NOTE, RFC_7143, WARNING, Rule
from iscsi_analyzer.rules.saying import Saying

SHOWN: Final = 60
ALLOWED: Final = "X#NodeArchitecture"
"The only key that may begin with X#."
_LISTS: Final = {"AuthMethod": "Z-", **dict.fromkeys(DIGESTS, "Y-")}
"Keys whose values may be names of extensions, and how these begin."
_TEXT: Final = "the whole text"
_NAMED: Final = f'iscsi.keyvalue matches "^[XYZ][-#]|^({"|".join(_LISTS)})=(.*,)?[XYZ][-#]"'
"The occasion of a rule on names of extensions."

RULES = (
    Rule(
        "key-xhash-prefix",
        WARNING,
        "either",
        "RFC 7143 sections 6.2, 12.1, 13.1 and 14",
        "{name} begins like a registered extension; there are none",
        _TEXT,
        RFC_7143,
        _NAMED,
    ),
    Rule(
        "key-prefix-type-mix",
        WARNING,
        "either",
        "RFC 7143 section 14",
        "{name} is used as {role}; such names begin with {prefix}",
        _TEXT,
        occasion=_NAMED,
    ),
    Rule(
        "key-ext-name-format",
        NOTE,
        "either",
        "RFC 7143 sections 13.22, 13.1 and 6.1",
        "{name!r} is not named as {role} of a vendor is",
        _TEXT,
        occasion=f'iscsi.keyvalue matches "^X-|^({"|".join(DIGESTS)})=(.*,)?Y-"',
    ),
)


def see(say: Saying) -> None:
    """Runs the rules of this topic on one login or text PDU."""
    for move in say.moves:
        if move.kind == ANSWER or move.pair.value in RESERVED_ANSWERS:
            continue  # an answer repeats what was offered
        name = move.pair.key
        if name in _LISTS:
            role = "a method" if name == "AuthMethod" else "a digest"
            for item in parse_list(move.pair.value):
                _element(say, item.strip(), role, _LISTS[name])
        elif name[:2] in ("X#", "Y#", "Z#"):
            if name != ALLOWED:
                key_xhash_prefix(say, name)
        elif name[:2] in ("Y-", "Z-"):
            key_prefix_type_mix(say, name, "a key", "X-")
        elif name[:2] == "X-":
            _vendor_key(say, move)


def _element(say: Saying, name: str, role: str, prefix: str) -> None:
    if name[:2] in ("X#", "Y#", "Z#"):
        key_xhash_prefix(say, name)
    elif name[:2] in ("X-", "Y-", "Z-") and name[:2] != prefix:
        key_prefix_type_mix(say, name, role, prefix)
    elif name[:2] == "Y-" and (len(name) > MAX_KEY_LENGTH or not LABEL.fullmatch(name[2:])):
        key_ext_name_format(say, name, role)


def _vendor_key(say: Saying, move: Move) -> None:
    labels = move.pair.key[2:].split(".")
    if not move.pair.problem and ("" in labels or len(labels) < 2):
        key_ext_name_format(say, move.pair.key, "a key")


def key_xhash_prefix(say: Saying, name: str) -> None:
    """A name begins with X#, Y# or Z#.

    ## What it means
    These beginnings were meant for extensions that are registered. Since RFC 7143 they are not used, but for
    X#NodeArchitecture.

    ## Why it matters
    Nobody else knows the name. Extensions of vendors begin with X-, Y- or Z-, registered ones are plain names.

    ## Example
        talk.open(offer={"HeaderDigest": "Y#md5,CRC32C,None"}, answer={"HeaderDigest": "None"})

    ## When it is silent
    For answers, and when a part of the text is not in the capture.

    ## Reference
    RFC 7143 sections 6.2, 12.1, 13.1 and 14
    """
    say.found("key-xhash-prefix", {"name": name[:SHOWN]})


def key_prefix_type_mix(say: Saying, name: str, role: str, prefix: str) -> None:
    """A vendor's name is used for something that it is not made for.

    ## What it means
    Vendors' keys begin with X-, digests with Y-, authentication methods with Z-.

    ## Why it matters
    The other side does not recognise it as an extension, and may take the whole list for malformed.

    ## Example
        talk.handshake()
        keys = {"InitiatorName": talk.initiator_name, "TargetName": talk.target_name}
        talk.login_request({**keys, "AuthMethod": "X-com.example.auth,CHAP"}, csg=0, nsg=1, transit=False)

    ## When it is silent
    For answers, and when a part of the text is not in the capture.

    ## Reference
    RFC 7143 section 14
    """
    say.found("key-prefix-type-mix", {"name": name[:SHOWN], "role": role, "prefix": prefix})


def key_ext_name_format(say: Saying, name: str, role: str) -> None:
    """A vendor's key or digest has a name that it may not have.

    ## What it means
    Behind X- stands the reversed domain name of the vendor, with dots, and then the vendor's own name. A digest has
    letters, digits and the characters - + . @ and _ behind Y-, and at most 63 characters.

    ## Why it matters
    Without the domain name two vendors may use one name for different things.

    ## Example
        talk.open(offer={"X-foo": "1"}, answer={"X-foo": "NotUnderstood"})

    ## When it is silent
    For answers, for keys that are too long or have characters that no key may have (which have rules of their own), and
    when a part of the text is not in the capture.

    ## Reference
    RFC 7143 sections 13.22, 13.1 and 6.1
    """
    say.found("key-ext-name-format", {"name": name[:SHOWN], "role": role})
