"""Header fields that several PDU types share, declared once each (RFC 7143 section 11.2.1)."""

from __future__ import annotations

from dataclasses import replace

from dissectors.fields import BYTES, FLAG, GROUP, Field, When, Words
from dissectors.iscsi import layout as at
from dissectors.iscsi import words

_TTT_GIVEN = When(
    "Target Transfer Tag is not 0xffffffff", none_of=(("target_transfer_tag", frozenset((at.RESERVED_TAG,))),)
)

IMMEDIATE = Field("immediate", "I", at.AT_OPCODE, 1, at.IMMEDIATE_MASK, "iscsi.I", words.IMMEDIATE, kind=FLAG)
OPCODE = Field("opcode", "Opcode", at.AT_OPCODE, 1, at.OPCODE_MASK, "iscsi.opcode", words.OPCODES, "hex")
FLAGS = Field("flags", "Flags", at.AT_FLAGS, 1, 0, "iscsi.flags", base="hex", kind=GROUP)
FINAL_FIXED = Field(
    "final", "F", at.AT_FLAGS, 1, at.FINAL_MASK, "iscsi.pdu.F", words.FINAL_FIXED, kind=FLAG, fixed=1, default=1
)
TOTAL_AHS_LENGTH = Field("total_ahs_length", "TotalAHSLength", at.AT_TOTAL_AHS_LENGTH, 1, 0, "iscsi.totalahslength")
DATA_SEGMENT_LENGTH = Field(
    "data_segment_length", "DataSegmentLength", at.AT_DATA_SEGMENT_LENGTH, 3, 0, "iscsi.datasegmentlength"
)
NO_AHS = replace(TOTAL_AHS_LENGTH, fixed=0)
NO_DATA = replace(DATA_SEGMENT_LENGTH, fixed=0)

LUN = Field("lun", "LUN", at.AT_LUN, 8, 0, "scsi.lun", base="hex")
LUN_WITH_TAG = replace(LUN, valid=_TTT_GIVEN)
INITIATOR_TASK_TAG = Field(
    "initiator_task_tag", "Initiator Task Tag", at.AT_INITIATOR_TASK_TAG, 4, 0, "iscsi.initiatortasktag", base="hex"
)
NO_TASK_TAG = replace(INITIATOR_TASK_TAG, fixed=at.RESERVED_TAG, default=at.RESERVED_TAG)
TARGET_TRANSFER_TAG = Field(
    "target_transfer_tag",
    "Target Transfer Tag",
    at.AT_TARGET_TRANSFER_TAG,
    4,
    0,
    "iscsi.targettransfertag",
    base="hex",
    default=at.RESERVED_TAG,
)

CMD_SN = Field("cmd_sn", "CmdSN", at.AT_CMD_SN, 4, 0, "iscsi.cmdsn")
EXP_STAT_SN = Field("exp_stat_sn", "ExpStatSN", at.AT_EXP_STAT_SN, 4, 0, "iscsi.expstatsn")
STAT_SN = Field("stat_sn", "StatSN", at.AT_STAT_SN, 4, 0, "iscsi.statsn")
EXP_CMD_SN = Field("exp_cmd_sn", "ExpCmdSN", at.AT_EXP_CMD_SN, 4, 0, "iscsi.expcmdsn")
MAX_CMD_SN = Field("max_cmd_sn", "MaxCmdSN", at.AT_MAX_CMD_SN, 4, 0, "iscsi.maxcmdsn")
COMMAND_NUMBERS = (CMD_SN, EXP_STAT_SN)
STATUS_NUMBERS = (STAT_SN, EXP_CMD_SN, MAX_CMD_SN)

CID = Field("cid", "CID", at.AT_CID, 2, 0, "iscsi.cid")
BUFFER_OFFSET = Field("buffer_offset", "Buffer Offset", at.AT_BUFFER_OFFSET, 4, 0, "iscsi.bufferOffset")
STATUS = Field("status", "Status", at.AT_STATUS, 1, 0, "iscsi.scsiresponse.status", words.SCSI_STATUS, "hex")
CDB = Field("cdb", "CDB", at.AT_CDB, at.CDB_LENGTH, 0, "", kind=BYTES)


def flag(
    name: str, label: str, mask: int, filter_name: str, table: Words = words.SET, valid: When | None = None
) -> Field:
    """A flag of byte 1."""
    return Field(name, label, at.AT_FLAGS, 1, mask, filter_name, table, kind=FLAG, valid=valid)


def when(text: str, **fields: tuple[int, ...]) -> When:
    """The condition that at least one of the named fields has one of the values given for it."""
    return When(text, any_of=tuple((name, frozenset(values)) for name, values in fields.items()))


LEVEL_2 = When("iSCSIProtocolLevel 2 or more was negotiated")
