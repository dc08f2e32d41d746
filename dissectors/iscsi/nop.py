"""NOP-Out and NOP-In: pings in both directions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dissectors.iscsi import common, pieces
from dissectors.iscsi import layout as at
from dissectors.iscsi.base import PduType

if TYPE_CHECKING:
    from dissectors.pdu import Pdu


class NopOut(PduType):
    """A ping from the initiator, or its answer to a NOP-In. RFC 7143 section 11.18."""

    opcode = at.OP_NOP_OUT
    name = "NOP-Out"
    data_label = "PingData"
    data_filter = "iscsi.pingdata"
    fields = (
        common.IMMEDIATE,
        common.OPCODE,
        common.FINAL_FIXED,
        common.NO_AHS,
        common.DATA_SEGMENT_LENGTH,
        common.LUN_WITH_TAG,
        common.INITIATOR_TASK_TAG,
        common.TARGET_TRANSFER_TAG,
        *common.COMMAND_NUMBERS,
    )

    @classmethod
    def summary(cls, pdu: Pdu) -> list[str]:
        return [
            *_ping(pdu, "no reply wanted"),
            *pieces.number(pdu, "CmdSN", "cmd_sn"),
            *pieces.number(pdu, "ExpStatSN", "exp_stat_sn"),
            *pieces.immediate(pdu),
            *pieces.length(pdu),
        ]


class NopIn(PduType):
    """A ping from the target, or its answer to a NOP-Out. RFC 7143 section 11.19."""

    opcode = at.OP_NOP_IN
    name = "NOP-In"
    data_label = "PingData"
    data_filter = "iscsi.pingdata"
    fields = (
        common.OPCODE,
        common.FINAL_FIXED,
        common.NO_AHS,
        common.DATA_SEGMENT_LENGTH,
        common.LUN_WITH_TAG,
        common.INITIATOR_TASK_TAG,
        common.TARGET_TRANSFER_TAG,
        *common.STATUS_NUMBERS,
    )

    @classmethod
    def summary(cls, pdu: Pdu) -> list[str]:
        return [*_ping(pdu, ""), *pieces.status_numbers(pdu), *pieces.length(pdu)]


def _ping(pdu: Pdu, untagged: str) -> list[str]:
    """The two tags: which ping this is, or answers. `untagged` says what the lack of an ITT means."""
    lonely = pdu.get("initiator_task_tag") == at.RESERVED_TAG
    return [
        *([untagged] if lonely and untagged else []),
        *pieces.tag(pdu, "ITT", "initiator_task_tag"),
        *pieces.tag(pdu, "TTT", "target_transfer_tag"),
    ]
