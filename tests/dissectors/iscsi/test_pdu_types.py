"""The laws of the list of types: one for each opcode, and filter names as Wireshark has them."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from dissectors.iscsi.generic import Unknown, VendorSpecific
from dissectors.iscsi.pdu_types import PDU_TYPES, header_filters, sender_of, type_of


def test_every_opcode_is_served() -> None:
    served = {opcode: type_of(opcode) for opcode in range(0x40)}
    assert [opcode for opcode, kind in served.items() if kind is VendorSpecific] == [0x1C, 0x1D, 0x1E, 0x3C, 0x3D, 0x3E]
    standard = {opcode: kind for opcode, kind in served.items() if kind not in (VendorSpecific, Unknown)}
    assert standard == {kind.opcode: kind for kind in PDU_TYPES}
    assert len(standard) == 18


@pytest.mark.parametrize(
    ("opcode", "sender"), [(0, "initiator"), (0x1F, "initiator"), (0x20, "target"), (0x3F, "target")]
)
def test_the_opcode_tells_who_sends(opcode: int, sender: str) -> None:
    assert sender_of(opcode) == sender


def test_a_filter_name_finds_its_field_in_every_pdu_that_has_it() -> None:
    filters = header_filters()
    assert [opcode for opcode, _ in filters["iscsi.r2tsn"]] == [0x31]
    assert len(filters["iscsi.opcode"]) == 18
    opcode, row = filters["iscsi.login.status"][0]
    header = bytearray(48)
    header[0], header[36:38] = opcode, b"\2\1"
    assert row.read(bytes(header)) == 0x0201


@pytest.mark.oracle
@pytest.mark.skipif(shutil.which("tshark") is None, reason="tshark is not installed")
def test_filter_names_are_wiresharks_or_under_a_prefix_of_our_own() -> None:
    listing = subprocess.run(["tshark", "-G", "fields"], capture_output=True, text=True, check=True).stdout
    theirs = {line.split("\t")[2] for line in listing.splitlines() if line.startswith("F\t")}
    ours = {name for name in header_filters() if not name.startswith("iscsi.pdu.")}
    assert ours - theirs == set()
    assert not any(name.startswith("iscsi.pdu.") for name in theirs)
