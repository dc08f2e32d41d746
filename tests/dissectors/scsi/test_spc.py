"""The laws of the commands for all device types (SPC-5, SAT-4)."""

from __future__ import annotations

import pytest

from tests.dissectors.scsi.cases import Case, check_reading, check_truncations

CASES = [
    Case("00000000000000000000000000000000", "TEST UNIT READY", "none"),
    Case("12000000240000000000000000000000", "INQUIRY standard data, allocation 36", "read", allocation=36),
    Case(
        "12018300cb0000000000000000000000",
        "INQUIRY VPD page Device identification (0x83), allocation 203",
        "read",
        allocation=203,
    ),
    Case("1a000800200000000000000000000000", "MODE SENSE(6) page Caching (0x08), allocation 32", "read", allocation=32),
    Case("a0000000000000001000000000000000", "REPORT LUNS allocation 4096", "read", allocation=4096),
    Case("a30c011200000000000a000000000000", "REPORT SUPPORTED OPERATION CODES allocation 10", "read", allocation=10),
    Case("a30a0000000000001000000000000000", "REPORT TARGET PORT GROUPS allocation 4096", "read", allocation=4096),
    Case(
        "5e000000000000400000000000000000",
        "PERSISTENT RESERVE IN (READ KEYS) allocation 16384",
        "read",
        allocation=16384,
    ),
    Case(
        "5f010300000000001800000000000000",
        "PERSISTENT RESERVE OUT (RESERVE) Exclusive access (3), parameters 24 bytes",
        "write",
    ),
    Case("ff000000000000000000000000000000", "Vendor specific (0xFF)", "other"),
    Case("83000000000000000000000000580000", "EXTENDED COPY(LID1) parameters 88 bytes", "write"),
    Case(
        "84030000000000000000000001000000", "RECEIVE COPY OPERATING PARAMETERS allocation 256", "read", allocation=256
    ),
    Case("83110000000000000000000002180000", "WRITE USING TOKEN parameters 536 bytes", "write"),
    Case("85082e0001000000000000000000ec00", "ATA PASS-THROUGH(16) PIO data-in (4), CK_COND, T_DIR, BYT_BLOK", "read"),
    Case("8506000000000000000000000000e000", "ATA PASS-THROUGH(16) Non-data (3)", "none"),
    Case("850a0600000000000000000000003500", "ATA PASS-THROUGH(16) PIO data-out (5), BYT_BLOK", "write"),
    Case(
        "a2ef00000000000002000000",
        "SECURITY PROTOCOL IN ATA device server password (0xef), allocation 512",
        "read",
        allocation=512,
    ),
    Case(
        "4d004d00000000010000",
        "LOG SENSE Cumulative values (1), page Temperature (0x0d), allocation 256",
        "read",
        allocation=256,
    ),
    Case("1d0400000000", "SEND DIAGNOSTIC SELFTEST", "none"),
    Case(
        "3b050000000000001000",
        "WRITE BUFFER Download microcode, save and activate (0x05), parameters 16 bytes",
        "write",
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.text)
def test_cdbs_read_as_one_line(case: Case) -> None:
    """Name, main fields, direction, first block, blocks and allocation length come out of the bytes."""
    check_reading(case)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.text)
def test_every_truncation_decodes_as_far_as_it_goes(case: Case) -> None:
    """A cut CDB is shown as far as it goes, and says that it is cut."""
    check_truncations(case)
