"""The laws of designation descriptors (SPC-5 7.7.6)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dissectors.scsi.designators import designation, designations
from tests.dissectors.scsi.trees import check_inside, find

CASES = [
    ("0103 5000c50012345678", "Logical unit: naa.5000c50012345678"),
    ("0103 2000c50012345678", "Logical unit: naa.2000c50012345678"),
    ("0103 3000000000000001", "Logical unit: naa.3000000000000001"),
    ("0103 60014055a98c45384614977a4c5a20a9", "Logical unit: naa.60014055a98c45384614977a4c5a20a9"),
    ("0103 ", "Logical unit: "),
    ("0102 0011223344556677", "Logical unit: eui.0011223344556677"),
    ("0201 " + b"IET     00010001".hex(), "Logical unit: IET 00010001"),
    ("0101 " + b"IET     \1\2".hex(), "Logical unit: IET 0102"),
    ("0201 " + b"IET".hex(), "Logical unit: IET"),
    ("5194 00000003", "Target port: relative target port identifier 3"),
    ("5195 00000004", "Target port: target port group 4"),
    ("0106 00000005", "Logical unit: logical unit group 5"),
    ("0107 " + "00" * 16, "Logical unit: " + "00" * 16),
    ("53a8 " + b"iqn.2003-01.org:x\0\0\0".hex(), "Target device: iqn.2003-01.org:x"),
    ("0308 " + "6971ff0a", "Logical unit: iq\\xff\\n"),
    ("0109 0001", "Logical unit: 0001"),
    ("010a 1000" + "0123456789abcdef" * 2, "Logical unit: uuid.01234567-89ab-cdef-0123-456789abcdef"),
    ("0100 dead", "Logical unit: dead"),
    ("013f beef", "Reserved: beef"),
]  # fmt: skip


def descriptor(text: str) -> bytes:
    """A descriptor from its first two bytes and its designator."""
    head, _, body = text.partition(" ")
    return bytes.fromhex(head) + bytes((0, len(body) // 2)) + bytes.fromhex(body)


@pytest.mark.parametrize(("raw", "text"), CASES)
def test_designators_of_every_kind_are_named(raw: str, text: str) -> None:
    """All designator types come out as people write them, wherever they stand, cut or not."""
    data = b"before" + descriptor(raw) + b"behind"
    end = len(data) - 6
    node, after = designation(data, 6, end)
    assert (node.text, after) == (text, end)
    check_inside([node], 6, end)
    for cut in range(6, end):
        check_inside([designation(data[:cut], 6, cut)[0]], 6, cut)


def test_the_parts_of_a_name_have_their_place() -> None:
    """Company and vendor specific bits of NAA 6 lie across byte borders."""
    node, _ = designation(descriptor(CASES[3][0]), 0, 20)
    company, vendor = find([node], "scsi.naa.ieee_company_id"), find([node], "scsi.naa.vendor_specific")
    assert (company.value, company.offset, company.length, company.mask) == (0x001405, 4, 4, 0x0FFFFFF0)
    assert (vendor.value, vendor.offset, vendor.length, vendor.mask) == (0x5A98C4538, 7, 5, 0xFFFFFFFFF)


@given(st.binary(max_size=80), st.integers(0, 5))
def test_any_bytes_decode(data: bytes, start: int) -> None:
    """Lists end, and nodes stay inside, whatever the bytes."""
    start = min(start, len(data))
    check_inside(designations(data, start, len(data)), start, len(data))
