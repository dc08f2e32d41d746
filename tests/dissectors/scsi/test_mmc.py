"""The laws of the commands of discs (MMC-6)."""

from __future__ import annotations

import pytest

from tests.dissectors.scsi.cases import Case, check_reading, check_truncations

CASES = [
    Case(
        "43020200000001000c00",
        "READ TOC/PMA/ATIP Full TOC (2), track 1, allocation 12, TIME",
        "read",
        allocation=12,
    ),
    Case("be000000001000000af80000", "READ CD LBA 16, 10 blocks", "read", 16, 10),
    Case("28000000001000000100", "READ(10) LBA 16, 1 block", "read", 16, 1),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.text)
def test_cdbs_read_as_one_line(case: Case) -> None:
    """Name, main fields, direction, first block, blocks and allocation length come out of the bytes."""
    check_reading(case._replace(device_type=5))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.text)
def test_every_truncation_decodes_as_far_as_it_goes(case: Case) -> None:
    """A cut CDB is shown as far as it goes, and says that it is cut."""
    check_truncations(case._replace(device_type=5))
