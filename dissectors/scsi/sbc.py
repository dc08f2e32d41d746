"""Commands of direct access block devices (SBC): reading, writing and verifying blocks. A table, read by cdb.py.

CDBs of 32 bytes are in sbc_32.py; what moves no user data (capacity, caches, provisioning, zones) is in sbc_manage.py.
"""

from __future__ import annotations

from typing import Final

from dissectors.fields import Field
from dissectors.scsi.commands import (
    OTHER,
    READ,
    WRITE,
    Command,
    blocks,
    group_number,
    lba,
    row,
    transfer,
)
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
)
from dissectors.scsi.tables import flag, number

_LBA_6 = lba(1, 3, "scsi_sbc.rdwr6.lba", 0x1FFFFF)
_LBA_10 = lba(2, 4, "scsi_sbc.rdwr10.lba")
_LBA_16 = lba(2, 8, "scsi_sbc.rdwr16.lba")
_TRANSFER_6 = transfer(4, 1, "scsi_sbc.rdwr6.xferlen")
_TRANSFER_10 = transfer(7, 2, "scsi_sbc.rdwr10.xferlen")
_TRANSFER_12 = transfer(6, 4, "scsi_sbc.rdwr12.xferlen")
_TRANSFER_16 = transfer(10, 4, "scsi_sbc.rdwr12.xferlen")
_BYTES_10 = number("byte_transfer_length", "Byte transfer length", 7, 2, 0, "scsi_sbc.alloclen16")
_BYTES_16 = number("byte_transfer_length", "Byte transfer length", 12, 2, 0, "scsi_sbc.alloclen16")
_10 = (_LBA_10, group_number(6), _TRANSFER_10)
_12 = (_LBA_10, _TRANSFER_12, group_number(10))
_16 = (_LBA_16, _TRANSFER_16, group_number(14))


def _verification(offset: int, width: int, filter: str) -> Field:
    return number("verification_length", "Verification length", offset, width, 0, filter)


def _stripes(first: str, label: str) -> tuple[Field, ...]:
    """Atomic and stream writes: what one 16-bit field before the transfer length says."""
    return (
        WR,
        DPO,
        FUA,
        _LBA_16,
        number(first, label, 10, 2),
        transfer(12, 2, "scsi_sbc.rdwr12.xferlen"),
        group_number(14),
    )


