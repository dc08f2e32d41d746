"""Rules on the turns of a text exchange: who may end it, what may be left open at its end, and exchanges that stop in
the middle (RFC 7143 sections 6.4, 7.12, 11.10 and 11.11).

Interpreted: sees text PDUs, and the ends of connections. Tags and bits are judged in `text` and `text_continued`.
"""

from __future__ import annotations

from typing import Final

from dissectors.iscsi import keytable
from dissectors.iscsi.values import RESERVED_ANSWERS
from iscsi_analyzer.model.following import Follower
from iscsi_analyzer.rules.conversation import Conversation, Exchange, unbroken
from iscsi_analyzer.rules.desk import INITIATOR, TARGET, Desk
from iscsi_analyzer.rules.occasions import said
from iscsi_analyzer.rules.offers import OFFER
from iscsi_analyzer.rules.rule import ERROR, NOTE, WARNING, Rule, broken_by
from iscsi_analyzer.rules.saying import RESERVED, Saying

SHOWN: Final = 60
PATIENCE: Final = 30_000_000_000
"Nanoseconds after which an answer, or the next request, does not come any more."
SECOND: Final = 1_000_000_000
FINAL, MORE = 0x80, 0x40
_EXCHANGE: Final = "the exchange from its first request on"
_WHOLE: Final = "an unbroken view of the connection from its SYN on"

RULES = (
    Rule(
        "text-response-missing",
        NOTE,
        TARGET,
        "RFC 7143 sections 7.12 and 11.10",
        "A Text Request has no answer after {seconds} s",
        _WHOLE,
        occasion="iscsi.opcode == text_request",
    ),
    Rule(
        "text-sequence-abandoned",
        NOTE,
        INITIATOR,
        "RFC 7143 section 6.4",
        "The target waits for the next Text Request; {seconds} s later none has come",
        _WHOLE,
        occasion="iscsi.opcode == text_response && iscsi.text.F == 0",
    ),
    Rule(
        "text-f1-open-proposals",
        ERROR,
        TARGET,
        "RFC 7143 sections 6.4 and 11.11.1",
        "The last Text Response offers {key}={value}, which nobody can answer any more",
        _EXCHANGE,
        occasion=f"iscsi.opcode == text_response && iscsi.text.F && iscsi.keyvalue && !({said(('TargetName',))})",
    ),
    Rule(
        "text-empty-f0-response",
        NOTE,
        TARGET,
        "RFC 7143 section 6.4",
        "An empty Text Response keeps an exchange open that the initiator is ready to end",
        _EXCHANGE,
        occasion="iscsi.opcode == text_response && iscsi.text.F == 0",
    ),
    Rule(
        "text-f-dropped",
        NOTE,
        INITIATOR,
        "RFC 7143 section 6.4",
        "The initiator was ready to end the exchange, and is not any more, although it has nothing to say",
        _EXCHANGE,
        occasion="iscsi.opcode == text_request && iscsi.targettransfertag != 0xffffffff",
    ),
    Rule(
        "text-lun-missing",
        NOTE,
        TARGET,
        "RFC 7143 section 11.10.4",
        "The LUN field changes from {first} to {lun} within one exchange",
        _EXCHANGE,
        occasion="iscsi.opcode == text_response && iscsi.text.F == 0",
    ),
    Rule(
        "text-reneg-not-reset",
        WARNING,
        INITIATOR,
        "RFC 7143 section 6.4",
        "The initiator goes on with Target Transfer Tag 0x{tag:08x} after the negotiation was rejected",
        _WHOLE,
        occasion=broken_by(0x04, ("key-duplicate",)),
    ),
)


def see(say: Saying) -> None:
    """Runs the rules of this topic on one text PDU of an exchange that is known from its beginning."""
    exchange = say.talk.exchange
    if exchange is None:
        return
    if say.to_target:
        if not exchange.waiting and say.word(20) != RESERVED:
            text_f_dropped(say, exchange)
    elif exchange.waiting and exchange.request[16:20] == say.header[16:20]:
        text_f1_open_proposals(say, exchange)
        text_empty_f0_response(say, exchange)
        text_lun_missing(say, exchange)


