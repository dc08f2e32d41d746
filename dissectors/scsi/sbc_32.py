"""Commands of direct access block devices whose CDB has 32 bytes (SBC): operation code 7Fh. A table, read by cdb.py."""

from __future__ import annotations

from typing import Final

from dissectors.scsi.commands import OTHER, READ, WRITE, Command, blocks, group_number, lba, row, transfer
from dissectors.scsi.sbc_fields import (
    ANCHOR,
    CACHE,
    DPO,
    FUA,
    FUA_NV,
    LBDATA,
    NDOB,
    OR,
    PBDATA,
    RARC,
    RD,
    UNMAP,
    VERIFY,
    WR,
    WRITE_VERIFY,
    XOR,
    XORPINFO,
    at_10,
)
from dissectors.scsi.tables import number

_GROUP_32 = group_number(6)
_LBA_32 = lba(12, 8)
_TAGS_32 = (
    number("expected_reference_tag", "Expected initial logical block reference tag", 20, 4, base="hex"),
    number("expected_application_tag", "Expected logical block application tag", 24, 2, base="hex"),
    number("application_tag_mask", "Logical block application tag mask", 26, 2, base="hex"),
)
_TRANSFER_32 = transfer(28, 4)
_32 = (_GROUP_32, _LBA_32, *_TAGS_32, _TRANSFER_32)

COMMANDS: Final[tuple[Command, ...]] = (
    row(0x7F, "XDREAD(32)", READ, *at_10(XORPINFO), _GROUP_32, _LBA_32, _TRANSFER_32, sa=0x03),
    row(0x7F, "XDWRITE(32)", WRITE, *at_10(WR, *XOR), _GROUP_32, _LBA_32, _TRANSFER_32, sa=0x04),
    row(0x7F, "XPWRITE(32)", WRITE, *at_10(*CACHE, XORPINFO), _GROUP_32, _LBA_32, _TRANSFER_32, sa=0x06),
    row(0x7F, "XDWRITEREAD(32)", OTHER, *at_10(WR, *XOR, XORPINFO), _GROUP_32, _LBA_32, _TRANSFER_32, sa=0x07),
    row(0x7F, "READ(32)", READ, *at_10(RD, DPO, FUA, RARC, FUA_NV), *_32, sa=0x09),
    row(
        0x7F,
        "VERIFY(32)",
        WRITE,
        *at_10(*VERIFY),
        _GROUP_32,
        _LBA_32,
        *_TAGS_32,
        number("verification_length", "Verification length", 28, 4),
        sa=0x0A,
        moves="bytchk",
    ),
    row(0x7F, "WRITE(32)", WRITE, *at_10(WR, *CACHE), *_32, sa=0x0B),
    row(0x7F, "WRITE AND VERIFY(32)", WRITE, *at_10(*WRITE_VERIFY), *_32, sa=0x0C),
    row(
        0x7F,
        "WRITE SAME(32)",
        WRITE,
        *at_10(WR, ANCHOR, UNMAP, PBDATA, LBDATA, NDOB),
        _GROUP_32,
        _LBA_32,
        *_TAGS_32,
        blocks(28, 4),
        sa=0x0D,
        moves="!ndob",
        to_the_end=True,
    ),
    row(
        0x7F,
        "ORWRITE(32)",
        WRITE,
        number("bmop", "BMOP", 2, 1, 0x07),
        number("previous_generation_processing", "Previous generation processing", 3, 1, 0x0F),
        *at_10(OR, *CACHE),
        _GROUP_32,
        _LBA_32,
        number("expected_orw_generation", "Expected ORWgeneration", 20, 4),
        number("new_orw_generation", "New ORWgeneration", 24, 4),
        _TRANSFER_32,
        sa=0x0E,
    ),
    row(0x7F, "WRITE ATOMIC(32)", WRITE, *at_10(WR, DPO, FUA), *_32, sa=0x0F),
    row(0x7F, "WRITE STREAM(32)", WRITE, *at_10(WR, DPO, FUA), *_32, sa=0x10),
    row(0x7F, "WRITE SCATTERED(32)", WRITE, *at_10(WR, DPO, FUA), _GROUP_32, sa=0x11),
    *(
        row(0x7F, name, operation, sa=action)
        for action, name, operation in (
            (0x01, "REBUILD(32)", OTHER),
            (0x02, "REGENERATE(32)", OTHER),
            (0x05, "XDWRITE EXTENDED(32)", WRITE),
        )
    ),
)
