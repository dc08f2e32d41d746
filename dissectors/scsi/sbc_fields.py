"""Flags of the commands that read, write and verify blocks (SBC): byte 1 of most CDBs, byte 10 of those of 32 bytes."""

from __future__ import annotations

from dissectors.fields import Field, Words
from dissectors.scsi.tables import flag, number

RD = number("rdprotect", "RDPROTECT", 1, 1, 0xE0, "scsi_sbc.rdprotect")
WR = number("wrprotect", "WRPROTECT", 1, 1, 0xE0, "scsi_sbc.wrprotect")
VR = number("vrprotect", "VRPROTECT", 1, 1, 0xE0, "scsi_sbc.vrprotect")
OR = number("orprotect", "ORPROTECT", 1, 1, 0xE0, "scsi_sbc.wrprotect")
DPO = flag("dpo", "DPO", 1, 0x10, "scsi_sbc.dpo")
FUA = flag("fua", "FUA", 1, 0x08, "scsi_sbc.fua")
RARC = flag("rarc", "RARC", 1, 0x04)
FUA_NV = flag("fua_nv", "FUA_NV", 1, 0x02, "scsi_sbc.fua_nv")
CACHE = (DPO, FUA, FUA_NV)
BYTE_CHECK = number(
    "bytchk",
    "BYTCHK",
    1,
    1,
    0x06,
    "scsi_sbc.bytchk",
    Words({0: "Medium only", 1: "Compare with the data", 2: "Reserved", 3: "Compare with one block"}),
)
VERIFY = (VR, DPO, BYTE_CHECK)
WRITE_VERIFY = (WR, DPO, BYTE_CHECK)
ANCHOR = flag("anchor", "ANCHOR", 1, 0x10, "scsi_sbc.anchor")
UNMAP = flag("unmap", "UNMAP", 1, 0x08, "scsi_sbc.unmap")
PBDATA = flag("pbdata", "PBDATA", 1, 0x04, "scsi_sbc.pbdata")
LBDATA = flag("lbdata", "LBDATA", 1, 0x02, "scsi_sbc.lbdata")
NDOB = flag("ndob", "NDOB", 1, 0x01)
XOR = (DPO, FUA, flag("disable_write", "DISABLE_WRITE", 1, 0x04, "scsi_sbc.disable_write"), FUA_NV)
XORPINFO = flag("xorpinfo", "XORPINFO", 1, 0x01, "scsi_sbc.xorpinfo")


def at_10(*fields: Field) -> tuple[Field, ...]:
    """The flags of byte 1, where CDBs of 32 bytes have them: in byte 10."""
    return tuple(
        Field(field.name, field.label, 10, 1, field.mask, field.filter, field.words, kind=field.kind)
        for field in fields
    )
