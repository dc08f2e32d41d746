"""Commands of sequential access devices, tapes (SSC). A table, read by cdb.py."""

from __future__ import annotations

from typing import Final

from dissectors.fields import Words
from dissectors.scsi.commands import NONE, READ, WRITE, Command, allocation, immed, parameters, row, transfer
from dissectors.scsi.tables import flag, number, signed

_FIXED = flag("fixed", "FIXED", 1, 0x01, "scsi_ssc.fixed")
_SILI = flag("sili", "SILI", 1, 0x02, "scsi_ssc.sili")
_BYTORD = flag("bytord", "BYTORD", 1, 0x04, "scsi_ssc.bytord")
_FCS = flag("fcs", "FCS", 1, 0x08, "scsi_ssc.fcs")
_LCS = flag("lcs", "LCS", 1, 0x04, "scsi_ssc.lcs")
_PARTITION = number("partition", "Partition", 3, 1, 0, "scsi_ssc.partition")
_IDENTIFIER = number("logical_object_identifier", "Logical object identifier", 4, 8, 0, "scsi_ssc.locate16.loid")
_TRANSFER_6 = transfer(2, 3, "scsi_ssc.rdwr6.xferlen")
_TRANSFER_16 = transfer(12, 3, "scsi_ssc.rdwr6.xferlen")
_IMMED = immed(0x01, "scsi_ssc.immed")
_SPACE_CODES = Words(
    {
        0: "Logical blocks",
        1: "Filemarks",
        2: "Sequential filemarks",
        3: "End-of-data",
        4: "Setmarks",
        5: "Sequential setmarks",
    },
    other="Reserved",
)
_SPACE_CODE = number("code", "Code", 1, 1, 0x0F, "scsi_ssc.space6.code", _SPACE_CODES)
_VERIFY_FLAGS = (
    flag("vte", "VTE", 1, 0x20),
    flag("vlbpm", "VLBPM", 1, 0x10),
    flag("vbf", "VBF", 1, 0x08),
    immed(0x04, "scsi_ssc.verify16_immed"),
    flag("bytcmp", "BYTCMP", 1, 0x02, "scsi_ssc.bytcmp"),
    _FIXED,
)
_POSITION_FORMS = Words(
    {
        0x00: "Short form, block ID",
        0x01: "Short form, vendor specific",
        0x03: "Long form, vendor specific",
        0x06: "Long form",
        0x07: "Long form, vendor specific",
        0x08: "Extended form",
    },
    other="Reserved",
)
_DESTINATIONS = Words({0: "Logical object", 1: "Logical file", 2: "Obsolete", 3: "End-of-data"}, other="Reserved")

