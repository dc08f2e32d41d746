"""PDUs by number, their bytes out of the capture again, and a reader that never trips over the writer."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from iscsi_analyzer.store import rows
from iscsi_analyzer.store.rows import ROW_SIZE, ROWS_PER_BLOCK
from iscsi_analyzer.store.store import Store
from iscsi_analyzer.streams.pdu import MAX_KEPT
from tests.iscsi_analyzer.store.halfway import filled
from tests.iscsi_analyzer.stores import INQUIRY, Feeding, cut_short, every_kind, store_of, varied
from tests.support.mangle_whole import packet_of
from tests.support.talk import I2T, PARTS_APART, T2I, Talk
from tests.support.talk_load import mixture
from tests.support.talk_pdu import COMMAND, DATA_IN, Pdu


def numbered(store: Store, talk: Talk) -> list[tuple[int, Pdu]]:
    """The number of each PDU of the talk; every PDU must be there, each direction in its order."""
    waiting: dict[tuple[str, bytes], list[int]] = {}
    for number, row in enumerate(store.rows(), 1):
        waiting.setdefault((I2T if row.to_target else T2I, row.header), []).append(number)
    return [(waiting[pdu.direction, pdu.header].pop(0), pdu) for pdu in talk.pdus]


@pytest.mark.parametrize(
    "make", [every_kind, lambda: mixture(3, pdus=120, header_digest=True, data_digest=True, segmentation=PARTS_APART)]
)
def test_each_pdu_is_read_again_as_it_was_on_the_wire(make: Callable[[], Talk]) -> None:
    talk = make()
    store = store_of(talk.frames)
    for number, pdu in numbered(store, talk):
        row = store.row(number)
        assert store.raw(row) == pdu.wire and row.length == len(pdu.wire)
        assert store.data(number) == pdu.data and store.ahs(number) == pdu.ahs
        assert store.frames(row) == sorted({frame + 1 for frame, _, _ in pdu.spans})
        assert sum(length for _, length in store.spans(row)) == len(pdu.wire)
        assert store.kept_data(number) in (None, pdu.data)


def test_there_is_no_pdu_beyond_the_last() -> None:
    store = varied()
    for number in (0, -1, len(store) + 1, 1 << 40):
        with pytest.raises(IndexError, match=f"there are {len(store)}"):
            store.row(number)


@pytest.mark.parametrize("make", [varied, cut_short])
def test_all_ways_to_the_rows_give_the_same_rows(make: Callable[[], Store]) -> None:
    store = make()
    every = list(store.rows())
    assert [store.row(number) for number in range(1, len(store) + 1)] == every
    for start in (1, 2, len(store), len(store) + 1):
        assert list(store.rows(start)) == every[start - 1 :]
        found = []
        for block, first, count, _ in store.row_runs(start):
            part = block[first * ROW_SIZE : (first + count) * ROW_SIZE]
            found += [part[at + rows.HEADER_AT : at + ROW_SIZE] for at in range(0, len(part), ROW_SIZE)]
        assert found == [row.header for row in every[start - 1 :]]


def test_data_of_any_length_is_whole() -> None:
    """Of a long text the first pass keeps the beginning only; the capture has the rest."""
    talk = Talk(initiator_max_recv_data_segment_length=1 << 18, max_burst_length=1 << 18).open()
    long = bytes(range(256)) * (3 * MAX_KEPT // 256)
    task = talk.command(INQUIRY, flags=0xC1, expected_data_transfer_length=len(long))
    pdu = talk.data_in(task, long, status=0)
    store = store_of(talk.frames)
    (number,) = [number for number, each in numbered(store, talk) if each is pdu]
    kept = store.kept_data(number)
    assert kept is not None and len(kept) == MAX_KEPT and long.startswith(kept)
    data = store.data(number)
    assert len(data) == len(long) and long.startswith(data)


def test_of_data_with_a_hole_only_the_captured_bytes_are_shown() -> None:
    """Missing bytes are zeros, and what was captured stands at its place."""
    talk = Talk().open()
    task = talk.command(read=8192)
    pdu = talk.data_in(task, 8192, status=0)
    frames = list(talk.frames)
    hole, start, length = pdu.spans[2]
    store = store_of([*frames[:hole], *frames[hole + 1 :]])
    number = len(store)
    row = store.row(number)
    assert row.data_captured == 8192 - length and row.flags & rows.FLAG_CUT
    before = sum(size for _, _, size in pdu.spans[:2]) - 48
    data = store.data(number)
    assert len(data) == 8192
    assert data[:before] == pdu.data[:before] and not any(data[before : before + length])
    assert data[before + length :] == pdu.data[before + length :]
    assert start


def test_a_header_that_was_cut_says_how_much_of_it_is_true() -> None:
    store = cut_short()
    for row in store.rows():
        assert not any(row.header[row.header_captured :])
    assert {row.header_captured for row in store.rows()} == {40}


def test_additional_headers_are_shown_as_far_as_they_were_captured() -> None:
    talk = Talk().open()
    extension = b"\x00\x15\x01\x00" + bytes(range(20))
    command = talk.command(ahs=extension)
    talk.response(command)
    at = next(frame for pdu in talk.pdus if pdu.ahs for frame, _, _ in pdu.spans)
    frames = list(talk.frames)
    packet = packet_of(frames[at])
    assert packet is not None
    head = len(frames[at].data) - len(packet.payload)
    for kept in (0, 4, 11, 24):
        cut = frames[at]._replace(data=frames[at].data[: head + 48 + kept])
        store = store_of([*frames[:at], cut, *frames[at + 1 :]])
        number = next(number for number, row in enumerate(store.rows(), 1) if row.opcode == COMMAND)
        assert store.ahs(number) == extension[:kept]


def test_kept_data_is_listed_in_the_order_of_the_pdus() -> None:
    store = varied()
    numbers = store.kept_numbers()
    assert numbers == sorted(numbers) == list(store.all_kept_data)
    assert store.kept_numbers(3) == numbers[3:] and store.kept_numbers(len(numbers) + 5) == []


def test_the_sides_of_a_pdu_are_told_apart() -> None:
    for row in varied().rows():
        assert row.to_target == (row.opcode < 0x20)


def test_what_is_gone_from_the_capture_is_zero() -> None:
    """A file that was cut after it was read costs its bytes and nothing else."""
    talk = Talk().open()
    talk.read(512)
    feeding = Feeding()
    feeding.feed(talk.frames)
    store = Store(feeding.engine, lambda position, length: b"")
    row = store.row(len(store))
    assert store.raw(row) == bytes(row.length) and row.opcode == DATA_IN


def test_half_a_row_is_no_row() -> None:
    """A writer in another thread may be in the middle of one."""
    store = filled(10, 0, b"\x01" * (ROW_SIZE // 2))
    assert [row.time_first for row in store.rows()] == list(range(1, 11))
    assert store.row(10).time_first == 10
    assert [count for _, _, count, _ in store.row_runs()] == [10]


@pytest.mark.parametrize("meanwhile", [1, 2, 30])
def test_a_block_that_becomes_full_while_it_is_read_is_still_read_right(meanwhile: int) -> None:
    count = ROWS_PER_BLOCK - 1
    store = filled(count, meanwhile)
    assert store.row(5).time_first == 5
    store = filled(count, meanwhile)
    found = [row.time_first for row in store.rows()]
    assert found == list(range(1, len(found) + 1)) and len(found) >= count
    store = filled(count, meanwhile)
    times: list[int] = []
    for block, first, size, _ in store.row_runs():
        times += [
            int.from_bytes(block[at * ROW_SIZE : at * ROW_SIZE + 8], "little") for at in range(first, first + size)
        ]
    assert times == list(range(1, len(times) + 1)) and len(times) >= count
