"""A pcapng file yields the frames of all its packet blocks, and what is sound of a damaged one."""

from __future__ import annotations

import random
import struct
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iscsi_analyzer.sources.capture import open_capture
from iscsi_analyzer.sources.pcapng import PcapngWalker
from iscsi_analyzer.sources.problems import ProblemLog
from iscsi_analyzer.sources.sink import BEFORE_ALL, LIMIT, NO_LIMIT, Interfaces
from tests.iscsi_analyzer.sources.calls import Calls, Walk, plain
from tests.support.capturefiles import (
    NOW,
    Record,
    block,
    interface,
    old_packet,
    packet,
    pcapng_file,
    section,
    simple_packet,
    some_records,
)

ORDERS = ("<", ">")


@pytest.mark.parametrize("order", ORDERS)
def test_both_byte_orders_yield_their_frames(order: str) -> None:
    records = some_records(20)
    found = Walk(PcapngWalker, pcapng_file(records, order=order, linktype=276))
    assert found.calls.plain == plain(records)
    assert {call.linktype for call in found.calls.calls} == {276}
    assert found.walker.big_endian == (order == ">")
    assert found.problems == []


@pytest.mark.parametrize("order", ORDERS)
def test_all_three_packet_blocks_yield_frames(order: str) -> None:
    records = some_records(6)
    data = section((), order) + interface((), order)
    data += packet(records[0], order=order) + old_packet(records[1], order=order)
    data += simple_packet(Record(NOW, b"simple"), order) + old_packet(records[2], order=order)
    found = Walk(PcapngWalker, data)
    of_simple = [(records[1].ts, b"simple", 6)]
    assert found.calls.plain == plain(records[:2]) + of_simple + plain(records[2:3])


def test_frames_without_a_time_get_the_one_before_and_a_note() -> None:
    data = section() + interface() + simple_packet(Record(0, b"a")) + packet(Record(NOW, b"b"))
    data += simple_packet(Record(0, b"c")) + simple_packet(Record(0, b"d"))
    found = Walk(PcapngWalker, data)
    assert [call.ts for call in found.calls.calls] == [0, NOW, NOW, NOW]
    assert len(found.problems) == 1
    assert "carry no time" in found.problems[0]


def test_a_simple_packet_has_what_its_block_and_the_snap_length_leave() -> None:
    data = section() + interface(snaplen=10) + simple_packet(Record(0, bytes(12), 100))
    (call,) = Walk(PcapngWalker, data).calls.calls
    assert (len(call.data), call.wire) == (10, 100)


def test_a_position_is_where_the_captured_bytes_are() -> None:
    data = section() + interface() + packet(Record(NOW, b"first")) + old_packet(Record(NOW, b"second"))
    data += simple_packet(Record(NOW, b"third."))
    calls = Walk(PcapngWalker, data).calls.calls
    assert [data[call.position : call.position + len(call.data)] for call in calls] == [b"first", b"second", b"third."]


def test_blocks_that_are_not_for_us_are_skipped() -> None:
    records = some_records(8)
    others = [4, 9, 10, 0xBAD, 0x40000BAD, 0x80000001, 0x7777]
    data = section() + interface()
    for kind, record in zip(others, records[:7], strict=True):
        data += block(kind, bytes(kind % 9 * 4)) + packet(record)
    found = Walk(PcapngWalker, data + packet(records[7]))
    assert found.calls.plain == plain(records)
    assert found.problems == []


def test_every_section_has_its_own_byte_order_and_interfaces() -> None:
    records = some_records(9)
    data = pcapng_file(records[:3]) + pcapng_file(records[3:6], order=">", linktype=113) + pcapng_file(records[6:])
    found = Walk(PcapngWalker, data)
    assert found.calls.plain == plain(records)
    assert [call.interface for call in found.calls.calls] == [0] * 3 + [1] * 3 + [2] * 3
    assert [call.linktype for call in found.calls.calls] == [1] * 3 + [113] * 3 + [1] * 3
    assert found.problems == []
    assert found.walker.variant == "1.0, 3 sections"


def test_frames_of_several_interfaces_carry_their_running_numbers() -> None:
    data = section() + interface(linktype=1) + interface(linktype=113)
    data += b"".join(packet(Record(NOW, b"x", interface=i)) for i in (0, 1, 1, 0))
    found = Walk(PcapngWalker, data)
    assert [(call.interface, call.linktype) for call in found.calls.calls] == [(0, 1), (1, 113), (1, 113), (0, 1)]


