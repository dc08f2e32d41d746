"""Commands of block devices (SBC, ZBC) that move no user data: capacity, caches, provisioning, media, zones.

A table, read by cdb.py.
"""

from __future__ import annotations

from typing import Final

from dissectors.fields import Field, Words
from dissectors.scsi.commands import (
    NONE,
    READ,
    WRITE,
    Command,
    allocation,
    blocks,
    family,
    group_number,
    immed,
    lba,
    parameters,
    row,
)
from dissectors.scsi.tables import flag, number

_SYNC_NV = flag("sync_nv", "SYNC_NV", 1, 0x04, "scsi_sbc.synccache.sync_nv")
_SYNC_IMMED = immed(0x02, "scsi_sbc.synccache.immediate")
_DEFECT_FORMATS = Words(
    {
        0: "Short block",
        1: "Extended bytes from index",
        2: "Extended physical sector",
        3: "Long block",
        4: "Bytes from index",
        5: "Physical sector",
        6: "Vendor specific",
    },
    other="Reserved",
)
_POWER_CONDITIONS = Words(
    {
        0x0: "START_VALID",
        0x1: "ACTIVE",
        0x2: "IDLE",
        0x3: "STANDBY",
        0x5: "SLEEP",
        0x7: "LU_CONTROL",
        0xA: "FORCE_IDLE_0",
        0xB: "FORCE_STANDBY_0",
    },
    other="Reserved",
)
_LBA_16 = lba(2, 8, "scsi_sbc.lba64_add")
_START_16 = lba(2, 8, "scsi_sbc.get_lba_status.start_lba", label="Starting logical block address")
_ALLOCATION_16 = allocation(10, 4, "scsi_sbc.alloclen32")
_OBSOLETE_LBA = "Logical block address (obsolete)"
_ZONE = (lba(2, 8, label="Zone ID"), number("zone_count", "Zone count", 12, 2), flag("all", "ALL", 14, 0x01))


def _defects(at: int) -> tuple[Field, ...]:
    return (
        flag("req_plist", "REQ_PLIST", at, 0x10, "scsi_sbc.req_plist"),
        flag("req_glist", "REQ_GLIST", at, 0x08, "scsi_sbc.req_glist"),
        number("defect_list_format", "Defect list format", at, 1, 0x07, "scsi_sbc.defect_list_format", _DEFECT_FORMATS),
    )


_OBSOLETE: Final[dict[int, tuple[str, str]]] = {
    0x29: ("READ GENERATION", READ),
    0x2C: ("ERASE(10)", NONE),
    0x2D: ("READ UPDATED BLOCK(10)", READ),
    0x30: ("SEARCH DATA HIGH(10)", WRITE),
    0x31: ("SEARCH DATA EQUAL(10)", WRITE),
    0x32: ("SEARCH DATA LOW(10)", WRITE),
    0x33: ("SET LIMITS(10)", NONE),
    0x38: ("FORMAT WITH PRESET SCAN", NONE),
    0x3D: ("UPDATE BLOCK", WRITE),
    0xAC: ("ERASE(12)", NONE),
    0xB0: ("SEARCH DATA HIGH(12)", WRITE),
    0xB1: ("SEARCH DATA EQUAL(12)", WRITE),
    0xB2: ("SEARCH DATA LOW(12)", WRITE),
    0xB3: ("SET LIMITS(12)", NONE),
}
"Commands of optical memory, older standards and rare use, known by name only."

