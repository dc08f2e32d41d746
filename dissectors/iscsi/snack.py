"""SNACK Request."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from dissectors.fields import Field
from dissectors.iscsi import common, pieces, words
from dissectors.iscsi import layout as at
from dissectors.iscsi.base import PduType

if TYPE_CHECKING:
    from dissectors.pdu import Pdu


class SnackRequest(PduType):
    """The initiator asks for what it missed, or acknowledges data. RFC 7143 section 11.16."""

    opcode = at.OP_SNACK
    name = "SNACK Request"
    fields = (
        common.OPCODE,
        common.FINAL_FIXED,
        Field("snack_type", "Type", at.AT_FLAGS, 1, at.SNACK_TYPE_MASK, "iscsi.snack.type", words.SNACK_TYPES),
        common.NO_AHS,
        common.NO_DATA,
        replace(common.LUN, valid=common.when("Type is DataACK", snack_type=(words.SNACK_DATA_ACK,))),
        common.INITIATOR_TASK_TAG,
        replace(common.TARGET_TRANSFER_TAG, label="Target Transfer Tag or SNACK Tag"),
        common.EXP_STAT_SN,
        Field("beg_run", "BegRun", at.AT_BEG_RUN, 4, 0, "iscsi.snack.begrun"),
        Field("run_length", "RunLength", at.AT_RUN_LENGTH, 4, 0, "iscsi.snack.runlength"),
    )

    @classmethod
    def summary(cls, pdu: Pdu) -> list[str]:
        retry = pdu.get("snack_type") == words.SNACK_R_DATA
        return [
            *pieces.word(pdu, "snack_type", words.SNACK_TYPES),
            *pieces.tag(pdu, "ITT", "initiator_task_tag"),
            *pieces.tag(pdu, "SNACK Tag" if retry else "TTT", "target_transfer_tag"),
            *pieces.number(pdu, "BegRun", "beg_run"),
            *pieces.number(pdu, "RunLength", "run_length"),
            *pieces.number(pdu, "ExpStatSN", "exp_stat_sn"),
        ]