COMMANDS: Final[tuple[Command, ...]] = (
    row(0x08, "READ(6)", READ, _LBA_6, _TRANSFER_6, zero_blocks=256),
    row(0x0A, "WRITE(6)", WRITE, _LBA_6, _TRANSFER_6, zero_blocks=256),
    row(0x28, "READ(10)", READ, RD, DPO, FUA, RARC, FUA_NV, *_10),
    row(0x2A, "WRITE(10)", WRITE, WR, *CACHE, *_10),
    row(
        0x2E,
        "WRITE AND VERIFY(10)",
        WRITE,
        *WRITE_VERIFY,
        lba(2, 4, "scsi_sbc.wrverify.lba"),
        group_number(6),
        transfer(7, 2, "scsi_sbc.wrverify.xferlen"),
    ),
    row(
        0x2F,
        "VERIFY(10)",
        WRITE,
        *VERIFY,
        lba(2, 4, "scsi_sbc.verify.lba"),
        group_number(6),
        _verification(7, 2, "scsi_sbc.verify.vlen"),
        moves="bytchk",
    ),
    row(0x3E, "READ LONG(10)", READ, flag("corrct", "CORRCT", 1, 0x02, "scsi_sbc.corrct"), _LBA_10, _BYTES_10),
    row(
        0x3F,
        "WRITE LONG(10)",
        WRITE,
        flag("cor_dis", "COR_DIS", 1, 0x80),
        flag("wr_uncor", "WR_UNCOR", 1, 0x40),
        flag("pblock", "PBLOCK", 1, 0x20),
        _LBA_10,
        _BYTES_10,
        moves="byte_transfer_length",
    ),
    row(
        0x41,
        "WRITE SAME(10)",
        WRITE,
        WR,
        ANCHOR,
        UNMAP,
        PBDATA,
        LBDATA,
        _LBA_10,
        group_number(6),
        blocks(7, 2, "scsi_sbc.alloclen16"),
        to_the_end=True,
    ),
    row(0x50, "XDWRITE(10)", WRITE, WR, *XOR, *_10),
    row(0x51, "XPWRITE(10)", WRITE, DPO, FUA, FUA_NV, XORPINFO, *_10),
    row(0x52, "XDREAD(10)", READ, XORPINFO, *_10),
    row(0x53, "XDWRITEREAD(10)", OTHER, WR, *XOR, XORPINFO, *_10),
    row(0x88, "READ(16)", READ, RD, DPO, FUA, RARC, FUA_NV, *_16),
    row(
        0x89,
        "COMPARE AND WRITE",
        WRITE,
        WR,
        *CACHE,
        _LBA_16,
        blocks(13, 1, "scsi_sbc.rdwr12.xferlen"),
        group_number(14),
        moves="number_of_logical_blocks",
    ),
    row(0x8A, "WRITE(16)", WRITE, WR, *CACHE, *_16),
    row(0x8B, "ORWRITE(16)", WRITE, OR, *CACHE, *_16),
    row(
        0x8E,
        "WRITE AND VERIFY(16)",
        WRITE,
        *WRITE_VERIFY,
        lba(2, 8, "scsi_sbc.wrverify.lba64"),
        transfer(10, 4, "scsi_sbc.wrverify.xferlen32"),
        group_number(14),
    ),
    row(
        0x8F,
        "VERIFY(16)",
        WRITE,
        *VERIFY,
        lba(2, 8, "scsi_sbc.verify.lba64"),
        _verification(10, 4, "scsi_sbc.verify.vlen32"),
        group_number(14),
        moves="bytchk",
    ),
    row(
        0x93,
        "WRITE SAME(16)",
        WRITE,
        WR,
        ANCHOR,
        UNMAP,
        PBDATA,
        LBDATA,
        NDOB,
        _LBA_16,
        blocks(10, 4, "scsi_sbc.rdwr12.xferlen"),
        group_number(14),
        moves="!ndob",
        to_the_end=True,
    ),
    row(0x9A, "WRITE STREAM(16)", WRITE, *_stripes("stream_identifier", "Stream identifier")),
    row(0x9C, "WRITE ATOMIC(16)", WRITE, *_stripes("atomic_boundary", "Atomic boundary")),
    row(
        0x9E,
        "READ LONG(16)",
        READ,
        lba(2, 8, "scsi_sbc.lba64_add"),
        _BYTES_16,
        flag("corrct", "CORRCT", 14, 0x01),
        sa=0x11,
    ),
    row(
        0x9F,
        "WRITE LONG(16)",
        WRITE,
        flag("cor_dis", "COR_DIS", 1, 0x80),
        flag("wr_uncor", "WR_UNCOR", 1, 0x40),
        flag("pblock", "PBLOCK", 1, 0x20),
        lba(2, 8, "scsi_sbc.lba64_add"),
        _BYTES_16,
        sa=0x11,
        moves="byte_transfer_length",
    ),
    row(
        0x9F,
        "WRITE SCATTERED(16)",
        WRITE,
        number("wrprotect", "WRPROTECT", 2, 1, 0xE0),
        flag("dpo", "DPO", 2, 0x10),
        flag("fua", "FUA", 2, 0x08),
        number("logical_block_data_offset", "Logical block data offset", 4, 2),
        number("range_descriptors", "Number of LBA range descriptors", 8, 2),
        number("buffer_transfer_length", "Buffer transfer length (blocks)", 10, 4),
        group_number(14),
        sa=0x12,
    ),
    row(0xA8, "READ(12)", READ, RD, DPO, FUA, RARC, FUA_NV, *_12),
    row(0xAA, "WRITE(12)", WRITE, WR, *CACHE, *_12),
    row(
        0xAE,
        "WRITE AND VERIFY(12)",
        WRITE,
        *WRITE_VERIFY,
        lba(2, 4, "scsi_sbc.wrverify.lba"),
        transfer(6, 4, "scsi_sbc.wrverify.xferlen32"),
        group_number(10),
    ),
    row(
        0xAF,
        "VERIFY(12)",
        WRITE,
        *VERIFY,
        lba(2, 4, "scsi_sbc.verify.lba"),
        _verification(6, 4, "scsi_sbc.verify.vlen32"),
        group_number(10),
        moves="bytchk",
    ),
    row(0x80, "XDWRITE EXTENDED(16)", WRITE, lba(2, 8), transfer(10, 4)),
    row(0x81, "REBUILD(16)", OTHER, lba(2, 8)),
    row(0x82, "REGENERATE(16)", OTHER, lba(2, 8)),
)
