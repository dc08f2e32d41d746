"""Data-Out, Data-In and R2T: the payload of SCSI commands and the permission to send it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from dissectors.fields import Field
from dissectors.iscsi import common, pieces, scsi_parts, words
from dissectors.iscsi import layout as at
from dissectors.iscsi.base import PduType, Segment

if TYPE_CHECKING:
    from dissectors.pdu import Pdu

_STATUS_PRESENT = common.when("S is 1", has_status=(1,))
_ACKNOWLEDGE = common.when("A is 1", acknowledge=(1,))
_DATA_SN = Field("data_sn", "DataSN", at.AT_DATA_SN, 4, 0, "iscsi.datasn")


class DataOut(PduType):
    """Data that a SCSI command writes. RFC 7143 section 11.7."""

    opcode = at.OP_DATA_OUT
    name = "SCSI Data-Out"
    fields = (
        common.OPCODE,
        common.FLAGS,
        common.flag("final", "F", at.FINAL_MASK, "iscsi.scsidata.F", words.FINAL),
        common.NO_AHS,
        common.DATA_SEGMENT_LENGTH,
        common.LUN_WITH_TAG,
        common.INITIATOR_TASK_TAG,
        common.TARGET_TRANSFER_TAG,
        common.EXP_STAT_SN,
        _DATA_SN,
        common.BUFFER_OFFSET,
    )

    @classmethod
    def segment(cls, pdu: Pdu, secrets: bool) -> Segment:
        return scsi_parts.data_out(pdu, pdu.context.cdb, pdu.get("buffer_offset"), cls.data_label, cls.data_filter)

    @classmethod
    def summary(cls, pdu: Pdu) -> list[str]:
        unsolicited = pdu.get("target_transfer_tag") == at.RESERVED_TAG
        return [
            *(["unsolicited"] if unsolicited else []),
            *_place(pdu),
            *pieces.tag(pdu, "TTT", "target_transfer_tag"),
            *pieces.flags(pdu, ("F", "final")),
        ]


class DataIn(PduType):
    """Data that a SCSI command reads; may carry the command's good status. RFC 7143 section 11.7."""

    opcode = at.OP_DATA_IN
    name = "SCSI Data-In"
    fields = (
        common.OPCODE,
        common.FLAGS,
        common.flag("final", "F", at.FINAL_MASK, "iscsi.scsidata.F", words.FINAL),
        common.flag("acknowledge", "A", at.ACKNOWLEDGE_MASK, "iscsi.scsidata.A"),
        common.flag("residual_overflow", "O", at.OVERFLOW_MASK, "iscsi.scsidata.O", valid=_STATUS_PRESENT),
        common.flag("residual_underflow", "U", at.UNDERFLOW_MASK, "iscsi.scsidata.U", valid=_STATUS_PRESENT),
        common.flag("has_status", "S", at.STATUS_MASK, "iscsi.scsidata.S"),
        replace(common.STATUS, valid=_STATUS_PRESENT),
        common.NO_AHS,
        common.DATA_SEGMENT_LENGTH,
        replace(common.LUN, valid=_ACKNOWLEDGE),
        common.INITIATOR_TASK_TAG,
        replace(common.TARGET_TRANSFER_TAG, valid=_ACKNOWLEDGE),
        replace(common.STAT_SN, valid=_STATUS_PRESENT),
        common.EXP_CMD_SN,
        common.MAX_CMD_SN,
        _DATA_SN,
        common.BUFFER_OFFSET,
        Field(
            "residual_count",
            "Residual Count",
            at.AT_RESIDUAL_COUNT,
            4,
            0,
            "iscsi.scsidata.readresidualcount",
            valid=_STATUS_PRESENT,
        ),
    )

    @classmethod
    def segment(cls, pdu: Pdu, secrets: bool) -> Segment:
        return scsi_parts.data_in(pdu, cls.data_label, cls.data_filter)

    @classmethod
    def summary(cls, pdu: Pdu) -> list[str]:
        closing = bool(pdu.get("has_status"))
        return [
            *_place(pdu),
            *pieces.flags(pdu, ("F", "final"), ("A", "acknowledge"), ("S", "has_status")),
            *(pieces.tag(pdu, "TTT", "target_transfer_tag") if pdu.get("acknowledge") else []),
            *(pieces.word(pdu, "status", words.SCSI_STATUS) if closing else []),
            *(pieces.number(pdu, "StatSN", "stat_sn") if closing else []),
            *(pieces.residual(pdu) if closing else []),
        ]


class R2t(PduType):
    """The target asks for a stretch of the data that a command writes. RFC 7143 section 11.8."""

    opcode = at.OP_R2T
    name = "R2T"
    fields = (
        common.OPCODE,
        common.FINAL_FIXED,
        common.NO_AHS,
        common.NO_DATA,
        common.LUN,
        common.INITIATOR_TASK_TAG,
        common.TARGET_TRANSFER_TAG,
        *common.STATUS_NUMBERS,
        Field("r2t_sn", "R2TSN", at.AT_R2T_SN, 4, 0, "iscsi.r2tsn"),
        common.BUFFER_OFFSET,
        Field(
            "desired_data_transfer_length",
            "Desired Data Transfer Length",
            at.AT_DESIRED_LENGTH,
            4,
            0,
            "iscsi.desireddatalength",
        ),
    )

    @classmethod
    def summary(cls, pdu: Pdu) -> list[str]:
        return [
            *pieces.lun(pdu),
            *pieces.tag(pdu, "ITT", "initiator_task_tag"),
            *pieces.tag(pdu, "TTT", "target_transfer_tag"),
            *pieces.number(pdu, "R2TSN", "r2t_sn"),
            *pieces.number(pdu, "offset", "buffer_offset"),
            *pieces.number(pdu, "len", "desired_data_transfer_length"),
        ]


def _place(pdu: Pdu) -> list[str]:
    """Which task's data this is, and which part of it."""
    return [
        *pieces.tag(pdu, "ITT", "initiator_task_tag"),
        *pieces.number(pdu, "DataSN", "data_sn"),
        *pieces.number(pdu, "offset", "buffer_offset"),
        *pieces.number(pdu, "len", "data_segment_length"),
    ]
