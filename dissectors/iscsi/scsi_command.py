"""SCSI Command and SCSI Response."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from dissectors.fields import Field, Node, When
from dissectors.iscsi import common, pieces, scsi_parts, words
from dissectors.iscsi import layout as at
from dissectors.iscsi.base import PduType, Segment
from dissectors.iscsi.sense_segment import first_sense, sense_segment

if TYPE_CHECKING:
    from dissectors.pdu import Pdu


class ScsiCommand(PduType):
    """A SCSI command with its CDB, perhaps with immediate data. RFC 7143 section 11.3; PRI: RFC 7144 section 5.1."""

    opcode = at.OP_SCSI_COMMAND
    name = "SCSI Command"
    data_label = "ImmediateData"
    data_filter = "iscsi.immediatedata"
    fields = (
        common.IMMEDIATE,
        common.OPCODE,
        common.FLAGS,
        common.flag("final", "F", at.FINAL_MASK, "iscsi.scsicommand.F", words.FINAL),
        common.flag("read", "R", at.READ_MASK, "iscsi.scsicommand.R"),
        common.flag("write", "W", at.WRITE_MASK, "iscsi.scsicommand.W"),
        Field("attr", "ATTR", at.AT_FLAGS, 1, at.ATTR_MASK, "iscsi.scsicommand.attr", words.TASK_ATTRIBUTES),
        Field("pri", "PRI", at.AT_PRI, 1, at.PRI_MASK, "iscsi.pdu.pri", valid=common.LEVEL_2),
        common.TOTAL_AHS_LENGTH,
        common.DATA_SEGMENT_LENGTH,
        common.LUN,
        common.INITIATOR_TASK_TAG,
        Field(
            "expected_data_transfer_length",
            "Expected Data Transfer Length",
            at.AT_EXPECTED_DATA_TRANSFER_LENGTH,
            4,
            0,
            "iscsi.scsicommand.expecteddatatransferlength",
        ),
        *common.COMMAND_NUMBERS,
        common.CDB,
    )

    @classmethod
    def explain(cls, row: Field, node: Node, pdu: Pdu) -> None:
        if row.name == "cdb":
            parts = scsi_parts.cdb_node(pdu)
            node.text, node.children, node.problem = parts.text, parts.children, parts.problem

    @classmethod
    def segment(cls, pdu: Pdu, secrets: bool) -> Segment:
        return scsi_parts.data_out(pdu, pdu.cdb, 0, cls.data_label, cls.data_filter)

    @classmethod
    def summary(cls, pdu: Pdu) -> list[str]:
        name, details = scsi_parts.cdb_summary(pdu)
        return [
            *([name] if name else []),
            *pieces.lun(pdu),
            *([details] if details else []),
            *pieces.tag(pdu, "ITT", "initiator_task_tag"),
            *pieces.number(pdu, "CmdSN", "cmd_sn"),
            *pieces.number(pdu, "EDTL", "expected_data_transfer_length"),
            *pieces.immediate(pdu),
            *pieces.length(pdu, "immediate data"),
        ]


_COMPLETED = common.when("Response is 0x00, command completed at target", response=(0,))
_RESIDUAL = common.when("O or U is set", residual_overflow=(1,), residual_underflow=(1,))
_BIDI_RESIDUAL = common.when(
    "o or u is set", bidirectional_read_residual_overflow=(1,), bidirectional_read_residual_underflow=(1,)
)


class ScsiResponse(PduType):
    """How a SCSI command ended. RFC 7143 section 11.4; Status Qualifier: RFC 7144 section 5.2."""

    opcode = at.OP_SCSI_RESPONSE
    name = "SCSI Response"
    fields = (
        common.OPCODE,
        common.FLAGS,
        common.FINAL_FIXED,
        common.flag("bidirectional_read_residual_overflow", "o", at.BIDI_OVERFLOW_MASK, "iscsi.scsiresponse.o"),
        common.flag("bidirectional_read_residual_underflow", "u", at.BIDI_UNDERFLOW_MASK, "iscsi.scsiresponse.u"),
        common.flag("residual_overflow", "O", at.OVERFLOW_MASK, "iscsi.scsiresponse.O"),
        common.flag("residual_underflow", "U", at.UNDERFLOW_MASK, "iscsi.scsiresponse.U"),
        Field("response", "Response", at.AT_RESPONSE, 1, 0, "iscsi.scsiresponse.response", words.SCSI_RESPONSES, "hex"),
        replace(common.STATUS, valid=_COMPLETED),
        common.NO_AHS,
        common.DATA_SEGMENT_LENGTH,
        Field(
            "status_qualifier",
            "Status Qualifier",
            at.AT_STATUS_QUALIFIER,
            2,
            0,
            "iscsi.pdu.status_qualifier",
            base="hex",
            valid=common.LEVEL_2,
        ),
        common.INITIATOR_TASK_TAG,
        Field(
            "snack_tag",
            "SNACK Tag",
            at.AT_SNACK_TAG,
            4,
            0,
            "iscsi.pdu.snack_tag",
            base="hex",
            valid=When("an R-Data SNACK was accepted for the task"),
        ),
        *common.STATUS_NUMBERS,
        Field("exp_data_sn", "ExpDataSN", at.AT_EXP_DATA_SN, 4, 0, "iscsi.expdatasn"),
        Field(
            "bidirectional_read_residual_count",
            "Bidirectional Read Residual Count",
            at.AT_BIDI_RESIDUAL_COUNT,
            4,
            0,
            "iscsi.scsiresponse.bidireadresidualcount",
            valid=_BIDI_RESIDUAL,
        ),
        Field(
            "residual_count",
            "Residual Count",
            at.AT_RESIDUAL_COUNT,
            4,
            0,
            "iscsi.scsiresponse.residualcount",
            valid=_RESIDUAL,
        ),
    )

    @classmethod
    def segment(cls, pdu: Pdu, secrets: bool) -> Segment:
        return sense_segment(pdu.data, "Response Data", "")

    @classmethod
    def summary(cls, pdu: Pdu) -> list[str]:
        completed = pdu.get("response") == 0
        return [
            *(pieces.word(pdu, "status", words.SCSI_STATUS) if completed else []),
            *([] if completed else pieces.word(pdu, "response", words.SCSI_RESPONSES)),
            *first_sense(pdu.data),
            *pieces.tag(pdu, "ITT", "initiator_task_tag"),
            *pieces.number(pdu, "StatSN", "stat_sn"),
            *pieces.residual(pdu),
        ]
