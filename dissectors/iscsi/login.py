"""Login Request and Login Response."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from dissectors.fields import GROUP, Field, Node
from dissectors.iscsi import common, pieces, words
from dissectors.iscsi import layout as at
from dissectors.iscsi.base import PduType, Segment
from dissectors.iscsi.isid import isid_nodes, parse_isid
from dissectors.iscsi.text_segment import text_segment

if TYPE_CHECKING:
    from dissectors.pdu import Pdu

_SUCCESS = common.when("Status-Class is 0", status_class=(0,))

_CONTINUE = common.flag("continued", "C", at.CONTINUE_MASK, "iscsi.login.C", words.CONTINUE)
_CSG = Field("csg", "CSG", at.AT_FLAGS, 1, at.CSG_MASK, "iscsi.login.csg", words.LOGIN_STAGES)
_NSG = Field(
    "nsg",
    "NSG",
    at.AT_FLAGS,
    1,
    at.NSG_MASK,
    "iscsi.login.nsg",
    words.LOGIN_STAGES,
    valid=common.when("T is 1", transit=(1,)),
)
_VERSION_MAX = Field("version_max", "Version-max", at.AT_VERSION_MAX, 1, 0, "iscsi.versionmax", base="hex")
_ISID = Field("isid", "ISID", at.AT_ISID, 6, 0, "iscsi.isid", base="hex")
_TSIH = Field("tsih", "TSIH", at.AT_TSIH, 2, 0, "iscsi.tsih", base="hex")


class _Login(PduType):
    """What both directions share."""

    text = True
    data_label = "Text"

    @classmethod
    def explain(cls, row: Field, node: Node, pdu: Pdu) -> None:
        isid = pdu.get("isid")
        if row.name == "isid" and isid is not None:
            node.text += f" ({parse_isid(isid).text})"
            node.children = isid_nodes(isid)

    @classmethod
    def segment(cls, pdu: Pdu, secrets: bool) -> Segment:
        return text_segment(pdu, secrets)


class LoginRequest(_Login):
    """The initiator negotiates a connection and its session. RFC 7143 section 11.12."""

    opcode = at.OP_LOGIN_REQUEST
    name = "Login Request"
    fields = (
        replace(common.IMMEDIATE, fixed=1, default=1),
        common.OPCODE,
        common.flag("transit", "T", at.TRANSIT_MASK, "iscsi.login.T", words.TRANSIT),
        _CONTINUE,
        _CSG,
        _NSG,
        _VERSION_MAX,
        Field("version_min", "Version-min", at.AT_VERSION_MIN, 1, 0, "iscsi.versionmin", base="hex"),
        common.NO_AHS,
        common.DATA_SEGMENT_LENGTH,
        _ISID,
        _TSIH,
        common.INITIATOR_TASK_TAG,
        common.CID,
        *common.COMMAND_NUMBERS,
    )

    @classmethod
    def summary(cls, pdu: Pdu) -> list[str]:
        return [
            *_stages(pdu),
            *_session(pdu),
            *pieces.number(pdu, "CID", "cid"),
            *pieces.tag(pdu, "ITT", "initiator_task_tag"),
            *pieces.number(pdu, "CmdSN", "cmd_sn"),
            *pieces.length(pdu, "text"),
        ]


class LoginResponse(_Login):
    """The target's side of the login, and its verdict. RFC 7143 section 11.13."""

    opcode = at.OP_LOGIN_RESPONSE
    name = "Login Response"
    fields = (
        common.OPCODE,
        common.flag("transit", "T", at.TRANSIT_MASK, "iscsi.login.T", words.TRANSIT, _SUCCESS),
        _CONTINUE,
        _CSG,
        _NSG,
        _VERSION_MAX,
        Field("version_active", "Version-active", at.AT_VERSION_ACTIVE, 1, 0, "iscsi.versionactive", base="hex"),
        common.NO_AHS,
        common.DATA_SEGMENT_LENGTH,
        _ISID,
        _TSIH,
        common.INITIATOR_TASK_TAG,
        *(replace(row, valid=_SUCCESS) for row in common.STATUS_NUMBERS),
        Field(
            "login_status", "Status", at.AT_STATUS_CLASS, 2, 0, "iscsi.login.status", words.LOGIN_STATUS, "hex", GROUP
        ),
        Field(
            "status_class",
            "Status-Class",
            at.AT_STATUS_CLASS,
            1,
            0,
            "iscsi.pdu.status_class",
            words.LOGIN_STATUS_CLASSES,
            "hex",
        ),
        Field("status_detail", "Status-Detail", at.AT_STATUS_DETAIL, 1, 0, "iscsi.pdu.status_detail", base="hex"),
    )

    @classmethod
    def summary(cls, pdu: Pdu) -> list[str]:
        status_class, detail = pdu.get("status_class"), pdu.get("status_detail")
        status = []
        if status_class is not None and detail is not None:
            code = status_class << 8 | detail
            status = [words.LOGIN_STATUS(code) + (f" (0x{code:04x})" if code else "")]
        return [
            *status,
            *([] if status_class else _stages(pdu)),
            *_session(pdu),
            *pieces.tag(pdu, "ITT", "initiator_task_tag"),
            *pieces.number(pdu, "StatSN", "stat_sn"),
            *pieces.length(pdu, "text"),
        ]


def _stages(pdu: Pdu) -> list[str]:
    """`T SecurityNegotiation->FullFeaturePhase`, or the current stage alone."""
    csg, nsg = pdu.get("csg"), pdu.get("nsg")
    if csg is None or nsg is None:
        return []
    flags = pieces.flags(pdu, ("T", "transit"), ("C", "continued"))
    stage = words.LOGIN_STAGES(csg)
    return [*flags, f"{stage}->{words.LOGIN_STAGES(nsg)}" if pdu.get("transit") else stage]


def _session(pdu: Pdu) -> list[str]:
    isid, tsih = pdu.get("isid"), pdu.get("tsih")
    return [] if isid is None or tsih is None else [f"ISID {isid:012x} TSIH {tsih}"]
