"""Columns are what the rows say, however an index grows, and what is kept of them is bounded."""

from __future__ import annotations

import gc
import struct
import weakref
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from iscsi_analyzer.store import columns as module
from iscsi_analyzer.store.columns import Columns, attached, pdu_columns
from tests.iscsi_analyzer.stores import Feeding, busy, every_kind, store_of

PER_BLOCK = 8


class Rows:
    """A writer with small rows and blocks: number, its square, and one byte."""

    def __init__(self) -> None:
        self.blocks: list[bytes] = []
        self.count = 0
        self._tail = b""

    def add(self, count: int = 1) -> None:
        for _ in range(count):
            self._tail += struct.pack("<q", -self.count) + struct.pack(">H", self.count**2 & 0xFFFF) + b"abcdef"
            self.count += 1
            if len(self._tail) == 16 * PER_BLOCK:
                self.blocks.append(self._tail)
                self._tail = b""

    def tail(self) -> bytes:
        return self._tail


def columns(rows: Rows) -> Columns:
    made = Columns(rows, 16, PER_BLOCK)
    made.refresh()
    return made


@given(st.lists(st.integers(0, 20), max_size=8))
def test_a_column_grows_with_its_rows(steps: list[int]) -> None:
    rows = Rows()
    made = columns(rows)
    for step in steps:
        rows.add(step)
        assert made.refresh() == rows.count
        assert made.field(0, "<i8").tolist() == [-number for number in range(rows.count)]
        assert made.field(8, ">u2").tolist() == [number**2 & 0xFFFF for number in range(rows.count)]
        assert made.field(8, ">u2").dtype.isnative


@given(st.integers(1, 50), st.lists(st.integers(0, 49), max_size=60))
def test_rows_are_gathered_in_any_order(count: int, wanted: list[int]) -> None:
    rows = Rows()
    rows.add(count)
    made = columns(rows)
    inside = np.array([row for row in wanted if row < count], dtype=np.int64)
    for _ in range(2):  # without and with the whole column at hand
        assert made.gather(0, "<i8", inside).tolist() == [-row for row in inside.tolist()]
        made.field(0, "<i8")
    assert made.gather_bytes(10, 6, inside).tobytes() == b"abcdef" * len(inside)


def test_rows_that_come_later_are_not_seen_before_the_next_look() -> None:
    rows = Rows()
    rows.add(3)
    made = columns(rows)
    first = made.field(0, "<i8")
    rows.add(20)
    assert len(made.field(0, "<i8")) == 3
    made.refresh()
    assert (len(made.field(0, "<i8")), len(first)) == (23, 3)
    made.limit(5)
    assert len(made.field(0, "<i8")) == 5
    made.limit(9)
    assert made.count == 5
    made.refresh()
    assert made.count == 23


def test_a_row_that_is_being_written_is_not_seen() -> None:
    rows = Rows()
    rows.add(PER_BLOCK + 2)
    rows._tail += b"half of it"
    made = columns(rows)
    assert (made.count, made.field(0, "<i8").tolist()[-1]) == (PER_BLOCK + 2, -(PER_BLOCK + 1))
    # Between a full block and the next: the tail is still the old one.
    rows = Rows()
    rows.add(PER_BLOCK)
    rows._tail = rows.blocks[0]
    made = columns(rows)
    assert made.field(0, "<i8").tolist() == [-number for number in range(PER_BLOCK)]


def test_a_block_that_fills_up_in_the_middle_of_a_look_is_seen_whole() -> None:
    class Busy(Rows):
        looks = 0

        def tail(self) -> bytes:
            self.looks += 1
            found = super().tail()
            if self.looks == 1:
                self.add(PER_BLOCK)
            return found

    rows = Busy()
    rows.add(3)
    made = columns(rows)
    assert made.field(0, "<i8").tolist() == [-number for number in range(made.count)]
    assert made.count == PER_BLOCK + 3


def test_computed_columns_are_computed_once_for_each_row() -> None:
    rows = Rows()
    made = columns(rows)
    asked: list[tuple[int, int]] = []

    def fill(start: int, end: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        asked.append((start, end))
        return np.arange(start, end) * 2

    for step in (5, 0, 9):
        rows.add(step)
        made.refresh()
        assert made.column("doubled", np.int64, fill).tolist() == [2 * number for number in range(rows.count)]
    assert asked == [(0, 5), (5, 14)]


def test_what_is_kept_is_bounded_and_the_oldest_goes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "KEPT_AT_LEAST", 0)
    monkeypatch.setattr(module, "KEPT_PER_ROW", 16)
    rows = Rows()
    rows.add(100)
    made = columns(rows)
    computed: list[str] = []

    def ask(key: str) -> None:
        def fill(start: int, end: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
            computed.append(key)
            return np.arange(start, end)

        assert made.column(key, np.int64, fill).tolist() == list(range(100))

    for key in "abacabcc":
        ask(key)
    assert computed == ["a", "b", "c", "b", "c"]
    assert sum(column.values.nbytes for column in made._kept.values()) <= 16 * 100


def test_pdus_of_a_store_have_columns() -> None:
    store = busy()
    found = pdu_columns(store)
    assert found is pdu_columns(store)
    rows = list(store.rows())
    assert found.field(0, "<i8").tolist() == [row.time_first for row in rows]
    assert found.field(20, "<u4").tolist() == [row.frame_last for row in rows]
    wanted = np.array(Random(1).sample(range(len(rows)), 50))
    assert found.gather_bytes(48, 48, wanted).tobytes() == b"".join(rows[row].header for row in wanted.tolist())


def test_columns_grow_with_the_store() -> None:
    feeding = Feeding()
    frames = every_kind().frames
    for start in range(0, len(frames), 11):
        feeding.feed(frames[start : start + 11])
        assert pdu_columns(feeding.store).count == len(feeding.store)
        opcodes = pdu_columns(feeding.store).field(48, "u1") & 0x3F
        assert opcodes.tolist() == [row.opcode for row in feeding.store.rows()]


def test_what_is_attached_to_a_store_goes_with_it() -> None:
    class Thing:
        def __init__(self, store: object) -> None:
            self.store = store

    store = store_of(every_kind().frames[:20])
    thing = attached(store, Thing)
    assert attached(store, Thing) is thing
    assert thing.store is store
    gone = weakref.ref(store)
    del store, thing
    gc.collect()
    assert gone() is None
