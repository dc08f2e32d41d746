"""The laws of capacity, LBA status and UNMAP lists (SBC-4)."""

from __future__ import annotations

import pytest

from dissectors.scsi.capacity import binary_size, capacity_data, lba_status_data, unmap_parameters
from tests.dissectors.scsi import samples
from tests.dissectors.scsi.laws import check_cuts, check_tail, check_whole, parameters_of


@pytest.mark.parametrize("sample", samples.CAPACITY)
def test_data_reads_as_its_command_says(sample: samples.Sample) -> None:
    """Label, text and the place of every field."""
    check_whole(sample)


@pytest.mark.parametrize("sample", samples.CAPACITY)
def test_data_cut_anywhere_is_no_problem(sample: samples.Sample) -> None:
    """An allocation length may cut data at every byte."""
    check_cuts(sample)


@pytest.mark.parametrize("sample", samples.CAPACITY)
def test_bytes_behind_the_structure_are_shown_apart(sample: samples.Sample) -> None:
    """The structure ends by its own length."""
    check_tail(sample)


@pytest.mark.parametrize("sample", samples.CAPACITY_PARAMETERS)
def test_parameter_lists_read_as_their_command_says(sample: samples.Sample) -> None:
    """The same for what goes to the target."""
    check_whole(sample, parameters_of)
    check_cuts(sample, parameters_of)


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, "0 bytes"), (512, "512 bytes"), (1536, "1.5 KiB"), (1 << 40, "1 TiB"), (1 << 76, "65536 EiB")],
)
def test_sizes_are_for_people(size: int, text: str) -> None:
    """Binary units, one digit."""
    assert binary_size(size) == text


def test_no_data_is_no_node() -> None:
    """Nothing is made of nothing."""
    assert capacity_data(b"", long=True) == lba_status_data(b"") == unmap_parameters(b"") == []
