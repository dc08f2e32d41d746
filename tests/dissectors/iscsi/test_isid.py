"""The laws of the initiator session ID."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dissectors.iscsi.isid import isid_nodes, parse_isid
from tests.dissectors.iscsi.headers import bits


@given(st.integers(0, (1 << 48) - 1))
def test_the_parts_hold_all_48_bits(isid: int) -> None:
    parts = parse_isid(isid)
    assert parts.t << 46 | parts.a << 40 | parts.b << 24 | parts.c << 16 | parts.d == isid
    if parts.t == 0:
        assert parts.authority << 24 | parts.qualifier == isid
    elif parts.t == 3:
        assert parts.authority == parts.qualifier == -1
    else:
        assert parts.authority << 16 | parts.qualifier == isid & 0xFFFFFFFFFF


@pytest.mark.parametrize(
    ("isid", "text"),
    [
        (0x00023D000001, "OUI 00-02-3d, qualifier 0x000001"),  # open-iscsi
        (0x400001370000, "EN 311, qualifier 0x0000"),  # Microsoft
        (0x809F60A00000, "Random 0x9f60a0, qualifier 0x0000"),  # libiscsi
        (0xC00000000000, "reserved type"),
    ],
)
def test_each_type_reads_in_its_own_way(isid: int, text: str) -> None:
    assert parse_isid(isid).text == text


def test_the_nodes_cover_bytes_8_to_13_once() -> None:
    places = [place for node in isid_nodes(0) for place in bits(node)]
    assert sorted(places) == [(byte, bit) for byte in range(8, 14) for bit in range(8)]
