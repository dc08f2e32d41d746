"""Logout Request and Logout Response."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from dissectors.fields import Field
from dissectors.iscsi import common, pieces, words
from dissectors.iscsi import layout as at
from dissectors.iscsi.base import PduType

if TYPE_CHECKING:
    from dissectors.pdu import Pdu

CLOSE_SESSION = 0
_OF_CONNECTION = common.when("Reason Code is not 0, close the session", reason_code=tuple(range(1, 0x80)))


class LogoutRequest(PduType):
    """The initiator ends a connection or its session. RFC 7143 section 11.14."""

    opcode = at.OP_LOGOUT_REQUEST
    name = "Logout Request"
    fields = (
        common.IMMEDIATE,
        common.OPCODE,
        common.FINAL_FIXED,
        Field(
            "reason_code",
            "Reason Code",
            at.AT_FLAGS,
            1,
            at.REASON_CODE_MASK,
            "iscsi.logout.reason",
            words.LOGOUT_REASONS,
        ),
        common.NO_AHS,
        common.NO_DATA,
        common.INITIATOR_TASK_TAG,
        replace(common.CID, valid=_OF_CONNECTION),
        *common.COMMAND_NUMBERS,
    )

    @classmethod
    def summary(cls, pdu: Pdu) -> list[str]:
        return [
            *pieces.word(pdu, "reason_code", words.LOGOUT_REASONS),
            *(pieces.number(pdu, "CID", "cid") if pdu.get("reason_code") != CLOSE_SESSION else []),
            *pieces.tag(pdu, "ITT", "initiator_task_tag"),
            *pieces.number(pdu, "CmdSN", "cmd_sn"),
            *pieces.immediate(pdu),
        ]


class LogoutResponse(PduType):
    """How the logout went, and how long to wait and to remember. RFC 7143 section 11.15."""

    opcode = at.OP_LOGOUT_RESPONSE
    name = "Logout Response"
    fields = (
        common.OPCODE,
        common.FINAL_FIXED,
        Field("response", "Response", at.AT_RESPONSE, 1, 0, "iscsi.logout.response", words.LOGOUT_RESPONSES),
        common.NO_AHS,
        common.NO_DATA,
        common.INITIATOR_TASK_TAG,
        *common.STATUS_NUMBERS,
        Field("time2wait", "Time2Wait", at.AT_TIME2WAIT, 2, 0, "iscsi.time2wait"),
        Field("time2retain", "Time2Retain", at.AT_TIME2RETAIN, 2, 0, "iscsi.time2retain"),
    )

    @classmethod
    def summary(cls, pdu: Pdu) -> list[str]:
        return [
            *pieces.word(pdu, "response", words.LOGOUT_RESPONSES),
            *pieces.tag(pdu, "ITT", "initiator_task_tag"),
            *pieces.number(pdu, "StatSN", "stat_sn"),
            *pieces.number(pdu, "Time2Wait", "time2wait"),
            *pieces.number(pdu, "Time2Retain", "time2retain"),
        ]
