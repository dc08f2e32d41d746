"""Segments in any order, overlapping, repeated, cut or missing become the stream that was sent, with gaps where it
lacks."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iscsi_analyzer.streams.tcp import (
    AFAR_FOLLOWING,
    FAR,
    MAX_WAITING,
    MAX_WAITING_BYTES,
    MAX_WAITING_IN_ALL,
    WAITING_UNSEEN,
)
from tests.iscsi_analyzer.streams.one_way import HEAD, OneWay

STREAM = Random(9).randbytes(400)
FIRST_SEQS = (1, 1_000_000, 0xFFFFFFFF, 0xFFFFFF00 - len(HEAD), 0x7FFFFF80)

SEGMENT = st.tuples(st.integers(0, 399), st.integers(1, 120))


def cover(segments: list[tuple[int, int]], order: Random) -> list[tuple[int, int]]:
    """The segments and whatever else is needed to have every byte, shuffled."""
    have = bytearray(400)
    wanted = [(place, min(size, 400 - place)) for place, size in segments]
    for place, size in wanted:
        have[place : place + size] = b"\1" * size
    place = 0
    while (place := have.find(0, place)) >= 0:
        end = have.find(1, place)
        wanted.append((place, (end if end >= 0 else 400) - place))
        have[place : wanted[-1][1] + place] = b"\1" * wanted[-1][1]
    order.shuffle(wanted)
    return wanted


@given(st.lists(SEGMENT, max_size=25), st.integers(0, 1 << 30), st.sampled_from(FIRST_SEQS))
def test_any_order_of_any_segments_gives_the_stream(
    segments: list[tuple[int, int]], order: int, first_seq: int
) -> None:
    """Also around the wrap of sequence numbers."""
    way = OneWay(first_seq)
    for place, size in cover(segments, Random(order)):
        way.send(place, STREAM[place : place + size])
    assert bytes(way.stream) == STREAM
    assert way.gaps == 0 and way.half.conflicts == 0 and not way.half.waiting
    assert way.half.waiting_bytes == 0 and way.half.offset == len(HEAD) + 400


@given(st.lists(SEGMENT, min_size=1, max_size=25), st.sampled_from(FIRST_SEQS))
def test_what_never_comes_is_a_gap_in_the_end(segments: list[tuple[int, int]], first_seq: int) -> None:
    """Byte for byte: all that came, and gaps for the rest up to the last byte that came."""
    way = OneWay(first_seq)
    truth = [-1] * 400
    for place, size in segments:
        data = STREAM[place : place + min(size, 400 - place)]
        way.send(place, data)
        truth[place : place + len(data)] = data
    way.flush()
    while truth and truth[-1] == -1:
        truth.pop()
    assert way.stream == truth
    assert way.half.gap_bytes == truth.count(-1) and way.half.data_bytes == len(HEAD) + len(truth) - truth.count(-1)


@given(
    st.lists(st.one_of(SEGMENT, st.tuples(st.just(-1), st.integers(1, 400))), min_size=1, max_size=40),
    st.sampled_from(FIRST_SEQS),
)
def test_an_acknowledged_hole_is_a_gap_and_what_is_there_is_true(events: list[tuple[int, int]], first_seq: int) -> None:
    """Acknowledgements come at any time: no byte is ever at a wrong place, and what is in order goes on at once."""
    way = OneWay(first_seq)
    acked = 0
    for place, size in events:
        if place < 0:
            acked = max(acked, size)
            way.acknowledge(acked)
        else:
            way.send(place, STREAM[place : place + min(size, 400 - place)])
        stream = way.stream
        assert all(byte in (-1, STREAM[at]) for at, byte in enumerate(stream))
        assert len(stream) == way.half.offset - len(HEAD)
        assert all(item.offset > way.half.offset for item in way.half.waiting)
        # Nothing waits for what the receiver has.
        assert not way.half.waiting or len(stream) >= min(acked, way.half.waiting[0].offset - len(HEAD))
        assert way.gaps == way.half.gap_bytes == stream.count(-1)


@given(st.lists(st.tuples(st.integers(1, 90), st.integers(0, 90)), min_size=1, max_size=12), st.integers(0, 1 << 30))
def test_bytes_that_the_snap_length_cut_are_no_gap(sizes: list[tuple[int, int]], order: int) -> None:
    """Each segment keeps what was captured of it, whenever it comes."""
    way = OneWay()
    segments, at = [], 0
    truth: list[int] = []
    for size, kept in sizes:
        data = STREAM[at : at + size]
        segments.append((at, data[:kept], len(data)))
        truth += [*data[:kept], *[-1] * (len(data) - len(data[:kept]))]
        at = min(400, at + size)
    segments = [segment for segment in segments if segment[2]]
    Random(order).shuffle(segments)
    for place, data, wire in segments:
        way.send(place, data, wire=wire)
    assert way.stream == truth
    assert way.half.gaps == 0 and way.half.snaplen_bytes == truth.count(-1)
    assert not [loss for loss in way.listener.losses if loss.kind == "gap"]


def test_bytes_that_come_twice_are_taken_the_first_time() -> None:
    """A later copy that differs is a conflict, wherever the first one is by then."""
    way = OneWay()
    way.send(0, b"first---")
    way.send(0, b"second--")
    assert bytes(way.stream) == b"first---" and way.half.conflicts == 1
    way.send(4, b"----more")
    assert bytes(way.stream) == b"first---more" and way.half.conflicts == 2
    way.send(8, b"MORE!")
    assert bytes(way.stream) == b"first---more!" and way.half.conflicts == 3


def test_copies_that_wait_are_compared_as_well() -> None:
    way = OneWay()
    way.send(10, b"waiting")
    way.send(10, b"WAITING")
    assert way.half.conflicts == 1
    way.send(10, b"waiting")
    assert way.half.retransmitted == 1
    way.send(14, b"ing and on")
    way.send(12, b"XXXXX and")
    way.send(0, bytes(10))
    assert way.half.conflicts >= 2
    assert bytes(way.stream[10:17]) == b"waiting"


def test_events_are_told() -> None:
    """With their names, for whoever draws a timeline."""
    way = OneWay()
    way.send(0, b"aaaa")
    way.send(8, b"cccc")
    way.send(4, b"bbbb")
    way.send(0, b"aaaa")
    way.send(11, b"c")
    way.send(0, b"zzzz")
    told = [event.what for event in way.listener.tcp_events]
    assert told[:1] == ["out of order"]
    assert told.count("retransmission") == 2 and told.count("conflict") == 1 and told.count("keep-alive") == 1
    half = way.half
    assert (half.out_of_order, half.retransmitted, half.keep_alives, half.conflicts) == (1, 2, 1, 1)


@pytest.mark.parametrize("rubbish", [b"", b"\0", b"?"])
def test_a_keep_alive_changes_nothing(rubbish: bytes) -> None:
    """No byte or one byte of rubbish, one before the next (RFC 9293 section 3.8.4)."""
    way = OneWay()
    way.send(0, b"data")
    way.send(3, rubbish)
    way.send(4, b"more")
    assert bytes(way.stream) == b"datamore"
    assert way.half.keep_alives == 1 and way.half.conflicts == way.half.retransmitted == 0


def test_rubbish_of_a_keep_alive_does_not_fill_a_hole() -> None:
    """Where the receiver already has the byte, a probe is no data."""
    way = OneWay()
    way.send(0, b"data")
    way.half.acked = way.start + 20
    way.send(19, b"?")
    assert way.half.keep_alives == 1 and not way.half.waiting
    way.send(20, b"more")
    assert way.stream == [*b"data", *[-1] * 16, *b"more"]


def test_nothing_is_held_for_ever_where_nobody_can_acknowledge() -> None:
    """With one direction in the capture, a hole is given up after some segments."""
    way = OneWay(seen=False)
    for number in range(WAITING_UNSEEN):
        way.send(10 + number, b"x")
    assert way.stream == []
    way.send(10 + WAITING_UNSEEN, b"x")
    assert way.stream == [-1] * 10 + [*b"x" * (WAITING_UNSEEN + 1)]
    assert way.half.overflows == 0


def test_waiting_segments_are_bounded() -> None:
    way = OneWay()
    for number in range(MAX_WAITING + 1):
        way.send(100 + number, b"x")
    assert len(way.stream) == 100 + MAX_WAITING + 1 and way.half.overflows == 1


def test_waiting_bytes_are_bounded() -> None:
    way = OneWay()
    size = 1 << 20
    for number in range(MAX_WAITING_BYTES // size):
        way.send(100 + number * size, bytes(size))
        assert way.half.overflows == 0
    assert way.half.waiting_bytes == MAX_WAITING_BYTES
    way.send(100 + MAX_WAITING_BYTES, b"x")
    assert way.half.overflows == 1 and way.half.waiting_bytes == 0 and not way.half.waiting


def test_the_bytes_that_wait_are_bounded_over_all_connections() -> None:
    """One that comes when others hold too much goes on at once; what has gone on is not counted any more."""
    way = OneWay()
    way.send(10, b"behind a hole")
    assert way.listener.waiting == 13
    way.listener.waiting += MAX_WAITING_IN_ALL
    way.send(30, b"more")
    assert way.half.overflows == 2 and not way.half.waiting
    assert way.stream == [*[-1] * 10, *b"behind a hole", *[-1] * 7, *b"more"]
    assert way.listener.waiting == MAX_WAITING_IN_ALL


@given(st.lists(SEGMENT, max_size=25))
def test_what_waits_is_counted_exactly(segments: list[tuple[int, int]]) -> None:
    way = OneWay()
    for place, size in segments:
        way.send(place, STREAM[place : place + min(size, 400 - place)])
        assert way.listener.waiting == way.half.waiting_bytes == sum(len(item.data) for item in way.half.waiting)
    way.half.forget_waiting()
    assert way.listener.waiting == way.half.waiting_bytes == 0 and way.half.waiting == []


def test_segments_far_away_are_strays_until_they_follow_each_other() -> None:
    """Then the capture paused, and the stream goes on there."""
    way = OneWay()
    way.send(0, b"here")
    for number in range(10):
        way.send(FAR + 1000 + number * 3000, b"stray")
    assert bytes(way.stream) == b"here" and way.half.stray == 10
    place = 2 * FAR
    for number in range(AFAR_FOLLOWING):
        way.send(place + 5 * number, b"again")
    way.send(place + 5 * AFAR_FOLLOWING, b"and more")
    assert way.half.next_seq == (way.start + place + 5 * AFAR_FOLLOWING + 8) & 0xFFFFFFFF
    assert bytes(way.capture).endswith(b"and more")
    lost = place + 5 * (AFAR_FOLLOWING - 1) - 4
    assert way.gaps == way.half.gap_bytes == lost and [loss.length for loss in way.listener.losses] == [lost]


@pytest.mark.parametrize("distance", [FAR + 1, (1 << 31) - 1, 1 << 31, (1 << 32) - FAR - 100])
def test_a_pause_of_the_capture_is_a_gap_as_long_as_sequence_numbers_tell(distance: int) -> None:
    """What a paused capture lacks may be more than two gigabytes."""
    way = OneWay()
    way.send(0, b"here")
    for number in range(AFAR_FOLLOWING):
        way.send(4 + distance + number, b"x")
    assert way.half.gaps == 1 and way.half.gap_bytes == distance + AFAR_FOLLOWING - 1
    assert way.half.offset == len(HEAD) + 4 + distance + AFAR_FOLLOWING


def test_a_huge_hole_costs_nothing() -> None:
    """A gap of a hundred megabytes is one entry."""
    way = OneWay()
    way.send(FAR - 10, b"beyond")
    way.acknowledge(FAR)
    assert way.pieces == [(-1, FAR - 10), (len(HEAD), 6)]


def test_acknowledged_bytes_that_never_came_are_a_gap_in_the_end() -> None:
    way = OneWay()
    way.send(0, b"data")
    way.acknowledge(24)
    assert way.gaps == 0, "it may yet come"
    way.flush()
    assert way.stream == [*b"data", *[-1] * 20]


def test_an_acknowledged_fin_is_no_missing_byte() -> None:
    way = OneWay()
    way.send(0, b"data")
    way.half.fin = True
    way.half.fin_offset = way.half.offset
    way.acknowledge(5)
    way.flush()
    assert way.gaps == 0


@given(st.lists(SEGMENT, max_size=25), st.integers(0, 1 << 30))
def test_frames_of_pieces_are_those_that_held_them(segments: list[tuple[int, int]], order: int) -> None:
    """Every byte is taken from one of the segments that had it, where the capture has it."""
    way = OneWay()
    frames: dict[int, tuple[int, int]] = {}
    for number, (place, size) in enumerate(cover(segments, Random(order)), 2):
        frames[number] = (place, size)
        way.send(place, STREAM[place : place + size])
    framer = way.half.framer
    assert framer is not None
    at = 0
    for entry in range(1, int(framer.spans.count)):
        number = framer.spans.frame(entry)
        place, size = frames[number]
        [(_, length)] = framer.spans.pieces(entry, 0, 1 << 20)[:1]
        assert place <= at and at + length <= place + size
        at += length
    assert at == 400
