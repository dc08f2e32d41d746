"""Rules on SendTargets and what answers it (RFC 7143 sections 13.3, 13.8 and appendix C).

Interpreted: sees text PDUs.
"""

from __future__ import annotations

from typing import Final

from dissectors.iscsi.values import NOT_UNDERSTOOD, REJECT, parse_address
from iscsi_analyzer.rules.conversation import Exchange
from iscsi_analyzer.rules.desk import INITIATOR, TARGET
from iscsi_analyzer.rules.rule import ERROR, WARNING, Rule
from iscsi_analyzer.rules.saying import RESERVED, Saying

SHOWN: Final = 80
MAX_PORTALS: Final = 4096
"Portals of one target that are compared."
_APPENDIX: Final = "RFC 7143 appendix C"
_TEXT: Final = "the whole text"
_EXCHANGE: Final = "the exchange from its first request on"
_LOGIN: Final = "an unbroken view of the connection from its SYN on"

RULES = (
    Rule(
        "sendtargets-not-alone",
        ERROR,
        INITIATOR,
        _APPENDIX,
        "SendTargets together with {others}",
        _TEXT,
        occasion="iscsi.opcode == text_request && iscsi.login.send_targets",
    ),
    Rule(
        "sendtargets-value-invalid",
        ERROR,
        INITIATOR,
        "RFC 7143 appendix C and section 4.2.7",
        "SendTargets={value}: possible are All, a target name, or nothing",
        _TEXT,
        occasion="iscsi.opcode == text_request && iscsi.login.send_targets",
    ),
    Rule(
        "sendtargets-all-on-normal",
        WARNING,
        INITIATOR,
        _APPENDIX,
        "SendTargets=All in a normal session",
        _LOGIN,
        occasion="!iscsi.session.discovery && iscsi.opcode == text_request && iscsi.login.send_targets",
    ),
    Rule(
        "sendtargets-continuation-keys",
        WARNING,
        INITIATOR,
        "RFC 7143 section 11.10.4 and appendix C",
        "The request for the rest of the answer says {key} once more",
        _EXCHANGE,
        occasion="iscsi.opcode == text_request && iscsi.targettransfertag != 0xffffffff",
    ),
    Rule(
        "sendtargets-other-target",
        ERROR,
        TARGET,
        _APPENDIX,
        "A normal session with {target} is told of {name}",
        _LOGIN,
        occasion="!iscsi.session.discovery && iscsi.opcode == text_response && iscsi.login.target_name",
    ),
    Rule(
        "sendtargets-foreign-key",
        ERROR,
        TARGET,
        _APPENDIX,
        "{key} in the answer to SendTargets",
        _EXCHANGE,
        occasion="iscsi.opcode == text_response && iscsi.keyvalue",
    ),
    Rule(
        "sendtargets-record-order",
        ERROR,
        TARGET,
        _APPENDIX,
        "The answer to SendTargets has TargetAddress={address} before any TargetName",
        _EXCHANGE,
        occasion="iscsi.opcode == text_response && iscsi.login.target_address",
    ),
    Rule(
        "sendtargets-address-no-tpgt",
        ERROR,
        TARGET,
        "RFC 7143 section 13.8",
        "TargetAddress={address} has no portal group tag",
        _EXCHANGE,
        occasion="iscsi.opcode == text_response && iscsi.login.target_address",
    ),
    Rule(
        "sendtargets-address-conflict",
        WARNING,
        TARGET,
        "RFC 7143 appendix C and section 4.4.1",
        "The portal {portal} is in the groups {first} and {second} of one target",
        _EXCHANGE,
        occasion="iscsi.opcode == text_response && iscsi.login.target_address",
    ),
    Rule(
        "sendtargets-unsupported",
        ERROR,
        TARGET,
        _APPENDIX,
        "SendTargets={question} is answered {answer}",
        _EXCHANGE,
        occasion="iscsi.opcode == text_request && iscsi.login.send_targets",
    ),
)


def see(say: Saying) -> None:
    """Runs the rules of this topic on one text PDU."""
    if say.text is None:
        return
    exchange = say.talk.exchange
    if say.to_target:
        if say.word(20) != RESERVED:
            if exchange is not None and exchange.question is not None and say.pairs:
                sendtargets_continuation_keys(say)
        elif "SendTargets" in say.values:
            sendtargets_not_alone(say)
            sendtargets_value_invalid(say)
            sendtargets_all_on_normal(say)
    elif exchange is not None and exchange.question is not None:
        _answer(say, exchange)


