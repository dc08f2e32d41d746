"""Commands for all device types (SPC), with the ATA PASS-THROUGH commands of SAT. A table, read by cdb.py."""

from __future__ import annotations

from typing import Final

from dissectors.fields import Field, Words
from dissectors.scsi import spc_words as words
from dissectors.scsi.commands import (
    NONE,
    OTHER,
    READ,
    WRITE,
    Command,
    allocation,
    family,
    parameters,
    row,
)
from dissectors.scsi.tables import flag, number, octets

_PF = flag("pf", "PF", 1, 0x10)
_SP = flag("sp", "SP", 1, 0x01)
_RTD = flag("rtd", "RTD", 1, 0x02)
_DBD = flag("dbd", "DBD", 1, 0x08)
_MODE_PAGE = (
    number("page_control", "Page control", 2, 1, 0xC0, "scsi.mode.pc", words.PAGE_CONTROLS),
    number("page_code", "Page code", 2, 1, 0x3F, "scsi.mode.sbc.pagecode", words.MODE_PAGES, "hex"),
    number("subpage_code", "Subpage code", 3, 1, 0, "scsi.mode.spc.subpagecode", base="hex"),
)
_LOG_PAGE = (
    number("page_control", "Page control", 2, 1, 0xC0, "scsi.log.pc", words.LOG_PAGE_CONTROLS),
    number("page_code", "Page code", 2, 1, 0x3F, "scsi.log.pagecode", words.LOG_PAGES, "hex"),
    number("subpage_code", "Subpage code", 3, base="hex"),
)
_RESERVE_6 = (
    flag("third_party", "3RDPTY", 1, 0x10),
    number("third_party_id", "Third-party device ID", 1, 1, 0x0E),
    flag("extent", "EXTENT", 1, 0x01),
    number("reservation_id", "Reservation identification", 2),
)
_RESERVE_10 = (
    flag("third_party", "3RDPTY", 1, 0x10),
    flag("long_id", "LONGID", 1, 0x02),
    flag("extent", "EXTENT", 1, 0x01),
    number("reservation_id", "Reservation identification", 2),
    number("third_party_id", "Third-party device ID", 3),
    parameters(7, 2, "scsi.cdb.paramlen16"),
)


def _buffer(modes: Words, length: Field) -> tuple[Field, ...]:
    return (
        number("mode_specific", "Mode specific", 1, 1, 0xE0),
        number("mode", "Mode", 1, 1, 0x1F, "scsi.spc.wb.mode", modes, "hex"),
        number("buffer_id", "Buffer ID", 2, 1, 0, "scsi.spc.sb.bufid"),
        number("buffer_offset", "Buffer offset", 3, 3, 0, "scsi.spc.wb.bufoff", base="hex"),
        length,
    )


def _security(length: Field) -> tuple[Field, ...]:
    return (
        number("security_protocol", "Security protocol", 1, 1, 0, "", words.SECURITY_PROTOCOLS, "hex"),
        number("security_protocol_specific", "Security protocol specific", 2, 2, base="hex"),
        flag("inc_512", "INC_512", 4, 0x80),
        length,
    )


_ALLOCATION_6 = allocation(6, 4, "scsi.cdb.alloclen32")
_ALLOCATION_10 = allocation(10, 4)

_ATA_PROTOCOLS = Words(
    {
        0: "Hard reset",
        1: "Software reset",
        3: "Non-data",
        4: "PIO data-in",
        5: "PIO data-out",
        6: "DMA",
        8: "Execute device diagnostic",
        9: "Device reset",
        10: "UDMA data-in",
        11: "UDMA data-out",
        12: "NCQ",
        15: "Return response information",
    },
    other="Reserved",
)


