"""The laws of the flags of block commands."""

from __future__ import annotations

from dissectors.scsi import sbc_fields
from dissectors.scsi.sbc_fields import at_10


def test_cdbs_of_32_bytes_have_the_flags_of_byte_1_in_byte_10() -> None:
    """Only the offset changes."""
    (moved,) = at_10(sbc_fields.FUA)
    assert (sbc_fields.FUA.offset, moved.offset) == (1, 10)
    assert (moved.name, moved.mask, moved.filter, moved.kind) == ("fua", 0x08, "scsi_sbc.fua", sbc_fields.FUA.kind)
