"""Rules on Text Requests that go on with an exchange: the tags and the bit that hold it together (RFC 7143 sections
11.10.3 and 11.10.4).

Interpreted: sees the Text Requests that `text` found to continue something.
"""

from __future__ import annotations

from typing import Final

from iscsi_analyzer.rules.conversation import Exchange
from iscsi_analyzer.rules.desk import INITIATOR
from iscsi_analyzer.rules.rule import ERROR, WARNING, Rule
from iscsi_analyzer.rules.saying import Saying

_EXCHANGE: Final = "the exchange from its first request on"
_WHOLE: Final = "an unbroken view of the connection from its SYN on"

RULES = (
    Rule(
        "text-itt-changed",
        ERROR,
        INITIATOR,
        "RFC 7143 section 11.10.3",
        "The Initiator Task Tag changes from 0x{first:08x} to 0x{tag:08x} within one exchange",
        _EXCHANGE,
        occasion="iscsi.opcode == text_request && iscsi.targettransfertag != 0xffffffff",
    ),
    Rule(
        "text-i-bit-changed",
        WARNING,
        INITIATOR,
        "RFC 7143 section 11.10.3",
        "The requests of one exchange are immediate and not immediate",
        _EXCHANGE,
        occasion="iscsi.opcode == text_request && iscsi.targettransfertag != 0xffffffff",
    ),
    Rule(
        "text-ttt-not-copied",
        ERROR,
        INITIATOR,
        "RFC 7143 sections 11.11.4 and 11.10.4",
        "The request goes on with Target Transfer Tag 0x{tag:08x}; the response gave 0x{given:08x}",
        _EXCHANGE,
        occasion="iscsi.opcode == text_response && iscsi.text.F == 0",
    ),
    Rule(
        "text-ttt-without-response",
        ERROR,
        INITIATOR,
        "RFC 7143 section 11.10.4",
        "A Text Request goes on with Target Transfer Tag 0x{tag:08x}, but no exchange is open",
        _WHOLE,
        occasion="iscsi.opcode == text_request && iscsi.targettransfertag != 0xffffffff",
    ),
)


def see(say: Saying, exchange: Exchange) -> None:
    """Runs the rules of this topic on a request that goes on with an exchange."""
    text_ttt_not_copied(say, exchange)
    text_itt_changed(say, exchange)
    text_i_bit_changed(say, exchange)


def text_itt_changed(say: Saying, exchange: Exchange) -> None:
    """The Initiator Task Tag changes within an exchange of text.

    ## What it means
    All requests of one exchange have the same Initiator Task Tag.

    ## Why it matters
    The target takes the request for another task.

    ## Example
        talk.open(discovery=True)
        request = talk.text_request({"SendTargets": "All"})
        more = talk.text_response({"TargetName": talk.target_name}, tag=request.word(16), more=True)
        talk.text_request(target_transfer_tag=more.word(20))

    ## When it is silent
    When the capture lacks bytes of the connection since the exchange began.

    ## Reference
    RFC 7143 section 11.10.3
    """
    first, tag = int.from_bytes(exchange.header[16:20], "big"), say.word(16)
    if tag != first:
        say.found("text-itt-changed", {"tag": tag, "first": first}, exchange.pdu)


def text_i_bit_changed(say: Saying, exchange: Exchange) -> None:
    """Some requests of an exchange are immediate and others are not.

    ## What it means
    All requests of one exchange have the same I bit.

    ## Why it matters
    The parts of one negotiation may be handled in another order than they were sent.

    ## Example
        talk.open(discovery=True)
        request = talk.text_request({"SendTargets": "All"})
        more = talk.text_response({"TargetName": talk.target_name}, tag=request.word(16), more=True)
        talk.text_request(tag=request.word(16), target_transfer_tag=more.word(20), immediate=True)

    ## When it is silent
    When the capture lacks bytes of the connection since the exchange began.

    ## Reference
    RFC 7143 section 11.10.3
    """
    if (exchange.header[0] ^ say.header[0]) & 0x40:
        say.found("text-i-bit-changed", {}, exchange.pdu)


def text_ttt_not_copied(say: Saying, exchange: Exchange) -> None:
    """A Text Request goes on with another Target Transfer Tag than it was given.

    ## What it means
    A request that goes on copies the tag of the response before; 0xffffffff begins a new exchange.

    ## Why it matters
    The target cannot find the exchange and rejects the request.

    ## Example
        talk.open(discovery=True)
        request = talk.text_request({"SendTargets": "All"})
        more = talk.text_response({"TargetName": talk.target_name}, tag=request.word(16), more=True)
        talk.text_request(tag=request.word(16), target_transfer_tag=more.word(20) + 1)

    ## When it is silent
    When the capture lacks bytes of the connection since the exchange began.

    ## Reference
    RFC 7143 sections 11.11.4 and 11.10.4
    """
    given, tag = int.from_bytes(exchange.response[20:24], "big"), say.word(20)
    if tag != given:
        say.found("text-ttt-not-copied", {"tag": tag, "given": given}, exchange.response_pdu)


def text_ttt_without_response(say: Saying) -> None:
    """A Text Request goes on with an exchange that does not exist.

    ## What it means
    A Target Transfer Tag in a Text Request comes from the Text Response before it. There was none, or it was the last.

    ## Why it matters
    The target rejects the request.

    ## Example
        talk.open(discovery=True)
        talk.text_request({"SendTargets": "All"}, target_transfer_tag=7)

    ## When it is silent
    When the capture lacks any byte of the connection.

    ## Reference
    RFC 7143 section 11.10.4
    """
    say.found("text-ttt-without-response", {"tag": say.word(20)})
