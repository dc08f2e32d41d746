"""The laws of additional sense codes in words."""

from __future__ import annotations

import pytest

from dissectors.scsi.asc import asc_name
from dissectors.scsi.asc_high import HIGH
from dissectors.scsi.asc_low import LOW


def test_every_code_has_words() -> None:
    """All 65536 codes have a name; unassigned ones say so."""
    assert all(asc_name(code >> 8, code & 255) for code in range(1 << 16))


@pytest.mark.parametrize(
    ("asc", "ascq", "name"),
    [
        (0x0C, 0x0C, "WRITE ERROR - UNEXPECTED UNSOLICITED DATA"),
        (0x0C, 0x0D, "WRITE ERROR - NOT ENOUGH UNSOLICITED DATA"),
        (0x11, 0x13, "READ ERROR - FAILED RETRANSMISSION REQUEST"),
        (0x47, 0x05, "PROTOCOL SERVICE CRC ERROR"),
        (0x47, 0x7F, "SOME COMMANDS CLEARED BY ISCSI PROTOCOL EVENT"),
        (0x3F, 0x12, "ISCSI IP ADDRESS ADDED"),
        (0x40, 0x85, "DIAGNOSTIC FAILURE ON COMPONENT 85"),
        (0x4D, 0x12, "TAGGED OVERLAPPED COMMANDS (TASK TAG 12)"),
        (0x5D, 0x36, "DATA CHANNEL IMPENDING FAILURE START UNIT TIMES TOO HIGH"),
        (0x5D, 0x1D, "HARDWARE IMPENDING FAILURE POWER LOSS PROTECTION CIRCUIT"),
        (0x5D, 0x2D, "UNASSIGNED ADDITIONAL SENSE CODE"),
        (0x70, 0x01, "DECOMPRESSION EXCEPTION SHORT ALGORITHM ID OF 01"),
        (0x04, 0x80, "LOGICAL UNIT NOT READY, CAUSE NOT REPORTABLE, VENDOR SPECIFIC QUALIFIER"),
        (0x4F, 0x80, "VENDOR SPECIFIC QUALIFIER"),
        (0x80, 0x00, "VENDOR SPECIFIC ADDITIONAL SENSE CODE"),
        (0x4F, 0x00, "UNASSIGNED ADDITIONAL SENSE CODE"),
    ],
)
def test_ranges_and_the_codes_of_iscsi_have_their_words(asc: int, ascq: int, name: str) -> None:
    """The codes that RFC 7143 11.4.7.2 uses are in the table, and ranges name their number."""
    assert asc_name(asc, ascq) == name


def test_the_tables_do_not_overlap_and_are_in_order() -> None:
    """One code, one entry; sorted, so that a reader finds it."""
    assert not set(LOW) & set(HIGH)
    codes = [*LOW, *HIGH]
    assert codes == sorted(codes)
    assert max(codes) < 0x8000
