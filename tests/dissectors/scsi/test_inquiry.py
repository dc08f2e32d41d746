"""The laws of standard INQUIRY data (SPC-5 6.7.2)."""

from __future__ import annotations

import pytest

from dissectors.scsi.inquiry import inquiry_data
from tests.dissectors.scsi import samples
from tests.dissectors.scsi.laws import check_cuts, check_tail, check_whole
from tests.dissectors.scsi.trees import find, walk


@pytest.mark.parametrize("sample", samples.INQUIRY)
def test_data_reads_as_its_command_says(sample: samples.Sample) -> None:
    """Label, text and the place of every field."""
    check_whole(sample)


@pytest.mark.parametrize("sample", samples.INQUIRY)
def test_data_cut_anywhere_is_no_problem(sample: samples.Sample) -> None:
    """An allocation length may cut data at every byte."""
    check_cuts(sample)


@pytest.mark.parametrize("sample", samples.INQUIRY)
def test_bytes_behind_the_structure_are_shown_apart(sample: samples.Sample) -> None:
    """The structure ends by its own length."""
    check_tail(sample)


def test_fields_have_their_place() -> None:
    """Vendor, product, revision, flags and version descriptors of a LIO disk."""
    nodes = check_whole(samples.INQUIRY[0])
    assert find(nodes, "scsi.inquiry.vendor_id").value == "LIO-ORG"
    assert find(nodes, "scsi.inquiry.product_id").value == "disk1"
    assert find(nodes, "scsi.inquiry.product_rev").value == "4.0"
    assert find(nodes, "scsi.inquiry.devtype").text == "Direct access block device (0x00)"
    assert find(nodes, "scsi.inquiry.tpgs").text == "Implicit and explicit (3)"
    assert find(nodes, "scsi.inquiry.cmdque").value == 1
    versions = [node.text for node in walk(nodes) if node.filter == "scsi.inquiry.version_desc"]
    assert versions == ["SAM-5 (0x00a0)", "iSCSI (0x0960)", "SPC-4 (0x0460)", "SBC-3 (0x04c0)"]


def test_a_cut_says_how_much_is_there() -> None:
    """The text says how many of the bytes there are."""
    nodes = inquiry_data(bytes.fromhex(samples.INQUIRY[0].data)[:36])
    assert nodes[0].text == "Direct access block device: LIO-ORG disk1 4.0, 36 of 96 bytes"


def test_no_data_is_no_node() -> None:
    """Nothing is made of nothing."""
    assert inquiry_data(b"") == []
