"""A segment is found in every encapsulation, alone and stacked, whole and cut anywhere; nothing ever raises."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dissectors.net.codes import (
    CUT_LINK,
    FRAGMENT,
    LINK_TYPE,
    NOTE_NO_LENGTH,
    REASONS,
    SHORT_LINK,
    TCP,
    TOO_DEEP,
)
from dissectors.net.decode import decode, decode_datagram
from dissectors.net.segment import MAX_DEPTH, Segment
from tests.dissectors.net.decoding import CUT_CODES, WRAPPINGS, every_frame, facts, four, six, wrapped
from tests.support.frames import ethernet, gre, ipv4, ipv6, null, sll, sll2, tcp, udp, vlan, vxlan

FRAMES = list(every_frame())
LINKTYPES = sorted({linktype for _, linktype, _ in FRAMES})
SEGMENT = tcp(b"payload!", source=40000, destination=3260, seq=0xFFFFFFF0, ack=0x80000001, flags=0x118, window=0xFFFE)


@pytest.mark.parametrize("name", WRAPPINGS)
@pytest.mark.parametrize("packet", [four(SEGMENT), six(SEGMENT)], ids=["IPv4", "IPv6"])
def test_every_field_of_a_segment_is_found_in_every_encapsulation(name: str, packet: bytes) -> None:
    linktype, frame = wrapped(name, packet)
    found = facts(frame, linktype=linktype)
    at = len(frame) - len(packet)
    version = packet[0] >> 4
    assert found["code"] == TCP
    assert found["tcp"] == at + (20 if version == 4 else 40)
    assert found["source"] == (packet[12:16] if version == 4 else packet[8:24])
    assert found["destination"] == (packet[16:20] if version == 4 else packet[24:40])
    assert found["ports"] == SEGMENT[:4]
    assert (found["seq"], found["ack"]) == (0xFFFFFFF0, 0x80000001)
    assert (found["flags"], found["window"], found["checksum"]) == (0x118, 0xFFFE, 0)
    assert (found["captured"], found["length"], found["data"]) == (8, 8, b"payload!")
    assert found["header_length"] == 20
    assert found["ip_id"] == (0x1234 if version == 4 else -1)
    assert found["vlan"] == (100 if "vlan" in name or "qinq" in name else -1)
    assert found["notes"] == 0


@pytest.mark.parametrize("outer", [name for name in WRAPPINGS if WRAPPINGS[name][0] == 1])
@pytest.mark.parametrize("inner", [name for name in WRAPPINGS if WRAPPINGS[name][0] == 1])
def test_encapsulations_stack(outer: str, inner: str) -> None:
    """Any Ethernet frame travels in VXLAN and GRE within any other encapsulation."""
    _, frame = wrapped(inner, four(SEGMENT))
    _, stacked = wrapped(outer, ipv4(udp(vxlan(frame, vni=42), destination=4789), protocol=17))
    found = facts(stacked)
    assert (found["code"], found["data"]) == (TCP, b"payload!")
    alone, around = facts(frame), facts(wrapped(outer, four(SEGMENT))[1])
    assert found["depth"] == alone["depth"] + 1 + around["depth"]  # type: ignore[operator]


@pytest.mark.parametrize(("name", "linktype", "frame"), FRAMES, ids=[name for name, _, _ in FRAMES])
def test_a_frame_cut_by_the_snap_length_keeps_what_was_captured(name: str, linktype: int, frame: bytes) -> None:
    whole = facts(frame, linktype=linktype)
    assert whole["code"] == TCP
    header, payload = whole["tcp"], whole["payload"]
    assert isinstance(header, int) and isinstance(payload, int)
    for size in range(len(frame)):
        cut = facts(frame[:size], linktype=linktype, wire=len(frame))
        if size < header + 14:
            assert cut["code"] in CUT_CODES, size
            continue
        expected = dict(whole)
        expected["payload"] = min(payload, size)
        expected["captured"] = max(0, size - payload)
        expected["data"] = frame[payload:size]
        if size < header + 16:
            expected["window"] = -1
        if size < header + 18:
            expected["checksum"] = -1
        assert cut == expected, size


@pytest.mark.parametrize(("name", "linktype", "frame"), FRAMES, ids=[name for name, _, _ in FRAMES])
def test_a_frame_that_was_short_on_the_wire_is_not_called_cut(name: str, linktype: int, frame: bytes) -> None:
    for size in range(len(frame)):
        found = facts(frame[:size], linktype=linktype)
        assert found["code"] in REASONS
        assert found["code"] not in (CUT_LINK, FRAGMENT)
        if found["code"] == TCP:
            assert found["captured"] == found["length"] or "erspan" in name


@pytest.mark.parametrize(("name", "linktype", "frame"), FRAMES, ids=[name for name, _, _ in FRAMES])
def test_any_single_byte_may_be_anything(name: str, linktype: int, frame: bytes) -> None:
    seg = Segment()
    for at in range(len(frame) - 10):
        for value in (0, 1, 0x3F, 0x40, 0x7F, 0x80, 0xFF):
            spoilt = frame[:at] + bytes([value]) + frame[at + 1 :]
            code = decode(seg, spoilt, 0, len(spoilt), len(spoilt), linktype)
            assert code in REASONS
            if code == TCP:
                assert 0 <= seg.captured <= seg.length <= 0xFFFF + 60


@given(
    st.sampled_from(LINKTYPES),
    st.binary(max_size=200),
    st.integers(0, 3000),
    st.sampled_from([b"", *(frame[:40] for _, _, frame in FRAMES)]),
)
def test_random_bytes_never_raise(linktype: int, noise: bytes, more: int, head: bytes) -> None:
    """Bytes from nowhere, alone and after the beginning of a real frame, cut or not, for every link type."""
    found = facts(head + noise, linktype=linktype, wire=len(head + noise) + more)
    assert found["code"] in REASONS


@given(st.integers(0, 0xFFFF), st.binary(max_size=80))
def test_a_link_type_that_is_not_known_is_named(linktype: int, noise: bytes) -> None:
    if linktype in LINKTYPES:
        return
    found = facts(noise, linktype=linktype)
    assert (found["code"], found["detail"]) == (LINK_TYPE, linktype)


def test_a_scratch_segment_keeps_nothing_of_the_frame_before() -> None:
    """Whatever was decoded before, the same frame yields the same facts."""
    seg = Segment()
    fresh = [facts(frame, linktype=linktype) for _, linktype, frame in FRAMES]
    for (_, linktype, frame), expected in zip(FRAMES, fresh, strict=True):
        for _, other_type, other in FRAMES[::7]:
            decode(seg, other, 0, len(other), len(other), other_type)
            assert facts(frame, linktype=linktype, seg=seg) == expected


def test_a_fragment_does_not_leak_into_the_next_frame() -> None:
    seg = Segment()
    facts(ethernet(ipv4(bytes(64), fragment=800, more=True)), seg=seg)
    assert facts(ethernet(four(SEGMENT)), seg=seg)["code"] == TCP


@pytest.mark.parametrize("linktype", LINKTYPES)
def test_a_frame_without_bytes_is_short_or_cut(linktype: int) -> None:
    assert "ends within" in REASONS[facts(b"", linktype=linktype)["code"]]  # type: ignore[index]
    assert "cut within" in REASONS[facts(b"", linktype=linktype, wire=90)["code"]]  # type: ignore[index]


def test_padding_and_check_sequence_after_the_packet_are_no_payload() -> None:
    """The IP length rules: minimum-size Ethernet frames are padded, some captures keep the frame check sequence."""
    for packet in (four(tcp(b"")), six(tcp(b"")), four(tcp(b"four")), six(tcp(b"four"))):
        for frame in (
            ethernet(packet),
            ethernet(vlan(packet, id=3, kind=0x86DD if packet[0] == 0x60 else 0x800), kind=0x8100),
        ):
            padded = facts(frame + bytes(6) + b"\xde\xad\xbe\xef")
            assert padded == facts(frame)
            # The snap length may cut within the padding.
            assert facts(frame + bytes(3), wire=len(frame) + 6) == facts(frame)


def test_a_wire_length_below_the_captured_one_is_corrected() -> None:
    frame = ethernet(four(SEGMENT))
    assert facts(frame, wire=20) == facts(frame)


@pytest.mark.parametrize("build", [ethernet, sll, sll2, null, bytes])
def test_an_ip_length_of_zero_reaches_to_the_end_of_the_frame(build: object) -> None:
    """Hosts that leave segmentation to the adapter capture packets before their length is known."""
    linktype = {ethernet: 1, sll: 113, sll2: 276, null: 0, bytes: 101}[build]
    payload = bytes(70000)
    frame = build(ipv4(tcp(payload), total_length=0))  # type: ignore[operator]
    found = facts(frame, linktype=linktype)
    assert (found["code"], found["length"], found["notes"]) == (TCP, 70000, NOTE_NO_LENGTH)
    found = facts(frame[:200], linktype=linktype, wire=len(frame))
    assert (found["code"], found["length"]) == (TCP, 70000)


def test_an_ipv6_payload_length_of_zero_reaches_to_the_end_of_the_frame() -> None:
    frame = ethernet(ipv6(tcp(bytes(70000)), payload_length=0))
    found = facts(frame)
    assert (found["code"], found["length"], found["notes"]) == (TCP, 70000, NOTE_NO_LENGTH)


def test_tunnels_are_followed_to_a_bounded_depth() -> None:
    packet = four(SEGMENT)
    for depth in range(1, MAX_DEPTH + 3):
        packet = ipv4(gre(packet), protocol=47)
        found = facts(ethernet(packet))
        assert found["code"] == (TCP if depth <= MAX_DEPTH else TOO_DEEP)
        assert found["depth"] == min(depth, MAX_DEPTH + 1)


@pytest.mark.parametrize("version", [4, 6])
def test_a_reassembled_datagram_is_decoded_as_a_whole_one_would_be(version: int) -> None:
    addresses = bytes(range(8)) if version == 4 else bytes(range(32))
    seg = Segment()
    frame = ethernet(vlan(ipv4(bytes(64), fragment=64), id=5), kind=0x8100)
    assert decode(seg, frame, 0, len(frame), len(frame), 1) == FRAGMENT
    buf = addresses + tcp(b"hello")
    assert decode_datagram(seg, buf, len(addresses) // 2, 6, 25) == TCP
    assert (seg.addr, seg.addr_len, seg.tcp, seg.vlan) == (0, len(addresses) // 2, len(addresses), 5)
    assert (seg.captured, seg.length, buf[seg.payload :]) == (5, 5, b"hello")
    # Cut at its end.
    assert decode_datagram(seg, buf[:-2], len(addresses) // 2, 6, 25) == TCP
    assert (seg.captured, seg.length) == (3, 5)
    # A tunnel.
    buf = addresses + udp(vxlan(ethernet(four(SEGMENT))), destination=4789)
    assert decode_datagram(seg, buf, len(addresses) // 2, 17, len(buf) - len(addresses)) == TCP
    assert buf[seg.payload : seg.payload + seg.captured] == b"payload!"


@given(st.sampled_from([4, 16]), st.integers(0, 255), st.binary(max_size=120), st.integers(0, 500))
def test_a_reassembled_datagram_may_hold_anything(address_length: int, protocol: int, noise: bytes, more: int) -> None:
    seg = Segment()
    buf = bytes(2 * address_length) + noise
    assert decode_datagram(seg, buf, address_length, protocol, len(noise) + more) in REASONS


def test_a_short_frame_says_so() -> None:
    assert facts(bytes(13))["code"] == SHORT_LINK
