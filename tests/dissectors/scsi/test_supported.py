"""The laws of the reports about what is supported (SPC-5 6.35, 6.36)."""

from __future__ import annotations

import pytest

from dissectors.scsi.supported import operation_codes_data, task_management_data
from tests.dissectors.scsi import samples
from tests.dissectors.scsi.laws import check_cuts, check_whole
from tests.dissectors.scsi.trees import check_inside, find


@pytest.mark.parametrize("sample", samples.SUPPORTED)
def test_data_reads_as_its_command_says(sample: samples.Sample) -> None:
    """Label, text and the place of every field."""
    check_whole(sample)


@pytest.mark.parametrize("sample", samples.SUPPORTED)
def test_data_cut_anywhere_is_no_problem(sample: samples.Sample) -> None:
    """An allocation length may cut data at every byte."""
    check_cuts(sample)


def test_commands_have_their_names_and_timeouts() -> None:
    """Operation code and service action of each descriptor are looked up; timeouts are read where they are."""
    nodes = check_whole(samples.SUPPORTED[0])
    assert [node.text for node in nodes[0].children[1:]] == ["READ(10)", "READ CAPACITY(16)", "READ(32)"]
    assert find(nodes, "scsi.report_opcodes.rct").value == 20


def test_one_command_may_end_in_timeouts() -> None:
    """The timeouts follow the CDB usage data."""
    nodes = operation_codes_data(bytes.fromhex("00830006 28ffffffffff 000a000000000001 00000002"), one=True)
    check_inside(nodes, 0, 22)
    assert find(nodes, "scsi.report_opcodes.cdb_usage_data").value == bytes.fromhex("28ffffffffff")
    assert find(nodes, "scsi.report_opcodes.ncpt").value == 1


def test_no_data_is_no_node() -> None:
    """Nothing is made of nothing."""
    assert (
        operation_codes_data(b"", one=True) == operation_codes_data(b"", one=False) == task_management_data(b"") == []
    )