def _answer(say: Saying, exchange: Exchange) -> None:
    question = exchange.question or ""
    for pair in say.pairs:
        if pair.key == "TargetName":
            exchange.names += 1
            exchange.portals.clear()
            if question != "All":
                sendtargets_other_target(say, pair.value)
        elif pair.key == "TargetAddress":
            if exchange.names == 0:
                sendtargets_record_order(say, pair.value)
            sendtargets_address_no_tpgt(say, pair.value)
            sendtargets_address_conflict(say, exchange, pair.value)
        elif pair.key == "SendTargets":
            sendtargets_unsupported(say, question, pair.value)
        elif not pair.key.startswith("X-") and not pair.problem:
            sendtargets_foreign_key(say, pair.key)


def normal(say: Saying) -> bool:
    """Whether the session is known to be a normal one."""
    return say.whole and say.talk.full_feature != 0 and not say.discovery and not say.joins


def sendtargets_not_alone(say: Saying) -> None:
    """SendTargets is not alone in its request.

    ## What it means
    SendTargets is a command of its own: one Text Request with just this key.

    ## Why it matters
    Targets ignore the other keys or reject the request.

    ## Example
        talk.open(discovery=True)
        talk.text_request({"SendTargets": "All", "MaxRecvDataSegmentLength": "8192"})

    ## When it is silent
    When a part of the text is not in the capture.

    ## Reference
    RFC 7143 appendix C
    """
    others = [pair.key for pair in say.pairs if pair.key != "SendTargets"]
    if others:
        say.found("sendtargets-not-alone", {"others": ", ".join(others)[:SHOWN]})


def sendtargets_value_invalid(say: Saying) -> None:
    """SendTargets asks for something that does not exist.

    ## What it means
    The value is All, the name of a target, or empty for the target of the session. Case matters.

    ## Why it matters
    The target rejects the request or drops the connection; no target is found.

    ## Example
        talk.open(discovery=True)
        talk.text_request({"SendTargets": "all"})

    ## When it is silent
    When a part of the text is not in the capture.

    ## Reference
    RFC 7143 appendix C and section 4.2.7
    """
    value = say.values["SendTargets"]
    if value not in ("", "All") and value[:4].lower() not in ("iqn.", "eui.", "naa."):
        say.found("sendtargets-value-invalid", {"value": value[:SHOWN]})


def sendtargets_all_on_normal(say: Saying) -> None:
    """A normal session asks for all targets.

    ## What it means
    SendTargets=All belongs to discovery sessions; in a normal session an initiator may ask for its own target only.

    ## Why it matters
    The target rejects the request or drops the connection, and with it the session.

    ## Example
        talk.open()
        talk.text_request({"SendTargets": "All"})

    ## When it is silent
    When the capture lacks any byte of the connection, and for connections that joined a session.

    ## Reference
    RFC 7143 appendix C
    """
    if say.values["SendTargets"] == "All" and normal(say):
        say.found("sendtargets-all-on-normal", {}, say.talk.first_pdu)


def sendtargets_continuation_keys(say: Saying) -> None:
    """The rest of an answer is asked for with keys.

    ## What it means
    A long answer to SendTargets comes in pieces. The initiator fetches each with an empty Text Request.

    ## Why it matters
    The target may begin its answer anew, and targets are listed twice.

    ## Example
        talk.open(discovery=True)
        request = talk.text_request({"SendTargets": "All"})
        tag, name = request.word(16), {"TargetName": talk.target_name}
        more = talk.text_response(name, tag=tag, patch={1: bytes(1)}, target_transfer_tag=9)
        talk.text_request({"SendTargets": "All"}, tag=tag, target_transfer_tag=more.word(20))

    ## When it is silent
    When the capture lacks bytes of the connection since the exchange began.

    ## Reference
    RFC 7143 section 11.10.4 and appendix C
    """
    say.found("sendtargets-continuation-keys", {"key": say.pairs[0].key[:SHOWN]})


