"""Rules on the exchange of Text Requests and Responses: who waits for whom, and which tags hold it together (RFC 7143
sections 6.2, 6.4, 11.10 and 11.11).

Interpreted: sees text PDUs. How an exchange goes on is in `text_continued`, SendTargets in `send_targets`.
"""

from __future__ import annotations

from typing import Final

from iscsi_analyzer.rules import text_continued, text_turns
from iscsi_analyzer.rules.conversation import Exchange, nothing_unseen
from iscsi_analyzer.rules.desk import INITIATOR, TARGET
from iscsi_analyzer.rules.rule import ERROR, Rule
from iscsi_analyzer.rules.saying import RESERVED, Saying

_EXCHANGE: Final = "the exchange from its first request on"
_WHOLE: Final = "an unbroken view of the connection from its SYN on"

RULES = (
    Rule(
        "text-f-and-c-set",
        ERROR,
        "either",
        "RFC 7143 sections 6.2, 11.10.2 and 11.11.2",
        "A text PDU has F and C set",
        occasion="iscsi.opcode == text",
    ),
    Rule(
        "text-f1-ttt",
        ERROR,
        TARGET,
        "RFC 7143 sections 11.11.1 and 11.11.4",
        "The last Text Response has Target Transfer Tag 0x{tag:08x}",
        occasion="iscsi.opcode == text_response && iscsi.text.F == 1",
    ),
    Rule(
        "text-f0-ttt",
        ERROR,
        TARGET,
        "RFC 7143 sections 11.11.1, 11.10.4 and 6.4",
        "A Text Response that is not the last has no Target Transfer Tag",
        occasion="iscsi.opcode == text_response && iscsi.text.F == 0",
    ),
    Rule(
        "text-f1-answers-f0",
        ERROR,
        TARGET,
        "RFC 7143 section 11.11.1",
        "F=1 answers a request with F=0",
        _EXCHANGE,
        occasion="iscsi.opcode == text_request && iscsi.text.F == 0",
    ),
    Rule(
        "text-outstanding-multiple",
        ERROR,
        INITIATOR,
        "RFC 7143 sections 6.2 and 11.10",
        "A Text Request while the one before has no response yet",
        _EXCHANGE,
        occasion="iscsi.opcode == text_request",
    ),
    Rule(
        "text-response-unsolicited",
        ERROR,
        TARGET,
        "RFC 7143 sections 6.2 and 11.11.3",
        "A Text Response with tag 0x{tag:08x} answers no Text Request",
        _WHOLE,
        occasion="iscsi.opcode == text_response",
    ),
    Rule(
        "text-c-answer-nonempty",
        ERROR,
        "either",
        "RFC 7143 section 6.2",
        "{length} bytes of text answer a PDU whose text goes on",
        _EXCHANGE,
        occasion="iscsi.text.C == 1",
    ),
)


def intact(say: Saying) -> bool:
    """Whether the exchange that is going on was seen from its first request to this PDU."""
    begun = say.talk.exchange
    return begun is not None and begun.losses == say.follower.losses and nothing_unseen(say.follower)


def see(say: Saying) -> None:
    """Runs the rules of this topic on one text PDU."""
    if say.final and say.more:
        text_f_and_c_set(say)
    exchange, known = say.talk.exchange, intact(say)
    if say.to_target:
        goes_on = say.word(20) != RESERVED
        if exchange is None:
            if goes_on and say.whole:
                if say.talk.text_rejected:
                    text_turns.text_reneg_not_reset(say)
                else:
                    text_continued.text_ttt_without_response(say)
        elif known and exchange.waiting:
            text_outstanding_multiple(say, exchange)
        elif known and goes_on:
            text_continued.see(say, exchange)
            text_c_answer_nonempty(say, exchange.response, exchange.response_pdu)
        return
    text_f1_ttt(say)
    text_f0_ttt(say)
    if exchange is None or not exchange.waiting or exchange.request[16:20] != say.header[16:20]:
        if say.whole:
            text_response_unsolicited(say)
    elif known:
        text_f1_answers_f0(say, exchange)
        text_c_answer_nonempty(say, exchange.request, exchange.request_pdu)


def text_f_and_c_set(say: Saying) -> None:
    """A text PDU is the last one although its text goes on.

    ## What it means
    C says that the text goes on in the next PDU, F that there is no next one. Both together contradict each other.

    ## Why it matters
    The rest of the text is lost, or the other side ends the negotiation.

    ## Example
        talk.open(discovery=True)
        request = talk.text_request({"SendTargets": "All"})
        talk.text_response({"TargetName": talk.target_name}, tag=request.word(16), patch={1: bytes([0xC0])})

    ## When it is silent
    When the header was cut by the capture.

    ## Reference
    RFC 7143 sections 6.2, 11.10.2 and 11.11.2
    """
    say.found("text-f-and-c-set", {})


