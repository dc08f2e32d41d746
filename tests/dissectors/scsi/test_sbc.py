"""The laws of the commands that read, write and verify blocks (SBC-4)."""

from __future__ import annotations

import pytest

from tests.dissectors.scsi.cases import Case, check_reading, check_truncations

CASES = [
    Case("28000000080000000800000000000000", "READ(10) LBA 2048, 8 blocks", "read", 2048, 8),
    Case("2a080000000000000100000000000000", "WRITE(10) LBA 0, 1 block, FUA", "write", 0, 1),
    Case("080000000000", "READ(6) LBA 0, 256 blocks", "read", 0, 256),
    Case("0a1fffff0800", "WRITE(6) LBA 2097151, 8 blocks", "write", 0x1FFFFF, 8),
    Case("a80000001000000002000000", "READ(12) LBA 4096, 512 blocks", "read", 4096, 512),
    Case("88000000000100000000000000080000", "READ(16) LBA 4294967296, 8 blocks", "read", 1 << 32, 8),
    Case(
        "7f00 00000000 00 18 0009 0800 00000000000000ff 00000000 0000 0000 00000010",
        "READ(32) LBA 255, 16 blocks, FUA",
        "read",
        255,
        16,
    ),
    Case("2f000000000100000100", "VERIFY(10) LBA 1, 1 block", "none", 1, 1),
    Case("2f020000000100000100", "VERIFY(10) LBA 1, 1 block", "write", 1, 1),
    Case("41080000000000100000", "WRITE SAME(10) LBA 0, 4096 blocks, UNMAP", "write", 0, 4096),
    Case("41000000000000000000", "WRITE SAME(10) LBA 0, to the end", "write", 0, 0),
    Case("93090000000000000000001000000000", "WRITE SAME(16) LBA 0, 1048576 blocks, UNMAP, NDOB", "none", 0, 1 << 20),
    Case("93080000000000000000001000000000", "WRITE SAME(16) LBA 0, 1048576 blocks, UNMAP", "write", 0, 1 << 20),
    Case("89000000000000000001000000010000", "COMPARE AND WRITE LBA 1, 1 block", "write", 1, 1),
    Case("53000000000100000800", "XDWRITEREAD(10) LBA 1, 8 blocks", "other", 1, 8),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.text)
def test_cdbs_read_as_one_line(case: Case) -> None:
    """Name, main fields, direction, first block, blocks and allocation length come out of the bytes."""
    check_reading(case)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.text)
def test_every_truncation_decodes_as_far_as_it_goes(case: Case) -> None:
    """A cut CDB is shown as far as it goes, and says that it is cut."""
    check_truncations(case)
