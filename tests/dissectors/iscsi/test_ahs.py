"""The laws of additional header segments."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dissectors.iscsi.ahs import (
    BIDIRECTIONAL_READ_LENGTH,
    EXTENDED_CDB,
    ahs_nodes,
    bidirectional_read_length,
    build_ahs,
    full_cdb,
    parse_ahs,
)
from tests.dissectors.iscsi.headers import find, made, walk

LONG_CDB = bytes(range(0x7F, 0x7F + 32))
EXTENSION = build_ahs(EXTENDED_CDB, LONG_CDB[16:])
READ_LENGTH = build_ahs(BIDIRECTIONAL_READ_LENGTH, (4096).to_bytes(4, "big"))
AREA = EXTENSION + READ_LENGTH


@given(st.binary(max_size=120))
def test_every_byte_belongs_to_exactly_one_segment(area: bytes) -> None:
    at = 0
    for item in parse_ahs(area):
        assert item.offset == at
        assert item.size > 0
        at += item.size
    assert at == len(area)


@given(st.binary(max_size=120))
def test_the_nodes_of_a_segment_lie_inside_it(area: bytes) -> None:
    for node in ahs_nodes(parse_ahs(area), 48):
        for below in walk([node]):
            assert node.offset <= below.offset
            assert below.offset + below.length <= node.offset + node.length


def test_the_two_known_kinds_are_read() -> None:
    header = bytes(32) + LONG_CDB[:16]
    for area in (AREA, READ_LENGTH + EXTENSION):
        assert full_cdb(header, area) == LONG_CDB
        assert bidirectional_read_length(area) == 4096
        assert [item.problems for item in parse_ahs(area)] == [[], []]
    assert full_cdb(header) == LONG_CDB[:16]
    assert bidirectional_read_length(EXTENSION) is None


@pytest.mark.parametrize("cut", range(len(AREA)))
def test_an_area_cut_anywhere_keeps_what_is_whole(cut: int) -> None:
    area = AREA[:cut]
    found = full_cdb(bytes(32) + LONG_CDB[:16], area)
    assert LONG_CDB.startswith(found) and len(found) >= 16
    assert bidirectional_read_length(area) is None if cut < len(AREA) else 4096
    whole_items = cut in (0, len(EXTENSION))
    assert any(item.problems for item in parse_ahs(area)) is not whole_items


def test_a_header_cut_in_its_cdb_is_not_continued_by_the_extension() -> None:
    assert full_cdb(bytes(32) + LONG_CDB[:10], EXTENSION) == LONG_CDB[:10]
    assert full_cdb(b"", EXTENSION) == b""


@pytest.mark.parametrize(
    ("area", "name"),
    [
        (b"\xff\xff\1\0", "ahs-length"),
        (b"\0\0\1\0", "ahs-length"),
        (b"\0\1\1\0", "ahs-length"),
        (b"\0\6\2\0\0\0\0\0\0\0\0\0", "ahs-length"),
        (b"\0\1\0\0", "ahs-type"),
        (b"\0\1\x3f\0", "ahs-type"),
        (b"\0\5\2\1\0\0\0\0", "reserved-not-zero"),
        (b"\0\5\x82\0\0\0\0\0", "reserved-not-zero"),
        (b"\0\5", "ahs-truncated"),
    ],
)
def test_what_is_odd_about_a_segment_has_a_name(area: bytes, name: str) -> None:
    assert name in [problem.name for problem in parse_ahs(area)[0].problems]


def test_unknown_types_are_shown_with_all_their_bytes() -> None:
    pdu = made("SCSI Command", ahs=build_ahs(9, b"abcde", 0x42))
    tree = pdu.tree()
    assert find(tree, "iscsi.ahs.type").value == 9
    assert find(tree, "iscsi.ahs.unknown_blob").value == b"abcde"
    assert find(tree, "AHS-Specific").value == 0x42
    assert [problem.name for problem in pdu.problems] == ["ahs-type"]


def test_segments_stand_behind_the_header_in_the_tree() -> None:
    tree = made("SCSI Command", ahs=AREA, cdb=LONG_CDB[:16]).tree()
    assert find(tree, "iscsi.ahs.extended_cdb").offset == 52
    assert find(tree, "iscsi.ahs.bidir.length").value == 4096
    assert find(tree, "iscsi.ahs.bidir.length").offset == 48 + len(EXTENSION) + 4
