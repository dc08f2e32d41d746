"""Rules on single keys with conditions of their own, and on results that do not fit each other (RFC 7143 section 13).

Interpreted: sees login and text PDUs. Results are compared when the login has succeeded.
"""

from __future__ import annotations

from typing import Final

from dissectors.iscsi.keytable import KEYS
from dissectors.iscsi.values import RESERVED_ANSWERS, parse_address, parse_list, parse_number
from iscsi_analyzer.rules.desk import INITIATOR, TARGET
from iscsi_analyzer.rules.offers import ANSWER, OFFER
from iscsi_analyzer.rules.rule import ERROR, Rule
from iscsi_analyzer.rules.saying import Saying

SHOWN: Final = 80
_TEXT: Final = "the whole text"
_WHOLE: Final = "an unbroken view of the connection from its SYN on"

RULES = (
    Rule(
        "key-firstburst-exceeds-maxburst",
        ERROR,
        "either",
        "RFC 7143 section 13.14",
        "FirstBurstLength is {first_burst}, more than MaxBurstLength with {max_burst}",
        _WHOLE,
        occasion='iscsi.keyvalue matches "^(FirstBurstLength|MaxBurstLength)="',
    ),
    Rule(
        "key-r2t-dataseq-erl",
        ERROR,
        "either",
        "RFC 7143 section 13.19",
        "MaxOutstandingR2T is {max_outstanding_r2t} although sequences are in order and ErrorRecoveryLevel is {level}",
        _WHOLE,
        occasion='iscsi.keyvalue matches "^(MaxOutstandingR2T)="',
    ),
    Rule(
        "key-erl-discovery",
        ERROR,
        "either",
        "RFC 7143 sections 7.4.1 and 13.21",
        "ErrorRecoveryLevel {level} in a discovery session",
        _WHOLE,
        occasion='iscsi.session.discovery && iscsi.keyvalue matches "^(ErrorRecoveryLevel)="',
    ),
    Rule(
        "key-taskreporting-offer",
        ERROR,
        "either",
        "RFC 7143 section 13.23",
        "TaskReporting={value} is offered without {missing}",
        _TEXT,
        occasion='iscsi.keyvalue matches "^(TaskReporting)="',
    ),
    Rule(
        "key-targetaddress-format",
        ERROR,
        TARGET,
        "RFC 7143 section 13.8",
        "TargetAddress={value}: {problem}",
        _TEXT,
        occasion='iscsi.keyvalue matches "^(TargetAddress)="',
    ),
    Rule(
        "key-tpgt-format",
        ERROR,
        TARGET,
        "RFC 7143 section 13.9",
        "TargetPortalGroupTag={value} is no number of 16 bits",
        _TEXT,
        occasion='iscsi.keyvalue matches "^(TargetPortalGroupTag)="',
    ),
)


def see(say: Saying) -> None:
    """Runs the rules of this topic on one login or text PDU."""
    for move in say.moves:
        if move.kind == OFFER and move.pair.key == "TaskReporting":
            key_taskreporting_offer(say, move.pair.value)
        elif move.kind == ANSWER and move.pair.key == "ErrorRecoveryLevel" and say.whole and say.discovery:
            key_erl_discovery(say, move.pair.value)
    if not say.to_target:
        for pair in say.pairs:
            if pair.key == "TargetAddress":
                key_targetaddress_format(say, pair.value)
            elif pair.key == "TargetPortalGroupTag":
                key_tpgt_format(say, pair.value)
    if say.whole and say.ends_login and say.text is not None and not say.joins and not say.discovery:
        key_firstburst_exceeds_maxburst(say)
        key_r2t_dataseq_erl(say)


def _number(say: Saying, key: str) -> int | None:
    """The result of a numerical key, its default if nobody brought it up."""
    offers = say.talk.offers
    if key in offers.open:
        return None
    answer = offers.result(key)
    return parse_number(KEYS[key].default or "" if answer is None else answer)


def _decider(say: Saying, key: str) -> str:
    """Who answered for the key, and so had the last word on it."""
    settled = say.talk.offers.settled[key]
    return TARGET if settled.to_target else INITIATOR


def key_firstburst_exceeds_maxburst(say: Saying) -> None:
    """The first burst may be longer than any burst.

    ## What it means
    FirstBurstLength bounds the data that an initiator sends unasked for one command, MaxBurstLength every sequence of
    data. The first must not be larger.

    ## Why it matters
    One side allows itself a first burst that the other takes for an error, and commands fail.

    ## Example
        talk.terms.first_burst_length = 262144
        talk.open(answer={"MaxBurstLength": "65536"})

    ## When it is silent
    If FirstBurstLength was not negotiated or does not matter (InitialR2T=Yes with ImmediateData=No), in discovery, and
    when the capture lacks any byte of the connection.

    ## Reference
    RFC 7143 section 13.14
    """
    offers = say.talk.offers
    first, most = _number(say, "FirstBurstLength"), _number(say, "MaxBurstLength")
    if offers.result("FirstBurstLength") is None or first is None or most is None or first <= most:
        return
    if offers.result("InitialR2T") == "No" or offers.result("ImmediateData") == "Yes":
        facts: dict[str, object] = {"first_burst": first, "max_burst": most}
        say.found("key-firstburst-exceeds-maxburst", facts, party=_decider(say, "FirstBurstLength"))


