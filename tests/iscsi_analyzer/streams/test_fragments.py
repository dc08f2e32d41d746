"""IP fragments: put together in any order, bounded whatever comes, and every byte traced back to the capture."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dissectors.net.codes import FRAGMENT, REASONS, TCP
from dissectors.net.decode import decode, decode_datagram
from dissectors.net.segment import Segment
from iscsi_analyzer.streams.fragments import LIFETIME_NS, Datagram, FragmentTable
from tests.support.frames import (
    VLAN,
    erspan_2,
    ethernet,
    fragments,
    gre,
    ipv4,
    ipv6,
    ipv6_fragment,
    tcp,
    udp,
    vlan,
    vxlan,
)

SECOND = 1_000_000_000
PACKET = ipv4(tcp(bytes(range(200)), options=bytes(12)), identification=0x4242)
PARTS = [ethernet(part) for part in fragments(PACKET, 24, 80, 160)]


class Capture:
    """A table fed with frames, and a file of which every position is known."""

    def __init__(self, table: FragmentTable | None = None) -> None:
        self.table = FragmentTable() if table is None else table
        self.seg = Segment()
        self.file = bytearray(b"file header")

    def frame(self, frame: bytes, *, ts: int = 0, wire: int | None = None, linktype: int = 1) -> Datagram | None:
        """Feed one frame, which must be a fragment; it stands at some offset in the buffer and another in the file."""
        buf = b"\x55" * 5 + frame + b"\xaa" * 20
        position = len(self.file)
        self.file += frame
        code = decode(self.seg, buf, 5, len(frame), len(frame) if wire is None else wire, linktype)
        assert code == FRAGMENT
        return self.table.add(self.seg, buf, ts, position)

    def frames(self, frames: list[bytes], *, ts: int = 0) -> list[Datagram]:
        found = [self.frame(frame, ts=ts) for frame in frames]
        return [datagram for datagram in found if datagram is not None]

    def assert_traced(self, datagram: Datagram) -> None:
        """The pieces cover the payload, in order, and hold what the file holds there."""
        at = 2 * datagram.address_length
        for offset, length, position in datagram.pieces:
            assert offset == at
            assert datagram.buf[offset : offset + length] == self.file[position : position + length]
            at += length
        assert at == len(datagram.buf)


@given(st.permutations(range(4)))
def test_fragments_are_put_together_in_any_order(order: list[int]) -> None:
    capture = Capture()
    for place in order[:-1]:
        assert capture.frame(PARTS[place], ts=7 + place) is None
    datagram = capture.frame(PARTS[order[-1]], ts=99)
    assert datagram is not None
    assert datagram.buf == PACKET[12:]
    assert (datagram.protocol, datagram.length, datagram.first_ts) == (6, len(PACKET) - 20, 7 + order[0])
    assert (datagram.source, datagram.destination) == (PACKET[12:16], PACKET[16:20])
    capture.assert_traced(datagram)
    assert len(capture.table) == 0 and capture.table.bytes_held == 0
    assert capture.table.counts() == {"fragments": 4, "datagrams reassembled": 1}


@pytest.mark.parametrize("step", [8, 16, 64, 224])
def test_the_datagram_decodes_as_the_whole_packet_would(step: int) -> None:
    whole, seg = Segment(), Segment()
    frame = ethernet(PACKET)
    assert decode(whole, frame, 0, len(frame), len(frame), 1) == TCP
    capture = Capture()
    (datagram,) = capture.frames([ethernet(part) for part in fragments(PACKET, *range(step, len(PACKET) - 20, step))])
    assert decode_datagram(seg, datagram.buf, datagram.address_length, datagram.protocol, datagram.length) == TCP
    for name in ("seq", "ack", "flags", "window", "checksum", "header_length", "captured", "length"):
        assert getattr(seg, name) == getattr(whole, name)
    assert datagram.buf[seg.payload : seg.payload + seg.captured] == bytes(range(200))


def test_ipv6_fragments_are_put_together_and_the_first_next_header_counts() -> None:
    payload = tcp(bytes(range(100)))
    parts = [
        ipv6_fragment(payload[64:], fragment=64, next_header=17),
        ipv6_fragment(payload[:64], more=True, next_header=6),
    ]
    capture = Capture()
    (datagram,) = capture.frames([ethernet(ipv6(part, next_header=44)) for part in parts])
    assert (datagram.protocol, datagram.address_length) == (6, 16)
    assert datagram.buf[32:] == payload
    capture.assert_traced(datagram)


def test_a_tunnel_in_fragments_may_hold_fragments() -> None:
    """Fragments of a VXLAN packet that holds a fragment: both layers are put together, positions reach the file."""
    capture = Capture()
    seg, table = capture.seg, capture.table
    inner: Datagram | None = None
    for number, part in enumerate(fragments(PACKET, 80)):
        outer_packet = ipv4(
            udp(vxlan(ethernet(part)), destination=4789), protocol=17, identification=number, source="192.0.2.1"
        )
        (outer,) = capture.frames([ethernet(piece) for piece in fragments(outer_packet, 64, 120)])
        assert decode_datagram(seg, outer.buf, outer.address_length, outer.protocol, outer.length) == FRAGMENT
        inner = table.add(seg, outer.buf, 0, 0, outer)
    assert inner is not None
    assert inner.buf == PACKET[12:]
    assert len(inner.pieces) > 2
    capture.assert_traced(inner)


def test_fragments_within_a_tunnel_are_put_together() -> None:
    capture = Capture()
    (datagram,) = capture.frames([ethernet(ipv4(gre(part), protocol=47)) for part in fragments(PACKET, 104)])
    assert datagram.buf == PACKET[12:]
    capture.assert_traced(datagram)


def test_datagrams_differ_by_everything_that_identifies_them() -> None:
    """Identification, protocol, addresses, VLAN, tunnel and its number keep datagrams apart."""
    first, second = fragments(PACKET, 80)
    others = [
        ethernet(first[:4] + b"\x99\x99" + first[6:]),
        ethernet(first[:9] + b"\x11" + first[10:]),
        ethernet(first[:15] + b"\x77" + first[16:]),
        ethernet(first[:19] + b"\x77" + first[20:]),
        ethernet(vlan(first, id=7), kind=VLAN),
        ethernet(ipv4(gre(first), protocol=47)),
        ethernet(ipv4(gre(first, key=1), protocol=47)),
        ethernet(ipv4(gre(first, key=2), protocol=47)),
    ]
    capture = Capture()
    assert capture.frames([*others, ethernet(second)]) == []
    assert len(capture.table) == len(others) + 1
    (datagram,) = capture.frames([ethernet(first)])
    assert datagram.buf == PACKET[12:]


def test_a_fragment_that_comes_twice_changes_nothing_and_is_counted() -> None:
    capture = Capture()
    (datagram,) = capture.frames([PARTS[0], PARTS[1], PARTS[0], PARTS[1], PARTS[2], PARTS[3]])
    assert datagram.buf == PACKET[12:]
    capture.assert_traced(datagram)
    assert (capture.table.duplicates, capture.table.overlaps) == (2, 0)


def test_of_overlapping_fragments_the_first_bytes_win() -> None:
    def part(letter: bytes, start: int, end: int, *, more: bool = True) -> bytes:
        return ethernet(ipv4(letter * (end - start), fragment=start, more=more))

    for order, expected in (
        ([part(b"a", 0, 16), part(b"b", 8, 32), part(b"c", 24, 40, more=False)], b"a" * 16 + b"b" * 16 + b"c" * 8),
        ([part(b"c", 24, 40, more=False), part(b"b", 8, 32), part(b"a", 0, 16)], b"a" * 8 + b"b" * 16 + b"c" * 16),
        (
            [part(b"m", 16, 24), part(b"a", 0, 32), part(b"z", 8, 40, more=False)],
            b"a" * 16 + b"m" * 8 + b"a" * 8 + b"z" * 8,
        ),
    ):
        capture = Capture()
        (datagram,) = capture.frames(order)
        assert datagram.buf[8:] == expected
        capture.assert_traced(datagram)
        assert capture.table.overlaps == 2
        assert len(capture.table) == 0


def test_impossible_fragments_are_counted_and_do_not_disturb() -> None:
    capture = Capture()
    odd = [
        ethernet(ipv4(bytes(7), fragment=8, more=True, identification=0x4242)),  # no multiple of 8
        ethernet(ipv4(bytes(16), fragment=65528, identification=0x4242)),  # beyond the greatest datagram
        ethernet(ipv4(b"", fragment=64, identification=0x4242)),  # nothing
    ]
    assert capture.frames([PARTS[0], *odd, PARTS[1], PARTS[2]]) == []
    assert capture.table.malformed == 3
    # Contradicting what is known of the end: beyond it, another end, an end before what came already.
    protocol_end = len(PACKET) - 20
    beyond = ethernet(ipv4(bytes(16), fragment=protocol_end // 8 * 8, more=True, identification=0x4242))
    shorter = ethernet(ipv4(bytes(8), fragment=16, identification=0x4242))
    assert capture.frames([shorter]) == []
    (datagram,) = capture.frames([PARTS[3]])
    assert datagram.buf == PACKET[12:]
    assert capture.table.malformed == 4
    assert capture.frames([PARTS[3], beyond, shorter]) == []
    assert capture.table.malformed == 6


def test_only_the_end_of_the_last_fragment_may_be_cut() -> None:
    for size in range(34, len(PARTS[3])):
        for order in ((0, 1, 2, 3), (3, 2, 1, 0), (1, 3, 0, 2)):
            capture = Capture()
            found = [capture.frame(PARTS[n][:size] if n == 3 else PARTS[n], wire=len(PARTS[n])) for n in order]
            (datagram,) = [one for one in found if one is not None]
            missing = len(PARTS[3]) - size
            assert datagram.buf == PACKET[12 : len(PACKET) - missing]
            assert datagram.length == len(PACKET) - 20
            capture.assert_traced(datagram)
            assert capture.table.counts() == {
                "fragments": 4,
                "datagrams reassembled, their end cut by the snap length": 1,
            }
            seg = Segment()
            assert decode_datagram(seg, datagram.buf, 4, 6, datagram.length) == TCP
            assert (seg.length, seg.captured) == (200, 200 - missing)


def test_a_datagram_cut_elsewhere_is_dropped_once_and_leaves_nothing() -> None:
    for order in ((0, 1, 2, 3), (3, 2, 1, 0), (1, 3, 0, 2)):
        capture = Capture()
        for n in order:
            assert capture.frame(PARTS[n][:40] if n != 3 else PARTS[n], wire=len(PARTS[n])) is None
        assert capture.table.counts() == {"fragments": 4, "datagrams dropped: cut by the snap length": 1}
        assert len(capture.table) == 0 and capture.table.bytes_held == 0
        # The identification can be used again.
        (datagram,) = capture.frames(PARTS)
        assert datagram.buf == PACKET[12:]


def test_a_whole_copy_of_a_cut_last_fragment_is_welcome() -> None:
    capture = Capture()
    assert capture.frame(PARTS[3][:50], wire=len(PARTS[3])) is None
    (datagram,) = capture.frames([PARTS[3], PARTS[0], PARTS[1], PARTS[2]])
    assert datagram.buf == PACKET[12:]
    capture.assert_traced(datagram)
    assert capture.table.counts()["datagrams reassembled"] == 1


def test_bytes_behind_the_hole_of_a_cut_last_fragment_are_not_moved() -> None:
    """An overlapping fragment may hold bytes behind the hole; what comes out ends at the hole all the same."""
    behind = ethernet(ipv4(b"d" * 8, fragment=32, more=True))
    begin = ethernet(ipv4(b"a" * 16, more=True))
    for start in (16, 24):
        capture = Capture()
        last = ethernet(ipv4(b"z" * (40 - start), fragment=start))
        assert capture.frames([behind]) == []
        assert capture.frame(last[: 34 + 2], wire=len(last)) is None
        datagram = capture.frame(begin)
        if start == 24:
            # Everything counted is there, but not what lies between.
            assert datagram is None
            datagram = capture.frame(ethernet(ipv4(b"b" * 8, fragment=16, more=True)))
        assert datagram is not None
        assert (datagram.buf[8:], datagram.length) == (b"a" * 16 + b"b" * (start - 16) + b"zz", 40)
        capture.assert_traced(datagram)


def test_a_mirrored_fragment_that_was_truncated_is_cut() -> None:
    capture = Capture()
    for part in (*PARTS[:3], PARTS[3][:50]):
        datagram = capture.frame(ethernet(ipv4(erspan_2(part), protocol=47)))
    assert datagram is not None
    assert (len(datagram.buf), datagram.length) == (len(PACKET) - 12 - (len(PARTS[3]) - 50), len(PACKET) - 20)


def test_what_is_not_complete_in_time_is_dropped_and_counted() -> None:
    capture = Capture()
    capture.frames(PARTS[:3], ts=5 * SECOND)
    assert capture.frame(PARTS[3], ts=5 * SECOND + LIFETIME_NS + 1) is None
    assert capture.table.timed_out == 1
    assert len(capture.table) == 1
    capture = Capture()
    capture.frames(PARTS[:3], ts=5 * SECOND)
    assert capture.frame(PARTS[3], ts=5 * SECOND + LIFETIME_NS) is not None


def test_time_that_goes_backwards_does_no_harm() -> None:
    capture = Capture()
    capture.frames(PARTS[:2], ts=1000 * SECOND)
    (datagram,) = capture.frames(PARTS[2:], ts=SECOND)
    assert datagram.buf == PACKET[12:]
    # An older datagram that stands behind a younger one is too old all the same.
    capture = Capture()
    other = ethernet(ipv4(bytes(64), more=True, identification=1))
    capture.frame(other, ts=1000 * SECOND)
    capture.frames(PARTS[:3], ts=SECOND)
    assert capture.frame(PARTS[3], ts=900 * SECOND) is None
    assert capture.table.timed_out == 1


def test_what_is_not_complete_at_the_end_is_counted() -> None:
    capture = Capture()
    capture.frames(PARTS[:3])
    capture.table.finish()
    assert capture.table.counts() == {
        "fragments": 3,
        "datagrams dropped: not complete at the end of the capture": 1,
    }
    assert len(capture.table) == 0 and capture.table.bytes_held == 0


def test_the_number_of_datagrams_is_bounded_and_the_oldest_go() -> None:
    capture = Capture(FragmentTable(max_datagrams=10))
    for number in range(100):
        capture.frame(ethernet(ipv4(bytes(64), more=True, identification=number)), ts=number)
        assert len(capture.table) <= 10
    assert capture.table.evicted_count == 90
    assert capture.frame(ethernet(ipv4(bytes(8), fragment=64, identification=95))) is not None


def test_the_bytes_are_bounded_even_for_a_flood_of_tiny_fragments() -> None:
    for size in (8, 1480):
        capture = Capture(FragmentTable(max_bytes=50_000))
        for number in range(2000):
            offset = 16 * (number % 40) * (size // 8)
            if offset + size > 65000:
                continue
            part = ipv4(bytes(size), fragment=offset, more=True, identification=number // 40)
            capture.frame(ethernet(part))
            assert 0 <= capture.table.bytes_held <= 50_000
        assert capture.table.evicted_bytes > 0
        assert capture.table.evicted_count == 0
    # A table that can hold nothing still takes everything that comes.
    capture = Capture(FragmentTable(max_datagrams=0, max_bytes=0))
    assert capture.frames(PARTS) == []
    assert capture.table.evicted_count == 4


def test_the_greatest_datagram_in_the_smallest_fragments_is_put_together() -> None:
    payload = bytes(range(256)) * 256
    size = 65512
    capture = Capture()
    parts = [ipv4(payload[at : at + 8], fragment=at, more=at + 8 < size) for at in reversed(range(0, size, 8))]
    (datagram,) = capture.frames([ethernet(part) for part in parts])
    assert datagram.buf[8:] == payload[:size]
    assert len(datagram.pieces) == size // 8


def test_a_range_of_the_datagram_is_traced_to_its_places_in_the_file() -> None:
    capture = Capture()
    (datagram,) = capture.frames([PARTS[2], PARTS[0], PARTS[3], PARTS[1]])
    for start in range(8, len(datagram.buf), 13):
        for length in (1, 30, 100):
            pieces = datagram.trace(start, length)
            stop = min(start + length, len(datagram.buf))
            assert sum(size for _, size, _ in pieces) == stop - start
            assert b"".join(bytes(capture.file[at : at + size]) for _, size, at in pieces) == datagram.buf[start:stop]
    assert datagram.trace(0, 8) == []
    assert datagram.trace(len(datagram.buf), 10) == []


@given(
    st.lists(
        st.tuples(
            st.integers(0, 2),  # identification
            st.integers(0, 12),  # offset in units of 8 bytes
            st.integers(1, 6),  # length in units of 8 bytes
            st.integers(0, 7),  # more bytes
            st.booleans(),  # more fragments
            st.integers(0, 60),  # bytes that the snap length cut
            st.integers(0, 40),  # seconds
        ),
        max_size=40,
    )
)
def test_any_fragments_yield_consistent_datagrams(
    parts: list[tuple[int, int, int, int, bool, int, int]],
) -> None:
    """Random, overlapping, cut, contradicting: what comes out was in the file, and the account is right."""
    capture = Capture(FragmentTable(max_datagrams=2, max_bytes=3000))
    came_out = 0
    for number, (identification, offset, units, rest, more, cut, second) in enumerate(parts):
        size = 8 * units + (0 if more else rest)
        frame = ethernet(
            ipv4(bytes([number + 1]) * size, fragment=8 * offset, more=more, identification=identification)
        )
        if offset == 0 and not more:
            continue
        captured = max(34, len(frame) - cut)
        datagram = capture.frame(frame[:captured], ts=second * SECOND, wire=len(frame))
        assert 0 <= capture.table.bytes_held <= 3000
        assert len(capture.table) <= 2
        if datagram is not None:
            came_out += 1
            assert len(datagram.buf) - 8 <= datagram.length
            capture.assert_traced(datagram)
            seg = Segment()
            code = decode_datagram(seg, datagram.buf, datagram.address_length, datagram.protocol, datagram.length)
            assert code in REASONS
    capture.table.finish()
    table = capture.table
    assert came_out == table.completed + table.completed_cut
    assert table.bytes_held == 0
