"""The laws of mode parameters (SPC-5 7.5, SBC-4 6.5)."""

from __future__ import annotations

import pytest

from dissectors.scsi.mode import mode_data
from tests.dissectors.scsi import samples
from tests.dissectors.scsi.laws import check_cuts, check_tail, check_whole, parameters_of
from tests.dissectors.scsi.trees import check_inside, find, walk


@pytest.mark.parametrize("sample", samples.MODE)
def test_data_reads_as_its_command_says(sample: samples.Sample) -> None:
    """Label, text and the place of every field."""
    check_whole(sample)


@pytest.mark.parametrize("sample", samples.MODE)
def test_data_cut_anywhere_is_no_problem(sample: samples.Sample) -> None:
    """An allocation length may cut data at every byte."""
    check_cuts(sample)


@pytest.mark.parametrize("sample", samples.MODE)
def test_bytes_behind_the_structure_are_shown_apart(sample: samples.Sample) -> None:
    """The structure ends by its own length."""
    check_tail(sample)


@pytest.mark.parametrize("sample", samples.MODE_PARAMETERS)
def test_parameter_lists_read_as_their_command_says(sample: samples.Sample) -> None:
    """The same for what goes to the target."""
    check_whole(sample, parameters_of)
    check_cuts(sample, parameters_of)


def test_mode_pages_have_their_place() -> None:
    """The flags that matter, of tgt's pages."""
    nodes = check_whole(samples.MODE[1])
    wce = find(nodes, "scsi.sbc.modepage.wce")
    assert (wce.value, wce.offset, wce.mask) == (1, 32, 0x04)
    assert find(nodes, "Block descriptor").text == "number of blocks 0, block length 512"
    assert find(nodes, "DPOFUA, DPO and FUA supported").value == 1


def test_block_descriptors_depend_on_device_and_header() -> None:
    """Tapes have a density code, LONGLBA makes 16 bytes."""
    tape = mode_data(bytes.fromhex("0b001008 4c000000 00000200"), False, 1)
    assert find(tape, "scsi.blockdescs.density_code").value == 0x4C
    long = mode_data(bytes.fromhex("0016000001000010 0000000100000000 00000000 00001000"), True)
    assert find(long, "scsi.blockdescs.no_of_blocks64").value == 1 << 32


def test_a_length_shorter_than_the_header_changes_nothing() -> None:
    """A mode data length of 0 is wrong, but the header is there all the same."""
    check_inside(mode_data(bytes.fromhex("00001000 ffff"), False), 0, 6)


def test_pages_without_a_table_are_shown_raw() -> None:
    """Unknown pages keep their bytes, subpages their number."""
    nodes = mode_data(bytes.fromhex("0d000000 2003aabbcc 5933 0001 dd"), False)
    assert nodes[0].text == "Vendor specific (0x20), Protocol specific port (0x19/0x33)"
    assert [node.value for node in walk(nodes) if node.label == "Page data"] == [bytes.fromhex("aabbcc"), b"\xdd"]
