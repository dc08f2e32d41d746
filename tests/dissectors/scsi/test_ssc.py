"""The laws of the commands of tapes (SSC-5)."""

from __future__ import annotations

import pytest

from tests.dissectors.scsi.cases import Case, check_reading, check_truncations

CASES = [
    Case("010000000000", "REWIND", "none"),
    Case("080100001000", "READ(6) 16 blocks, FIXED", "read"),
    Case("0a0000800000", "WRITE(6) 32768 bytes", "write"),
    Case("1101fffffe00", "SPACE(6) Filemarks (1), count -2", "none"),
    Case("100000000200", "WRITE FILEMARKS(6) 2 filemarks", "none"),
    Case("2b000000000007000000", "LOCATE(10) object 7", "none"),
    Case("92000000000000000000000900000000", "LOCATE(16) Logical object (0), identifier 9", "none"),
    Case("34060000000000000000", "READ POSITION Long form (0x06), allocation 0", "read", allocation=0),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.text)
def test_cdbs_read_as_one_line(case: Case) -> None:
    """Name, main fields, direction, first block, blocks and allocation length come out of the bytes."""
    check_reading(case._replace(device_type=1))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.text)
def test_every_truncation_decodes_as_far_as_it_goes(case: Case) -> None:
    """A cut CDB is shown as far as it goes, and says that it is cut."""
    check_truncations(case._replace(device_type=1))
