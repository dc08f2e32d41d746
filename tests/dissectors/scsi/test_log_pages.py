"""The laws of log pages (SPC-5 7.3)."""

from __future__ import annotations

import pytest

from dissectors.scsi.log_pages import log_data
from tests.dissectors.scsi import samples
from tests.dissectors.scsi.laws import check_cuts, check_tail, check_whole, parameters_of
from tests.dissectors.scsi.trees import find


@pytest.mark.parametrize("sample", samples.LOG_PAGES)
def test_data_reads_as_its_command_says(sample: samples.Sample) -> None:
    """Label, text and the place of every field."""
    check_whole(sample)


@pytest.mark.parametrize("sample", samples.LOG_PAGES)
def test_data_cut_anywhere_is_no_problem(sample: samples.Sample) -> None:
    """An allocation length may cut data at every byte."""
    check_cuts(sample)


@pytest.mark.parametrize("sample", samples.LOG_PAGES)
def test_bytes_behind_the_structure_are_shown_apart(sample: samples.Sample) -> None:
    """The structure ends by its own length."""
    check_tail(sample)


@pytest.mark.parametrize("sample", samples.LOG_PAGES_PARAMETERS)
def test_parameter_lists_read_as_their_command_says(sample: samples.Sample) -> None:
    """The same for what goes to the target."""
    check_whole(sample, parameters_of)
    check_cuts(sample, parameters_of)


def test_parameters_are_numbers() -> None:
    """Codes and values of the temperature page."""
    nodes = check_whole(samples.LOG_PAGES[0])
    assert [node.text for node in nodes[0].children[-2:]] == ["0x0000: 28", "0x0001: 65"]


def test_lists_of_subpages_are_shown_raw() -> None:
    """Subpage FFh lists pages and subpages."""
    nodes = log_data(bytes.fromhex("40ff0004 0000 0d00"))
    assert find(nodes, "Pages and subpages").value == bytes.fromhex("00000d00")


def test_no_data_is_no_node() -> None:
    """Nothing is made of nothing."""
    assert log_data(b"") == []
