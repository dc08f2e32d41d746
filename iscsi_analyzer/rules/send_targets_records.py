"""Rules on which targets an answer to SendTargets names, and how often (RFC 7143 appendix C).

Interpreted: sees text PDUs. How the answer is written is in `send_targets`.
"""

from __future__ import annotations

from typing import Final

from iscsi_analyzer.rules.conversation import Exchange
from iscsi_analyzer.rules.desk import TARGET
from iscsi_analyzer.rules.occasions import T2I, said
from iscsi_analyzer.rules.rule import ERROR, NOTE, WARNING, Rule
from iscsi_analyzer.rules.saying import Saying
from iscsi_analyzer.rules.send_targets import normal

SHOWN: Final = 80
MAX_RECORDS: Final = 4096
"Names and addresses of one answer that are compared."
MAX_RECORD: Final = 1024
"Characters of a name and an address together that are remembered."
_APPENDIX: Final = "RFC 7143 appendix C"
_EXCHANGE: Final = "the exchange from its first request on"
_LOGIN: Final = "an unbroken view of the connection from its SYN on"
_NAMED: Final = f"iscsi.opcode == text_response && {said(('TargetName',))}"

RULES = (
    Rule(
        "sendtargets-all-honoured-on-normal",
        ERROR,
        TARGET,
        _APPENDIX,
        "A normal session with {target} asked for all targets, and is told of {name}",
        _LOGIN,
        occasion='iscsi.keyvalue == "SendTargets=All" && iscsi.session.discovery == 0',
    ),
    Rule(
        "sendtargets-named-mismatch",
        WARNING,
        TARGET,
        _APPENDIX,
        "The initiator asked for {question}, and is told of {name}",
        _EXCHANGE,
        occasion='iscsi.keyvalue matches "^SendTargets=(iqn|eui|naa)[.]"',
    ),
    Rule(
        "sendtargets-duplicate-record",
        NOTE,
        TARGET,
        _APPENDIX,
        "{what} is told twice in one answer",
        _EXCHANGE,
        occasion=said(("TargetName", "TargetAddress"), T2I),
    ),
)


def see(say: Saying) -> None:
    """Runs the rules of this topic on one text PDU."""
    exchange = say.talk.exchange
    if say.to_target or exchange is None or exchange.question is None:
        return
    for pair in say.pairs:
        if pair.key == "TargetName":
            if exchange.latest:
                _told(exchange, exchange.latest, "")
            exchange.latest = exchange.named = pair.value
            if exchange.question == "All":
                sendtargets_all_honoured_on_normal(say, pair.value)
            elif exchange.question:
                sendtargets_named_mismatch(say, exchange.question, pair.value)
            sendtargets_duplicate_record(say, exchange, pair.value, "")
        elif pair.key == "TargetAddress":
            exchange.latest = ""
            sendtargets_duplicate_record(say, exchange, exchange.named, pair.value)
            _told(exchange, exchange.named, pair.value)


def _told(exchange: Exchange, name: str, address: str) -> None:
    if len(exchange.records) < MAX_RECORDS and len(name) + len(address) <= MAX_RECORD:
        exchange.records.add((name, address))


def sendtargets_all_honoured_on_normal(say: Saying, name: str) -> None:
    """A normal session is told of all targets.

    ## What it means
    SendTargets=All belongs to discovery sessions. In a normal session a target does not answer it, or with nobody but
    itself.

    ## Why it matters
    Initiators that are allowed to see one target only learn the names of the others.

    ## Example
        talk.open()
        talk.text({"SendTargets": "All"}, {"TargetName": "iqn.2005-03.com.example:other"})

    ## When it is silent
    When the capture lacks any byte of the connection, and for connections that joined a session.

    ## Reference
    RFC 7143 appendix C
    """
    own = say.talk.target_name
    if normal(say) and own and name.lower() != own.lower():
        facts: dict[str, object] = {"target": own[:SHOWN], "name": name[:SHOWN]}
        say.found("sendtargets-all-honoured-on-normal", facts, say.talk.first_pdu)


def sendtargets_named_mismatch(say: Saying, question: str, name: str) -> None:
    """Another target is told of than was asked for.

    ## What it means
    An initiator that asks for one target by name is told about that one only.

    ## Why it matters
    It may log in to a target that nobody meant, or list one that it should not know.

    ## Example
        talk.open(discovery=True)
        talk.text({"SendTargets": talk.target_name}, {"TargetName": talk.target_name + "2"})

    ## When it is silent
    For All and for an empty question, and when the capture lacks bytes of the connection since the exchange began.

    ## Reference
    RFC 7143 appendix C
    """
    if name.lower() != question.lower():
        exchange = say.talk.exchange
        facts: dict[str, object] = {"question": question[:SHOWN], "name": name[:SHOWN]}
        say.found("sendtargets-named-mismatch", facts, exchange.pdu if exchange is not None else 0)


def sendtargets_duplicate_record(say: Saying, exchange: Exchange, name: str, address: str) -> None:
    """A target, or one of its addresses, is listed twice.

    ## What it means
    Each target is told once, with each of its addresses once.

    ## Why it matters
    Initiators list the target twice, or log in twice over the same path and take that for two.

    ## Example
        talk.open(discovery=True)
        talk.discover((talk.target_name, "192.0.2.2:3260,1"), (talk.target_name, "192.0.2.2:3260,1"))

    ## When it is silent
    For targets whose name is repeated before each address, and when the capture lacks bytes of the connection since the
    exchange began.

    ## Reference
    RFC 7143 appendix C
    """
    if (name, address) in exchange.records:
        what = f"{address} of {name}" if address else name
        say.found("sendtargets-duplicate-record", {"what": what[:SHOWN]})
