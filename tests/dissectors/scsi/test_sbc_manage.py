"""The laws of the commands that manage block devices (SBC-4)."""

from __future__ import annotations

import pytest

from tests.dissectors.scsi.cases import Case, check_reading, check_truncations

CASES = [
    Case("9e100000000000000000000000200000", "READ CAPACITY(16) allocation 32", "read", allocation=32),
    Case("25000000000000000000000000000000", "READ CAPACITY(10)", "read"),
    Case("35000000000000000000000000000000", "SYNCHRONIZE CACHE(10) LBA 0, to the end", "none", 0, 0),
    Case("42000000000000001800", "UNMAP parameters 24 bytes", "write"),
    Case("9e120000000000000100000000180000", "GET LBA STATUS(16) LBA 256, allocation 24", "read", 256, None, 24),
    Case("1b0000000200", "START STOP UNIT LOEJ", "none"),
    Case("1b0000003100", "START STOP UNIT STANDBY (3), START", "none"),
    Case("041000000000", "FORMAT UNIT FMTDATA", "write"),
    Case("040000000000", "FORMAT UNIT", "none"),
    Case("481e0000000000000000", "SANITIZE (service action 0x1e)", "other"),
    Case("48830000000000000000", "SANITIZE (CRYPTOGRAPHIC ERASE) IMMED", "none"),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.text)
def test_cdbs_read_as_one_line(case: Case) -> None:
    """Name, main fields, direction, first block, blocks and allocation length come out of the bytes."""
    check_reading(case)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.text)
def test_every_truncation_decodes_as_far_as_it_goes(case: Case) -> None:
    """A cut CDB is shown as far as it goes, and says that it is cut."""
    check_truncations(case)