COMMANDS: Final[tuple[Command, ...]] = (
    *(row(opcode, name, operation) for opcode, (name, operation) in _OBSOLETE.items()),
    row(0x01, "REZERO UNIT", NONE),
    row(
        0x04,
        "FORMAT UNIT",
        WRITE,
        number("fmtpinfo", "FMTPINFO", 1, 1, 0xC0),
        flag("longlist", "LONGLIST", 1, 0x20, "scsi_sbc.format_unit.longlist"),
        flag("fmtdata", "FMTDATA", 1, 0x10, "scsi_sbc.format_unit.fmtdata"),
        flag("cmplist", "CMPLIST", 1, 0x08, "scsi_sbc.format_unit.cmplist"),
        number("defect_list_format", "Defect list format", 1, 1, 0x07, "scsi_sbc.defect_list_format", _DEFECT_FORMATS),
        number("vendor_specific", "Vendor specific", 2, 1, 0, "scsi_sbc.formatunit.vendor", base="hex"),
        number("interleave", "Interleave (obsolete) and FFMT", 3, 2, 0, "scsi_sbc.formatunit.interleave", base="hex"),
        moves="fmtdata",
    ),
    row(
        0x07,
        "REASSIGN BLOCKS",
        WRITE,
        flag("longlba", "LONGLBA", 1, 0x02, "scsi_sbc.reassignblocks.longlba"),
        flag("longlist", "LONGLIST", 1, 0x01, "scsi_sbc.reassignblocks.longlist"),
    ),
    row(0x0B, "SEEK(6)", NONE, lba(1, 3, "scsi_sbc.rdwr6.lba", 0x1FFFFF)),
    row(0x2B, "SEEK(10)", NONE, lba(2, 4, "scsi_sbc.rdwr10.lba")),
    row(
        0x34,
        "PRE-FETCH(10)",
        NONE,
        immed(0x02, "scsi_sbc.prefetch.immediate"),
        lba(2, 4, "scsi_sbc.rdwr10.lba"),
        group_number(6),
        number("prefetch_length", "Prefetch length", 7, 2, 0, "scsi_sbc.rdwr10.xferlen"),
        to_the_end=True,
    ),
    row(
        0x90,
        "PRE-FETCH(16)",
        NONE,
        immed(0x02, "scsi_sbc.prefetch.immediate"),
        lba(2, 8, "scsi_sbc.rdwr16.lba"),
        number("prefetch_length", "Prefetch length", 10, 4, 0, "scsi_sbc.rdwr12.xferlen"),
        group_number(14),
        to_the_end=True,
    ),
    row(
        0x1B,
        "START STOP UNIT",
        NONE,
        immed(0x01, "scsi_sbc.ssu.immediate"),
        number("power_condition_modifier", "Power condition modifier", 3, 1, 0x0F),
        number("power_condition", "Power condition", 4, 1, 0xF0, "scsi_sbc.ssu.pwr", _POWER_CONDITIONS),
        flag("no_flush", "NO_FLUSH", 4, 0x04),
        flag("loej", "LOEJ", 4, 0x02, "scsi_sbc.ssu.loej"),
        flag("start", "START", 4, 0x01, "scsi_sbc.ssu.start"),
    ),
    row(
        0x25,
        "READ CAPACITY(10)",
        READ,
        number("obsolete_lba", _OBSOLETE_LBA, 2, 4),
        flag("pmi", "PMI (obsolete)", 8, 0x01),
    ),
    row(
        0x35,
        "SYNCHRONIZE CACHE(10)",
        NONE,
        _SYNC_NV,
        _SYNC_IMMED,
        lba(2, 4, "scsi_sbc.rdwr10.lba"),
        group_number(6),
        blocks(7, 2, "scsi_sbc.rdwr10.xferlen"),
        to_the_end=True,
    ),
    row(
        0x36,
        "LOCK UNLOCK CACHE(10)",
        NONE,
        flag("lock", "LOCK", 1, 0x02),
        lba(2, 4),
        blocks(7, 2),
        to_the_end=True,
    ),
    row(
        0x37,
        "READ DEFECT DATA(10)",
        READ,
        *_defects(2),
        allocation(7, 2, "scsi_sbc.alloclen16"),
    ),
    row(
        0x42,
        "UNMAP",
        WRITE,
        flag("anchor", "ANCHOR", 1, 0x01, "scsi_sbc.unmap.anchor"),
        group_number(6),
        parameters(7, 2, "scsi_sbc.alloclen16"),
    ),
    *family(
        0x48,
        "SANITIZE",
        WRITE,
        {0x01: "OVERWRITE", 0x02: "BLOCK ERASE", 0x03: "CRYPTOGRAPHIC ERASE", 0x1F: "EXIT FAILURE MODE"},
        flag("immed", "IMMED", 1, 0x80, "scsi_sbc.sanitize.immed"),
        flag("znr", "ZNR", 1, 0x40),
        flag("ause", "AUSE", 1, 0x20, "scsi_sbc.sanitize.ause"),
        parameters(7, 2, "scsi_sbc.alloclen16"),
        sa_filter="scsi_sbc.sanitize.sa",
        moves="parameter_list_length",
    ),
    row(
        0x91,
        "SYNCHRONIZE CACHE(16)",
        NONE,
        _SYNC_NV,
        _SYNC_IMMED,
        lba(2, 8, "scsi_sbc.rdwr16.lba"),
        blocks(10, 4, "scsi_sbc.rdwr12.xferlen"),
        group_number(14),
        to_the_end=True,
    ),
    row(
        0x92,
        "LOCK UNLOCK CACHE(16)",
        NONE,
        flag("lock", "LOCK", 1, 0x02),
        lba(2, 8),
        blocks(10, 4),
        to_the_end=True,
    ),
    *(
        row(0x94, name, NONE, *_ZONE, sa=action)
        for action, name in (
            (0x01, "CLOSE ZONE"),
            (0x02, "FINISH ZONE"),
            (0x03, "OPEN ZONE"),
            (0x04, "RESET WRITE POINTER"),
            (0x10, "SEQUENTIALIZE ZONE"),
        )
    ),
    row(
        0x95,
        "REPORT ZONES",
        READ,
        lba(2, 8, label="Zone start LBA"),
        allocation(10, 4),
        flag("partial", "PARTIAL", 14, 0x80),
        number("reporting_options", "Reporting options", 14, 1, 0x3F, base="hex"),
        sa=0x00,
    ),
    *(
        row(0x95, name, READ, lba(2, 8, label="Starting LBA"), allocation(10, 4), sa=action)
        for action, name in (
            (0x06, "REPORT REALMS"),
            (0x07, "REPORT ZONE DOMAINS"),
            (0x08, "ZONE ACTIVATE(16)"),
            (0x09, "ZONE QUERY(16)"),
        )
    ),
    row(
        0x9E,
        "READ CAPACITY(16)",
        READ,
        number("obsolete_lba", _OBSOLETE_LBA, 2, 8),
        _ALLOCATION_16,
        flag("pmi", "PMI (obsolete)", 14, 0x01),
        sa=0x10,
    ),
    row(
        0x9E,
        "GET LBA STATUS(16)",
        READ,
        _START_16,
        _ALLOCATION_16,
        number("report_type", "Report type", 14, base="hex"),
        sa=0x12,
    ),
    row(
        0x9E,
        "REPORT REFERRALS",
        READ,
        _LBA_16,
        _ALLOCATION_16,
        flag("one_seg", "ONE_SEG", 14, 0x01),
        sa=0x13,
    ),
    row(
        0x9E,
        "STREAM CONTROL",
        READ,
        number("str_ctl", "STR_CTL", 1, 1, 0x60, "", Words({1: "Open", 2: "Close"}, other="Reserved")),
        number("stream_identifier", "Stream identifier", 4, 2),
        allocation(10, 4),
        sa=0x14,
    ),
    row(
        0x9E,
        "BACKGROUND CONTROL",
        NONE,
        number("bo_ctl", "BO_CTL", 2, 1, 0xC0, "", Words({0: "No change", 1: "Start", 2: "Stop"}, other="Reserved")),
        number("bo_time", "BO_TIME (100 ms)", 3),
        sa=0x15,
    ),
    row(
        0x9E,
        "GET STREAM STATUS",
        READ,
        number("starting_stream_identifier", "Starting stream identifier", 4, 2),
        allocation(10, 4),
        sa=0x16,
    ),
    row(
        0x9E,
        "GET PHYSICAL ELEMENT STATUS",
        READ,
        number("starting_element", "Starting element", 6, 4),
        allocation(10, 4),
        number("filter", "Filter", 14, 1, 0xC0),
        number("report_type", "Report type", 14, 1, 0x0F),
        sa=0x17,
    ),
    row(
        0x9E,
        "REMOVE ELEMENT AND TRUNCATE",
        NONE,
        number("requested_capacity", "Requested capacity", 2, 8),
        number("element_identifier", "Element identifier", 10, 4),
        sa=0x18,
    ),
    row(0x9E, "RESTORE ELEMENTS AND REBUILD", NONE, sa=0x19),
    row(
        0x9E,
        "REMOVE ELEMENT AND MODIFY ZONES",
        NONE,
        number("element_identifier", "Element identifier", 10, 4),
        sa=0x1A,
    ),
    row(
        0x7F,
        "GET LBA STATUS(32)",
        READ,
        number("report_type", "Report type", 10, base="hex"),
        lba(12, 8, label="Starting logical block address"),
        number("scan_length", "Scan length", 20, 4),
        number("element_identifier", "Element identifier", 24, 4),
        allocation(28, 4),
        sa=0x12,
    ),
    row(
        0xB7,
        "READ DEFECT DATA(12)",
        READ,
        *_defects(1),
        number("address_descriptor_index", "Address descriptor index", 2, 4),
        allocation(6, 4, "scsi_sbc.alloclen32"),
    ),
)
