"""The laws of vital product data (SPC-5 7.7, SBC-4 6.6)."""

from __future__ import annotations

import pytest

from dissectors.scsi.vpd import vpd_data
from tests.dissectors.scsi import samples
from tests.dissectors.scsi.laws import check_cuts, check_tail, check_whole
from tests.dissectors.scsi.trees import find


@pytest.mark.parametrize("sample", samples.VPD)
def test_data_reads_as_its_command_says(sample: samples.Sample) -> None:
    """Label, text and the place of every field."""
    check_whole(sample)


@pytest.mark.parametrize("sample", samples.VPD)
def test_data_cut_anywhere_is_no_problem(sample: samples.Sample) -> None:
    """An allocation length may cut data at every byte."""
    check_cuts(sample)


@pytest.mark.parametrize("sample", samples.VPD)
def test_bytes_behind_the_structure_are_shown_apart(sample: samples.Sample) -> None:
    """The structure ends by its own length."""
    check_tail(sample)


def test_block_limits_have_their_place() -> None:
    """Offsets beyond the part that old devices send count too."""
    page = bytes((0, 0xB0, 0, 0x3C)) + bytes(range(60))
    nodes = vpd_data(page)
    assert find(nodes, "scsi_sbc.bl.mtl").value == 0x04050607
    assert find(nodes, "scsi_sbc.bl.mwsl").value == 0x2021222324252627
    assert find(nodes, "scsi_sbc.bl.uga").value == 0x1C1D1E1F


def test_provisioning_may_end_in_a_designator() -> None:
    """The provisioning group is named as a designation descriptor."""
    nodes = vpd_data(bytes.fromhex("00b20010 00e00200 01030008 5000c50012345678"))
    assert find(nodes, "NAA designator").text == "Logical unit: naa.5000c50012345678"
    assert find(nodes, "scsi_sbc.ptype").text == "Thin provisioned (2)"


def test_no_data_is_no_node() -> None:
    """Nothing is made of nothing."""
    assert vpd_data(b"") == []
