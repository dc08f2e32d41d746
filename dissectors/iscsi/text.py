"""Text Request and Text Response."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dissectors.iscsi import common, pieces, words
from dissectors.iscsi import layout as at
from dissectors.iscsi.base import PduType, Segment
from dissectors.iscsi.keys import redact
from dissectors.iscsi.text_segment import text_segment

if TYPE_CHECKING:
    from dissectors.pdu import Pdu

_FINAL = common.flag("final", "F", at.FINAL_MASK, "iscsi.text.F", words.FINAL)
_CONTINUE = common.flag("continued", "C", at.CONTINUE_MASK, "iscsi.text.C", words.CONTINUE)


class _Text(PduType):
    """What both directions share."""

    text = True
    data_label = "Text"

    @classmethod
    def segment(cls, pdu: Pdu, secrets: bool) -> Segment:
        return text_segment(pdu, secrets)


class TextRequest(_Text):
    """Text from the initiator in the full feature phase: SendTargets, renegotiation. RFC 7143 section 11.10."""

    opcode = at.OP_TEXT_REQUEST
    name = "Text Request"
    fields = (
        common.IMMEDIATE,
        common.OPCODE,
        common.FLAGS,
        _FINAL,
        _CONTINUE,
        common.NO_AHS,
        common.DATA_SEGMENT_LENGTH,
        common.LUN_WITH_TAG,
        common.INITIATOR_TASK_TAG,
        common.TARGET_TRANSFER_TAG,
        *common.COMMAND_NUMBERS,
    )

    @classmethod
    def summary(cls, pdu: Pdu) -> list[str]:
        return [*_exchange(pdu), *pieces.number(pdu, "CmdSN", "cmd_sn"), *pieces.immediate(pdu), *_keys(pdu)]


class TextResponse(_Text):
    """The target's answer to a Text Request. RFC 7143 section 11.11."""

    opcode = at.OP_TEXT_RESPONSE
    name = "Text Response"
    fields = (
        common.OPCODE,
        common.FLAGS,
        _FINAL,
        _CONTINUE,
        common.NO_AHS,
        common.DATA_SEGMENT_LENGTH,
        common.LUN_WITH_TAG,
        common.INITIATOR_TASK_TAG,
        common.TARGET_TRANSFER_TAG,
        *common.STATUS_NUMBERS,
    )

    @classmethod
    def summary(cls, pdu: Pdu) -> list[str]:
        return [*_exchange(pdu), *pieces.number(pdu, "StatSN", "stat_sn"), *_keys(pdu)]


def _exchange(pdu: Pdu) -> list[str]:
    return [
        *pieces.flags(pdu, ("F", "final"), ("C", "continued")),
        *pieces.tag(pdu, "ITT", "initiator_task_tag"),
        *pieces.tag(pdu, "TTT", "target_transfer_tag"),
    ]


def _keys(pdu: Pdu) -> list[str]:
    """The first pair and how many more there are."""
    pairs = pdu.keys
    if not pairs:
        return pieces.length(pdu, "text")
    key, value = pairs[0]
    more = f" and {len(pairs) - 1} more" if len(pairs) > 1 else ""
    return [f"{key}={redact(key, value)}"[:120] + more]
