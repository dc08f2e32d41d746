"""The laws of the commands of media changers (SMC-3)."""

from __future__ import annotations

import pytest

from tests.dissectors.scsi.cases import Case, check_reading, check_truncations

CASES = [
    Case("a50000000001000a00000000", "MOVE MEDIUM from 1, to 10", "none"),
    Case(
        "b81200000010000010000000",
        "READ ELEMENT STATUS Storage element (2), from element 0, 16 elements, allocation 4096, VOLTAG",
        "read",
        allocation=4096,
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.text)
def test_cdbs_read_as_one_line(case: Case) -> None:
    """Name, main fields, direction, first block, blocks and allocation length come out of the bytes."""
    check_reading(case._replace(device_type=8))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.text)
def test_every_truncation_decodes_as_far_as_it_goes(case: Case) -> None:
    """A cut CDB is shown as far as it goes, and says that it is cut."""
    check_truncations(case._replace(device_type=8))