def sendtargets_other_target(say: Saying, name: str) -> None:
    """A normal session is told of another target.

    ## What it means
    In a normal session a target reports itself and no other.

    ## Why it matters
    Initiators that are allowed to see one target only learn the names of the others.

    ## Example
        talk.open()
        talk.text({"SendTargets": ""}, {"TargetName": "iqn.2005-03.com.example:other"})

    ## When it is silent
    In answer to All, which has a rule of its own; when the capture lacks any byte of the connection, and for
    connections that joined a session.

    ## Reference
    RFC 7143 appendix C
    """
    own = say.talk.target_name
    if normal(say) and own and name.lower() != own.lower():
        say.found("sendtargets-other-target", {"target": own[:SHOWN], "name": name[:SHOWN]}, say.talk.first_pdu)


def sendtargets_foreign_key(say: Saying, key: str) -> None:
    """A key that does not belong into the answer to SendTargets.

    ## What it means
    The answer consists of TargetName and TargetAddress.

    ## Why it matters
    Initiators may take the key for an offer, or give up.

    ## Example
        talk.open(discovery=True)
        talk.text({"SendTargets": "All"}, {"TargetName": talk.target_name, "TargetAlias": "disk"})

    ## When it is silent
    For vendors' keys, and when the capture lacks bytes of the connection since the exchange began.

    ## Reference
    RFC 7143 appendix C
    """
    say.found("sendtargets-foreign-key", {"key": key[:SHOWN]})


def sendtargets_record_order(say: Saying, address: str) -> None:
    """An address comes before the name of its target.

    ## What it means
    Each record begins with a TargetName, and the addresses of that target follow.

    ## Why it matters
    The address belongs to nobody, or is taken for one of the next target.

    ## Example
        talk.open(discovery=True)
        talk.text({"SendTargets": "All"}, [("TargetAddress", "192.0.2.2:3260,1"), ("TargetName", talk.target_name)])

    ## When it is silent
    When the capture lacks bytes of the connection since the exchange began.

    ## Reference
    RFC 7143 appendix C
    """
    say.found("sendtargets-record-order", {"address": address[:SHOWN]})


def sendtargets_address_no_tpgt(say: Saying, address: str) -> None:
    """An address in the answer to SendTargets has no portal group tag.

    ## What it means
    In discovery each address ends with a comma and the portal group tag.

    ## Why it matters
    Without it an initiator cannot know which portals may share a session.

    ## Example
        talk.open(discovery=True)
        talk.discover((talk.target_name, "192.0.2.2:3260"))

    ## When it is silent
    For addresses that cannot be read, and when the capture lacks bytes of the connection since the exchange began.

    ## Reference
    RFC 7143 section 13.8
    """
    parsed = parse_address(address)
    if parsed.tag is None and not parsed.problem:
        say.found("sendtargets-address-no-tpgt", {"address": address[:SHOWN]})


def sendtargets_address_conflict(say: Saying, exchange: Exchange, address: str) -> None:
    """One portal is listed in two portal groups of a target.

    ## What it means
    A portal belongs to one portal group of a target.

    ## Why it matters
    An initiator that spreads a session over a group may reach portals that know nothing of the session.

    ## Example
        talk.open(discovery=True)
        addresses = [("TargetAddress", "192.0.2.2:3260,1"), ("TargetAddress", "192.0.2.2:3260,2")]
        talk.text({"SendTargets": "All"}, [("TargetName", talk.target_name), *addresses])

    ## When it is silent
    When the capture lacks bytes of the connection since the exchange began.

    ## Reference
    RFC 7143 appendix C and section 4.4.1
    """
    parsed = parse_address(address)
    if parsed.tag is None or len(exchange.portals) >= MAX_PORTALS:
        return
    portal = f"{parsed.host.lower()}:{parsed.port}"
    first = exchange.portals.setdefault(portal, parsed.tag)
    if first != parsed.tag:
        say.found("sendtargets-address-conflict", {"portal": portal, "first": first, "second": parsed.tag})


def sendtargets_unsupported(say: Saying, question: str, answer: str) -> None:
    """A target does not answer SendTargets.

    ## What it means
    Every target supports SendTargets: All and names in discovery sessions, the empty value in normal ones.

    ## Why it matters
    Nobody finds the target without being told its name.

    ## Example
        talk.open(discovery=True)
        talk.text({"SendTargets": "All"}, {"SendTargets": "NotUnderstood"})

    ## When it is silent
    When the capture lacks any byte of the connection, and for All in a normal session.

    ## Reference
    RFC 7143 appendix C
    """
    if answer in (NOT_UNDERSTOOD, REJECT) and say.whole and (say.discovery or (question == "" and normal(say))):
        say.found("sendtargets-unsupported", {"question": question[:SHOWN], "answer": answer})