def test_the_walk_stops_before_the_first_frame_after_the_limit() -> None:
    records = some_records(6)
    for build in (packet, old_packet):
        data = section() + interface() + b"".join(build(record) for record in records)
        calls = Calls()
        walker = PcapngWalker("file", ProblemLog(), Interfaces())
        used = walker.walk(data, 0, 0, BEFORE_ALL, calls)
        assert (walker.stop, walker.next_ts, calls.plain) == (LIMIT, records[0].ts, [])
        used = walker.walk(data, used, 0, records[2].ts, calls)
        assert (walker.stop, walker.next_ts, calls.plain) == (LIMIT, records[3].ts, plain(records[:3]))
        assert walker.walk(data, used, 0, NO_LIMIT, calls) == len(data)
        assert calls.plain == plain(records)


@pytest.mark.parametrize("order", ORDERS)
def test_a_file_cut_anywhere_yields_all_whole_frames_and_a_problem(order: str) -> None:
    records = some_records(4)
    parts = [section((), order), interface((), order), *(packet(record, order=order) for record in records)]
    data = b"".join(parts)
    ends = [sum(len(part) for part in parts[:i]) for i in range(len(parts) + 1)]
    for length in range(1, len(data) + 1):
        found = Walk(PcapngWalker, data[:length])
        whole = sum(end <= length for end in ends) - 1
        assert found.calls.plain == plain(records[: max(whole - 2, 0)])
        assert len(found.problems) == (length not in ends)
        if length not in ends:
            assert f"offset {ends[whole]}: the last block is cut short (needs " in found.problems[0]


def test_what_looks_like_a_block_within_a_cut_one_does_not_disturb_the_report() -> None:
    data = pcapng_file([Record(NOW, struct.pack("<II", 5, 4096) + bytes(92))])
    found = Walk(PcapngWalker, data[:-6])
    assert found.problems == [
        "file: offset 48: the last block is cut short (needs 132 bytes, 126 are there): what precedes it was read"
    ]


GARBAGE = {
    "bytes of any kind": random.Random(1).randbytes(1001),
    "zeros": bytes(5000),
    "ones": b"\xff" * 333,
    "small numbers": struct.pack("<300I", *range(300)),
    "text": b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" * 20,
    "half a block": packet(Record(NOW, bytes(100)))[:90],
}


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("garbage", GARBAGE.values(), ids=GARBAGE)
def test_garbage_between_blocks_costs_no_frame(garbage: bytes, order: str) -> None:
    records = some_records(12)
    before = pcapng_file(records[:5], order=order)
    after = b"".join(packet(record, order=order) for record in records[5:])
    found = Walk(PcapngWalker, before + garbage + after)
    assert found.calls.plain == plain(records)
    assert len(found.problems) == 1
    assert found.problems[0].endswith(f": {len(garbage)} bytes were skipped")
    assert f"offset {len(before)}: " in found.problems[0]


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("kind", [1, 2, 3, 4, 5, 6, 9, 10, 0xBAD, 0x40000BAD, 0x0A0D0D0A])
def test_after_garbage_every_known_block_is_recognised(kind: int, order: str) -> None:
    """So no more is skipped than has to be."""
    known = section((), order) if kind == 0x0A0D0D0A else block(kind, bytes(20), order)
    found = Walk(PcapngWalker, pcapng_file([], order=order) + b"\xff" * 33 + known)
    assert ": 33 bytes were skipped" in found.problems[0]


@pytest.mark.parametrize("lie", [{"length": 0}, {"length": 8}, {"length": 45}, {"length": 2**31}, {"trailer": 44}])
def test_a_block_that_lies_about_its_length_is_lost_alone(lie: dict[str, Any]) -> None:
    records = some_records(8)
    bad = block(6, struct.pack("<IIIII", 0, 1, 1, 4, 4) + b"data", **lie)
    data = pcapng_file(records[:4])
    found = Walk(PcapngWalker, data + bad + pcapng_file(records[4:])[48:])
    assert found.calls.plain == plain(records)
    assert len(found.problems) == 1
    assert f"offset {len(data)}: the " in found.problems[0]
    assert f": {len(bad)} bytes were skipped" in found.problems[0]


def test_after_garbage_a_new_section_is_found_in_either_byte_order() -> None:
    records = some_records(6)
    data = pcapng_file(records[:3]) + b"garbage" + pcapng_file(records[3:], order=">")
    found = Walk(PcapngWalker, data)
    assert found.calls.plain == plain(records)
    assert "7 bytes were skipped" in found.problems[0]