def key_r2t_dataseq_erl(say: Saying) -> None:
    """Several R2Ts at a time, together with ordered sequences and error recovery.

    ## What it means
    With an ErrorRecoveryLevel above 0 and DataSequenceInOrder=Yes, MaxOutstandingR2T has to be 1.

    ## Why it matters
    A lost R2T could not be recovered without breaking the order of the data.

    ## Example
        talk.terms.error_recovery_level = 1
        talk.terms.max_outstanding_r2t = 4
        talk.open()

    ## When it is silent
    If MaxOutstandingR2T was not negotiated, in discovery, and when the capture lacks any byte of the connection.

    ## Reference
    RFC 7143 section 13.19
    """
    offers = say.talk.offers
    level, most = _number(say, "ErrorRecoveryLevel"), _number(say, "MaxOutstandingR2T")
    if level is None or most is None or offers.result("MaxOutstandingR2T") is None:
        return
    waiting = offers.open.get("DataSequenceInOrder")
    ordered = offers.result("DataSequenceInOrder") or (waiting.value if waiting is not None else "Yes")
    if level > 0 and most > 1 and ordered == "Yes":
        facts: dict[str, object] = {"max_outstanding_r2t": most, "level": level}
        say.found("key-r2t-dataseq-erl", facts, party=_decider(say, "MaxOutstandingR2T"))


def key_erl_discovery(say: Saying, value: str) -> None:
    """A discovery session with error recovery.

    ## What it means
    Discovery sessions have ErrorRecoveryLevel 0; whatever is offered, the answer is 0.

    ## Why it matters
    Recovery is not defined for the text requests of a discovery session.

    ## Example
        talk.open(discovery=True, offer={"ErrorRecoveryLevel": "2"}, answer={"ErrorRecoveryLevel": "2"})

    ## When it is silent
    When the capture lacks any byte of the connection.

    ## Reference
    RFC 7143 sections 7.4.1 and 13.21
    """
    level = parse_number(value)
    if level:
        say.found("key-erl-discovery", {"level": level})


def key_taskreporting_offer(say: Saying, value: str) -> None:
    """An offer of TaskReporting leaves out what it must contain.

    ## What it means
    Whoever brings TaskReporting up offers at least RFC3720 and ResponseFence.

    ## Why it matters
    The other side cannot choose what it supports, and the session falls back to the slowest way of aborting tasks.

    ## Example
        talk.open(offer={"TaskReporting": "FastAbort"}, answer={"TaskReporting": "FastAbort"})

    ## When it is silent
    When a part of the text is not in the capture.

    ## Reference
    RFC 7143 section 13.23
    """
    offered = [item.strip() for item in parse_list(value)]
    missing = [item for item in ("RFC3720", "ResponseFence") if item not in offered]
    if missing and value not in RESERVED_ANSWERS:
        say.found("key-taskreporting-offer", {"value": value[:SHOWN], "missing": " and ".join(missing)})


def key_targetaddress_format(say: Saying, value: str) -> None:
    """A TargetAddress cannot be read.

    ## What it means
    An address is a name or an IP address (IPv6 in brackets), a colon and a port if it is not 3260, and in discovery a
    comma and the portal group tag.

    ## Why it matters
    Initiators skip the portal or connect to another one.

    ## Example
        talk.open(discovery=True)
        talk.discover((talk.target_name, "fe80::1:3260,1"))

    ## When it is silent
    When a part of the text is not in the capture.

    ## Reference
    RFC 7143 section 13.8
    """
    problem = parse_address(value).problem
    if problem and value not in RESERVED_ANSWERS:
        say.found("key-targetaddress-format", {"value": value[:SHOWN], "problem": problem})


def key_tpgt_format(say: Saying, value: str) -> None:
    """A portal group tag is no number of 16 bits.

    ## What it means
    TargetPortalGroupTag lies between 0 and 65535.

    ## Why it matters
    Initiators drop the login, or cut the number and take two groups for one.

    ## Example
        talk.open(security=False, answer={"TargetPortalGroupTag": "70000"})

    ## When it is silent
    When a part of the text is not in the capture.

    ## Reference
    RFC 7143 section 13.9
    """
    number = parse_number(value)
    if number is None or number > 0xFFFF:
        say.found("key-tpgt-format", {"value": value[:SHOWN]})
