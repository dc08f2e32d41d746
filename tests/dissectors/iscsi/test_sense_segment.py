"""The laws of data segments with sense data."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dissectors.iscsi.sense_segment import first_sense, sense_segment, split_sense
from tests.dissectors.iscsi.headers import walk

SENSE = bytes.fromhex("700005000000000a00000000210000000000")
WHOLE = b"\0\x12" + SENSE + b"more"


def test_a_whole_segment_has_length_sense_and_the_rest() -> None:
    segment = sense_segment(WHOLE, "Rest", "iscsi.x")
    assert [(node.label, node.offset, node.length) for node in segment.nodes] == [
        ("SenseLength", 0, 2),
        ("Sense data", 2, 18),
        ("Rest", 20, 4),
    ]
    assert segment.problems == []
    assert first_sense(WHOLE) == ["ILLEGAL REQUEST: LOGICAL BLOCK ADDRESS OUT OF RANGE (5/21/00)"]


def test_a_length_of_0_leaves_only_the_rest() -> None:
    assert split_sense(b"\0\0event") == (0, b"", b"event")
    assert [node.label for node in sense_segment(b"\0\0event", "Rest", "").nodes] == ["SenseLength", "Rest"]
    assert first_sense(b"\0\0event") == []


@pytest.mark.parametrize("cut", range(len(WHOLE)))
def test_a_segment_cut_anywhere_keeps_what_was_captured(cut: int) -> None:
    segment = sense_segment(WHOLE[:cut], "Rest", "")
    assert sum(node.length for node in segment.nodes) == cut
    assert [problem.name for problem in segment.problems] == (["sense-length"] if 0 < cut < 20 else [])


@given(st.binary(max_size=80))
def test_no_bytes_raise_and_none_is_lost(data: bytes) -> None:
    segment = sense_segment(data, "Rest", "")
    assert sum(node.length for node in segment.nodes) == len(data)
    assert all(0 <= node.offset <= node.offset + node.length <= len(data) for node in walk(segment.nodes))
    assert len(first_sense(data)) <= 1
