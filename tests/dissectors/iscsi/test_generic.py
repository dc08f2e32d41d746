"""PDUs of opcodes that no standard defines: shown, and flagged where nobody may use them."""

from __future__ import annotations

import pytest

from tests.dissectors.iscsi.headers import find, made, names


@pytest.mark.parametrize("opcode", [0x07, 0x0F, 0x11, 0x1B, 0x1F, 0x27, 0x2A, 0x30, 0x33, 0x3B])
def test_an_opcode_that_is_not_assigned_is_shown_as_such(opcode: int) -> None:
    pdu = made(opcode, b"abc", initiator_task_tag=7)
    assert pdu.name == f"Unknown (0x{opcode:02x})"
    assert pdu.summary() == f"Unknown (0x{opcode:02x}) ITT 0x7 data 3"
    assert names(pdu) == ["unknown-opcode"]
    assert find(pdu.tree(), "Data").value == b"abc"


@pytest.mark.parametrize("opcode", [0x1C, 0x1D, 0x1E, 0x3C, 0x3D, 0x3E])
def test_an_opcode_of_vendors_is_no_problem(opcode: int) -> None:
    pdu = made(opcode, b"abc", initiator_task_tag=7, total_ahs_length=0)
    assert pdu.name == f"Vendor-specific (0x{opcode:02x})"
    assert names(pdu) == []
    assert find(pdu.tree(), "iscsi.vendorspecificdata").value == b"abc"


def test_what_is_specific_to_the_opcode_is_kept_as_it_is() -> None:
    pdu = made(0x2A, specific_1=0x123456, specific_8=1, specific_20=bytes(range(28)), final=1)
    assert pdu.header[1:4].hex() == "923456"
    assert pdu.header[20:48] == bytes(range(28))
