"""Reject (RFC 7143 section 11.17): what it quotes is shown, and is no PDU of its own."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dissectors.iscsi.ahs import build_ahs
from dissectors.iscsi.reject import rejected
from dissectors.pdu import build
from tests.dissectors.iscsi.headers import find, made, names, walk

INNER = build("SCSI Command", ahs=build_ahs(1, bytes(16)), lun=1 << 48, initiator_task_tag=0x12, cdb=b"\x28")


def test_the_rejected_header_is_dissected_where_it_stands() -> None:
    pdu = made("Reject", INNER + b"vendor", reason=4, stat_sn=3)
    assert pdu.summary().startswith("Reject Protocol Error StatSN 3 of [SCSI Command READ(10) LUN 1 ")
    tree = pdu.tree()
    quoted = find(tree, "Rejected PDU")
    assert (quoted.offset, quoted.length) == (48, len(INNER))
    assert find(quoted.children, "Initiator Task Tag").offset == 48 + 16
    assert find(quoted.children, "Initiator Task Tag").value == 0x12
    assert find(quoted.children, "AHS").offset == 48 + 48
    assert find(tree, "iscsi.vendorspecificdata").value == b"vendor"
    assert names(pdu) == []


def test_what_is_quoted_matches_no_filter() -> None:
    pdu = made("Reject", INNER, reason=4)
    assert all(not node.filter for node in walk(find(pdu.tree(), "Rejected PDU").children))
    assert [node.value for node in walk(pdu.tree()) if node.filter == "iscsi.opcode"] == [0x3F]


def test_a_reject_of_a_reject_ends_there() -> None:
    pdu = made("Reject", build("Reject", data=INNER), reason=9)
    assert "of [Reject " in pdu.summary()
    assert len([node for node in walk(pdu.tree()) if node.label == "Rejected PDU"]) == 1


@pytest.mark.parametrize("cut", range(1, 48))
def test_a_header_that_came_back_short_is_shown_as_far_as_it_goes(cut: int) -> None:
    pdu = made("Reject", INNER[:cut], reason=4)
    assert find(pdu.tree(), "Rejected PDU").problem == f"{cut} of 48 header bytes"
    assert names(pdu) == ["reject-header-short"]


def test_a_reject_may_quote_nothing() -> None:
    pdu = made("Reject", reason=2)
    assert rejected(pdu) is None
    assert pdu.summary() == "Reject Data (payload) digest error StatSN 0"


@given(st.binary(max_size=120))
def test_no_quoted_bytes_raise(data: bytes) -> None:
    pdu = made("Reject", data)
    assert pdu.summary().startswith("Reject")
    assert all(node.offset + node.length <= 48 + len(pdu.data) + 3 for node in walk(pdu.tree()))


@pytest.mark.parametrize(("reason", "meaningful"), [(4, True), (2, False)])
def test_the_number_of_the_missing_pdu_belongs_to_one_reason(reason: int, meaningful: bool) -> None:
    assert ("not meaningful" not in find(made("Reject", reason=reason).tree(), "iscsi.datasn").text) is meaningful
