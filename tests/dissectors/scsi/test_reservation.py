"""The laws of persistent reservations (SPC-5 6.16, 6.17)."""

from __future__ import annotations

import pytest

from dissectors.scsi.reservation import reserve_in_data, reserve_out_parameters, transport_id
from tests.dissectors.scsi import samples
from tests.dissectors.scsi.laws import check_cuts, check_whole, parameters_of
from tests.dissectors.scsi.trees import find


@pytest.mark.parametrize("sample", samples.RESERVATION)
def test_data_reads_as_its_command_says(sample: samples.Sample) -> None:
    """Label, text and the place of every field."""
    check_whole(sample)


@pytest.mark.parametrize("sample", samples.RESERVATION)
def test_data_cut_anywhere_is_no_problem(sample: samples.Sample) -> None:
    """An allocation length may cut data at every byte."""
    check_cuts(sample)


@pytest.mark.parametrize("sample", samples.RESERVATION_PARAMETERS)
def test_parameter_lists_read_as_their_command_says(sample: samples.Sample) -> None:
    """The same for what goes to the target."""
    check_whole(sample, parameters_of)
    check_cuts(sample, parameters_of)


def test_registrations_name_the_initiator_port() -> None:
    """TransportIDs are read: iSCSI names, SAS addresses and others."""
    full = check_whole(next(sample for sample in samples.RESERVATION if sample.label == "Registrations"))
    text = "key 0x000000000000000a, holds the reservation, iqn.1993-08.org.debian:01:abc"
    assert find(full, "Registration").text == text
    sas = check_whole(samples.RESERVATION_PARAMETERS[2], parameters_of)
    assert find(sas, "scsi.persresv.transportid").text == "SAS 5000000000000001"
    other, end = transport_id(bytes((0x08,)) + bytes(23), 0, 24)
    assert (other.text, end) == ("ATA/ATAPI", 24)


def test_an_unknown_service_action_shows_its_data() -> None:
    """What has no structure that we know is shown as bytes."""
    nodes = reserve_in_data(0x1F, bytes.fromhex("00000001 00000002 abcd"))
    assert find(nodes, "Data").value == b"\xab\xcd"


def test_no_parameters_are_no_node() -> None:
    """Nothing is made of nothing."""
    assert reserve_out_parameters(0, b"") == []
