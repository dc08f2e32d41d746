"""How the two sides of a login proved who they are: methods and algorithms offered and chosen, and each step in words.

Reads what `Login` collected. Secrets (challenges, responses) appear by their length only. RFC 7143 section 12.1; no
opinions.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from dissectors.iscsi.keytable import AUTHENTICATION, CHAP_ALGORITHMS, find_key
from dissectors.iscsi.values import RESERVED_ANSWERS, parse_binary, parse_list, parse_number
from iscsi_analyzer.model.login import Login, Said

INITIATOR: Final = "initiator"
TARGET: Final = "target"
MAX_NAME: Final = 80

# How far a CHAP exchange came (RFC 7143 section 12.1.3), in order.
NOT_BEGUN: Final = ""
METHOD_CHOSEN: Final = "method chosen"
ALGORITHMS_OFFERED: Final = "algorithms offered"
CHALLENGED: Final = "challenged"
RESPONDED: Final = "responded"
MUTUAL_RESPONDED: Final = "target responded"


@dataclass(slots=True)
class Step:
    """What one PDU did for the authentication."""

    pdu: int
    by: str
    "INITIATOR or TARGET."
    words: str


@dataclass(slots=True)
class Authentication:
    """The authentication of one connection. Empty lists and names where nothing was said."""

    methods_offered: list[str] = field(default_factory=list)
    method: str = ""
    "The method that was chosen; empty while none is."
    algorithms_offered: list[str] = field(default_factory=list)
    "CHAP algorithms in words, as MD5 or SHA-256."
    algorithm: str = ""
    initiator_name: str = ""
    "The name (CHAP_N, SRP_U) under which the initiator answered."
    target_name: str = ""
    mutual: bool = False
    "The initiator asked the target to prove itself, too."
    reached: str = NOT_BEGUN
    "The last step of CHAP that was taken."
    steps: list[Step] = field(default_factory=list)


def authentication(login: Login) -> Authentication:
    """What the login says about authentication."""
    found = Authentication()
    group: list[Said] = []
    for said in login.said:
        key = find_key(said.key)
        if said.key != "AuthMethod" and (key is None or key.kind != AUTHENTICATION):
            continue
        if group and group[0].pdu != said.pdu:
            _step(found, group)
            group = []
        group.append(said)
    if group:
        _step(found, group)
    return found


def _step(found: Authentication, group: list[Said]) -> None:
    """All authentication keys of one PDU."""
    to_target = group[0].to_target
    values = {said.key: said.value for said in group}
    words = [_method(found, values["AuthMethod"], to_target)] if "AuthMethod" in values else []
    if "CHAP_A" in values:
        words.append(_algorithm(found, values["CHAP_A"], to_target))
    name = values.get("CHAP_N", values.get("SRP_U"))
    if name is not None:
        name = name[:MAX_NAME]
        if to_target:
            found.initiator_name = name
        else:
            found.target_name = name
    if "CHAP_R" in values:
        words.append(f"answers as {name!r} with {_size(values['CHAP_R'])}" if name is not None else "answers")
        found.reached = RESPONDED if to_target else MUTUAL_RESPONDED
    if "CHAP_C" in values:
        challenge = f"a challenge of {_size(values['CHAP_C'])}"
        if to_target:
            found.mutual = True
            words.append(f"wants the target to prove itself, too: {challenge}")
        else:
            found.reached = CHALLENGED
            words.append(challenge)
    others = [key for key in values if not key.startswith("CHAP_") and key != "AuthMethod"]
    if others:
        words.append(", ".join(others))
    if words:
        found.steps.append(Step(group[0].pdu, INITIATOR if to_target else TARGET, "; ".join(words)))


def _method(found: Authentication, value: str, to_target: bool) -> str:
    if to_target and not found.methods_offered:
        found.methods_offered = parse_list(value)
        return f"offers {', '.join(found.methods_offered) or 'nothing'}"
    found.method = value
    found.reached = METHOD_CHOSEN
    if value in RESERVED_ANSWERS:
        return f"answers {value}"
    return f"chooses {value}" if not to_target else f"insists on {value}"


def _algorithm(found: Authentication, value: str, to_target: bool) -> str:
    names = [_algorithm_name(number) for number in parse_list(value)]
    if to_target:
        found.algorithms_offered = names
        found.reached = ALGORITHMS_OFFERED
        return f"offers {', '.join(names)}"
    found.algorithm = ", ".join(names)
    return f"chooses {found.algorithm}"


def _algorithm_name(text: str) -> str:
    number = parse_number(text)
    return CHAP_ALGORITHMS.get(number, f"algorithm {number}") if number is not None else repr(text[:20])


def _size(value: str) -> str:
    raw = parse_binary(value)
    return "unreadable bytes" if raw is None else f"{len(raw)} byte{'' if len(raw) == 1 else 's'}"
