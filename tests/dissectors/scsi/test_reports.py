"""The laws of REPORT LUNS and of target port groups (SPC-5)."""

from __future__ import annotations

import pytest

from dissectors.scsi.lun import build_lun
from dissectors.scsi.reports import luns_data, port_groups_data, set_port_groups_parameters
from tests.dissectors.scsi import samples
from tests.dissectors.scsi.laws import check_cuts, check_tail, check_whole, parameters_of


@pytest.mark.parametrize("sample", samples.REPORTS)
def test_data_reads_as_its_command_says(sample: samples.Sample) -> None:
    """Label, text and the place of every field."""
    check_whole(sample)


@pytest.mark.parametrize("sample", samples.REPORTS)
def test_data_cut_anywhere_is_no_problem(sample: samples.Sample) -> None:
    """An allocation length may cut data at every byte."""
    check_cuts(sample)


@pytest.mark.parametrize("sample", samples.REPORTS)
def test_bytes_behind_the_structure_are_shown_apart(sample: samples.Sample) -> None:
    """The structure ends by its own length."""
    check_tail(sample)


@pytest.mark.parametrize("sample", samples.REPORTS_PARAMETERS)
def test_parameter_lists_read_as_their_command_says(sample: samples.Sample) -> None:
    """The same for what goes to the target."""
    check_whole(sample, parameters_of)
    check_cuts(sample, parameters_of)


def test_many_logical_units_are_counted_and_the_first_named() -> None:
    """The line stays short."""
    data = (8 * 20).to_bytes(4, "big") + bytes(4) + b"".join(build_lun(number) for number in range(250, 270))
    text = luns_data(data)[0].text
    assert text.startswith("20 logical units: 250, 251, 252, 253, 254, 255, flat 256, flat 257, ")
    assert text.endswith(", flat 265, ...")


def test_no_data_is_no_node() -> None:
    """Nothing is made of nothing."""
    assert luns_data(b"") == port_groups_data(b"", extended=False) == set_port_groups_parameters(b"") == []


def test_an_empty_list_says_so() -> None:
    """A target without units answers with an empty list."""
    assert luns_data(bytes(8))[0].text == "no logical unit"
