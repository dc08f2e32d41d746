"""A pcap file yields its records whatever its variant, and what is sound of a damaged one."""

from __future__ import annotations

import random
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iscsi_analyzer.sources.pcap import PcapWalker
from iscsi_analyzer.sources.problems import ProblemLog
from iscsi_analyzer.sources.sink import BEFORE_ALL, LIMIT, MORE, NO_LIMIT, Interfaces
from tests.iscsi_analyzer.sources.calls import Calls, Walk, plain
from tests.support.capturefiles import NOW, SECOND, Record, pcap_file, pcap_header, pcap_record, some_records

KINDS = ("us", "ns", "modified")
ORDERS = ("<", ">")


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("kind", KINDS)
def test_every_variant_yields_its_records(kind: str, order: str) -> None:
    records = some_records(20)
    found = Walk(PcapWalker, pcap_file(records, kind=kind, order=order, linktype=113))
    assert found.calls.plain == plain(records)
    assert {call.linktype for call in found.calls.calls} == {113}
    assert found.problems == []
    assert found.walker.big_endian == (order == ">")
    assert found.walker.variant.startswith("2.4")
    assert ("Kuznetzov" in found.walker.variant) == (kind == "modified")


@pytest.mark.parametrize("order", ORDERS)
def test_nanoseconds_are_exact(order: str) -> None:
    """Also at the end of the time that a file can say."""
    for ts in (0, 1, 999_999_999, NOW + 123_456_789, 0xFFFFFFFF * SECOND + 999_999_999):
        records = [Record(ts, b"x")]
        assert Walk(PcapWalker, pcap_file(records, kind="ns", order=order)).calls.plain == plain(records)


def test_microseconds_become_nanoseconds() -> None:
    record = Record(NOW + 123_456_789, b"x")
    (call,) = Walk(PcapWalker, pcap_file([record])).calls.calls
    assert call.ts == NOW + 123_456_000


def test_a_position_is_where_the_captured_bytes_are() -> None:
    data = pcap_file(some_records(9), kind="modified")
    for call in Walk(PcapWalker, data).calls.calls:
        assert data[call.position : call.position + len(call.data)] == call.data


@pytest.mark.parametrize("order", ORDERS)
def test_bits_about_the_check_sequence_do_not_belong_to_the_link_type(order: str) -> None:
    found = Walk(PcapWalker, pcap_file(some_records(1), order=order, linktype=0x2400_0001))
    assert found.calls.calls[0].linktype == 1
    assert found.interfaces.facts[0].linktype == 1


def test_a_frame_is_never_shorter_on_the_wire_than_in_the_file() -> None:
    assert Walk(PcapWalker, pcap_file([Record(NOW, b"abcdef", 3)])).calls.calls[0].wire == 6


def test_a_frame_of_which_nothing_was_captured_is_a_frame() -> None:
    found = Walk(PcapWalker, pcap_file([Record(NOW, b"", 60)]))
    assert found.calls.plain == [(NOW, b"", 60)]
    assert found.problems == []


def test_the_facts_say_what_was_seen() -> None:
    records = some_records(7)
    found = Walk(PcapWalker, pcap_file(records, kind="ns", snaplen=96))
    walker = found.walker
    assert (walker.frames, walker.captured) == (7, sum(len(record.data) for record in records))
    assert (walker.first_ts, walker.last_ts) == (records[0].ts, records[-1].ts)
    (facts,) = found.interfaces.facts
    assert (facts.number, facts.snaplen, facts.resolution) == (0, 96, "ns")


def test_first_and_last_time_do_not_depend_on_the_order_in_the_file() -> None:
    walker = Walk(PcapWalker, pcap_file([Record(NOW + i, b"x") for i in (5000, 1000, 9000, 2000)])).walker
    assert (walker.first_ts, walker.last_ts) == (NOW + 1000, NOW + 9000)


def test_the_walk_stops_before_the_first_record_after_the_limit() -> None:
    records = some_records(6)
    data = pcap_file(records)
    calls = Calls()
    walker = PcapWalker("file", ProblemLog(), Interfaces())
    used = walker.walk(data, 0, 0, BEFORE_ALL, calls)
    assert (used, walker.stop, walker.next_ts, calls.plain) == (24, LIMIT, records[0].ts, [])
    used = walker.walk(data, used, 0, records[3].ts, calls)
    assert (walker.stop, walker.next_ts, calls.plain) == (LIMIT, records[4].ts, plain(records[:4]))
    used = walker.walk(data, used, 0, NO_LIMIT, calls)
    assert (used, walker.stop, calls.plain) == (len(data), MORE, plain(records))


def test_what_is_needed_is_said_exactly() -> None:
    """Whoever feeds the walker brings no byte too few, and need not bring one too many."""
    data = pcap_file([Record(NOW, b"x" * 100)])
    walker = PcapWalker("file", ProblemLog(), Interfaces())
    assert (walker.walk(data[:10], 0, 0, NO_LIMIT, Calls()), walker.need) == (0, 24)
    assert (walker.walk(data[:30], 0, 0, NO_LIMIT, Calls()), walker.need) == (24, 16)
    assert (walker.walk(data[:50], 24, 0, NO_LIMIT, Calls()), walker.need) == (24, 116)
    assert walker.walk(data, 24, 0, NO_LIMIT, Calls()) == len(data)


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_cut_anywhere_yields_all_whole_records_and_a_problem(kind: str) -> None:
    records = some_records(5)
    data = pcap_file(records, kind=kind)
    ends = [len(pcap_file(records[:i], kind=kind)) for i in range(6)]
    for length in range(1, len(data) + 1):
        found = Walk(PcapWalker, data[:length])
        whole = sum(end <= length for end in ends) - 1
        assert found.calls.plain == plain(records[: max(whole, 0)])
        assert len(found.problems) == (length not in ends)
        if length < 24:
            assert "the file header is cut short" in found.problems[0]
        elif length not in ends:
            assert f"offset {ends[whole]}: the last record is cut short (needs " in found.problems[0]


