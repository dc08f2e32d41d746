"""Rows are found again as they were written: in full blocks, in the block that is being filled, and over the edge."""

from __future__ import annotations

from random import Random
from struct import Struct

import pytest

from iscsi_analyzer.store import rows
from iscsi_analyzer.store.rows import HEADER_AT, ROW_SIZE, ROWS_PER_BLOCK, RowWriter

_LAYOUT = Struct("<qqIIIIIIII48s")
"The table at the head of `store.rows`."
Fields = tuple[int, int, int, int, int, int, int, int, int, int, bytes]


def some(number: int) -> Fields:
    """A row that tells its number in every field."""
    random = Random(number)
    words = [random.randrange(1 << 31) for _ in range(8)]
    time = 1_700_000_000_000_000_000 + number
    return (
        time,
        time + 5,
        words[0],
        words[1],
        words[2],
        words[3],
        words[4],
        words[5],
        words[6],
        words[7],
        random.randbytes(48),
    )


def write(writer: RowWriter, row: Fields) -> int:
    """Appends the row."""
    return writer.add(*row)


@pytest.fixture(scope="module", params=[True, False], ids=["plain", "compiled"])
def written(request: pytest.FixtureRequest) -> RowWriter:
    """Rows, written in either way that there is."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rows, "INTERPRETED", request.param)
        writer = RowWriter()
    for number in range(1, ROWS_PER_BLOCK + 11):
        assert write(writer, some(number)) == number
    return writer


def test_a_row_has_the_layout_that_is_told(written: RowWriter) -> None:
    data = b"".join([*written.blocks, written.tail()])
    assert len(data) == written.count * ROW_SIZE and _LAYOUT.size == ROW_SIZE
    assert list(_LAYOUT.iter_unpack(data)) == [some(number) for number in range(1, written.count + 1)]


def test_a_full_block_stays_as_it_is(written: RowWriter) -> None:
    assert [len(block) for block in written.blocks] == [ROWS_PER_BLOCK * ROW_SIZE]
    block = written.blocks[0]
    view = memoryview(block)
    write(written, some(written.count + 1))
    assert written.blocks[0] is block and view[:8] == block[:8]


@pytest.mark.parametrize("number", [1, 2, ROWS_PER_BLOCK - 1, ROWS_PER_BLOCK, ROWS_PER_BLOCK + 1, ROWS_PER_BLOCK + 10])
def test_the_parts_that_rules_look_up_are_those_of_the_row(written: RowWriter, number: int) -> None:
    row = some(number)
    assert written.header(number) == row[10]
    assert written.time_last(number) == row[1]
    assert written.origin(number) == row[4] | row[5] << 32


def test_the_edge_of_a_block_is_no_edge_for_readers() -> None:
    writer = RowWriter()
    for number in range(1, ROWS_PER_BLOCK + 1):
        write(writer, some(number))
    assert writer.tail() == b"" and len(writer.blocks) == 1
    assert writer.header(ROWS_PER_BLOCK) == some(ROWS_PER_BLOCK)[10]
    write(writer, some(ROWS_PER_BLOCK + 1))
    assert len(writer.tail()) == ROW_SIZE
    assert writer.header(ROWS_PER_BLOCK + 1) == some(ROWS_PER_BLOCK + 1)[10]


def test_the_flags_do_not_share_bits() -> None:
    single = [value for name, value in vars(rows).items() if name.startswith("FLAG_")]
    wide = [rows.DIGEST_MASK << rows.HEADER_DIGEST_SHIFT, rows.DIGEST_MASK << rows.DATA_DIGEST_SHIFT]
    wide.append(rows.CAPTURED_MASK << rows.CAPTURED_SHIFT)
    assert len(single) == 8
    total = 0
    for bits in [*single, *wide]:
        assert total & bits == 0
        total |= bits
    assert total < 1 << 31 and rows.CAPTURED_MASK >= 48
    assert HEADER_AT + 48 == ROW_SIZE