COMMANDS: Final[tuple[Command, ...]] = (
    row(0x01, "REWIND", NONE, _IMMED),
    row(
        0x04,
        "FORMAT MEDIUM",
        WRITE,
        flag("verify", "VERIFY", 1, 0x02, "scsi_ssc.verify"),
        immed(0x01, "scsi_ssc.immed"),
        number("format", "Format", 2, 1, 0x0F, "scsi_ssc.format"),
        transfer(3, 2, "scsi_ssc.rdwr10.xferlen"),
        moves="transfer_length",
    ),
    row(0x05, "READ BLOCK LIMITS", READ, flag("mloi", "MLOI", 1, 0x01)),
    row(0x08, "READ(6)", READ, _SILI, _FIXED, _TRANSFER_6),
    row(0x0A, "WRITE(6)", WRITE, _FIXED, _TRANSFER_6),
    row(
        0x0B,
        "SET CAPACITY",
        NONE,
        _IMMED,
        number("capacity_proportion", "Capacity proportion value", 3, 2, 0, "scsi_ssc.cpv"),
    ),
    row(0x0F, "READ REVERSE(6)", READ, _BYTORD, _SILI, _FIXED, _TRANSFER_6),
    row(
        0x10,
        "WRITE FILEMARKS(6)",
        NONE,
        flag("wsmk", "WSMK (obsolete)", 1, 0x02),
        _IMMED,
        number("filemark_count", "Filemark count", 2, 3, 0, "scsi_ssc.rdwr6.xferlen"),
    ),
    row(0x11, "SPACE(6)", NONE, _SPACE_CODE, signed("count", "Count", 2, 3, "scsi_ssc.space6.count")),
    row(
        0x13,
        "VERIFY(6)",
        WRITE,
        *_VERIFY_FLAGS,
        number("verification_length", "Verification length", 2, 3, 0, "scsi_ssc.verify16.verify_len"),
        moves="bytcmp",
    ),
    row(0x14, "RECOVER BUFFERED DATA", READ, _SILI, _FIXED, _TRANSFER_6),
    row(
        0x19,
        "ERASE(6)",
        NONE,
        immed(0x02, "scsi_ssc.erase6.immed"),
        flag("long", "LONG", 1, 0x01, "scsi_ssc.erase6.long"),
    ),
    row(
        0x1B,
        "LOAD UNLOAD",
        NONE,
        _IMMED,
        flag("hold", "HOLD", 4, 0x08, "scsi_ssc.hold"),
        flag("eot", "EOT", 4, 0x04, "scsi_ssc.eot"),
        flag("reten", "RETEN", 4, 0x02, "scsi_ssc.reten"),
        flag("load", "LOAD", 4, 0x01, "scsi_ssc.load"),
    ),
    row(
        0x2B,
        "LOCATE(10)",
        NONE,
        flag("bt", "BT", 1, 0x04, "scsi_ssc.bt"),
        flag("cp", "CP", 1, 0x02, "scsi_ssc.cp"),
        _IMMED,
        number("logical_object_identifier", "Logical object identifier", 3, 4, 0, "scsi_ssc.locate10.loid"),
        number("partition", "Partition", 8, 1, 0, "scsi_ssc.partition"),
    ),
    row(
        0x34,
        "READ POSITION",
        READ,
        number("form", "Service action", 1, 1, 0x1F, "scsi_ssc.readposition.service_action", _POSITION_FORMS, "hex"),
        allocation(7, 2, "scsi_ssc.readposition.parameter_len"),
    ),
    row(
        0x44,
        "REPORT DENSITY SUPPORT",
        READ,
        flag("medium_type", "MEDIUM TYPE", 1, 0x02, "scsi_ssc.medium_type"),
        flag("media", "MEDIA", 1, 0x01, "scsi_ssc.media"),
        allocation(7, 2, "scsi_ssc.rdwr6.xferlen"),
    ),
    row(
        0x80,
        "WRITE FILEMARKS(16)",
        NONE,
        _FCS,
        _LCS,
        _IMMED,
        _PARTITION,
        _IDENTIFIER,
        number("filemark_count", "Filemark count", 12, 3, 0, "scsi_ssc.rdwr6.xferlen"),
    ),
    row(0x81, "READ REVERSE(16)", READ, _BYTORD, _SILI, _FIXED, _PARTITION, _IDENTIFIER, _TRANSFER_16),
    row(
        0x82,
        "ALLOW OVERWRITE",
        NONE,
        number(
            "allow_overwrite",
            "Allow overwrite",
            2,
            1,
            0x0F,
            "",
            Words({0: "Disabled", 1: "Current position", 2: "Format"}, other="Reserved"),
        ),
        _PARTITION,
        _IDENTIFIER,
    ),
    row(0x88, "READ(16)", READ, _SILI, _FIXED, _PARTITION, _IDENTIFIER, _TRANSFER_16),
    row(0x8A, "WRITE(16)", WRITE, _FCS, _LCS, _FIXED, _PARTITION, _IDENTIFIER, _TRANSFER_16),
    row(
        0x8F,
        "VERIFY(16)",
        WRITE,
        *_VERIFY_FLAGS,
        _PARTITION,
        _IDENTIFIER,
        number("verification_length", "Verification length", 12, 3, 0, "scsi_ssc.verify16.verify_len"),
        moves="bytcmp",
    ),
    row(
        0x91,
        "SPACE(16)",
        NONE,
        _SPACE_CODE,
        signed("count", "Count", 4, 8, "scsi_ssc.space16.count"),
        parameters(12, 2, "scsi_ssc.space16.parameter_len"),
    ),
    row(
        0x92,
        "LOCATE(16)",
        NONE,
        number("dest_type", "Destination type", 1, 1, 0x38, "scsi_ssc.dest_type", _DESTINATIONS),
        flag("cp", "CP", 1, 0x02, "scsi_ssc.cp"),
        _IMMED,
        flag("bam", "BAM", 2, 0x01, "scsi_ssc.bam"),
        _PARTITION,
        number("logical_identifier", "Logical identifier", 4, 8, 0, "scsi_ssc.locate16.loid"),
    ),
    row(
        0x93,
        "ERASE(16)",
        NONE,
        _FCS,
        _LCS,
        immed(0x02, "scsi_ssc.erase_immed"),
        flag("long", "LONG", 1, 0x01, "scsi_ssc.long"),
        _PARTITION,
        number("logical_object_identifier", "Logical object identifier", 4, 8, 0, "scsi_ssc.lbi"),
    ),
    row(0xA4, "GENERATE RECOMMENDED ACCESS ORDER", WRITE, parameters(6, 4), sa=0x1D),
    row(0xA3, "RECEIVE RECOMMENDED ACCESS ORDER", READ, allocation(6, 4), sa=0x1D),
)