def test_garbage_up_to_the_end_is_reported_once() -> None:
    records = some_records(3)
    data = pcapng_file(records)
    found = Walk(PcapngWalker, data + bytes(9999))
    assert found.calls.plain == plain(records)
    said = "there are zero bytes in place of a block, and no record was found after it: what precedes it was read"
    assert found.problems == [f"file: offset {len(data)}: {said}"]


def test_a_section_header_without_byte_order_is_damage() -> None:
    found = Walk(PcapngWalker, b"\n\r\r\n" + bytes(24) + pcapng_file(some_records(2)))
    assert found.calls.plain == plain(some_records(2))
    assert "the section header's byte-order magic is 0x00000000: 28 bytes were skipped" in found.problems[0]


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        (packet(Record(NOW, b"abcd"), captured=5), "a frame's captured length of 5 bytes exceeds its block"),
        (packet(Record(NOW, b"abcd"), captured=0xFFFFFFFF), "a frame's captured length of 4294967295 bytes exceeds"),
        (packet(Record(NOW, b"abcd", interface=3)), "a frame of interface 3, which the file does not describe"),
        (old_packet(Record(NOW, b"abcd", interface=3)), "a frame of interface 3, which the file does not describe"),
        (block(6, bytes(16)), "a packet block of 28 bytes is too short"),
        (block(2, bytes(16)), "a packet block of 28 bytes is too short"),
        (block(3, b""), "a packet block of 12 bytes is too short"),
    ],
)
def test_a_block_that_contradicts_itself_is_skipped_alone(bad: bytes, said: str) -> None:
    records = some_records(6)
    data = pcapng_file(records[:3])
    found = Walk(PcapngWalker, data + bad + pcapng_file(records[3:])[48:])
    assert found.calls.plain == plain(records)
    assert len(found.problems) == 1
    assert f"offset {len(data)}: {said}" in found.problems[0]


@given(st.binary(max_size=300))
def test_no_bytes_after_a_section_header_make_it_raise(data: bytes) -> None:
    for order in ORDERS:
        found = Walk(PcapngWalker, section((), order) + interface((), order) + data)
        assert found.walker.frames == len(found.calls.calls)


def some_blocks(order: str) -> bytes:
    records = some_records(4)
    comment = [(1, b"a comment"), (2, bytes(4))]
    data = section(comment, order) + interface([(2, b"eth0")], order)
    data += packet(records[0], comment, order) + old_packet(records[1], comment, order)
    data += simple_packet(records[2], order) + block(5, bytes(20), order)
    return data + packet(records[3], order=order)


@given(st.sampled_from(ORDERS), st.integers(0, 399), st.integers(0, 2**32 - 1))
def test_no_changed_word_makes_it_raise(order: str, place: int, word: int) -> None:
    data = bytearray(some_blocks(order))
    place %= len(data) - 4
    data[place : place + 4] = struct.pack("<I", word)
    found = Walk(PcapngWalker, bytes(data))
    assert found.walker.frames == len(found.calls.calls)


class Blocks(Calls):
    """Remembers every block that holds no frame, too, and after how many frames it came."""

    def __init__(self) -> None:
        super().__init__()
        self.blocks: list[tuple[int, bytes, bool, int, int]] = []

    def block(self, buf: bytes, start: int, length: int, big_endian: bool, position: int, interface: int) -> None:
        self.blocks.append((len(self.calls), buf[start : start + length], big_endian, position, interface))


@pytest.mark.parametrize("chunk_size", [1, 7, 64, 1 << 20])
def test_a_sink_hears_of_every_block_once_in_its_place(chunk_size: int, tmp_path: Path) -> None:
    """Numbers of interfaces go on from section to section."""
    frame = Record(NOW, b"frame")
    parts = [
        [section(), interface(), block(0x4711, b"odd.")],
        [section((), ">"), interface((), ">"), interface((), ">")],
        [block(4, bytes(4), ">")],
    ]
    path = tmp_path / "file"
    path.write_bytes(b"".join(parts[0] + [packet(frame)] + parts[1] + [packet(frame, (), ">")] + parts[2]))
    sink = Blocks()
    with open_capture([path], chunk_size=chunk_size) as capture:
        while capture.step(sink):
            pass
    assert [each[1] for each in sink.blocks] == [each for part in parts for each in part]
    assert [each[0] for each in sink.blocks] == [0, 0, 0, 1, 1, 1, 2]
    assert [each[2] for each in sink.blocks] == [False] * 3 + [True] * 4
    assert [each[4] for each in sink.blocks] == [-1, 0, -1, -1, 1, 2, -1]
    assert sink.blocks[1][3] == len(section())
