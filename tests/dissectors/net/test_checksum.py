"""Checksums: right, wrong, left to the adapter, or not to be judged."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dissectors.net import checksum
from dissectors.net.checksum import Checksum
from dissectors.net.codes import FRAGMENT, TCP
from dissectors.net.decode import decode, decode_datagram
from dissectors.net.segment import Segment
from tests.support import frames
from tests.support.frames import erspan_2, ethernet, extension, ipv4, ipv6, tcp, udp, vxlan

PAYLOAD = bytes(range(101))


def judged(frame: bytes, *, wire: int | None = None) -> tuple[Checksum, Checksum]:
    seg = Segment()
    assert decode(seg, frame, 0, len(frame), len(frame) if wire is None else wire, 1) == TCP
    return checksum.ipv4_header(frame, seg), checksum.tcp(frame, seg)


@given(st.binary(max_size=200), st.integers(0, 0xFFFF))
def test_the_sum_is_that_of_rfc_1071(data: bytes, start: int) -> None:
    assert checksum.ones_complement_sum(data) == frames.ones_complement_sum(data)
    pair = start.to_bytes(2, "big")
    assert checksum.ones_complement_sum(data, start) == frames.ones_complement_sum(pair + data)


@given(st.binary(max_size=64), st.booleans(), st.integers(0, 0xFFFFFFFF))
def test_a_right_checksum_is_ok(payload: bytes, old: bool, seq: int) -> None:
    segment = tcp(payload, seq=seq)
    frame = ethernet(ipv4(segment, sums=True) if old else ipv6(segment, sums=True))
    assert judged(frame + bytes(9)) == (Checksum.OK if old else Checksum.UNKNOWN, Checksum.OK)


@pytest.mark.parametrize("build", [ipv4, ipv6])
def test_any_changed_bit_makes_it_bad(build: object) -> None:
    frame = ethernet(build(tcp(PAYLOAD), sums=True))  # type: ignore[operator]
    start = len(frame) - len(PAYLOAD) - 20
    for at in [*range(start, start + 12), start + 15, start + 19, *range(start + 20, len(frame))]:
        spoilt = bytearray(frame)
        spoilt[at] ^= 0x10
        assert judged(bytes(spoilt))[1] == Checksum.BAD


def test_a_changed_header_makes_the_header_checksum_bad() -> None:
    frame = ethernet(ipv4(tcp(PAYLOAD), sums=True, options=bytes(8)))
    assert judged(frame) == (Checksum.OK, Checksum.OK)
    for at in (15, 18, 22, 24, 35, 41):
        spoilt = bytearray(frame)
        spoilt[at] ^= 0x04
        assert judged(bytes(spoilt))[0] == Checksum.BAD
    assert judged(frame[:24] + b"\0\0" + frame[26:])[0] == Checksum.OFFLOADED


@pytest.mark.parametrize("build", [ipv4, ipv6])
def test_a_checksum_left_to_the_adapter_is_no_error(build: object) -> None:
    """The field holds the sum of the pseudo header, with or without the length, or nothing."""
    version = 4 if build is ipv4 else 6
    packet = build(tcp(PAYLOAD))  # type: ignore[operator]
    addresses = packet[12:20] if version == 4 else packet[8:40]
    length = 20 + len(PAYLOAD)
    with_length = frames.ones_complement_sum(addresses + length.to_bytes(4, "big") + b"\0\0\0\x06")
    without = frames.ones_complement_sum(addresses + b"\0\0\0\x06")
    for value in (with_length, without, 0):
        frame = ethernet(build(tcp(PAYLOAD, checksum=value)))  # type: ignore[operator]
        assert judged(frame)[1] == Checksum.OFFLOADED
    assert judged(ethernet(build(tcp(PAYLOAD, checksum=with_length ^ 1))))[1] == Checksum.BAD  # type: ignore[operator]


def test_a_packet_without_length_was_left_to_the_adapter() -> None:
    assert judged(ethernet(ipv4(tcp(PAYLOAD, checksum=0x1234), total_length=0)))[1] == Checksum.OFFLOADED


def test_what_was_not_captured_whole_is_not_judged() -> None:
    frame = ethernet(ipv4(tcp(PAYLOAD, options=bytes(8)), sums=True))
    for size in range(54, len(frame)):
        assert judged(frame[:size], wire=len(frame)) == (Checksum.OK, Checksum.UNKNOWN)
    # Nor is a packet whose length lies, or a copy that a mirror truncated.
    assert judged(ethernet(ipv4(tcp(PAYLOAD), total_length=900)))[1] == Checksum.UNKNOWN
    mirrored = ethernet(ipv4(erspan_2(frame[:80]), protocol=47))
    assert judged(mirrored) == (Checksum.OK, Checksum.UNKNOWN)


def test_a_packet_that_is_routed_on_has_another_destination() -> None:
    for left, verdict in ((1, Checksum.UNKNOWN), (0, Checksum.BAD)):
        packet = ipv6(extension(tcp(PAYLOAD, checksum=1), body=bytes([4, left, 0, 0, 0, 0])), next_header=43)
        assert judged(ethernet(packet))[1] == verdict
    assert judged(ethernet(ipv4(tcp(PAYLOAD, checksum=1), options=b"\x83\x07\x04abcd")))[1] == Checksum.UNKNOWN


def test_the_inner_packet_of_a_tunnel_is_judged() -> None:
    inner = ethernet(ipv4(tcp(PAYLOAD), sums=True))
    assert judged(ethernet(ipv4(udp(vxlan(inner), destination=4789), protocol=17))) == (Checksum.OK, Checksum.OK)


def test_a_reassembled_datagram_has_no_header_to_judge() -> None:
    packet = ipv4(tcp(PAYLOAD), sums=True)
    seg = Segment()
    first = ethernet(frames.fragments(packet, 64)[0])
    assert decode(seg, first, 0, len(first), len(first), 1) == FRAGMENT
    buf = packet[12:]
    assert decode_datagram(seg, buf, 4, 6, len(packet) - 20) == TCP
    assert (checksum.ipv4_header(buf, seg), checksum.tcp(buf, seg)) == (Checksum.UNKNOWN, Checksum.OK)
