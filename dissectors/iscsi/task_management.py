"""Task Management Function Request and Response."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from dissectors.fields import Field
from dissectors.iscsi import common, pieces, words
from dissectors.iscsi import layout as at
from dissectors.iscsi.base import PduType

if TYPE_CHECKING:
    from dissectors.pdu import Pdu

ABORT_TASK = 1
TASK_REASSIGN = 8
QUERY_TASK = 9
WITH_LUN = (1, 2, 3, 4, 5, 9, 10, 12)
"Functions that address a logical unit; the others address the target or the whole nexus."


class TaskManagementRequest(PduType):
    """A task management function: abort, reset, query. RFC 7143 section 11.5; functions 9 to 12: RFC 7144 section 6."""

    opcode = at.OP_TASK_MANAGEMENT_REQUEST
    name = "Task Management Function Request"
    fields = (
        common.IMMEDIATE,
        common.OPCODE,
        common.FINAL_FIXED,
        Field(
            "function",
            "Function",
            at.AT_FLAGS,
            1,
            at.FUNCTION_MASK,
            "iscsi.taskmanfun.function",
            words.TMF_FUNCTIONS,
        ),
        common.NO_AHS,
        common.NO_DATA,
        replace(common.LUN, valid=common.when("the Function addresses a logical unit", function=WITH_LUN)),
        common.INITIATOR_TASK_TAG,
        Field(
            "referenced_task_tag",
            "Referenced Task Tag",
            at.AT_REFERENCED_TASK_TAG,
            4,
            0,
            "iscsi.taskmanfun.referencedtasktag",
            base="hex",
            default=at.RESERVED_TAG,
        ),
        *common.COMMAND_NUMBERS,
        Field(
            "ref_cmd_sn",
            "RefCmdSN",
            at.AT_REF_CMD_SN,
            4,
            0,
            "iscsi.refcmdsn",
            valid=common.when("Function is ABORT TASK or QUERY TASK", function=(ABORT_TASK, QUERY_TASK)),
        ),
        Field(
            "exp_data_sn",
            "ExpDataSN",
            at.AT_EXP_DATA_SN,
            4,
            0,
            "iscsi.expdatasn",
            valid=common.when("Function is TASK REASSIGN", function=(TASK_REASSIGN,)),
        ),
    )

    @classmethod
    def summary(cls, pdu: Pdu) -> list[str]:
        function = pdu.get("function")
        return [
            *pieces.word(pdu, "function", words.TMF_FUNCTIONS),
            *(pieces.lun(pdu) if function in WITH_LUN else []),
            *pieces.tag(pdu, "of ITT", "referenced_task_tag"),
            *(pieces.number(pdu, "RefCmdSN", "ref_cmd_sn") if function in (ABORT_TASK, QUERY_TASK) else []),
            *pieces.tag(pdu, "ITT", "initiator_task_tag"),
            *pieces.number(pdu, "CmdSN", "cmd_sn"),
            *pieces.immediate(pdu),
        ]


class TaskManagementResponse(PduType):
    """What became of a function. RFC 7143 section 11.6; Additional Response Information: RFC 7144 section 6.4.1."""

    opcode = at.OP_TASK_MANAGEMENT_RESPONSE
    name = "Task Management Function Response"
    fields = (
        common.OPCODE,
        common.FINAL_FIXED,
        Field("response", "Response", at.AT_RESPONSE, 1, 0, "iscsi.taskmanfun.response", words.TMF_RESPONSES),
        common.NO_AHS,
        common.NO_DATA,
        Field(
            "additional_response_information",
            "Additional Response Information",
            at.AT_ADDITIONAL_RESPONSE,
            3,
            0,
            "iscsi.pdu.additional_response_information",
            base="hex",
            valid=common.LEVEL_2,
        ),
        common.INITIATOR_TASK_TAG,
        *common.STATUS_NUMBERS,
    )

    @classmethod
    def summary(cls, pdu: Pdu) -> list[str]:
        return [
            *pieces.word(pdu, "response", words.TMF_RESPONSES),
            *pieces.tag(pdu, "ITT", "initiator_task_tag"),
            *pieces.number(pdu, "StatSN", "stat_sn"),
        ]