def closed(talk: Conversation, follower: Follower, desk: Desk) -> None:
    """Runs the rules of this topic on a connection of which nothing more will be seen."""
    exchange = talk.exchange
    if exchange is None or not talk.full_feature or exchange.losses != follower.losses:
        return
    if talk.muddled or not unbroken(follower):
        return
    waited = int(follower.connection.last_ts) - exchange.ts
    if waited < PATIENCE:
        return
    if exchange.waiting:
        text_response_missing(exchange, follower, desk, waited // SECOND)
    elif not exchange.response[1] & FINAL:
        text_sequence_abandoned(exchange, follower, desk, waited // SECOND)


def text_response_missing(exchange: Exchange, follower: Follower, desk: Desk, seconds: int) -> None:
    """A Text Request is never answered.

    ## What it means
    A target answers a Text Request with a Text Response or a Reject. Half a minute later the capture has neither.

    ## Why it matters
    The initiator waits, and may not send another Text Request on this connection.

    ## Example
        talk.open(discovery=True)
        talk.text_request({"SendTargets": "All"})
        talk.wait(60)
        talk.ack("T2I")

    ## When it is silent
    When the last frame of the connection came less than half a minute after the request, and when the capture lacks any
    byte of the connection.

    ## Reference
    RFC 7143 sections 7.12 and 11.10
    """
    session = follower.session.number
    desk.found("text-response-missing", TARGET, session, follower.number, exchange.request_pdu, {"seconds": seconds})


def text_sequence_abandoned(exchange: Exchange, follower: Follower, desk: Desk, seconds: int) -> None:
    """A text exchange stops in the middle.

    ## What it means
    The target's response says that the exchange goes on; the initiator does not send the next request, neither to go on
    nor to begin anew.

    ## Why it matters
    What was negotiated so far does not hold, and the rest of an answer to SendTargets is never fetched. The target has
    to remember the exchange as long as the connection lasts.

    ## Example
        talk.open(discovery=True)
        request = talk.text_request({"SendTargets": "All"})
        talk.text_response({"TargetName": talk.target_name}, tag=request.word(16), more=True)
        talk.wait(60)
        talk.ack("I2T")

    ## When it is silent
    When the last frame of the connection came less than half a minute after the response, and when the capture lacks
    any byte of the connection.

    ## Reference
    RFC 7143 section 6.4
    """
    session = follower.session.number
    facts: dict[str, object] = {"seconds": seconds}
    desk.found("text-sequence-abandoned", INITIATOR, session, follower.number, exchange.response_pdu, facts)


def text_f1_open_proposals(say: Saying, exchange: Exchange) -> None:
    """The last Text Response makes an offer.

    ## What it means
    With its last response a target says nothing that the initiator would have to answer: the exchange is over.

    ## Why it matters
    There is no place for the answer, and each side may hold another value to be in force.

    ## Example
        talk.open()
        talk.text({"MaxRecvDataSegmentLength": "8192"}, {"MaxOutstandingR2T": "4"})

    ## When it is silent
    For declarations and for keys of vendors, which may need no answer; for answers to SendTargets; and when the capture
    lacks bytes of the connection since the exchange began.

    ## Reference
    RFC 7143 sections 6.4 and 11.11.1
    """
    if not say.final or say.more or exchange.question is not None:
        return
    for move in say.moves:
        negotiated = move.key is not None and move.key.kind == keytable.NEGOTIATED
        if move.kind == OFFER and negotiated and move.pair.value not in RESERVED_ANSWERS:
            say.found("text-f1-open-proposals", {"key": move.pair.key, "value": move.pair.value[:SHOWN]})
            return


def text_empty_f0_response(say: Saying, exchange: Exchange) -> None:
    """A target keeps an exchange open without a reason.

    ## What it means
    The request was complete and ready to end the exchange (F=1). The response says nothing, and yet is not the last.

    ## Why it matters
    It costs a round trip, and two sides that both do so never come to an end.

    ## Example
        talk.open()
        request = talk.text_request({"MaxRecvDataSegmentLength": "8192"})
        talk.text_response(tag=request.word(16), patch={1: bytes(1)}, target_transfer_tag=5)

    ## When it is silent
    If the text of either side goes on (C=1), and when the capture lacks bytes of the connection since the exchange
    began.

    ## Reference
    RFC 7143 section 6.4
    """
    ready = exchange.request[1] & FINAL and not exchange.request[1] & MORE
    if ready and not say.final and not say.more and not say.look.data_length:
        say.found("text-empty-f0-response", {}, exchange.request_pdu)


def text_f_dropped(say: Saying, exchange: Exchange) -> None:
    """An initiator takes back that it is ready to end an exchange.

    ## What it means
    The request before had F=1 and was answered with F=0. This one says nothing, and has F=0: the exchange cannot end
    with its response.

    ## Why it matters
    It costs a round trip, and two sides that both do so never come to an end.

    ## Example
        talk.open(discovery=True)
        request = talk.text_request({"SendTargets": "All"})
        name = {"TargetName": talk.target_name}
        more = talk.text_response(name, tag=request.word(16), patch={1: bytes(1)}, target_transfer_tag=9)
        talk.text_request(tag=request.word(16), target_transfer_tag=more.word(20), patch={1: bytes(1)})

    ## When it is silent
    If the request says something, if the text of either side goes on (C=1), and when the capture lacks bytes of the
    connection since the exchange began.

    ## Reference
    RFC 7143 section 6.4
    """
    was_ready = exchange.request[1] & FINAL and not exchange.response[1] & (FINAL | MORE)
    if was_ready and not say.final and not say.more and not say.look.data_length:
        say.found("text-f-dropped", {}, exchange.request_pdu)


def text_lun_missing(say: Saying, exchange: Exchange) -> None:
    """The LUN field of an exchange changes.

    ## What it means
    Together with the Target Transfer Tag the target gives a LUN; the initiator copies both. They name one exchange, and
    stay the same in it.

    ## Why it matters
    The target cannot find the exchange by what it is given back.

    ## Example
        talk.open(discovery=True)
        request = talk.text_request({"SendTargets": "All"})
        tag = request.word(16)
        for lun in (0, 1):
            fields = {"patch": {1: bytes(1)}, "target_transfer_tag": 9, "lun": lun}
            talk.text_response({"TargetName": f"{talk.target_name}{lun}"}, tag=tag, **fields)
            talk.text_request(tag=tag, target_transfer_tag=9, lun=lun)

    ## When it is silent
    For the last response, and when the capture lacks bytes of the connection since the exchange began.

    ## Reference
    RFC 7143 section 11.10.4
    """
    first, lun = exchange.response[8:16], say.header[8:16]
    if first and not say.final and say.word(20) != RESERVED and lun != first:
        say.found("text-lun-missing", {"first": first.hex(), "lun": lun.hex()}, exchange.response_pdu)


def text_reneg_not_reset(say: Saying) -> None:
    """A rejected negotiation is continued.

    ## What it means
    The initiator said a key twice in one exchange, and the target rejected that. The initiator has to begin anew, with
    the Target Transfer Tag 0xffffffff; it goes on with the old one.

    ## Why it matters
    The target has forgotten the exchange, and rejects this request, too.

    ## Example
        talk.open()
        request = talk.text_request({"MaxRecvDataSegmentLength": "8192"}, patch={1: bytes(1)})
        tag = request.word(16)
        talk.text_response(tag=tag, patch={1: bytes(1)}, target_transfer_tag=5)
        again = talk.text_request({"MaxRecvDataSegmentLength": "4096"}, tag=tag, target_transfer_tag=5)
        talk.reject(again)
        talk.text_request(tag=tag, target_transfer_tag=5)

    ## When it is silent
    If the rejected request did not repeat a key, and when the capture lacks any byte of the connection.

    ## Reference
    RFC 7143 section 6.4
    """
    say.found("text-reneg-not-reset", {"tag": say.word(20)}, say.talk.text_rejected)
