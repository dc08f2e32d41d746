"""The parts of sense data: additional sense code, sense-key specific bytes and sense data descriptors (SPC-5 4.4.2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from dissectors.fields import Node, Words
from dissectors.scsi.asc import asc_name
from dissectors.scsi.sense_key import (
    COPY_ABORTED,
    HARDWARE_ERROR,
    ILLEGAL_REQUEST,
    MEDIUM_ERROR,
    NO_SENSE,
    NOT_READY,
    RECOVERED_ERROR,
    SENSE_KEYS,
    UNIT_ATTENTION,
)
from dissectors.scsi.status import STATUSES
from dissectors.scsi.tables import flag, node, nodes, number, rest, values

DESCRIPTORS: Final = Words(
    {
        0x00: "Information",
        0x01: "Command specific information",
        0x02: "Sense key specific",
        0x03: "Field replaceable unit",
        0x04: "Stream commands",
        0x05: "Block commands",
        0x06: "OSD object identification",
        0x07: "OSD response integrity check value",
        0x08: "OSD attribute identification",
        0x09: "ATA status return",
        0x0A: "Another progress indication",
        0x0B: "User data segment referral",
        0x0C: "Forwarded sense data",
        0x0D: "Direct access block device",
        0x0E: "Device designation",
        0x0F: "Microcode activation",
    },
    ((0x80, 0xFF, "Vendor specific"),),
    "Reserved",
)

_HEAD = (
    number("type", "Descriptor type", 0, 1, 0, "scsi.sns.desc.type", DESCRIPTORS, "hex"),
    number("length", "Additional length", 1, 1, 0, "scsi.sns.desc.length"),
)
_SPECIFIC = "scsi.sns.command_specific_information"
_VALID = flag("valid", "VALID", 2, 0x80)
_ILI = flag("ili", "ILI", 3, 0x20, "scsi.sns.ili")
_FIELDS = {
    0x00: (_VALID, number("information", "Information", 4, 8, base="hex")),
    0x01: (number("command_specific_information", "Command-specific information", 4, 8, 0, _SPECIFIC, base="hex"),),
    0x03: (number("fru", "Field replaceable unit code", 3, 1, 0, "scsi.sns.fru", base="hex"),),
    0x04: (
        flag("filemark", "FILEMARK", 3, 0x80, "scsi.sns.filemark"),
        flag("eom", "EOM", 3, 0x40, "scsi.sns.eom"),
        _ILI,
    ),
    0x05: (_ILI,),
    0x06: (
        number(
            "not_initiated", "Not initiated functions", 8, 4, 0, "scsi.sns.desc.osd_object.not_initiated", None, "hex"
        ),
        number("completed", "Completed functions", 12, 4, 0, "scsi.sns.desc.osd_object.completed", None, "hex"),
        number("partition_id", "Partition id", 16, 8, 0, "scsi.sns.desc.osd_object.partition_id", None, "hex"),
        number("object_id", "Object id", 24, 8, 0, "scsi.sns.desc.osd_object.object_id", None, "hex"),
    ),
    0x09: (
        flag("extend", "EXTEND", 2, 0x01),
        number("error", "Error", 3, base="hex"),
        number("count", "Count", 4, 2),
        number("lba_31_24", "LBA (31:24)", 6, base="hex"),
        number("lba_7_0", "LBA (7:0)", 7, base="hex"),
        number("lba_39_32", "LBA (39:32)", 8, base="hex"),
        number("lba_15_8", "LBA (15:8)", 9, base="hex"),
        number("lba_47_40", "LBA (47:40)", 10, base="hex"),
        number("lba_23_16", "LBA (23:16)", 11, base="hex"),
        number("device", "Device", 12, base="hex"),
        number("status", "Status", 13, base="hex"),
    ),
    0x0A: (
        number("another_sense_key", "Another sense key", 2, words=Words(SENSE_KEYS)),
        number("another_asc", "Another additional sense code", 3, base="hex"),
        number("another_ascq", "Another additional sense code qualifier", 4, base="hex"),
        number("progress", "Progress indication", 6, 2),
    ),
    0x0B: (flag("not_all_r", "NOT_ALL_R", 2, 0x01),),
    0x0C: (
        flag("fsdt", "FSDT", 2, 0x80),
        number("source", "Sense data source", 2, 1, 0x0F),
        number("forwarded_status", "Forwarded status", 3, 1, 0, "", Words(STATUSES), "hex"),
    ),
    0x0D: (
        _VALID,
        flag("ili", "ILI", 2, 0x20),
        number("fru", "Field replaceable unit code", 7, base="hex"),
        number("information", "Information", 8, 8, base="hex"),
        number("command_specific_information", "Command-specific information", 16, 8, 0, _SPECIFIC, base="hex"),
    ),
    0x0E: (
        number(
            "usage",
            "Descriptor usage reason",
            2,
            words=Words({1: "Preferred LU", 2: "Logical unit of a binding"}, other="unknown"),
        ),
    ),
    0x0F: (number("activation_time", "Microcode activation time (s)", 6, 2),),
}
# Where the bytes that _FIELDS does not describe begin.
_TAIL = {0x0B: 4, 0x0C: 4, 0x0E: 4}

_ASC = number("asc", "Additional sense code", 0, 1, 0, "scsi.sns.asc", base="hex")
_ASCQ = number("ascq", "Additional sense code qualifier", 1, 1, 0, "scsi.sns.ascq", base="hex")
_FRU = number("fru", "Field replaceable unit code", 0, 1, 0, "scsi.sns.fru", base="hex")
_SKSV = flag("sksv", "SKSV", 0, 0x80, "scsi.sns.sksv")
_BIT_POINTER = (
    number("bpv", "Bit pointer valid", 0, 3, 0x080000, "scsi.sns.sks.fp.bpv"),
    number("bit_pointer", "Bit pointer", 0, 3, 0x070000, "scsi.sns.sks.fp.bit"),
    number("field_pointer", "Field pointer", 0, 3, 0x00FFFF, "scsi.sns.sks.fp.field"),
)
_IN_CDB = number("cd", "Command/data", 0, 3, 0x400000, "scsi.sns.sks.fp.cd", Words({0: "Parameter data", 1: "CDB"}))
_SEGMENT = number("sd", "Segment descriptor", 0, 3, 0x200000)
_COUNT = number("actual_retry_count", "Actual retry count", 1, 2)
_PROGRESS = number("progress", "Progress indication", 1, 2)
_OVERFLOW = flag("overflow", "Unit attention condition queue overflow", 0, 0x01)


@dataclass(slots=True)
class Facts:
    """What a descriptor adds to the one-line meaning of the sense data."""

    information: int | None = None
    command_specific: int | None = None
    fru: int = 0
    detail: str = ""


def named(data: bytes, at: int, end: int) -> Node:
    """ASC and ASCQ at data[at:at + 2] with their words; the ASC alone if the qualifier is missing."""
    parts = nodes((_ASC, _ASCQ), data, at, end)
    result = Node("Additional sense code", None, "", at, len(parts), 0, "", parts)
    if len(parts) == 2:
        result.value = data[at] << 8 | data[at + 1]
        result.text = f"{asc_name(data[at], data[at + 1])} (0x{result.value:04x})"
        result.filter = "scsi.sns.ascascq"
    return result


def fru_of(data: bytes, at: int) -> Node:
    """The field replaceable unit code at data[at]."""
    return node(_FRU, data, at)


def key_specific(data: bytes, at: int, key: int) -> Node:
    """The three sense-key specific bytes at `at`; what they mean depends on the sense key. Valid only with SKSV."""
    value = int.from_bytes(data[at : at + 3], "big")
    result = Node("Sense key specific", value & 0x7FFFFF, "not valid", at, 3, 0x7FFFFF, "scsi.sns.sks_info")
    result.children = [node(_SKSV, data, at)]
    if not value >> 23:
        return result
    low = value & 0xFFFF
    if key in (ILLEGAL_REQUEST, COPY_ABORTED):
        fields = (_IN_CDB if key == ILLEGAL_REQUEST else _SEGMENT, *_BIT_POINTER)
        bit = f", bit {value >> 16 & 7}" if value & 0x080000 else ""
        if key == ILLEGAL_REQUEST:
            where = "CDB" if value & 0x400000 else "parameter data"
        else:
            where = "segment descriptor" if value & 0x200000 else "parameter list"
        result.text = f"field pointer: {where} byte {low}{bit}"
        result.children += nodes(fields, data, at)
    elif key in (RECOVERED_ERROR, MEDIUM_ERROR, HARDWARE_ERROR):
        result.text = f"{low} retries"
        result.children += nodes((_COUNT,), data, at)
    elif key in (NO_SENSE, NOT_READY):
        result.text = f"progress {low * 100 / 65536:.1f} %"
        result.children += nodes((_PROGRESS,), data, at)
    elif key == UNIT_ATTENTION:
        result.text = "unit attention queue overflow" if value >> 16 & 1 else "no unit attention queue overflow"
        result.children += nodes((_OVERFLOW,), data, at)
    else:
        result.text = f"0x{value & 0x7FFFFF:06x}"
    return result


def descriptor_nodes(data: bytes, at: int, end: int, key: int) -> tuple[Node, Facts]:
    """The descriptor whose type byte is data[at]; its additional length byte must be there too.

    `end` is where the sense data ends, `key` its sense key.
    """
    kind = data[at]
    stop = min(end, at + 2 + data[at + 1])
    result = Node(f"{DESCRIPTORS(kind)} descriptor", None, "", at, stop - at, 0, "", nodes(_HEAD, data, at))
    facts = Facts()
    fields = _FIELDS.get(kind, ())
    result.children += nodes(fields, data, at, stop)
    found = values(fields, data, at, stop)
    information, fru = found.get("information"), found.get("fru")
    specific = found.get("command_specific_information")
    if isinstance(information, int) and found.get("valid"):
        facts.information = information
    if isinstance(specific, int):
        facts.command_specific = specific or None
    if isinstance(fru, int):
        facts.fru = fru
    if kind in (0x02, 0x0D) and at + 7 <= stop:
        pointer = key_specific(data, at + 4, key)
        result.children.append(pointer)
        facts.detail = pointer.text if data[at + 4] & 0x80 else ""
    if kind == 0x09 and at + 14 <= stop:
        facts.detail = f"ATA status 0x{data[at + 13]:02x}, error 0x{data[at + 3]:02x}"
    if kind not in _FIELDS and kind != 0x02:
        result.children += rest("Data", data, at + 2, stop)
    elif kind in _TAIL:
        result.children += rest("Data", data, at + _TAIL[kind], stop)
    result.text = facts.detail
    return result, facts
