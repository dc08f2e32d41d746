"""A block is read right whatever its writer does meanwhile."""

from __future__ import annotations

import pytest

from iscsi_analyzer.model.task import TASK_SIZE, TASKS_PER_BLOCK, Task, TaskWriter
from iscsi_analyzer.store.blocks import in_blocks, whole_rows
from tests.iscsi_analyzer.store.halfway import Halfway


def tasks(count: int) -> TaskWriter:
    writer = TaskWriter()
    add(writer, count)
    return writer


def add(writer: TaskWriter, count: int) -> None:
    for _ in range(count):
        writer.add(Task(1, 7, writer.count + 1, 1), 0, 1, 0, 1)


def requests(data: bytes) -> list[int]:
    """The first number of each row: here, which row it is."""
    assert len(data) % TASK_SIZE == 0
    return [int.from_bytes(data[at : at + 4], "little") for at in range(0, len(data), TASK_SIZE)]


def test_full_blocks_and_the_one_that_is_being_filled() -> None:
    writer = tasks(TASKS_PER_BLOCK + 3)
    assert requests(whole_rows(writer, 0, TASK_SIZE)) == list(range(1, TASKS_PER_BLOCK + 1))
    assert requests(whole_rows(writer, 1, TASK_SIZE)) == [TASKS_PER_BLOCK + number for number in (1, 2, 3)]
    assert whole_rows(writer, 0, TASK_SIZE) is writer.blocks[0], "no copy"


def test_half_a_row_is_left_out() -> None:
    halfway = Halfway(tasks(5), None, b"\x01" * 87)
    assert requests(whole_rows(halfway, 0, TASK_SIZE)) == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("more", [1, 2, 50])
def test_a_block_that_becomes_full_meanwhile_is_that_block(more: int) -> None:
    writer = tasks(TASKS_PER_BLOCK - 1)
    halfway = Halfway(writer, lambda: add(writer, more), b"")
    assert requests(whole_rows(halfway, 0, TASK_SIZE)) == list(range(1, TASKS_PER_BLOCK + 1))


def test_rows_are_cut_into_full_blocks_and_a_rest() -> None:
    assert in_blocks(b"", 4) == [b""]
    assert in_blocks(b"abcdefghij", 4) == [b"abcd", b"efgh", b"ij"]
    assert in_blocks(b"abcdefgh", 4) == [b"abcd", b"efgh", b""]