def test_an_unknown_version_is_read_all_the_same() -> None:
    records = some_records(3)
    data = pcap_header(version=(9, 1)) + pcap_file(records)[24:]
    found = Walk(PcapWalker, data)
    assert found.calls.plain == plain(records)
    assert found.problems == ["file: offset 4: file format version 9.1 is unknown: read as version 2.4"]


GARBAGE = {
    "bytes of any kind": random.Random(1).randbytes(1000),
    "zeros": bytes(5000),
    "ones": b"\xff" * 333,
    "small numbers": struct.pack("<200I", *range(200)),
    "text": b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" * 20,
}


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("garbage", GARBAGE.values(), ids=GARBAGE)
def test_garbage_between_records_costs_no_record(garbage: bytes, kind: str, order: str) -> None:
    records = some_records(12)
    before = pcap_file(records[:5], kind=kind, order=order)
    after = b"".join(pcap_record(record, kind=kind, order=order) for record in records[5:])
    found = Walk(PcapWalker, before + garbage + after)
    assert found.calls.plain == plain(records)
    assert len(found.problems) == 1
    assert found.problems[0].endswith(f": {len(garbage)} bytes were skipped")
    assert f"offset {len(before)}: " in found.problems[0]


def test_garbage_before_the_first_record_costs_no_record() -> None:
    records = some_records(6)
    found = Walk(PcapWalker, pcap_header() + b"\xee" * 77 + pcap_file(records)[24:])
    assert found.calls.plain == plain(records)


def test_zeros_at_the_end_are_reported_once_and_are_no_frames() -> None:
    """So a file looks after a power failure."""
    records = some_records(4)
    data = pcap_file(records)
    found = Walk(PcapWalker, data + bytes(10_000))
    assert found.calls.plain == plain(records)
    said = "the record is empty, and no record was found after it: what precedes it was read"
    assert found.problems == [f"file: offset {len(data)}: {said}"]


def test_an_impossible_length_is_reported_with_its_number() -> None:
    records = some_records(12)
    bad = struct.pack("<IIII", NOW // SECOND, 0, 0x7FFFFFFF, 100) + b"y" * 100
    data = pcap_file(records[:3])
    found = Walk(PcapWalker, data + bad + pcap_file(records[3:])[24:])
    assert found.calls.plain == plain(records)
    said = "the record's captured length of 2147483647 bytes is impossible: 116 bytes were skipped"
    assert found.problems == [f"file: offset {len(data)}: {said}"]


def test_an_impossible_fraction_of_a_second_is_reported() -> None:
    records = some_records(9)
    bad = struct.pack("<IIII", NOW // SECOND, SECOND, 4, 4) + b"yyyy"
    found = Walk(PcapWalker, pcap_file(records[:3]) + bad + pcap_file(records[3:])[24:])
    assert found.calls.plain == plain(records)
    assert "time is impossible (fraction of a second 1000000000): 20 bytes were skipped" in found.problems[0]


def test_a_clock_that_is_set_while_capturing_costs_no_record() -> None:
    early, late = some_records(5, start=12 * SECOND), some_records(5)
    for records in (early + late, late + early, early[:4] + late[:1], late[:3] + early[:1] + late[3:]):
        found = Walk(PcapWalker, pcap_file(records))
        assert found.calls.plain == plain(records)
        assert found.problems == []


def test_a_snap_length_beyond_the_usual_one_is_believed_within_reason() -> None:
    big = [Record(NOW, bytes(900_000)), Record(NOW, b"x")]
    assert Walk(PcapWalker, pcap_file(big, snaplen=1_000_000)).calls.plain == plain(big)
    assert Walk(PcapWalker, pcap_file(big, snaplen=65_535)).calls.plain != plain(big)
    walker = PcapWalker("file", ProblemLog(), Interfaces())
    walker.walk(pcap_header(snaplen=0xFFFFFFFF), 0, 0, NO_LIMIT, Calls())
    assert walker.bound == 1 << 24


@given(st.binary(max_size=400))
def test_no_bytes_after_a_header_make_it_raise(data: bytes) -> None:
    for kind in KINDS:
        for order in ORDERS:
            found = Walk(PcapWalker, pcap_header(kind=kind, order=order) + data)
            assert found.walker.frames == len(found.calls.calls)


@given(st.integers(0, 2**32 - 1), st.integers(24, 500), st.integers(0, 3))
def test_no_changed_word_makes_it_raise_or_lose_track_of_the_file(word: int, place: int, low: int) -> None:
    data = bytearray(pcap_file(some_records(12)))
    place = min(place, len(data) - 4)
    data[place : place + 4] = struct.pack("<I", word)
    found = Walk(PcapWalker, bytes(data))
    assert found.calls.calls or found.problems