def _ata(base: int) -> tuple[Field, ...]:
    return (
        number("multiple_count", "Multiple count", base, 1, 0xE0),
        number("protocol", "Protocol", base, 1, 0x1E, "", _ATA_PROTOCOLS),
        number("off_line", "OFF_LINE", base + 1, 1, 0xC0),
        flag("ck_cond", "CK_COND", base + 1, 0x20),
        flag("t_type", "T_TYPE", base + 1, 0x10),
        flag("t_dir", "T_DIR", base + 1, 0x08),
        flag("byt_blok", "BYT_BLOK", base + 1, 0x04),
        number(
            "t_length",
            "T_LENGTH",
            base + 1,
            1,
            0x03,
            "",
            Words({0: "No data", 1: "In FEATURES", 2: "In COUNT", 3: "In the TPSIU"}),
        ),
    )


COMMANDS: Final[tuple[Command, ...]] = (
    row(0x00, "TEST UNIT READY", NONE),
    row(0x03, "REQUEST SENSE", READ, flag("desc", "DESC", 1, 0x01), allocation(4, 1, "scsi.cdb.alloclen")),
    row(
        0x12,
        "INQUIRY",
        READ,
        flag("cmddt", "CMDDT", 1, 0x02),
        flag("evpd", "EVPD", 1, 0x01),
        number("page_code", "Page code", 2, 1, 0, "scsi.inquiry.evpd.pagecode", words.VPD_PAGES, "hex"),
        allocation(3, 2, "scsi.cdb.alloclen16"),
    ),
    row(0x15, "MODE SELECT(6)", WRITE, _PF, _RTD, _SP, parameters(4, 1, "scsi.cdb.paramlen")),
    row(0x16, "RESERVE(6)", NONE, *_RESERVE_6, parameters(3, 2)),
    row(0x17, "RELEASE(6)", NONE, *_RESERVE_6),
    row(0x18, "COPY", WRITE, flag("pad", "PAD", 1, 0x01), parameters(2, 3)),
    row(0x1A, "MODE SENSE(6)", READ, _DBD, *_MODE_PAGE, allocation(4, 1, "scsi.cdb.alloclen")),
    row(
        0x1C,
        "RECEIVE DIAGNOSTIC RESULTS",
        READ,
        flag("pcv", "PCV", 1, 0x01),
        number("page_code", "Page code", 2, base="hex"),
        allocation(3, 2),
    ),
    row(
        0x1D,
        "SEND DIAGNOSTIC",
        WRITE,
        number("self_test_code", "Self-test code", 1, 1, 0xE0, "scsi.spc.senddiag.code", words.SELF_TESTS),
        flag("pf", "PF", 1, 0x10, "scsi.spc.senddiag.pf"),
        flag("self_test", "SELFTEST", 1, 0x04, "scsi.spc.senddiag.st"),
        flag("dev_off_l", "DEVOFFL", 1, 0x02, "scsi.spc.senddiag.devoff"),
        flag("unit_off_l", "UNITOFFL", 1, 0x01, "scsi.spc.senddiag.unitoff"),
        parameters(3, 2, "scsi.cdb.paramlen16"),
        moves="parameter_list_length",
    ),
    row(
        0x1E,
        "PREVENT ALLOW MEDIUM REMOVAL",
        NONE,
        number(
            "prevent",
            "Prevent",
            4,
            1,
            0x03,
            "",
            Words({0: "Allowed", 1: "Prevented", 2: "Allowed, persistently", 3: "Prevented, persistently"}),
        ),
    ),
    row(0x39, "COMPARE", WRITE, parameters(3, 3)),
    row(0x3A, "COPY AND VERIFY", WRITE, parameters(3, 3)),
    row(0x3B, "WRITE BUFFER", WRITE, *_buffer(words.WRITE_BUFFER_MODES, parameters(6, 3, "scsi.cdb.paramlen24"))),
    row(0x3C, "READ BUFFER(10)", READ, *_buffer(words.READ_BUFFER_MODES, allocation(6, 3))),
    row(0x40, "CHANGE DEFINITION", WRITE, parameters(8, 1)),
    row(
        0x4C,
        "LOG SELECT",
        WRITE,
        flag("pcr", "PCR", 1, 0x02, "scsi.log.pcr"),
        flag("sp", "SP", 1, 0x01, "scsi.log.sp"),
        *_LOG_PAGE,
        parameters(7, 2, "scsi.cdb.paramlen16"),
        moves="parameter_list_length",
    ),
    row(
        0x4D,
        "LOG SENSE",
        READ,
        flag("ppc", "PPC", 1, 0x02, "scsi.log.ppc"),
        flag("sp", "SP", 1, 0x01, "scsi.log.sp"),
        *_LOG_PAGE,
        number("parameter_pointer", "Parameter pointer", 5, 2, 0, "scsi.log.param_ptr", base="hex"),
        allocation(7, 2, "scsi.cdb.alloclen16"),
    ),
    row(0x55, "MODE SELECT(10)", WRITE, _PF, _RTD, _SP, parameters(7, 2, "scsi.cdb.paramlen16")),
    row(0x56, "RESERVE(10)", NONE, *_RESERVE_10),
    row(0x57, "RELEASE(10)", NONE, *_RESERVE_10),
    row(
        0x5A,
        "MODE SENSE(10)",
        READ,
        flag("llbaa", "LLBAA", 1, 0x10),
        _DBD,
        *_MODE_PAGE,
        allocation(7, 2, "scsi.cdb.alloclen16"),
    ),
    *family(
        0x5E,
        "PERSISTENT RESERVE IN",
        READ,
        words.PERSISTENT_RESERVE_IN,
        allocation(7, 2, "scsi.cdb.alloclen16"),
        sa_filter="scsi.persresvin.svcaction",
    ),
    *family(
        0x5F,
        "PERSISTENT RESERVE OUT",
        WRITE,
        words.PERSISTENT_RESERVE_OUT,
        number("scope", "Scope", 2, 1, 0xF0, "scsi.persresv.scope", words.RESERVATION_SCOPES),
        number("type", "Type", 2, 1, 0x0F, "scsi.persresv.type", words.RESERVATION_TYPES),
        parameters(5, 4, "scsi.cdb.paramlen16"),
        sa_filter="scsi.persresvout.svcaction",
    ),
    row(
        0x7F,
        "ATA PASS-THROUGH(32)",
        OTHER,
        *_ata(10),
        octets("ata_registers", "ATA registers", 12, 20),
        sa=0x1FF0,
    ),
    row(
        0x85,
        "ATA PASS-THROUGH(16)",
        OTHER,
        *_ata(1),
        flag("extend", "EXTEND", 1, 0x01),
        number("features", "Features", 3, 2, base="hex"),
        number("sector_count", "Count", 5, 2),
        octets("ata_lba", "ATA LBA registers", 7, 6),
        number("device", "Device", 13, base="hex"),
        number("command", "ATA command", 14, base="hex"),
    ),
    row(
        0x8D,
        "WRITE ATTRIBUTE",
        WRITE,
        flag("wtc", "WTC", 1, 0x01),
        number("logical_volume_number", "Logical volume number", 5),
        number("partition_number", "Partition number", 7),
        parameters(10, 4),
    ),
    row(
        0x9B,
        "READ BUFFER(16)",
        READ,
        number("mode_specific", "Mode specific", 1, 1, 0xE0),
        number("mode", "Mode", 1, 1, 0x1F, "", words.READ_BUFFER_MODES, "hex"),
        number("buffer_offset", "Buffer offset", 2, 8, base="hex"),
        _ALLOCATION_10,
        number("buffer_id", "Buffer ID", 14),
    ),
    row(
        0xA0,
        "REPORT LUNS",
        READ,
        number("select_report", "Select report", 2, 1, 0, "scsi.spc.select_report", words.SELECT_REPORTS, "hex"),
        _ALLOCATION_6,
    ),
    row(
        0xA1,
        "ATA PASS-THROUGH(12)",
        OTHER,
        *_ata(1),
        number("features", "Features", 3, base="hex"),
        number("sector_count", "Count", 4),
        octets("ata_lba", "ATA LBA registers", 5, 3),
        number("device", "Device", 8, base="hex"),
        number("command", "ATA command", 9, base="hex"),
    ),
    row(0xA2, "SECURITY PROTOCOL IN", READ, *_security(allocation(6, 4))),
    row(0xB5, "SECURITY PROTOCOL OUT", WRITE, *_security(number("transfer_length", "Transfer length", 6, 4))),
)
