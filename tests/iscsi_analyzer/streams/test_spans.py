"""The table of pieces knows where every byte of a stream lies in the capture, and which frames hold it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iscsi_analyzer.streams.spans import ENTRIES_PER_BLOCK, ENTRY_SIZE, GAP, SpanTable

Pieces = list[tuple[int, int, int]]
"Position, length, frame."


def filled(pieces: Pieces) -> SpanTable:
    table = SpanTable()
    for position, length, frame in pieces:
        table.add(position, length, frame)
    return table


def expected(pieces: Pieces, entry: int, skip: int, length: int) -> list[tuple[int, int]]:
    """By walking over all of it."""
    out = []
    for position, size, _ in pieces[entry:]:
        take = min(size - skip, length)
        if take > 0:
            out.append((position if position == GAP else position + skip, take))
            length -= take
        skip = max(0, skip - size)
        if not length:
            break
    return out


PIECE = st.tuples(st.one_of(st.just(GAP), st.integers(0, 1 << 50)), st.integers(1, 2000), st.integers(1, 0x7FFFFFFF))


@given(st.lists(PIECE, min_size=1, max_size=30), st.data())
def test_every_range_is_found_piece_by_piece(pieces: Pieces, data: st.DataObject) -> None:
    table = filled(pieces)
    entry = data.draw(st.integers(0, len(pieces) - 1))
    skip = data.draw(st.integers(0, 4000))
    length = data.draw(st.integers(0, 9000))
    assert table.pieces(entry, skip, length) == expected(pieces, entry, skip, length)


def test_frames_are_told_once_and_in_order() -> None:
    table = filled([(100, 10, 7), (200, 10, 5), (GAP, 10, 6), (300, 10, 7), (400, 10, 9)])
    assert table.frames(0, 0, 40) == [5, 7]
    assert table.frames(0, 9, 2) == [5, 7]
    assert table.frames(0, 10, 10) == [5]
    assert table.frames(2, 0, 10) == []
    assert table.frames(0, 0, 1000) == [5, 7, 9]
    assert table.frames(0, 0, 0) == []
    assert [table.frame(entry) for entry in range(5)] == [7, 5, 6, 7, 9]


@pytest.mark.parametrize("count", [1, ENTRIES_PER_BLOCK - 1, ENTRIES_PER_BLOCK, ENTRIES_PER_BLOCK + 1, 10_000])
def test_blocks_are_filled_one_after_the_other(count: int) -> None:
    """A full block never changes again, so a reader may keep it."""
    table = SpanTable()
    seen: list[bytes] = []
    for number in range(count):
        table.add(number * 100, 10, number + 1)
        if len(table.blocks) > len(seen):
            seen.append(table.blocks[-1])
    assert table.blocks == seen and table.count == count and table.end == count * 10
    assert {len(block) for block in seen} <= {ENTRIES_PER_BLOCK * ENTRY_SIZE}
    assert len(table.tail()) == ENTRY_SIZE * (count - ENTRIES_PER_BLOCK * len(seen)) <= ENTRY_SIZE * ENTRIES_PER_BLOCK
    for entry in {0, count // 2, count - 1, max(0, count - ENTRIES_PER_BLOCK)}:
        assert table.pieces(entry, 3, 4) == [(entry * 100 + 3, 4)]
        assert table.frame(entry) == entry + 1


def test_a_piece_is_found_by_the_bytes_that_it_holds() -> None:
    """Every byte of the latest pieces, also across the borders of blocks."""
    table = SpanTable()
    starts = []
    for number in range(9000):
        starts.append(int(table.end))
        table.add(number, 1 + number % 7, number)
    for entry in [*range(8990, 9000), 8200, 8191, 8192, 8193, 9000 - ENTRIES_PER_BLOCK]:
        for skip in range(1 + entry % 7):
            assert table.find(starts[entry] + skip) == (entry, skip)
    assert table.find(starts[9000 - ENTRIES_PER_BLOCK] - 1) == (-1, 0), "too long ago"
    assert table.find(int(table.end)) == (-1, 0), "not there yet"
    assert SpanTable().find(0) == (-1, 0)


def test_offsets_wrap_at_four_gigabytes() -> None:
    """A stream may be longer; its latest bytes are found by the low half of their offset, and pieces are as long as
    they are."""
    table = SpanTable()
    for _ in range(33):
        table.add(GAP, (1 << 27) - 1, 1)
    begin = int(table.end)
    assert begin > 1 << 32
    table.add(5000, 100, 2)
    table.add(6000, 100, 3)
    assert table.find((begin + 30) & 0xFFFFFFFF) == (33, 30)
    assert table.find((begin + 130) & 0xFFFFFFFF) == (34, 30)
    assert table.pieces(33, 30, 100) == [(5030, 70), (6000, 30)]
    assert table.pieces(32, (1 << 27) - 11, 20) == [(GAP, 10), (5000, 10)]


def test_an_entry_costs_sixteen_bytes() -> None:
    """What a frame adds to the memory, whatever it holds."""
    table = filled([(1, 65000, 1)] * 1000)
    assert len(table.tail()) == 16_000
