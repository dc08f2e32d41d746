"""The laws of parameter data decoding as a whole: which decoder a command has, and that nothing can break one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dissectors.scsi.data import decode_data, decode_parameters
from tests.dissectors.scsi.laws import check_whole, data_of
from tests.dissectors.scsi.samples import DATA, PARAMETERS, SENSE, Sample
from tests.dissectors.scsi.trees import check_inside, walk


@pytest.mark.parametrize("sample", SENSE)
def test_request_sense_returns_sense_data(sample: Sample) -> None:
    """The Data-In of REQUEST SENSE is sense data."""
    check_whole(sample)


def test_commands_without_a_decoder_yield_nothing() -> None:
    """User data and unknown commands are the caller's to show."""
    assert decode_data(bytes.fromhex("28000000000000000100"), bytes(512)) == []
    assert decode_data(b"", b"data") == decode_data(b"\x12", b"") == []
    assert decode_parameters(bytes.fromhex("2a000000000000000100"), bytes(512)) == []
    assert decode_parameters(b"", b"data") == decode_parameters(b"\x15", b"") == []


def test_the_long_form_of_get_lba_status_has_the_same_data() -> None:
    """GET LBA STATUS(32) answers like GET LBA STATUS(16)."""
    cdb = bytes.fromhex("7f000000000000180012") + bytes(22)
    assert decode_data(cdb, bytes(24))[0].label == "GET LBA STATUS data"


def test_no_tree_grows_without_end() -> None:
    """Megabytes of descriptors are decoded up to a limit and otherwise shown as bytes."""
    data = (1 << 20).to_bytes(4, "big") + bytes(4) + bytes(8) * (1 << 17)
    nodes = decode_data(bytes.fromhex("a00000000000ffffffff0000"), data)
    assert sum(1 for _ in walk(nodes)) < 50_000
    assert (nodes[-1].label, nodes[-1].offset + nodes[-1].length) == ("Not decoded", len(data))


COMMANDS = sorted({sample.cdb for sample in DATA + PARAMETERS})


@given(st.sampled_from(COMMANDS), st.binary(max_size=200), st.sampled_from([None, 0, 1, 5, 8]))
def test_any_bytes_decode(cdb: str, data: bytes, device_type: int | None) -> None:
    """Nothing raises, and no node leaves the data, whatever the bytes."""
    raw = bytes.fromhex(cdb)
    check_inside(decode_data(raw, data, device_type), 0, len(data))
    check_inside(decode_parameters(raw, data, device_type), 0, len(data))


@given(st.binary(max_size=32), st.binary(max_size=64), st.integers(0, 255))
def test_any_command_with_any_bytes_decodes(cdb: bytes, data: bytes, device_type: int) -> None:
    """Nothing raises for hostile CDBs either."""
    check_inside(decode_data(cdb, data, device_type), 0, len(data))
    check_inside(decode_parameters(cdb, data, device_type), 0, len(data))


@given(st.sampled_from(DATA), st.data())
def test_damaged_data_decodes(sample: Sample, draw: st.DataObject) -> None:
    """One wrong byte anywhere, lengths included, changes words but raises nothing."""
    raw = bytearray.fromhex(sample.data)
    raw[draw.draw(st.integers(0, len(raw) - 1))] = draw.draw(st.integers(0, 255))
    check_inside(data_of(sample, bytes(raw)), 0, len(raw))
