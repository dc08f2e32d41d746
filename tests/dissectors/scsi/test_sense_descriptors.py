"""The laws of sense-key specific bytes and sense data descriptors (SPC-5 4.4.2)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dissectors.scsi.sense_descriptors import DESCRIPTORS, descriptor_nodes, fru_of, key_specific, named
from dissectors.scsi.sense_key import SENSE_KEYS
from tests.dissectors.scsi.trees import check_inside, find


@pytest.mark.parametrize(
    ("raw", "key", "text"),
    [
        ("400002", 5, "not valid"),
        ("c00002", 5, "field pointer: CDB byte 2"),
        ("8d0011", 5, "field pointer: parameter data byte 17, bit 5"),
        ("800003", 0xA, "field pointer: parameter list byte 3"),
        ("a80003", 0xA, "field pointer: segment descriptor byte 3, bit 0"),
        ("800005", 1, "5 retries"),
        ("800005", 3, "5 retries"),
        ("800005", 4, "5 retries"),
        ("808000", 0, "progress 50.0 %"),
        ("808000", 2, "progress 50.0 %"),
        ("810000", 6, "unit attention queue overflow"),
        ("800000", 6, "no unit attention queue overflow"),
        ("812345", 0xB, "0x012345"),
    ],
)
def test_sense_key_specific_bytes_depend_on_the_key(raw: str, key: int, text: str) -> None:
    """Field pointer, retries, progress, overflow: and nothing at all without SKSV."""
    node = key_specific(b"at" + bytes.fromhex(raw), 2, key)
    assert node.text == text
    check_inside([node], 2, 5)


@pytest.mark.parametrize(
    ("raw", "text", "label", "value"),
    [
        ("060a" + "00" * 6 + "000000010000000200", "", "Not initiated functions", 1),
        ("0a06 05 24 00 00 4000", "", "Another additional sense code", 0x24),
        ("0b12 01 00" + "00" * 16, "", "NOT_ALL_R", 1),
        ("0c0a 82 02 7000050000000000", "", "Forwarded status", 2),
        ("0e06 01 00 01030000", "", "Descriptor usage reason", 1),
        ("0f06 0000 0000 0010", "", "Microcode activation time (s)", 16),
        ("0206 0000 c00002 00", "field pointer: CDB byte 2", "Field pointer", 2),
        ("090c 01 04 0001 00 01 00 00 00 00 a0 51", "ATA status 0x51, error 0x04", "Device", 0xA0),
    ],
)
def test_every_descriptor_shows_its_fields(raw: str, text: str, label: str, value: int) -> None:
    """The fields of each descriptor type, and the bytes behind them."""
    data = bytes.fromhex(raw)
    node, facts = descriptor_nodes(data, 0, len(data), 5)
    assert (node.text, facts.detail) == (text, text)
    assert node.label == f"{DESCRIPTORS(data[0])} descriptor"
    assert find([node], label).value == value
    check_inside([node], 0, len(data))


def test_codes_are_named_as_far_as_they_are_there() -> None:
    """Without the qualifier there are no words."""
    assert named(b"\x21\x00", 0, 2).text == "LOGICAL BLOCK ADDRESS OUT OF RANGE (0x2100)"
    assert (named(b"\x21", 0, 1).text, named(b"\x21", 0, 1).value) == ("", None)
    assert fru_of(b"\x07", 0).text == "0x07"


@given(st.binary(min_size=2, max_size=60), st.sampled_from(sorted(SENSE_KEYS)))
def test_any_bytes_decode(data: bytes, key: int) -> None:
    """Nothing raises, and nodes stay inside."""
    node, _ = descriptor_nodes(data, 0, len(data), key)
    check_inside([node], 0, len(data))