def text_f1_ttt(say: Saying) -> None:
    """The last Text Response has a Target Transfer Tag.

    ## What it means
    A Target Transfer Tag asks for another request. The last response has 0xffffffff there.

    ## Why it matters
    The initiator does not know whether to go on.

    ## Example
        talk.open(discovery=True)
        request = talk.text_request({"SendTargets": "All"})
        talk.text_response(tag=request.word(16), target_transfer_tag=5)

    ## When it is silent
    When the header was cut by the capture.

    ## Reference
    RFC 7143 sections 11.11.1 and 11.11.4
    """
    tag = say.word(20)
    if say.final and not say.more and tag != RESERVED:
        say.found("text-f1-ttt", {"tag": tag})


def text_f0_ttt(say: Saying) -> None:
    """A Text Response that is not the last has no Target Transfer Tag.

    ## What it means
    A response without F says that the exchange goes on, and gives the tag for the next request.

    ## Why it matters
    The next request would begin a new exchange; the rest of the answer cannot be fetched.

    ## Example
        talk.open(discovery=True)
        request = talk.text_request({"SendTargets": "All"})
        answer = {"TargetName": talk.target_name}
        talk.text_response(answer, tag=request.word(16), more=True, target_transfer_tag=0xFFFFFFFF)

    ## When it is silent
    When the header was cut by the capture.

    ## Reference
    RFC 7143 sections 11.11.1, 11.10.4 and 6.4
    """
    if not say.final and say.word(20) == RESERVED:
        say.found("text-f0-ttt", {})


def text_f1_answers_f0(say: Saying, exchange: Exchange) -> None:
    """The target ends an exchange that the initiator wants to go on.

    ## What it means
    A request without F announces another one. The target may end the exchange only in answer to a request with F.

    ## Why it matters
    What the initiator still wanted to say is lost.

    ## Example
        talk.open()
        request = talk.text_request({"MaxRecvDataSegmentLength": "8192"}, patch={1: bytes(1)})
        talk.text_response(tag=request.word(16))

    ## When it is silent
    When the capture lacks bytes of the connection since the exchange began.

    ## Reference
    RFC 7143 section 11.11.1
    """
    if say.final and not exchange.request[1] & 0x80:
        say.found("text-f1-answers-f0", {}, exchange.request_pdu)


def text_outstanding_multiple(say: Saying, exchange: Exchange) -> None:
    """A second Text Request is sent before the first is answered.

    ## What it means
    A connection has one Text Request at a time under way.

    ## Why it matters
    The target may reject the request, or mix up the two exchanges.

    ## Example
        talk.open(discovery=True)
        talk.text_request({"SendTargets": "All"})
        talk.text_request({"SendTargets": "All"})

    ## When it is silent
    When the capture lacks bytes of the connection since the exchange began.

    ## Reference
    RFC 7143 sections 6.2 and 11.10
    """
    say.found("text-outstanding-multiple", {}, exchange.request_pdu)


def text_response_unsolicited(say: Saying) -> None:
    """A Text Response answers nothing.

    ## What it means
    A Text Response answers the outstanding Text Request and repeats its tag.

    ## Why it matters
    The initiator cannot assign it: a protocol error.

    ## Example
        talk.open(discovery=True)
        request = talk.text_request({"SendTargets": "All"})
        talk.text_response(tag=request.word(16) + 4)

    ## When it is silent
    When the capture lacks any byte of the connection.

    ## Reference
    RFC 7143 sections 6.2 and 11.11.3
    """
    exchange = say.talk.exchange
    say.found("text-response-unsolicited", {"tag": say.word(16)}, 0 if exchange is None else exchange.request_pdu)


def text_c_answer_nonempty(say: Saying, before: bytes, pdu: int) -> None:
    """A text that goes on is answered with text.

    ## What it means
    C says that the text is not complete. The answer is an empty text PDU, which asks for the rest.

    ## Why it matters
    Answers to half a text mix up the negotiation.

    ## Example
        talk.open()
        request = talk.text_request({"MaxRecvDataSegmentLength": "8192"}, more=True)
        talk.text_response({"MaxRecvDataSegmentLength": "8192"}, tag=request.word(16), more=True)

    ## When it is silent
    When the capture lacks bytes of the connection since the exchange began.

    ## Reference
    RFC 7143 section 6.2
    """
    if before and before[1] & 0x40 and say.look.data_length:
        say.found("text-c-answer-nonempty", {"length": say.look.data_length}, pdu)
